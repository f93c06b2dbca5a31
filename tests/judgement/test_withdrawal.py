"""Why an alert was withdrawn, in the words of what AIS shows instead."""

from functools import cache

import pandas as pd
import pytest

from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.cases.events import Events
from pipeline.judgement.withdrawal import explain
from tests.judgement.sea import (
    LISTED_COAL_SHIP,
    direct_call,
    events,
    hours,
    knowing,
    port_call,
    voyage,
    without_law,
)

knowledge = cache(without_law)


def reason(before: Events, after: Events) -> str:
    """Why the one alert of before is no longer there."""
    (alert,) = find_alerts(before, knowledge(), synthetic=False).alerts.to_dict("records")
    found = find_alerts(after, knowledge(), synthetic=False).alerts
    assert alert["alert_id"] not in set(found["alert_id"])
    return explain(pd.DataFrame([alert]), after, found, knowledge())[alert["alert_id"]]


def test_a_voyage_that_now_ends_elsewhere():
    calls, voyages = direct_call("2020-12-10")
    elsewhere = port_call("kp-haeju", calls[0]["departed_by"] + hours(10))
    moved = voyage(calls[0], elsewhere, voyage_id=voyages[0]["voyage_id"])

    said = reason(events(calls, voyages), events([calls[0], elsewhere], [moved]))

    assert said.startswith(
        "The voyage it rested on is now a voyage from Nampo-Coal that ended at Haeju on 2020-12-10 10:"
    )
    assert 'no match of the pattern "Voyage from a North Korean coal port' in said


def test_a_voyage_that_has_not_ended_any_more():
    calls, voyages = direct_call()
    under_way = voyages[0] | dict.fromkeys(n for n in voyages[0] if n.startswith("destination") or n == "arrived_at")

    assert "that has not ended" in reason(events(calls, voyages), events(calls[:1], [under_way]))


def test_a_voyage_that_became_another():
    calls, voyages = direct_call("2020-12-10")

    said = reason(events(calls, voyages), events(calls, [voyage(*calls)]))

    assert said.startswith("The voyage it rested on is no longer what AIS shows. In its time the ship now has a voyage")


def test_a_ship_that_was_not_there():
    happened = events(*direct_call())

    assert reason(happened, events([])).endswith("In its time the ship now has no voyage.")


def test_a_call_that_a_voyage_now_covers():
    calls, voyages = direct_call()
    ship = {"imo": LISTED_COAL_SHIP}

    said = reason(events(calls[1:], **ship), events(calls, voyages, **ship))

    assert said.startswith("The port call it rested on is now a call at Dalian from")
    assert "(direct-call) covers it and says more." in said


def test_a_pattern_that_is_gone():
    patterns = knowledge().patterns
    fewer = {name: pattern for name, pattern in patterns.entries.items() if name != "direct-call"}
    happened = events(*direct_call())
    gone = find_alerts(happened, knowledge(), synthetic=False).alerts
    without = knowing(knowledge(), patterns=type(patterns)(patterns.frame, fewer, patterns.hash))

    (said,) = explain(gone, happened, gone.iloc[:0], without).values()

    assert said == "The pattern direct-call is no longer in force."


@pytest.mark.parametrize("word", ["smuggl", "late data"])
def test_a_reason_accuses_nobody_and_guesses_no_cause(word):
    assert word not in reason(events(*direct_call()), events([])).lower()


def test_a_voyage_against_which_no_measure_stands_any_more():
    calls, voyages = direct_call("2018-06-01")
    happened = events(calls, voyages)
    alert = find_alerts(happened, knowledge(), synthetic=False).alerts

    (said,) = explain(alert, happened, alert.iloc[:0], knowledge(), {voyages[0]["voyage_id"]}).values()

    assert "No measure in force that day forbids" in said
    assert "no match of the pattern" not in said
