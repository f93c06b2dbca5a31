"""Cases of port calls: a call with the voyage that brought the ship there, and the one that took her away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.contracts import AIS_GAP, DRAUGHT_CHANGE, ENCOUNTER, PORT_CALL, POSITION_ANOMALY, VOYAGE
from pipeline.judgement.cases.around import (
    CALL,
    IDENTITY,
    PLACE,
    SHIP,
    adjacent,
    with_duplicate,
    with_gaps,
    with_passage,
    with_place,
)
from pipeline.judgement.cases.false_positions import FALSE_POSITIONS, false_positions, with_false_positions
from pipeline.judgement.cases.kind import Kind, described
from pipeline.judgement.cases.past import DPRK_CALL, HOME, with_dprk_call
from pipeline.judgement.sentence import fill
from pipeline.judgement.ships import with_ship

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.cases.around import Around
    from pipeline.judgement.cases.events import Events

COLUMNS = described(
    SHIP
    + FALSE_POSITIONS.format("false")
    + PLACE.format("call")
    + CALL.format("call")
    + PLACE.format("before")
    + PLACE.format("next")
    + DPRK_CALL
    + FALSE_POSITIONS.format("dprk_false")
    + FALSE_POSITIONS.format("met_false")
    + """
    call_at_anchorage    the call is at an anchorage
    call_departed_after  last fix inside (UTC); null while open
    stop_over            the visit: the same for calls in one harbour, each within a day of the one before
    before_voyage_id     the voyage that brought her here
    before_departed_at   when she left the place before (UTC)
    before_draught_out_m  draught she left it with, metres; null where a provider reports it
    before_rise_m        how much deeper she sat on arrival here (or by what she typed then and landed), metres
    before_hours         how long that way took
    before_silence_id    the longest silence on it that left time for a call in North Korea where coal is loaded
    before_silence_hours  its hours
    before_silence_name  where that call could have been
    next_voyage_id       the voyage that took her away
    outward_voyage_id    the same where it left North Korea: only then it may carry on what the call is about
    next_arrived_at      when she arrived at the place after (UTC)
    """
)


def find_port_call_cases(around: Around, wanted: Index) -> DataFrame:
    """The cases of some port calls: `COLUMNS`; list status is as of the arrival."""
    calls = around.calls
    named = {name: f"call_{name}" for name in calls if name not in (*IDENTITY, "known_at", "source")}
    cases = calls.loc[wanted].reset_index(drop=True).rename(columns=named)
    cases["call_zone_id"] = cases["call_place_id"]
    cases["known_at"] = cases[["known_at", "call_draught_known_at"]].max(axis=1)
    cases = with_place(cases, "call", around.places)
    for side in ("before", "next"):
        cases = with_passage(cases, side, cases["call_visit_id"], around)
    cases = _with_rise_before(cases, around)
    cases = with_gaps(cases, around.gaps, cases["before_departed_at"], cases["call_arrived_by"])
    cases = with_ship(cases, around.events, cases["call_arrived_by"], cases["call_country"], around.watchlists)
    cases = with_dprk_call(cases, around)
    cases = with_duplicate(cases, PORT_CALL, cases["call_port_call_id"], around)
    seen = cases["call_first_stop_at"].fillna(cases["call_arrived_by"])
    cases = cases.assign(
        event_id=cases["call_port_call_id"],
        began_at=cases["call_arrived_by"],
        ended_at=cases["call_departed_after"].fillna(seen),
    )
    cases["stop_over"] = cases["call_visit_id"]
    cases["outward_voyage_id"] = cases["next_voyage_id"].where(cases["call_country"] == HOME)
    return _with_false_positions_before(with_false_positions(cases, around, "mmsi"), around)[list(COLUMNS)]


def _with_false_positions_before(cases: DataFrame, around: Around) -> DataFrame:
    """Add `FALSE_POSITIONS` of her last call in North Korea (dprk_false_…) and of her last meeting with a ship that had
    called there (met_false_…); a stretch that bears on this call already is not told twice."""
    from pandas import DataFrame, concat

    called = around.port_calls.drop_duplicates("port_call_id").set_index("port_call_id")["mmsi"]
    met = around.of(ENCOUNTER).set_index("encounter_id")
    asked = {
        "dprk_false_": [DataFrame({"mmsi": cases["dprk_call_id"].map(called), "at": cases["dprk_call_left_at"]})],
        "met_false_": [
            DataFrame({"mmsi": cases["dprk_met_id"].map(met[party]), "at": cases["dprk_met_until"]})
            for party in ("mmsi", "other_mmsi")
        ],
    }
    for prefix, moments in asked.items():
        before = false_positions(concat(moments), around)
        again = before["id"] == cases["false_id"].reindex(before.index)
        cases = cases.join(before[~again].add_prefix(prefix))
    return cases


def _with_rise_before(cases: DataFrame, around: Around) -> DataFrame:
    """Add what her draught did between the call before and this one, and a silence on that way that explains it."""
    came = adjacent(cases["call_visit_id"], "before", around.voyages, ["origin_port_call_id", "hours"])
    left_with = around.calls.drop_duplicates("port_call_id").set_index("port_call_id")["draught_out_m"]
    typed_here = cases["call_draught"] == "rose_then_fell"  # on arrival, of what she had long carried
    draught_m = cases["call_draught_in_m"].mask(typed_here, cases["call_draught_most_m"])
    left_m = came["origin_port_call_id"].map(left_with).astype("float64")
    return cases.assign(
        before_draught_out_m=left_m,
        before_rise_m=(draught_m - left_m).round(1),
        before_hours=came["hours"].astype("float64"),
        **_silence_before(cases, around),
    )


def _silence_before(cases: DataFrame, around: Around) -> dict[str, Series]:
    """The longest silence on the way here within reach of a North Korean coal port (`AIS_GAP.feasible_zone_id`)."""
    gaps = around.gaps[["track_id", "ais_gap_id", "began_at", "ended_at", "hours", "feasible_zone_id"]]
    asked = cases[["track_id", "before_departed_at", "call_arrived_by"]].assign(case=cases.index)
    pairs = asked.dropna().merge(gaps.dropna(), on="track_id", validate="many_to_many")
    pairs = pairs[(pairs["began_at"] < pairs["call_arrived_by"]) & (pairs["ended_at"] > pairs["before_departed_at"])]
    pairs = pairs.sort_values(["hours", "ais_gap_id"], ascending=[False, True]).drop_duplicates("case")
    found = pairs.set_index("case").reindex(cases.index)
    return {
        "before_silence_id": found["ais_gap_id"],
        "before_silence_hours": found["hours"].astype("float64"),
        "before_silence_name": found["feasible_zone_id"].map(around.places["name"]),
    }


def _one_a_visit(cases: DataFrame) -> DataFrame:
    """Calls of one visit (the anchorage, then the berth) are one match: the case of the first call at the port itself,
    or else at its anchorage, under the id of the first; its interval and knowledge time are those of all its calls."""
    if cases.empty:
        return cases
    cases = cases.sort_values(["began_at", "event_id"], kind="stable")
    visit = cases.groupby("stop_over")
    cases = cases.assign(
        event_id=visit["event_id"].transform("first"),
        began_at=visit["began_at"].transform("min"),
        ended_at=visit["ended_at"].transform("max"),
        known_at=visit["known_at"].transform("max"),
    )
    return cases.sort_values("call_at_anchorage", kind="stable").drop_duplicates("stop_over").sort_index()


def _law(cases: DataFrame) -> Mapping[str, Series]:
    at_home = cases["call_country"] == HOME  # a call where a voyage may begin; any other is where one ended
    return {
        "departed_at": cases["call_arrived_by"],
        "arrived_at": cases["call_arrived_by"],
        "origin_country": cases["before_country"].mask(at_home, cases["call_country"]),
        "origin_zone_id": cases["before_zone_id"].mask(at_home, cases["call_zone_id"]),
        "destination_country": cases["call_country"].mask(at_home),
        "port_country": cases["call_country"].mask(at_home),
        "days_since_dprk_call": cases["dprk_call_days"],
        "days_since_dprk_meeting": cases["dprk_met_days"],
    }


def _happened(events: Events, zones: DataFrame) -> DataFrame:
    calls = events[PORT_CALL]
    rows = calls[["mmsi", "source"]].assign(
        event_id=calls["port_call_id"], from_at=calls["arrived_by"], to_at=calls["departed_after"],
        begins=calls["zone_id"].map(zones.set_index("zone_id")["name"]),
    )  # fmt: skip
    said = "a call at {begins} from {from_at:%Y-%m-%d %H:%M} UTC"
    return rows.assign(said=[fill(said, row) for row in rows.to_dict("records")])


KIND = Kind(
    name="port_call",
    table=PORT_CALL,
    reads=(VOYAGE, AIS_GAP, DRAUGHT_CHANGE, ENCOUNTER, POSITION_ANOMALY),
    columns=COLUMNS,
    begins=("berth_zone_id", "zone_id"),
    place="call",
    find=find_port_call_cases,
    law=_law,
    alert={"origin_zone_id": "call_zone_id", "destination_zone_id": "call_zone_id"},
    stories=("stop_over",),
    touches=("stop_over", "before_voyage_id", "outward_voyage_id"),
    happened=_happened,
    ahead=lambda limits: limits.identity.tied_days,  # as the possible calls that may cover it (dark_call)
    joined=lambda rows: [rows["visit_id"]],
    together=_one_a_visit,
)
