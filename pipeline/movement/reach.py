"""Reach: which ships were slow near each other, by their runs alone: whose fixes to read."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.limits import EncounterLimits, Limits
from pipeline.movement.coverage import HOUR_US
from pipeline.movement.moments import (
    DEG_M,
    PORT,
    SHIP,
    SLOW,
    expand,
    heard,
    kinds_of,
    micros,
    number_of,
    ships_of,
)

# Cells as wide as what a run reaches into: for who hardly moved, for who drifted, for who is only known to be somewhere
# on a long way; all wider than two ships are apart.
_CELLS_DEG = (0.01, 0.05, 1.0)
_HARDLY_M = 1000.0
_HOUR_BIT = 34  # of a place: hour, column (16 bits), row (16 bits), width of the cell (2 bits)


def look_back(limits: EncounterLimits) -> pd.Timedelta:
    """How long before a day its runs and fixes are needed."""
    return pd.Timedelta(
        hours=2 * limits.rest_hours + limits.before_hours, minutes=limits.moment_minutes
    )  # a moment it decides lies up to a hole before it, what is asked before that rests on fixes up to a hole earlier


def ships_near(runs: DataFrame, limits: Limits) -> DataFrame:
    """The ships that were slow near another slow one in the same hour.

    runs     RUN of some days, `ship` the number of the track
    returns  mmsi, track, sorted; costs as much as a sort of the runs
    """
    runs = heard(runs)
    near = _shared(_reaches(runs, limits))
    return ships_of(runs[SHIP]).iloc[np.unique(near["ship"])]


def outside_ports(runs: DataFrame, zones: DataFrame) -> DataFrame:
    """Runs without those in the midst of a stay in a port, where no two ships are together (`neighbours.Scene`).

    runs   RUN, `ship` the number of the track
    zones  ZONE
    """
    rows = heard(runs)
    port = (rows["zone_id"].map(kinds_of(zones)) == PORT).to_numpy()
    same = np.r_[False, (rows[SHIP].to_numpy()[1:] == rows[SHIP].to_numpy()[:-1]).all(axis=1)]
    # Between a run inside and one outside she may be at sea: only runs whose neighbours lie inside too are left out.
    inside = (
        port
        & np.where(same, np.r_[False, port[:-1]], True)
        & np.where(np.r_[same[1:], False], np.r_[port[1:], False], True)
    )
    return rows[~inside].rename(columns={"track": "ship"})


def company(runs: DataFrame, limits: Limits) -> DataFrame:
    """The places and hours at which two ships or more were slow: elsewhere nobody is together, unless under way.

    runs     RUN of some days, `ship` the number of the track
    returns  mmsi, track, place, hour (number since 1970)
    """
    runs = heard(runs)
    near = _shared(_reaches(runs, limits))
    ships = ships_of(runs[SHIP]).iloc[near["ship"]].reset_index(drop=True)
    place = near["place"].to_numpy()
    return ships.assign(place=place, hour=place >> _HOUR_BIT)


def _shared(near: DataFrame) -> DataFrame:
    """The places of more than one ship; each ship stands once at a place."""
    return near[near["place"].duplicated(keep=False)]


def _reaches(runs: DataFrame, limits: Limits) -> DataFrame:
    """The cells and hours that slow runs reach into; two ships can be together only in one that both reach into.

    A run is looked for in cells as wide as it is long, and so is around it whoever moved less. One whose way is too
    long for a slow ship (no speed sent, or a wrong one) is only known to be somewhere on it.

    runs     as `heard` gives them
    returns  ship (number in the list of ships), place (one number for a cell and an hour), each pair once
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
    slow = runs["motion"].isin([*SLOW, "unknown"]).to_numpy()
    way += np.where(same & np.r_[False, slow[:-1]], 2 * leg, 0)  # unless she was slow on it as well
    hours = np.maximum((ended - began) / HOUR_US, 1)
    far = slow & (way > 2 * limits.run.drifting_kn * METRES_PER_NM * hours)

    reach = (way / 2 + limits.encounter.distance_m) / DEG_M
    y = (first_y + last_y) / 2
    x = first_x + ((last_x - first_x + 180) % 360 - 180) / 2
    east = reach / np.maximum(np.cos(np.radians(np.minimum(np.abs(y) + reach, 89.0))), 0.01)
    slack = round(limits.encounter.rest_hours * HOUR_US)  # she may lie there until her next fix
    low_hour, high_hour = (began - slack) // HOUR_US, (ended + slack) // HOUR_US
    width = np.where(far, 2, np.where(way > _HARDLY_M, 1, 0))
    found = [DataFrame({"ship": np.empty(0, np.int64), "place": np.empty(0, np.int64)})]
    for size, degrees in enumerate(_CELLS_DEG):
        own = slow & (width == size)
        if not own.any():
            continue
        at = np.flatnonzero(slow & (width <= size))
        low_x, high_x = (np.floor((x + side * east)[at] / degrees).astype(np.int64) for side in (-1, 1))
        low_y, high_y = (np.floor((y + side * reach)[at] / degrees).astype(np.int64) for side in (-1, 1))
        wide, high, long = high_x - low_x + 1, high_y - low_y + 1, (high_hour - low_hour)[at] + 1
        of_run, nth = expand(wide * high * long)
        column = (low_x[of_run] + nth % wide[of_run]) % round(360 / degrees)
        row = low_y[of_run] + nth // wide[of_run] % high[of_run] + round(90 / degrees)
        hour = low_hour[at][of_run] + nth // (wide * high)[of_run]
        place = (hour << _HOUR_BIT) + (column << 18) + (row << 2) + size
        near = DataFrame({"ship": number[at][of_run], "place": place})
        if size:
            near = near[near["place"].isin(place[own[at][of_run]])]
        found.append(near)
    return pd.concat(found).drop_duplicates(ignore_index=True)
