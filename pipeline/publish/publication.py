"""Which days are published, what a run changed of that, and which alerts people are told and asked of because of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

WITHDRAWN = "the alert was withdrawn"
CHANGED = "the evidence of the alert changed"
DECIDED = "it was decided elsewhere"


@dataclass(frozen=True)
class Publication:
    """Whether a UTC day is published, in plain values.

    reasons    why not; empty if it is
    released   days that the last run which changed anything released
    held_back  days that it held back
    stale      sources older than their promise, in sentences
    raised     alert_id of the standing alerts that the day's data established, strongest first
    """

    day: str
    published: bool
    reasons: list[str]
    released: list[str]
    held_back: list[str]
    stale: list[str]
    raised: list[str]


@dataclass(frozen=True)
class HeldDays:
    """Days whose publication is not what it was when the last run ended; `failed` are all checks that failed
    (DAY_CHECK)."""

    released: list[str]
    held_back: list[str]
    failed: DataFrame

    @property
    def changed(self) -> bool:
        """Whether any day's publication changed."""
        return bool(self.released or self.held_back)

    def reasons(self, days: Sequence[str], most: int = 3) -> str | None:
        """Why these days are held back, in a line; None if none of them is."""
        held = self.failed[self.failed["day"].isin(days)].drop_duplicates("day")
        told = [f"{day}: {reason}" for day, reason in zip(held["day"], held["reason"], strict=True)]
        more = f"; and {len(told) - most} more days" if len(told) > most else ""
        return "; ".join(told[:most]) + more or None


def compare_held(checks: DataFrame, before: Collection[str]) -> HeldDays:
    """What became of the days that were held back before, and which are held back anew.

    checks  DAY_CHECK of all landed days
    """
    failed = checks[~checks["passed"]]
    was, now = set(before), set(failed["day"])
    return HeldDays(sorted((was - now) & set(checks["day"])), sorted(now - was), failed)


def alerts_to_tell(
    changed: Iterable[Mapping[str, Any]], published: Iterable[Mapping[str, Any]], released: Collection[str]
) -> list[dict[str, Any]]:
    """Alerts that are new to a reader, changed or withdrawn, each once, strongest first.

    changed    ALERT with day, failed (checks of that day) and fate
    published  likewise, of those that stand on days not held back: new to a reader where their day was released
    returns    of each its `fate`, and whether it is `published`
    """
    found: dict[str, dict[str, Any]] = {}
    of_released = [{**one, "fate": "new"} for one in published if one["day"] in released]
    for one in (*of_released, *changed):
        found.setdefault(one["alert_id"], {**one, "published": one["failed"] == 0})
    return strongest_first(found.values())


def strongest_first(alerts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Alerts in order of score, then of id."""
    return sorted(map(dict, alerts), key=lambda one: (-one["score"], one["alert_id"]))


def why_closed(now: Mapping[str, Any] | None, shown: str, *, decided: bool) -> str | None:
    """Why a person need no longer decide on an alert with the evidence that was put to them; None while they should.

    now      evidence_hash and withdrawn_at of the alert; None if there is none
    shown    evidence_hash that they were asked about
    decided  whether somebody decided on it with that evidence
    """
    if now is None or now["withdrawn_at"]:
        return WITHDRAWN
    if now["evidence_hash"] != shown:
        return CHANGED
    return DECIDED if decided else None
