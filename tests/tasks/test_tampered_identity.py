"""A ship that loads at Nampo and goes on under another number: files of positions in, alerts out; and her twins."""

import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.tasks.reports import alert_report
from tests.tasks.test_one_hull import (
    BACK,
    IMO,
    NEW,
    OLD,
    OTHER_IMO,
    SEA,
    SECOND,
    added,
    derived,
    in_one_sea,
    lands,
    loads,
    numbered,
    ship,
)
from tests.tasks.world import ARRIVALS, place

pytestmark = pytest.mark.long  # the rules: tests/judgement/test_tampered_identity.py and tests/events


def moved(rows):
    return rows.assign(LON=lambda rows: rows["LON"] - 5.0, LAT=lambda rows: rows["LAT"] - 3.0)


LONGKOU = place("cn-longkou")
ON = [(70.0, 121.5, 38.0, 10.0), (76.0, *LONGKOU, 1.0), *[(77 + n, *LONGKOU, 0.1) for n in range(30)]]
TWINS = {
    "far apart": [loads(), lands(at=(125.9, 37.3))],
    "far from every loading port": [moved(loads()), moved(lands())],
    "sold and re-flagged": [loads(), numbered(NEW, 50.0, SEA)],
    "own number late": [loads(), lands(IMO=OTHER_IMO, start=70.0)],
    "ferries": [loads().assign(VesselType=60), lands(VesselType=60)],
    "renamed openly": [
        loads().assign(VesselName=lambda rows: ["EVER GLORY" if h < 30 else "SEA STAR" for h in rows["hours"]])
    ],
}
STORIES = TWINS | {
    "another number": [loads(), lands()],
    "another IMO number": [loads().assign(IMO=lambda rows: [IMO if h < 30 else OTHER_IMO for h in rows["hours"]])],
    "several silent": [loads(), SECOND, lands()],
    "own number soon": [loads(), lands(IMO=OTHER_IMO)],
    "on one track": [loads(), ship(OLD, ON, VesselName="SEA STAR", IMO=OTHER_IMO, CallSign="HMZL", Draft=7.0)],
}


def alerts(home):
    rows = home.rows()["alert"]
    return rows[rows["pattern_id"] == "tampered-identity"].to_dict("records")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home in which all of the stories happened."""
    return in_one_sea(tmp_path_factory.mktemp("sea"), STORIES)


@pytest.fixture(scope="module")
def raised(home):
    """The alerts of each story, of whatever pattern."""
    rows = home.rows()["alert"]
    story = (rows["mmsi"] - NEW).where(rows["mmsi"] >= NEW, rows["mmsi"] - OLD) // 10
    return {name: rows[story == n].to_dict("records") for n, name in enumerate(STORIES)}


def tampered(raised, name):
    return [alert for alert in raised[name] if alert["pattern_id"] == "tampered-identity"]


def roles(home, alert):
    return {one["role"]: one for one in alert_report(home.settings, alert["alert_id"])["evidence"]}


def test_loading_then_another_number_is_an_alert_that_says_what_ties_it_to_the_port(home, raised):
    (alert,) = tampered(raised, "another number")
    old, new = (mmsi + added("another number", STORIES) for mmsi in (OLD, NEW))

    assert (alert["mmsi"], alert["grade"]) == (new, "strong")
    assert (alert["origin_zone_id"], alert["destination_zone_id"]) == ("kp-nampo-coal", "cn-longkou")
    assert f"MMSI {old} EVER GLORY" in alert["headline"]
    assert "consistent" in alert["innocent_explanation"] or "two ships" in alert["innocent_explanation"]
    said = roles(home, alert)
    assert said["called_at_loading_port"]["event_table"] == "port_call"
    assert {"new_number_where_silent", "only_silence_that_fits", "no_imo_number", "called_abroad_after"} <= set(said)
    report = alert_report(home.settings, alert["alert_id"])
    assert {one["answer"] for one in report["law"]} & {"conditional"}
    shown = CliRunner().invoke(main, ["vessel", str(new), "--home", str(home.settings.home)]).stdout
    assert "had fallen silent" in " ".join(shown.split())


@pytest.mark.parametrize("twin", TWINS)
def test_its_twins_raise_nothing(raised, twin):
    assert tampered(raised, twin) == []


def test_another_imo_number_on_one_track_is_an_alert(home, raised):
    (alert,) = tampered(raised, "another IMO number")

    assert "another_imo_number" in roles(home, alert)


def test_where_several_silences_fit_the_alert_is_weaker(raised):
    (alone,), (several,) = tampered(raised, "another number"), tampered(raised, "several silent")

    assert several["score"] == alone["score"] - 2.5  # -2 for several, and what one alone would say


def test_a_valid_imo_number_of_her_own_weighs_against_it(home, raised):
    (alert,) = tampered(raised, "own number soon")

    assert alert["grade"] != "strong"
    assert roles(home, alert)["own_imo_number"]["weight"] < 0


def test_on_one_track_the_direct_call_tells_the_story(raised):
    assert {alert["pattern_id"] for alert in raised["on one track"]} == {"direct-call"}


@pytest.mark.parametrize("parts", ARRIVALS)
def test_the_order_of_arrival_makes_no_difference(tmp_path, parts):
    ships = [pd.concat([loads(), ship(OLD, BACK, IMO="IMO2990027")]), lands()]
    at_once = derived(tmp_path / "at once", *ships).rows()
    found = derived(tmp_path / "otherwise", *ships, parts=parts).rows()

    for name in ("alert", "alert_evidence", "legal_assessment", "identity_change"):
        pd.testing.assert_frame_equal(found[name], at_once[name], obj=name)
    assert "tampered-identity" in set(at_once["alert"]["pattern_id"])
