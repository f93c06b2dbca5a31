"""Passed: how many ports, basins and anchorages a voyage passed without a stop.

The way out of the port she left, and in to the one she calls at, leads through their own roads: that is no passage of
the voyage. Whether a stretch of passages through one harbour (`geo.harbours`) is a way in is known from what follows,
so days hand on the last stretch by itself.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.harbours import harbour_of, harbours_at
from pipeline.events.stops import place_of

_TRACK = ["mmsi", "track"]


def find_stretches(stays: DataFrame, zones: DataFrame) -> DataFrame:
    """Stretches of passages of one voyage through one harbour.

    stays   STAY with `qualified_at`; a call ends a stretch
    returns  mmsi, track, harbour ("" of a carried sum, which is of no one), stretch (its number), leaving (no other
             passage of the voyage comes before it) and so_far (passages of it up to here); index of the stays that are
             passages, or sums of some
    """
    rows = stays.loc[stays["passages"] > 0, [*_TRACK, "call_zone_id", "passages"]]
    key = rows[_TRACK].assign(
        voyage=stays["qualified_at"].notna().cumsum().reindex(rows.index),
        harbour=rows["call_zone_id"].map(harbour_of(zones)).fillna(""),
    )
    stretch = (key != key.shift()).any(axis=1).cumsum()
    leaving = (key.drop(columns="harbour") != key.drop(columns="harbour").shift()).any(axis=1)
    return key.drop(columns="voyage").assign(
        stretch=stretch,
        leaving=leaving.groupby(stretch).transform("first").astype(bool),
        so_far=rows["passages"].groupby(stretch).cumsum(),
    )


def without_way_out(stays: DataFrame, zones: DataFrame) -> DataFrame:
    """Spells in which the way out of the harbour that a voyage starts from counts as no passage."""
    calls = stays[stays["qualified_at"].notna()]
    left = harbours_at(place_of(calls, zones), zones).reindex(stays.index)
    left = left.groupby([stays[name] for name in _TRACK], sort=False).ffill()
    found = find_stretches(stays, zones)
    out = found.index[found["leaving"] & (found["harbour"] == left.reindex(found.index)).fillna(False)]
    return stays.assign(passages=stays["passages"].mask(stays.index.isin(out), 0))


def last_stretch(stays: DataFrame, zones: DataFrame) -> Series:
    """For each stay the first row of the last stretch of passages of its track; null where none is of one harbour."""
    found = find_stretches(stays, zones)
    row = Series(found.index, index=found.index, dtype="float64")
    track = [found[name] for name in _TRACK]
    begins = row.groupby(found["stretch"]).transform("first").where(found["harbour"] != "")
    last = begins.groupby(track, sort=False).transform(lambda values: values.iloc[-1]) if len(found) else begins
    last = last[~found.duplicated(_TRACK)].set_axis(
        pd.MultiIndex.from_frame(found.loc[~found.duplicated(_TRACK), _TRACK])
    )
    return last.reindex(pd.MultiIndex.from_frame(stays[_TRACK])).set_axis(stays.index)


def approaches(legs: DataFrame, stays: DataFrame, harbours: Series, zones: DataFrame) -> np.ndarray:
    """Of each voyage how many of its passages are the way in to the harbour where it ended.

    legs      origin, end (exclusive): rows of `stays`
    harbours  where each leg ended, same index
    """
    found = find_stretches(stays, zones)
    if found.empty:
        return np.zeros(len(legs), dtype="int64")
    last = np.searchsorted(found.index.to_numpy(), legs["end"].to_numpy("int64")) - 1
    at = found.iloc[np.maximum(last, 0)]
    calls = stays["qualified_at"].notna().cumsum().to_numpy()  # the last call of the origin's visit may be a later one
    own = (last >= 0) & (calls[at.index.to_numpy()] == calls[legs["end"].to_numpy("int64") - 1])
    there = (at["harbour"].to_numpy(dtype=object) == harbours.to_numpy(dtype=object)) & own
    return np.where(there, at["so_far"].to_numpy("int64"), 0)


def count_passed(passed: DataFrame, legs: DataFrame, zones: DataFrame) -> Series:
    """How many passages there are of each voyage that a provider reports, all known at once; index as `legs`.

    passed  leg, began_at, zone_id, port, country: the passages beside each voyage
    legs    zone_id, port, country of where each began, and with `to_` before them of where it ended
    """
    rows = passed.sort_values(["leg", "began_at"], kind="stable")
    harbour = harbours_at(rows, zones)
    out, into = (
        harbour == harbours_at(legs, zones, side).reindex(rows["leg"]).set_axis(rows.index) for side in ("", "to_")
    )
    out = out.groupby(rows["leg"]).cummin()
    into = into[::-1].groupby(rows["leg"]).cummin().reindex(rows.index)
    return rows[~(out | into).astype(bool)].groupby("leg").size().reindex(legs.index, fill_value=0)
