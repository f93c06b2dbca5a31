"""A ship from Nampo that lies still in Chinese waters, far from every anchorage, and calls nowhere: files to alerts."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.tasks.reports import alert_report
from tests.tasks.test_one_hull import imo_number
from tests.tasks.world import ARRIVALS, DAYS, Installation, place, traffic, voyage, write_days

pytestmark = pytest.mark.long  # the rules: tests/judgement/test_foreign_stops.py and tests/events

OFF_ZHUANGHE = (123.30, 39.18)  # 4 to 12 nautical miles from the nearest known anchorage
YELLOW_SEA = (123.20, 37.90)  # nobody's waters
LONGKOU = [(92.0, *place("cn-longkou"), 1.0), *[(92.5 + n, *place("cn-longkou"), 0.1) for n in range(20)]]
HOME = [(100.0, 124.7, 38.5, 10.0), (102.0, 125.17, 38.68, 5.0), (103.0, *place("kp-nampo-coal"), 0.0)]


def rows(at: tuple[float, float], then: list[tuple[float, float, float, float]] = ()) -> pd.DataFrame:
    """Loaded at Nampo on days 1 and 2; at rest for 20 hours from hour 58 on, where her draught falls; then `then`."""
    ship = voyage(351990002, 2990027, "DEMO COAL")
    ship = ship[ship["hours"] < 40]
    identity = ship.iloc[-1].drop(["hours", "LON", "LAT", "SOG"])
    fixes = [(56.0, at[0] + 0.1, at[1], 9.0), *[(58.0 + 0.5 * n, *at, 0.0) for n in range(41)]]
    fixes += [(79.0, at[0] + 0.15, at[1], 9.0), *then]
    more = pd.DataFrame(fixes, columns=["hours", "LON", "LAT", "SOG"]).assign(**identity)
    more["Draft"] = [8.0 if hours < 70 else 4.0 for hours in more["hours"]]
    return pd.concat([ship, more, traffic()], ignore_index=True)


def derived(folder, days, *parts) -> Installation:
    """A home in which each part of the days, or all, was landed and run."""
    home, files = Installation(folder / "home"), write_days(days, folder / "files")
    for part in parts or [DAYS]:
        home.land(*(files[day] for day in part))
        home.run()
    return home


STORIES = {  # each by a ship of her own: where she lay, and where she was seen after that
    "on to sea and silence": (OFF_ZHUANGHE, []),
    "home": ((OFF_ZHUANGHE[0] - 0.1, OFF_ZHUANGHE[1]), HOME),
    "nobody's waters": (YELLOW_SEA, []),
}
MMSIS = {name: 351990002 + n for n, name in enumerate(STORIES)}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Installation:
    """A home in which all of the stories happened."""
    ships = []
    for n, (name, (at, then)) in enumerate(STORIES.items()):
        ship = rows(at, then)
        ships.append(ship[ship["MMSI"] == 351990002].assign(MMSI=MMSIS[name], IMO=imo_number(30 + n)))
    return derived(tmp_path_factory.mktemp("sea"), pd.concat([*ships, traffic()], ignore_index=True))


def of_story(home: Installation, table: str, name: str) -> list[dict]:
    found = home.rows()[table]
    return found[found["mmsi"] == MMSIS[name]].to_dict("records")


@pytest.mark.parametrize("name", ["on to sea and silence", "home"])
def test_the_stop_is_her_destination_and_the_alert_says_so(home, name):
    (alert,), (stop,) = (of_story(home, table, name) for table in ("alert", "stop"))

    voyage = of_story(home, "voyage", name)[0]
    assert (alert["pattern_id"], alert["voyage_id"]) == ("direct-call", voyage["voyage_id"])
    place = f"at a place at sea (39.18 N, {STORIES[name][0][0]:.2f} E, waters of CN)"
    assert f"lay still from 2018-06-03 10:00 UTC {place}" in alert["headline"]
    report = alert_report(home.settings, alert["alert_id"])
    of_role = {one["role"]: one for one in report["evidence"]}
    assert of_role["stop_at_sea"]["event_id"] == stop["stop_id"]
    assert of_role["discharged"]["event_table"] == "stop"
    assert {one["answer"] for one in report["law"]} > {"forbidden"}


def test_in_nobodys_waters_it_is_not(home):
    assert len(of_story(home, "stop", "nobody's waters")) == 1
    assert of_story(home, "alert", "nobody's waters") == []


@pytest.fixture(scope="module")
def went_on(tmp_path_factory) -> Installation:
    """A home in which she went on to Longkou, derived at once."""
    return derived(tmp_path_factory.mktemp("at once"), rows(OFF_ZHUANGHE, LONGKOU))


def assert_told_the_same(home: Installation, expected: Installation) -> None:
    found, wanted = home.rows(), expected.rows()
    for name in ("alert", "alert_evidence", "voyage", "stop", "port_call", "legal_assessment"):
        assert_frame_equal(found[name], wanted[name], obj=name)


@pytest.mark.parametrize("parts", [pytest.param(*one.values, id=one.id, marks=pytest.mark.long) for one in ARRIVALS])
def test_in_whatever_order_the_days_come_it_is_the_same(tmp_path, went_on, parts):
    assert_told_the_same(derived(tmp_path, rows(OFF_ZHUANGHE, LONGKOU), *parts), went_on)
