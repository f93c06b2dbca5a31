"""A ship that loads at Nampo and goes on under another number: files of positions in, alerts out; and her twins."""

import pandas as pd
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.tasks.reports import alert_report
from tests.tasks.test_one_hull import BACK, NEW, OLD, SEA, derived, lands, loads, numbered, ship
from tests.tasks.world import ARRIVALS, DAYS, place, traffic, write_days


def alerts(home):
    rows = home.rows()["alert"]
    return rows[rows["pattern_id"] == "tampered-identity"].to_dict("records")


def roles(home, alert):
    return {one["role"]: one for one in alert_report(home.settings, alert["alert_id"])["evidence"]}


def test_loading_then_another_number_is_an_alert_that_says_what_ties_it_to_the_port(tmp_path):
    home = derived(tmp_path, loads(), lands())

    (alert,) = alerts(home)
    assert (alert["mmsi"], alert["grade"]) == (NEW, "strong")
    assert (alert["origin_zone_id"], alert["destination_zone_id"]) == ("kp-nampo-coal", "cn-longkou")
    assert f"MMSI {OLD} EVER GLORY" in alert["headline"]
    assert "consistent" in alert["innocent_explanation"] or "two ships" in alert["innocent_explanation"]
    said = roles(home, alert)
    assert said["called_at_loading_port"]["event_table"] == "port_call"
    assert {"new_number_where_silent", "only_silence_that_fits", "no_imo_number", "called_abroad_after"} <= set(said)
    report = alert_report(home.settings, alert["alert_id"])
    assert {one["answer"] for one in report["law"]} & {"conditional"}
    shown = CliRunner().invoke(main, ["vessel", str(NEW), "--home", str(tmp_path / "home")]).stdout
    assert "had fallen silent" in " ".join(shown.split())


@pytest.mark.parametrize("ships", [
    [loads(), lands(at=(125.9, 37.3))],
    [loads().assign(LON=lambda rows: rows["LON"] - 5.0, LAT=lambda rows: rows["LAT"] - 3.0),
     lands().assign(LON=lambda rows: rows["LON"] - 5.0, LAT=lambda rows: rows["LAT"] - 3.0)],
    [loads(), numbered(NEW, 50.0, SEA)],
    [loads(), lands(IMO="IMO2990039", start=70.0)],
    [loads().assign(VesselType=52), lands(VesselType=52)],
], ids=["far apart", "far from every loading port", "sold and re-flagged", "own number", "tugs"])  # fmt: skip
def test_its_twins_raise_nothing(tmp_path, ships):
    assert alerts(derived(tmp_path, *ships)) == []


def test_a_ship_that_renames_herself_openly_raises_nothing_and_another_imo_number_does(tmp_path):
    openly = loads().assign(VesselName=lambda rows: ["EVER GLORY" if h < 30 else "SEA STAR" for h in rows["hours"]])
    another = loads().assign(IMO=lambda rows: ["IMO2990027" if h < 30 else "IMO2990039" for h in rows["hours"]])

    assert alerts(derived(tmp_path / "openly", openly)) == []
    (alert,) = alerts(derived(tmp_path / "another", another))
    assert "another_imo_number" in roles(derived(tmp_path / "again", another), alert)


def test_where_several_silences_fit_the_alert_is_weaker(tmp_path):
    second = loads().assign(MMSI=OLD + 1, IMO="IMO2990039", VesselName="EVER GLORY 2")
    second["LAT"] += 0.03

    (alone,) = alerts(derived(tmp_path / "alone", loads(), lands()))
    (several,) = alerts(derived(tmp_path / "several", loads(), second, lands()))
    assert several["score"] == alone["score"] - 2.5  # -2 for several, and what one alone would say


def test_a_valid_imo_number_of_her_own_weighs_against_it(tmp_path):
    home = derived(tmp_path, loads(), lands(IMO="IMO2990039"))

    (alert,) = alerts(home)
    assert alert["grade"] != "strong"
    assert roles(home, alert)["own_imo_number"]["weight"] < 0


@pytest.mark.parametrize("parts", ARRIVALS)
def test_the_order_of_arrival_makes_no_difference(tmp_path, parts):
    ships = [pd.concat([loads(), ship(OLD, BACK, IMO="IMO2990027")]), lands()]
    at_once = derived(tmp_path / "at once", *ships).rows()
    found = derived(tmp_path / "otherwise", *ships, parts=parts).rows()

    for name in ("alert", "alert_evidence", "legal_assessment", "identity_change"):
        pd.testing.assert_frame_equal(found[name], at_once[name], obj=name)
    assert "tampered-identity" in set(at_once["alert"]["pattern_id"])


def test_late_data_that_shows_the_old_number_elsewhere_withdraws_it(tmp_path):
    home = derived(tmp_path, loads(), lands())
    heard = pd.concat([loads(), ship(OLD, [(60.0, 123.0, 38.0, 9.0), (60.5, 122.9, 38.0, 9.0)]), lands(), traffic()])
    late = write_days(heard, tmp_path / "late")[DAYS[2]]

    home.land(late.rename(tmp_path / "late.csv"), replaces=f"AIS_{DAYS[2]}.csv")
    home.run()

    assert alerts(home) == []


def test_on_one_track_the_direct_call_tells_the_story(tmp_path):
    longkou = place("cn-longkou")
    rows = [(70.0, 121.5, 38.0, 10.0), (76.0, *longkou, 1.0), *[(77 + n, *longkou, 0.1) for n in range(30)]]
    on = ship(OLD, rows, VesselName="SEA STAR", IMO="IMO2990039", CallSign="HMZL", Draft=7.0)
    home = derived(tmp_path, loads(), on)

    assert set(home.rows()["alert"]["pattern_id"]) == {"direct-call"}
