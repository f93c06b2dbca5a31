"""Cases of dark calls: a silence with the port it left time for, her draught and calls before and after it, and who
else was heard.

What a silence hides is not known. So a case gathers what may speak for a call beside that there was time for one: how
she was bound when she fell silent, whether she could have been heard, what her draught did meanwhile, where she went.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.contracts import (
    AIS_GAP,
    DARK_CALL,
    DRAUGHT_CHANGE,
    IDENTITY_CHANGE,
    OURS,
    PORT_CALL,
    POSITION_ANOMALY,
    VOYAGE,
)
from pipeline.judgement.cases.around import PLACE, SHIP, with_gaps, with_place
from pipeline.judgement.cases.false_positions import FALSE_POSITIONS, with_false_positions
from pipeline.judgement.cases.kind import Kind, described
from pipeline.judgement.cases.past import HOME, NUMBER, calls_at_home, with_number_of_another
from pipeline.judgement.habit import with_habit
from pipeline.judgement.sentence import fill
from pipeline.judgement.ships import with_ship

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.cases.around import Around
    from pipeline.judgement.cases.events import Events
    from pipeline.limits import Limits

COLUMNS = described(
    SHIP
    + FALSE_POSITIONS.format("false")
    + PLACE.format("call")
    + PLACE.format("before")
    + PLACE.format("next")
    + NUMBER
    + """
    dark_call_id         the call that is possible
    ais_gap_id           the silence
    rank                 1 for the port at which it left her most time
    ports_in_reach       ports that it left time for
    fits_best            whether it has the lowest rank, Rajin apart: there foreign coal in transit may be exempt
    other_ports          the others of them, Rajin apart, for sentences
    transit_port         Rajin, where it is one of them, for sentences
    goes_on              whether the silence is still open
    silence_hours        its length; null while open
    earliest_arrival_at  when she can have been at the berth at the earliest (UTC)
    latest_departure_at  when she must have left it at the latest (UTC); null while open
    longest_stay_hours   hours between the two; null while open
    distance_in_nm       way over water to the berth
    distance_out_nm      way over water from there to where she was heard again; null while open
    speed_kn             speed she is taken to sail at
    speed_before_kn      speed made good before she fell silent; null where it is not known
    approach_share       of the way made good, how much brought her nearer: 1 straight there, -1 straight away
    bound_there          she was under way, and most of it did, or, where the ways to other ports part late, a third
    off_longitude        last position before, degrees
    off_latitude         last position before, degrees
    apart_nm             distance from there to where she was heard again; null while open
    passage_nm           way over water between the two; null where the silence is not long for it, or she lay at sea
    passage_hours        its hours at the speed that she is taken to sail at
    passages             how many such passages the silence is as long as; ends less than 10 nm apart count as 10
    just_left            she had left a port so shortly before that her course was that of its fairway
    light                her draught was then that of a ship in ballast; null where it or her beam is not known
    came_back            whether apart_nm is less than the way to the port, so that is this side of it; null while open
    began_in_port        she was in a call when last heard, and may have loaded there after it
    ended_in_port        she was in a call when heard again, and may have loaded there before it; null while open
    within_port_call_id  a call at another port that the whole silence lies in: she may not have left its berth
    reception            heard_others, not_heard or unknown: could she have been heard?
    hours_heard          hours of the test in which others were heard
    hours_tested         hours of the test
    usual_gap_id         a silence as long in the month before, without time for a call, if nobody can judge the two
    usual_hours          its hours
    usual_ended_at       when she was heard again after it (UTC)
    as_usual             there is one, and nothing ties her to North Korea
    draught_before_m     draught in force when she fell silent, metres
    draught_after_m      draught reported first after it and before her next call, soon enough to be typed late
    draught_change_m     the one minus the other
    draught_change_id    the change between them
    draught              rose, fell, unchanged or unreported
    may_be_loaded_before that draught may be of a cargo of the port abroad that she had left shortly before
    earlier_gap_id       a silence with time for a call so shortly before that the change may be typed late after it
    earlier_ended_at     when she was heard again after that (UTC)
    before_port_call_id  her last call before, in which she may have fallen silent
    before_left_at       last fix in it (UTC); null if she left it unheard
    before_hours         hours from then until she fell silent
    next_port_call_id    her next call
    next_visit_id        the visit that it is part of
    next_arrived_at      first fix in it (UTC)
    next_hours           from the end of the silence to it
    landed               it fell there, having risen over the silence or there: she landed what she may have taken on
    next_draught         what her draught did there: rose, fell, fell_then_rose, rose_then_fell, unchanged or unreported
    korean_port_call_id  her last call in North Korea in the half year before
    korean_name          where
    korean_mmsi          the MMSI she sent there
    korean_days          how many days before
    voyage_id            the voyage on which she fell silent
    tied_to_north_korea  she bears its flag, is listed, or called there in the half year before
    returned             her next call was in the country in which her last one had been; null without a next one
    same_port            her next call was in the port in which her last one had been
    bound_elsewhere      she was under way, and less than a third of her way brought her nearer to the port
    small                she reports a length below 60 m, less than any ship known in this trade
    """
)
_HALF_YEAR_DAYS = 180  # EO 13810, section 2: so long the United States closes its ports to a ship that called there
_SMALL_M = 60
_TRANSIT = "kp-rajin"  # see seeds/patterns/rajin-transit.yaml
_LONG_PASSAGES = 1.5  # below that a silence is as long as ships take that wait, or are slowed by weather
_NEAR_NM = 10
_MOST, _PART = 0.7, 0.3  # of a way that leads to a port, or may


def find_dark_call_cases(around: Around, wanted: Index) -> DataFrame:
    """The cases of some dark calls: `COLUMNS`; list status is as of the last fix before the silence."""
    calls = around.of(DARK_CALL)
    cases = calls.loc[wanted].reset_index(drop=True).rename(columns={"zone_id": "call_zone_id", "port": "call_port"})
    cases = with_place(cases.rename(columns={"country": "call_country"}), "call", around.places)
    cases = _with_others(cases, calls, around.zones)
    cases = _with_calls(_with_silence(cases, around), around)
    cases = _with_draught(cases, around)
    cases = with_number_of_another(_with_voyage(cases, around.voyages), cases["began_at"], around)
    cases = with_gaps(cases, around.gaps, cases["began_at"], cases["ended_at"])
    cases = with_ship(cases, around.events, cases["began_at"], cases["call_country"], around.watchlists)
    cases = with_habit(_with_passage(_with_reading(cases, around.limits)), around)
    last = cases["ended_at"].fillna(cases["earliest_arrival_at"])
    cases = cases.assign(event_id=cases["dark_call_id"], ended_at=last, seen_by=None, seen_by_id=None)
    return with_false_positions(cases, around, "mmsi")[list(COLUMNS)]


def _with_others(cases: DataFrame, calls: DataFrame, zones: DataFrame) -> DataFrame:
    """Add the other ports of the same silence, and whether this one is the one that is judged."""
    name = calls["zone_id"].map(zones.set_index("zone_id")["name"]).fillna(calls["port"])
    stay = " (at most " + calls["longest_stay_hours"].round().astype("Int64").astype("str") + " h)"
    said = name + stay.where(calls["longest_stay_hours"].notna(), "")
    others = cases[["ais_gap_id", "dark_call_id"]].reset_index().merge(
        calls[["ais_gap_id", "rank", "zone_id"]].assign(other=calls["dark_call_id"], said=said), on="ais_gap_id"
    )  # fmt: skip
    transit = others["zone_id"] == _TRANSIT
    lowest = others[~transit].groupby("index")["rank"].min().reindex(cases.index)
    other = others["other"] != others["dark_call_id"]
    named = others[other & ~transit].sort_values(["index", "rank"]).groupby("index")["said"].agg(", ".join)
    return cases.assign(
        fits_best=(cases["rank"] == lowest) & (cases["call_zone_id"] != _TRANSIT),
        other_ports=named.reindex(cases.index),
        transit_port=others[other & transit].groupby("index")["said"].first().reindex(cases.index),
    )


def _with_silence(cases: DataFrame, around: Around) -> DataFrame:
    """Add what is known of the silence."""
    columns = ["hours", "distance_nm", "off_longitude", "off_latitude", "on_longitude", "on_latitude", "reception"]
    columns += ["hours_heard", "hours_tested"]
    gaps = around.gaps.drop_duplicates("ais_gap_id").set_index("ais_gap_id")[columns]
    gaps = gaps.rename(columns={"hours": "silence_hours", "distance_nm": "apart_nm"})
    cases = cases.join(gaps.astype({"hours_heard": "Int64", "hours_tested": "Int64"}), on="ais_gap_id")
    came_back = (cases["apart_nm"] < cases["distance_in_nm"]).astype("boolean").mask(cases["apart_nm"].isna())
    return cases.assign(came_back=came_back, goes_on=cases["ended_at"].isna())


def _with_calls(cases: DataFrame, around: Around) -> DataFrame:
    """Add her last call before the silence and whether she was still in it, her next one, and one in North Korea."""
    calls = around.calls[around.calls["confidence"] > 1]
    before = _nearest(cases, calls, cases["began_at"], "backward")
    lies_in = before["departed_after"].isna() | (before["departed_after"] >= cases["ended_at"])
    within = before["port_call_id"].notna() & lies_in & ~cases["goes_on"]
    still_in = before["departed_after"].isna() | (before["departed_after"] >= cases["began_at"])
    cases = _with_call(cases, "before", before, around).assign(before_left_at=before["departed_after"].mask(within))
    cases = cases.assign(within_port_call_id=before["port_call_id"].where(within))
    after = _nearest(cases, calls, cases["ended_at"], "forward")
    cases = _with_call(cases, "next", after, around).assign(
        next_visit_id=after["visit_id"], next_arrived_at=after["arrived_by"],
        next_hours=(after["arrived_by"] - cases["ended_at"]).dt.total_seconds() / 3600,
        next_draught=after["draught"],
    )  # fmt: skip
    # by hull, for she may have changed her MMSI since; of our own, for what a provider tells is not all AIS-reported
    home = calls_at_home(around)
    home = home[home["source"] == OURS].drop(columns=["track_id", "imo"])
    korean = _beside(cases, home, cases["began_at"], "arrived_by", "backward", by="vessel_id")
    days = (cases["began_at"] - korean["departed_after"].fillna(korean["arrived_by"])).dt.total_seconds() / 86400
    lately = days <= _HALF_YEAR_DAYS
    named = korean["place_id"].map(around.places["name"]).fillna(korean["port"])
    ended_in_port = within | (after["arrived_by"] == cases["ended_at"])
    return cases.assign(
        began_in_port=before["port_call_id"].notna() & still_in,
        ended_in_port=ended_in_port.astype("boolean").mask(cases["goes_on"]),
        korean_port_call_id=korean["port_call_id"].where(lately), korean_name=named.where(lately),
        korean_mmsi=korean["mmsi"].astype("Int64").where(lately),
        korean_days=days.clip(lower=0).where(lately),
    )  # fmt: skip


def _with_call(cases: DataFrame, side: str, calls: DataFrame, around: Around) -> DataFrame:
    said = {"port_call_id": "port_call_id", "place_id": "zone_id", "port": "port", "country": "country"}
    found = calls[list(said)].rename(columns=said).add_prefix(f"{side}_")
    return with_place(cases.join(found), side, around.places)


def _nearest(cases: DataFrame, calls: DataFrame, at: Series, direction: str) -> DataFrame:
    """For each case the last call of its track that began by a moment, or the first that did at or after it."""
    return _beside(cases, calls.drop(columns=["vessel_id", "mmsi", "imo"]), at, "arrived_by", direction)


def _beside(
    cases: DataFrame,
    rows: DataFrame,
    at: Series,
    when: str,
    direction: str,
    *,
    by: str = "track_id",
    exact: bool = True,
) -> DataFrame:
    """For each case the row of its track, or hull (`by`), whose moment (`when`) is the last by another, `at`, or the
    first from it on."""
    from pandas import merge_asof

    asked = cases[[by]].assign(at=at).dropna().sort_values("at", kind="stable").rename_axis("case")
    found = merge_asof(
        asked.reset_index(), rows.sort_values(when, kind="stable"), left_on="at", right_on=when, by=by,
        direction=direction, allow_exact_matches=exact,
    )  # fmt: skip
    return found.set_index("case").reindex(cases.index)


def _with_draught(cases: DataFrame, around: Around) -> DataFrame:
    """Add what the draught did over the silence: the figure in force when she fell silent against the first that is
    reported after it, before her next call or possible call and within the time that a draught is typed late.

    What was not reported is not taken from the other side of the silence. Where she had left a port abroad less than
    that time before, and no draught was typed since she came there, what is reported later may be that port's cargo.
    """
    from pandas import Timedelta, concat

    typing = Timedelta(hours=around.limits.draught.typed_within_hours)
    silences = around.of(DARK_CALL).drop_duplicates("ais_gap_id")[["track_id", "began_at", "ended_at", "ais_gap_id"]]
    silences = silences.rename(columns={"began_at": "quiet_at", "ended_at": "back_at"})
    again_at = _beside(cases, silences, cases["ended_at"], "quiet_at", "forward")["quiet_at"]
    until = concat([cases["ended_at"] + typing, cases["next_arrived_at"], again_at], axis=1).min(axis=1)

    changes = around.draught_changes.drop(columns=["vessel_id", "mmsi", "imo"])
    first = _beside(cases, changes, cases["began_at"], "changed_by", "forward", exact=False)
    there = first.where((first["changed_by"] >= cases["ended_at"]) & (first["changed_by"] <= until))
    of_calls = around.port_calls.drop_duplicates("port_call_id").set_index("port_call_id")
    left = of_calls["departed_after"].reindex(cases["next_port_call_id"]).set_axis(cases.index)
    outlived = first["changed_by"] > left + typing  # a figure seen calls later says nothing of this silence
    still = first["draught_before_m"].where((first["changed_after"] >= cases["ended_at"]) & ~outlived)
    arrived = of_calls[["arrived_by", "draught_in_at", "draught_in_m"]].reindex(cases["next_port_call_id"])
    arrived = arrived.set_axis(cases.index)
    since = arrived["draught_in_at"].fillna(arrived["arrived_by"])
    before = _beside(cases, _figures(around), cases["began_at"], "at_figure", "backward")["figure_m"].astype("float64")
    after = there["draught_after_m"].fillna(still).fillna(arrived["draught_in_m"].where(since <= until))
    change = (after.astype("float64") - before).round(1)
    least = around.limits.voyage.draught_change_m
    draught = (
        change.map(lambda _: "unchanged").astype("str").mask(change >= least, "rose").mask(change <= -least, "fell")
    )
    earlier = _beside(cases, silences.dropna(subset=["back_at"]), cases["began_at"], "back_at", "backward")
    called_since = of_calls["arrived_by"].reindex(cases["before_port_call_id"]).set_axis(cases.index)
    typed = _beside(cases, changes, cases["began_at"], "changed_by", "backward")["changed_by"] >= called_since
    out = cases["began_at"] - cases["before_left_at"]
    abroad = cases["before_country"].notna() & (cases["before_country"] != HOME)
    shared = (there["changed_by"] <= earlier["back_at"] + typing) & ~(called_since >= earlier["back_at"])
    return cases.assign(
        draught_before_m=before, draught_after_m=after, draught_change_m=change,
        draught_change_id=there["draught_change_id"],
        draught=draught.mask(change.isna(), "unreported"),
        before_hours=out.dt.total_seconds() / 3600, may_be_loaded_before=(out < typing) & abroad & ~typed,
        earlier_gap_id=earlier["ais_gap_id"].where(shared), earlier_ended_at=earlier["back_at"].where(shared),
    )  # fmt: skip


def _figures(around: Around) -> DataFrame:
    """track_id, at_figure, figure_m: draughts of tracks, each with a moment at which it was in force."""
    from pandas import concat

    changes, calls = around.draught_changes, around.port_calls
    sides = [
        (changes, changes["changed_after"], "draught_before_m"),
        (changes, changes["changed_by"], "draught_after_m"),
        (calls, calls["draught_in_at"].fillna(calls["arrived_by"]), "draught_in_m"),
        (calls, calls["draught_out_at"].fillna(calls["departed_after"]), "draught_out_m"),
    ]
    rows = [
        frame[["track_id"]].assign(at_figure=at, figure_m=frame[name].astype("float64")) for frame, at, name in sides
    ]
    return concat(rows, ignore_index=True).dropna()


def _with_voyage(cases: DataFrame, voyages: DataFrame) -> DataFrame:
    """Add the voyage on which she fell silent."""
    from pandas import merge_asof

    asked = cases[["track_id", "began_at"]].sort_values("began_at", kind="stable").rename_axis("case").reset_index()
    rows = voyages[["track_id", "voyage_id", "departed_at", "arrived_at"]].sort_values("departed_at", kind="stable")
    found = merge_asof(asked, rows, left_on="began_at", right_on="departed_at", by="track_id").set_index("case")
    on_way = found["arrived_at"].isna() | (found["arrived_at"] > found["began_at"])
    return cases.assign(voyage_id=found["voyage_id"].where(on_way).reindex(cases.index))


def _with_reading(cases: DataFrame, limits: Limits) -> DataFrame:
    """Add what conditions ask of several columns at once."""
    korean = (cases["flag"] == "KP") | (cases["list_status"] == "listed") | cases["korean_port_call_id"].notna()
    under_way, nearer = cases["speed_before_kn"] >= 2, cases["approach_share"]
    near = cases["distance_in_nm"] < limits.transfer.approach_nm
    returned = (cases["next_country"] == cases["before_country"]).astype("boolean")
    returned = returned.mask(cases["next_country"].isna() | cases["before_country"].isna())
    small = (cases["length_m"] < _SMALL_M).fillna(False)
    draught_per_beam = cases["draught_before_m"] / cases["width_m"].astype("float64").where(lambda beam: beam > 0)
    light = (draught_per_beam < limits.dark_call.light_per_beam).astype("boolean").mask(draught_per_beam.isna())
    fell = cases["next_draught"].isin(["fell", "fell_then_rose", "rose_then_fell"])
    landed = fell & ((cases["draught"] == "rose") | (cases["next_draught"] == "rose_then_fell"))
    return cases.assign(
        landed=landed & (cases["draught"] != "fell"),
        returned=returned,
        same_port=(cases["next_port"] == cases["before_port"]).fillna(False).astype(bool),
        tied_to_north_korea=korean.astype(bool),
        bound_elsewhere=(under_way & (nearer < _PART)).astype(bool),
        bound_there=(under_way & ((nearer >= _MOST) | (near & (nearer >= _PART)))).astype(bool),
        small=small.astype(bool),
        light=light,
        just_left=(cases["before_hours"] < limits.dark_call.fairway_hours).astype(bool),
    )


def _with_passage(cases: DataFrame) -> DataFrame:
    """Add how long the silence was beside the straight passage between its ends."""
    import numpy as np

    from geo.water import passages_nm

    sailed_nm = cases["silence_hours"].astype("float64") * cases["speed_kn"]
    under_way = (cases["speed_before_kn"] >= 2) | cases["just_left"]
    asked = cases["fits_best"] & under_way & (cases["longest_stay_hours"] >= 12)
    asked &= sailed_nm >= _LONG_PASSAGES * cases["apart_nm"].clip(lower=_NEAR_NM)  # true of every passage that is long
    ends = cases.loc[asked.fillna(False).astype(bool), ["off_longitude", "off_latitude", "on_longitude", "on_latitude"]]
    passage = np.full(len(cases), np.nan)
    passage[cases.index.get_indexer(ends.index)] = passages_nm(*(ends[name] for name in ends))
    cases = cases.assign(passage_nm=passage)
    return cases.assign(
        passage_hours=cases["passage_nm"] / cases["speed_kn"],
        passages=(sailed_nm / cases["passage_nm"].clip(lower=_NEAR_NM)).round(1),
    )


def _law(cases: DataFrame) -> Mapping[str, Series]:
    left = cases["latest_departure_at"].fillna(cases["earliest_arrival_at"])
    days, since = ((cases["next_arrived_at"] - at).dt.total_seconds() / 86_400 for at in (left, cases["began_at"]))
    return {
        "departed_at": left,
        "arrived_at": cases["next_arrived_at"].fillna(left),
        "origin_country": cases["call_country"],
        "origin_zone_id": cases["call_zone_id"],
        "destination_country": cases["next_country"],
        "port_country": cases["next_country"],
        "days_since_dprk_call": cases["korean_days"].astype("float64") + since,  # the one that AIS reports, before it
        "days_since_possible_dprk_call": days,
    }


def _happened(events: Events, zones: DataFrame) -> DataFrame:
    calls = events[DARK_CALL]
    rows = calls[["mmsi", "source"]].assign(
        event_id=calls["dark_call_id"], from_at=calls["began_at"], to_at=calls["ended_at"],
        name=calls["zone_id"].map(zones.set_index("zone_id")["name"]),
        until=calls["ended_at"].dt.strftime("until %Y-%m-%d %H:%M UTC").fillna("that goes on"),
    )  # fmt: skip
    said = "a silence from {from_at:%Y-%m-%d %H:%M} UTC {until} that leaves time for a call at {name}"
    return rows.assign(said=[fill(said, row) for row in rows.to_dict("records")])


KIND = Kind(
    name="dark_call",
    table=DARK_CALL,
    reads=(AIS_GAP, PORT_CALL, VOYAGE, DRAUGHT_CHANGE, IDENTITY_CHANGE, POSITION_ANOMALY),
    columns=COLUMNS,
    begins=("zone_id",),
    place="call",
    find=find_dark_call_cases,
    law=_law,
    alert={"origin_zone_id": "call_zone_id", "destination_zone_id": "next_zone_id"},
    stories=("voyage_id", "next_visit_id"),
    touches=("voyage_id", "next_visit_id"),
    happened=_happened,
    ahead=lambda limits: limits.identity.tied_days,
    covers_next=True,
)
