"""False tracks: fixes of a UTC day that no ship can have sent from where they say.

    frozen     one position to the last digit for hours, at a speed that would have left it
    circle     round and round on one circle, as GNSS spoofers draw it; an anchored ship swings without making way
    grid       every position on a lattice of hundredths of a degree, with steps of many of them between
    replayed   the way of a ship under the same MMSI once more, so much later
    clock_off  likewise by whole hours: a clock that is wrong, not a ship

All are told from the fixes of a ship's day alone, and only of ships whose day is odd at a first look, so that a day
costs little more; `out_of_range` finds those that the hearing of others speaks against. They say that positions are not
to be trusted, and nothing of the ship: interference is common near Korea, and where several ships are hit at once it is
told as such (`mark_interference`). Coarse fixes lie on a lattice by nature, and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import POSITION_ANOMALY
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import AnomalyLimits
from pipeline.movement.tracks import STRAY, Fixes, mmsi_of

FALSE_TRACKS = ("frozen", "circle", "grid", "replayed", "clock_off")
_HOUR_US = 3_600_000_000
_MINUTE_US = 60_000_000
_Found = tuple[str, int, int, int]  # kind, first and last row, number of fixes


def find_false_tracks(fixes: Fixes, ship: NDArray[np.int16], limits: AnomalyLimits) -> DataFrame:
    """Find stretches of fixes that no ship can have sent from there.

    fixes    by key of `tracks.ship_day`
    ship     the ship of the day that each belongs to (`tracks.separate_ships`)
    returns  POSITION_ANOMALY of the kinds above
    """
    if len(fixes.at) < 2:
        return POSITION_ANOMALY.empty()
    order = np.lexsort((ship, fixes.mmsi)) if (ship != 1).any() else np.arange(len(ship))
    order = order[(ship[order] != STRAY) & (fixes.precision_m[order] == 0)]
    if not len(order):
        return POSITION_ANOMALY.empty()
    sorted_fixes = Fixes._make(values[order] for values in fixes)
    key, number = sorted_fixes.mmsi, ship[order]
    begin = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (number[1:] != number[:-1])][: len(key)])
    end = np.r_[begin[1:], len(key)]
    found = [
        *_frozen(sorted_fixes, begin, end, limits),
        *_circles(sorted_fixes, begin, end, limits),
        *_grids(sorted_fixes, begin, end, limits),
        *_replays(sorted_fixes, begin, end, limits),
    ]
    return _rows(sorted_fixes, found)


def _frozen(fixes: Fixes, begin: NDArray[np.int64], end: NDArray[np.int64], limits: AnomalyLimits) -> Iterator[_Found]:
    same = (fixes.longitude[1:] == fixes.longitude[:-1]) & (fixes.latitude[1:] == fixes.latitude[:-1])
    same &= (fixes.sog_kn[1:] >= limits.under_way_kn) & (fixes.sog_kn[:-1] >= limits.under_way_kn)
    same[begin[1:] - 1] = False
    if not same.any():
        return
    edges = np.flatnonzero(np.diff(np.r_[0, same.astype(np.int8), 0]))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if fixes.at[last] - fixes.at[first] >= limits.frozen_hours * _HOUR_US:
            yield "frozen", int(first), int(last), int(last - first + 1)


def _circles(fixes: Fixes, begin: NDArray[np.int64], end: NDArray[np.int64], limits: AnomalyLimits) -> Iterator[_Found]:
    """Ships' days within a small box that they sailed round many times, on one radius, turning one way."""
    box = [np.maximum.reduceat(v, begin) - np.minimum.reduceat(v, begin) for v in (fixes.longitude, fixes.latitude)]
    count = end - begin
    fast = np.add.reduceat(np.nan_to_num(fixes.sog_kn) >= limits.under_way_kn, begin)
    small = (box[1] * 60 <= 2 * limits.circle_nm) & (box[1] * 60 >= 0.1) & (count >= limits.circle_fixes)
    small &= (box[0] > 0) & (fast >= limits.circle_fixes)
    for number in np.flatnonzero(small):
        rows = np.arange(begin[number], end[number])
        rows = rows[np.nan_to_num(fixes.sog_kn[rows]) >= limits.under_way_kn]
        x, y = _metres(fixes, rows)
        middle_x, middle_y, radius = _circle_of(x, y)
        away = np.hypot(x - middle_x, y - middle_y)
        if not radius > 0 or np.std(away) > limits.circle_scatter * radius:
            continue
        angle = np.unwrap(np.arctan2(y - middle_y, x - middle_x))
        turns = abs(angle[-1] - angle[0]) / (2 * np.pi)
        steady = np.mean(np.sign(np.diff(angle)) == np.sign(angle[-1] - angle[0]))
        if turns >= limits.circle_turns and steady >= 0.9:
            yield "circle", int(rows[0]), int(rows[-1]), len(rows)


def _metres(fixes: Fixes, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """East and north of the first of some fixes, in metres."""
    x, y = fixes.longitude[rows], fixes.latitude[rows]
    return (x - x[0]) * 60 * METRES_PER_NM * np.cos(np.radians(y[0])), (y - y[0]) * 60 * METRES_PER_NM


def _circle_of(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float]:
    """Middle and radius of the circle nearest to points, by least squares."""
    design = np.column_stack([2 * x, 2 * y, np.ones(len(x))])
    (a, b, c), *_ = np.linalg.lstsq(design, x**2 + y**2, rcond=None)
    return float(a), float(b), float(np.sqrt(max(c + a**2 + b**2, 0.0)))


def _grids(fixes: Fixes, begin: NDArray[np.int64], end: NDArray[np.int64], limits: AnomalyLimits) -> Iterator[_Found]:
    def on_lattice(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        steps = [values[rows] / limits.grid_deg for values in (fixes.longitude, fixes.latitude)]
        return np.asarray((np.abs(steps[0] - np.rint(steps[0])) < 1e-4) & (np.abs(steps[1] - np.rint(steps[1])) < 1e-4))

    likely = (
        on_lattice(begin) & on_lattice(end - 1) & on_lattice((begin + end) // 2) & (end - begin >= limits.grid_fixes)
    )
    for number in np.flatnonzero(likely):
        rows = np.arange(begin[number], end[number])
        places = np.unique(np.column_stack([fixes.longitude[rows], fixes.latitude[rows]]), axis=0)
        if len(places) >= limits.grid_fixes and on_lattice(rows).all():
            yield "grid", int(rows[0]), int(rows[-1]), len(rows)


def _replays(fixes: Fixes, begin: NDArray[np.int64], end: NDArray[np.int64], limits: AnomalyLimits) -> Iterator[_Found]:
    """Two ships of a day on one MMSI of which the later one was where the earlier one was, each time as much later."""
    pairs = np.flatnonzero(fixes.mmsi[begin[1:]] == fixes.mmsi[begin[:-1]])
    for number in pairs:
        ships = [np.arange(begin[n], end[n]) for n in (number, number + 1)]
        own, other = (
            DataFrame(
                {
                    "x": np.rint(fixes.longitude[rows] * 1e5).astype(np.int64),
                    "y": np.rint(fixes.latitude[rows] * 1e5).astype(np.int64), "at": fixes.at[rows], "row": rows,
                }
            ).drop_duplicates(["x", "y"], keep=False)
            for rows in ships
        )  # fmt: skip
        both = own.merge(other, on=["x", "y"], suffixes=("", "_other"))
        if len(both) < limits.replay_fixes:
            continue
        later = both["at_other"] - both["at"]
        offset = later.median()
        fits = (later - offset).abs() <= _MINUTE_US
        if fits.sum() < limits.replay_fixes or abs(offset) < limits.replay_minutes * _MINUTE_US:
            continue
        again = both.loc[fits, "row_other" if offset > 0 else "row"]
        whole = abs(offset / _HOUR_US - round(offset / _HOUR_US)) * 60 <= 1
        yield "clock_off" if whole else "replayed", int(again.min()), int(again.max()), len(again)


def _rows(fixes: Fixes, found: list[_Found]) -> DataFrame:
    if not found:
        return POSITION_ANOMALY.empty()
    kind, first, last, count = (np.array(column) for column in zip(*found, strict=True))
    place = fixes.longitude[first], fixes.latitude[first]
    return stretches(kind, mmsi_of(fixes.mmsi[first]), fixes.at[first], fixes.at[last], *place, count)


def stretches(
    kind: NDArray[np.str_], mmsi: NDArray[np.int64], began: NDArray[np.int64], ended: NDArray[np.int64],
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], fixes: NDArray[np.int64],
) -> DataFrame:  # fmt: skip
    """POSITION_ANOMALY of false stretches of ships' days: first and last fix (microseconds), the first position."""
    began_at, ended_at = (pd.to_datetime(at, unit="us", utc=True).as_unit("us") for at in (began, ended))
    return POSITION_ANOMALY.conform(
        DataFrame(
            {
                "position_anomaly_id": deterministic_ids("position_anomaly", kind, mmsi, began, longitude, latitude),
                "mmsi": mmsi, "kind": kind, "began_at": began_at, "ended_at": ended_at, "longitude": longitude,
                "latitude": latitude, "fixes": fixes, "distance_nm": None, "implied_speed_kn": None, "ships": 1,
                "interference": False,
                "known_at": end_of_day(began_at),
            }
        )
    )  # fmt: skip


def mark_interference(anomalies: DataFrame, limits: AnomalyLimits) -> DataFrame:
    """Set `ships` and `interference`: how many ships had an anomaly on one day within an hour and some miles.

    anomalies  POSITION_ANOMALY of whole UTC days
    """
    if anomalies.empty:
        return anomalies
    rows = anomalies[["mmsi", "known_at", "began_at", "longitude", "latitude"]].assign(
        row=range(len(anomalies)), hour=anomalies["began_at"].dt.floor("h")
    )
    rows["cell"] = np.floor(rows["latitude"])
    near = [
        rows.assign(hour=rows["hour"] + pd.Timedelta(hours=step), cell=rows["cell"] + part)
        for step in (-1, 0, 1)
        for part in (-1, 0, 1)
    ]
    pairs = rows.merge(pd.concat(near), on=["known_at", "hour", "cell"], suffixes=("", "_other"))
    pairs = pairs[(pairs["began_at"] - pairs["began_at_other"]).abs() <= pd.Timedelta(hours=1)]
    places = [pairs[name] for name in ("longitude", "latitude", "longitude_other", "latitude_other")]
    pairs = pairs[distance_m(*places) <= limits.interference_nm * METRES_PER_NM]
    ships = pairs.groupby("row")["mmsi_other"].nunique().reindex(range(len(anomalies)), fill_value=1)
    many = ships.to_numpy("int64")
    return anomalies.assign(ships=many, interference=many >= limits.interference_ships)
