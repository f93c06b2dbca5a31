"""Cases of voyages: from the call a ship left to the call, or the stop in foreign waters, at which she arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.contracts import AIS_GAP, DRAUGHT_CHANGE, PORT_CALL, POSITION_ANOMALY, STOP, VOYAGE
from pipeline.judgement.cases.around import (
    CALL,
    IDENTITY,
    PLACE,
    SHIP,
    with_duplicate,
    with_gaps,
    with_passage,
    with_place,
)
from pipeline.judgement.cases.false_positions import FALSE_POSITIONS, with_false_positions
from pipeline.judgement.cases.kind import Kind, described
from pipeline.judgement.cases.past import DELIVERY, HOME, with_delivery
from pipeline.judgement.draughts import READ, ROUNDING_M
from pipeline.judgement.foreign_stops import find_foreign_stops, read_foreign_stops
from pipeline.judgement.sentence import fill
from pipeline.judgement.ships import with_ship

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.cases.around import Around
    from pipeline.judgement.cases.events import Events

COLUMNS = described(
    SHIP
    + FALSE_POSITIONS.format("false")
    + PLACE.format("origin")
    + CALL.format("origin")
    + PLACE.format("destination")
    + CALL.format("destination")
    + PLACE.format("before")
    + DELIVERY.format(side="origin")
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
    fell_on_arrival     her draught fell sooner after she came than a cargo is landed, and in time to be typed late
    fell_hours          how soon, by the report that first showed it
    """
)


def find_voyage_cases(around: Around, wanted: Index) -> DataFrame:
    """The cases of some voyages: `COLUMNS`; list status is as of the departure."""
    voyages = around.voyages.loc[wanted]
    stops = find_foreign_stops(voyages, around.stops)
    if len(stops):
        read, given = around.calls[READ], (around.zones, around.limits.voyage.draught_change_m, around.limits.draught)
        stops = read_foreign_stops(stops, around.port_calls, read, around.draught_changes, *given)
    said = around.calls[
        [name for name in around.calls if name not in (*IDENTITY, "visit_id", "zone_id", "port", "country")]
    ]
    cases = voyages.drop(columns="destination_port_call_id")
    origins = said.drop(columns="brought_by").add_prefix("origin_")
    cases = cases.merge(origins, on="origin_port_call_id", how="left", validate="many_to_one")
    landings = said.rename(columns={"brought_by": "voyage_id"}).dropna(subset=["voyage_id"])
    landings = landings.sort_values(["at_anchorage", "arrived_by"], kind="stable").drop_duplicates("voyage_id")
    landings = landings.rename(columns={name: f"destination_{name}" for name in landings if name != "voyage_id"})
    cases = cases.merge(landings, on="voyage_id", how="left", validate="one_to_one")
    cases["destination_zone_id"] = cases["destination_place_id"].fillna(cases["destination_zone_id"])
    for side in ("origin", "destination"):
        cases = with_place(cases, side, around.places)
    cases = _with_foreign_stop(cases, stops)
    known = ["known_at", "stop_known_at", "origin_draught_known_at", "destination_draught_known_at"]
    cases["known_at"] = cases[known].max(axis=1)
    cases = with_passage(cases, "before", cases["origin_visit_id"], around)
    began = cases["origin_arrived_after"].fillna(cases["origin_arrived_by"]).fillna(cases["departed_at"])
    gaps = around.gaps[~around.gaps["ais_gap_id"].isin(_heard_inside(cases, around.gaps))]
    cases = with_gaps(cases, gaps, began, cases["arrived_at"])
    cases = with_ship(cases, around.events, cases["departed_at"], cases["destination_country"], around.watchlists)
    cases = _with_fall_on_arrival(with_delivery(cases, around), around)
    cases = with_duplicate(cases, VOYAGE, cases["voyage_id"], around)
    cases = cases.assign(event_id=cases["voyage_id"], began_at=cases["departed_at"], ended_at=cases["arrived_at"])
    return with_false_positions(cases, around, "mmsi")[list(COLUMNS)]


def _with_fall_on_arrival(cases: DataFrame, around: Around) -> DataFrame:
    """Add whether her draught fell at the destination before a cargo can have been landed there, yet within the time in
    which the figure of the origin is typed: then it may be of what she landed at the origin."""
    from pandas import Timedelta, merge_asof

    least, port = around.limits.voyage.draught_change_m - ROUNDING_M, around.limits.port_call.cargo_hours
    falls = around.draught_changes[["track_id", "changed_by", "change_m"]]
    falls = falls[falls["change_m"] <= -least].dropna(subset=["track_id"]).sort_values("changed_by", kind="stable")
    asked = cases[["track_id", "destination_arrived_by"]].dropna().rename_axis("case").reset_index()
    found = merge_asof(
        asked.sort_values("destination_arrived_by", kind="stable"), falls, left_on="destination_arrived_by",
        right_on="changed_by", by="track_id", direction="forward", tolerance=Timedelta(hours=port),
    )  # fmt: skip
    fell_at = found.set_index("case")["changed_by"].reindex(cases.index)
    typing = Timedelta(hours=around.limits.draught.typed_within_hours)
    in_time = (fell_at - cases["departed_at"] <= typing).fillna(False).astype(bool)
    hours = (fell_at - cases["destination_arrived_by"]).dt.total_seconds() / 3600
    return cases.assign(fell_on_arrival=in_time, fell_hours=hours)


def _heard_inside(cases: DataFrame, gaps: DataFrame) -> Series:
    """Ids of silences among others that lie inside the call she left: they are that call, and hide no other. Where no
    stop was heard in it, that is the silence from which it is told."""
    stays = cases[["track_id", "departed_at"]].assign(
        unheard=cases["origin_first_stop_at"].isna(), came_after=cases["origin_arrived_after"],
        came_by=cases["origin_arrived_by"], left_after=cases["origin_departed_after"],
    )  # fmt: skip
    heard = gaps.loc[gaps["reception"] == "heard_others", ["track_id", "ais_gap_id", "began_at", "ended_at"]]
    pairs = stays.dropna(subset="track_id").merge(heard, on="track_id", validate="many_to_many")
    inside = (pairs["began_at"] >= pairs["came_by"]) & (pairs["ended_at"] <= pairs["left_after"])
    told_from = (pairs["began_at"] >= pairs["came_after"].fillna(pairs["came_by"])) & pairs["unheard"]
    return pairs.loc[inside | (told_from & (pairs["ended_at"] <= pairs["departed_at"])), "ais_gap_id"]


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


def _law(cases: DataFrame) -> Mapping[str, Series]:
    named = ("departed_at", "arrived_at", "origin_country", "origin_zone_id", "destination_country")
    days = (cases["arrived_at"] - cases["departed_at"]).dt.total_seconds() / 86_400
    return {name: cases[name] for name in named} | {
        "port_country": cases["destination_country"].where(cases["stop_id"].isna()),  # who lay at sea entered no port
        "days_since_dprk_call": days.where(cases["origin_country"] == HOME),
    }


def _happened(events: Events, zones: DataFrame) -> DataFrame:
    voyages, named = events[VOYAGE], zones.set_index("zone_id")["name"]
    rows = voyages[["mmsi", "source"]].assign(
        event_id=voyages["voyage_id"], from_at=voyages["departed_at"], to_at=voyages["arrived_at"],
        begins=voyages["origin_zone_id"].map(named).fillna(voyages["origin_port"]),
        ends=voyages["destination_zone_id"].map(named).fillna(voyages["destination_port"]),
    )  # fmt: skip
    goes_on = "a voyage from {begins}, left by {from_at:%Y-%m-%d %H:%M} UTC, that has not ended"
    ended = "a voyage from {begins} that ended at {ends} on {to_at:%Y-%m-%d %H:%M} UTC"
    under_way = rows["to_at"].isna()
    said = [fill(goes_on if on else ended, row) for on, row in zip(under_way, rows.to_dict("records"), strict=True)]
    return rows.assign(said=said)


KIND = Kind(
    name="voyage",
    table=VOYAGE,
    reads=(PORT_CALL, STOP, AIS_GAP, DRAUGHT_CHANGE, POSITION_ANOMALY),
    columns=COLUMNS,
    begins=("origin_zone_id",),
    place="origin",
    find=find_voyage_cases,
    law=_law,
    alert={name: name for name in ("voyage_id", "origin_zone_id", "destination_zone_id")},
    stories=("voyage_id",),
    touches=("voyage_id",),
    happened=_happened,
    ahead=lambda limits: limits.anomaly.beside_hours / 24,
)
