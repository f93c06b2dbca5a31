"""Berths: at which terminal of a port she lay, and for how long."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame

from pipeline.limits import Limits
from pipeline.movement.coverage import HOUR_US

_TRACK = ["mmsi", "track"]


def add_berths(carried: DataFrame, pieces: DataFrame, zones: DataFrame) -> DataFrame:
    """Time stopped at each terminal, by track and day's stay (`nth`; a carried call goes on as 0)."""
    terminals = zones.loc[zones["kind"] == "terminal", "zone_id"]
    stops = pieces.loc[
        pieces["zone_id"].isin(terminals) & (pieces["stopped_us"] > 0), [*_TRACK, "nth", "zone_id", "stopped_us"]
    ]
    if carried.empty and stops.empty:
        return stops
    return (
        pd.concat([carried.assign(nth=0), stops])
        .groupby([*_TRACK, "nth", "zone_id"], as_index=False)["stopped_us"]
        .sum()
    )


def with_berth(stays: DataFrame, berths: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """Set `berth_zone_id` of the stays that have a terminal she was stopped at: where she lay longest, of those where
    coal is handled and she lay long enough to work a cargo, else of all."""
    if berths.empty:
        return stays
    handles_coal = zones.loc[zones["loads_coal"] | zones["receives_coal"], "zone_id"]
    worked = berths["zone_id"].isin(handles_coal) & (berths["stopped_us"] >= limits.port_call.cargo_hours * HOUR_US)
    order = berths.assign(worked=worked).sort_values(
        ["worked", "stopped_us", "zone_id"], ascending=[False, False, True], kind="stable"
    )
    longest = order.drop_duplicates([*_TRACK, "nth"]).drop(columns="worked")
    found = stays.merge(longest, on=[*_TRACK, "nth"], how="left", validate="m:1", suffixes=("", "_there"))["zone_id"]
    return stays.assign(berth_zone_id=stays["berth_zone_id"].where(found.isna() | stays["call_zone_id"].isna(), found))
