"""Passages: ways of a track through a port, basin or anchorage without a stop or a long silence there."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from pipeline.contracts import OURS, PASSAGE
from pipeline.days import end_of_day
from pipeline.events.detector import Detector
from pipeline.events.port_calls import inside
from pipeline.events.stops import RESTS
from pipeline.ids import deterministic_ids

DETECTOR = Detector(PASSAGE, lambda days: find_passages(days.stays, days.zones))


def find_passages(stays: DataFrame, zones: DataFrame) -> DataFrame:
    """Read off stays where she passed through a port's waters without a stop or a long silence there.

    returns  PASSAGE without what attribution adds, plus `track`; an open one may become a call yet
    """
    ways = inside(stays)
    ways = ways[ways["qualified_at"].isna() & (ways["call_zone_id"] != RESTS)]
    place = zones.set_index("zone_id")[["port", "country"]].reindex(ways["call_zone_id"]).set_axis(ways.index)
    left = ways["left_at"].notna()
    return DataFrame(
        {
            "passage_id": deterministic_ids(
                "passage", ways["mmsi"], ways["first_at"], ways["first_longitude"], ways["first_latitude"]
            ),
            "mmsi": ways["mmsi"],
            "track": ways["track"],
            "source": OURS,
            "known_at": end_of_day(ways["left_at"].fillna(ways["first_at"])),
            "cut_at_start": ways["before_at"].isna(),
            "zone_id": ways["call_zone_id"],
            "port": place["port"],
            "country": place["country"],
            "entered_after": ways["before_at"],
            "entered_by": ways["first_at"],
            "left_after": ways["last_at"].where(left),
            "left_by": ways["left_at"],
            "state": np.select([~left, ways["left_dark"]], ["open", "ended_in_silence"], "closed"),
        }
    )
