"""Coarse fixes: a place known within a cell and a time known within an hour, among exact ones.

Of one such fix no speed is known. Of several in a row it is, over hours: a ship that stays in cells which touch each
other lay still, and one that leaves them made the way between. Her cell reaches over the edges of zones: a ship that
lies still is in a zone that her cell touches, one that moves in the zone its middle is in, which is then in doubt.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from geo.zones import Zones
from pipeline.limits import CoarseLimits
from pipeline.movement.tracks import STRAY, Fixes

_HOUR_US = 3_600_000_000
_AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
_SPANS = [(-1, 1), (-2, 0), (0, 2), (-1, 0), (0, 1)]  # of fixes about each one, over which her speed is asked


class _Rows(NamedTuple):
    """The coarse fixes of ships, by ship and time; `rows` are theirs in all fixes, `ship` numbers the ships."""

    rows: NDArray[np.int64]
    ship: NDArray[np.int64]
    at: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    blur_m: NDArray[np.int32]

    def span(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Microseconds and metres from one fix to another."""
        places = (self.longitude[first], self.latitude[first], self.longitude[last], self.latitude[last])
        return self.at[last] - self.at[first], distance_m(*places)


def speeds_over_hours(fixes: Fixes, ship: NDArray[np.int16], limits: CoarseLimits) -> NDArray[np.float64]:
    """Speed of each fix, knots: as sent, or of coarse fixes as told over `limits.still_hours` or more of a day, NaN
    where it is not told.

    It is 0 of fixes in a row none of which lies further from the first than two touching cells; else that of the way
    made good from a fix before to a fix after, where these lie further apart than that.

    fixes    by key of `tracks.ship_day`, so that a day is told by itself
    ship     the ship of the day that each belongs to (`tracks.separate_ships`)
    """
    rows = np.flatnonzero((fixes.precision_m > 0) & (ship != STRAY))
    if not len(rows):
        return fixes.sog_kn
    rows = rows[np.lexsort((fixes.at[rows], ship[rows], fixes.mmsi[rows]))]
    number = np.r_[0, np.cumsum((np.diff(fixes.mmsi[rows]) != 0) | (np.diff(ship[rows]) != 0))]
    places = (fixes.longitude[rows], fixes.latitude[rows], fixes.precision_m[rows])
    coarse = _Rows(rows, number, fixes.at[rows], *places)
    least = round(limits.still_hours * _HOUR_US)
    speed = fixes.sog_kn.copy()
    speed[rows] = np.where(_still(coarse, least), 0.0, _made_good(coarse, least))
    return speed


def _still(coarse: _Rows, least: int) -> NDArray[np.bool_]:
    """Which fixes belong to a row of fixes, that long, of a ship that stayed in cells touching that of the first."""
    count = len(coarse.at)
    begun = np.zeros(count + 1, dtype=np.int64)  # rows begun less rows ended
    first = np.arange(count)
    for step in range(1, count):  # as many turns as a ship has fixes in that time
        first = first[first + step < count]
        first = first[coarse.ship[first] == coarse.ship[first + step]]
        long, away = coarse.span(first, first + step)
        near = away <= coarse.blur_m[first] + coarse.blur_m[first + step]
        enough = near & (long >= least)
        np.add.at(begun, first[enough], 1)
        np.add.at(begun, first[enough] + step + 1, -1)
        first = first[near & ~enough]
        if not len(first):
            break
    return begun.cumsum()[:-1] > 0


def _made_good(coarse: _Rows, least: int) -> NDArray[np.float64]:
    """Knots made good about each fix; NaN where no span about it is that long, or leads further than cells may lie
    apart of a ship that lies still."""
    count = len(coarse.at)
    knots, asked = np.full(count, np.nan), np.arange(count)
    for before, after in _SPANS:
        inside = asked[(asked + before >= 0) & (asked + after < count)]
        first, last = inside + before, inside + after
        long, away = coarse.span(first, last)
        fits = (coarse.ship[first] == coarse.ship[last]) & (long >= least)
        moved = away > coarse.blur_m[first] + coarse.blur_m[last]
        told = np.where(moved, away / METRES_PER_NM / (np.maximum(long, 1) / _HOUR_US), np.nan)
        knots[inside[fits]] = told[fits]
        asked = np.setdiff1d(asked, inside[fits])
    return knots


def zones_of_cells(
    fixes: Fixes, ship: NDArray[np.int16], speed_kn: NDArray[np.float64], zone: NDArray[np.int16], zones: Zones
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """The zone of each fix, and where it is in doubt: of coarse ones, whose cells reach over the edges of zones.

    One that lies still is in the port, basin or anchorage of the exact fixes of that day before and after it, where its
    cell touches that; else in the zone in which most of the fixes do that lie still with it, by the middles of their
    cells, or, if these are in no port, basin or anchorage, by what else their cells touch. One that moves is in the
    zone of the middle.

    speed_kn  as `speeds_over_hours` gives it
    zone      innermost zone code of each fix, -1 at sea
    """
    doubt = np.zeros(len(zone), dtype=bool)
    rows = np.flatnonzero((fixes.precision_m > 0) & (ship != STRAY))
    if not len(rows):
        return zone, doubt
    rows = rows[np.lexsort((fixes.at[rows], ship[rows], fixes.mmsi[rows]))]
    half = fixes.precision_m[rows] / np.sqrt(2) / METRES_PER_NM / 60  # degrees
    x, y = fixes.longitude[rows], fixes.latitude[rows]
    around = np.stack([zone[rows], *(zones.locate(x + east * half, y + north * half) for east, north in _AROUND)])
    call = pd.factorize(zones.frame["call_zone_id"])[0]  # -1: none
    port = np.append(np.where(zones.is_margin, -2 - call, call), -1)  # a margin is a place of its own
    still = speed_kn[rows] == 0
    chosen = np.where(still, _of_rest(fixes, ship, rows, still, around, port), around[0]).astype(np.int16)
    zone = zone.copy()
    zone[rows] = chosen
    doubt[rows] = np.where(still, port[chosen] != port[around[0]], (port[around] != port[around[0]]).any(axis=0))
    exact = _of_exact(fixes, ship, rows, zone, port)
    known = still & (port[exact] >= 0) & (port[around] == port[exact]).any(axis=0)
    zone[rows[known]], doubt[rows[known]] = exact[known], False
    return zone, doubt


def _of_exact(
    fixes: Fixes, ship: NDArray[np.int16], rows: NDArray[np.int64], zone: NDArray[np.int16], port: NDArray[np.int64]
) -> NDArray[np.int16]:
    """For each coarse fix the zone of the exact fixes of its ship and day just before and after it: of the one where
    there is no other, and -1 where there is none or the two are in different places."""
    exact = np.flatnonzero((fixes.precision_m == 0) & (ship != STRAY) & np.isin(fixes.mmsi, fixes.mmsi[rows]))
    both = np.concatenate([rows, exact])
    order = np.lexsort((fixes.at[both], ship[both], fixes.mmsi[both]))
    both, count = both[order], len(both)
    place, is_exact = np.arange(count), order >= len(rows)
    before = np.maximum.accumulate(np.where(is_exact, place, -1))
    after = np.minimum.accumulate(np.where(is_exact, place, count)[::-1])[::-1]
    found = []
    for beside in (before, after):
        other = both[np.clip(beside, 0, count - 1)]
        same = (beside >= 0) & (beside < count) & (fixes.mmsi[other] == fixes.mmsi[both]) & (ship[other] == ship[both])
        found.append(np.where(same, zone[other], -2))
    one, two = (np.where(of_one == -2, of_other, of_one) for of_one, of_other in (found, found[::-1]))
    told = np.where((one >= 0) & (two >= 0) & (port[one] == port[two]), one, -1).astype(np.int16)
    by_row = np.empty(count, dtype=np.int16)
    by_row[order] = told
    return by_row[: len(rows)]


def _of_rest(
    fixes: Fixes,
    ship: NDArray[np.int16],
    rows: NDArray[np.int64],
    still: NDArray[np.bool_],
    around: NDArray[np.int16],
    port: NDArray[np.int64],
) -> NDArray[np.int64]:
    """For each fix that lies still the zone that most of those in a row with it lie in or touch; the middle of a cell
    counts for more than all else of it, and a zone that is a call's for more than one that is none."""
    begins = (np.diff(fixes.mmsi[rows]) != 0) | (np.diff(ship[rows]) != 0) | ~still[1:] | ~still[:-1]
    rest = np.cumsum(np.r_[True, begins]) - 1
    votes = DataFrame(
        {"rest": np.tile(rest, len(around)), "zone": around.ravel(), "weight": np.repeat([9] + [1] * 8, len(rows))}
    )
    votes = votes.groupby(["rest", "zone"], as_index=False)["weight"].sum()
    votes["call"] = port[votes["zone"].to_numpy()] >= 0
    votes = votes.sort_values(["rest", "call", "weight", "zone"], ascending=[True, False, False, True])
    return votes.drop_duplicates("rest")["zone"].to_numpy(np.int64)[rest]
