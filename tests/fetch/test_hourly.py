"""Landing files by the hour: every line once, whole files, none ever written to again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.hourly import HourlyFile
from pipeline.origin import read_origin

FIVE = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def opened(folder):
    return HourlyFile(folder, "acme", "wss://acme.example/stream")


def kept(folder):
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("acme_*"))
        if ".origin" not in path.name
    }


def test_a_file_is_of_one_utc_hour_and_has_its_name_when_the_hour_is_over(tmp_path):
    file = opened(tmp_path)
    file.write("a", FIVE.astimezone())
    assert kept(tmp_path) == {"acme_2026-11-26T05.jsonl.part": "a\n"}

    file.write("b", FIVE + 60 * MINUTE)
    file.close()

    assert kept(tmp_path) == {"acme_2026-11-26T05.jsonl": "a\n", "acme_2026-11-26T06.jsonl": "b\n"}


def test_an_hour_ends_also_if_nothing_comes_any_more(tmp_path):
    file = opened(tmp_path)
    file.write("a", FIVE)
    file.tick(FIVE + 59 * MINUTE)
    assert list(kept(tmp_path)) == ["acme_2026-11-26T05.jsonl.part"]

    file.tick(FIVE + 60 * MINUTE)

    assert list(kept(tmp_path)) == ["acme_2026-11-26T05.jsonl"]


def test_a_closed_hour_is_never_written_to_again(tmp_path):
    for line in "abc":
        file = opened(tmp_path)
        file.write(line, FIVE)
        file.close()

    assert kept(tmp_path) == {
        "acme_2026-11-26T05.jsonl": "a\n",
        "acme_2026-11-26T05_2.jsonl": "b\n",
        "acme_2026-11-26T05_3.jsonl": "c\n",
    }


def test_a_clock_set_back_reopens_no_hour(tmp_path):
    file = opened(tmp_path)
    for line, at in (("a", FIVE), ("b", FIVE + 60 * MINUTE), ("c", FIVE + 59 * MINUTE), ("d", FIVE + 61 * MINUTE)):
        file.write(line, at)
    file.close()

    assert list(kept(tmp_path).values()) == ["a\n", "b\nc\nd\n"]


def test_a_killed_session_is_taken_over(tmp_path):
    killed = opened(tmp_path)
    killed.write("a", FIVE)  # never closed

    later = opened(tmp_path)
    assert later.adopt(FIVE + 30 * MINUTE) == []
    later.write("b", FIVE + 30 * MINUTE)
    killed_too = opened(tmp_path)

    assert killed_too.adopt(FIVE + 90 * MINUTE) == ["acme_2026-11-26T05.jsonl"]
    assert kept(tmp_path) == {"acme_2026-11-26T05.jsonl": "a\nb\n"}


def test_a_part_taken_over_is_closed_also_if_nothing_comes_any_more(tmp_path):
    opened(tmp_path).write("a", FIVE)
    later = opened(tmp_path)
    later.adopt(FIVE + MINUTE)

    later.tick(FIVE + 60 * MINUTE)

    assert kept(tmp_path) == {"acme_2026-11-26T05.jsonl": "a\n"}


def test_a_part_does_not_take_the_place_of_a_file_of_its_hour(tmp_path):
    (tmp_path / "acme_2026-11-26T05.jsonl").write_text("handed in\n")
    opened(tmp_path).write("a", FIVE)

    assert opened(tmp_path).adopt(FIVE + 60 * MINUTE) == ["acme_2026-11-26T05_2.jsonl"]
    assert kept(tmp_path) == {"acme_2026-11-26T05.jsonl": "handed in\n", "acme_2026-11-26T05_2.jsonl": "a\n"}


def test_a_line_torn_by_a_power_cut_takes_no_other_with_it(tmp_path):
    (tmp_path / "acme_2026-11-26T05.jsonl.part").write_text('a\n{"torn":')
    file = opened(tmp_path)
    file.adopt(FIVE)
    file.write("b", FIVE)
    file.close()

    assert kept(tmp_path) == {"acme_2026-11-26T05.jsonl": 'a\n{"torn":\nb\n'}


@pytest.mark.parametrize(
    "name", ["acme_notes.jsonl.part", "other_2026-11-26T04.jsonl.part", "acme_2026-11-26.jsonl.part"]
)
def test_parts_of_others_are_left_alone(tmp_path, name):
    (tmp_path / name).write_text("x\n")

    assert opened(tmp_path).adopt(FIVE) == []
    assert (tmp_path / name).exists()


def test_each_file_notes_where_it_came_from(tmp_path):
    file = opened(tmp_path)
    file.write("a", FIVE + MINUTE)
    file.close()

    origin = read_origin(tmp_path / "acme_2026-11-26T05.jsonl")
    assert origin == {"url": "wss://acme.example/stream", "fetched_at": "2026-11-26T05:01:00+00:00"}


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=3), max_size=5))
def test_a_document_is_one_line_however_it_was_laid_out(tmp_path_factory, documents):
    folder = tmp_path_factory.mktemp("landing")
    file = opened(folder)
    for document in documents:
        file.write(json.dumps(document, indent=2, ensure_ascii=False).replace("\n", "\r\n"), FIVE)
    file.close()

    lines = [line for text in kept(folder).values() for line in text.split("\n")[:-1]]
    assert [json.loads(line) for line in lines] == documents


def test_nothing_is_no_line(tmp_path):
    file = opened(tmp_path)
    file.write("", FIVE)
    file.write(" \r\n", FIVE)
    file.close()

    assert kept(tmp_path) == {}


@pytest.mark.parametrize("later", [0, 90])
def test_a_part_without_a_line_leaves_no_file(tmp_path, later):
    (tmp_path / "acme_2026-11-26T05.jsonl.part").touch()
    file = opened(tmp_path)

    assert file.adopt(FIVE + later * MINUTE) == []
    file.close()
    assert list(tmp_path.iterdir()) == []
