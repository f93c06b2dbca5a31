"""Hindsight: events as they were known by a moment, so that what was learnt later changes no answer given for then.

A closed row is known since the end of the day that closed it (`known_at`). Before that the same event stood open: a
call she had not left, a voyage that had not ended. What an open row does not hold is taken out again here.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.contracts import AIS_GAP, DARK_CALL, OURS, PORT_CALL, STOP, VOYAGE
from pipeline.days import end_of_day
from pipeline.judgement.cases.events import Events
from pipeline.judgement.cases.registry import judged_tables

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.limits import Limits

_OF_ARRIVAL = [
    "destination_port_call_id", "destination_zone_id", "destination_port", "destination_country", "arrived_at", "hours",
    "distance_nm", "dark_hours", "longest_silence_hours", "draught_m", "draught_change_m",
]  # fmt: skip
_OF_DEPARTURE = [
    "berth_zone_id", "departed_after", "departed_by", "stopped_hours", "draught_out_m", "draught_out_at",
    "max_silence_hours",
]  # fmt: skip
_OF_RETURN = [
    "ended_at", "on_longitude", "on_latitude", "on_zone_id", "hours", "distance_nm", "implied_speed_kn",
    "feasible_zone_id", "feasible_stay_hours", "reception_cell_deg", "reception_outage_id", "hours_hidden",
]  # fmt: skip
_OF_LEAVING = ["ended_at", "latest_departure_at", "longest_stay_hours", "distance_out_nm"]


def as_known(events: Events, as_of: datetime, limits: Limits) -> Events:
    """The events as they stood at the end of the last UTC day that had ended by `as_of`.

    Which hull a track is attributed to, and the zones, are as they are now.
    """
    from pandas import concat

    identities = events.identities[end_of_day(events.identities["from_at"]) <= as_of]
    foreign = events.vessels["vessel_id"].isin(_foreign_hulls(events))
    numbered = identities.loc[identities["imo_valid"], "track_id"]
    voyages = _voyages(_without_later(events[VOYAGE], as_of), as_of)
    calls = _port_calls(_without_later(events[PORT_CALL], as_of), voyages, as_of)
    open_before = {
        VOYAGE: voyages.assign(imo=voyages["imo"].where(_by_provider(voyages) | voyages["track_id"].isin(numbered))),
        PORT_CALL: calls.assign(imo=calls["imo"].where(_by_provider(calls) | calls["track_id"].isin(numbered))),
        STOP: _stops(events[STOP], as_of, limits.port_call.anchorage_hours),
        AIS_GAP: _gaps(events[AIS_GAP], as_of, limits.gap.min_hours),
        DARK_CALL: _dark_calls(events[DARK_CALL], as_of, limits.port_call.cargo_hours),
    }
    others = [table for table in judged_tables().values() if table not in open_before]
    return Events(
        {table.name: events[table][events[table]["known_at"] <= as_of] for table in others}
        | {table.name: rows for table, rows in open_before.items()},
        concat([_vessels(events.vessels[~foreign], identities, as_of), events.vessels[foreign]]),
        identities,
    )


def _without_later(frame: DataFrame, as_of: datetime) -> DataFrame:
    """A provider reports an event when it has ended; before that there was no open one."""
    return frame[~_by_provider(frame) | (frame["known_at"] <= as_of)]


def _foreign_hulls(events: Events) -> set[str]:
    """Hulls known from providers alone: what they call them is not dated."""
    frames = (events[VOYAGE], events[PORT_CALL])
    of_providers = {hull for frame in frames for hull in frame.loc[_by_provider(frame), "vessel_id"]}
    ours = {hull for frame in frames for hull in frame.loc[~_by_provider(frame), "vessel_id"]}
    return of_providers - ours - set(events.identities["vessel_id"])


def _by_provider(frame: DataFrame) -> Series:
    return frame["source"] != OURS


def _voyages(voyages: DataFrame, as_of: datetime) -> DataFrame:
    voyages = voyages[end_of_day(voyages["departed_at"]) <= as_of].copy()
    under_way = voyages["known_at"] > as_of
    for name in _OF_ARRIVAL:
        voyages[name] = voyages[name].mask(under_way)
    voyages["cargo_state"] = voyages["cargo_state"].mask(under_way, "unknown")
    voyages["known_at"] = voyages["known_at"].mask(under_way, end_of_day(voyages["departed_at"]))
    return VOYAGE.conform(voyages)


def _port_calls(calls: DataFrame, voyages: DataFrame, as_of: datetime) -> DataFrame:
    """Calls begun by then in which she had stopped, or a voyage had ended: an open one without was no call yet."""
    calls = calls[end_of_day(calls["arrived_by"]) <= as_of].copy()
    still_open = calls["known_at"] > as_of
    for name in _OF_DEPARTURE:
        calls[name] = calls[name].mask(still_open)
    later = end_of_day(calls["first_stop_at"]) > as_of
    for name in ("first_stop_at", "stop_longitude", "stop_latitude"):
        calls[name] = calls[name].mask(later)
    reached = calls["port_call_id"].isin(voyages["destination_port_call_id"].dropna())
    qualified = calls["first_stop_at"].notna() | reached
    entered = calls["arrived_after"].notna().astype("int64")
    calls["confidence"] = calls["confidence"].mask(still_open, 2 + entered)
    calls["state"] = calls["state"].mask(still_open, "open")
    calls["known_at"] = calls["known_at"].mask(still_open, end_of_day(calls["arrived_by"]))
    return PORT_CALL.conform(calls[qualified | ~still_open])


def _stops(stops: DataFrame, as_of: datetime, stop_hours: float) -> DataFrame:
    """Rests that had lasted long enough by then; those that had not ended stand open."""
    from pandas import Timedelta

    since = end_of_day(stops["began_at"] + Timedelta(hours=stop_hours))
    stops = stops[since <= as_of].copy()
    still_open = stops["known_at"] > as_of
    for name in ("last_at", "ended_at", "stopped_hours"):
        stops[name] = stops[name].mask(still_open)
    stops["known_at"] = stops["known_at"].mask(still_open, since)
    return STOP.conform(stops)


def _gaps(gaps: DataFrame, as_of: datetime, silence_hours: float) -> DataFrame:
    """Silences that had lasted long enough by then; whether anybody else was heard is asked of those that had ended."""
    from pandas import Timedelta

    since = end_of_day(gaps["began_at"] + Timedelta(hours=silence_hours))
    gaps = gaps[(gaps["known_at"] <= as_of) | (~_by_provider(gaps) & (since <= as_of))].copy()
    still_open = gaps["known_at"] > as_of
    for name in _OF_RETURN:
        gaps[name] = gaps[name].mask(still_open)
    for name in ("hours_tested", "hours_heard", "vessel_hours_before"):
        gaps[name] = gaps[name].mask(still_open, 0)
    gaps["reception"] = gaps["reception"].mask(still_open, "unknown")
    gaps["known_at"] = gaps["known_at"].mask(still_open, since)
    return AIS_GAP.conform(gaps)


def _dark_calls(calls: DataFrame, as_of: datetime, cargo_hours: float) -> DataFrame:
    """Calls in silences that had ended by then, and those that open ones had left time for: the nearest port first.
    Ports that the end ruled out again, and silences in which none was left, are not among the rows of now."""
    from pandas import Timedelta

    since = end_of_day(calls["earliest_arrival_at"] + Timedelta(hours=cargo_hours))
    calls = calls[(calls["known_at"] <= as_of) | (since <= as_of)].copy()
    still_open = calls["known_at"] > as_of
    for name in _OF_LEAVING:
        calls[name] = calls[name].mask(still_open)
    order = calls.sort_values(["ais_gap_id", "distance_in_nm", "zone_id"], kind="stable").groupby("ais_gap_id")
    calls["rank"] = calls["rank"].mask(still_open, order.cumcount() + 1)
    in_reach = order["zone_id"].transform("size")
    calls["ports_in_reach"] = calls["ports_in_reach"].mask(still_open, in_reach)
    calls["known_at"] = calls["known_at"].mask(still_open, since)
    return DARK_CALL.conform(calls)


def _vessels(vessels: DataFrame, identities: DataFrame, as_of: datetime) -> DataFrame:
    """VESSEL with what each hull had last reported by then."""
    said = identities.assign(to_at=identities["to_at"].clip(upper=as_of))
    said = said.sort_values(["to_at", "from_at"], kind="stable")
    reported = ["mmsi", "name", "flag", "ship_type", "length_m", "width_m"]
    last = said.groupby("vessel_id")[reported].last().reindex(vessels["vessel_id"]).set_axis(vessels.index)
    return vessels.assign(**last.assign(mmsi=last["mmsi"].fillna(vessels["mmsi"])))
