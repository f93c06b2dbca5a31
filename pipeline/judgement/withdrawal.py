"""Why an alert no longer stands: what AIS now shows in place of what it rested on, in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from pipeline.contracts import OURS
from pipeline.ids import deterministic_ids
from pipeline.judgement.cases.registry import kinds
from pipeline.judgement.patterns import Pattern

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.alerts import Knowledge
    from pipeline.judgement.cases.events import Events

_MOST_NAMED = 3  # of what happened in its place


def explain(
    gone: DataFrame, events: Events, found: DataFrame, knowledge: Knowledge, recorded: Collection[str] = ()
) -> dict[str, str]:
    """A reason for each alert that is to be withdrawn.

    gone     ALERT: alerts that stood until now
    events   all events of their ships as they are now
    found    ALERT without lifecycle columns: the alerts that stand now
    recorded ids of the events of which only the law's answer is kept
    returns  reasons by alert_id
    """
    happened = {name: kind.happened(events, knowledge.zones) for name, kind in kinds().items()}
    reasons = {}
    for alert in gone.to_dict("records"):
        pattern = knowledge.patterns.entries.get(alert["pattern_id"])
        if pattern is None:
            reasons[alert["alert_id"]] = f"The pattern {alert['pattern_id']} is no longer in force."
            continue
        rows = happened[pattern.event]
        rows = rows[rows["mmsi"] == alert["mmsi"]]
        sentences = _sentences(alert, pattern, rows, found[found["mmsi"] == alert["mmsi"]], recorded)
        reasons[alert["alert_id"]] = " ".join(sentences)
    return reasons


def _sentences(
    alert: dict[Any, Any], pattern: Pattern, events: DataFrame, found: DataFrame, recorded: Collection[str]
) -> Iterable[str]:
    """What became of one alert's event, and what happened in its time.

    events  of the ship and of the pattern's kind, as `Kind.happened` gives them
    found   alerts of the ship that stand now
    """
    kind = pattern.event.replace("_", " ")
    alert_ids = deterministic_ids("alert", [pattern.pattern_id] * len(events), events["event_id"])
    own = events[[alert_id == alert["alert_id"] for alert_id in alert_ids]]
    covering = found[found["pattern_id"].isin(pattern.unless) & _overlaps(found["began_at"], found["ended_at"], alert)]
    if len(own):
        yield f"The {kind} it rested on is now {own['said'].iat[0]}."
        ours = found[_same_from_our_positions(alert, own, found)]
        for alert_id in ours["alert_id"]:
            yield f"Our own positions show it too; alert {alert_id} reports it from them."
        if own["event_id"].isin(recorded).any():
            yield "No measure in force that day forbids, caps, suspends or conditions it; the law's answer is recorded."
        elif covering.empty and ours.empty:
            yield f'That is no match of the pattern "{pattern.title}" as it stands.'
    else:
        yield f"The {kind} it rested on is no longer what AIS shows."
        others = events[_overlaps(events["from_at"], events["to_at"], alert)].sort_values("from_at")
        said = others["said"].head(_MOST_NAMED)
        yield (
            f"In its time the ship now has {' and '.join(said)}."
            if len(said)
            else f"In its time the ship now has no {kind}."
        )
    for alert_id, by in zip(covering["alert_id"], covering["pattern_id"], strict=True):
        yield f"Alert {alert_id} ({by}) covers it and says more."


def _same_from_our_positions(alert: dict[Any, Any], own: DataFrame, found: DataFrame) -> Series:
    """Which alerts report from our own positions what the alert reported from a provider's event, as bool."""
    of_provider = (own["source"] != OURS).any()
    same = found["pattern_id"] == alert["pattern_id"]  # the hull may be another one since
    return same & _overlaps(found["began_at"], found["ended_at"], alert) & of_provider


def _overlaps(from_at: Series, to_at: Series, alert: dict[Any, Any]) -> Series:
    return (from_at <= alert["ended_at"]) & (to_at.isna() | (to_at >= alert["began_at"]))
