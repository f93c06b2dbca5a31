"""Positions out of range: a ship that shore stations hear where they hear none of the ships around her.

What a shore station hears is sent within some tens of miles of it, wherever the message says it was sent from. So a
ship that lies off one coast and says that she sails elsewhere is heard by the stations of the coast where she is. Where
she says to be, satellites hear other ships around her, hour after hour, and no shore station hears any of them: she is
not among them, or the station is none (a receiver on board of a ship near by, or a feed that names its receivers
wrongly). Where no satellite hears anyone, nothing can be said, and nothing is.

Of whom satellites hear the place cannot be tested so: which part of the earth each saw at the time is not in the data.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from pipeline.contracts import POSITION_ANOMALY, RECEIVERS
from pipeline.limits import AnomalyLimits
from pipeline.movement.coverage import CELL_DEG, HOUR_US, cell_of
from pipeline.movement.false_tracks import stretches
from pipeline.movement.tracks import STRAY, Fixes, mmsi_of

OUT_OF_RANGE = "out_of_range"
_DAY_HOURS, _EDGE_HOURS = 24, 2
_COLUMNS, _ROWS = round(360 / CELL_DEG), round(180 / CELL_DEG)
_CELLS = _COLUMNS * _ROWS
_SHORE, _SATELLITE = RECEIVERS.index("terrestrial"), RECEIVERS.index("satellite")
_FIRST = {"at": "first", "ended": "max", "longitude": "first", "latitude": "first", "fixes": "sum"}
_SHIP_DAY = ["key", "ship", "day"]
_PLACE = [*_SHIP_DAY, "cell"]


def heard_alone(fixes: Fixes, ship: NDArray[np.int16]) -> DataFrame:
    """Where shore stations heard one MMSI alone all day, by cell and hour, and where satellites heard her then.

    fixes    by key of `tracks.ship_day`
    ship     the ship of the day that each belongs to (`tracks.separate_ships`)
    returns  key (of `ship_day`), ship, day and hour (since 1970), cell (as COVERAGE.cell), ashore (whether shore
             stations heard her, or satellites), at, ended (microseconds), longitude, latitude (of the first fix),
             fixes; in cells and UTC days of which these fixes hold no other MMSI that was heard ashore
    """
    exact = (fixes.precision_m == 0) & (ship != STRAY)
    told: list[DataFrame] = []
    for receiver in (_SHORE, _SATELLITE):
        rows = np.flatnonzero(exact & (fixes.receiver == receiver))
        if told:
            rows = rows[np.isin(fixes.mmsi[rows], told[0]["key"])]
        if not len(rows):
            break  # an idle grouping costs as much as a small day
        cell, at = cell_of(fixes.longitude[rows], fixes.latitude[rows]), fixes.at[rows]
        hour = at // HOUR_US
        found = DataFrame(
            {
                "key": fixes.mmsi[rows], "ship": ship[rows], "day": hour // _DAY_HOURS, "cell": cell, "hour": hour,
                "ashore": receiver == _SHORE, "at": at, "ended": at, "longitude": fixes.longitude[rows],
                "latitude": fixes.latitude[rows], "fixes": 1,
            }
        )  # fmt: skip
        if receiver == _SHORE:
            found = found[_of_one(found["day"].to_numpy() * _CELLS + cell, fixes.mmsi[rows])]
        told.append(found.groupby([*_PLACE, "hour", "ashore"], as_index=False).agg(_FIRST))
    return pd.concat(told, ignore_index=True) if told else DataFrame(columns=[*_PLACE, "hour", "ashore", *_FIRST])


def _of_one(place: NDArray[np.int64], key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each place holds one key alone; rows of a key follow each other."""
    begins = np.ones(len(key), dtype=bool)
    begins[1:] = (key[1:] != key[:-1]) | (place[1:] != place[:-1])
    heads = DataFrame({"place": place[begins], "key": key[begins]}).drop_duplicates()
    return ~np.isin(place, heads.loc[heads["place"].duplicated(), "place"])


def find_out_of_range(told: DataFrame, coverage: DataFrame, limits: AnomalyLimits) -> DataFrame:
    """Ships' days on which shore stations heard a ship where they heard none of those around her.

    Around a cell are the eight beside it. Nobody else must have been heard there by shore stations all day, or by
    receivers of unknown kind, and satellites must have heard `limits.range_vessels` others there at once in
    `limits.range_hours` of the very hours in which shore stations heard her. Hours within two of midnight are left out:
    who was heard on the other side of it is not looked at.

    told      as `heard_alone` gives it, of whole UTC days
    coverage  COVERAGE of the same days
    returns   POSITION_ANOMALY, one row a ship and day
    """
    alone = told[told["ashore"].astype(bool)]
    if alone.empty or not coverage["satellite_vessels"].any():
        return POSITION_ANOMALY.empty()
    around = _around(alone[_PLACE].drop_duplicates(ignore_index=True))
    heard = DataFrame(
        {
            "near": coverage["cell"],
            "hour": coverage["hour"].to_numpy("datetime64[us]").astype("int64") // HOUR_US,
            "shore": coverage["terrestrial_vessels"],
            "satellite": coverage["satellite_vessels"],
            "unknown": coverage["unknown_vessels"],
        }
    )
    heard = heard[np.isin(heard["near"], around["near"])].assign(day=heard["hour"] // _DAY_HOURS)
    hers = told.rename(columns={"cell": "near"}).groupby(["key", "near", "day", "hour"])["ashore"]
    hers = DataFrame({"own_shore": hers.any(), "own_satellite": ~hers.all()}).astype("int64").reset_index()
    near = around.merge(heard, on=["near", "day"]).merge(hers, on=["key", "near", "day", "hour"], how="left").fillna(0)
    ashore = (near["shore"] - near["own_shore"] + near["unknown"]).groupby([near[name] for name in _PLACE]).sum()
    only_she = ashore.index[ashore == 0]
    beside = near.assign(others=near["satellite"] - near["own_satellite"]).merge(alone[[*_PLACE, "hour"]])
    by_day = (beside["hour"] % _DAY_HOURS).between(_EDGE_HOURS, _DAY_HOURS - 1 - _EDGE_HOURS)
    beside = beside[(beside["others"] > 0) & by_day & beside.set_index(_PLACE).index.isin(only_she)]
    once = beside.drop_duplicates([*_SHIP_DAY, "near", "hour"])  # a cell that lies beside several of hers
    crowd = once.groupby([*_SHIP_DAY, "hour"])["others"].sum()
    count = crowd[crowd >= limits.range_vessels].groupby(_SHIP_DAY).size()
    enough = count.index[count >= limits.range_hours]
    false = alone.merge(beside[_PLACE].drop_duplicates(), on=_PLACE)
    false = false[false.set_index(_SHIP_DAY).index.isin(enough)].sort_values([*_SHIP_DAY, "at"])
    days = false.groupby(_SHIP_DAY, as_index=False).agg(_FIRST)
    values = (days[name].to_numpy() for name in _FIRST)
    return stretches(np.full(len(days), OUT_OF_RANGE), mmsi_of(days["key"].to_numpy("int64")), *values)


def _around(cells: DataFrame) -> DataFrame:
    """The cells, each with itself and those beside it (`near`)."""
    row, column = cells["cell"] // _COLUMNS, cells["cell"] % _COLUMNS
    beside = [(row + north) * _COLUMNS + (column + east) % _COLUMNS for north in (-1, 0, 1) for east in (-1, 0, 1)]
    return pd.concat([cells.assign(near=near) for near in beside], ignore_index=True)
