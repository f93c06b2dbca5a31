"""Fixes of a day against the same weekdays before it: was as much heard as usual?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from pipeline.contracts import DAY_CHECK
from pipeline.publish.rules import CoverageRules

ALL = "all"
NO_FIXES = "only events or vessel reports have landed for the day: there are no fixes to compare"


def check_coverage(source_days: DataFrame, rules: CoverageRules) -> DataFrame:
    """Judge the fixes of all sources, and of each, on every day from the first to the last that landed.

    source_days  SOURCE_DAY; days of sources that never gave a fix (providers' events) are judged, but count towards no
                 habit and are never lost
    returns      DAY_CHECK, unsorted: a row for each day with data, and for each without where a habit says there should
                 be some, up to `gone_days` after the last day before it that landed
    """
    if not len(source_days):
        return DAY_CHECK.empty()
    days = source_days["day"].to_numpy("datetime64[D]")
    row = (days - days.min()).astype(np.int64)
    sources, column = np.unique(source_days["source"].to_numpy(str), return_inverse=True)
    fixes = np.zeros((row.max() + 1, len(sources) + 1))  # the last column is of all sources
    landed: NDArray[Any] = np.zeros(fixes.shape, dtype=bool)
    fixes[row, column] = source_days["fixes"]
    landed[row, column] = True
    speaks = np.append((fixes[:, :-1] > 0).any(axis=0), True)  # a source of events alone has no fixes to lose
    without_fixes = np.asarray(landed.any(axis=1) & ~landed[:, speaks].any(axis=1))
    fixes[:, -1], landed[:, -1] = fixes.sum(axis=1), landed[:, speaks].any(axis=1)

    habit, seen = _habit(fixes, rules.weeks)
    known = seen >= rules.least_days
    lost: NDArray[Any] = known & (habit > 0) & (fixes <= rules.lost_share * habit)
    rows = np.arange(len(fixes))[:, None]
    last = np.maximum.accumulate(np.where(landed, rows, -1), axis=0)  # not later: a return loses no days of before
    lost &= rows <= last + rules.gone_days
    reported_anyway = landed.copy()
    reported_anyway[:, -1] |= without_fixes
    at, which = np.nonzero((reported_anyway | lost) & speaks)
    subject = np.append(sources, ALL)[which]
    of_all = which == len(sources)
    checks = DataFrame(
        {
            "day": (days.min() + at).astype(str),
            "check_name": np.where(of_all, "coverage", "source_coverage"),
            "subject": subject,
            "passed": ~lost[at, which],
            "found": fixes[at, which],
            "habit": np.where(known & (landed | lost), habit, np.nan)[at, which],
        }
    )
    return checks.assign(
        reason=[
            NO_FIXES
            if without and passed
            else _reason(passed, fixes_of, usual, weekdays, None if whole else source, rules)
            for passed, fixes_of, usual, weekdays, whole, source, without in zip(
                checks["passed"],
                checks["found"],
                checks["habit"],
                seen[at, which],
                of_all,
                subject,
                without_fixes[at],
                strict=True,
            )
        ]
    )


def _habit(fixes: NDArray[np.float64], weeks: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Median of the same weekdays before each day (rows), and how many there are; those before the first fix of a
    column do not count, those after it without data count 0."""
    heard = fixes > 0
    first = np.where(heard.any(axis=0), heard.argmax(axis=0), len(fixes))
    earlier = np.full((weeks, *fixes.shape), np.inf)
    for week in range(1, weeks + 1):
        if len(fixes) > 7 * week:
            before = np.arange(len(fixes) - 7 * week)[:, None]
            earlier[week - 1, 7 * week :] = np.where(before >= first, fixes[: -7 * week], np.inf)
    seen = np.isfinite(earlier).sum(axis=0)
    earlier.sort(axis=0)
    middle = [np.take_along_axis(earlier, place[None], 0)[0] for place in (np.maximum(seen - 1, 0) // 2, seen // 2)]
    return np.where(seen > 0, sum(middle) / 2, np.nan), seen


def _reason(passed: bool, found: float, habit: float, seen: int, source: str | None, rules: CoverageRules) -> str:
    fixes = f"{found:,.0f} fixes of {source}" if source else f"{found:,.0f} fixes"
    if np.isnan(habit):
        return f"{fixes}; no habit yet ({seen} of at least {rules.least_days} same weekdays before it)"
    against = f"{fixes}; its habit is {habit:,.0f} (median of the {seen} same weekdays before it)"
    return against if passed else f'coverage lost, which is not "no calls": {against}'
