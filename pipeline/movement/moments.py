"""Moments: where ships were every ten minutes of UTC, whether slow or creeping, and in what kind of place.

A ship's position at a moment is interpolated between two of her fixes no more than `hole_hours` apart; or up to
`rest_hours`, if she was slow at both and these are within `rest_m`: she lay there; or up to `leg_hours`, if the way
between them makes the speed of ships that transfer under way: she crept on. Her runs say whether she was slow, and
where.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.limits import EncounterLimits, Limits
from pipeline.movement.coverage import HOUR_US

SHIP = ["mmsi", "track"]
SLOW = ("stopped", "slow", "drifting")
_HARBOUR = ("port", "basin", "terminal", "lock")
SEA, ANCHORAGE, PORT = 0, 1, 2
CURRENT_KN = 1.0  # a speed as sent differs so much from the way made good (current, leeway)
DEG_M = 111_195.0  # a degree of latitude on the sphere of geo.distance


class Places(NamedTuple):
    """Ships at moments, sorted by ship, then moment. ship: number in the list of ships; moment: number since 1970;
    known: the later fix it rests on (microseconds); creeps: makes way, no faster than ships that transfer under way;
    east_kn, north_kn: way made good since the moment before (nan: unknown); scatter_m: how far the last fix but one
    lies off the way between its neighbours (nan: they are too far apart); place: sea, anchorage or port; zone: code, -1
    for none."""

    ship: NDArray[np.int64]
    moment: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    known: NDArray[np.int64]
    heard: NDArray[np.bool_]
    scatter_m: NDArray[np.float64]
    east_kn: NDArray[np.float64]
    north_kn: NDArray[np.float64]
    slow: NDArray[np.bool_]
    creeps: NDArray[np.bool_]
    place: NDArray[np.int8]
    zone: NDArray[np.int64]


def kinds_of(zones: DataFrame) -> Series:
    """Kind of place (sea, anchorage, port) by zone_id; a margin is what it surrounds."""
    by_id = zones.set_index("zone_id")
    call = by_id["call_zone_id"].where(by_id["kind"] == "margin")
    kind = by_id["kind"].where(call.isna(), call.map(by_id["kind"]))
    return kind.map(dict.fromkeys(_HARBOUR, PORT) | {"anchorage": ANCHORAGE}).fillna(SEA).astype("int8")


def places_of(fixes: DataFrame, runs: DataFrame, ships: DataFrame, kinds: Series, limits: Limits) -> Places:
    """Where ships were at each moment that lies between two fixes (see the module)."""
    rules = limits.encounter
    step, hole, rest = step_us(rules), round(rules.hole_hours * HOUR_US), round(rules.rest_hours * HOUR_US)
    number = number_of(ships, fixes["mmsi"], fixes["track"])
    at, x, y = micros(fixes["at"]), *(fixes[axis].to_numpy(dtype=np.float64) for axis in ("longitude", "latitude"))
    later = (number[1:] > number[:-1]) | ((number[1:] == number[:-1]) & (at[1:] > at[:-1]))
    order = np.arange(len(at)) if later.all() else np.lexsort((y, x, at, number))
    order = order[number[order] >= 0]
    number, at, x, y = number[order], at[order], x[order], y[order]
    before = np.maximum(np.arange(len(at)) - 1, 0)
    wait = at - at[before]
    long = (number == number[before]) & (wait > hole) & (wait <= rest)
    asked = np.flatnonzero(long)
    moved_m = distance_m(x[before[asked]], y[before[asked]], x[asked], y[asked])
    made_kn = moved_m / METRES_PER_NM / (wait[asked] / HOUR_US)
    crept = np.zeros(len(at), bool)
    crept[asked] = (wait[asked] <= rules.leg_hours * HOUR_US) & (moved_m > rules.rest_m) & _may_creep(made_kn, rules)
    long[asked[(moved_m > rules.rest_m) & ~crept[asked]]] = False
    first = (number != number[before]) | ((wait > hole) & ~long)
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
    scatter_m = _scatter(number, at, x, y, step, of_fix)
    states = _states(ship, moment, longitude, latitude, runs, ships, kinds, limits)
    places = Places(ship, moment, longitude, latitude, at[of_fix], near <= step // 2, scatter_m, *states)
    known = ~long[of_fix] | np.where(crept[of_fix], places.creeps, places.slow)
    return places if known.all() else Places._make(values[known] for values in places)


def _may_creep(speed_kn: NDArray[np.float64], rules: EncounterLimits) -> NDArray[np.bool_]:
    """Whether ships that transfer under way make such a way good."""
    return np.asarray((speed_kn >= rules.slow_kn - CURRENT_KN) & (speed_kn <= rules.under_way_kn))


def _scatter(
    number: NDArray[np.int64],
    at: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    step: int,
    of: NDArray[np.int64],
) -> NDArray[np.float64]:
    """How far the fix before each of some lies off the way from the one before that, metres; nan where these are not
    three of one ship within a moment of each other."""
    off = np.full(len(of), np.nan)
    first = np.maximum(of - 2, 0)
    chosen = np.flatnonzero(
        (of >= 2) & (number[of] == number[first]) & (at[of] - at[first] <= step) & (at[of] > at[first])
    )
    three = of[chosen]
    part = (at[three - 1] - at[three - 2]) / (at[three] - at[three - 2])
    east = wrap(x[three - 1] - x[three - 2]) - part * wrap(x[three] - x[three - 2])
    north = y[three - 1] - y[three - 2] - part * (y[three] - y[three - 2])
    off[chosen] = np.hypot(east * np.cos(np.radians(y[three])), north) * DEG_M
    return off


def _states(
    ship: NDArray[np.int64],
    moment: NDArray[np.int64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    runs: DataFrame,
    ships: DataFrame,
    kinds: Series,
    limits: Limits,
) -> tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.bool_],
    NDArray[np.bool_],
    NDArray[np.int8],
    NDArray[np.int64],
]:
    """The way made good (east_kn, north_kn), and from the runs before and after each moment whether ships are slow,
    whether they creep, in what kind of place, and the zone."""
    east_kn, north_kn, speed_kn = np.full((3, len(ship)), np.nan)
    if not len(ship) or not len(runs):
        no = np.zeros(len(ship), bool)
        return east_kn, north_kn, no, no, np.zeros(len(ship), np.int8), np.full(len(ship), -1)
    step = step_us(limits.encounter)
    on = np.flatnonzero((ship[1:] == ship[:-1]) & (moment[1:] - moment[:-1] == 1)) + 1
    knots = DEG_M / METRES_PER_NM * HOUR_US / step  # of a degree from moment to moment
    east_kn[on] = wrap(longitude[on] - longitude[on - 1]) * np.cos(np.radians(latitude[on])) * knots
    north_kn[on] = (latitude[on] - latitude[on - 1]) * knots
    leg = distance_m(longitude[on - 1], latitude[on - 1], longitude[on], latitude[on])
    speed_kn[on] = leg / METRES_PER_NM * HOUR_US / step

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
    drifts = speed_kn <= limits.run.drifting_kn
    slow = known & ((says[row] == 1) | ((says[row] == 0) & drifts))
    slow &= (says[after] == 1) | ((says[after] == 0) & drifts)
    creeps = known & _may_creep(speed_kn, limits.encounter) & ~runs["motion"].isin(("stopped", "slow")).to_numpy()[row]
    code = kinds.index.get_indexer(runs["zone_id"])
    place = np.append(kinds.to_numpy(), np.int8(SEA))[code]
    return east_kn, north_kn, slow, creeps, np.maximum(place[row], place[after]), code[row]


def heard(runs: DataFrame) -> DataFrame:
    """Runs without silences, `ship` named `track`, in order of ship and time; nor those of coarse fixes, which tell of
    no two ships how near they were."""
    runs = runs[(runs["fixes"] > 0) & (runs["precision_m"] == 0)].rename(columns={"ship": "track"})
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
