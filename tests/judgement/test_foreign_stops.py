"""A long stop in foreign waters stands for the destination of a voyage that reached no port abroad, at lower weight."""

import pandas as pd
import pytest

from pipeline.contracts import DRAUGHT_CHANGE, PORT_CALL, STOP, VOYAGE
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.as_of import as_known
from tests.judgement.at_once import cases
from tests.judgement.sea import (
    at,
    bought_in,
    draught,
    events,
    hours,
    port_call,
    real_knowledge,
    stop,
    under_way,
    voyage,
    without_law,
)
from tests.sea import LIMITS

LEFT = at("2020-12-10")
LOADED = {"draught_in_m": 4.0, "draught_out_m": 8.0}


def ship(*stops, then: str | None = "kp-nampo-coal", landed: pd.Timestamp | None = None, origin: str = "kp-nampo-coal"):
    """She loads, leaves, lies at the stops, and goes to `then` or is unheard; her draught falls at `landed`."""
    call = port_call(origin, LEFT - hours(48), departed_by=LEFT) | LOADED
    ends = [port_call(then, LEFT + hours(96))] if then else []
    sails = voyage(call, ends[0]) if ends else under_way(call)
    fell = [draught(landed, 8.0, 4.0)] if landed is not None else []
    return events([call, *ends], [sails], draughts=fell, stops=stops)


def wait(country: str | None = "CN", after: float = 24, length: float | None = 20, **given):
    return stop(LEFT + hours(after), length, country, **given)


def alerts(happened):
    found = find_alerts(happened, real_knowledge(), synthetic=False)
    return found.alerts, found.evidence


@pytest.mark.parametrize("then", ["kp-nampo-coal", "kp-haeju", None], ids=["home", "another home port", "silence"])
def test_a_stop_in_chinese_waters_is_where_a_voyage_went_that_called_nowhere_abroad(then):
    raised, evidence = alerts(ship(wait(), then=then, landed=LEFT + hours(40)))

    (alert,) = raised.to_dict("records")
    assert (
        "lay still from 2020-12-11 00:00 UTC at a place at sea (37.10 N, 122.40 E, waters of CN)" in alert["headline"]
    )
    assert "orders, weather" in alert["innocent_explanation"]
    assert (alert["began_at"], alert["ended_at"]) == (LEFT, LEFT + hours(24))
    assert pd.isna(alert["destination_zone_id"])
    rests = evidence.set_index("role")["event_table"]
    assert (rests["stop_at_sea"], rests["discharged"]) == ("stop", "stop")


@cases(
    lambda happened: happened,
    [
        (ship(wait(None), landed=LEFT + hours(40)), 0),
        (ship(wait("KP"), landed=LEFT + hours(40)), 0),
        (ship(), 0),
        (ship(wait(after=120)), 0),
        (ship(wait(track_id="ship-2")), 0),
        (ship(wait(), origin="kp-haeju"), 0),
        (ship(wait()), 1),
    ],
    real_knowledge,
    ids=[
        "nobody's waters",
        "home waters",
        "no stop",
        "after she was home",
        "another track",
        "no loading port",
        "as it was",
    ],
)
def test_the_same_voyage_with_another_stop_or_none_raises_nothing(found, raised):
    assert len(found().alerts) == raised


def test_a_wait_on_the_way_to_a_port_abroad_is_no_destination():
    (alert,) = alerts(ship(wait(), then="cn-weihai"))[0].to_dict("records")

    assert "arrived at Weihai on 2020-12-14" in alert["headline"]
    assert "place at sea" not in alert["headline"]


def test_the_call_that_becomes_known_later_takes_the_place_of_the_stop_in_the_same_alert():
    waiting, arrived = (ship(wait(), then=then) for then in (None, "cn-weihai"))
    arrived[VOYAGE]["voyage_id"] = waiting[VOYAGE]["voyage_id"]

    (before,), (after,) = (alerts(happened)[0].to_dict("records") for happened in (waiting, arrived))

    assert before["alert_id"] == after["alert_id"]
    assert before["evidence_hash"] != after["evidence_hash"]


def test_a_draught_that_fell_at_the_stop_lifts_it_and_none_leaves_it_below_a_call():
    landed, not_landed = (alerts(ship(wait(), landed=when))[0]["score"].iloc[0] for when in (LEFT + hours(40), None))
    at_port = alerts(ship(then="cn-weihai"))[0]["score"].iloc[0]

    assert landed - not_landed == 3  # discharged in place of cargo_not_landed
    assert not_landed < at_port


def test_of_several_stops_the_one_where_her_draught_fell_counts_else_the_longest():
    stops = [wait(after=10, length=14), wait(after=30, length=20), wait(after=60, length=15)]

    fell = alerts(ship(*stops, landed=LEFT + hours(15)))[0]["ended_at"].iloc[0]
    longest = alerts(ship(*stops))[0]["ended_at"].iloc[0]

    assert (fell, longest) == (LEFT + hours(10), LEFT + hours(30))


def test_what_was_typed_at_the_stop_soon_after_the_call_is_read_of_one_of_them_only():
    call = port_call("kp-nampo-coal", LEFT - hours(48), departed_by=LEFT, draught_in_m=6.9)
    grain = events([call], [under_way(call)], draughts=[draught(LEFT + hours(20), 6.9, 3.3)], stops=[wait(after=15)])

    roles = set(alerts(grain)[1]["role"])

    assert "draught_fell" in roles
    assert not roles & {"discharged", "discharged_after_rise"}


def test_a_stop_that_goes_on_says_so():
    evidence = alerts(ship(wait(length=None), then=None))[1].set_index("role")["statement"]

    assert "and was not heard to leave" in evidence["stop_at_sea"]


def test_as_of_a_day_on_which_she_had_not_lain_long_enough_there_was_no_stop():
    happened = ship(wait(), then=None)

    assert alerts(as_known(happened, at("2020-12-11"), LIMITS))[0].empty
    (alert,) = alerts(as_known(happened, at("2020-12-12"), LIMITS))[0].to_dict("records")
    assert alert["known_at"] == at("2020-12-12")


def test_a_voyage_bought_in_has_no_stops_of_ours():
    call = port_call("kp-nampo-coal", LEFT - hours(48))

    assert alerts(events(bought_in([call]), bought_in([under_way(call)]), stops=[wait()]))[0].empty


@pytest.mark.parametrize("silence", [40.0, 6.0])
def test_a_headline_reports_no_stop_that_nobody_heard(silence):
    unheard = ship(then="cn-weihai")
    unheard[PORT_CALL].loc[0, "first_stop_at"] = pd.NaT
    unheard[PORT_CALL].loc[0, ["stopped_hours", "max_silence_hours"]] = [float("nan"), silence]

    heard, not_heard = (alerts(happened)[0]["headline"].iloc[0] for happened in (ship(then="cn-weihai"), unheard))

    assert "AIS-reported a stop at Nampo-Coal" in heard
    assert f"was unheard for {silence:.0f} hours in Nampo-Coal, where AIS reports no stop of hers" in not_heard


def test_before_any_measure_such_a_voyage_is_recorded_only():
    early = ship(wait(), then=None)
    for frame in (early[VOYAGE], early[PORT_CALL], early[STOP], early[DRAUGHT_CHANGE]):
        for name, values in frame.items():
            if getattr(values.dtype, "tz", None) is not None:
                frame[name] = values - pd.Timedelta(days=365 * 6)

    assert find_alerts(early, real_knowledge(), synthetic=False).alerts.empty
    assert len(find_alerts(early, without_law(), synthetic=False).alerts) == 1
