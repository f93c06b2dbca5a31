"""Neighbours: who was near whom, by positions at common moments (`reach`: by runs, whose fixes to read).

Two ships are *together* at a moment if both are slow and within `distance_m` at sea, or *beside* each other: no further
apart than the longer of the two is long, with what their fixes scatter. Where ships anchor, in ports, and of craft
whose work it is to lie beside others, only the latter counts. Beside each other at sea they are together under way too,
at up to `under_way_kn` on one course. Costs grow with runs, fixes and pairs of neighbours, never with pairs of ships.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from geo.distance import distance_m
from pipeline.limits import EncounterLimits, Limits
from pipeline.movement.coverage import HOUR_US
from pipeline.movement.moments import (
    ANCHORAGE,
    DEG_M,
    PORT,
    SEA,
    Places,
    expand,
    kinds_of,
    micros,
    number_of,
    places_of,
    wrap,
)

FISHING = 30  # AIS ship type
_DAYS = 1 << 20  # more days than since 1970 for centuries
_AT_ONCE = 400_000  # pairs of places that are compared at once; about 500 bytes of work each
_LON_BITS, _ROW_BITS = 29, 16  # of a place's sort key: millionths of a degree; rows no lower than distance_m


class Said(NamedTuple):
    """What ships reported of themselves on UTC days, by ship and day (one number for both), sorted.

    ship_type: AIS type, -1 unknown; length_m: nan unknown."""

    key: NDArray[np.int64]
    ship_type: NDArray[np.int64]
    length_m: NDArray[np.float64]

    def of(self, ship: NDArray[np.int64], day: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Type and length of ships on days."""
        asked = ship * _DAYS + day
        at = np.searchsorted(self.key, asked)
        at = np.where(np.append(self.key, -1)[at] == asked, at, len(self.key))
        return np.append(self.ship_type, -1)[at], np.append(self.length_m, np.nan)[at]


class Pairs(NamedTuple):
    """Rows of `places` of two ships at one moment, compared: metres between them, whether they are together, and
    whether under way; what each reported to be on the day that decides it."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    metres: NDArray[np.float64]
    together: NDArray[np.bool_]
    under_way: NDArray[np.bool_]
    ship_type: NDArray[np.int64]
    length_m: NDArray[np.float64]
    other_ship_type: NDArray[np.int64]
    other_length_m: NDArray[np.float64]

    def take(self, of: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        return Pairs._make(values[of] for values in self)


class Scene(NamedTuple):
    """Ships, where they were at each moment, and by which rules they are compared."""

    ships: DataFrame
    places: Places
    limits: Limits
    anchorages: KnownAnchorages | None
    kinds: Series
    said: Said

    def find(self, ship: NDArray[np.int64], moment: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row of a ship at a moment in `places`; -1 where it is not known."""
        p = self.places
        if not len(p.ship):
            return np.full(len(ship), -1)
        base, span = p.moment.min(), p.moment.max() - p.moment.min() + 1
        keys = p.ship * span + (p.moment - base)
        inside = (moment >= base) & (moment < base + span)
        asked = np.where(inside, ship * span + (moment - base), -1)
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        return np.where(keys[at] == asked, at, -1)

    def anchored(self, zone_id: Series, longitude: Series, latitude: Series) -> Series:
        """Whether ships anchor there: in an anchorage, or near a known one outside zones."""
        there = zone_id.map(self.kinds) == ANCHORAGE
        if self.anchorages is not None and len(there):
            near = self.anchorages.cells.nearest(longitude, latitude, self.limits.port_call.anchorage_m)
            there |= near.number >= 0
        return there

    def compare(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> Pairs:
        """Pairs of rows of `places`, compared."""
        p, rules = self.places, self.limits.encounter
        metres = distance_m(p.longitude[a], p.latitude[a], p.longitude[b], p.latitude[b])
        day = np.maximum(p.known[a], p.known[b]) // (24 * HOUR_US)
        one, other = self.said.of(p.ship[a], day), self.said.of(p.ship[b], day)
        longest = np.fmax(one[1], other[1])
        works = serves(*one, rules) | serves(*other, rules) | ((one[0] == FISHING) & (other[0] == FISHING))
        place = np.maximum(p.place[a], p.place[b])
        slow = p.slow[a] & p.slow[b]
        moored = place == PORT  # side by side in a port is a berth: of that both calls are told, and no pair of ships
        beside = metres <= np.where(np.isnan(longest), rules.alongside_m, beside_m(longest, rules))
        together = slow & ~moored & (beside | ((place == SEA) & ~works & (metres <= rules.distance_m)))
        if self.anchorages is not None:
            asked = np.flatnonzero(together & ~beside)
            spots = np.round(np.stack([p.longitude[a[asked]], p.latitude[a[asked]]], axis=1), 3)  # 100 m
            spots, which = np.unique(spots, axis=0, return_inverse=True)
            near = self.anchorages.cells.nearest(spots[:, 0], spots[:, 1], self.limits.port_call.anchorage_m)
            together[asked[near.number[which.ravel()] >= 0]] = False
        under_way = ~slow & p.creeps[a] & p.creeps[b] & (place == SEA) & (metres <= beside_m(longest, rules))
        of = np.flatnonzero(under_way)
        under_way[of] = self._abreast(a[of], b[of], longest[of])
        return Pairs(a, b, metres, together | under_way, under_way, *one, *other)

    def _abreast(self, a: NDArray[np.int64], b: NDArray[np.int64], longest: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether ships under way are on one course at one speed, neither of them ahead of the other by more than half
        the longer one's length: in a convoy, or in tow, one is."""
        p, rules = self.places, self.limits.encounter
        east, north = (p.east_kn[a] + p.east_kn[b]) / 2, (p.north_kn[a] + p.north_kn[b]) / 2
        differ = np.hypot(p.east_kn[a] - p.east_kn[b], p.north_kn[a] - p.north_kn[b])
        offset_north = (p.latitude[b] - p.latitude[a]) * DEG_M
        offset_east = wrap(p.longitude[b] - p.longitude[a]) * DEG_M * np.cos(np.radians(p.latitude[a]))
        ahead_m = np.abs(offset_east * east + offset_north * north) / np.maximum(np.hypot(east, north), 0.1)
        half = np.where(np.isnan(longest), rules.unsized_m, longest) / 2 + rules.scatter_m
        return np.asarray((differ <= rules.abreast_kn) & (ahead_m <= half))

    def together(self) -> Iterator[tuple[int, Pairs]]:
        """Pairs of ships together at moments, the lesser ship first: those of some lesser ships after those of others,
        each with the number of the first ship that comes later; so that also of a raft of ships no more than about
        `_AT_ONCE` places are compared at once.

        Places are sorted by moment, row of latitude and longitude; each looks along its own row and those beside it.
        """
        p, rules = self.places, self.limits.encounter
        chosen = np.flatnonzero(p.slow | (p.creeps & (p.place == SEA)))
        if not len(chosen):
            yield len(self.ships), self.compare(chosen, chosen)
            return
        wide = max(rules.distance_m / DEG_M, 0.004) * 1.001
        x, y = p.longitude[chosen], p.latitude[chosen]
        row = np.floor((y + 90) / wide).astype(np.int64)
        east = wide / np.maximum(np.cos(np.radians(np.minimum(np.abs(y) + wide, 89.0))), 0.01)
        line = ((p.moment[chosen] - p.moment[chosen].min()) << _ROW_BITS) + row + 1

        def key(line: NDArray[np.int64], x: NDArray[np.float64]) -> NDArray[np.int64]:
            return (line << _LON_BITS) + np.round((np.clip(x, -182, 182) + 182) * 1e6).astype(np.int64)

        ghosts = [np.arange(len(chosen)), np.flatnonzero(x < -180 + east), np.flatnonzero(x > 180 - east)]
        target = np.concatenate(ghosts)  # who is near the 180th meridian is on both sides of it
        keys = key(line[target], np.concatenate([x, x[ghosts[1]] + 360, x[ghosts[2]] - 360]))
        order = np.argsort(keys, kind="stable")
        keys, target = keys[order], target[order]
        rows = line[:, None] + np.array([-1, 0, 1])
        low = np.searchsorted(keys, key(rows, (x - east)[:, None]))
        high = np.searchsorted(keys, key(rows, (x + east)[:, None]), side="right")
        count, mmsi = high - low, self.ships["mmsi"].to_numpy()
        ends = np.flatnonzero(np.r_[p.ship[chosen][1:] != p.ship[chosen][:-1], True]) + 1  # all of a ship at once
        parts = np.searchsorted(np.cumsum(count.sum(axis=1))[ends - 1], np.arange(0, count.sum(), _AT_ONCE)[1:])
        for of in np.split(np.arange(len(chosen)), np.setdiff1d(ends[parts], len(chosen))):
            one, nth = expand(count[of].ravel())
            a, b = chosen[of[one // 3]], chosen[target[low[of].ravel()[one] + nth]]
            lesser = (p.ship[a] < p.ship[b]) & (mmsi[p.ship[a]] != mmsi[p.ship[b]])
            pairs = self.compare(a[lesser], b[lesser])
            last = of[-1] == len(chosen) - 1
            yield len(self.ships) if last else int(p.ship[chosen[of[-1]]]) + 1, pairs.take(pairs.together)

    def seen(self, a: NDArray[np.int64], b: NDArray[np.int64], moment: NDArray[np.int64]) -> DataFrame:
        """Of pairs and moments at which both were seen: row (of what was asked), known, apart, company, together.

        A ship that creeps is seen near her fixes alone: between two of them she may have turned, which parts nobody.
        Of one heard a single time her way is not known: whether two that are near each other are abreast is not seen.
        """
        p = self.places
        row_a, row_b = self.find(a, moment), self.find(b, moment)
        both = np.flatnonzero((row_a >= 0) & (row_b >= 0))
        row_a, row_b = row_a[both], row_b[both]
        pairs = self.compare(row_a, row_b)
        sure = (p.heard[row_a] | ~p.creeps[row_a]) & (p.heard[row_b] | ~p.creeps[row_b])
        ways = ~np.isnan(p.east_kn[row_a]) & ~np.isnan(p.east_kn[row_b])
        slow = p.slow[row_a] & p.slow[row_b]
        sure = pairs.together | (sure & (ways | slow | (pairs.metres > self.limits.encounter.distance_m)))
        both, row_a, row_b, pairs = both[sure], row_a[sure], row_b[sure], pairs.take(sure)
        far, together = pairs.metres > self.limits.encounter.distance_m, pairs.together
        return DataFrame(
            {
                "asked": both,
                "known": np.maximum(p.known[row_a], p.known[row_b]),
                "apart": (far | (p.slow[row_a] & p.slow[row_b])) & ~together,
                "company": ~far & ~p.slow[row_a] & ~p.slow[row_b] & ~together,
                "together": together,
            }
        )


def scene_of(
    fixes: DataFrame,
    runs: DataFrame,
    ships: DataFrame,
    zones: DataFrame,
    limits: Limits,
    identities: DataFrame | None = None,
    anchorages: KnownAnchorages | None = None,
) -> Scene:
    """Where ships were at each moment, to compare them.

    fixes       mmsi, track, at (UTC), longitude, latitude, in any order
    runs        as `heard` gives them
    ships       as `ships_of` gives them: all that are asked about
    zones       ZONE
    identities  mmsi, track, first_at, ship_type, length_m: what tracks called themselves, day by day
    anchorages  where ships anchor outside zones; None: nowhere that is known
    """
    kinds = kinds_of(zones)
    places = places_of(fixes, runs, ships, kinds, limits)
    return Scene(ships, places, limits, anchorages, kinds, _said(identities, ships))


def _said(identities: DataFrame | None, ships: DataFrame) -> Said:
    """What ships reported of themselves on each day: the last type, and the last length."""
    if identities is None or identities.empty:
        return Said(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    number = number_of(ships, identities["mmsi"], identities["track"])
    said = identities[["first_at", "ship_type", "length_m"]].assign(
        key=number * _DAYS + micros(identities["first_at"]) // (24 * HOUR_US)
    )
    said = said[number >= 0].sort_values(["key", "first_at", "ship_type", "length_m"])
    last = said.groupby("key")[["ship_type", "length_m"]].last()
    ship_type, length_m = (last[name].astype("Float64") for name in last)
    return Said(
        last.index.to_numpy(dtype=np.int64),
        ship_type.fillna(-1).to_numpy(dtype=np.int64),
        length_m.to_numpy(dtype=np.float64, na_value=np.nan),
    )


def serves(ship_type: NDArray[np.int64], length_m: NDArray[np.float64], rules: EncounterLimits) -> NDArray[np.bool_]:
    """Whether ships of these types (-1: unknown) and lengths (nan: unknown) are service craft."""
    return np.isin(ship_type, rules.service_types) & ~(length_m > rules.service_m)


def beside_m(longest_m: NDArray[np.float64], rules: EncounterLimits) -> NDArray[np.float64]:
    """How far apart the antennas of two ships side by side may be seen, by the length of the longer one (nan: neither
    reported one), metres."""
    return np.maximum(np.nan_to_num(longest_m), rules.unsized_m) + rules.scatter_m
