"""Neighbours: who was slow near whom, first by runs (whose fixes to read), then by positions at common moments.

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
_SLOW = ("stopped", "slow", "drifting")
_HARBOUR = ("port", "basin", "terminal", "lock")
_SEA, _ANCHORAGE, _PORT = 0, 1, 2
_CELL_DEG, _WIDE_DEG = 0.05, 1.0  # of the search by runs: wider than two ships are apart
_AT_ONCE = 2_000_000  # pairs of places that are compared at once; about 200 bytes of work each
_DEG_M = 111_195.0  # a degree of latitude on the sphere of geo.distance
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
        together = p.slow[a] & p.slow[b] & (place != _PORT) & (metres <= rules.distance_m)
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
        chosen = np.flatnonzero(p.slow & (p.place != _PORT))
        none = np.empty(0, np.int64)
        if not len(chosen):
            return none, none, np.empty(0)
        wide = max(rules.distance_m / _DEG_M, 0.004) * 1.001
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
            several = mmsi[p.ship[a]] != mmsi[p.ship[b]]
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
    anchorages: KnownAnchorages | None = None,
) -> Scene:
    """Where ships were at each moment, to compare them.

    fixes       mmsi, track, at (UTC), longitude, latitude, in any order
    runs        as `heard` gives them
    ships       as `ships_of` gives them: all that are asked about
    zones       ZONE
    anchorages  where ships anchor outside zones; None: nowhere that is known
    """
    kinds = _kinds(zones)
    return Scene(ships, _places(fixes, runs, ships, kinds, limits), limits, anchorages, kinds)


def _kinds(zones: DataFrame) -> Series:
    """Kind of place (sea, anchorage, port) by zone_id; a margin is what it surrounds."""
    by_id = zones.set_index("zone_id")
    call = by_id["call_zone_id"].where(by_id["kind"] == "margin")
    kind = by_id["kind"].where(call.isna(), call.map(by_id["kind"]))
    return kind.map(dict.fromkeys(_HARBOUR, _PORT) | {"anchorage": _ANCHORAGE}).fillna(_SEA).astype("int8")


def ships_near(runs: DataFrame, limits: Limits) -> DataFrame:
    """The ships that were slow near another slow one in the same hour.

    runs     RUN of some days, `ship` the number of the track
    returns  mmsi, track, sorted; costs as much as a sort of the runs
    """
    runs = heard(runs)
    near = _reaches(runs, limits)
    several = near.groupby("place")["ship"].transform("nunique") > 1
    return ships_of(runs[SHIP]).iloc[np.unique(near.loc[several, "ship"])]


def look_back(limits: EncounterLimits) -> pd.Timedelta:
    """How long before a day its runs and fixes are needed."""
    return pd.Timedelta(
        hours=2 * limits.hole_hours + limits.before_hours, minutes=limits.moment_minutes
    )  # a moment it decides lies up to a hole before it, what is asked before that rests on fixes up to a hole earlier


def touched(before: DataFrame, after: DataFrame, of_day: DataFrame, limits: Limits) -> DataFrame:
    """Whose encounters of a UTC day must be looked at again when runs of it change: the changed ships and whoever was
    slow near them before or after the change; and the changed ships on the next day, if the end of this one changed.

    before, after  RUN (`ship` the number of the track) of the changed ships on that day, as they were and as they are
    of_day         RUN of all ships of the day, as they are
    returns        mmsi, day (YYYY-MM-DD)
    """
    changed = pd.concat([before, after], ignore_index=True)
    if changed.empty:
        return DataFrame({"mmsi": Series(dtype="int64"), "day": Series(dtype="str")})
    everyone = heard(pd.concat([changed, of_day], ignore_index=True))
    near = _reaches(everyone, limits)
    near["mmsi"] = ships_of(everyone[SHIP])["mmsi"].to_numpy()[near["ship"]]
    theirs = near["mmsi"].isin(changed["mmsi"])
    mmsis = np.union1d(near.loc[near["place"].isin(near.loc[theirs, "place"]), "mmsi"], changed["mmsi"])
    midnight = changed["ended_at"].max().floor("D") + pd.Timedelta(days=1)
    late = changed.loc[changed["ended_at"] >= midnight - look_back(limits.encounter), "mmsi"].unique()
    days = [(midnight - pd.Timedelta(days=1)).strftime("%Y-%m-%d"), midnight.strftime("%Y-%m-%d")]
    return DataFrame({"mmsi": np.r_[mmsis, late], "day": np.repeat(days, [len(mmsis), len(late)])})


def _reaches(runs: DataFrame, limits: Limits) -> DataFrame:
    """The cells and hours that slow runs reach into; two ships can be together only in one that both reach into.

    A run whose way is too long for a slow ship (no speed sent, or a wrong one) is only known to be somewhere on it:
    around such runs cells are `_WIDE_DEG` wide, for her and for all.

    runs     as `heard` gives them
    returns  ship (number in the list of ships), place (one number for a cell and an hour)
    """
    number = number_of(ships_of(runs[SHIP]), runs["mmsi"], runs["track"])
    began, ended = micros(runs["began_at"]), micros(runs["ended_at"])
    first_x, first_y, last_x, last_y = (
        runs[f"{end}_{axis}"].to_numpy() for end in ("first", "last") for axis in ("longitude", "latitude")
    )
    leg = np.zeros(len(runs))  # what leads to the first fix is no part of the way between a run's own
    leg[1:] = distance_m(last_x[:-1], last_y[:-1], first_x[1:], first_y[1:])
    same = np.r_[False, number[1:] == number[:-1]]
    way = runs["distance_m"].to_numpy(dtype=np.float64)
    way = np.where(same & (way >= leg - 1), way - leg + 1, way)
    slow = runs["motion"].isin([*_SLOW, "unknown"]).to_numpy()
    way += np.where(same & np.r_[False, slow[:-1]], 2 * leg, 0)  # unless she was slow on it as well
    hours = np.maximum((ended - began) / HOUR_US, 1)
    far = slow & (way > 2 * limits.run.drifting_kn * METRES_PER_NM * hours)

    reach = (way / 2 + limits.encounter.distance_m) / _DEG_M
    y = (first_y + last_y) / 2
    x = first_x + ((last_x - first_x + 180) % 360 - 180) / 2
    east = reach / np.maximum(np.cos(np.radians(np.minimum(np.abs(y) + reach, 89.0))), 0.01)
    slack = round(limits.encounter.hole_hours * HOUR_US)  # she may lie there until her next fix
    low_hour, high_hour = (began - slack) // HOUR_US, (ended + slack) // HOUR_US
    found = []
    for degrees, chosen in ((_CELL_DEG, slow & ~far), (_WIDE_DEG, slow if far.any() else far)):
        at = np.flatnonzero(chosen)
        low_x, high_x = (np.floor((x + side * east)[at] / degrees).astype(np.int64) for side in (-1, 1))
        low_y, high_y = (np.floor((y + side * reach)[at] / degrees).astype(np.int64) for side in (-1, 1))
        wide, high, long = high_x - low_x + 1, high_y - low_y + 1, (high_hour - low_hour)[at] + 1
        of_run, nth = expand(wide * high * long)
        column = (low_x[of_run] + nth % wide[of_run]) % round(360 / degrees)
        row = low_y[of_run] + nth // wide[of_run] % high[of_run] + round(90 / degrees)
        hour = low_hour[at][of_run] + nth // (wide * high)[of_run]
        place = (hour * 8192 + column) * 4096 + row
        found.append(
            DataFrame({"ship": number[at][of_run], "place": place * 2 + (degrees == _WIDE_DEG), "far": far[at][of_run]})
        )
    if far.any():
        found[1] = found[1][found[1].groupby("place")["far"].transform("any")]
    return pd.concat(found)[["ship", "place"]].drop_duplicates(ignore_index=True)


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

    says = runs["motion"].map({"unknown": 0} | dict.fromkeys(_SLOW, 1)).fillna(-1).to_numpy(dtype=np.int8)
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
