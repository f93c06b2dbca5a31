"""Twins: one happening that our own positions show and a provider tells too.

A voyage of ours and one bought in are twins where the same ship left the same harbour and both overlap in time; two
calls, where the same ship was in the same harbour over times that overlap. The same ship is the same hull; or the same
MMSI, where ours heard no IMO number on it and the provider knows one. The provider's was not re-examined by us, so ours
stands and is said to be seen by the provider; the provider's raises nothing, unless its number is on a list. A voyage
of ours that has not ended knows nothing of its arrival: a finished one of the provider is none of its twins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from geo.harbours import harbours_at
from pipeline.contracts import OURS
from pipeline.ids import known_by_imo

if TYPE_CHECKING:
    from pandas import DataFrame

_TWIN = ["own_id", "bought_id", "provider", "same_hull"]
_KEYS = {
    "voyage": ("voyage_id", "origin_", "departed_at", "arrived_at"),
    "port_call": ("port_call_id", "", "arrived_by", "departed_by"),
}


def find_duplicates(kind: Literal["voyage", "port_call"], events: DataFrame, zones: DataFrame) -> DataFrame:
    """Pairs of an event of ours and one bought in that tell the same.

    events   VOYAGE or PORT_CALL
    zones    ZONE
    returns  own_id, bought_id, provider, same_hull (false: by MMSI); in order of the ids
    """
    from pandas import DataFrame

    key, side, begin, end = _KEYS[kind]
    if events["source"].nunique() < 2:
        return DataFrame(columns=_TWIN, dtype="str").astype({"same_hull": bool})
    if kind == "port_call":
        events = events[~events["implausible_stay"].fillna(False).astype(bool)]  # it would be a twin of every call
    rows = events[["mmsi", "vessel_id", "source", key, begin, end]].assign(harbour=harbours_at(events, zones, side))
    ours = rows["source"] == OURS
    if kind == "voyage":
        rows, ours = rows[~ours | rows[end].notna()], ours[~ours | rows[end].notna()]
    own, bought = rows[ours].drop(columns="source"), rows[~ours]
    pairs = own.merge(bought, on=["mmsi", "harbour"], suffixes=("", "_bought"), validate="many_to_many")
    same_hull = pairs["vessel_id"] == pairs["vessel_id_given"]
    one_numbered = ~known_by_imo(pairs["vessel_id"]) & known_by_imo(pairs["vessel_id_given"])
    open_end = pairs[end].isna()  # a call that goes on
    overlap = (pairs[begin] < pairs[f"{end}_bought"]) & (open_end | (pairs[end] > pairs[f"{begin}_bought"]))
    found = pairs.assign(same_hull=same_hull)[overlap & (same_hull | one_numbered)]
    found = found[[key, f"{key}_bought", "source", "same_hull"]].set_axis(_TWIN, axis=1)
    return found.sort_values(["own_id", "bought_id"], ignore_index=True)
