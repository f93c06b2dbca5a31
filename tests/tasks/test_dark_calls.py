"""Ships that fall silent on the way to Korea, and ships that fall silent as ships do: positions to alerts."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.tasks.reports import alert_report
from tests.tasks.world import Installation, place, write_days

DALIAN, LONGKOU, INCHEON = place("cn-dalian"), place("cn-longkou"), place("kr-incheon")
OFF = (123.30, 38.75)  # in Korea Bay, 95 nm from the lock, on a lane where others are heard
RIZHAO, QINGDAO = place("cn-rizhao"), place("cn-qingdao")
SHIDAO, LONELY = place("cn-shidao"), (123.6, 37.3)  # and a place in the Yellow Sea where nobody else is
FLAGS = {"PA": 351990000, "KP": 445990000, "CN": 412990000, "KR": 440990000}


def sail(start, end, began, speed=10.0, every=0.5):
    """Fixes of a passage in a straight line: hours, longitude, latitude, speed."""
    east, north = (end[0] - start[0]) * 60 * np.cos(np.radians(38)), (end[1] - start[1]) * 60
    hours = np.hypot(east, north) / speed
    part = np.arange(0, hours + every, every).clip(max=hours) / hours
    return [(began + hours * p, *(np.array(start) + p * (np.array(end) - start)), speed) for p in part]


def lie(at, began, hours, every=1.0):
    """Fixes of a ship at rest."""
    return [(began + n, *at, 0.0) for n in np.arange(0, hours + 0.01, every)]


def ship(number, flag, fixes, draught=None, **said):
    """Rows of one ship; `draught` gives what she reports from an hour on."""
    table = pd.DataFrame(fixes, columns=["hours", "LON", "LAT", "SOG"])
    levels = draught or {}
    draughts = [next((m for since, m in reversed(levels.items()) if hour >= since), None) for hour in table["hours"]]
    identity = {"VesselName": f"DEMO {number}", "VesselType": 70, "Length": 120, "Width": 18, "CallSign": "DEMO"}
    return table.assign(MMSI=FLAGS[flag] + number, Draft=draughts, **identity | said)


def out_and_back(silent=50.0, off=OFF, home=DALIAN, then=LONGKOU):
    """From a berth towards Korea, unheard from `off` on, and on from there to another berth, where she lies a day."""
    there = sail(home, off, 8)
    again = there[-1][0] + silent
    onward = sail(off, then, again)
    return [*lie(home, 0, 7), *there, *onward, *lie(then, onward[-1][0] + 0.5, 24)]


def across(off, on, home, then, silent=60.0):
    """From a berth to `off`, unheard from there to `on`, and on to another berth, where she lies a day."""
    there = sail(home, off, 8)
    onward = sail(on, then, there[-1][0] + silent)
    return [*lie(home, 0, 7), *there, *onward, *lie(then, onward[-1][0] + 0.5, 24)]


GONE = sail(DALIAN, OFF, 8)
ONE_WAY = [*lie(DALIAN, 0, 7), *GONE]
AGAIN = GONE[-1][0] + 40  # an hour in the middle of every silence of `out_and_back`
LOADED = {0: 4.0, AGAIN: 8.0}
LANDED = {**LOADED, 95: 4.0}
TYPED_AT_SEA = {0: 4.5, 10: 4.0, AGAIN: 8.0, 95: 4.0}  # so the 8.0 m are of no cargo that she took on in Dalian
TO_INCHEON = sail(DALIAN, INCHEON, 8)


def without(fixes, begin, hours):
    """The fixes without those of a silence, which begins at an hour."""
    return [fix for fix in fixes if not begin < fix[0] < begin + hours]


def unheard_from(fixes, begin, hours):
    """The fixes with a silence put in, in which she went nowhere: all later ones come so much later."""
    return [fix if fix[0] <= begin else (fix[0] + hours, *fix[1:]) for fix in fixes]


IN_PORT = [*lie(DALIAN, 0, 20), *sail(DALIAN, (122.3, 38.7), 70), *sail((122.3, 38.7), LONGKOU, 73)]
INTO_PORT = [*lie(DALIAN, 0, 7), *sail(DALIAN, (122.3, 38.7), 8), *lie(LONGKOU, 70, 30)]
FIRES = {
    1: ("a cargo taken on unheard while others were heard", "PA", out_and_back(), LANDED, {}),
    2: ("on the way there among others, unheard, and back, whatever her draught", "PA", out_and_back(), None, {}),
    3: ("North Korean, unheard for the length of a call, then at a receiving port", "KP", out_and_back(), {0: 5.0}, {}),
    4: ("North Korean, and not heard since she left for there", "KP", ONE_WAY, {0: 5.0}, {}),
    6: ("a cargo that she landed where she was heard again", "PA", INTO_PORT, {0: 4.0, 70: 8.0, 90: 4.0}, {}),
    7: (
        "under way to Incheon, unheard among others for three days on a passage of hours",
        "PA",
        across((122.4, 38.75), (123.6, 38.75), DALIAN, INCHEON),
        {0: 5.0},
        {},
    ),
    8: (
        "unheard among others, and sends the IMO number of a tug of another port",
        "PA",
        across((123.3, 38.75), (123.4, 38.75), DALIAN, INCHEON),
        {0: 5.0},
        {"IMO": "IMO2990027"},
    ),
    9: (
        "a cargo that is not of the port before, for she typed at sea",
        "PA",
        out_and_back(),
        TYPED_AT_SEA,
        {},
    ),
    5: (
        "a cargo taken on where nobody can tell who is heard",
        "PA",
        out_and_back(off=LONELY, home=SHIDAO, then=SHIDAO),
        LANDED,
        {},
    ),
}
SILENT = {
    20: ("too short to load", "PA", out_and_back(silent=20), LOADED, {}),
    21: ("where nobody can tell who is heard, with no other draught", "PA",
         out_and_back(off=LONELY, home=SHIDAO, then=SHIDAO), {0: 4.0}, {}),
    22: ("a Chinese coaster on her lane, unheard for 12 hours", "CN", without(TO_INCHEON, 14, 12), {0: 6.0}, {}),
    23: ("a Korean coaster from Weihai, unheard for 12 hours", "KR",
         without(sail(place("cn-weihai"), INCHEON, 8), 10, 12), {0: 6.0}, {}),
    24: ("Dalian to Incheon, unheard and waiting for two days", "PA", unheard_from(TO_INCHEON, 14, 50), {0: 6.0}, {}),
    25: ("at a berth in Dalian, her set off for two days", "CN", without(lie(DALIAN, 0, 100), 20, 50), {0: 6.0}, {}),
    26: ("a fishing boat", "CN", out_and_back(), None, {"VesselType": 30}),
    27: ("a draught that fell", "PA", out_and_back(), {0: 8.0, AGAIN: 4.0}, {}),
    28: ("not heard since, but tied to nobody", "PA", ONE_WAY, {0: 4.0}, {}),
    29: ("waiting at sea", "CN", without(lie((123.0, 38.75), 0, 120), 20, 60), {0: 6.0}, {}),
    30: ("a tanker", "PA", out_and_back(), LOADED, {"VesselType": 80}),
    31: ("a boat of 40 metres", "CN", out_and_back(), LOADED, {"Length": 40}),
    33: ("loaded at a berth in Dalian, her set off", "CN", without(lie(DALIAN, 0, 100), 20, 50), LOADED, {}),
    34: ("left Dalian with a cargo, unheard from its berth on", "CN", IN_PORT, LOADED, {}),
    35: ("heard again at a berth, with a cargo", "CN", INTO_PORT, LOADED, {}),
    36: ("in the roads, her set off, and then to Incheon", "PA",
         [*lie((122.7, 38.75), 0, 20), *sail((123.4, 38.75), INCHEON, 80), *lie(INCHEON, 90, 24)], {0: 5.0}, {}),
    37: ("under way to Incheon, unheard among others, and heard again where she fell silent", "PA",
         across((123.3, 38.75), (123.4, 38.75), DALIAN, INCHEON), {0: 5.0}, {}),
    38: ("under way to Incheon, unheard among others, and no cargo ship by what she reports", "PA",
         across((122.4, 38.75), (123.6, 38.75), DALIAN, INCHEON), {0: 5.0}, {"VesselType": 90}),
    32: ("bound away from Korea", "PA", [*lie((123.9, 38.75), 0, 1), *sail((123.9, 38.75), OFF, 2),
         *sail(OFF, LONGKOU, 60)], None, {}),
}  # fmt: skip


def lane():
    """Three ships heard every half hour off Dalian and on the lane east of it, on every day."""
    hours = np.arange(0, 24 * 8, 0.5)
    rows = [
        pd.DataFrame({"hours": hours, "LON": 122.2 + 0.5 * n, "LAT": 38.76, "SOG": 8.0, "MMSI": 412000100 + n})
        for n in range(5)
    ]
    return pd.concat(rows, ignore_index=True).assign(VesselName="DEMO TRAFFIC", VesselType=70)


def built(folder, ships, *parts) -> Installation:
    """A home in which each part of the days (by number), or all, was landed and run."""
    write_days(pd.concat([lane(), *ships], ignore_index=True), folder / "files")
    files = sorted((folder / "files").glob("*.csv"))
    home = Installation(folder / "home")
    for part in parts or [range(len(files))]:
        home.land(*(files[day] for day in part))
        home.run()
    return home


@pytest.fixture(scope="module")
def sea(tmp_path_factory) -> Installation:
    """All ships of this page at once."""
    ships = [ship(number, flag, fixes, draught, **said)
             for number, (_, flag, fixes, draught, said) in {**FIRES, **SILENT}.items()]  # fmt: skip
    tug = ship(60, "KR", lie(place("kr-pohang"), 0, 150), VesselType=52, Length=30, IMO="IMO2990027")
    return built(tmp_path_factory.mktemp("sea"), [*ships, tug])


def of_ship(rows: pd.DataFrame, number: int) -> pd.DataFrame:
    return rows[rows["mmsi"] % 1000 == number]


@pytest.mark.parametrize("number", FIRES, ids=[one[0] for one in FIRES.values()])
def test_an_alert_is_raised_for(sea, number):
    alerts = of_ship(sea.rows()["alert"], number)
    alerts = alerts[alerts["pattern_id"] == "dark-call"]

    assert len(alerts) == 1
    assert alerts["origin_zone_id"].tolist() == ["kp-taedong"]
    assert "which leaves time for a call at Taedong basin" in alerts["headline"].iloc[0]
    assert "AIS-reported" in alerts["headline"].iloc[0] or number == 4


@pytest.mark.parametrize("number", SILENT, ids=[one[0] for one in SILENT.values()])
def test_no_alert_is_raised_for(sea, number):
    assert of_ship(sea.rows()["alert"], number).empty


def test_the_ships_that_raise_none_were_silent_for_long_enough_all_the_same(sea):
    found = sea.rows()["dark_call"]

    with_time = {number for number in SILENT if not of_ship(found, number).empty}
    assert with_time >= set(SILENT) - {20, 22, 23, 36}


def test_grades_follow_what_speaks_for_it(sea):
    alerts = sea.rows()["alert"].assign(number=lambda rows: rows["mmsi"] % 1000)
    alerts = alerts[alerts["pattern_id"] == "dark-call"].set_index("number")["grade"]

    assert alerts[9] == "strong"
    assert alerts[1] == "moderate"  # the same, and she may have taken on her cargo in Dalian, which she had just left
    assert alerts[2] == "weak"
    assert alerts[4] == "weak"
    assert alerts[7] == "weak"


def test_where_only_the_time_speaks_the_alert_says_that_she_may_have_lain_still(sea):
    (alert,) = of_ship(sea.rows()["alert"], 7).to_dict("records")

    said = {one["role"]: one for one in alert_report(sea.settings, alert["alert_id"])["evidence"]}
    assert said["far_longer_than_the_passage"]["weight"] == 0
    assert "56 nm over water" in said["far_longer_than_the_passage"]["statement"]
    assert "lain still" in alert["innocent_explanation"]


def test_the_alert_says_what_speaks_for_it_against_it_and_what_the_law_says(sea):
    alert = of_ship(sea.rows()["alert"], 1).iloc[0]
    (call,) = of_ship(sea.rows()["dark_call"], 1).to_dict("records")

    report = alert_report(sea.settings, alert["alert_id"])

    roles = {one["role"]: one for one in report["evidence"]}
    assert set(roles) == {
        "call_not_seen", "silence_fits_loading", "silent_among_others", "was_bound_there", "rose_over_silence",
        "may_be_loaded_before", "far_longer_than_the_passage", "went_abroad_after", "landed_after_silence", "coal_ship",
    }  # fmt: skip
    assert roles["call_not_seen"]["event_id"] == call["dark_call_id"]
    assert roles["silent_among_others"]["event_id"] == call["ais_gap_id"]
    assert roles["rose_over_silence"]["event_table"] == "draught_change"
    assert {one["answer"] for one in report["law"]} >= {"forbidden"}
    assert roles["may_be_loaded_before"]["weight"] < 0
    assert "in Dalian" in alert["innocent_explanation"]
    assert "ositions of other receivers" in alert["missing_evidence"]


@pytest.mark.long  # in short: tests/judgement
@pytest.mark.parametrize(("on", "raised"), [((122.8, 35.2), ["dark-call"]), ((123.9, 36.7), [])], ids=["far", "near"])
def test_unheard_by_anybody_it_matters_that_she_was_heard_again_far_away(tmp_path, on, raised):
    bound_there = across((124.1, 37.1), on, RIZHAO, QINGDAO, silent=72)
    home = built(tmp_path, [ship(8, "PA", bound_there, {0: 5.0})])

    assert home.rows()["alert"]["pattern_id"].tolist() == raised
    gap = of_ship(home.rows()["ais_gap"], 8).sort_values("began_at").iloc[0]
    assert gap["reception"] == "unknown"


def test_one_story_raises_one_alert(sea):
    alerts = sea.rows()["alert"]

    # the North Korean ones were at receiving ports before and after: what ended in Dalian is a story of its own
    before = (alerts["pattern_id"] == "dprk-flag-at-receiving-port") & alerts["headline"].str.contains("call at Dalian")
    assert sorted(alerts[before]["mmsi"] % 1000) == [3, 4]
    assert not alerts[~before]["mmsi"].duplicated().any()


@pytest.mark.long  # in short: tests/events
def test_an_open_silence_becomes_a_possible_call_by_days_on_which_nothing_of_her_is_heard(tmp_path):
    ships = [ship(4, "KP", ONE_WAY, {0: 5.0}), ship(28, "PA", ONE_WAY, {0: 4.0})]
    home = built(tmp_path, ships, [0])
    assert home.rows()["dark_call"].empty

    for file in sorted((tmp_path / "files").glob("*.csv"))[1:4]:
        home.land(file)
    report = home.run()

    found = home.rows()["dark_call"]
    assert sorted(found["mmsi"] % 1000) == [4, 28]
    dark = home.rows()["alert"].query("pattern_id == 'dark-call'")
    assert dark["mmsi"].tolist() == [FLAGS["KP"] + 4]
    assert report.changed
    assert not home.run().changed


DAY_BY_DAY = [[7], [2], [5], [1], [0], [6], [3], [4]]


@pytest.mark.long
@pytest.mark.parametrize("parts", [[[7, 2, 5], [1, 0], [6, 3, 4]], DAY_BY_DAY], ids=["in parts", "day by day"])
def test_in_whatever_order_the_days_come_it_is_the_same(tmp_path, parts):
    ships = [ship(1, "PA", out_and_back(), LANDED), ship(4, "KP", ONE_WAY, {0: 5.0})]
    at_once = built(tmp_path / "at once", ships)
    backwards = built(tmp_path / "backwards", ships, *parts)

    for name in ("dark_call", "ais_gap", "alert", "alert_evidence", "legal_assessment"):
        assert_frame_equal(backwards.rows()[name], at_once.rows()[name], obj=name)
