"""Files of a source against those before them: are as few rows rejected, are the columns the same?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import DAY_CHECK
from pipeline.publish.rules import LayoutRules, RejectRules
from pipeline.state.source_days import days_in_name, of_no_day

_SHOWN = 6


@dataclass(frozen=True)
class StandingFiles:
    """Files that stand and hold rows.

    ordered  SOURCE_FILE, source by source in order of what they hold
    days     source_file_id, day: the days of which each holds data; of one without any, the days in its name
    undated  SOURCE_FILE without data of any day and without a day in its name
    """

    ordered: DataFrame
    days: DataFrame
    undated: DataFrame


def standing_files(files: DataFrame, file_days: DataFrame) -> StandingFiles:
    """Put files in order.

    files      SOURCE_FILE; replaced ones do not count, nor do those of readers whose files are of no day
    file_days  source_file_id, day: the days of which each file holds data
    """
    counts = files["replaced_by_source_file_id"].isna() & (files["rows_read"] > 0)
    standing = files[counts & ~files["source"].isin(of_no_day())]
    held = set(file_days["source_file_id"].to_numpy())
    without = standing[np.array([one not in held for one in standing["source_file_id"].to_numpy()], dtype=bool)]
    named = DataFrame(
        {"source_file_id": without["source_file_id"], "day": [*map(days_in_name, without["name"])]}, dtype="object"
    )
    named = named.explode("day").dropna().astype("str")
    days = pd.concat([file_days, named], ignore_index=True)
    first = pd.to_datetime(standing["source_file_id"].map(days.groupby("source_file_id")["day"].min()), utc=True)
    dated = standing.assign(at=standing["from_at"].fillna(first.dt.as_unit("us")))
    return StandingFiles(
        dated.dropna(subset="at").sort_values(["source", "at", "source_file_id"], ignore_index=True),
        days,
        standing[dated["at"].isna()],
    )


def check_rejects(files: StandingFiles, rules: RejectRules) -> DataFrame:
    """Judge the share of rejected rows of each file against the median of those before it; one of which no row can be
    used fails in any case, unless it is a handful of rows beside files of the source and day that can be used.

    returns  DAY_CHECK, unsorted
    """
    of = files.ordered
    share = of["rejected"] / of["rows_read"]
    before = share.groupby(of["source"]).shift().groupby(of["source"])
    habit = before.rolling(rules.files, min_periods=rules.least_files).median().droplevel(0).sort_index()
    bound = np.maximum(rules.times_habit * habit, rules.least_share)
    useless = of["rejected"] == of["rows_read"]
    many = of["rejected"] >= rules.least_rows
    by_day = _by_day(
        of.assign(bad=many & (useless | (share > bound)), useless=useless, found=share, habit=habit), files
    )
    alone = by_day.groupby(["day", "subject"])["useless"].transform("all")
    worst = _worst(by_day.assign(passed=~(by_day["bad"] | alone)))
    columns = _columns(worst, "name", "rejected", "rows_read", "habit", "passed", "others")
    return worst.assign(check_name="rejects", reason=list(map(_rejects_in_words, *columns)))[DAY_CHECK.names]


def _rejects_in_words(name: str, rejected: int, rows: int, habit: float, passed: bool, others: int) -> str:
    found = f"{rejected:,} of {rows:,} rows of {name} rejected ({rejected / rows:.2%})"
    against = "no habit yet" if np.isnan(habit) else f"the habit of the files before it is {habit:.2%}"
    fault = "" if passed else "none of its rows can be used: " if rejected == rows else "too many rejects: "
    return f"{fault}{found}; {against}{_and(others)}"


def check_layouts(files: StandingFiles, rules: LayoutRules) -> DataFrame:
    """Judge the columns of each file against those that are the habit before it. New columns are held back until more
    than `settled_files` files in a row have them; then they are the habit, and the days that waited are released.

    returns  DAY_CHECK, unsorted
    """
    of = files.ordered[files.ordered["layout"].notna()].reset_index(drop=True)
    if not len(of):
        return DAY_CHECK.empty()
    layout, source = of["layout"], of["source"]
    run = ((layout != layout.shift()) | (source != source.shift())).cumsum()
    first = run == run.groupby(source).transform("min")
    settled = first | (run.groupby(run).transform("size") > rules.settled_files)
    runs = DataFrame({"source": source, "habit": layout.where(settled)}).groupby(run).first()
    usual = run.map(runs.groupby("source")["habit"].shift().groupby(runs["source"]).ffill())
    judged = of.assign(passed=settled | (layout == usual), found=np.nan, habit=np.nan, usual=usual)
    worst = _worst(_by_day(judged, files))
    columns = _columns(worst, "name", "layout", "usual", "passed", "others")
    enough = rules.settled_files + 1
    reasons = [_layout_in_words(enough, *one) for one in zip(*columns, strict=True)]
    return worst.assign(check_name="layout", reason=reasons)[DAY_CHECK.names]


def _layout_in_words(enough: int, name: str, layout: str, usual: str, passed: bool, others: int) -> str:
    if passed:
        return f"the columns of {name} are those of the files around it"
    return (
        f"the columns of {name} changed: {describe_difference(usual.split(','), layout.split(','))}; "
        f"held back until {enough} files in a row have them{_and(others)}"
    )


def describe_difference(before: Sequence[str], after: Sequence[str]) -> str:
    """Which columns were added, removed or moved, like "added speed; removed sog; moved lon, lat"."""
    common = set(before) & set(after)
    places = zip([name for name in before if name in common], [name for name in after if name in common], strict=False)
    changes = {
        "added": [name for name in after if name not in common],
        "removed": [name for name in before if name not in common],
        "moved": [now for then, now in places if then != now],
    }
    parts = [f"{what} {_shortened(names)}" for what, names in changes.items() if names]
    return "; ".join(parts) or "some names are repeated differently"


def _shortened(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(name or "(no name)" for name in names[:_SHOWN]) + more


def _and(others: int) -> str:
    return f" (and {others} more of its files)" if others else ""


def _by_day(judged: DataFrame, files: StandingFiles) -> DataFrame:
    """A row per file and day of it; `subject` is its source."""
    by_day = files.days.merge(judged, on="source_file_id", validate="m:1")
    return by_day.assign(subject=by_day["source"])


def _worst(by_day: DataFrame) -> DataFrame:
    """One row per day and source (`subject`): the file that failed with the largest share, else the one with the
    largest; `others` counts further ones that failed."""
    by_day = by_day.assign(others=0)
    failed = by_day[~by_day["passed"]]
    by_day.loc[failed.index, "others"] = failed.groupby(["day", "subject"])["passed"].transform("size") - 1
    order = ["day", "subject", "passed", "found", "source_file_id"]
    return by_day.sort_values(order, ascending=[True, True, True, False, True]).drop_duplicates(["day", "subject"])


def _columns(frame: DataFrame, *names: str) -> list[Any]:
    """Columns as arrays: Arrow's strings are slow to go through one by one."""
    return [frame[name].to_numpy() for name in names]
