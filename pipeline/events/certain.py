"""What of a silence is certain where the fixes at its ends are coarse: from when on, and until when, she was silent."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame, Series

_DAY = pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)


def surely_silent(steps: DataFrame) -> DataFrame:
    """Runs and silences, each silence from the latest moment of the fix before it to the earliest of the one after.

    steps   RUN; `precision_s` of a silence is that of both its ends, of which each is taken for half. The end stays on
            the day of the fix that tells of it
    """
    silent = steps["motion"] == "silence"
    half = pd.to_timedelta(steps["precision_s"].where(silent, 0) * 500, unit="ms")
    ended = (steps["ended_at"] - half).clip(lower=steps["ended_at"].dt.floor("D").where(silent, steps["ended_at"]))
    return steps.assign(began_at=steps["began_at"] + half, ended_at=ended)


def surely_there(steps: DataFrame) -> tuple[Series, Series]:
    """Of each run the time by which she was surely in it, and the last at which she surely was (UTC): the end of the
    hour of its first fix, and the begin of that of its last. Of a silence these are those of the runs beside it.

    Neither leaves the day, as it is the data of that day that tells of it; and she was in a run before she was in the
    next one of that day, whose hour may be the same.

    steps   RUN and silences in order of track and time, with `first`: the first of its track
    """
    silent = steps["motion"] == "silence"
    known = pd.to_timedelta(steps["precision_s"].where(~silent, 0), unit="s")
    last = steps["ended_at"] - known
    day = steps["began_at"].dt.floor("D")
    first = (steps["began_at"] + known).clip(upper=(day + _DAY).where(known > pd.Timedelta(0), steps["began_at"]))
    coarse = (known > pd.Timedelta(0)).groupby(steps["first"].cumsum()).transform("any") & ~silent
    if coarse.any():
        track = steps["first"].cumsum()[coarse]
        behind = pd.to_timedelta(track.groupby([track, day[coarse]]).cumcount(), unit="s")
        bound = (first[coarse] - behind)[::-1].groupby([track[::-1], day[coarse][::-1]]).cummin() + behind
        first = first.mask(coarse, bound.reindex(first.index)).clip(lower=steps["began_at"])
    return first.where(~silent, first.shift(-1)), last.where(~silent, last.shift())


def surely_last(ends: DataFrame) -> DataFrame:
    """TRACK_END with the latest moment of each last fix as `at`."""
    return ends.assign(at=ends["at"] + pd.to_timedelta(ends["precision_s"], unit="s"))
