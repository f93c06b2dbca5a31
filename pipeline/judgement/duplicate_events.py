"""Duplicates: one event that both our own positions show and a provider reports.

A voyage of ours and one of a provider are duplicates where the same ship left the same harbour and both overlap in
time; two calls, where the same ship was in the same harbour over times that overlap. The same ship is the same hull; or
the same MMSI, where our positions carried no IMO number on it and the provider knows one. We have not re-examined the
provider's event, so ours stands and is marked as seen by the provider; the provider's raises no alert, unless its
number is on a list. A voyage of ours that has not ended has no known arrival: it duplicates no finished one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.harbours import harbours_at
from pipeline.contracts import OURS, PORT_CALL, VOYAGE, Table
from pipeline.ids import known_by_imo

if TYPE_CHECKING:
    from pandas import DataFrame

_PAIR = ["own_id", "provider_event_id", "provider", "same_hull"]
_KEYS = {
    VOYAGE: ("voyage_id", "origin_", "departed_at", "arrived_at"),
    PORT_CALL: ("port_call_id", "", "arrived_by", "departed_by"),
}


def find_duplicates(table: Table, events: DataFrame, zones: DataFrame) -> DataFrame:
    """Pairs of an event of ours and a provider's event that report the same.

    table    VOYAGE or PORT_CALL; of other events no provider gives the same
    events   its rows
    zones    ZONE
    returns  own_id, provider_event_id, provider, same_hull (false: by MMSI); in order of the ids
    """
    from pandas import DataFrame

    if table not in _KEYS or events["source"].nunique() < 2:
        return DataFrame(columns=_PAIR, dtype="str").astype({"same_hull": bool})
    key, side, begin, end = _KEYS[table]
    if table is PORT_CALL:
        events = events[~events["implausible_stay"].fillna(False).astype(bool)]  # it would duplicate every call
    rows = events[["mmsi", "vessel_id", "source", key, begin, end]].assign(harbour=harbours_at(events, zones, side))
    ours = rows["source"] == OURS
    if table is VOYAGE:
        rows, ours = rows[~ours | rows[end].notna()], ours[~ours | rows[end].notna()]
    own, given = rows[ours].drop(columns="source"), rows[~ours]
    pairs = own.merge(given, on=["mmsi", "harbour"], suffixes=("", "_given"), validate="many_to_many")
    same_hull = pairs["vessel_id"] == pairs["vessel_id_given"]
    one_numbered = ~known_by_imo(pairs["vessel_id"]) & known_by_imo(pairs["vessel_id_given"])
    open_end = pairs[end].isna()  # a call that goes on
    overlap = (pairs[begin] < pairs[f"{end}_given"]) & (open_end | (pairs[end] > pairs[f"{begin}_given"]))
    found = pairs.assign(same_hull=same_hull)[overlap & (same_hull | one_numbered)]
    found = found[[key, f"{key}_given", "source", "same_hull"]].set_axis(_PAIR, axis=1)
    return found.sort_values(["own_id", "provider_event_id"], ignore_index=True)
