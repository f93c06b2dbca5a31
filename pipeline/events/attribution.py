"""Attribution: whose event it is, and since when it can be known."""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import Table


def end_of_day(times: Series) -> Series:
    """Midnight after the UTC day of each time: when a daily feed can have told it."""
    return times.dt.floor("D") + pd.Timedelta(days=1)


def attribute(table: Table, events: DataFrame, tracks: DataFrame) -> DataFrame:
    """Complete events with the hull their track belongs to.

    events   rows of `table` with `mmsi` and `track` in place of vessel_id, track_id and imo
    tracks   mmsi, track, track_id, vessel_id, imo: one row per track
    returns  `table`
    """
    events = events.merge(tracks, on=["mmsi", "track"], how="left", validate="m:1")
    return table.conform(events.assign(provider_note=None, licence=None))
