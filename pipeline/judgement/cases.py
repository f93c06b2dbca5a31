"""Cases: each voyage and each port call with all that is known around it, one wide row, for patterns and evidence.

A case gathers what the event's own row only refers to: the zones and calls at both ends, the ship as she reported
herself at the time, what lists said of her at the time, and the longest silences beside it. Conditions in
`seeds/patterns` and `seeds/evidence.yaml` name the columns below, and so do the sentences there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pipeline.judgement.draughts import READ, read_draughts
from pipeline.judgement.duplicate_events import find_duplicates
from pipeline.judgement.foreign_stops import find_foreign_stops, read_foreign_stops
from pipeline.judgement.ships import with_ship

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.watchlists import Watchlists
    from pipeline.limits import DraughtLimits

CaseKind = Literal["voyage", "port_call"]


@dataclass(frozen=True)
class Events:
    """What happened: VOYAGE, PORT_CALL, STOP, AIS_GAP, DRAUGHT_CHANGE, and to whom: VESSEL, VESSEL_IDENTITY."""

    voyages: DataFrame
    port_calls: DataFrame
    stops: DataFrame
    gaps: DataFrame
    draughts: DataFrame
    vessels: DataFrame
    identities: DataFrame


def _described(text: str) -> dict[str, str]:
    return dict(line.strip().split(None, 1) for line in text.splitlines() if line.strip())


_SHIP = """
    event_id      id of the event it is the case of
    began_at      departure; for a call the arrival (UTC)
    ended_at      arrival; for a call the last fix inside, or while it is open the first stop (UTC)
    vessel_id     the hull
    mmsi          MMSI as transmitted
    imo           IMO number with valid check digit
    known_at      when the event as it stands was known (UTC)
    source        ais (ours), or the provider it comes from
    seen_by       provider that reports the same event as ours
    seen_by_id    id of that provider's event
    ship          name, IMO number and MMSI, for sentences
    vessel_name   name reported at the time, else the last one known
    flag          ISO 3166 alpha-2 country of the MMSI
    ship_type     AIS ship type reported at the time
    length_m      length reported at the time, metres
    list_status   listed, unknown (on a list that gives no date so early), or none, as of the event
    lists         the lists behind list_status, for sentences
    bars_entry    one of them closes the ports of the country she called in to her
    name_hint     entry listed as of the event whose name hers resembles, for sentences; none where IMO numbers differ
    name_hint_similarity  how much, 0-100
    heard_gap_id          longest silence beside the event during which others were heard
    heard_gap_hours       its hours
    heard_gap_began_at    last fix before it (UTC)
    heard_gap_longitude   position of that fix, degrees
    heard_gap_latitude    position of that fix, degrees
    heard_gap_hours_heard     hours of the test in which others were heard
    heard_gap_hours_tested    hours of the test
    unheard_gap_id        longest silence beside the event that cannot be read: nobody else was heard, or too few
    unheard_gap_hours     its hours
    unheard_gap_began_at  last fix before it (UTC)
    unheard_gap_reception not_heard or unknown
"""
_PLACE = """
    {0}_zone_id        berth, else port, basin or anchorage
    {0}_name           its name
    {0}_kind           its kind, as in ZONE
    {0}_is_berth       a terminal in which no other zone lies: distinct from its neighbours
    {0}_port           port
    {0}_country        ISO 3166 alpha-2
    {0}_loads_coal     coal is known to be loaded there
    {0}_receives_coal  a place where such coal was, or could be, landed
"""
_CALL = """
    {0}_port_call_id   the call; at a destination the first one at the port itself, else the one at its anchorage
    {0}_confidence     1-4, as in PORT_CALL
    {0}_state          open, closed or ended_in_silence
    {0}_arrived_by     first fix inside (UTC)
    {0}_first_stop_at  first stopped fix inside (UTC); null where no stop was heard, and of a provider's call
    {0}_max_silence_hours  longest silence inside; null while open
    {0}_stopped_hours  hours stopped; null while open, and for a provider's call
    {0}_stopped_at_most_hours  that and the longest silence of the stay, in which she may have lain stopped as well
    {0}_visit_hours    hours from arrival to departure; null while open
    {0}_implausible_stay  of a provider's call: longer than a ship stays; null for ours
    {0}_came           "on arrival", or "when first heard there" of a call in which the data begins
    {0}_draught_in_m   draught on arrival, metres, as `draughts.read_draughts` has it; so the next five
    {0}_draught_least_m  the lowest of these, metres
    {0}_draught_most_m   the highest, metres
    {0}_draught_out_m  draught she left with, metres: of the stay, else the first that differs after it
    {0}_draught_change_m  that minus the one on arrival, metres
    {0}_draught        what the draught did: rose, fell, fell_then_rose, rose_then_fell, unchanged or unreported
"""

COLUMNS: dict[str, dict[str, str]] = {
    "voyage": _described(
        _SHIP
        + _PLACE.format("origin")
        + _CALL.format("origin")
        + _PLACE.format("destination")
        + _CALL.format("destination")
        + _PLACE.format("before")
        + """
        before_voyage_id    the voyage that brought her to the origin
        before_departed_at  when it began (UTC)
        stop_id             the stop in foreign waters that stands for the destination (`foreign_stops`)
        stop_lasted         how long she lay there, for sentences
        home_name           where such a voyage ended at last; null while open
        home_at             when (UTC)
        home_is_origin      whether that is the port it began from
        voyage_id           the voyage
        departed_at         first fix outside the origin (UTC)
        arrived_at          first fix inside the destination (UTC); null while open
        hours               length
        distance_nm         distance sailed; null up to a stop
        """
    ),
    "port_call": _described(
        _SHIP
        + _PLACE.format("call")
        + _CALL.format("call")
        + _PLACE.format("before")
        + _PLACE.format("next")
        + """
        call_at_anchorage    the call is at an anchorage
        call_departed_after  last fix inside (UTC); null while open
        stop_over            the visit: the same for calls in one harbour, each within a day of the one before
        before_voyage_id     the voyage that brought her here
        before_departed_at   when she left the place before (UTC)
        before_draught_out_m  draught she left it with, metres; null where a provider reports it
        before_rise_m        how much deeper she sat on arrival here (or by what she typed then and landed), metres
        before_silence_hours  the longest silence on that way
        next_voyage_id       the voyage that took her away
        next_arrived_at      when she arrived at the place after (UTC)
        """
    ),
}


def find_cases(
    events: Events,
    wanted: Mapping[CaseKind, Series],
    zones: DataFrame,
    watchlists: Watchlists,
    draught_change_m: float,
    draughts: DraughtLimits,
) -> dict[CaseKind, DataFrame]:
    """The cases of some voyages and port calls.

    events            all there is of the ships: what lies around an event is looked up in it
    wanted            for voyage and port_call which rows of `events` a case is made of, as bool
    draught_change_m  smallest change of a draught entered by hand that means cargo, metres
    draughts          until when a draught typed after a call is read as of it
    returns           for each kind one row an event, with the columns of `COLUMNS`; list status is as of the departure,
                      for a call as of the arrival
    """
    events = _on_lines(events)
    voyages, port_calls = events.voyages[wanted["voyage"]], events.port_calls[wanted["port_call"]]
    places = _places(zones)
    calls = _calls(events, zones, draught_change_m, draughts) if len(voyages) or len(port_calls) else None
    stops = find_foreign_stops(voyages, events.stops)
    if calls is not None and len(stops):
        read = calls[READ]
        stops = read_foreign_stops(stops, events.port_calls, read, events.draughts, zones, draught_change_m, draughts)
    return {
        "voyage": _none("voyage")
        if calls is None or voyages.empty
        else _voyage_cases(voyages, calls, stops, events, places, zones, watchlists),
        "port_call": _none("port_call")
        if calls is None or port_calls.empty
        else _port_call_cases(calls, port_calls.index, events, places, zones, watchlists),
    }


def _on_lines(events: Events) -> Events:
    """Providers' events have no track: those of one hull on one MMSI follow each other as if on one of their own.

    Adds to voyages the visit that each began from, and the one that it ended in.
    """

    def on_lines(frame: DataFrame) -> DataFrame:
        lines = frame["source"] + "-" + frame["mmsi"].astype("str") + "-" + frame["vessel_id"]
        return frame.assign(track_id=frame["track_id"].fillna(lines))

    visits = events.port_calls.drop_duplicates("port_call_id").set_index("port_call_id")["visit_id"]
    ends = {f"{end}_visit_id": events.voyages[f"{end}_port_call_id"].map(visits) for end in ("origin", "destination")}
    return replace(
        events,
        voyages=on_lines(events.voyages).assign(**ends),
        port_calls=on_lines(events.port_calls),
        stops=on_lines(events.stops),
        gaps=on_lines(events.gaps),
        draughts=on_lines(events.draughts),
    )


def _none(kind: CaseKind) -> DataFrame:
    from pandas import DataFrame

    return DataFrame(columns=list(COLUMNS[kind]), dtype=object)


def _voyage_cases(
    voyages: DataFrame,
    calls: DataFrame,
    stops: DataFrame,
    events: Events,
    places: DataFrame,
    zones: DataFrame,
    watchlists: Watchlists,
) -> DataFrame:
    said = calls[[name for name in calls if name not in (*_IDENTITY, "visit_id", "zone_id", "port", "country")]]
    cases = voyages.drop(columns="destination_port_call_id")
    origins = said.drop(columns="brought_by").add_prefix("origin_")
    cases = cases.merge(origins, on="origin_port_call_id", how="left", validate="many_to_one")
    landings = said.rename(columns={"brought_by": "voyage_id"}).dropna(subset=["voyage_id"])
    landings = landings.sort_values(["at_anchorage", "arrived_by"], kind="stable").drop_duplicates("voyage_id")
    landings = landings.rename(columns={name: f"destination_{name}" for name in landings if name != "voyage_id"})
    cases = cases.merge(landings, on="voyage_id", how="left", validate="one_to_one")
    cases["destination_zone_id"] = cases["destination_place_id"].fillna(cases["destination_zone_id"])
    for side in ("origin", "destination"):
        cases = _with_place(cases, side, places)
    cases = _with_foreign_stop(cases, stops)
    known = ["known_at", "stop_known_at", "origin_draught_known_at", "destination_draught_known_at"]
    cases["known_at"] = cases[known].max(axis=1)
    cases = _with_passage(cases, "before", cases["origin_visit_id"], events.voyages, places)
    began = cases["origin_arrived_after"].fillna(cases["origin_arrived_by"]).fillna(cases["departed_at"])
    cases = _with_gaps(cases, events.gaps, began, cases["arrived_at"])
    cases = with_ship(cases, events.identities, events.vessels, cases["departed_at"], watchlists)
    cases = _with_duplicate(cases, "voyage", cases["voyage_id"], events.voyages, zones)
    cases = cases.assign(event_id=cases["voyage_id"], began_at=cases["departed_at"], ended_at=cases["arrived_at"])
    return cases[list(COLUMNS["voyage"])]


def _with_foreign_stop(cases: DataFrame, stops: DataFrame) -> DataFrame:
    """Put the stop in foreign waters in the place of the destination of voyages that have one.

    stops  as `read_foreign_stops` gives them, or without rows
    """
    from pandas import NaT

    if stops.empty:
        home = {"home_name": None, "home_at": NaT, "home_is_origin": None}
        return cases.assign(stop_id=None, stop_lasted=None, stop_known_at=NaT, **home)
    there = stops.reindex(cases["voyage_id"]).set_axis(cases.index)
    has = there["stop_id"].notna()
    same = (cases["destination_port"] == cases["origin_port"]).where(cases["destination_port"].notna())
    cases = cases.assign(
        **{name: there.pop(name) for name in ("stop_id", "stop_lasted", "stop_known_at")},
        home_name=cases["destination_name"].where(has), home_at=cases["arrived_at"].where(has),
        home_is_origin=same.where(has),
    )  # fmt: skip
    for name in there:
        dtype = "boolean" if cases[name].dtype == bool else cases[name].dtype  # of a stop it may not be known
        cases[name] = cases[name].astype(object).where(~has, there[name]).astype(dtype)
    sailed = (cases["arrived_at"] - cases["departed_at"]).dt.total_seconds() / 3600
    return cases.assign(hours=cases["hours"].where(~has, sailed), distance_nm=cases["distance_nm"].where(~has))


def _port_call_cases(
    calls: DataFrame, wanted: Index, events: Events, places: DataFrame, zones: DataFrame, watchlists: Watchlists
) -> DataFrame:
    named = {name: f"call_{name}" for name in calls if name not in (*_IDENTITY, "known_at", "source")}
    cases = calls.loc[wanted].reset_index(drop=True).rename(columns=named)
    cases["call_zone_id"] = cases["call_place_id"]
    cases["known_at"] = cases[["known_at", "call_draught_known_at"]].max(axis=1)
    cases = _with_place(cases, "call", places)
    for side in ("before", "next"):
        cases = _with_passage(cases, side, cases["call_visit_id"], events.voyages, places)
    cases = _with_rise_before(cases, calls, events.voyages)
    cases = _with_gaps(cases, events.gaps, cases["before_departed_at"], cases["call_arrived_by"])
    cases = with_ship(cases, events.identities, events.vessels, cases["call_arrived_by"], watchlists)
    cases = _with_duplicate(cases, "port_call", cases["call_port_call_id"], events.port_calls, zones)
    seen = cases["call_first_stop_at"].fillna(cases["call_arrived_by"])
    cases = cases.assign(
        event_id=cases["call_port_call_id"],
        began_at=cases["call_arrived_by"],
        ended_at=cases["call_departed_after"].fillna(seen),
    )
    cases["stop_over"] = cases["call_visit_id"]
    return cases[list(COLUMNS["port_call"])]


def begins_at(kind: CaseKind, zones: DataFrame) -> DataFrame:
    """What a case can say of the place where it begins: `_PLACE` columns of the origin, or the call; one row a zone."""
    side = {"voyage": "origin", "port_call": "call"}[kind]
    places = _places(zones).assign(port=zones["port"].to_numpy(), country=zones["country"].to_numpy())
    return places.rename_axis("zone_id").reset_index().add_prefix(f"{side}_")


_IDENTITY = ("vessel_id", "track_id", "mmsi", "imo")


def _calls(events: Events, zones: DataFrame, draught_change_m: float, draughts: DraughtLimits) -> DataFrame:
    """What a case says of a call, and the voyage that brought her to the stop-over it belongs to; one row a call."""
    calls = events.port_calls[[
        *_IDENTITY, "port_call_id", "visit_id", "zone_id", "port", "country", "confidence", "state", "arrived_after",
        "arrived_by", "first_stop_at", "departed_after", "departed_by", "stopped_hours", "max_silence_hours",
        "implausible_stay", "known_at", "source",
    ]].copy()  # fmt: skip
    calls["stopped_at_most_hours"] = calls["stopped_hours"] + calls["max_silence_hours"]
    read = read_draughts(events.port_calls, events.draughts, zones, draught_change_m, draughts)
    calls = calls.join(read)
    calls["confidence"] = calls["confidence"].astype("Int64")
    calls["place_id"] = events.port_calls["berth_zone_id"].fillna(events.port_calls["zone_id"])
    calls["at_anchorage"] = calls["zone_id"].isin(zones.loc[zones["kind"] == "anchorage", "zone_id"])
    calls["came"] = calls["arrived_after"].notna().map({True: "on arrival", False: "when first heard there"})
    calls["visit_hours"] = (calls.pop("departed_by") - calls["arrived_by"]).dt.total_seconds() / 3600
    qualified = calls[calls["confidence"] > 1]
    calls["brought_by"] = _adjacent(qualified["visit_id"], "before", events.voyages, ["voyage_id"])
    return calls


def _with_passage(cases: DataFrame, side: str, visits: Series, voyages: DataFrame, places: DataFrame) -> DataFrame:
    """Add the place she came from by the voyage that ended in the visit (before), or goes to by the next one."""
    there, moment = ("origin", "departed_at") if side == "before" else ("destination", "arrived_at")
    said = {"voyage_id": "voyage_id", **{f"{there}_{name}": name for name in ("zone_id", "port", "country")}}
    found = _adjacent(visits, side, voyages, [*said, moment]).rename(columns=said)
    return _with_place(cases.join(found.add_prefix(f"{side}_")), side, places)


def _with_rise_before(cases: DataFrame, calls: DataFrame, voyages: DataFrame) -> DataFrame:
    """Add what her draught did between the call before and this one, and how long she was unheard on that way."""
    came = _adjacent(cases["call_visit_id"], "before", voyages, ["origin_port_call_id", "longest_silence_hours"])
    left_with = calls.drop_duplicates("port_call_id").set_index("port_call_id")["draught_out_m"]
    typed_here = cases["call_draught"] == "rose_then_fell"  # on arrival, of what she had long carried
    draught_m = cases["call_draught_in_m"].mask(typed_here, cases["call_draught_most_m"])
    left_m = came["origin_port_call_id"].map(left_with).astype("float64")
    return cases.assign(
        before_draught_out_m=left_m,
        before_rise_m=(draught_m - left_m).round(1),
        before_silence_hours=came["longest_silence_hours"].astype("float64"),
    )


def _adjacent(visits: Series, side: str, voyages: DataFrame, columns: list[str]) -> DataFrame:
    """For each visit the voyage that ended in it (before), or began from it (next): none over too long a silence."""
    visit = {"before": "destination_visit_id", "next": "origin_visit_id"}[side]
    found = voyages.dropna(subset=[visit]).drop_duplicates(visit).set_index(visit)[columns]
    return found.reindex(visits).set_axis(visits.index)


def _places(zones: DataFrame) -> DataFrame:
    """Name, kind and coal flags of each zone, and whether it is a berth distinct from others; index zone_id."""
    is_berth = (zones["kind"] == "terminal") & ~zones["zone_id"].isin(zones["parent_zone_id"].dropna())
    places = zones[["zone_id", "name", "kind", "loads_coal", "receives_coal"]].assign(is_berth=is_berth)
    return places.set_index("zone_id")


def _with_place(cases: DataFrame, side: str, places: DataFrame) -> DataFrame:
    """Add what is known of the zone at one side; a place that is no zone has the name of its port."""
    cases = cases.join(places.add_prefix(f"{side}_"), on=f"{side}_zone_id", validate="many_to_one")
    cases[f"{side}_name"] = cases[f"{side}_name"].fillna(cases[f"{side}_port"])
    return cases


def _with_duplicate(
    cases: DataFrame, kind: CaseKind, event_ids: Series, events: DataFrame, zones: DataFrame
) -> DataFrame:
    """Add seen_by and seen_by_id: the provider that gives the same event as one of ours."""
    duplicates = find_duplicates(kind, events, zones).drop_duplicates("own_id").set_index("own_id")
    return cases.assign(
        seen_by=event_ids.map(duplicates["provider"]), seen_by_id=event_ids.map(duplicates["provider_event_id"])
    )


def _with_gaps(cases: DataFrame, gaps: DataFrame, from_at: Series, to_at: Series) -> DataFrame:
    """Add the longest heard and the longest unreadable silence of the same track that overlaps [from_at, to_at]."""
    beside = cases[["track_id"]].assign(case=cases.index, from_at=from_at, to_at=to_at)
    # nullable, as confidence below: whether a count is written 12 or 12.0 must not depend on other ships' cases
    gaps = gaps.astype({"hours_heard": "Int64", "hours_tested": "Int64"})
    beside = beside.dropna(subset=["track_id"]).merge(gaps, on="track_id", validate="many_to_many")
    beside = beside[(beside["began_at"] < beside["to_at"]) & (beside["ended_at"] > beside["from_at"])]
    beside = beside.sort_values(["hours", "ais_gap_id"], ascending=[False, True])
    heard = beside["reception"] == "heard_others"
    for kind, of_kind in (("heard", heard), ("unheard", ~heard)):
        longest = beside[of_kind].drop_duplicates("case").set_index("case")[list(_SAID_OF_GAP)]
        cases = cases.join(longest.rename(columns=_SAID_OF_GAP).add_prefix(f"{kind}_gap_"))
    return cases


_SAID_OF_GAP = {
    "ais_gap_id": "id", "hours": "hours", "began_at": "began_at", "off_longitude": "longitude",
    "off_latitude": "latitude", "hours_heard": "hours_heard", "hours_tested": "hours_tested", "reception": "reception",
}  # fmt: skip
