"""Port calls: stays of a track in a port, basin or anchorage, from entering it to leaving its margin."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from pipeline.contracts import OURS
from pipeline.events.attribution import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.movement.coverage import HOUR_US


def port_call_ids(calls: DataFrame) -> list[str]:
    """Ids of port calls from MMSI, time and place of their first fix: two hulls may share both MMSI and moment."""
    return deterministic_ids(
        "port_call", calls["mmsi"], calls["first_at"], calls["first_longitude"], calls["first_latitude"]
    )


def find_port_calls(spells: DataFrame, zones: DataFrame) -> DataFrame:
    """Read port calls off spells.

    spells   SPELL as `spells.tell` gives them
    zones    ZONE
    returns  PORT_CALL without what attribution adds (vessel_id, track_id, imo), plus `track`; open calls have nulls.
             A call left during a long silence is `ended_in_silence`: all that is known is the interval, so its exit
             does not count as seen. Confidence as Global Fishing Watch means it (pipe-anchorages 4.6).
    """
    calls = spells[spells["call_zone_id"].notna() & spells["role"].isin(["open", "new"])]
    place = zones.set_index("zone_id")[["port", "country"]].reindex(calls["call_zone_id"]).set_axis(calls.index)
    left = calls["left_at"].notna()
    entry_seen = calls["before_at"].notna()
    exit_seen = left & ~calls["left_dark"]
    seen = entry_seen.astype(int) + exit_seen
    return DataFrame(
        {
            "port_call_id": port_call_ids(calls),
            "mmsi": calls["mmsi"],
            "track": calls["track"],
            "source": OURS,
            "known_at": end_of_day(calls["left_at"].fillna(calls["first_at"])),
            "cut_at_start": ~entry_seen,
            "zone_id": calls["call_zone_id"],
            "berth_zone_id": calls["berth_zone_id"].where(left),
            "port": place["port"],
            "country": place["country"],
            "arrived_after": calls["before_at"],
            "arrived_by": calls["first_at"],
            "departed_after": calls["last_at"].where(left),
            "departed_by": calls["left_at"],
            "state": np.select([~left, calls["left_dark"]], ["open", "ended_in_silence"], "closed"),
            "first_stop_at": calls["first_stop_at"],
            "stopped_hours": (calls["stopped_us"] / HOUR_US).round(2).where(left),
            "draught_in_m": calls["draught_first_dm"].astype("float64") / 10,
            "draught_in_at": calls["draught_first_at"],
            "draught_out_m": (calls["draught_last_dm"].astype("float64") / 10).where(left),
            "draught_out_at": calls["draught_last_at"].where(left),
            "confidence": np.where(calls["qualified_at"].notna(), 2 + seen, 1),
            "max_silence_hours": (calls["longest_silence_us"] / HOUR_US).round(2).where(left),
            "implausible_stay": None,
        }
    )
