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


def later_that_day(at: Series, by: Series) -> Series:
    """Times (UTC) so much later, but on the same day: it is the data of that day that tells of them."""
    return (at + by).clip(upper=(at.dt.floor("D") + _DAY).where(by > pd.Timedelta(0), at))


def surely_last(ends: DataFrame) -> DataFrame:
    """TRACK_END with the latest moment of each last fix as `at`."""
    return ends.assign(at=ends["at"] + pd.to_timedelta(ends["precision_s"], unit="s"))
