"""Exact tracks thinned to cells and hours, as AIS presence tells of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.contracts import POSITION
from pipeline.formats.gfw_presence import PRECISION_M, PRECISION_S


def thin(positions: pd.DataFrame, nth: int = 0) -> pd.DataFrame:
    """POSITION of a cell of 0.01 degrees an hour.

    nth  which of the fixes of an hour is taken, counted round
    """
    hour = positions["timestamp"].dt.floor("h")
    hours = positions.groupby([positions["mmsi"], hour], sort=False)
    taken = positions[hours.cumcount() == nth % hours["mmsi"].transform("size")]
    nothing = dict.fromkeys(("sog_kn", "cog_deg", "heading_deg", "nav_status", "transceiver_class"))
    return POSITION.conform(
        taken.assign(
            timestamp=taken["timestamp"].dt.floor("h") + pd.Timedelta(minutes=30),
            longitude=np.round(taken["longitude"], 2),
            latitude=np.round(taken["latitude"], 2),
            receiver="unknown",
            precision_m=PRECISION_M,
            precision_s=PRECISION_S,
            **nothing,
        )
    )


def presence_rows(positions: pd.DataFrame, **said: object) -> list[dict[str, object]]:
    """The rows of a presence report of thinned positions.

    said  imo, shipName and the like, the same for all
    """
    rows = positions[["mmsi", "timestamp", "longitude", "latitude"]].itertuples(index=False)
    empty = dict.fromkeys(("callsign", "imo", "shipName", "flag", "vesselType", "geartype", "vesselId"), "")
    return [
        empty
        | {"date": f"{row.timestamp:%Y-%m-%d %H:00}", "lat": row.latitude, "lon": row.longitude, "hours": 1}
        | {"mmsi": str(row.mmsi), **said}
        for row in rows
    ]
