"""Creeping: which ships may have been under way side by side, by where each was in every hour she went slowly ahead.

A run under way may be a day long and cross a sea, so runs do not say who kept beside whom. The hours do: ships that
transfer under way make 2 to 6 knots on one course for hours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM
from pipeline.contracts import CREEP
from pipeline.limits import EncounterLimits
from pipeline.movement.coverage import HOUR_US
from pipeline.movement.moments import CURRENT_KN, DEG_M, expand, micros, wrap
from pipeline.movement.runs import ShipFixes

_CELL_DEG = 0.1  # an hour at 6 knots is as long: two ships abreast are in one cell or in neighbours
_AT_ONCE = 1_000_000  # pairs that are compared at once
_NEAR_M = 1000.0  # of two ways that are straight between two fixes; what is near is looked at closely by its fixes


def creeping_hours(fixes: ShipFixes, limits: EncounterLimits) -> DataFrame:
    """The hours in which ships went slowly ahead.

    returns  CREEP, in the order of the fixes
    """
    slow, fast = limits.slow_kn - CURRENT_KN, limits.under_way_kn + CURRENT_KN
    creeps = np.isnan(fixes.sog_kn) | ((fixes.sog_kn >= slow) & (fixes.sog_kn <= fast))
    of = np.flatnonzero(creeps & (fixes.precision_m == 0))  # a cell tells of no two ships that they are abreast
    if not len(of):
        return CREEP.empty()
    mmsi, ship, at = fixes.mmsi[of], fixes.ship[of], fixes.at[of]
    hour = at // HOUR_US
    first = np.flatnonzero(np.r_[True, (mmsi[1:] != mmsi[:-1]) | (ship[1:] != ship[:-1]) | (hour[1:] != hour[:-1])])
    last = np.r_[first[1:], len(of)] - 1
    found = DataFrame({"mmsi": mmsi[first], "ship": ship[first].astype(np.int64)})
    for end, rows in (("first", first), ("last", last)):
        found[f"{end}_at"] = pd.to_datetime(at[rows], unit="us", utc=True).as_unit("us")
        found[f"{end}_longitude"], found[f"{end}_latitude"] = fixes.longitude[of[rows]], fixes.latitude[of[rows]]
    way = _Way(found)
    lasted = way.ended > way.began
    speed = np.hypot(way.east_ms, way.north_ms) * 3600 / METRES_PER_NM
    return CREEP.conform(found[~lasted | ((speed >= slow) & (speed <= fast))])


def abreast(creeps: DataFrame, limits: EncounterLimits) -> DataFrame:
    """Pairs of ships whose ways in an hour were so near each other, and so alike, that they may have been abreast.

    creeps   CREEP, `ship` the number of the track
    returns  mmsi, track, other_mmsi, other_track, hour (number since 1970), each pair once an hour
    """
    way = _Way(creeps)
    if len(creeps) < 2:
        return _pairs(creeps, way, np.empty(0, np.int64), np.empty(0, np.int64))
    column, row = (np.floor(middle / _CELL_DEG).astype(np.int64) for middle in (way.x, way.y))
    column %= round(360 / _CELL_DEG)
    line = (way.began // HOUR_US) * 4096 + row + 2048
    key = line * 8192 + column + 1
    order = np.argsort(key, kind="stable")
    keys, rows = key[order], (line[:, None] + np.array([-1, 0, 1])) * 8192 + column[:, None] + 1
    low = np.searchsorted(keys, rows - 1)
    count = np.searchsorted(keys, rows + 1, side="right") - low
    parts = np.searchsorted(np.cumsum(count.sum(axis=1)), np.arange(0, count.sum(), _AT_ONCE)[1:])
    mmsi, found = creeps["mmsi"].to_numpy(), []
    for of in np.split(np.arange(len(creeps)), parts):
        one, nth = expand(count[of].ravel())
        a, b = of[one // 3], order[low[of].ravel()[one] + nth]
        lesser = mmsi[a] < mmsi[b]
        a, b = a[lesser], b[lesser]
        found.append((a, b, _abreast(way, a, b, limits)))
    near = [(a[alike], b[alike]) for a, b, alike in found]
    return _pairs(creeps, way, np.concatenate([a for a, _ in near]), np.concatenate([b for _, b in near]))


class _Way:
    """Ways in an hour: began, ended (microseconds), x, y (middle, degrees), east_ms, north_ms (metres a second)."""

    def __init__(self, creeps: DataFrame) -> None:
        self.began, self.ended = micros(creeps["first_at"]), micros(creeps["last_at"])
        first_x, first_y, last_x, last_y = (
            creeps[f"{end}_{axis}"].to_numpy() for end in ("first", "last") for axis in ("longitude", "latitude")
        )
        seconds = np.maximum((self.ended - self.began) / 1e6, 1)
        self.x, self.y = first_x + wrap(last_x - first_x) / 2, (first_y + last_y) / 2
        self.metre_east = DEG_M * np.cos(np.radians(self.y))
        self.east_ms = wrap(last_x - first_x) * self.metre_east / seconds
        self.north_ms = (last_y - first_y) * DEG_M / seconds

    def at(self, row: NDArray[np.int64], time: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Metres east and north of the middle at a time, on the way between the two fixes."""
        time = np.clip(time, self.began[row], self.ended[row])
        seconds = (time - (self.began[row] + self.ended[row]) / 2) / 1e6
        return self.east_ms[row] * seconds, self.north_ms[row] * seconds


def _abreast(way: _Way, a: NDArray[np.int64], b: NDArray[np.int64], limits: EncounterLimits) -> NDArray[np.bool_]:
    begin, end = np.maximum(way.began[a], way.began[b]), np.minimum(way.ended[a], way.ended[b])
    middle = (begin + end) // 2
    (east_a, north_a), (east_b, north_b) = way.at(a, middle), way.at(b, middle)
    east = wrap(way.x[b] - way.x[a]) * way.metre_east[a] + east_b - east_a
    north = (way.y[b] - way.y[a]) * DEG_M + north_b - north_a
    unheard_s = np.maximum(begin - end, 0) / 1e6  # between the one's last fix and the other's first
    knot = METRES_PER_NM / 3600
    known = (way.ended[a] > way.began[a]) & (way.ended[b] > way.began[b])
    differ = np.hypot(way.east_ms[a] - way.east_ms[b], way.north_ms[a] - way.north_ms[b]) / knot
    alike = ~known | (differ <= limits.abreast_kn + 2 * CURRENT_KN)
    return alike & (np.hypot(east, north) <= _NEAR_M + (limits.under_way_kn + CURRENT_KN) * knot * unheard_s)


def _pairs(creeps: DataFrame, way: _Way, a: NDArray[np.int64], b: NDArray[np.int64]) -> DataFrame:
    mmsi, ship = creeps["mmsi"].to_numpy(), creeps["ship"].to_numpy()
    return DataFrame(
        {
            "mmsi": mmsi[a], "track": ship[a], "other_mmsi": mmsi[b], "other_track": ship[b],
            "hour": way.began[a] // HOUR_US,
        }
    )  # fmt: skip
