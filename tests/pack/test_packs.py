"""Packs: what is in one, that it can be derived again from it alone, and that a change of any byte of it is found."""

import csv
import html
import importlib.metadata
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.pack.archive import read_archive
from pipeline.pack.drawings import pictures_of
from pipeline.pack.manifest import NAME, digest_of, sha256
from pipeline.pack.report import as_html
from pipeline.pack.selection import Wanted
from pipeline.pack.tables import Subject
from pipeline.publish import alert_words
from pipeline.settings import Settings
from pipeline.tasks import pack as packing
from pipeline.tasks.home import read_zones
from pipeline.tasks.pack import pack
from pipeline.tasks.reports import alert_report
from pipeline.tasks.review import review_alert
from tests.pack.conftest import again, quiet, read_tables
from tests.tasks.world import CLOCK, DAYS, Installation, fleet, write_days


def table(members, name):
    return list(csv.DictReader(io.StringIO(members[name].decode(), newline="")))


def text_of(page: bytes) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page.decode())).split())


def test_a_pack_is_derived_again_from_its_lines_alone_and_is_equal(made):
    found = again(made.path, digest=made.packed.digest)

    assert found.equal, found.differences
    assert (found.notes, found.stated, found.in_lake) == ([], [], 0)
    assert (found.raw_files, found.whole_files) == (5, 0)
    assert found.digest == made.packed.digest == digest_of(made.members)


def test_its_report_says_what_alerts_show_says(made):
    page = text_of(made.members["report.html"])
    report = alert_report(made.settings, made.alert_id)

    for section in (*alert_words.evidence_sections(report), *alert_words.further_sections(report)):
        assert section.title in page
        for said in section.said:
            assert " ".join(said.text.split()) in page
    assert alert_words.calibrated(report["calibration"]) in page
    assert all(line in page for line in alert_words.CANNOT_PROVE)
    assert "SYNTHETIC" in page


def test_every_sentence_of_evidence_has_its_row(made):
    members, page = made.members, text_of(made.members["report.html"])

    rests = [row for row in table(members, "tables/alert_evidence.csv") if row["event_id"]]
    assert rests
    for row in rests:
        assert row["event_id"] in page
        assert any(row["event_id"] in one.values() for one in table(members, f"tables/{row['event_table']}.csv"))


def test_a_report_says_so_where_nothing_speaks_against_an_alert(made):
    manifest, members = json.loads(made.members[NAME]), made.members
    subject, (tables, stated) = Subject.from_dict(manifest["subject"]), read_tables(members, manifest)
    drawn = {made.alert_id: []}
    only_for = tables | {"alert_evidence": [row for row in tables["alert_evidence"] if row["weight"] > 0]}

    against = only_for["alert_evidence"][0] | {"role": "poor_reception", "weight": -1.0}
    rows = [*only_for["alert_evidence"], against]
    both = as_html(subject, tables | {"alert_evidence": rows}, stated, drawn, manifest)
    alone = as_html(subject, only_for, stated, drawn, manifest)

    assert "None of the evidence that is looked for speaks against it" in alone
    assert "None of the evidence that is looked for speaks against it" not in both
    assert "<thead>" in alone  # a header goes over with its rows, onto the next page too


def test_a_timeline_shows_all_that_the_evidence_rests_on(made):
    """She may land her cargo days after the alert's end, her arrival."""
    manifest, members = json.loads(made.members[NAME]), made.members
    tables, _ = read_tables(members, manifest)
    alert = tables["alert"][0]
    call = tables["port_call"][-1]
    later = call | {
        "arrived_by": "2018-06-20T00:00:00Z",
        "departed_by": "2018-06-22T00:00:00Z",
        "port_call_id": "later",
    }
    later |= {"arrived_after": "2018-06-19T23:00:00Z", "departed_after": "2018-06-21T23:00:00Z", "zone_id": "later"}
    named = {"alert_id": alert["alert_id"], "event_table": "port_call", "event_id": "later"}
    alert = alert | {"ended_at": "2018-06-16T00:00:00Z"}
    with_it = tables | {"alert": [alert], "port_call": [later | {"berth_zone_id": None}]}

    drawn = [
        pictures_of(with_it | {"alert_evidence": evidence}, alert, read_zones(), "")[-1].content
        for evidence in ([named], [])
    ]

    assert ["to 22 Jun 2018" in svg for svg in drawn] == [True, False]


def test_raw_lines_are_those_of_the_files_whose_hash_is_named(made, files):
    manifest, members = json.loads(made.members[NAME]), made.members
    whole = {sha256(path.read_bytes()): path.read_bytes() for path in files.values()}

    for one in manifest["raw"]:
        lines = whole[one["sha256"]].splitlines(keepends=True)
        ends = [[int(end) for end in part.split("-")] for part in one["lines"].split(",")]
        numbers = [n for part in ends for n in range(part[0], part[-1] + 1)]
        assert members[one["member"]] == b"".join(lines[n - 1] for n in numbers)
    assert sum(len(members[one["member"]]) for one in manifest["raw"]) < sum(map(len, whole.values()))


def test_an_unknown_alert_is_refused_with_a_suggestion_and_nothing_is_written(made, tmp_path):
    target = tmp_path / "pack.zip"

    with pytest.raises(InputError, match=made.alert_id):
        pack(made.settings, target, alert=made.alert_id[:-1] + "?", now=CLOCK, progress=quiet)
    for asked, words in (
        ({"claim": ("D99", "W0")}, 'no claim "D99"; expected one of'),
        ({"claim": ("D01", "W9")}, 'claim D01 has no window "W9"; expected one of W0'),
        ({"ship": "9999999"}, "ship 9999999: not heard here"),
        ({"ship": "CHUN"}, 'ship "CHUN" is no number'),
    ):
        with pytest.raises(InputError, match=words):
            pack(made.settings, target, now=CLOCK, progress=quiet, **asked)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError("no")])
def test_what_is_interrupted_leaves_nothing(made, tmp_path, monkeypatch, error):
    def stopped(*_, **__):
        raise error

    monkeypatch.setattr(packing, "recompute", stopped)

    with pytest.raises(type(error) if isinstance(error, Exception) else error):
        pack(made.settings, tmp_path / "pack.zip", alert=made.alert_id, small=0, now=CLOCK, progress=quiet)
    assert not list(tmp_path.iterdir())


def test_a_target_that_cannot_be_written_is_reported_before_anything_is_derived(made, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "recompute", None)

    with pytest.raises(FileNotFoundError) as error:
        pack(made.settings, tmp_path / "no" / "pack.zip", alert=made.alert_id, now=CLOCK, progress=quiet)
    assert error.value.filename == str(tmp_path / "no" / "pack.zip")


def test_a_home_that_is_behind_its_data_is_refused(made, tmp_path):
    shutil.copytree(made.settings.home, tmp_path / "home")
    Installation(tmp_path / "home").land(write_days(fleet(days=1), tmp_path / "files")[DAYS[0]])

    with pytest.raises(InputError, match=r"behind its data .* `coalwatch run` first"):
        pack(Settings(home=tmp_path / "home"), tmp_path / "p.zip", alert="a", now=CLOCK, progress=quiet)


def test_without_what_draws_reports_the_line_that_installs_it_is_said_first(made, monkeypatch, tmp_path):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)

    with pytest.raises(InputError, match=r'pip install "coalwatch\[report\]"'):
        pack(made.settings, tmp_path / "p.zip", alert=made.alert_id, now=CLOCK, progress=quiet)


@pytest.mark.long
def test_a_name_that_is_markup_is_text_in_every_part(made, tmp_path):
    """A claim's pack with a review whose note tries to break the page; packed twice, the bytes are the same."""
    shutil.copytree(made.settings.home, tmp_path / "home")
    settings = Settings(home=tmp_path / "home", warehouse_url="")
    note = '<script>alert(1)</script> \u202egnihton $x^2$ "quoted",\n=cmd()'
    from pipeline.tasks.run import run

    review_alert(settings, made.alert_id, "<b>kim</b>", "dismissed", note, CLOCK)
    run(settings, now=CLOCK, progress=quiet)
    one, two = (
        pack(settings, tmp_path / name, claim=("D01", "W0"), now=CLOCK, progress=quiet) for name in ("1.zip", "2.zip")
    )

    assert Path(one.path).read_bytes() == Path(two.path).read_bytes()
    found = again(Path(one.path))
    assert found.equal, found.differences
    assert found.whole_files == 5  # so little landed that whole files are held
    page = read_archive(Path(one.path))["report.html"].decode()
    assert "<script" not in page
    assert "<b>kim" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.long
def test_a_warehouse_on_postgresql_gives_the_same_bytes(made, postgres, tmp_path):
    from pipeline.tasks.run import run

    url = postgres.new()
    shutil.copytree(made.settings.home, tmp_path / "home", ignore=shutil.ignore_patterns("warehouse.*"))
    settings = Settings(home=tmp_path / "home", warehouse_url=url)
    run(settings, now=CLOCK, progress=quiet)  # fills it from the lake
    packed = pack(settings, tmp_path / "pack.zip", alert=made.alert_id, small=0, now=CLOCK, progress=quiet)
    postgres.drop(url)

    assert packed.digest == made.packed.digest
    assert Path(packed.path).read_bytes() == made.path.read_bytes()


@pytest.mark.long
def test_what_the_lines_do_not_suffice_for_is_said_to_be_stated_and_verifying_expects_just_that(
    made, tmp_path, monkeypatch
):
    """Without the lines of others nobody knows who was heard around her silence."""

    def own_lines(home, warehouse, subject, expected, *, whole, small, progress):
        files = home.lake.source_files()
        yield list(packing._selected(home, files, Wanted(np.array(subject.mmsis), ()), progress))

    monkeypatch.setattr(packing, "_choices", own_lines)
    packed = pack(made.settings, tmp_path / "pack.zip", alert=made.alert_id, now=CLOCK, progress=quiet)
    found = again(tmp_path / "pack.zip")

    assert any(line.startswith("ais_gap") and "reception is" in line for line in packed.not_recomputed)
    assert found.stated == packed.not_recomputed
    assert found.as_stated, found.differences
    assert not found.equal
    page = text_of(read_archive(tmp_path / "pack.zip")["report.html"])
    assert all(line in page for line in packed.not_recomputed)
