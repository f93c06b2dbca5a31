"""A ship from Nampo that lies still in Chinese waters, far from every anchorage, and calls nowhere: files to alerts."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.tasks.reports import alert_report
from tests.tasks.world import ARRIVALS, DAYS, Installation, place, traffic, voyage, write_days

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


def alerts(home: Installation) -> list[dict]:
    return home.rows()["alert"].to_dict("records")


@pytest.mark.parametrize("then", [[], HOME], ids=["on to sea and silence", "home"])
def test_the_stop_is_her_destination_and_the_alert_says_so(tmp_path, then):
    home = derived(tmp_path, rows(OFF_ZHUANGHE, then))

    (alert,) = alerts(home)
    assert (alert["pattern_id"], alert["voyage_id"]) == ("direct-call", home.rows()["voyage"]["voyage_id"].iloc[0])
    assert (
        "lay still from 2018-06-03 10:00 UTC at a place at sea (39.18 N, 123.30 E, waters of CN)" in alert["headline"]
    )
    report = alert_report(home.settings, alert["alert_id"])
    of_role = {one["role"]: one for one in report["evidence"]}
    assert of_role["stop_at_sea"]["event_id"] == home.rows()["stop"]["stop_id"].iloc[0]
    assert of_role["discharged"]["event_table"] == "stop"
    assert {one["answer"] for one in report["law"]} > {"forbidden"}


def test_in_nobodys_waters_it_is_not(tmp_path):
    home = derived(tmp_path, rows(YELLOW_SEA))

    assert len(home.rows()["stop"]) == 1
    assert alerts(home) == []


@pytest.fixture(scope="module")
def went_on(tmp_path_factory) -> Installation:
    """A home in which she went on to Longkou, derived at once."""
    return derived(tmp_path_factory.mktemp("at once"), rows(OFF_ZHUANGHE, LONGKOU))


def assert_told_the_same(home: Installation, expected: Installation) -> None:
    found, wanted = home.rows(), expected.rows()
    for name in ("alert", "alert_evidence", "voyage", "stop", "port_call", "legal_assessment"):
        assert_frame_equal(found[name], wanted[name], obj=name)


def test_a_later_call_abroad_takes_its_place(tmp_path, went_on):
    home = derived(tmp_path, rows(OFF_ZHUANGHE, LONGKOU), DAYS[:3])
    (before,) = alerts(home)
    home.land(*(tmp_path / "files" / f"AIS_{day}.csv" for day in DAYS[3:]))
    home.run()

    (alert,) = alerts(went_on)
    assert "arrived at Longkou" in alert["headline"]
    assert "place at sea" in before["headline"]
    assert alert["alert_id"] == before["alert_id"]
    assert alert["evidence_hash"] != before["evidence_hash"]
    assert_told_the_same(home, went_on)


@pytest.mark.parametrize("parts", [pytest.param(*one.values, id=one.id, marks=pytest.mark.long) for one in ARRIVALS])
def test_in_whatever_order_the_days_come_it_is_the_same(tmp_path, went_on, parts):
    assert_told_the_same(derived(tmp_path, rows(OFF_ZHUANGHE, LONGKOU), *parts), went_on)


def test_late_data_that_shows_her_under_way_there_withdraws_the_alert(tmp_path):
    home = derived(tmp_path, rows(OFF_ZHUANGHE))
    sailing = rows(OFF_ZHUANGHE)
    at_rest = sailing["hours"].between(58, 78) & (sailing["MMSI"] == 351990002)
    sailing.loc[at_rest, ["SOG", "LAT"]] = [9.0, 38.0]
    files = write_days(sailing, tmp_path / "sailing")

    for day in DAYS[2:4]:
        home.land(files[day].rename(tmp_path / f"late_{day}.csv"), replaces=files[day].name)
    home.run()

    assert alerts(home) == []
    assert home.rows()["stop"].empty
