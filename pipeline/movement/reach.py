"""Reach: which ships were slow near each other, by their runs alone: whose fixes to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
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


class Company(NamedTuple):
    """Cells and hours that several ships were slow in: elsewhere nobody is together, unless under way.

    ships  mmsi, track, sorted; then, of each time that one of them reaches into such a place, her number among these,
           the number of the place, and its hour (number since 1970)
    """

    ships: DataFrame
    ship: NDArray[np.int64]
    place: NDArray[np.int64]
    hour: NDArray[np.int64]

    def of(self, mmsis: NDArray[np.int64], first: int, last: int) -> DataFrame:
        """mmsi, track of the ships at a place with a ship of these MMSIs, she among them, from a first to a last hour,
        sorted."""
        within = (self.hour >= first) & (self.hour <= last)
        theirs = np.zeros(self.place.max(initial=-1) + 1, dtype=bool)
        theirs[self.place[within & self.ships["mmsi"].isin(mmsis).to_numpy()[self.ship]]] = True
        return self.ships.iloc[np.unique(self.ship[within & theirs[self.place]])]


def ships_near(runs: DataFrame, limits: Limits) -> DataFrame:
    """The ships that were slow near another slow one in the same hour.

    runs     RUN of some days, `ship` the number of the track
    returns  mmsi, track, sorted; costs as much as a sort of the runs
    """
    near = company(runs, limits)
    return near.ships.iloc[np.unique(near.ship)]


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


def company(runs: DataFrame, limits: Limits) -> Company:
    """The places and hours at which two ships or more were slow.

    runs  RUN of some days, `ship` the number of the track
    """
    runs = heard(runs)
    found, count = [np.empty((3, 0), dtype=np.int64)], 0
    for ship, place, own in _reaches(runs, limits):
        code, places = pd.factorize(place)
        first, last = np.empty((2, len(places)), dtype=np.int64)
        last[code], first[code[::-1]] = ship, ship[::-1]  # the last to be written stays; ships come in order
        near = np.zeros(len(places), dtype=bool)
        near[code[own]] = True
        near = (near & (first != last))[code]
        found.append(np.stack([ship[near], code[near] + count, place[near] >> _HOUR_BIT]))
        count += len(places)
    return Company(ships_of(runs[SHIP]), *np.concatenate(found, axis=1))


def _reaches(
    runs: DataFrame, limits: Limits
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]]:
    """The cells and hours that slow runs reach into; two ships can be together only in one that both reach into.

    A run is looked for in cells as wide as it is long, and so is around it whoever moved less. One whose way is too
    long for a slow ship (no speed sent, or a wrong one) is only known to be somewhere on it.

    runs     as `heard` gives them
    returns  of each width of cells ship (number in the list of ships), in order, place (one number for a cell and an
             hour) and whether it is for this run that the cells are as wide: who moved less is near such runs alone
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
        yield number[at][of_run], place, own[at][of_run]
