"""The quality gate: which UTC days are fit to be published, judged from what has landed.

Four checks of a day, each against the habit of what came before it:

    coverage          fixes of all sources, against the same weekdays before
    source_coverage   fixes of one source, likewise
    rejects           share of rows rejected in a source's files, against the files before
    layout            columns of a source's files, against the files before

The checks are a function of the landed data as it is now known, whatever the order in which it came: when a day or file
changes, those that were compared with it are judged again. How old a source is depends on the wall clock, so it is no
check of a day: `stale_sources` tells it when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from pandas import DataFrame

from pipeline.contracts import DAY_CHECK
from pipeline.publish.coverage import check_coverage
from pipeline.publish.file_checks import StandingFiles, check_layouts, check_rejects
from pipeline.publish.promises import Stale, broken_promises, why_not_published
from pipeline.publish.rules import GateRules


def check_days(source_days: DataFrame, files: StandingFiles, rules: GateRules) -> DataFrame:
    """Judge every UTC day of the landed data.

    source_days  SOURCE_DAY
    returns      DAY_CHECK, sorted by key. A day without data has rows only where they fail: there is a habit, and
                 nothing came. The subject of the checks of files is their source; the row tells the worst file of it
    """
    found = [
        check_coverage(source_days, rules.coverage),
        check_rejects(files, rules.rejects),
        check_layouts(files, rules.layout),
    ]
    checks = pd.concat([frame for frame in found if len(frame)] or [DAY_CHECK.empty()])
    return DAY_CHECK.conform(checks.sort_values(list(DAY_CHECK.key)))


def stale_sources(freshness: DataFrame, now: datetime, gone_days: int) -> list[Stale]:
    """Sources that broke their promise, those that are gone among them; generated data promises nothing.

    freshness  source, synthetic, last_data_at (UTC), promise_hours (null: no promise)
    now        wall clock, with time zone
    gone_days  full days without data after the last one, after which a source is gone
    """
    real = freshness[~freshness["synthetic"].astype(bool)].dropna(subset=["last_data_at", "promise_hours"])
    return broken_promises(
        zip(real["source"], real["last_data_at"], real["promise_hours"], strict=True), now, gone_days
    )


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


def reasons_against(day: str, checks: DataFrame, stale: list[Stale]) -> list[str]:
    """Why a day is not published; empty if it is.

    checks  DAY_CHECK of the day
    stale   as `stale_sources` gives it; such a source holds back the days that it has not given, until it is gone
    """
    failed = checks.loc[~checks["passed"]].sort_values(["check_name", "subject"])
    return why_not_published(day, failed["reason"].tolist(), stale, judged=bool(len(checks)))
