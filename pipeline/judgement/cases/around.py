"""What lies around an event: the tables of a ship's life as cases look things up in them, and the columns on ships,
places and calls that kinds of case share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.contracts import AIS_GAP, DRAUGHT_CHANGE, PORT_CALL, STOP, VOYAGE
from pipeline.judgement.draughts import read_draughts
from pipeline.judgement.duplicate_events import find_duplicates

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.contracts import Table
    from pipeline.judgement.cases.events import Events
    from pipeline.judgement.watchlists import Watchlists
    from pipeline.limits import Limits

SHIP = """
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
    mmsi_of_no_state  whether its first three digits are assigned to no state
    flag_told     country whose flag lists give her as of the event; null where one of them gives that of her MMSI
    flag_told_said  how they word it, and which, for sentences
    ship_type     AIS ship type reported at the time
    type_said     that type in words, of ships that carry no dry cargo
    craft         what she is by it that carries none: tanker, tow (a tug) or other; null of every other type
    length_m      length reported at the time, metres
    width_m       beam reported at the time, metres
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
    unheard_gap_outage_id the outage of reception, or change of the source, that hid her in the most of the hours tested
    unheard_gap_hours_hidden  in how many
"""
PLACE = """
    {0}_zone_id        berth, else port, basin or anchorage
    {0}_name           its name
    {0}_kind           its kind, as in ZONE
    {0}_is_berth       a terminal in which no other zone lies: distinct from its neighbours
    {0}_port           port
    {0}_country        ISO 3166 alpha-2
    {0}_loads_coal     coal is known to be loaded there
    {0}_receives_coal  a place where such coal was, or could be, landed
"""
CALL = """
    {0}_port_call_id   the call; at a destination the first one at the port itself, else the one at its anchorage
    {0}_confidence     1-4, as in PORTCALL
    {0}_state          open, closed or ended_in_silence
    {0}_arrived_by     first fix inside (UTC)
    {0}_first_stop_at  first stopped fix inside (UTC); null where no stop was heard, and of a provider's call
    {0}_max_silence_hours  longest silence inside; null while open
    {0}_stopped_hours  hours stopped; null while open, and for a provider's call
    {0}_stopped_at_most_hours  that and the longest silence of the stay, in which she may have lain stopped as well
    {0}_visit_hours    hours from arrival to departure; null while open
    {0}_implausible_stay  of a provider's call: longer than a ship stays; null for ours
    {0}_came           "on arrival", or "when first heard there" of a call in which the data begins
    {0}_draught_in_m   draught on arrival, metres, as `draughts.read_draughts` has it; so the next seven
    {0}_draught_least_m  the lowest of these, metres
    {0}_draught_most_m   the highest, metres
    {0}_draught_out_m  draught she left with, metres: of the stay, else the first that differs after it
    {0}_draught_change_m  that minus the one on arrival, metres
    {0}_draught        what the draught did: rose, fell, fell_then_rose, rose_then_fell, unchanged or unreported
    {0}_draught_stale  the draught on arrival was not kept up: in force for long, and through a call elsewhere
    {0}_draught_since  since when it was in force (UTC)
"""


@dataclass(frozen=True)
class Around:
    """All there is of some ships, in which what lies around an event is looked up.

    events  of the ships; of those that they met, or that were where they were, too
    zones   ZONE
    """

    events: Events
    zones: DataFrame
    watchlists: Watchlists
    limits: Limits

    def of(self, table: Table) -> DataFrame:
        """Rows of a table, same index, on tracks.

        Providers' events have no track: those of one hull on one MMSI follow each other as if on one of their own.
        """
        frame = self.events[table]
        if "track_id" not in frame:
            return frame
        lines = frame["source"] + "-" + frame["mmsi"].astype("str") + "-" + frame["vessel_id"]
        return frame.assign(track_id=frame["track_id"].fillna(lines))

    @cached_property
    def voyages(self) -> DataFrame:
        """VOYAGE on tracks, with the visit that each began from, and the one that it ended in."""
        voyages, calls = self.of(VOYAGE), self.events[PORT_CALL]
        visits = calls.drop_duplicates("port_call_id").set_index("port_call_id")["visit_id"]
        ends = ("origin", "destination")
        return voyages.assign(**{f"{end}_visit_id": voyages[f"{end}_port_call_id"].map(visits) for end in ends})

    @cached_property
    def port_calls(self) -> DataFrame:
        """PORT_CALL on tracks."""
        return self.of(PORT_CALL)

    @cached_property
    def stops(self) -> DataFrame:
        """STOP on tracks."""
        return self.of(STOP)

    @cached_property
    def gaps(self) -> DataFrame:
        """AIS_GAP on tracks."""
        return self.of(AIS_GAP)

    @cached_property
    def draught_changes(self) -> DataFrame:
        """DRAUGHT_CHANGE on tracks."""
        return self.of(DRAUGHT_CHANGE)

    @cached_property
    def places(self) -> DataFrame:
        """What is known of each zone (`zone_facts`)."""
        return zone_facts(self.zones)

    @cached_property
    def calls(self) -> DataFrame:
        """What a case says of a call, and the voyage that brought her to the visit it belongs to; one row a call."""
        calls = self.port_calls[[
            *IDENTITY, "port_call_id", "visit_id", "zone_id", "port", "country", "confidence", "state", "arrived_after",
            "arrived_by", "first_stop_at", "departed_after", "departed_by", "stopped_hours", "max_silence_hours",
            "implausible_stay", "known_at", "source", "stop_longitude", "stop_latitude",
        ]].copy()  # fmt: skip
        calls["stopped_at_most_hours"] = calls["stopped_hours"] + calls["max_silence_hours"]
        least_m = self.limits.voyage.draught_change_m
        read = read_draughts(self.port_calls, self.draught_changes, self.zones, least_m, self.limits.draught)
        calls = calls.join(read)
        calls["confidence"] = calls["confidence"].astype("Int64")
        calls["place_id"] = self.port_calls["berth_zone_id"].fillna(self.port_calls["zone_id"])
        calls["at_anchorage"] = calls["zone_id"].isin(self.zones.loc[self.zones["kind"] == "anchorage", "zone_id"])
        calls["came"] = calls["arrived_after"].notna().map({True: "on arrival", False: "when first heard there"})
        calls["visit_hours"] = (calls.pop("departed_by") - calls["arrived_by"]).dt.total_seconds() / 3600
        qualified = calls[calls["confidence"] > 1]
        calls["brought_by"] = adjacent(qualified["visit_id"], "before", self.voyages, ["voyage_id"])
        return calls


IDENTITY = ("vessel_id", "track_id", "mmsi", "imo")


def with_passage(cases: DataFrame, side: str, visits: Series, around: Around) -> DataFrame:
    """Add the place she came from by the voyage that ended in the visit (before), or goes to by the next one."""
    there, moment = ("origin", "departed_at") if side == "before" else ("destination", "arrived_at")
    said = {"voyage_id": "voyage_id", **{f"{there}_{name}": name for name in ("zone_id", "port", "country")}}
    found = adjacent(visits, side, around.voyages, [*said, moment]).rename(columns=said)
    return with_place(cases.join(found.add_prefix(f"{side}_")), side, around.places)


def adjacent(visits: Series, side: str, voyages: DataFrame, columns: list[str]) -> DataFrame:
    """For each visit the voyage that ended in it (before), or began from it (next): none over too long a silence."""
    visit = {"before": "destination_visit_id", "next": "origin_visit_id"}[side]
    found = voyages.dropna(subset=[visit]).drop_duplicates(visit).set_index(visit)[columns]
    return found.reindex(visits).set_axis(visits.index)


def zone_facts(zones: DataFrame) -> DataFrame:
    """Name, kind and coal flags of each zone, and whether it is a berth distinct from others; index zone_id."""
    is_berth = (zones["kind"] == "terminal") & ~zones["zone_id"].isin(zones["parent_zone_id"].dropna())
    places = zones[["zone_id", "name", "kind", "loads_coal", "receives_coal"]].assign(is_berth=is_berth)
    return places.set_index("zone_id")


def place_columns(side: str, zones: DataFrame) -> DataFrame:
    """What a case can say of the zone at one of its sides: `PLACE` columns; one row a zone."""
    facts = zone_facts(zones).assign(port=zones["port"].to_numpy(), country=zones["country"].to_numpy())
    return facts.rename_axis("zone_id").reset_index().add_prefix(f"{side}_")


def with_place(cases: DataFrame, side: str, places: DataFrame) -> DataFrame:
    """Add what is known of the zone at one side; a place that is no zone has the name of its port."""
    cases = cases.join(places.add_prefix(f"{side}_"), on=f"{side}_zone_id", validate="many_to_one")
    cases[f"{side}_name"] = cases[f"{side}_name"].fillna(cases[f"{side}_port"])
    return cases


def with_duplicate(cases: DataFrame, table: Table, event_ids: Series, around: Around) -> DataFrame:
    """Add seen_by and seen_by_id: the provider that gives the same event as one of ours."""
    duplicates = find_duplicates(table, around.of(table), around.zones)
    duplicates = duplicates.drop_duplicates("own_id").set_index("own_id")
    return cases.assign(
        seen_by=event_ids.map(duplicates["provider"]), seen_by_id=event_ids.map(duplicates["provider_event_id"])
    )


def with_gaps(cases: DataFrame, gaps: DataFrame, from_at: Series, to_at: Series) -> DataFrame:
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
    "reception_outage_id": "outage_id", "hours_hidden": "hours_hidden",
}  # fmt: skip
