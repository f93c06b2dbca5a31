"""Runs: a ship's day compressed to one row per stay, leg or silence, so that days can be joined exactly.

A run is a maximal stretch of consecutive fixes with the same memoryless state: innermost zone, motion class, draught in
force, precision. It also ends where two fixes lie further apart than `limits.break_hours`; that hole is a row of its
own, a silence. All aggregates are integers or first and last fixes, and the leg that joins two runs belongs to the
later one, so for every split in time of one ship's fixes

    compress(a + b) == stitch([compress(a), compress(b)])

holds exactly, and `stitch` is associative. Days may therefore be compressed in any order and joined when needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import distance_m
from pipeline.contracts import RECEIVERS, RUN
from pipeline.limits import RunLimits

MOTIONS = ("stopped", "slow", "drifting", "under_way", "unknown", "silence")
_UNKNOWN, _SILENCE = MOTIONS.index("unknown"), MOTIONS.index("silence")
NO_DRAUGHT = -1
_PRECISION = ("precision_m", "precision_s")
_TERRESTRIAL, _SATELLITE = RECEIVERS.index("terrestrial"), RECEIVERS.index("satellite")
_NEVER = np.iinfo(np.int64).min  # what a null time is in microseconds


class ShipFixes(NamedTuple):
    """Fixes of ships as arrays, sorted by MMSI, ship, time, then content; equal lengths.

    mmsi int64 · ship int16 · at int64 microseconds (UTC) · longitude, latitude float64 degrees ·
    sog_kn float64 knots, NaN if not sent · zone int16 code, -1 at sea · draught_dm int16, -1 unknown ·
    receiver int8, index into contracts.RECEIVERS · precision_m, precision_s int32, 0: as exact as AIS is
    """

    mmsi: NDArray[np.int64]
    ship: NDArray[np.int16]
    at: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    sog_kn: NDArray[np.float64]
    zone: NDArray[np.int16]
    draught_dm: NDArray[np.int16]
    receiver: NDArray[np.int8]
    precision_m: NDArray[np.int32]
    precision_s: NDArray[np.int32]


def compress(fixes: ShipFixes, zone_ids: list[str], limits: RunLimits) -> DataFrame:
    """Compress fixes to runs and silences.

    zone_ids  zone code to zone_id
    returns   RUN, sorted by mmsi, ship and time; a silence stands between the runs it parts
    """
    count = len(fixes.at)
    if not count:
        return RUN.empty()
    same = np.zeros(count, dtype=bool)
    same[1:] = (fixes.mmsi[1:] == fixes.mmsi[:-1]) & (fixes.ship[1:] == fixes.ship[:-1])
    leg = np.zeros(count, dtype=np.int64)
    leg[1:] = _leg_m(fixes.longitude[:-1], fixes.latitude[:-1], fixes.longitude[1:], fixes.latitude[1:])
    hole = same.copy()
    hole[1:] &= np.diff(fixes.at) > _break_us(limits)
    speed_mkn = _milli_knots(fixes.sog_kn)
    motion = _motion(speed_mkn, limits)

    starts = ~same | hole
    for state in (fixes.zone, motion, fixes.draught_dm, fixes.precision_m, fixes.precision_s):
        starts[1:] |= state[1:] != state[:-1]
    first = np.flatnonzero(starts)
    last = np.r_[first[1:], count] - 1
    spoken = speed_mkn >= 0

    runs = _frame(
        mmsi=fixes.mmsi[first],
        ship=fixes.ship[first],
        motion=motion[first],
        zone=fixes.zone[first],
        draught_dm=fixes.draught_dm[first],
        began=fixes.at[first],
        ended=fixes.at[last],
        first_longitude=fixes.longitude[first],
        first_latitude=fixes.latitude[first],
        last_longitude=fixes.longitude[last],
        last_latitude=fixes.latitude[last],
        fixes=last - first + 1,
        distance_m=np.add.reduceat(np.where(same & ~hole, leg, 0), first),
        speed_sum_mkn=np.add.reduceat(np.where(spoken, speed_mkn, 0), first),
        speeds=np.add.reduceat(spoken, first, dtype=np.int64),
        last_terrestrial=_last_heard(fixes, _TERRESTRIAL, first),
        last_satellite=_last_heard(fixes, _SATELLITE, first),
        precision_m=fixes.precision_m[first],
        precision_s=fixes.precision_s[first],
        zone_ids=zone_ids,
    )
    on = np.flatnonzero(hole)
    silences = _silences(
        fixes.mmsi[on],
        fixes.ship[on],
        (fixes.at[on - 1], fixes.longitude[on - 1], fixes.latitude[on - 1]),
        (fixes.at[on], fixes.longitude[on], fixes.latitude[on]),
        leg[on],
        tuple(blur[on - 1] + blur[on] for blur in (fixes.precision_m, fixes.precision_s)),
        zone_ids,
    )
    return _interleave(runs, silences, np.searchsorted(first, on))


def stitch(parts: Sequence[DataFrame], limits: RunLimits) -> DataFrame:
    """Join runs of the same ships, all of a part after all of the parts before it; associative (see the module).

    parts    RUN, sorted as `compress` gives it; ships are the same where mmsi and ship are
    returns  RUN, sorted the same way
    """
    filled = [part for part in parts if len(part)] or list(parts[:1])
    if len(filled) < 2:
        return filled[0].reset_index(drop=True)
    runs = pd.concat(filled, ignore_index=True)
    part = np.repeat(np.arange(len(filled)), [len(one) for one in filled])
    order = np.lexsort((part, runs["ship"], runs["mmsi"]))
    runs, part = runs.take(order).reset_index(drop=True), part[order]
    same = (runs["mmsi"].diff() == 0).to_numpy() & (runs["ship"].diff() == 0).to_numpy()
    seam = np.flatnonzero(same[1:] & (part[1:] != part[:-1])) + 1
    if not len(seam):
        return runs

    before, after = runs.iloc[seam - 1], runs.iloc[seam]
    leg = _leg_m(
        before["last_longitude"].to_numpy(),
        before["last_latitude"].to_numpy(),
        after["first_longitude"].to_numpy(),
        after["first_latitude"].to_numpy(),
    )
    ended, began = _micros(before["ended_at"]), _micros(after["began_at"])
    hole = began - ended > _break_us(limits)
    joined = ~hole & _same_state(before, after)

    distance = runs["distance_m"].to_numpy(copy=True)
    distance[seam[~hole]] += leg[~hole]
    runs["distance_m"] = distance
    silences = _silences(
        before["mmsi"].to_numpy()[hole],
        before["ship"].to_numpy()[hole],
        (ended[hole], before["last_longitude"].to_numpy()[hole], before["last_latitude"].to_numpy()[hole]),
        (began[hole], after["first_longitude"].to_numpy()[hole], after["first_latitude"].to_numpy()[hole]),
        leg[hole],
        tuple((before[name].to_numpy() + after[name].to_numpy())[hole] for name in _PRECISION),
        [],
    )
    at = seam[hole] - np.searchsorted(seam[joined], seam[hole])
    return _interleave(_merged(runs, seam[joined]), silences, at)


def _merged(runs: DataFrame, rows: NDArray[np.int64]) -> DataFrame:
    """Each of `rows` added to the row before it, which may itself be added to the one before."""
    if not len(rows):
        return runs
    kept = np.ones(len(runs), dtype=bool)
    kept[rows] = False
    first = np.flatnonzero(kept)
    last = np.r_[first[1:], len(runs)] - 1
    merged = runs.take(first).reset_index(drop=True)
    for column in ("fixes", "distance_m", "speed_sum_mkn", "speeds"):
        merged[column] = np.add.reduceat(runs[column].to_numpy(), first)
    for column in ("ended_at", "last_longitude", "last_latitude"):
        merged[column] = runs[column].take(last).array
    for column in ("last_terrestrial_at", "last_satellite_at"):
        merged[column] = _times(np.maximum.reduceat(_micros(runs[column]), first))
    return merged


def _same_state(before: DataFrame, after: DataFrame) -> NDArray[np.bool_]:
    same = np.ones(len(before), dtype=bool)
    for column in ("motion", "zone_id", "draught_dm", *_PRECISION):
        a, b = before[column].reset_index(drop=True), after[column].reset_index(drop=True)
        same &= ((a == b).fillna(False) | (a.isna() & b.isna())).to_numpy(dtype=bool)
    return same


def _interleave(runs: DataFrame, silences: DataFrame, before_run: NDArray[np.int64]) -> DataFrame:
    """Put silence i before the run at position `before_run[i]`."""
    if not len(silences):
        return runs
    order = np.r_[np.arange(len(runs)) * 2 + 1, np.asarray(before_run) * 2].argsort(kind="stable")
    return pd.concat([runs, silences], ignore_index=True).iloc[order].reset_index(drop=True)


def _silences(
    mmsi: NDArray[np.int64],
    ship: NDArray[np.int16],
    off: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]],
    on: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]],
    leg: NDArray[np.int64],
    precision: tuple[NDArray[np.integer], ...],
    zone_ids: list[str],
) -> DataFrame:
    """Silence rows from the last fix before (`off`: time, longitude, latitude) to the first after (`on`); `precision`
    of both together, metres and seconds."""
    none = np.full(len(mmsi), -1, dtype=np.int16)
    zero = np.zeros(len(mmsi), dtype=np.int64)
    never = np.full(len(mmsi), _NEVER)
    return _frame(
        mmsi=mmsi,
        ship=ship,
        motion=np.full(len(mmsi), _SILENCE, dtype=np.int8),
        zone=none,
        draught_dm=none,
        began=off[0],
        ended=on[0],
        first_longitude=off[1],
        first_latitude=off[2],
        last_longitude=on[1],
        last_latitude=on[2],
        fixes=zero,
        distance_m=leg,
        speed_sum_mkn=zero,
        speeds=zero,
        last_terrestrial=never,
        last_satellite=never,
        precision_m=precision[0],
        precision_s=precision[1],
        zone_ids=zone_ids,
    )


def _frame(
    *,
    motion: NDArray[np.int8],
    zone: NDArray[np.int16],
    draught_dm: NDArray[np.int16],
    began: NDArray[np.int64],
    ended: NDArray[np.int64],
    last_terrestrial: NDArray[np.int64],
    last_satellite: NDArray[np.int64],
    zone_ids: list[str],
    **columns: NDArray[np.generic],
) -> DataFrame:
    names = pd.array([*zone_ids, None], dtype="str")
    frame = DataFrame(columns)
    frame["motion"] = pd.array(MOTIONS, dtype="str").take(motion)
    frame["zone_id"] = names.take(np.where(zone < 0, len(zone_ids), zone))
    frame["draught_dm"] = pd.array(np.where(draught_dm < 0, 0, draught_dm), dtype="Int64")
    frame.loc[draught_dm < 0, "draught_dm"] = pd.NA
    frame["began_at"] = pd.to_datetime(began, unit="us", utc=True).as_unit("us")
    frame["ended_at"] = pd.to_datetime(ended, unit="us", utc=True).as_unit("us")
    frame["last_terrestrial_at"] = _times(last_terrestrial)
    frame["last_satellite_at"] = _times(last_satellite)
    return RUN.conform(frame)


def _leg_m(*degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(distance_m(*degrees)).astype(np.int64)


def _last_heard(fixes: ShipFixes, receiver: int, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds of the last fix of each run that this kind of receiver heard; _NEVER where none did."""
    heard = fixes.receiver == receiver
    if not heard.any():
        return np.full(len(first), _NEVER)
    return np.maximum.reduceat(np.where(heard, fixes.at, _NEVER), first)


def _times(micros: NDArray[np.int64]) -> pd.DatetimeIndex:
    return pd.to_datetime(micros.view("datetime64[us]"), utc=True)


def _break_us(limits: RunLimits) -> int:
    return round(limits.break_hours * 3.6e9)


def _micros(times: pd.Series) -> NDArray[np.int64]:
    return times.to_numpy("datetime64[us]").astype(np.int64)


def _milli_knots(sog_kn: NDArray[np.float64]) -> NDArray[np.int64]:
    """Speeds in milli-knots, -1 where none was sent."""
    return np.where(np.isnan(sog_kn), -1, np.rint(np.nan_to_num(sog_kn) * 1000)).astype(np.int64)


def _motion(speed_mkn: NDArray[np.int64], limits: RunLimits) -> NDArray[np.int8]:
    """Index into MOTIONS: stopped at or below `stopped_kn`, moving from `moving_kn`, under way from `drifting_kn`."""
    bounds = [round(limits.stopped_kn * 1000) + 1, round(limits.moving_kn * 1000), round(limits.drifting_kn * 1000)]
    motion = np.searchsorted(bounds, speed_mkn, side="right").astype(np.int8)
    motion[speed_mkn < 0] = _UNKNOWN
    return motion
