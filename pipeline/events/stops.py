"""Stops outside every named zone: a ship that comes to rest near a known anchorage made a call there.

She is at rest from the first stopped fix until one under way, or a way further than an anchorage reaches, or a silence
too long to count as time stopped. What is nearest to where she came to rest says whose call it is: the zone that the
nearest anchorage lies in, else the anchorage's label and country. Far from every anchorage she made no call: fishing
boats, pilots and ships that wait in the open sea are not at a port. That is a stop at bare coordinates, and her voyage
goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from geo.distance import distance_m
from pipeline.contracts import OURS, STOP
from pipeline.days import end_of_day
from pipeline.events.detector import Detector
from pipeline.ids import deterministic_ids
from pipeline.limits import PortCallLimits
from pipeline.movement.coverage import HOUR_US

DETECTOR = Detector(STOP, lambda days: find_stops(days.stays, days.limits.port_call))

RESTS = "~stop"  # stands for the port of a stretch at rest outside every zone; no zone_id begins so
PLACE = ["place_zone_id", "place_port", "place_country"]


def with_rest(steps: DataFrame, before: DataFrame, limits: PortCallLimits) -> DataFrame:
    """Set `call_zone_id` to `RESTS` where a ship is at rest in no port, basin or anchorage.

    steps   RUN with `first` and call_zone_id
    before  TRACK_END of the tracks' first rows: who was at rest when the day before ended still is
    """
    says = steps["motion"].map({"stopped": 1.0, "under_way": 0.0}).astype("float64")
    ends = [steps[f"{end}_{axis}"].to_numpy() for end in ("first", "last") for axis in ("longitude", "latitude")]
    moved = (distance_m(*ends) > limits.anchorage_m) & (steps["motion"] != "stopped").to_numpy()
    silent = (steps["motion"] == "silence").to_numpy()
    long = silent & (steps["ended_at"] - steps["began_at"] >= pd.Timedelta(hours=limits.bridged_hours)).to_numpy()
    inside = steps["call_zone_id"].notna()
    says = says.mask(moved | long | inside.to_numpy(), 0.0)
    rested = (before["call_zone_id"] == RESTS).fillna(False).astype("float64")
    says = says.where(says.notna() | ~steps["first"], rested.reindex(steps.index))
    return steps.assign(call_zone_id=steps["call_zone_id"].mask(~inside & (says.ffill() > 0), RESTS))


def rested_at(
    steps: DataFrame,
    rests: NDArray[np.bool_],
    so_far: NDArray[np.int64],
    days: Sequence[DataFrame],
    limits: PortCallLimits,
) -> Series:
    """The last fix of the UTC day on which she had lain for long enough, by the run or silence in which she had (UTC).

    A run that goes on over midnight is asked by its days, so that it does not matter which days are derived together.

    steps   RUN (`ship` named `track`)
    rests   whether she is at rest outside every zone
    so_far  how long she had been at the end of each, microseconds
    days    RUN of each day that the steps are made of, the column `ship` holding the number of the track
    """
    least = limits.anchorage_hours * HOUR_US
    ended = steps["ended_at"].where(Series(rests & (so_far >= least), index=steps.index))
    over = ended.dt.floor("D") > steps["began_at"].dt.floor("D")
    if not over.any():
        return ended
    asked = steps.loc[over, ["mmsi", "track", "began_at", "ended_at"]].assign(step=steps.index[over], lain=so_far[over])
    runs = pd.concat([day[["mmsi", "ship", "began_at", "ended_at"]] for day in days]).rename(columns={"ship": "track"})
    runs = asked.merge(runs, on=["mmsi", "track"], suffixes=("", "_of_day"), validate="many_to_many")
    runs = runs[(runs["began_at_of_day"] >= runs["began_at"]) & (runs["ended_at_of_day"] <= runs["ended_at"])]
    lain = runs["lain"] - (runs["ended_at"] - runs["ended_at_of_day"]) // pd.Timedelta(microseconds=1)
    first = runs[lain >= least].groupby("step")["ended_at_of_day"].min().reindex(steps.index)
    return first.fillna(ended)


def with_places(stays: DataFrame, anchorages: KnownAnchorages | None, limits: PortCallLimits) -> DataFrame:
    """Add `place_zone_id`, `place_port`, `place_country`: of a stop that is a call, where it is; of one far from every
    anchorage the country alone, if one is near enough to decide; else null.

    stays      STAY
    anchorages  None where no anchorage is known: then no stop is a call
    """
    stops = np.flatnonzero(
        (stays["call_zone_id"] == RESTS).fillna(False) & (stays["stopped_us"] >= limits.anchorage_hours * HOUR_US)
    )
    columns = {name: np.full(len(stays), None, dtype=object) for name in PLACE}
    if len(stops) and anchorages is not None:
        at = stays.iloc[stops]
        place = at["first_longitude"], at["first_latitude"]
        near = anchorages.cells.nearest(*place, limits.waters_m).number
        columns["place_country"][stops[near >= 0]] = anchorages.cells.country[near[near >= 0]]
        found = anchorages.cells.nearest(*place, limits.anchorage_m).number
        stops, found = stops[found >= 0], found[found >= 0]
        columns["place_zone_id"][stops] = anchorages.zone_id[found]
        columns["place_port"][stops] = [anchorages.cells.name(number) for number in found]
        columns["place_country"][stops] = anchorages.cells.country[found]
    return stays.assign(**{name: Series(values, index=stays.index, dtype="str") for name, values in columns.items()})


def place_of(calls: DataFrame, zones: DataFrame) -> DataFrame:
    """zone_id, port and country of each call: the zone's she is in, else the known anchorage's.

    calls  STAY with `PLACE`; their berth is left aside
    """
    named = calls["call_zone_id"].where(calls["call_zone_id"] != RESTS, calls["place_zone_id"])
    place = zones.set_index("zone_id")[["port", "country"]].reindex(named).set_axis(calls.index)
    return DataFrame(
        {
            "zone_id": named,
            "port": place["port"].fillna(calls["place_port"]),
            "country": place["country"].fillna(calls["place_country"]),
        }
    )


def find_stops(stays: DataFrame, limits: PortCallLimits) -> DataFrame:
    """Read long stops off stays that are calls nowhere.

    stays   STAY as `stays.tell` gives them
    returns  STOP without what attribution adds (vessel_id, track_id, imo), plus `track`; open stops have nulls
    """
    least = limits.anchorage_hours * HOUR_US
    stops = stays[
        (stays["call_zone_id"] == RESTS).fillna(False)
        & (stays["stopped_us"] >= least)
        & stays["place_port"].isna()
        & stays["role"].isin(["open", "new"])
    ]
    left = stops["left_at"].notna()
    return DataFrame(
        {
            "stop_id": deterministic_ids(
                "stop", stops["mmsi"], stops["first_at"], stops["first_longitude"], stops["first_latitude"]
            ),
            "mmsi": stops["mmsi"],
            "track": stops["track"],
            "source": OURS,
            "known_at": end_of_day(stops["left_at"].fillna(stops["rested_at"])),
            "cut_at_start": stops["before_at"].isna(),
            "longitude": stops["first_longitude"],
            "latitude": stops["first_latitude"],
            "country": stops["place_country"],
            "began_at": stops["first_at"],
            "last_at": stops["last_at"].where(left),
            "ended_at": stops["left_at"],
            "stopped_hours": (stops["stopped_us"] / HOUR_US).round(2).where(left),
        }
    )
