"""Visits and voyages, read off the port calls that a provider tells of a ship."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.harbours import harbours_at
from geo.zones import Zones
from pipeline.contracts import VOYAGE
from pipeline.events.passed import count_passed
from pipeline.events.stays import CALLED_AT
from pipeline.ids import deterministic_ids
from pipeline.limits import VoyageLimits
from pipeline.provider.hulls import SHIP

_HOUR = pd.Timedelta(hours=1)
_IN_ORDER = [*SHIP, "arrived_by", "departed_by", "event_id"]


def visit_ids(calls: DataFrame, zones: Zones, limits: VoyageLimits) -> Series:
    """The first call of each call's visit: those in one harbour, each within `limits.shift_hours` of the one before."""
    seen = calls[~calls["implausible_stay"].astype(bool)].sort_values(_IN_ORDER)
    last_left = seen.groupby(SHIP, sort=False)["departed_by"].cummax()
    before = last_left.groupby([seen[name] for name in SHIP], sort=False).shift()
    place = harbours_at(seen, zones.frame)
    same = (place == _before_on_ship(place, seen)) & (seen["arrived_by"] - before <= limits.shift_hours * _HOUR)
    first = seen.groupby((~same).cumsum())["port_call_id"].transform("first")
    return first.reindex(calls.index).fillna(calls["port_call_id"])


def find_voyages(
    calls: DataFrame,
    passages: DataFrame,
    gaps: DataFrame,
    encounters: DataFrame,
    zones: Zones,
    notes: Mapping[str, str],
    limits: VoyageLimits,
) -> DataFrame:
    """VOYAGE: from the last of a ship's calls in one harbour to the first in the next, ended ones only.

    Calls in one harbour, each within `limits.shift_hours` of the one before, are one stay. The voyage starts from its
    last call at the port itself, or else at its anchorage. A visit longer than a ship stays is no call. Over a silence
    of more than `limits.longest_silence_hours` there is no voyage.
    """
    seen = calls[~calls["implausible_stay"].astype(bool)].sort_values(_IN_ORDER)
    last_left = seen.groupby(SHIP, sort=False)["departed_by"].cummax()
    stay = seen["visit_id"]
    kinds = zones.frame.set_index("zone_id")["kind"].reindex(seen["zone_id"]).isin(CALLED_AT).to_numpy()
    ranked = seen.assign(
        stay=stay,
        number=(stay != stay.shift()).cumsum(),
        berthed=kinds,
        departed_at=last_left.groupby(stay).transform("max"),
    )
    origins = ranked.sort_values(["number", "berthed"], kind="stable").drop_duplicates("stay", keep="last")
    ends = ranked.drop_duplicates("stay").add_prefix("to_")
    legs = origins.assign(next_number=origins["number"] + 1)
    legs = legs.merge(ends, left_on="next_number", right_on="to_number", validate="1:1")
    same_ship = np.logical_and.reduce([legs[name] == legs[f"to_{name}"] for name in SHIP])
    legs = legs[same_ship & (legs["to_arrived_by"] >= legs["departed_at"])].reset_index(drop=True)
    gaps = gaps.assign(ended_at=gaps["ended_at"].fillna(gaps["known_at"]))
    lost = _beside(legs, gaps[gaps["hours"] > limits.longest_silence_hours], "mmsi")["leg"]
    legs = legs.drop(index=lost.unique()).reset_index(drop=True)
    silent = _beside(legs, gaps, "mmsi")
    passed = _beside(legs, passages.assign(began_at=passages["entered_by"], ended_at=passages["left_by"]), "mmsi")
    sides = [encounters, encounters.assign(mmsi=encounters["other_mmsi"]).dropna(subset=["mmsi"])]
    met = _beside(legs, pd.concat(sides, ignore_index=True), "mmsi").drop_duplicates(["leg", "encounter_id"])
    return VOYAGE.conform(
        legs.assign(
            voyage_id=deterministic_ids("voyage", legs["provider"], legs["event_id"]),
            known_at=legs["to_known_at"],
            origin_port_call_id=legs["port_call_id"],
            origin_zone_id=legs["berth_zone_id"].fillna(legs["zone_id"]),
            origin_port=legs["port"],
            origin_country=legs["country"],
            destination_port_call_id=legs["to_port_call_id"],
            destination_zone_id=legs["to_zone_id"],
            destination_port=legs["to_port"],
            destination_country=legs["to_country"],
            arrived_at=legs["to_arrived_by"],
            hours=((legs["to_arrived_by"] - legs["departed_at"]) / _HOUR).round(2),
            dark_hours=silent.groupby("leg")["shared_hours"].sum().reindex(legs.index).round(2),
            longest_silence_hours=silent.groupby("leg")["hours"].max().reindex(legs.index),
            encounters=met.groupby("leg").size().reindex(legs.index, fill_value=0),
            passages=count_passed(passed, legs, zones.frame),
            cargo_state="unknown",
            provider_note=with_data_set(notes["voyage"], legs),
            **dict.fromkeys(("distance_nm", "draught_before_m", "draught_m", "draught_change_m")),
        )
    )


def with_data_set(note: str | Series, rows: DataFrame) -> Series:
    """What is said of events beside their columns, with the data set that told them."""
    told = (" Data set: " + rows["dataset"] + ".").fillna("").astype("str")
    return note + told


def _before_on_ship(values: Series, rows: DataFrame) -> Series:
    """The value of the row before of the same ship."""
    return values.groupby([rows[name] for name in SHIP], sort=False).shift()


def _beside(legs: DataFrame, rows: DataFrame, key: str) -> DataFrame:
    """Rows of the same MMSI that overlap a leg: `leg`, the row, and `shared_hours`."""
    spans = legs[[key, "departed_at", "to_arrived_by"]].assign(leg=legs.index)
    pairs = spans.merge(rows, on=key, validate="m:m")
    begin = pairs[["departed_at", "began_at"]].max(axis=1)
    end = pairs[["to_arrived_by", "ended_at"]].min(axis=1)
    return pairs.assign(shared_hours=(end - begin) / _HOUR)[end > begin]
