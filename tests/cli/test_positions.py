"""Positions out of the lake: chosen by ship, zone, box and day, as a file that says where it comes from."""

import csv
import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.contracts import POSITION, VESSEL_REPORT
from pipeline.lake.lake import Lake
from tests.cli.conftest import ROOT, holds, one_line
from tests.tasks.world import DAYS, Installation, month, write_days

COAL = 351990002
CONTENT = [name for name in POSITION.names if name not in ("receiver", "source_file_id")]


@pytest.fixture
def positions(invoke, told, tmp_path):
    """Write positions of the told home: the path, once the command succeeded."""

    def write(*options, name="out.parquet", home=told):
        done = invoke("positions", *options, "--output", tmp_path / name, "--home", home)
        assert done.exit_code == 0, done.stderr
        return tmp_path / name

    return write


def in_the_lake(home, days=DAYS):
    with closing(Lake(home)) as lake:
        return pd.concat([lake.positions(day) for day in days], ignore_index=True)


def as_stored(path):
    rows = pd.read_parquet(path)
    return rows.assign(mmsi=rows["mmsi"].astype("int64"))


def same(found, expected):
    pd.testing.assert_frame_equal(
        found[POSITION.names].reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False
    )


def test_without_a_filter_everything_comes_in_the_order_of_the_lake(positions, told):
    same(as_stored(positions()), in_the_lake(told))


def test_days_and_ships_narrow_it(positions, told):
    path = positions("--mmsi", COAL, "--from", DAYS[1], "--to", DAYS[2])

    of_days = in_the_lake(told, DAYS[1:3])
    assert 0 < pq.read_metadata(path).num_rows < len(of_days)
    same(as_stored(path), of_days[of_days["mmsi"] == COAL])


def test_a_ship_is_followed_by_her_number_and_another_on_the_same_mmsi_is_told(invoke, told, tmp_path):
    asked = ("--output", tmp_path / "out.parquet", "--home", told)

    alone, shared = invoke("positions", "--imo", "IMO 2990027", *asked), invoke("positions", "--imo", 2990039, *asked)

    rows = in_the_lake(told)
    assert alone.exit_code == shared.exit_code == 0
    assert "Note:" not in alone.stderr
    assert "MMSI 445990003 was sent by another ship too" in shared.stderr
    assert set(as_stored(tmp_path / "out.parquet")["mmsi"]) == {445990003} < set(rows["mmsi"])


def test_a_zone_holds_what_lies_in_it(positions, told):
    from pipeline.tasks.home import read_zones

    zones, rows = read_zones(), in_the_lake(told)
    codes = zones.locate(rows["longitude"].to_numpy(), rows["latitude"].to_numpy())
    chain = [{zones.ids[one] for one in (code, *zones.ancestors(code))} if code >= 0 else set() for code in codes]
    outer = rows[[any(name.startswith("kp-") for name in names) for names in chain]]
    widest = max(
        {name for names in chain for name in names if name.startswith("kp-")},
        key=lambda name: sum(name in names for names in chain),
    )

    berth, wide = (
        as_stored(positions("--zone", "kp-nampo-coal")),
        as_stored(positions("--zone", widest, name="b.parquet")),
    )

    same(berth, rows[["kp-nampo-coal" in names for names in chain]])
    same(wide, rows[[widest in names for names in chain]])
    assert 0 < len(berth) < len(wide) <= len(outer)


@pytest.mark.parametrize(("box", "west"), [("121,37,125.2,39", 121), ("125.2,-90,-170,90", None)])
def test_a_box_may_go_over_the_180th_meridian(positions, told, box, west):
    rows = in_the_lake(told)
    inside = (
        rows["longitude"].between(121, 125.2) & rows["latitude"].between(37, 39) if west else rows["longitude"] >= 125.2
    )

    same(as_stored(positions("--box", box)), rows[inside])


def test_filters_hold_together(positions, told):
    rows = in_the_lake(told, DAYS[2:])
    chosen = rows[(rows["mmsi"] == COAL) & rows["longitude"].between(120, 123)]

    same(as_stored(positions("--mmsi", COAL, "--box", "120,-90,123,90", "--from", DAYS[2])), chosen)
    assert len(chosen)


def test_repeats_across_files_are_one_position(positions, tmp_path):
    rows = month()
    home, half = Installation(tmp_path / "home"), rows[rows["hours"] < 40]
    home.land(*write_days(rows, tmp_path / "a").values())
    home.land(*write_days(half.assign(Heading=half["hours"] // 10 * 0 + 511), tmp_path / "b").values())

    path = positions(home=tmp_path / "home")

    same(as_stored(path), in_the_lake(tmp_path / "home"))
    assert pq.read_metadata(path).num_rows == len(rows[rows["hours"] < 120])


def test_the_columns_are_the_documented_ones_in_every_form(positions):
    types = {}
    for name in ("a.parquet", "a.geoparquet"):
        schema = pq.read_schema(positions("--mmsi", COAL, name=name))
        types[name] = {field.name: str(field.type) for field in schema}
    with positions("--mmsi", COAL, name="a.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))

    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/lake.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == POSITION.names == list(types["a.parquet"]) == list(lines[0])
    assert types["a.geoparquet"] == types["a.parquet"] | {"geometry": "binary"}
    assert types["a.parquet"]["mmsi"] == "string"
    assert types["a.parquet"]["timestamp"] == "timestamp[us, tz=UTC]"
    assert types["a.parquet"]["nav_status"] == "int8"
    assert re.fullmatch(r"2018-06-0\dT\d\d:\d\d:\d\dZ", lines[0]["timestamp"])
    assert lines[0]["mmsi"] == str(COAL)


def test_geoparquet_holds_points_in_degrees(positions):
    frame = geopandas.read_parquet(positions("--zone", "kp-nampo-coal", name="a.geoparquet"))

    assert frame.crs.to_authority() == ("OGC", "CRS84")
    assert np.array_equal(frame.geometry.x, frame["longitude"])
    assert np.array_equal(frame.geometry.y, frame["latitude"])
    box = json.loads(pq.read_metadata(positions("--zone", "kp-nampo-coal", name="a.geoparquet")).metadata[b"geo"])
    assert box["columns"]["geometry"]["bbox"] == frame.total_bounds.tolist()


@pytest.mark.parametrize("name", ["a.parquet", "a.geoparquet", "a.csv"])
def test_a_question_without_an_answer_gives_a_file_with_columns(positions, name):
    path = positions("--mmsi", 999999999, name=name)

    rows = pd.read_csv(path) if name.endswith("csv") else pd.read_parquet(path)
    assert rows.empty
    assert list(rows)[: len(POSITION.names)] == POSITION.names


def test_licence_and_what_was_asked_travel_with_the_file(invoke, told, tmp_path):
    path = tmp_path / "a.parquet"
    done = invoke("positions", "--mmsi", COAL, "--from", DAYS[1], "--output", path, "--home", told)

    told_in_file = pq.read_metadata(path).metadata
    assert told_in_file[b"coalwatch.asked"] == f"--mmsi {COAL} --from {DAYS[1]}".encode()
    assert told_in_file[b"coalwatch.synthetic"] == b"true"
    assert told_in_file[b"coalwatch.terms"] == b"noaa: US public domain (CC0 1.0)"
    assert "Licence of the data from noaa: US public domain (CC0 1.0)" in done.stderr
    assert "SYNTHETIC" in done.stderr


def test_a_dry_run_says_what_would_be_read_and_writes_nothing(invoke, told, tmp_path):
    asked = (
        "positions",
        "--from",
        DAYS[1],
        "--to",
        DAYS[2],
        "--output",
        tmp_path / "a.csv",
        "--dry-run",
        "--home",
        told,
    )

    report, words = json.loads(invoke(*asked, "--json").stdout), invoke(*asked).stdout

    rows = in_the_lake(told, DAYS[1:3])
    assert report["read"] == {"days": 2, "files": 2, "rows": len(rows), "from_day": DAYS[1], "to_day": DAYS[2]}
    assert report["rows"] is None
    assert "Nothing was written" in words
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mmsi", "12a"), "expected an MMSI"),
        (("--mmsi", "1234567890"), "expected an MMSI"),
        (("--imo", "9"), "expected an IMO number"),
        (("--imo", "2990028"), "check digit"),
        (("--imo", "9562233"), "no ship heard here has IMO number 9562233"),
        (("--zone", "nampo"), "did you mean kp-nampo"),
        (("--box", "1,2,3"), "west,south,east,north"),
        (("--box", "1,2,3,nan"), "west,south,east,north"),
        (("--box", "124,39,126,38"), "west,south,east,north"),
        (("--from", DAYS[2], "--to", DAYS[1]), "expected the first day first"),
        (("--from", "2020-01-01"), f"expected days from {DAYS[0]} to {DAYS[-1]}"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line_and_no_file_is_made(invoke, told, tmp_path, options, words):
    done = invoke("positions", *options, "--output", tmp_path / "a.csv", "--home", told)

    assert done.exit_code == 2
    assert words in one_line(done.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.foo", "none/a.csv"])
def test_a_file_that_cannot_be_written_is_told(invoke, told, tmp_path, name):
    done = invoke("positions", "--output", tmp_path / name, "--home", told)

    assert done.exit_code == 2
    one_line(done.stderr)


def test_an_empty_home_is_told_and_stays_empty(invoke, tmp_path):
    done = invoke("positions", "--output", tmp_path / "a.csv", "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "no positions have landed" in one_line(done.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_is_stopped_leaves_nothing(invoke, told, tmp_path, monkeypatch, error):
    from pipeline.lake.positions_file import PositionsFile

    def fail(self, rows):
        raise error

    monkeypatch.setattr(PositionsFile, "add", fail)
    (tmp_path / "a.parquet").write_text("as it was")
    done = invoke("positions", "--output", tmp_path / "a.parquet", "--home", told)

    assert done.exit_code == (130 if error is KeyboardInterrupt else 3)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]
    assert (tmp_path / "a.parquet").read_text() == "as it was"


def test_asking_writes_nothing_into_the_home(invoke, told, tmp_path):
    before = holds(told)

    invoke("positions", "--imo", 2990027, "--zone", "kp-nampo", "--output", tmp_path / "a.parquet", "--home", told)

    assert holds(told) == before


# --------------------------------------------------------------------------------------- the page's examples


PAGE = (ROOT / "docs" / "lake.md").read_text(encoding="utf-8")
SNIPPETS = dict(re.findall(r"^## (\w+)\n+```python\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))


def test_the_commands_of_the_page_run(invoke, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = [line.partition("  #")[0].split() for line in PAGE.splitlines() if line.startswith("    coalwatch ")]

    assert len(commands) >= 5
    for command in commands:
        assert invoke(*command[1:], "--home", told).exit_code == 0, command


@pytest.mark.parametrize("tool", ["DuckDB", "pandas", "geopandas", "Polars"])
def test_each_snippet_of_the_page_finds_the_same_positions(invoke, told, tmp_path, monkeypatch, tool):
    monkeypatch.chdir(tmp_path)
    Path("coalwatch-demo").symlink_to(told)
    invoke("positions", "--box", "124,38,126,39.5", "--output", "bay.geoparquet", "--home", told)
    names = {}

    exec(compile(SNIPPETS[tool], tool, "exec"), names)

    found, lake = names["found"], in_the_lake(told)
    of_ship = lake[lake["mmsi"] == COAL]
    if tool == "geopandas":
        inside = of_ship["longitude"].between(124, 126) & of_ship["latitude"].between(38, 39.5)
        assert len(found) == inside.sum() > 0
        assert 0 < len(names["near"]) < len(names["bay"])
        return
    of_days = of_ship[of_ship["timestamp"].between("2018-06-02", "2018-06-04", inclusive="left")]
    found = found.to_pandas() if tool == "Polars" else found
    at = found["timestamp"] if tool != "DuckDB" else found["timestamp"].dt.tz_localize("UTC")
    assert at.astype("datetime64[us, UTC]").tolist() == of_days["timestamp"].tolist()
    assert found["longitude"].tolist() == of_days["longitude"].tolist()


def test_the_page_names_the_columns_of_vessel_reports():
    said = PAGE.partition("Vessel reports hold")[2].partition(".\n")[0]

    assert re.findall(r"`(\w+)`", said) == [name for name in VESSEL_REPORT.names if name != "source_file_id"]


def test_parts_of_an_earlier_version_lack_a_column(positions, told, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(told, home)
    with closing(Lake(home)) as lake:
        path = lake.parts("positions", DAYS[0])[0][0]
    pq.write_table(pq.read_table(path, partitioning=None).drop(["transceiver_class"]), path)

    rows = as_stored(positions(home=home))

    assert rows.loc[rows["timestamp"] < DAYS[1], "transceiver_class"].isna().all()
    assert rows.loc[rows["timestamp"] >= DAYS[1], "transceiver_class"].notna().all()
