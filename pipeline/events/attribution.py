"""Attribution: whose event it is."""

from __future__ import annotations

from pandas import DataFrame

from pipeline.contracts import ENCOUNTER, Table


def attribute(table: Table, events: DataFrame, tracks: DataFrame) -> DataFrame:
    """Complete events with the hull their track belongs to.

    events   rows of `table` with `mmsi` and `track` in place of vessel_id, track_id and imo
    tracks   mmsi, track, track_id, vessel_id, imo: one row per track
    returns  `table`
    """
    if events.empty:  # as on most days
        return table.empty()
    events = events.merge(tracks, on=["mmsi", "track"], how="left", validate="m:1")
    return table.conform(events.assign(provider_note=None, licence=None))


def attribute_both(table: Table, pairs: DataFrame, tracks: DataFrame) -> DataFrame:
    """Complete pairs of tracks with the hulls that both belong to.

    pairs    rows of `table` with mmsi, track, other_mmsi, other_track in place of what attribution adds
    tracks   mmsi, track, track_id, vessel_id, imo: one row per track, of both parties
    returns  `table`
    """
    others = tracks.add_prefix("other_")
    both = pairs.merge(tracks, on=["mmsi", "track"], how="left", validate="m:1")
    both = both.merge(others, on=["other_mmsi", "other_track"], how="left", validate="m:1")
    return table.conform(both.assign(provider_note=None, licence=None))


def attribute_pairs(encounters: DataFrame, tracks: DataFrame) -> DataFrame:
    """Complete encounters with the hulls their tracks belong to; two tracks of one hull do not meet.

    encounters  `encounters.MET`
    tracks      mmsi, track, track_id, vessel_id, imo: one row per track, of both parties
    returns     ENCOUNTER
    """
    met = attribute_both(ENCOUNTER, encounters, tracks)
    return ENCOUNTER.conform(met[met["vessel_id"] != met["other_vessel_id"]])
