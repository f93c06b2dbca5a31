"""`coalwatch gate`: days held back and why, what to do; and what other commands say of them."""

import json
import shutil
import sqlite3

import pytest

from pipeline.contracts import DAY_CHECK
from pipeline.warehouse.store import open_warehouse
from tests.cli.conftest import ENVIRONMENT, ROOT, coalwatch, one_line
from tests.tasks.world import DAYS
from tests.warehouse.rows import rows

LOST = DAYS[2]
REASON = 'coverage lost, which is not "no calls": 3 fixes; its habit is 1,000 (median of the 8 same weekdays before it)'


@pytest.fixture(scope="module")
def held(told, tmp_path_factory):
    """The five days derived, as if the third of them, which established the alerts, had lost coverage."""
    home = tmp_path_factory.mktemp("held") / "home"
    shutil.copytree(told, home)
    lost = {"day": LOST, "check_name": "coverage", "subject": "all", "passed": False, "found": 3.0, "habit": 1000.0}
    with open_warehouse(f"sqlite:///{home / 'warehouse.sqlite'}") as warehouse:
        checks = warehouse.read(DAY_CHECK)
        others = checks[(checks["day"] != LOST) | (checks["check_name"] != "coverage")]
        written = rows(DAY_CHECK, {**lost, "reason": REASON}, *others.to_dict("records"))
        warehouse.sync(DAY_CHECK, written)
    return home


def words(text):
    return " ".join(text.split())


def test_days_held_back_are_told_with_the_reason_and_what_to_do(invoke, held):
    shown = invoke("gate", "--home", held)

    assert shown.exit_code == 0, shown.stderr
    assert words(shown.stdout).startswith(
        "1 day held back of 5 with data (2018-06-01 … 2018-06-05): For 4 of these days it could not be judged"
    )
    assert "2018-06-03 coverage lost" in words(shown.stdout)
    assert "2 standing alerts kept out of the queue" in shown.stdout
    assert "coalwatch ingest SOURCE FILE" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_where_none_is_it_says_so_and_advises_nothing(invoke, told):
    shown = invoke("gate", "--home", told).stdout

    assert shown.startswith("No day is held back: 5 days with data (2018-06-01 … 2018-06-05).\n")
    assert "What to do" not in shown


def test_days_without_a_habit_are_not_said_to_have_been_judged(invoke, told):
    """A day that lost 94 % of its fixes passes while there is no habit: the gate says that it could not tell."""
    shown = words(invoke("gate", "--home", told).stdout)
    day = words(invoke("gate", DAYS[2], "--home", told).stdout)

    assert "For 5 of these days it could not be judged whether coverage was lost" in shown
    assert "fewer than 4 same weekdays with data lie before each" in shown
    assert "days judged" not in shown
    assert f"{DAYS[2]} is published, but whether coverage was lost could not be judged" in day
    assert "every check passed" not in day
    assert "not judged coverage (all)" in day


def test_a_day_with_a_habit_is_judged(invoke, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    with open_warehouse(f"sqlite:///{tmp_path / 'home' / 'warehouse.sqlite'}") as warehouse:
        checks = warehouse.read(DAY_CHECK)
        warehouse.sync(DAY_CHECK, checks.assign(habit=checks["found"].fillna(1.0)))

    shown = words(invoke("gate", "--home", tmp_path / "home").stdout)

    assert shown == "No day is held back: 5 days with data (2018-06-01 … 2018-06-05)."
    assert "every check passed" in invoke("gate", DAYS[2], "--home", tmp_path / "home").stdout


def test_one_day_shows_every_check(invoke, held):
    lost, passed = (words(invoke("gate", day, "--home", held).stdout) for day in (LOST, DAYS[0]))

    assert f"{LOST} is held back: coverage lost" in lost
    assert "FAILED coverage (all): coverage lost" in lost
    assert "passed layout (noaa): the columns of AIS_2018-06-03.csv are those of the files around it" in lost
    assert passed.startswith(f"{DAYS[0]} is published, but whether coverage was lost could not be judged")
    assert "no habit yet" in passed
    assert "What to do" not in passed


def test_a_day_that_did_not_land_is_not_published(invoke, told):
    assert "no data of 2018-07-01 has landed" in invoke("gate", "2018-07-01", "--home", told).stdout


def test_json_has_these_names(invoke, held):
    whole, day = (json.loads(invoke("gate", *which, "--json", "--home", held).stdout) for which in ((), (LOST,)))

    assert list(whole) == [
        "days", "first_day", "last_day", "held_back", "held_back_alerts", "stale", "undated", "without_habit",
        "without_fixes", "least_days",
    ]  # fmt: skip
    assert whole["without_habit"] == [day for day in DAYS if day != LOST]
    assert whole["held_back"] == [{"day": LOST, "reasons": [REASON]}]
    assert list(day) == ["day", "published", "reasons", "checks", "stale"]
    assert day["published"] is False
    assert {"check_name", "subject", "passed", "found", "habit", "reason"} <= day["checks"][0].keys()


def test_a_file_of_no_use_and_no_known_day_is_named(invoke, derived, tmp_path):
    useless = tmp_path / "mended.csv"
    useless.write_text(
        "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
        "TransceiverClass\n1,2018-06-03T00:00:00,91,181,,,,,,,,,,,,,A\n"
    )
    invoke("ingest", "noaa", useless, "--synthetic", "--home", derived)
    assert invoke("run", "--home", derived).exit_code == 0

    shown = words(invoke("gate", "--home", derived).stdout)

    assert "Files without a usable row, of no known day mended.csv: fetch it again" in shown


def test_the_queue_says_what_is_held_back_and_lists_it_only_on_request(invoke, held, told):
    shown, every, without = (
        words(invoke("alerts", "list", *options, "--home", home).stdout)
        for options, home in (((), held), (("--all",), held), ((), told))
    )

    assert shown.startswith("2 alerts of 1 day are held back by the quality gate: coalwatch gate No alert is waiting")
    assert "DEMO COAL held back SYNTHETIC" in every
    assert "quality gate" not in without
    assert json.loads(invoke("alerts", "list", "--json", "--home", held).stdout) == []


def test_without_a_warehouse_it_says_how_to_get_one(invoke, tmp_path):
    done = invoke("gate", "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "`coalwatch run` makes it" in one_line(done.stderr)
    assert not (tmp_path / "home").exists()


def test_a_zone_that_does_not_validate_stops_the_run_and_is_noted_once(told, tmp_path):
    home, installed = tmp_path / "home", tmp_path / "installed"
    shutil.copytree(told, home)
    for name in ("pipeline", "geo", "seeds", "sql"):
        shutil.copytree(ROOT / name, installed / name, ignore=shutil.ignore_patterns("__pycache__"))
    zone = installed / "geo" / "zones" / "kp-nampo.geojson"
    zone.write_text(zone.read_text(encoding="utf-8").replace('"Polygon"', '"Polygone"', 1), encoding="utf-8")
    environment = ENVIRONMENT | {"PYTHONPATH": str(installed)}

    for _ in range(2):
        done = coalwatch("run", "--home", home, cwd=installed, env=environment)
        assert done.returncode == 2

    con = sqlite3.connect(home / "warehouse.sqlite")
    failed = con.execute("select command, message from pipeline_run where status = 'failed'").fetchall()
    con.close()
    assert failed == [("run", one_line(done.stderr).removeprefix("coalwatch: "))]
