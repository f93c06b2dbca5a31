"""Sources that are later than promised, and why a day is not published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any


@dataclass(frozen=True)
class Stale:
    """A source that is later than it promises: the days after `last_day` are missing, `due_at` has passed.

    gone  it has given nothing for more than `gone_days`: whether it has ended or failed, it holds nothing back
    """

    source: str
    last_day: str
    promise_hours: float
    due_at: datetime
    gone_days: int
    gone: bool

    def holds_back(self, day: str) -> bool:
        """Whether a UTC day waits for it."""
        return not self.gone and day > self.last_day

    def __str__(self) -> str:
        if self.gone:
            return (
                f"{self.source} is older than its promise and gone: its last data is of {self.last_day}, more than "
                f"{self.gone_days} days ago; it holds nothing back until it comes back"
            )
        return (
            f"{self.source} is older than its promise: its last data is of {self.last_day}, and the next day was due "
            f"by {self.due_at:%Y-%m-%d %H:%M} UTC ({self.promise_hours:g} hours after its end)"
        )


def stale_sources(freshness: Iterable[Mapping[str, Any]], now: datetime, gone_days: int) -> list[Stale]:
    """Sources that broke their promise, those that are gone among them; generated data promises nothing.

    freshness  source, synthetic, last_data_at (ISO, UTC; null: none yet), promise_hours (hours after the end of a day;
               null: no promise)
    now        wall clock, with time zone
    gone_days  full days without data after the last one, after which a source is gone
    """
    stale = []
    for one in freshness:
        if one["synthetic"] or one["last_data_at"] is None or one["promise_hours"] is None:
            continue
        last_at = datetime.fromisoformat(one["last_data_at"])
        last_at = last_at.astimezone(UTC) if last_at.tzinfo else last_at
        last = datetime.combine(last_at.date(), time(), UTC)
        due = last + timedelta(days=2, hours=one["promise_hours"])
        if now > due:
            gone = now >= last + timedelta(days=1 + gone_days)
            stale.append(Stale(one["source"], f"{last:%Y-%m-%d}", one["promise_hours"], due, gone_days, gone))
    return stale


def reasons_against(day: str, checks: Sequence[Mapping[str, Any]], stale: Iterable[Stale]) -> list[str]:
    """Why a UTC day is not published; empty if it is.

    checks  DAY_CHECK of the day, in order of its key
    stale   as `stale_sources` gives it; such a source holds back the days that it has not given, until it is gone
    """
    failed = [one["reason"] for one in checks if not one["passed"]]
    reasons = [*failed, *(str(one) for one in stale if one.holds_back(day))]
    return reasons if checks or reasons else [f"no data of {day} has landed"]
