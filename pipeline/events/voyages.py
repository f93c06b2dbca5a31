"""Voyages: passages of a track from its last call at a port to its next call at another, with what happened between."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM
from geo.harbours import harbours_at
from pipeline.cargo import cargo_state
from pipeline.contracts import OURS, VOYAGE
from pipeline.days import end_of_day
from pipeline.events.detector import Detector
from pipeline.events.passed import approaches
from pipeline.events.port_calls import port_call_ids
from pipeline.events.stays import TRACK
from pipeline.events.stops import place_of
from pipeline.ids import deterministic_ids
from pipeline.limits import VoyageLimits
from pipeline.movement.coverage import HOUR_US

DETECTOR = Detector(VOYAGE, lambda days: find_voyages(days.stays, days.zones, days.limits.voyage))


def find_voyages(stays: DataFrame, zones: DataFrame, limits: VoyageLimits) -> DataFrame:
    """Read voyages off stays, finished and under way.

    stays   STAY as `stays.tell` gives them
    zones    ZONE
    returns  VOYAGE without what attribution adds (vessel_id, track_id, imo), plus `track`. A voyage is known to end
             in a call once she has stopped there (or been silent there for long). The draught she sails with is the
             last one in force on the way; against the one on arrival at the origin it says what she did there.
             Over a silence longer than `limits.longest_silence_hours` there is no voyage.
    """
    legs = _legs(stays)
    legs = legs[legs["longest_silence_us"] <= limits.longest_silence_hours * HOUR_US].reset_index(drop=True)
    start, goal = stays.iloc[legs["origin"]], stays.iloc[legs["end"].clip(upper=len(stays) - 1)]
    start, goal = start.set_axis(legs.index), goal.set_axis(legs.index)
    done = legs["done"]
    places = zones.set_index("zone_id")[["port", "country"]]
    origin, destination = place_of(start, zones), place_of(goal, zones)
    berth = places.reindex(start["berth_zone_id"]).set_axis(legs.index)
    passages = legs["passages"] - approaches(legs, stays, harbours_at(destination, zones), zones)
    sailed_from = start["berth_zone_id"].fillna(origin["zone_id"])
    before_m = start["draught_first_dm"].astype("float64") / 10
    on_way_m = stays["draught_last_dm"].astype("float64").iloc[legs["end"] - 1].set_axis(legs.index) / 10
    change_m = (on_way_m - before_m).round(1)
    arrived = goal["first_at"].where(done)
    origins = port_call_ids(start)
    return DataFrame(
        {
            "voyage_id": deterministic_ids("voyage", origins, start["last_at"]),
            "mmsi": start["mmsi"],
            "track": start["track"],
            "source": OURS,
            "known_at": end_of_day(goal["qualified_at"].where(done).fillna(start["left_at"])),
            "cut_at_start": False,
            "origin_port_call_id": origins,
            "origin_zone_id": sailed_from,
            "origin_port": berth["port"].fillna(origin["port"]),
            "origin_country": berth["country"].fillna(origin["country"]),
            "destination_port_call_id": Series(port_call_ids(goal), index=legs.index, dtype="str").where(done),
            "destination_zone_id": destination["zone_id"].where(done),
            "destination_port": destination["port"].where(done),
            "destination_country": destination["country"].where(done),
            "departed_at": start["left_at"],
            "arrived_at": arrived,
            "hours": ((arrived - start["left_at"]).dt.total_seconds() / 3600).round(2),
            "distance_nm": (legs["distance_m"] / METRES_PER_NM).round(1).where(done),
            "dark_hours": (legs["dark_us"] / HOUR_US).round(2).where(done),
            "longest_silence_hours": (legs["longest_silence_us"] / HOUR_US).round(2).where(done),
            "encounters": None,  # not derived yet: no number is better than one that nobody counted
            "passages": passages.where(done),
            "draught_before_m": before_m,
            "draught_m": on_way_m.where(done),
            "draught_change_m": change_m.where(done),
            "cargo_state": cargo_state(
                done & (change_m >= limits.draught_change_m), done & (change_m <= -limits.draught_change_m)
            ),
        }
    )


def _legs(stays: DataFrame) -> DataFrame:
    """One row per voyage: rows of its origin and of the stay that ends it (`end`, exclusive), and the sums between."""
    row = np.arange(len(stays))
    calls = stays[stays["qualified_at"].notna()]
    from_row = calls["origin"].shift()[calls["arrives"]]
    finished = DataFrame({"origin": from_row.astype("int64"), "end": from_row.index, "done": True})

    last = ~stays.duplicated(TRACK, keep="last")
    final_call = calls[~calls.duplicated(TRACK, keep="last")]
    end_of_track = Series(row + 1, index=stays.index)[last].set_axis(pd.MultiIndex.from_frame(stays.loc[last, TRACK]))
    under_way = DataFrame(
        {
            "origin": final_call["origin"].astype("int64"),
            "end": end_of_track.reindex(pd.MultiIndex.from_frame(final_call[TRACK])).to_numpy(),
            "done": False,
        }
    )
    under_way = under_way[under_way["end"] > final_call.index + 1]  # else she still lies in that call
    legs = pd.concat([finished, under_way], ignore_index=True)
    bounds = np.stack([legs["origin"].to_numpy("int64") + 1, legs["end"].to_numpy("int64")], axis=1)
    for column in ("distance_m", "passages", "dark_us"):
        total = np.r_[0, stays[column].to_numpy("int64").cumsum()]
        legs[column] = total[bounds[:, 1]] - total[bounds[:, 0]]
    longest = np.r_[stays["longest_silence_us"].to_numpy("int64"), 0]
    most = np.maximum.reduceat(longest, bounds.ravel())[::2] if len(legs) else np.array([], dtype="int64")
    legs["longest_silence_us"] = np.where(bounds[:, 1] > bounds[:, 0], most, 0)
    return legs
