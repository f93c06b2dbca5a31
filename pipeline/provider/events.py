"""Events bought in from a provider, told in our tables: calls, gaps, encounters, loitering, and voyages between calls.

Nothing is derived anew: a call is the provider's visit, its place our zone at the provider's position, and what the
provider does not tell (draught, hours stopped, distance sailed, reception) is null or unknown. Every row carries what
the provider is known not to see, and which version of the provider's data told it.

A visit of more than a year is no stay of a ship: it is shown as a call, marked, and no voyage begins or ends with it.
An encounter whose other ship sent no ship's number stands without her. Whether the provider's model takes a gap for
switched off is not told on: since August 2025 it says so of every gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM
from geo.harbours import harbours_at
from geo.zones import Zones
from pipeline.contracts import AIS_GAP, ENCOUNTER, LOITERING, PASSAGE, PORT_CALL, VESSEL, VOYAGE
from pipeline.days import end_of_day
from pipeline.events.identity import flag_of
from pipeline.events.passed import count_passed
from pipeline.events.stays import CALLED_AT
from pipeline.ids import deterministic_ids, hull_of_imo
from pipeline.limits import VoyageLimits
from pipeline.terms import all_terms

_KM_PER_NM = METRES_PER_NM / 1000
_SHIP = ["provider", "mmsi", "ship"]
_ID = ["provider", "ship"]
_HOUR = pd.Timedelta(hours=1)
_IN_ORDER = [*_SHIP, "arrived_by", "departed_by", "event_id"]
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
    """Tell the events of some ships.

    events   PROVIDER_EVENT, each event once: all there are of each ship
    vessels  PROVIDER_VESSEL, each ship once: what the provider tells of these ships, and maybe of others
    tracks   TRACK: what our own positions know of the MMSIs, the other ones of encounters too
    notes    what the provider is known not to see, a sentence by kind of event, and for `voyage`
    terms    what binds whoever passes the rows on, by provider; a provider whose events are free for any use has none
    returns  rows with `source` the provider and no track. An event's id comes from the provider's id.

    A ship is the hull of a valid IMO number that the provider gives with an event, else in her particulars; else the
    hull of ours that was heard on her MMSI over the time of her events, or at any time; else, where ours do not know
    the MMSI, a hull of her own. Where it could be several of ours, or ours heard another number than her particulars
    tell, it is none of them: an innocent hull must not be named.
    """
    sides = _sides(events)
    known = _particulars_of(sides, vessels)
    hulls = _hulls(sides, known, tracks)
    events = events.merge(hulls, on=_SHIP, how="left", validate="m:1")
    events["imo"] = _imo_of(events["vessel_id"])
    events["licence"] = events["provider"].map(terms)
    visits = _port_calls(events, zones, notes, limits)
    calls = visits[visits["confidence"] > 1]
    calls = calls.assign(visit_id=_visits(calls, zones, limits))
    passages = _passages(visits[visits["confidence"] <= 1])
    gaps = _gaps(events, zones, notes)
    encounters = _encounters(events, hulls, zones, notes)
    tables = {
        PORT_CALL.name: PORT_CALL.conform(calls),
        PASSAGE.name: PASSAGE.conform(passages),
        AIS_GAP.name: gaps,
        ENCOUNTER.name: encounters,
        LOITERING.name: _loitering(events, zones, notes),
        VOYAGE.name: _voyages(calls, passages, gaps, encounters, zones, notes, limits),
    }
    return EventsOfProvider(
        tables, _vessels(sides, known, hulls, terms), hulls[["mmsi", "vessel_id"]].drop_duplicates(ignore_index=True)
    )


# ---------------------------------------------------------------------------------------------------- ships


def _sides(events: DataFrame) -> DataFrame:
    """Who took part in each event: _SHIP, imo, name, from_at, to_at."""
    span = {"from_at": events["began_at"], "to_at": events["ended_at"].fillna(events["began_at"])}
    main = events[[*_SHIP, "imo", "name"]].assign(**span)
    other = events[["provider", "other_mmsi", "other_ship", "other_name"]].set_axis([*_SHIP, "name"], axis=1)
    other = other.assign(imo=pd.Series(pd.NA, index=other.index, dtype="Int64"), **span).dropna(subset=["mmsi"])
    return pd.concat([main, other.astype({"mmsi": "int64"})[main.columns]], ignore_index=True)


def _hulls(sides: DataFrame, particulars: DataFrame, tracks: DataFrame) -> DataFrame:
    """_SHIP, vessel_id: the hull of each ship of the provider."""
    latest = sides.sort_values(["to_at", "from_at", "imo", "name"])
    ships = latest.groupby(_SHIP, as_index=False).agg(
        imo=("imo", "last"), from_at=("from_at", "min"), to_at=("to_at", "max")
    )
    heard = ships[[*_SHIP, "from_at", "to_at"]].merge(tracks, on="mmsi", suffixes=("", "_heard"), validate="m:m")
    then = heard[(heard["from_at_heard"] <= heard["to_at"]) & (heard["to_at_heard"] >= heard["from_at"])]
    own = "mmsi-" + ships["mmsi"].astype("str")
    unclear = ships["provider"] + "-" + ships["mmsi"].astype("str")
    key = pd.MultiIndex.from_frame(ships[_SHIP])
    hull = unclear.where(key.isin(pd.MultiIndex.from_frame(heard[_SHIP])), own)
    for candidates in (heard, then):
        of_ship = candidates.groupby(_SHIP)["vessel_id"].agg(["nunique", "first"])
        single = of_ship.loc[of_ship["nunique"] == 1, "first"].reindex(key).set_axis(ships.index)
        several = of_ship["nunique"].gt(1).reindex(key, fill_value=False).to_numpy()
        hull = single.fillna(hull).mask(several, unclear)
    told = ships[_SHIP].merge(particulars[[*_SHIP, "imo_known"]], on=_SHIP, how="left", validate="1:1")["imo_known"]
    numbers = ships["imo"].astype("Int64").fillna(told)
    disputed = key.isin(_heard_otherwise(ships.assign(imo=told), then)) & ships["imo"].isna()
    by_imo = hull_of_imo(numbers)
    return ships[_SHIP].assign(vessel_id=by_imo.where(numbers.notna(), hull).mask(disputed, unclear).astype("str"))


def _heard_otherwise(ships: DataFrame, heard: DataFrame) -> pd.MultiIndex:
    """_SHIP of those on whose MMSI ours heard another IMO number than is told of them.

    ships  _SHIP, imo
    heard  _SHIP, vessel_id: the hulls of ours over the time of their events
    """
    ours = heard[_SHIP].assign(imo_heard=_imo_of(heard["vessel_id"])).dropna(subset=["imo_heard"])
    both = ours.merge(ships.dropna(subset=["imo"]), on=_SHIP, validate="m:1")
    return pd.MultiIndex.from_frame(both.loc[both["imo_heard"] != both["imo"], _SHIP])


def _particulars_of(sides: DataFrame, vessels: DataFrame) -> DataFrame:
    """_SHIP and the particulars of each ship, columns ending in `_known`; none where they are of another MMSI."""
    known = vessels.drop(columns="source_file_id").add_suffix("_known")
    known = known.rename(columns={f"{name}_known": name for name in _ID})
    found = sides[_SHIP].drop_duplicates().merge(known, on=_ID, validate="m:1")
    of_her = found["mmsi_known"].isna() | (found["mmsi_known"] == found["mmsi"])
    return found[of_her.fillna(False)].drop(columns="mmsi_known")


def _imo_of(vessel_ids: Series) -> Series:
    """The IMO number that a hull is known by; null for one known by MMSI."""
    return vessel_ids.str.extract(r"^imo-(\d+)$", expand=False).astype("Int64")


def _vessels(sides: DataFrame, particulars: DataFrame, hulls: DataFrame, terms: Mapping[str, str]) -> DataFrame:
    """VESSEL: each hull as the provider knew it last."""
    known = sides.merge(hulls, on=_SHIP, validate="m:1").merge(particulars, on=_SHIP, how="left", validate="m:1")
    known["name"] = known["name"].fillna(known["name_known"])
    known["licence"] = known["provider"].map(terms)
    known = known.sort_values(["to_at", "from_at", "mmsi", "name", "ship"])
    found = known.groupby("vessel_id", as_index=False).agg(
        mmsi=("mmsi", "last"),
        name=("name", "last"),
        call_sign=("call_sign_known", "last"),
        length_m=("length_m_known", "last"),
        from_at=("from_at", "min"),
        to_at=("to_at", "max"),
        licence=("licence", all_terms),
    )
    nothing = dict.fromkeys(("ship_type", "width_m"))
    return VESSEL.conform(found.assign(imo=_imo_of(found["vessel_id"]), flag=flag_of(found["mmsi"]), **nothing))


# --------------------------------------------------------------------------------------------------- events


def _of_kind(events: DataFrame, kind: str, table: str, note: str | None) -> DataFrame:
    """Events of one kind with the columns that all tables share."""
    rows = events[events["kind"] == kind].reset_index(drop=True)
    return rows.assign(
        **{f"{table}_id": deterministic_ids(table, rows["provider"], rows["event_id"])},
        track_id=None,
        source=rows["provider"],
        known_at=end_of_day(rows["ended_at"].fillna(rows["began_at"])),
        cut_at_start=False,
        provider_note=_note(note or "", rows),
    )


def _note(note: str | Series, rows: DataFrame) -> Series:
    """What is said of events beside their columns, with the data set that told them."""
    told = (" Data set: " + rows["dataset"] + ".").fillna("").astype("str")
    return note + told


def _locate(zones: Zones, longitude: Series, latitude: Series) -> np.ndarray:
    """Code of the innermost zone of each position; -1 for none, or no position."""
    codes = np.full(len(longitude), -1, dtype="int64")
    placed = (longitude.notna() & latitude.notna()).to_numpy()
    codes[placed] = zones.locate(longitude.to_numpy("float64")[placed], latitude.to_numpy("float64")[placed])
    return codes


def _zone_ids(zones: Zones, codes: np.ndarray) -> list[str | None]:
    return [zones.ids[code] if code >= 0 else None for code in codes]


def _port_calls(events: DataFrame, zones: Zones, notes: Mapping[str, str], limits: VoyageLimits) -> DataFrame:
    """PORT_CALL, and `ship`, `event_id`; where its position is in no port of ours, the anchorage's is asked."""
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
        draught_in_at=pd.NaT,
        draught_out_at=pd.NaT,
        implausible_stay=implausible,
        provider_note=_note(
            label + entered + left + too_long.where(implausible, "").astype("str") + notes["port_visit"], calls
        ),
        **dict.fromkeys(("stopped_hours", "draught_in_m", "draught_out_m", "max_silence_hours")),
    )


def _visits(calls: DataFrame, zones: Zones, limits: VoyageLimits) -> Series:
    """The first call of each call's visit: those in one harbour, each within `limits.shift_hours` of the one before."""
    seen = calls[~calls["implausible_stay"].astype(bool)].sort_values(_IN_ORDER)
    last_left = seen.groupby(_SHIP, sort=False)["departed_by"].cummax()
    before = last_left.groupby([seen[name] for name in _SHIP], sort=False).shift()
    place = harbours_at(seen, zones.frame)
    same = (place == _before_on_ship(place, seen)) & (seen["arrived_by"] - before <= limits.shift_hours * _HOUR)
    first = seen.groupby((~same).cumsum())["port_call_id"].transform("first")
    return first.reindex(calls.index).fillna(calls["port_call_id"])


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
            **dict.fromkeys(("reception_cell_deg", "feasible_zone_id", "feasible_stay_hours")),
        )
    )


def _figure(values: Series) -> Series:
    """Values as text, without a decimal that is 0; null stays null."""
    return values.round(1).map("{:g}".format, na_action="ignore").astype("str")


def _encounters(events: DataFrame, hulls: DataFrame, zones: Zones, notes: Mapping[str, str]) -> DataFrame:
    """ENCOUNTER: a meeting that the provider tells from both ships' sides is one, under the lesser MMSI."""
    met = _of_kind(events, "encounter", ENCOUNTER.name, None).astype({"other_mmsi": "Int64"})
    others = hulls.rename(columns={name: f"other_{name}" for name in ("mmsi", "ship", "vessel_id")})
    met = met.merge(others, on=["provider", "other_mmsi", "other_ship"], how="left", validate="m:1")
    met["other_imo"] = _imo_of(met["other_vessel_id"])
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
        provider_note=_note(kinds + unnumbered + notes["encounter"], met),
    )
    met["other_party"] = met["other_mmsi"].astype("str").fillna(met["other_ship"]).fillna(met["other_number"])
    met = met.sort_values("event_id").drop_duplicates(["provider", "mmsi", "other_party", "began_at", "ended_at"])
    return ENCOUNTER.conform(met)


def _loitering(events: DataFrame, zones: Zones, notes: Mapping[str, str]) -> DataFrame:
    loitering = _of_kind(events, "loitering", LOITERING.name, notes["loitering"])
    return LOITERING.conform(
        loitering.assign(
            hours=loitering["hours"].fillna((loitering["ended_at"] - loitering["began_at"]) / _HOUR).round(2),
            distance_nm=(loitering["distance_km"] / _KM_PER_NM).round(1),
            mean_speed_kn=loitering["speed_kn"],
            zone_id=_zone_ids(zones, _locate(zones, loitering["longitude"], loitering["latitude"])),
        )
    )


# -------------------------------------------------------------------------------------------------- voyages


def _voyages(
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
    last_left = seen.groupby(_SHIP, sort=False)["departed_by"].cummax()
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
    same_ship = np.logical_and.reduce([legs[name] == legs[f"to_{name}"] for name in _SHIP])
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
            provider_note=_note(notes["voyage"], legs),
            **dict.fromkeys(("distance_nm", "draught_before_m", "draught_m", "draught_change_m")),
        )
    )


def _before_on_ship(values: Series, rows: DataFrame) -> Series:
    """The value of the row before of the same ship."""
    return values.groupby([rows[name] for name in _SHIP], sort=False).shift()


def _beside(legs: DataFrame, rows: DataFrame, key: str) -> DataFrame:
    """Rows of the same MMSI that overlap a leg: `leg`, the row, and `shared_hours`."""
    spans = legs[[key, "departed_at", "to_arrived_by"]].assign(leg=legs.index)
    pairs = spans.merge(rows, on=key, validate="m:m")
    begin = pairs[["departed_at", "began_at"]].max(axis=1)
    end = pairs[["to_arrived_by", "ended_at"]].min(axis=1)
    return pairs.assign(shared_hours=(end - begin) / _HOUR)[end > begin]
