"""What holds of each run and silence of a track: the port it counts for, whether she lies stopped, her draught,
who heard her last."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.events.locks import unheard_at_lock
from pipeline.limits import Limits

_AT_SEA, _IN_MARGIN = -1, -2


def with_call(steps: DataFrame, before: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """Set `call_zone_id`: a ship is in a port from entering it until she has left its margin.

    A stretch in a margin, or in the lock that is the only way into a port, counts for that port if the fix before
    the stretch did. Who comes to such a lock from outside, is unheard for long enough (`events.locks`), and is then
    heard there or outside again, was inside between: the silence counts for the port, and so does what follows it at
    the lock. A silence counts for the port that both its ends count for, unless it is longer than
    `limits.voyage.longest_silence_hours`.
    """
    codes = {zone_id: code for code, zone_id in enumerate(zones["zone_id"])}
    call_of = zones["call_zone_id"].map(codes).fillna(_AT_SEA).astype("int64").set_axis(zones["zone_id"])
    locks = set(zones.loc[(zones["kind"] == "lock") & zones["call_zone_id"].notna(), "zone_id"])
    margins = locks | set(zones.loc[zones["kind"] == "margin", "zone_id"])

    sound = (steps["motion"] != "silence").to_numpy()
    rows = steps[sound]
    own = rows["zone_id"].map(call_of).fillna(_AT_SEA).to_numpy("int64")
    known = np.where(rows["zone_id"].isin(margins), _IN_MARGIN, own)
    carried = rows["carried"].to_numpy()
    known[carried] = before.loc[before["at"].notna(), "call_zone_id"].map(codes).fillna(_AT_SEA)

    margin = known == _IN_MARGIN
    previous = np.where(rows["first"], _AT_SEA, np.r_[_AT_SEA, known[:-1]])
    begins = margin & ((previous != _IN_MARGIN) | (own != np.r_[_AT_SEA, own[:-1]]))
    lock = rows["zone_id"].isin(locks).to_numpy()
    locked = np.r_[_AT_SEA, np.where(lock, own, _AT_SEA)[:-1]]  # the port whose lock the fix before was in
    locked[rows["first"]] = _AT_SEA
    locked[~unheard_at_lock(rows, limits)] = _AT_SEA
    back = lock & (locked == own)
    begins |= back
    stretch = np.maximum.accumulate(np.where(begins | ~margin, np.arange(len(rows)), 0))
    label = np.where(begins, np.where((previous == own) | back, own, _AT_SEA), known)[stretch]
    gone = (locked != own) & (np.r_[_AT_SEA, label[:-1]] == _AT_SEA)
    behind = np.full(len(steps), _AT_SEA)  # the enclosed water she was in before a fix
    behind[sound] = np.where(back | gone, locked, _AT_SEA)

    full = np.full(len(steps), _AT_SEA)
    full[sound] = label
    silent = np.flatnonzero(~sound)
    length = (steps["ended_at"] - steps["began_at"]).iloc[silent]
    stays = (full[silent - 1] == full[silent + 1]) & (
        length <= pd.Timedelta(hours=limits.voyage.longest_silence_hours)
    ).to_numpy()
    full[silent] = np.where(behind[silent + 1] >= 0, behind[silent + 1], np.where(stays, full[silent - 1], _AT_SEA))
    names = pd.array([*zones["zone_id"], None], dtype="str")
    return steps.assign(call_zone_id=names.take(np.where(full < 0, len(codes), full)))


def with_stopping(steps: DataFrame, before: DataFrame) -> DataFrame:
    """Set `stopping`: from the first stopped fix until one moves; slow or unknown speeds change nothing."""
    says = steps["motion"].map({"stopped": 1.0, "drifting": 0.0, "under_way": 0.0}).astype("float64")
    was = before["stopping"].astype("float64").fillna(0.0)
    says = says.where(says.notna() | ~steps["first"], was.reindex(steps.index))
    return steps.assign(stopping=says.ffill().astype(bool))


def with_draught(steps: DataFrame, before: DataFrame) -> DataFrame:
    """Set `draught_dm` to the draught in force and `draught_at` to the first time it was seen."""
    own = steps["draught_dm"].astype("float64")
    was = before["draught_dm"].astype("float64").reindex(steps.index)
    value = own.where(own.notna(), was)
    track = steps["first"].cumsum()
    value = value.groupby(track).ffill()
    changed = value.notna() & ((value != value.shift()) | steps["first"])
    at = steps["began_at"].where(changed)
    at = at.where(~(steps["carried"] & (value == was)), before["draught_at"].reindex(steps.index))
    return steps.assign(draught_dm=value, draught_at=at.groupby(track).ffill())


def with_receivers(steps: DataFrame) -> DataFrame:
    """Set `last_terrestrial_at` and `last_satellite_at` to the last fix of the track, so far, that each kind heard."""
    track = steps["first"].cumsum()
    names = ["last_terrestrial_at", "last_satellite_at"]
    return steps.assign(**steps[names].groupby(track).ffill())
