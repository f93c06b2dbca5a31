"""`coalwatch export`: what goes into a file, what it refuses, and that nothing half-written stays."""

import csv
import json
import os
import shutil
import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest

from pipeline.export.formats import FORMATS
from pipeline.tasks import reports
from tests.cli.conftest import coalwatch, one_line
from tests.cli.privilege import without_privilege
from tests.cli.test_interrupted import full_disk
from tests.tasks.world import Installation

NO_ZONES = ["alerts", "ships", "events", "tracks", "claims"]  # zones take seconds, and are tested once


@pytest.fixture
def wrote(invoke, told, tmp_path):
    """Export with more words: the summary, and the path."""

    def write(*more, name="out.csv", home=told):
        path = tmp_path / name
        done = invoke("export", *more, "--output", path, "--home", home, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout), path

    return write


def rows_of(path):
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


@pytest.fixture(scope="module")
def queue(told):
    return reports.every_alert(Installation(told).settings)


def test_a_geopackage_holds_everything_and_its_project_lies_beside_it(wrote, queue):
    said, path = wrote(name="all.gpkg")

    assert said["files"] == [str(path), str(path.with_suffix(".qgz"))]
    assert list(said["rows"]) == ["alerts", "ships", "events", "tracks", "zones", "claims"]
    assert said["rows"]["alerts"] == len(queue) > 0
    for name, number in said["rows"].items():
        assert len(gpd.read_file(path, layer=name)) == number, name
    assert said["about"]["data_to"] == "2018-06-05"
    assert said["about"]["licence"][0].startswith("Data from noaa")


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.kml", "a.ftm.json", "a.jsonld", "a.csv", "a.parquet"])
def test_a_second_export_has_the_same_bytes(wrote, name):
    what = {"a.csv": ["alerts"], "a.parquet": ["events"], "a.ftm.json": [], "a.jsonld": []}.get(name, NO_ZONES)

    first, path = wrote(*what, name=name)
    content = [Path(file).read_bytes() for file in first["files"]]
    second, _ = wrote(*what, name=name)

    assert second == first
    assert [Path(file).read_bytes() for file in second["files"]] == content
    assert sorted(os.listdir(path.parent)) == sorted(Path(file).name for file in first["files"])


def test_grade_pattern_and_alert_select_alerts_and_what_belongs_to_them(wrote, queue):
    one = queue[0]

    chosen = rows_of(wrote("alerts", "--alert", one["alert_id"][:6])[1])
    ships = rows_of(wrote("ships", "--alert", one["alert_id"])[1])
    events = rows_of(wrote("events", "--alert", one["alert_id"])[1])
    tracks = rows_of(wrote("tracks", "--alert", one["alert_id"])[1])

    assert [row["alert_id"] for row in chosen] == [one["alert_id"]]
    assert [row["vessel_id"] for row in ships] == [one["vessel_id"]]
    assert {row["alert_id"] for row in tracks} == {one["alert_id"]}
    assert {row["event_table"] for row in events} >= {"voyage"}
    assert {row["grade"] for row in rows_of(wrote("alerts", "--grade", one["grade"])[1])} == {one["grade"]}
    pattern = rows_of(wrote("alerts", "--pattern", one["pattern_id"])[1])
    assert {row["pattern_id"] for row in pattern} == {one["pattern_id"]}


def test_a_call_that_is_part_of_a_visit_is_found_as_its_visit(wrote, told, tmp_path, queue):
    shutil.copytree(told, tmp_path / "home")
    with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as file:
        (call,), *_ = file.execute(
            "select port_call_id from port_call where port_call_id = visit_id order by arrived_by"
        ).fetchall()
        columns = [name for _, name, *_ in file.execute("pragma table_info(port_call)")]
        taken = ", ".join({"port_call_id": "'part'"}.get(name, name) for name in columns)
        file.execute(f"insert into port_call select {taken} from port_call where port_call_id = ?", (call,))
        file.execute("update alert_evidence set event_table = 'port_call', event_id = 'part'")

    events = rows_of(wrote("events", "--alert", queue[0]["alert_id"], home=tmp_path / "home")[1])

    assert {row["event_id"] for row in events} == {call}


def test_days_select_what_overlaps_them(wrote):
    everything = rows_of(wrote("events")[1])
    one_day = rows_of(wrote("events", "--from", "2018-06-03", "--to", "2018-06-03")[1])

    def overlaps(row):
        return row["from_at"][:10] <= "2018-06-03" and (not row["to_at"] or row["to_at"] >= "2018-06-03")

    assert one_day == [row for row in everything if overlaps(row)]
    assert 0 < len(one_day) < len(everything)


def test_what_goes_on_when_the_data_ends_goes_on_to_that_day_and_no_longer(wrote):
    going_on = [row for row in rows_of(wrote("events", "--from", "2018-06-05")[1]) if not row["to_at"]]
    later = rows_of(wrote("events", "--from", "2018-06-06")[1])

    assert going_on
    assert later == []


def test_a_ship_is_found_by_any_of_her_numbers(wrote):
    by_imo = rows_of(wrote("events", "--ship", "2990027")[1])
    by_mmsi = rows_of(wrote("events", "--ship", "351990002")[1])

    assert by_imo == by_mmsi
    assert {row["imo"] for row in by_imo} == {"2990027"}


def test_a_ships_track_is_all_that_was_heard_of_her_on_the_days(wrote, told):
    before = {path: path.stat().st_mtime_ns for path in told.rglob("*.parquet")}

    whole = rows_of(wrote("tracks", "--ship", "2990027")[1])
    day = rows_of(wrote("tracks", "--ship", "2990027", "--from", "2018-06-02", "--to", "2018-06-02")[1])
    alerts = rows_of(wrote("tracks")[1])

    assert {row["imo"] for row in whole} == {"2990027"}
    assert {row["alert_id"] for row in whole} == {""}
    assert 0 < len(day) < len(whole)
    assert {row["from_at"][:10] for row in day} | {row["to_at"][:10] for row in day} == {"2018-06-02"}
    assert all(row["alert_id"] for row in alerts)
    assert {path: path.stat().st_mtime_ns for path in told.rglob("*.parquet")} == before


def test_where_the_lake_is_elsewhere_a_ships_tracks_are_those_of_her_alerts(wrote, invoke, told, tmp_path):
    path = tmp_path / "t.csv"
    warehouse = f"sqlite:///{told / 'warehouse.sqlite'}"

    done = invoke(
        "export", "tracks", "--ship", "2990027", "--output", path, "--home", tmp_path / "none", "--warehouse", warehouse
    )

    assert done.exit_code == 0, done.stderr
    assert all(row["alert_id"] for row in rows_of(path))
    assert "no lake" in done.stdout
    assert not (tmp_path / "none").exists()


def test_a_ship_that_is_listed_and_was_not_heard_is_no_row_and_is_named(wrote):
    said, path = wrote("events", "--ship", "8628597")

    assert rows_of(path) == []
    assert said["about"]["left_out"] == ["8628597, which is listed and was not heard: coalwatch vessel 8628597"]


def test_what_nothing_happened_on_is_an_empty_file_that_says_so(wrote, invoke, told, tmp_path):
    said, path = wrote("alerts", "--from", "2030-01-01")
    done = invoke("export", "alerts", "--from", "2030-01-01", "--output", tmp_path / "b.kml", "--home", told)

    assert said["rows"] == {"alerts": 0}
    assert rows_of(path) == []
    assert "0 alerts" in done.stdout


@pytest.mark.parametrize("what", [["alerts"], ["alerts", "ships", "events", "tracks"]], ids=len)
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "kml"])
def test_a_selection_that_nothing_fits_is_a_map_without_rows_that_says_what_that_means(wrote, what, ending):
    said, path = wrote(*what, "--to", "2001-01-01", name=f"empty.{ending}")

    assert said["rows"] == dict.fromkeys(what, 0)
    assert ending == "kml" or len(gpd.read_file(path, layer="alerts" if ending == "gpkg" else None)) == 0
    assert f"No {' and no '.join(what)}: that is not that nothing happened" in said["about"]["notes"][-1]


def test_an_alert_that_is_there_brings_no_word_on_absence(wrote):
    said, _ = wrote("alerts", name="some.geojson")

    assert not any("nothing happened" in note for note in said["about"]["notes"])


def test_that_generated_data_has_no_such_row_is_called_synthetic(wrote, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as file:
        file.execute("update source_file set synthetic = 1")

    for what in ("alerts", "events", "ships", "tracks"):
        said, _ = wrote(what, "--to", "2001-01-01", home=tmp_path / "home")
        assert said["about"]["synthetic"] is True, what
    assert wrote("claims", "--claim", "C16", home=tmp_path / "home")[0]["about"]["synthetic"] is False


def test_withdrawn_and_held_back_alerts_are_left_out_and_counted(wrote, told, tmp_path, queue):
    shutil.copytree(told, tmp_path / "home")
    with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as file:
        file.execute(
            "update alert set withdrawn_at = '2026-01-01 00:00:00', withdrawn_reason = 'late data' where alert_id = ?",
            (queue[0]["alert_id"],),
        )

    said, path = wrote("alerts", home=tmp_path / "home")
    standing = [row["alert_id"] for row in rows_of(path)]
    _, path = wrote("alerts", "--all", home=tmp_path / "home")
    everything = {row["alert_id"]: row["status"] for row in rows_of(path)}
    _, path = wrote("alerts", "--alert", queue[0]["alert_id"], home=tmp_path / "home")

    assert said["about"]["left_out"] == ["1 alert withdrawn: --all"]
    assert queue[0]["alert_id"] not in standing
    assert everything[queue[0]["alert_id"]] == "withdrawn"
    assert [row["withdrawn_reason"] for row in rows_of(path)] == ["late data"]


def test_what_says_nothing_of_what_was_heard_is_not_called_synthetic(wrote, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as file:
        file.execute("update source_file set synthetic = 1")
        file.execute("update alert set synthetic = 1")

    real, made_up, ships, alerts = (
        wrote(*words, home=tmp_path / "home")[0]["about"]["synthetic"]
        for words in (("claims", "--claim", "C16"), ("claims",), ("ships",), ("alerts",))
    )

    assert (real, made_up, ships, alerts) == (False, True, True, True)


def test_claims_are_selected_by_window_and_by_the_alerts_that_bear_on_them(wrote, queue):
    windows = rows_of(wrote("claims", "--from", "2020-12-01", "--to", "2020-12-31")[1])
    borne = rows_of(wrote("claims", "--alert", queue[0]["alert_id"])[1])

    assert {row["window_id"] for row in windows if row["claim_id"] == "dailynk-2021/C16"} == {"W0"}
    assert all(row["window_from_at"] < "2021" and row["window_to_at"] > "2020-12" for row in windows)
    told_of = next(row for row in rows_of(wrote("alerts", "--alert", queue[0]["alert_id"])[1]))
    assert {row["claim_id"] for row in borne} == {one.split(" ")[1] for one in told_of["claims"].split("; ")}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "x.xyz"], "expected a name that ends in .gpkg, .geojson, .kml"),
        (["--output", "x.csv"], "a csv file holds one of alerts, ships"),
        (["alerts", "ships", "--output", "x.parquet"], "2 were given"),
        (["tracks", "--output", "x.ftm.json"], "ftm has no form for tracks; it holds alerts, ships, events, claims"),
        (["alerts", "--output", "x.jsonld"], "claimreview has no form for alerts; it holds claims"),
        (["boats", "--output", "x.gpkg"], "'boats' is not one of"),
        (["--output", "x.gpkg", "--format", "shapefile"], "'shapefile' is not one of"),
        (["--output", "x.gpkg", "--ship", "ZZZZQQ"], 'no ship found for "ZZZZQQ"'),
        (["--output", "x.gpkg", "--alert", "zzzz"], "alert zzzz does not exist"),
        (["--output", "x.gpkg", "--pattern", "direct-cal"], "did you mean direct-call?"),
        (["--output", "x.gpkg", "--claim", "C99"], 'no claim "C99"'),
        (["--output", "x.gpkg", "--from", "2018-06-05", "--to", "2018-06-01"], "lies before --from"),
        (["--output", "x.gpkg", "--from", "5 June"], "does not match"),
        (["--output", "/no/such/folder/x.gpkg"], "No such file or directory"),
        (["--output", "/proc/x.kml"], "No such file or directory"),
        (["alerts"], "Missing option '--output'"),
    ],
)
def test_what_does_not_suit_is_one_clear_line(invoke, told, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)

    done = invoke("export", *words, "--home", told)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in one_line(done.stderr)
    assert os.listdir(tmp_path) == []


def test_files_that_are_there_are_replaced_as_a_nightly_job_wants_it(invoke, told, tmp_path):
    for name in ("x.gpkg", "x.qgz"):
        (tmp_path / name).write_text("of last night", encoding="utf-8")

    done = [invoke("export", "alerts", *more, "--output", tmp_path / "x.gpkg", "--home", told)
            for more in ([], ["--overwrite"])]  # fmt: skip

    assert [one.exit_code for one in done] == [0, 0], done[0].stderr
    assert sorted(os.listdir(tmp_path)) == ["x.gpkg", "x.qgz"]
    assert len(gpd.read_file(tmp_path / "x.gpkg", layer="alerts"))
    assert (tmp_path / "x.qgz").read_bytes().startswith(b"PK")


def test_the_warehouse_itself_is_never_overwritten(invoke, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    for name in ("warehouse.sqlite", "lake/catalog.sqlite"):
        before = (tmp_path / "home" / name).read_bytes()
        words = ["--format", "kml", "--output", tmp_path / "home" / name, "--home", tmp_path / "home"]

        done = invoke("export", "alerts", *words)

        assert done.exit_code == 2
        assert "belongs to home" in one_line(done.stderr)
        assert (tmp_path / "home" / name).read_bytes() == before


def test_a_home_without_results_says_what_makes_them(invoke, landed, tmp_path):
    never = invoke("export", "--output", tmp_path / "x.gpkg", "--home", landed)
    invoke("db", "init", "--home", tmp_path / "empty")
    empty = invoke("export", "--output", tmp_path / "x.gpkg", "--home", tmp_path / "empty")

    assert (never.exit_code, empty.exit_code) == (2, 2)
    assert "coalwatch run" in one_line(never.stderr)
    assert "holds no results yet; `coalwatch run` derives them" in one_line(empty.stderr)
    assert not (tmp_path / "x.gpkg").exists()


def test_zones_need_no_home(invoke, tmp_path):
    done = invoke("export", "zones", "--output", tmp_path / "zones.parquet", "--home", tmp_path / "none", "--json")

    assert done.exit_code == 0, done.stderr
    zones = gpd.read_parquet(tmp_path / "zones.parquet")
    assert json.loads(done.stdout)["rows"] == {"zones": len(zones)}
    assert any("OpenStreetMap" in one for one in json.loads(done.stdout)["about"]["licence"])
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_an_error_half_way_leaves_what_was_there(invoke, told, tmp_path, monkeypatch, form):
    path = tmp_path / f"x{FORMATS[form].endings[0]}"
    path.write_text("mine", encoding="utf-8")
    what = ["claims"] if FORMATS[form].single or form == "claimreview" else ["alerts"]

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.export.formats.Format.beside", stop)
    done = invoke("export", *what, "--output", path, "--home", told)

    assert done.exit_code == 130
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_may_not_be_written_to_is_named_before_any_work(told, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)

    done = coalwatch("export", "--output", folder / "x.gpkg", "--home", told, preexec_fn=without_privilege())

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{folder / 'x.gpkg'}: Permission denied; give another path" in one_line(done.stderr)
    assert os.listdir(folder) == []


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ["x.gpkg", "x.kml"])
def test_a_full_disk_is_no_fault_of_coalwatch(told, tmp_path, name):
    done = coalwatch("export", "events", "--output", tmp_path / name, "--home", told, preexec_fn=full_disk(40_000))

    assert done.returncode == 3, done.stderr
    assert f"{tmp_path / name}: " in one_line(done.stderr)
    assert "free some space" in one_line(done.stderr)
    assert os.listdir(tmp_path) == []


def test_it_works_as_users_run_it(told, tmp_path):
    done = coalwatch("export", "alerts", "tracks", "--output", tmp_path / "x.kml", "--home", told)

    assert (done.returncode, done.stderr) == (0, "")
    assert "kml: " in done.stdout
    assert "prove no cargo" in " ".join(done.stdout.split())
