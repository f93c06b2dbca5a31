"""Packs that somebody made to do harm, and parts of packs that stand by themselves."""

import gzip
import io
import json
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.pack import archive as archives
from pipeline.pack.archive import archive, read_archive
from pipeline.pack.manifest import NAME, sha256
from pipeline.pack.selection import Wanted, as_ranges, from_ranges, lines_of, select
from pipeline.pack.tables import Subject, as_csv, differences, from_csv
from pipeline.settings import Settings
from pipeline.tasks import verify as verifying
from pipeline.tasks.home import read_knowledge, read_zones
from tests.pack.conftest import again, fitting, written

HEADER = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Length,Width,Draft\n"


def zipped(*entries, compression=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as target:
        for info, data in entries:
            target.writestr(info, data)
    return content.getvalue()


def linked():
    info = zipfile.ZipInfo("tables/alert.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(("../../outside", b"a")), "expected a plain name inside the pack"),
        (zipped(("/etc/outside", b"a")), "expected a plain name inside the pack"),
        (zipped(("a\\..\\b", b"a")), "expected a plain name inside the pack"),
        (zipped(("tables/../../b", b"a")), "expected a plain name inside the pack"),
        (zipped((".hidden", b"a")), "expected a plain name inside the pack"),
        (
            zipped(("big", b"0" * 100_000), compression=zipfile.ZIP_DEFLATED),
            "is compressed; expected one that is stored",
        ),
        (zipped((linked(), b"/etc/passwd")), "is a link or a device"),
        (b"PK\x05\x06" + bytes(18) + b"more", "no zip as|is not as"),
        (b"", "no zip as"),
        (b"hello", "no zip as"),
        (zipped(("a", b"1")) + b"behind", "is not as|no zip as"),
    ],
)
def test_a_hostile_zip_is_refused_unread(tmp_path, content, words):
    path = tmp_path / "pack.zip"
    path.write_bytes(content)

    with pytest.raises(InputError, match=words):
        read_archive(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_change_of_any_byte_of_a_zip_is_found(tmp_path):
    path, members = tmp_path / "pack.zip", {"tables/alert.csv": b"alert_id\r\n", NAME: b"{}\n"}
    content = archive(members)
    for n in range(len(content)):
        path.write_bytes(content[:n] + bytes([content[n] ^ 0x01]) + content[n + 1 :])
        with suppress(InputError):
            assert read_archive(path) != members, n


def test_two_members_of_one_name_are_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped(("a", b"1"), ("a", b"2"))
    (tmp_path / "pack.zip").write_bytes(content)

    with pytest.raises(InputError, match="two members are named 'a'"):
        read_archive(tmp_path / "pack.zip")


def test_more_than_a_pack_may_hold_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "pack.zip"
    path.write_bytes(archive({"a": b"0" * 1000}))
    assert read_archive(path) == {"a": b"0" * 1000}

    monkeypatch.setattr(archives, "MOST_BYTES", 900)
    with pytest.raises(InputError, match="expected a pack of at most 900"):
        read_archive(path)


@pytest.mark.parametrize("path", ["none.zip", "."])
def test_what_is_no_file_is_refused_in_a_line(tmp_path, path):
    with pytest.raises(InputError, match="expected a pack that `coalwatch pack` wrote"):
        read_archive(tmp_path / path)


def test_a_zip_without_a_manifest_is_no_pack(tmp_path):
    with pytest.raises(InputError, match=r"no manifest\.json in it"):
        again(written({"report.html": b"<p>"}, tmp_path))


def test_a_raw_file_that_unpacks_to_more_than_a_pack_may_hold_is_refused(made, tmp_path, monkeypatch):
    manifest = json.loads(made.members[NAME])
    first = manifest["raw"][0]
    content = gzip.compress(b"0" * 3_000_000, mtime=0)
    first["lines"], first["sha256"] = "all", sha256(content)
    path = written(fitting(made.members | {first["member"]: content}, manifest), tmp_path)

    monkeypatch.setattr(verifying, "MOST_BYTES", 2_000_000)
    with pytest.raises(InputError, match="unpacks to more than 2,000,000 bytes; nothing was landed"):
        again(path)


CHANGES = [
    lambda m: m.update(subject=[]),
    lambda m: m["subject"].update(mmsis=["x"]),
    lambda m: m["subject"].update(from_at="yesterday"),
    lambda m: m["subject"].update(from_at="2018-06-01"),
    lambda m: m["subject"].update(more=1),
    lambda m: m.update(raw=[{}]),
    lambda m: m["raw"][0].update(member="../x"),
    lambda m: m["raw"][0].update(source="/etc/mapping.yaml"),
    lambda m: m["raw"][0].update(sha256="*"),
    lambda m: m["raw"][0].update(lines="1-"),
    lambda m: m["raw"][0].update(lines="5-1"),
    lambda m: m["raw"][0].update(lines="1-99999999999999"),
    lambda m: m["raw"][0].update(base_date="'; drop table x"),
    lambda m: m["raw"][0].update(fetched_at=5),
    lambda m: m.update(members={}),
    lambda m: m.update(recomputed=["sqlite_schema"]),
    lambda m: m.update(stated=[]),
    lambda m: m.update(coalwatch_pack=99),
    lambda m: m.pop("derived_with"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_manifest_that_says_other_things_is_refused_or_found_different(made, tmp_path, change):
    manifest = json.loads(made.members[NAME])
    change(manifest)
    content = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()

    with suppress(InputError):
        assert not again(written(made.members | {NAME: content}, tmp_path)).equal


EDITION = {
    "watchlist_id": "uk-dprk", "published_on": "2018-01-01", "form": "uk", "sha256": "0" * 64, "file": "f",
    "bytes": 0, "name": "n", "left_out": {}, "listed": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"listed": [1]},
        {"listed": 5},
        {"listed": [{"imo": "x"}]},
        {"listed": [{"imo": 10**30}]},
        {"published_on": 5},
        {"published_on": "yesterday"},
        {"left_out": []},
        {"left_out": {"a": "b"}},
        {"form": []},
        {"watchlist_id": "../x"},
    ],
)
def test_an_edition_of_a_list_of_another_form_is_refused_in_words(tmp_path, change):
    folder = tmp_path / "lists" / "uk-dprk"
    folder.mkdir(parents=True)
    (folder / "2018-01-01_0.edition.json").write_text(json.dumps(EDITION | change))

    with pytest.raises(InputError):
        read_knowledge(Settings(home=tmp_path, warehouse_url=""))


# ---------------------------------------------------------------------------------------------------- lines and tables


@given(st.sets(st.integers(1, 500), min_size=1))
def test_ranges_of_lines_are_read_as_they_were_written(numbers):
    lines = np.array(sorted(numbers))

    assert from_ranges(as_ranges(lines)).tolist() == lines.tolist()


def row(mmsi, minute, longitude=121.0, name="A"):
    return f"{mmsi},2018-06-01T00:{minute:02d}:00,38.0,{longitude},1,0,0,{name},,,70,100,10,4\n".encode()


def chosen(tmp_path, content, mmsis=(), around=()):
    path = tmp_path / "day.csv"
    path.write_bytes(content)
    file = {
        "source_file_id": "0" * 16, "name": "day.csv", "source": "noaa", "licence": None, "bytes": len(content),
        "synthetic": False, "url": None, "fetched_at": None, "sha256": sha256(content),
    }  # fmt: skip
    wanted = Wanted(np.array(mmsis, dtype="int64"), around)
    raw = select(path, file, None, wanted, read_zones())
    if raw.file["lines"] != "all":
        assert lines_of(path, raw.file["lines"]) == raw.content
    return raw


def test_of_a_table_all_lines_of_the_ship_and_the_first_and_last_of_the_day_are_held(tmp_path):
    rows = [row(412000000 + n % 3, n) for n in range(12)]

    raw = chosen(tmp_path, HEADER + b"".join(rows), mmsis=[412000001])

    assert raw.content == HEADER + b"".join([rows[0], *rows[1::3], rows[11]])


def test_of_everyone_else_the_first_line_an_hour_and_cell_is_held(tmp_path):
    rows = [row(412000000 + n % 2, n, 121.0 if n < 8 else 122.0) for n in range(12)]

    raw = chosen(tmp_path, HEADER + b"".join(rows), around=None)

    assert raw.content == HEADER + b"".join(rows[n] for n in (0, 1, 8, 9, 11))


@pytest.mark.parametrize("bad", [b"412000000,too few\n", b"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n"])
def test_a_line_of_another_shape_moves_no_line_number(tmp_path, bad):
    rows = [row(412000000 + n % 3, n) for n in range(12)]
    content = HEADER + b"".join([*rows[:2], bad, *rows[2:7], bad, bad, *rows[7:]])

    raw = chosen(tmp_path, content, mmsis=[412000001])

    assert raw.content == HEADER + b"".join([rows[0], *rows[1::3], rows[11]])


@pytest.mark.parametrize(
    "content",
    [
        HEADER + b"\n" + row(412000000, 1),
        HEADER.replace(b"\n", b"\r\n") + row(412000000, 1),
        HEADER + row(412000000, 1, name='"A') + row(412000000, 2, name='B"'),
        HEADER + row(412000000, 1).replace(b"A", b"\xff"),
    ],
)
def test_an_untidy_table_is_held_whole(tmp_path, content):
    raw = chosen(tmp_path, content, mmsis=[412000000])

    assert (raw.content, raw.file["lines"]) == (content, "all")


def test_a_raw_file_that_is_not_what_landed_is_refused(tmp_path):
    path = tmp_path / "day.csv"
    path.write_bytes(HEADER)

    with pytest.raises(InputError, match=r"not the bytes that landed as day\.csv"):
        select(path, {"sha256": "0" * 64, "name": "day.csv"}, None, Wanted(np.array([1])), read_zones())


def test_each_cell_that_differs_is_a_line():
    rows = [{"alert_id": "a", "score": 1.5, "grade": None}, {"alert_id": "b", "score": 2.0, "grade": "weak"}]
    one = as_csv(rows, list(rows[0]))
    two = as_csv([rows[0] | {"score": 1.0}, rows[1] | {"alert_id": "c"}], list(rows[0]))

    assert differences(one, one, "alert", ("alert_id",)) == []
    assert differences(one, two, "alert", ("alert_id",)) == [
        'alert a: score is "1.5" in the pack, and "1.0" recomputed',
        "alert b: in the pack, and not found again",
        "alert c: found, and not in the pack",
    ]


def test_a_table_reads_as_it_was_written():
    rows = [{"alert_id": "a", "score": 0.1 + 0.2, "synthetic": True, "imo": 2990027, "headline": 'x "y",\r\nz'}]

    assert from_csv(as_csv(rows, list(rows[0]))) == rows


def test_a_subject_reads_as_it_was_written():
    subject = Subject("claim", "d/D01 W0", ("a",), (1, 2), "2018-06-01T00:00:00+00:00", "2018-06-02T00:00:00+00:00",
                      ("z",), "d/D01", "W0")  # fmt: skip

    assert Subject.from_dict(json.loads(json.dumps(subject.as_dict()))) == subject
