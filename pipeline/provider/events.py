"""Events of a provider in our tables: calls, gaps, encounters, loitering, and voyages between calls.

Nothing is derived again: a call is the provider's visit, its place our zone at the provider's position, and what the
provider does not give (draught, hours stopped, distance sailed, reception) is null or unknown. Every row carries what
the provider is known not to see, and which version of the provider's data it is from.

A visit of more than a year is no stay of a ship: it is shown as a call, marked, and no voyage begins or ends with it.
An encounter whose other ship sent no ship's number is kept without her. Whether the provider's model takes a gap for
switched off is not passed on: since August 2025 it says so of every gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM
from geo.zones import Zones
from pipeline.contracts import AIS_GAP, ENCOUNTER, LOITERING, PASSAGE, PORT_CALL, VOYAGE
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import VoyageLimits
from pipeline.provider.hulls import SHIP, find_hulls, imo_of, particulars_of, sides_of, vessels_of
from pipeline.provider.voyages import find_voyages, visit_ids, with_data_set

_KM_PER_NM = METRES_PER_NM / 1000
_HOUR = pd.Timedelta(hours=1)
_UNNAMED = "a port without a name"
_NEVER_LEFT = "a transmitter that never leaves, or an MMSI that several share. "


@dataclass(frozen=True)
class EventsOfProvider:
    """PORT_CALL, AIS_GAP, ENCOUNTER, LOITERING, VOYAGE by table name; VESSEL of the ships' hulls as the provider knows
    them; `hulls`: mmsi, vessel_id of all ships."""

    tables: dict[str, DataFrame]
    vessels: DataFrame
    hulls: DataFrame


def derive_provider_events(
    events: DataFrame,
    vessels: DataFrame,
    tracks: DataFrame,
    zones: Zones,
    notes: Mapping[str, str],
    terms: Mapping[str, str],
    limits: VoyageLimits,
) -> EventsOfProvider:
    """Derive the events of some ships.

    events   PROVIDER_EVENT, each event once: all there are of each ship
    vessels  PROVIDER_VESSEL, each ship once: the provider's particulars of these ships, and maybe of others
    tracks   TRACK: what our own positions know of the MMSIs, the other ones of encounters too
    notes    what the provider is known not to see, a sentence by kind of event, and for `voyage`
    terms    what binds whoever passes the rows on, by provider; a provider whose events are free for any use has none
    returns  rows with `source` the provider and no track. An event's id comes from the provider's id.

    A ship is the hull of a valid IMO number that the provider gives with an event, else in her particulars; else the
    hull of ours that was heard on her MMSI over the time of her events, or at any time; else, where ours do not know
    the MMSI, a hull of her own. Where it could be several of ours, or ours heard another number than her particulars
    give, it is none of them: an innocent hull must not be named.
    """
    sides = sides_of(events)
    known = particulars_of(sides, vessels)
    hulls = find_hulls(sides, known, tracks)
    events = events.merge(hulls, on=SHIP, how="left", validate="m:1")
    events["imo"] = imo_of(events["vessel_id"])
    events["licence"] = events["provider"].map(terms)
    visits = _port_calls(events, zones, notes, limits)
    calls = visits[visits["confidence"] > 1]
    calls = calls.assign(visit_id=visit_ids(calls, zones, limits))
    passages = _passages(visits[visits["confidence"] <= 1])
    gaps = _gaps(events, zones, notes)
    encounters = _encounters(events, hulls, zones, notes)
    tables = {
        PORT_CALL.name: PORT_CALL.conform(calls),
        PASSAGE.name: PASSAGE.conform(passages),
        AIS_GAP.name: gaps,
        ENCOUNTER.name: encounters,
        LOITERING.name: _loitering(events, zones, notes),
        VOYAGE.name: find_voyages(calls, passages, gaps, encounters, zones, notes, limits),
    }
    return EventsOfProvider(
        tables, vessels_of(sides, known, hulls, terms), hulls[["mmsi", "vessel_id"]].drop_duplicates(ignore_index=True)
    )


def _of_kind(events: DataFrame, kind: str, table: str, note: str | None) -> DataFrame:
    """Events of one kind with the columns that all tables share."""
    rows = events[events["kind"] == kind].reset_index(drop=True)
    return rows.assign(
        **{f"{table}_id": deterministic_ids(table, rows["provider"], rows["event_id"])},
        track_id=None,
        source=rows["provider"],
        known_at=end_of_day(rows["ended_at"].fillna(rows["began_at"])),
        cut_at_start=False,
        provider_note=with_data_set(note or "", rows),
    )


def _locate(zones: Zones, longitude: Series, latitude: Series) -> np.ndarray:
    """Code of the innermost zone of each position; -1 for none, or no position."""
    codes = np.full(len(longitude), -1, dtype="int64")
    placed = (longitude.notna() & latitude.notna()).to_numpy()
    codes[placed] = zones.locate(longitude.to_numpy("float64")[placed], latitude.to_numpy("float64")[placed])
    return codes


def _zone_ids(zones: Zones, codes: np.ndarray) -> list[str | None]:
    return [zones.ids[code] if code >= 0 else None for code in codes]


def _port_calls(events: DataFrame, zones: Zones, notes: Mapping[str, str], limits: VoyageLimits) -> DataFrame:
    """PORT_CALL, and `ship`, `event_id`; where its position is in no port of ours, that of the anchorage is used."""
    calls = _of_kind(events, "port_visit", PORT_CALL.name, None)
    call_code = np.append(zones.call_code, -1).astype("int64")  # code -1 stays -1
    at_position = _locate(zones, calls["longitude"], calls["latitude"])
    at_anchorage = _locate(zones, calls["anchorage_longitude"], calls["anchorage_latitude"])
    inner = np.where(call_code[at_position] >= 0, at_position, at_anchorage)
    places = zones.frame[["zone_id", "kind", "port", "country"]].reindex(inner).set_axis(calls.index)
    zone_ids = Series(_zone_ids(zones, call_code[inner]), index=calls.index, dtype="str")
    berth = places["zone_id"].where((places["kind"] == "terminal") & zone_ids.notna())
    of_call = zones.frame.set_index("zone_id")[["port", "country"]].reindex(berth.fillna(zone_ids))
    of_call = of_call.set_axis(calls.index)
    labelled = calls["port"].fillna(_UNNAMED)
    country = calls["port_country"]
    label = 'Labelled "' + labelled + '"' + (" (" + country + ")").fillna("") + " by its provider. "
    entered = ("She came in at " + calls["entered_at"] + ". ").fillna("")
    left = ("She went out at " + calls["left_at"] + ". ").fillna("")
    hours = (calls["ended_at"] - calls["began_at"]) / _HOUR
    implausible = (hours > limits.longest_stay_hours).astype("boolean")
    too_long = "A stay of " + hours.round().astype("int64").astype("str") + " hours is none of a ship: " + _NEVER_LEFT
    return calls.assign(
        zone_id=zone_ids,
        berth_zone_id=berth,
        port=of_call["port"].fillna(labelled),
        country=of_call["country"].fillna(country),
        arrived_after=pd.NaT,
        arrived_by=calls["began_at"],
        departed_after=calls["ended_at"],
        departed_by=calls["ended_at"],
        state="closed",
        first_stop_at=pd.NaT,
        stop_longitude=calls["longitude"],
        stop_latitude=calls["latitude"],
        draught_in_at=pd.NaT,
        draught_out_at=pd.NaT,
        implausible_stay=implausible,
        provider_note=with_data_set(
            label + entered + left + too_long.where(implausible, "").astype("str") + notes["port_visit"], calls
        ),
        **dict.fromkeys(("stopped_hours", "draught_in_m", "draught_out_m", "max_silence_hours")),
    )


def _passages(visits: DataFrame) -> DataFrame:
    """PASSAGE, and `ship`: visits in which the provider saw neither a stop nor a gap."""
    return visits.assign(
        passage_id=deterministic_ids("passage", visits["provider"], visits["event_id"]),
        entered_after=visits["arrived_after"],
        entered_by=visits["arrived_by"],
        left_after=visits["departed_after"],
        left_by=visits["departed_by"],
    )


def _gaps(events: DataFrame, zones: Zones, notes: Mapping[str, str]) -> DataFrame:
    gaps = _of_kind(events, "gap", AIS_GAP.name, notes["gap"])
    off = {axis: gaps[f"off_{axis}"].fillna(gaps[axis]) for axis in ("longitude", "latitude")}
    hours = gaps["hours"].fillna((gaps["ended_at"] - gaps["began_at"]) / _HOUR).round(2)
    a_day = gaps["satellite_positions_per_day"]
    reception = "Reception by satellite where it began, as its provider has it: " + _figure(a_day) + " positions a day"
    before = (" and " + _figure(gaps["satellite_positions_before"]) + " of her in the 12 hours before").fillna("")
    return AIS_GAP.conform(
        gaps.assign(
            hours=hours.where(gaps["ended_at"].notna()),
            off_longitude=off["longitude"],
            off_latitude=off["latitude"],
            off_zone_id=_zone_ids(zones, _locate(zones, off["longitude"], off["latitude"])),
            on_zone_id=_zone_ids(zones, _locate(zones, gaps["on_longitude"], gaps["on_latitude"])),
            distance_nm=(gaps["distance_km"] / _KM_PER_NM).round(1),
            implied_speed_kn=gaps["speed_kn"],
            reception="unknown",
            hours_tested=0,
            hours_heard=0,
            vessel_hours_before=0,
            provider_note=(reception + before + ". ").fillna("").astype("str") + gaps["provider_note"],
            **dict.fromkeys(
                (
                    "receiver",
                    "reception_cell_deg",
                    "reception_outage_id",
                    "hours_hidden",
                    "feasible_zone_id",
                    "feasible_stay_hours",
                )
            ),
        )
    )


def _figure(values: Series) -> Series:
    """Values as text, without a decimal that is 0; null stays null."""
    return values.round(1).map("{:g}".format, na_action="ignore").astype("str")


def _encounters(events: DataFrame, hulls: DataFrame, zones: Zones, notes: Mapping[str, str]) -> DataFrame:
    """ENCOUNTER: a meeting that the provider reports for both ships is one, under the lesser MMSI."""
    met = _of_kind(events, "encounter", ENCOUNTER.name, None).astype({"other_mmsi": "Int64"})
    others = hulls.rename(columns={name: f"other_{name}" for name in ("mmsi", "ship", "vessel_id")})
    met = met.merge(others, on=["provider", "other_mmsi", "other_ship"], how="left", validate="m:1")
    met["other_imo"] = imo_of(met["other_vessel_id"])
    turned = (met["mmsi"] > met["other_mmsi"]).fillna(False).to_numpy(dtype=bool)
    pairs = {name: f"other_{name}" for name in ("mmsi", "imo", "vessel_id", "ship")}
    first = {one: met[one].where(~turned, met[other]) for one, other in pairs.items()}
    second = {other: met[other].where(~turned, met[one]) for one, other in pairs.items()}
    kinds = "Kinds of ships as its provider classes them: " + met["encounter_kind"].fillna("not told") + ". "
    name = (" (" + met["other_name"] + ")").fillna("")
    number = met["other_number"].fillna("nothing")
    unnumbered = "The other one" + name + " sent no ship's number (" + number + "): who she is cannot be told. "
    unnumbered = unnumbered.where(met["other_mmsi"].isna(), "").astype("str")
    met = met.assign(
        **first,
        **second,
        other_track_id=None,
        median_distance_m=(met["distance_km"] * 1000).round(0),
        median_speed_kn=met["speed_kn"],
        zone_id=_zone_ids(zones, _locate(zones, met["longitude"], met["latitude"])),
        provider_note=with_data_set(kinds + unnumbered + notes["encounter"], met),
        **dict.fromkeys(ENCOUNTER.names[ENCOUNTER.names.index("last_at") :]),  # what only positions of ours can tell
    )
    met["other_party"] = met["other_mmsi"].astype("str").fillna(met["other_ship"]).fillna(met["other_number"])
    met = met.sort_values("event_id").drop_duplicates(["provider", "mmsi", "other_party", "began_at", "ended_at"])
    return ENCOUNTER.conform(met)


def _loitering(events: DataFrame, zones: Zones, notes: Mapping[str, str]) -> DataFrame:
    loitering = _of_kind(events, "loitering", LOITERING.name, notes["loitering"])
    return LOITERING.conform(
        loitering.assign(
            kind="at_sea",
            **dict.fromkeys(("stopped_hours", "port", "next_port", "next_country", "draught_change_m")),
            hours=loitering["hours"].fillna((loitering["ended_at"] - loitering["began_at"]) / _HOUR).round(2),
            distance_nm=(loitering["distance_km"] / _KM_PER_NM).round(1),
            mean_speed_kn=loitering["speed_kn"],
            zone_id=_zone_ids(zones, _locate(zones, loitering["longitude"], loitering["latitude"])),
        )
    )
