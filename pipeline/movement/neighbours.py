"""Neighbours: who was slow near whom, by positions at common moments (`reach`: by runs, whose fixes to read).

Every ten minutes of UTC is a *moment*. A ship's position at a moment is interpolated between two of her fixes no more
than `hole_hours` apart; her runs say whether she was slow, and in what kind of place. Two ships are *together* at a
moment if both are slow, within `distance_m` at sea or `alongside_m` where ships anchor; in a port nobody is: at a quay
strangers lie side by side. Costs grow with runs, fixes and pairs of neighbours, never with pairs of ships.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from geo.distance import METRES_PER_NM, distance_m
from pipeline.limits import EncounterLimits, Limits
from pipeline.movement.coverage import HOUR_US

SHIP = ["mmsi", "track"]
SLOW = ("stopped", "slow", "drifting")
_HARBOUR = ("port", "basin", "terminal", "lock")
_SEA, _ANCHORAGE, PORT = 0, 1, 2
_FISHING = 30  # AIS ship type
_DAYS = 1 << 20  # more days than since 1970 for centuries
_AT_ONCE = 2_000_000  # pairs of places that are compared at once; about 200 bytes of work each
DEG_M = 111_195.0  # a degree of latitude on the sphere of geo.distance
_LON_BITS, _ROW_BITS = 29, 16  # of a place's sort key: millionths of a degree; rows no lower than distance_m


class Places(NamedTuple):
    """Ships at moments, sorted by ship, then moment. ship: number in the list of ships; moment: number since 1970;
    known: the later fix it rests on (microseconds); place: sea, anchorage or port; zone: code, -1 for none."""

    ship: NDArray[np.int64]
    moment: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    known: NDArray[np.int64]
    heard: NDArray[np.bool_]
    slow: NDArray[np.bool_]
    place: NDArray[np.int8]
    zone: NDArray[np.int64]


class Scene(NamedTuple):
    """Ships, where they were at each moment, and by which rules they are compared."""

    ships: DataFrame
    places: Places
    limits: Limits
    anchorages: KnownAnchorages | None
    kinds: Series
    service: NDArray[np.int64]
    fishing: NDArray[np.int64]

    def at_work(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether lying beside each other is the work of ships, by what they reported on the day that decides it."""
        p = self.places
        day = np.maximum(p.known[a], p.known[b]) // (24 * HOUR_US)
        of_day = [p.ship[row] * _DAYS + day for row in (a, b)]
        serves = np.isin(of_day[0], self.service) | np.isin(of_day[1], self.service)
        return serves | (np.isin(of_day[0], self.fishing) & np.isin(of_day[1], self.fishing))

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
        there = zone_id.map(self.kinds) == _ANCHORAGE
        if self.anchorages is not None and len(there):
            near = self.anchorages.cells.nearest(longitude, latitude, self.limits.port_call.anchorage_m)
            there |= near.number >= 0
        return there

    def compare(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Metres between rows of `places`, and whether the two ships are together there."""
        p, rules = self.places, self.limits.encounter
        metres = distance_m(p.longitude[a], p.latitude[a], p.longitude[b], p.latitude[b])
        place = np.maximum(p.place[a], p.place[b])
        together = p.slow[a] & p.slow[b] & (place != PORT) & (metres <= rules.distance_m)
        together &= (place == _SEA) | (metres <= rules.alongside_m)
        if self.anchorages is not None:
            asked = np.flatnonzero(together & (metres > rules.alongside_m))
            spots = np.round(np.stack([p.longitude[a[asked]], p.latitude[a[asked]]], axis=1), 3)  # 100 m
            spots, which = np.unique(spots, axis=0, return_inverse=True)
            near = self.anchorages.cells.nearest(spots[:, 0], spots[:, 1], self.limits.port_call.anchorage_m)
            together[asked[near.number[which.ravel()] >= 0]] = False
        return metres, together

    def together(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Rows of `places` of two ships together, the lesser first, and the metres between them.

        Places are sorted by moment, row of latitude and longitude; each looks along its own row and the next.
        """
        p, rules = self.places, self.limits.encounter
        chosen = np.flatnonzero(p.slow & (p.place != PORT))
        none = np.empty(0, np.int64)
        if not len(chosen):
            return none, none, np.empty(0)
        wide = max(rules.distance_m / DEG_M, 0.004) * 1.001
        x, y = p.longitude[chosen], p.latitude[chosen]
        row = np.floor((y + 90) / wide).astype(np.int64)
        east = wide / np.maximum(np.cos(np.radians(np.minimum(np.abs(y) + wide, 89.0))), 0.01)
        line = ((p.moment[chosen] - p.moment[chosen].min()) << _ROW_BITS) + row

        def key(line: NDArray[np.int64], x: NDArray[np.float64]) -> NDArray[np.int64]:
            return (line << _LON_BITS) + np.round((np.clip(x, -182, 182) + 182) * 1e6).astype(np.int64)

        ghosts = [np.arange(len(chosen)), np.flatnonzero(x < -180 + east), np.flatnonzero(x > 180 - east)]
        target = np.concatenate(ghosts)  # who is near the 180th meridian is on both sides of it
        keys = key(line[target], np.concatenate([x, x[ghosts[1]] + 360, x[ghosts[2]] - 360]))
        order = np.argsort(keys, kind="stable")
        keys, target = keys[order], target[order]
        found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
        rank = np.empty(len(chosen), np.int64)
        real = np.flatnonzero(np.concatenate([np.full(len(g), n == 0) for n, g in enumerate(ghosts)])[order])
        rank[target[real]] = real
        low = np.r_[rank + 1, np.searchsorted(keys, key(line + 1, x - east))]
        high = np.searchsorted(keys, np.r_[key(line, x + east), key(line + 1, x + east)], side="right")
        count, mmsi = np.maximum(high - low, 0), self.ships["mmsi"].to_numpy()
        parts = np.searchsorted(np.cumsum(count), np.arange(0, count.sum(), _AT_ONCE)[1:])
        for of in np.split(np.arange(len(count)), parts):
            one, nth = expand(count[of])
            a, b = chosen[of[one] % len(chosen)], chosen[target[low[of][one] + nth]]
            several = (mmsi[p.ship[a]] != mmsi[p.ship[b]]) & ~self.at_work(a, b)
            a, b = a[several], b[several]
            a, b = np.where(p.ship[a] < p.ship[b], a, b), np.where(p.ship[a] < p.ship[b], b, a)
            metres, together = self.compare(a, b)
            found.append((a[together], b[together], metres[together]))
        rows_a, rows_b, metres_ = zip(*found, strict=True)
        return np.concatenate(rows_a), np.concatenate(rows_b), np.concatenate(metres_)

    def seen(self, a: NDArray[np.int64], b: NDArray[np.int64], moment: NDArray[np.int64]) -> DataFrame:
        """Of pairs and moments at which both were known: row (of what was asked), known, apart, company, together."""
        p = self.places
        row_a, row_b = self.find(a, moment), self.find(b, moment)
        both = np.flatnonzero((row_a >= 0) & (row_b >= 0))
        row_a, row_b = row_a[both], row_b[both]
        metres, together = self.compare(row_a, row_b)
        far = metres > self.limits.encounter.distance_m
        return DataFrame(
            {
                "asked": both,
                "known": np.maximum(p.known[row_a], p.known[row_b]),
                "apart": (far | (p.slow[row_a] & p.slow[row_b])) & ~together,
                "company": ~far & ~p.slow[row_a] & ~p.slow[row_b],
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
    places, (service, fishing) = _places(fixes, runs, ships, kinds, limits), _work(identities, ships, limits.encounter)
    return Scene(ships, places, limits, anchorages, kinds, service, fishing)


def _work(
    identities: DataFrame | None, ships: DataFrame, rules: EncounterLimits
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ships and days (one number for both) of service craft, and of fishing vessels."""
    if identities is None or identities.empty:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    days = number_of(ships, identities["mmsi"], identities["track"]) * _DAYS
    days += micros(identities["first_at"]) // (24 * HOUR_US)
    small = ~(identities["length_m"] > rules.service_m).fillna(False)
    serves = (identities["ship_type"].isin(rules.service_types) & small).to_numpy(dtype=bool)
    return np.unique(days[serves]), np.unique(days[(identities["ship_type"] == _FISHING).fillna(False).to_numpy(bool)])


def kinds_of(zones: DataFrame) -> Series:
    """Kind of place (sea, anchorage, port) by zone_id; a margin is what it surrounds."""
    by_id = zones.set_index("zone_id")
    call = by_id["call_zone_id"].where(by_id["kind"] == "margin")
    kind = by_id["kind"].where(call.isna(), call.map(by_id["kind"]))
    return kind.map(dict.fromkeys(_HARBOUR, PORT) | {"anchorage": _ANCHORAGE}).fillna(_SEA).astype("int8")


def _places(fixes: DataFrame, runs: DataFrame, ships: DataFrame, kinds: Series, limits: Limits) -> Places:
    """Where ships were at each moment that lies between two fixes (see the module)."""
    step, hole = step_us(limits.encounter), round(limits.encounter.hole_hours * HOUR_US)
    number = number_of(ships, fixes["mmsi"], fixes["track"])
    at, x, y = micros(fixes["at"]), *(fixes[axis].to_numpy(dtype=np.float64) for axis in ("longitude", "latitude"))
    later = (number[1:] > number[:-1]) | ((number[1:] == number[:-1]) & (at[1:] > at[:-1]))
    order = np.arange(len(at)) if later.all() else np.lexsort((y, x, at, number))
    order = order[number[order] >= 0]
    number, at, x, y = number[order], at[order], x[order], y[order]
    before = np.maximum(np.arange(len(at)) - 1, 0)
    first = (number != number[before]) | (at - at[before] > hole)
    first[:1] = True
    before = np.where(first, np.arange(len(at)), before)
    count = np.where(first, at % step == 0, at // step - at[before] // step).astype(np.int64)
    of_fix, nth = expand(count)
    before = before[of_fix]
    moment: NDArray[np.int64] = at[of_fix] // step - (count[of_fix] - 1 - nth)
    wait = at[of_fix] - at[before]
    part = np.where(wait > 0, (moment * step - at[before]) / np.maximum(wait, 1), 0.0)
    longitude = wrap(x[before] + part * wrap(x[of_fix] - x[before]))
    latitude = y[before] + part * (y[of_fix] - y[before])
    near = np.minimum(moment * step - at[before], at[of_fix] - moment * step)
    ship = number[of_fix]
    slow, place, zone = _states(ship, moment, longitude, latitude, runs, ships, kinds, limits)
    return Places(ship, moment, longitude, latitude, at[of_fix], near <= step // 2, slow, place, zone)


def _states(
    ship: NDArray[np.int64],
    moment: NDArray[np.int64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    runs: DataFrame,
    ships: DataFrame,
    kinds: Series,
    limits: Limits,
) -> tuple[NDArray[np.bool_], NDArray[np.int8], NDArray[np.int64]]:
    """Whether ships are slow, in what kind of place, and the zone, from the runs before and after each moment."""
    if not len(ship) or not len(runs):
        return np.zeros(len(ship), bool), np.zeros(len(ship), np.int8), np.full(len(ship), -1)
    step = step_us(limits.encounter)
    new = np.r_[True, (ship[1:] != ship[:-1]) | (moment[1:] - moment[:-1] != 1)]
    speed_kn = np.full(len(ship), np.inf)
    leg = distance_m(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])
    speed_kn[1:][~new[1:]] = leg[~new[1:]] / METRES_PER_NM * HOUR_US / step

    owner = number_of(ships, runs["mmsi"], runs["track"])
    began, ended = micros(runs["began_at"]), micros(runs["ended_at"])
    base = min(int(began.min()), int(moment.min()) * step) // 1000
    span = max(int(ended.max()), int(moment.max()) * step) // 1000 - base + 2
    starts = owner * span + (-(-began // 1000) - base)
    row = np.searchsorted(starts, ship * span + (moment * step // 1000 - base), side="right") - 1
    row = np.maximum(row, 0)
    known = (owner[row] == ship) & (began[row] <= moment * step)
    after = np.minimum(row + 1, len(runs) - 1)
    after = np.where((ended[row] < moment * step) & (owner[after] == ship), after, row)

    says = runs["motion"].map({"unknown": 0} | dict.fromkeys(SLOW, 1)).fillna(-1).to_numpy(dtype=np.int8)
    creeps = speed_kn <= limits.run.drifting_kn
    slow = known & ((says[row] == 1) | ((says[row] == 0) & creeps))
    slow &= (says[after] == 1) | ((says[after] == 0) & creeps)
    code = kinds.index.get_indexer(runs["zone_id"])
    place = np.append(kinds.to_numpy(), np.int8(_SEA))[code]
    return slow, np.maximum(place[row], place[after]), code[row]


def heard(runs: DataFrame) -> DataFrame:
    """Runs without silences, `ship` named `track`, in order of ship and time."""
    runs = runs[runs["fixes"] > 0].rename(columns={"ship": "track"})
    return runs.sort_values([*SHIP, "began_at", "ended_at"], kind="stable", ignore_index=True)


def ships_of(rows: DataFrame) -> DataFrame:
    """mmsi, track: the distinct ships, in order."""
    return rows.set_axis(SHIP, axis=1).drop_duplicates().sort_values(SHIP, ignore_index=True)


def number_of(ships: DataFrame, mmsi: Series, track: Series) -> NDArray[np.int64]:
    """Place of each ship in `ships`; -1 where she is not among them."""
    known = _key(ships["mmsi"], ships["track"])
    asked = _key(mmsi, track)
    at = np.searchsorted(known, asked)
    return np.where(np.append(known, -1)[at] == asked, at, -1)


def _key(mmsi: Series, track: Series) -> NDArray[np.int64]:
    return (mmsi.to_numpy(dtype=np.int64) << 24) + track.to_numpy(dtype=np.int64)


def expand(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and number within it (from 0) of `counts` things a row."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def step_us(rules: EncounterLimits) -> int:
    """Microseconds from moment to moment."""
    return round(rules.moment_minutes * 60_000_000)


def micros(of: Series) -> NDArray[np.int64]:
    """Microseconds since 1970 (UTC)."""
    return of.to_numpy("datetime64[us]").astype(np.int64)


def times(of: NDArray[np.int64]) -> Series:
    """Times (UTC) from microseconds since 1970."""
    return Series(pd.to_datetime(of, unit="us", utc=True).as_unit("us"))


def wrap(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees east in [-180, 180)."""
    return (degrees + 180) % 360 - 180
