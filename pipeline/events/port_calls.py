"""Port calls: stays of a track in a port, basin or anchorage, from entering it to leaving its margin.

Passing is not calling: a way through without a stop or a long silence is a passage (`pipeline.events.passages`).
"""

from __future__ import annotations

import numpy as np
from pandas import DataFrame, Series

from pipeline.contracts import OURS, PORT_CALL
from pipeline.days import end_of_day
from pipeline.events.detector import Detector
from pipeline.events.stops import RESTS, place_of
from pipeline.ids import deterministic_ids
from pipeline.movement.coverage import HOUR_US

DETECTOR = Detector(PORT_CALL, lambda days: find_port_calls(days.stays, days.zones))


def port_call_ids(calls: DataFrame) -> list[str]:
    """Ids of port calls from MMSI, time and place of their first fix: two hulls may share both MMSI and moment."""
    return deterministic_ids(
        "port_call", calls["mmsi"], calls["first_at"], calls["first_longitude"], calls["first_latitude"]
    )


def find_port_calls(stays: DataFrame, zones: DataFrame) -> DataFrame:
    """Read port calls off stays.

    stays   STAY as `stays.tell` gives them
    zones    ZONE
    returns  PORT_CALL without what attribution adds (vessel_id, track_id, imo), plus `track`; open calls have nulls.
             The port is the berth's where one is known: a basin is not its largest port. Outside every zone it is
             the known anchorage's (`pipeline.events.stops`), and zone_id is null unless the anchorage lies in one.
             A call left during a long silence is `ended_in_silence`: all that is known is the interval, so its exit
             does not count as seen. Confidence as Global Fishing Watch means it (pipe-anchorages 4.6). A stay unheard
             behind the lock of an enclosed water has confidence 2: all that is known is when she passed the lock.
    """
    calls = inside(stays)
    calls = calls[calls["qualified_at"].notna()]
    place = place_of(calls, zones)
    berth = zones.set_index("zone_id")[["port", "country"]].reindex(calls["berth_zone_id"]).set_axis(calls.index)
    left = calls["left_at"].notna()
    told_at = calls["left_at"].fillna(calls["first_at"])
    told_at = told_at.mask(calls["call_zone_id"] == RESTS, calls["left_at"].fillna(calls["qualified_at"]))
    entry_seen = calls["before_at"].notna()
    exit_seen = left & ~calls["left_dark"]
    unheard = calls["first_gap_at"] == calls["first_at"]  # it begins with a silence: see stays
    return DataFrame(
        {
            "port_call_id": port_call_ids(calls),
            "mmsi": calls["mmsi"],
            "track": calls["track"],
            "source": OURS,
            "known_at": end_of_day(told_at),
            "cut_at_start": ~entry_seen,
            "visit_id": calls["visit_id"],
            "zone_id": place["zone_id"],
            "berth_zone_id": calls["berth_zone_id"],
            "port": berth["port"].fillna(place["port"]),
            "country": berth["country"].fillna(place["country"]),
            "arrived_after": calls["before_at"],
            "arrived_by": calls["first_at"],
            "departed_after": calls["last_at"].where(left),
            "departed_by": calls["left_at"],
            "state": np.select([~left, calls["left_dark"]], ["open", "ended_in_silence"], "closed"),
            "first_stop_at": calls["first_stop_at"],
            "stop_longitude": calls["stop_longitude"],
            "stop_latitude": calls["stop_latitude"],
            "stopped_hours": _stopped_hours(calls).where(left & calls["first_stop_at"].notna()),
            "draught_in_m": calls["draught_first_dm"].astype("float64") / 10,
            "draught_in_at": calls["draught_first_at"],
            "draught_out_m": (calls["draught_last_dm"].astype("float64") / 10).where(left),
            "draught_out_at": calls["draught_last_at"].where(left),
            "confidence": 2 + (entry_seen.astype(int) + exit_seen).where(~unheard, 0),
            "max_silence_hours": (calls["longest_silence_us"] / HOUR_US).round(2).where(left),
            "implausible_stay": None,
        }
    )


def _stopped_hours(calls: DataFrame) -> Series:
    """Hours stopped, and no more than she was surely there: of coarse fixes the middles of hours lie further apart."""
    surely = (calls["last_at"] - calls["first_at"]).dt.total_seconds().clip(lower=0) / 3600
    return (calls["stopped_us"] / HOUR_US).clip(upper=surely.fillna(np.inf)).round(2)


def inside(stays: DataFrame) -> DataFrame:
    """The stays in a port, basin or anchorage that the day adds to."""
    return stays[stays["call_zone_id"].notna() & stays["role"].isin(["open", "new"])]
