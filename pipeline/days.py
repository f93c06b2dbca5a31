"""UTC days: what a day's data says is known at its end, which is the midnight after it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pandas import DatetimeIndex, Series

    Times = TypeVar("Times", Series, DatetimeIndex)

# Of days that a person may ask about: the weeks and years around such a day can all be counted.
FIRST_YEAR, LAST_YEAR = 1900, 2999


def end_of_day(times: Times) -> Times:
    """The midnight after the UTC day of each time (UTC); midnight itself belongs to the day it begins."""
    from pandas import Timedelta

    moments = getattr(times, "dt", times)
    return moments.floor("D") + Timedelta(days=1)


def day_ended_at(day: date | str) -> datetime:
    """The midnight after a UTC day (a date, or YYYY-MM-DD)."""
    begun = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(begun, time(), UTC) + timedelta(days=1)
