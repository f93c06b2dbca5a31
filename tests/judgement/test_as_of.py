"""Events as they were known by a moment: open where they had not ended, and without what was learnt later."""

import pandas as pd
from pandas.testing import assert_frame_equal

from pipeline.contracts import AIS_GAP, DARK_CALL, PORT_CALL, VOYAGE
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.as_of import as_known
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import at, dark_call, direct_call, events, gap, hours, without_law
from tests.sea import LIMITS

LEFT = at("2020-12-10")  # arrives at Dalian on the 11th, lies there until the 13th


def happened(**ship):
    calls, voyages = direct_call("2020-12-10", draught_before_m=4.0, draught_m=8.0)
    calls[1] |= {"draught_in_m": 8.0, "draught_out_m": 4.0}
    silence = gap(LEFT + hours(1), 14, "heard_others")
    return events(calls, [voyages[0] | {"known_at": at("2020-12-12")}], [silence], **ship)


def test_once_all_is_known_nothing_is_taken_away():
    now = happened()

    then = as_known(now, at("2021-02-01"), LIMITS)

    for table in (VOYAGE, PORT_CALL, AIS_GAP):
        assert_frame_equal(then[table], now[table])


def test_a_call_that_was_not_left_yet_stands_open():
    call = as_known(happened(), at("2020-12-12"), LIMITS)[PORT_CALL].iloc[1]

    assert (call["state"], call["confidence"], call["known_at"]) == ("open", 3, at("2020-12-12"))
    assert call[["departed_by", "stopped_hours", "draught_out_m"]].isna().all()
    assert call["draught_in_m"] == 8.0


def test_a_call_in_which_she_had_not_stopped_yet_was_no_call_then():
    unstopped = happened()
    unstopped[PORT_CALL].loc[1, "first_stop_at"] = at("2020-12-12T03:00")
    unstopped[VOYAGE].loc[0, "known_at"] = at("2020-12-13")

    assert len(as_known(unstopped, at("2020-12-12"), LIMITS)[PORT_CALL]) == 1
    assert as_known(unstopped, at("2020-12-13"), LIMITS)[PORT_CALL].iloc[1]["confidence"] == 3


def test_a_voyage_that_had_not_ended_is_under_way_and_one_not_begun_is_not_there():
    voyage = as_known(happened(), at("2020-12-11"), LIMITS)[VOYAGE].iloc[0]

    assert voyage[["arrived_at", "destination_zone_id", "hours", "draught_change_m"]].isna().all()
    assert voyage["known_at"] == at("2020-12-11")
    assert as_known(happened(), at("2020-12-10"), LIMITS)[VOYAGE].empty


def test_the_frames_keep_their_contracts():
    then = as_known(happened(), at("2020-12-12"), LIMITS)

    VOYAGE.check(then[VOYAGE])
    PORT_CALL.check(then[PORT_CALL])


def test_an_alert_stands_then_with_the_evidence_of_then():
    def roles(day: str) -> set[str]:
        return set(find_alerts(as_known(happened(), at(day), LIMITS), without_law(), synthetic=False).evidence["role"])

    assert roles("2020-12-11") == set()
    assert {"draught_rose", "coal_berth"} <= roles("2020-12-12")
    assert "discharged" not in roles("2020-12-12")
    assert "discharged" in roles("2020-12-15")


def test_what_she_first_said_of_herself_later_was_not_known():
    ship = happened(ship_type=80)
    ship.identities["from_at"] = at("2020-12-20")

    def roles(day: str) -> set[str]:
        return set(find_alerts(as_known(ship, at(day), LIMITS), without_law(), synthetic=False).evidence["role"])

    assert "tanker" not in roles("2020-12-16")
    assert "tanker" in roles("2020-12-21")


def unheard() -> Events:
    """A silence of three days, from the 10th on, that leaves time for a call in the Taedong basin or at Haeju."""
    quiet = gap(LEFT, 72, "heard_others")
    calls = [dark_call(quiet, distance_in_nm=90.0), dark_call(quiet, "kp-haeju", distance_in_nm=70.0, rank=2)]
    return events([], gaps=[quiet], dark_calls=calls)


def test_a_silence_that_had_not_ended_stood_open_with_the_calls_it_left_time_for():
    then = as_known(unheard(), at("2020-12-12"), LIMITS)

    (quiet,) = then[AIS_GAP].to_dict("records")
    assert (quiet["reception"], quiet["hours_tested"], quiet["known_at"]) == ("unknown", 0, at("2020-12-11"))
    assert pd.isna(quiet["ended_at"])
    calls = then[DARK_CALL].set_index("zone_id")
    assert calls["rank"].to_dict() == {"kp-haeju": 1, "kp-taedong": 2}
    assert calls[["ended_at", "longest_stay_hours", "distance_out_nm"]].isna().all(axis=None)
    for table in (AIS_GAP, DARK_CALL):
        table.check(then[table])


def test_before_she_could_have_loaded_no_call_was_possible_and_once_she_is_back_all_is_as_now():
    assert as_known(unheard(), at("2020-12-10"), LIMITS)[DARK_CALL].empty
    assert as_known(unheard(), at("2020-12-10"), LIMITS)[AIS_GAP].empty
    now = unheard()
    for table in (AIS_GAP, DARK_CALL):
        assert_frame_equal(as_known(now, at("2021-02-01"), LIMITS)[table], now[table])
