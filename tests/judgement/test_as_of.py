"""Events as they were known by a moment: open where they had not ended, and without what was learnt later."""

from pandas.testing import assert_frame_equal

from pipeline.contracts import AIS_GAP, PORT_CALL, VOYAGE
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.as_of import as_known
from tests.judgement.sea import at, direct_call, events, gap, hours, without_law

LEFT = at("2020-12-10")  # arrives at Dalian on the 11th, lies there until the 13th


def happened(**ship):
    calls, voyages = direct_call("2020-12-10", draught_before_m=4.0, draught_m=8.0)
    calls[1] |= {"draught_in_m": 8.0, "draught_out_m": 4.0}
    silence = gap(LEFT + hours(1), 14, "heard_others")
    return events(calls, [voyages[0] | {"known_at": at("2020-12-12")}], [silence], **ship)


def test_once_all_is_known_nothing_is_taken_away():
    now = happened()

    then = as_known(now, at("2021-02-01"), 12)

    for table in (VOYAGE, PORT_CALL, AIS_GAP):
        assert_frame_equal(then[table], now[table])


def test_a_call_that_was_not_left_yet_stands_open():
    call = as_known(happened(), at("2020-12-12"), 12)[PORT_CALL].iloc[1]

    assert (call["state"], call["confidence"], call["known_at"]) == ("open", 3, at("2020-12-12"))
    assert call[["departed_by", "stopped_hours", "draught_out_m"]].isna().all()
    assert call["draught_in_m"] == 8.0


def test_a_call_in_which_she_had_not_stopped_yet_was_no_call_then():
    unstopped = happened()
    unstopped[PORT_CALL].loc[1, "first_stop_at"] = at("2020-12-12T03:00")
    unstopped[VOYAGE].loc[0, "known_at"] = at("2020-12-13")

    assert len(as_known(unstopped, at("2020-12-12"), 12)[PORT_CALL]) == 1
    assert as_known(unstopped, at("2020-12-13"), 12)[PORT_CALL].iloc[1]["confidence"] == 3


def test_a_voyage_that_had_not_ended_is_under_way_and_one_not_begun_is_not_there():
    voyage = as_known(happened(), at("2020-12-11"), 12)[VOYAGE].iloc[0]

    assert voyage[["arrived_at", "destination_zone_id", "hours", "draught_change_m"]].isna().all()
    assert voyage["known_at"] == at("2020-12-11")
    assert as_known(happened(), at("2020-12-10"), 12)[VOYAGE].empty


def test_the_frames_keep_their_contracts():
    then = as_known(happened(), at("2020-12-12"), 12)

    VOYAGE.check(then[VOYAGE])
    PORT_CALL.check(then[PORT_CALL])


def test_an_alert_stands_then_with_the_evidence_of_then():
    def roles(day: str) -> set[str]:
        return set(find_alerts(as_known(happened(), at(day), 12), without_law(), synthetic=False).evidence["role"])

    assert roles("2020-12-11") == set()
    assert {"draught_rose", "coal_berth"} <= roles("2020-12-12")
    assert "discharged" not in roles("2020-12-12")
    assert "discharged" in roles("2020-12-15")


def test_what_she_first_said_of_herself_later_was_not_known():
    ship = happened(ship_type=80)
    ship.identities["from_at"] = at("2020-12-20")

    def roles(day: str) -> set[str]:
        return set(find_alerts(as_known(ship, at(day), 12), without_law(), synthetic=False).evidence["role"])

    assert "tanker" not in roles("2020-12-16")
    assert "tanker" in roles("2020-12-21")
