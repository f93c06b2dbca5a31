"""Attribution: whose event it is."""

from __future__ import annotations

from pandas import DataFrame

from pipeline.contracts import Table


def attribute(table: Table, events: DataFrame, tracks: DataFrame) -> DataFrame:
    """Complete events with the hull their track belongs to.

    events   rows of `table` with `mmsi` and `track` in place of vessel_id, track_id and imo
    tracks   mmsi, track, track_id, vessel_id, imo: one row per track
    returns  `table`
    """
    events = events.merge(tracks, on=["mmsi", "track"], how="left", validate="m:1")
    return table.conform(events.assign(provider_note=None, licence=None))
