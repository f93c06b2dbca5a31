"""A toy detector: a ship that lies in a port for half a day or longer waits there."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame

from pipeline.contracts import LOITERING, OURS
from pipeline.days import end_of_day
from pipeline.events.detector import Detector, ToldDays
from pipeline.events.port_calls import inside
from pipeline.ids import deterministic_ids

_LEAST = 12  # hours


def _find_waits(days: ToldDays) -> DataFrame:
    stays = inside(days.stays)
    stays = stays[stays["stopped_us"] >= _LEAST * 3_600_000_000]
    left = stays["left_at"].notna()
    since = stays["first_stop_at"] + pd.Timedelta(hours=_LEAST)
    return DataFrame(
        {
            "loitering_id": deterministic_ids("toy_wait", stays["mmsi"], stays["first_at"]),
            "mmsi": stays["mmsi"],
            "track": stays["track"],
            "source": OURS,
            "known_at": end_of_day(stays["left_at"].fillna(since)),
            "cut_at_start": stays["before_at"].isna(),
            "began_at": stays["first_at"],
            "ended_at": stays["left_at"],
            "hours": (stays["stopped_us"] / 3_600_000_000).where(left),
            "distance_nm": None,
            "mean_speed_kn": None,
            "longitude": stays["first_longitude"],
            "latitude": stays["first_latitude"],
            "zone_id": stays["call_zone_id"],
            "kind": "at_sea",
            **dict.fromkeys(("stopped_hours", "port", "next_port", "next_country", "draught_change_m")),
        }
    )


DETECTOR = Detector(LOITERING, _find_waits)
