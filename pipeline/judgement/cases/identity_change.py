"""Cases of identity changes: another name, number or MMSI, with what ties the ship to a loading port around it.

A change by itself is mostly trade. A case says how telling it is (`telling`), and what ties either number to a North
Korean loading port: a call, a silence off it, or the place itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import AIS_GAP, IDENTITY_CHANGE, PORT_CALL, POSITION_ANOMALY, VOYAGE
from pipeline.judgement.cases.around import SHIP, with_duplicate, with_gaps
from pipeline.judgement.cases.false_positions import FALSE_POSITIONS, with_false_positions
from pipeline.judgement.cases.kind import Kind, described
from pipeline.judgement.cases.past import HOME, calls_at_home, flags_of
from pipeline.judgement.sentence import fill
from pipeline.judgement.ships import with_ship

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.cases.around import Around
    from pipeline.judgement.cases.events import Events

COLUMNS = described(
    SHIP
    + FALSE_POSITIONS.format("false")
    + """
    change_kind     as in IDENTITY_CHANGE
    change_field    likewise
    value_before    likewise
    value_after     likewise
    ordinary        an ordinary cause that fits; null where none does
    telling         pair, number (another IMO number), names (both, without an IMO number), size, or null
    change_of       the match: changes of one track on one day
    voyage_id       the voyage during which she changed; null at a port, and where none is known
    numbered        whether she sends a valid IMO number
    other_mmsi      the other MMSI of a pair
    other_flag      its country, ISO 3166 alpha-2
    distance_nm     distance between both numbers
    hours           from the one to the other
    candidates      silences that fit as well, with this one
    other_back_at   when the other is heard again (UTC)
    tie             call, silence, near or null: what ties either number to a North Korean port, the first that does
    home_call_id       the call in North Korea nearest in time, of either number (limits: identity.tied_days)
    home_call_name     where it was
    home_call_mmsi     the number she sent there
    home_call_at       arrival (UTC)
    home_call_zone_id  berth, else port or basin
    home_call_loads_coal  coal is known to be loaded there
    home_gap_id        longest silence of either number off a loading port (identity.near_loading_nm), with time to load
    home_gap_hours     hours unheard under either number; null while it goes on
    home_gap_mmsi      the number that was silent
    home_gap_began_at  last fix before it (UTC)
    home_gap_reception as in AIS_GAP
    home_gap_where     where that was, for sentences: when she was off a loading port, or until she was
    near_name       loading port nearest to where she changed (limits: identity.near_loading_nm)
    near_nm         how far off
    land_call_id    the first call abroad after the change, of this number
    land_name       where it was
    land_zone_id    berth, else port or anchorage
    land_country    ISO 3166 alpha-2
    land_at         arrival (UTC)
    land_receives_coal  a place where such coal was, or could be, landed
    """
)


def find_identity_change_cases(around: Around, wanted: Index) -> DataFrame:
    """The cases of some identity changes: `COLUMNS`; list status is as of the change."""
    changes = around.of(IDENTITY_CHANGE).loc[wanted].reset_index(drop=True)
    cases = changes.rename(columns={"kind": "change_kind", "field": "change_field"})
    cases["flag_of_other"] = flags_of(around, cases["other_mmsi"])
    cases["telling"] = _telling(cases)
    cases["change_of"] = _track_and_day(cases)
    cases["voyage_id"] = _on_voyage(cases, around)
    cases["numbered"] = cases["imo"].notna()
    cases["other_flag"] = cases["flag_of_other"]
    cases = _with_calls(cases, around)
    cases = _with_home_gap(cases, around)
    cases = _with_near(cases, around)
    tie = cases["near_name"].notna().map({True: "near", False: None})
    cases["tie"] = tie.mask(cases["home_gap_id"].notna(), "silence").mask(cases["home_call_id"].notna(), "call")
    cases = with_gaps(cases, around.gaps, cases["changed_after"], cases["changed_by"])
    nowhere = cases["land_country"].astype("str")
    cases = with_ship(cases, around.events, cases["changed_by"], nowhere, around.watchlists)
    cases = with_duplicate(cases, IDENTITY_CHANGE, cases["identity_change_id"], around)
    cases = cases.assign(
        event_id=cases["identity_change_id"], began_at=cases["changed_after"], ended_at=cases["changed_by"]
    )
    return with_false_positions(cases, around, "mmsi", "other_mmsi")[list(COLUMNS)]


def _track_and_day(changes: DataFrame) -> Series:
    return changes["track_id"] + " " + changes["changed_by"].dt.strftime("%Y-%m-%d")


def _telling(cases: DataFrame) -> Series:
    """How telling each change is: see COLUMNS."""
    from pandas import Series

    found = Series(None, index=cases.index, dtype="str")
    plain = cases["ordinary"].isna()
    pair = (cases["change_kind"] != "value") & plain
    field, unnumbered = cases["change_field"], cases["imo"].isna()
    day = cases["changed_by"].dt.floor("D")
    names = cases[field.isin(["name", "call_sign"]) & plain & unnumbered]
    fields = names.groupby([names["track_id"], day[names.index]])["change_field"].transform("nunique")
    both = fields.reindex(cases.index).fillna(0) > 1
    found = found.mask((field == "dimensions") & plain & unnumbered, "size").mask(both, "names")
    return found.mask((field == "imo") & plain, "number").mask(pair, "pair")


def _sides(cases: DataFrame) -> DataFrame:
    """case, track_id: both numbers of each case."""
    from pandas import concat

    own = cases[["track_id"]].assign(case=cases.index)
    other = cases[["other_track_id"]].set_axis(["track_id"], axis=1).assign(case=cases.index)
    return concat([own, other.dropna(subset=["track_id"])], ignore_index=True)


def _with_calls(cases: DataFrame, around: Around) -> DataFrame:
    """Add the North Korean call nearest in time, and the first call abroad after the change."""
    from pandas import Timedelta

    tied = Timedelta(days=around.limits.identity.tied_days)
    calls = around.calls[around.calls["confidence"].fillna(0) > 1]
    facts = around.places[["name", "loads_coal", "receives_coal"]].reindex(calls["place_id"]).set_axis(calls.index)
    calls = calls[["track_id", "mmsi", "port_call_id", "place_id", "port", "country", "arrived_by"]].assign(
        name=facts["name"].fillna(calls["port"]), loads_coal=facts["loads_coal"], receives_coal=facts["receives_coal"]
    )
    when = cases[["changed_by"]].assign(case=cases.index)
    pairs = _sides(cases).merge(calls, on="track_id", validate="many_to_many").merge(when, on="case", validate="m:1")
    pairs["wait"] = (pairs["arrived_by"] - pairs["changed_by"]).abs()
    pairs = pairs[pairs["wait"] <= tied]
    home = pairs[pairs["port_call_id"].isin(calls_at_home(around)["port_call_id"])]
    home = home.sort_values(["wait", "port_call_id"]).drop_duplicates("case").set_index("case")
    own = pairs["track_id"] == pairs["case"].map(cases["track_id"])
    abroad = pairs[own & pairs["country"].notna() & (pairs["country"] != HOME)]
    abroad = abroad[abroad["arrived_by"] >= abroad["changed_by"]].sort_values(["arrived_by", "port_call_id"])
    abroad = abroad.drop_duplicates("case").set_index("case")
    of_home = {
        "port_call_id": "id", "name": "name", "mmsi": "mmsi", "arrived_by": "at", "place_id": "zone_id",
        "loads_coal": "loads_coal",
    }  # fmt: skip
    of_land = {
        "port_call_id": "call_id", "name": "name", "place_id": "zone_id", "country": "country", "arrived_by": "at",
        "receives_coal": "receives_coal",
    }  # fmt: skip
    for found, names, side in ((home, of_home, "home_call_"), (abroad, of_land, "land_")):
        cases = cases.join(found[list(names)].rename(columns={old: side + new for old, new in names.items()}))
    return cases


def _with_home_gap(cases: DataFrame, around: Around) -> DataFrame:
    """Add the longest silence of either number that began or ended near a loading port.

    The silence that a succession ends is no silence of the hull once she is heard under the new number: whoever changes
    numbers at sea and sails on is silent for as long as that takes.
    """
    from pandas import Timedelta

    gaps = around.gaps.copy()
    off = _nearest_loading(gaps["off_longitude"], gaps["off_latitude"], around)["near_name"]
    on = _nearest_loading(gaps["on_longitude"], gaps["on_latitude"], around)["near_name"]
    gaps = gaps.assign(where=("when she was off " + off).fillna("until she was heard off " + on))
    gaps = gaps.dropna(subset=["where"])
    said = ["ais_gap_id", "hours", "mmsi", "began_at", "reception", "where"]
    when = cases[["change_kind", "changed_after", "changed_by", "other_track_id"]].assign(
        case=cases.index, between=cases["hours"]
    )
    pairs = _sides(cases).merge(gaps[[*said, "track_id", "ended_at"]], on="track_id", validate="many_to_many")
    pairs = pairs.merge(when, on="case", validate="m:1")
    handed = (pairs["change_kind"] == "succession") & (pairs["track_id"] == pairs["other_track_id"])
    handed &= pairs["began_at"] == pairs["changed_after"]
    pairs["hours"] = pairs["hours"].mask(handed, pairs["between"])
    pairs = pairs[pairs["hours"].isna() | (pairs["hours"] >= around.limits.port_call.cargo_hours)]
    tied = Timedelta(days=around.limits.identity.tied_days)
    ended = pairs["ended_at"].fillna(pairs["changed_by"])
    pairs = pairs[(pairs["began_at"] <= pairs["changed_by"] + tied) & (ended >= pairs["changed_after"] - tied)]
    longest = pairs.sort_values(["hours", "ais_gap_id"], ascending=[False, True], na_position="first")
    longest = longest.drop_duplicates("case").set_index("case")[said].rename(columns={"ais_gap_id": "id"})
    return cases.join(longest.add_prefix("home_gap_"))


def _with_near(cases: DataFrame, around: Around) -> DataFrame:
    """Add the loading port nearest to where either number was at the change."""
    here = _nearest_loading(cases["longitude"], cases["latitude"], around)
    there = _nearest_loading(cases["off_longitude"], cases["off_latitude"], around)
    nearer = (there["near_nm"] < here["near_nm"].fillna(float("inf"))).fillna(False)
    return cases.assign(**{name: here[name].mask(nearer, there[name]) for name in ("near_name", "near_nm")})


def _nearest_loading(longitude: Series, latitude: Series, around: Around) -> DataFrame:
    """near_name, near_nm: the North Korean loading zone nearest to each point, null if none is near."""
    from pandas import DataFrame

    zones = around.zones[(around.zones["country"] == HOME) & around.zones["loads_coal"].astype(bool)]
    found = DataFrame({"near_name": None, "near_nm": float("nan")}, index=longitude.index)
    found = found.astype({"near_name": "str"})
    for zone in zones.sort_values("zone_id").itertuples():
        away = distance_m(longitude.to_numpy("float64"), latitude.to_numpy("float64"), zone.longitude, zone.latitude)
        nearer = (away / METRES_PER_NM <= around.limits.identity.near_loading_nm) & ~(
            found["near_nm"].to_numpy() <= away / METRES_PER_NM
        )
        found.loc[nearer, "near_name"] = zone.name
        found.loc[nearer, "near_nm"] = away[nearer] / METRES_PER_NM
    return found


def _on_voyage(cases: DataFrame, around: Around) -> Series:
    """The voyage of this number that the change lies in."""
    voyages = around.voyages[["track_id", "voyage_id", "departed_at", "arrived_at"]]
    pairs = cases[["track_id", "changed_by"]].assign(case=cases.index).merge(voyages, on="track_id", validate="m:m")
    within = (pairs["departed_at"] <= pairs["changed_by"]) & ~(pairs["arrived_at"] < pairs["changed_by"])
    found = pairs[within].drop_duplicates("case").set_index("case")["voyage_id"]
    return found.reindex(cases.index)


_ORDER = {"pair": 0, "number": 1, "names": 2, "size": 3}


def _one_a_day(cases: DataFrame) -> DataFrame:
    """Changes of one track on one day are one match: the most telling of them, the nearest silence first."""
    order = cases.assign(order=cases["telling"].map(_ORDER)).sort_values(["order", "hours", "event_id"], kind="stable")
    return order.drop_duplicates("change_of").sort_index()[list(cases)]


def _law(cases: DataFrame) -> Mapping[str, object]:
    return {
        "departed_at": cases["home_call_at"].fillna(cases["ended_at"]),
        "arrived_at": cases["land_at"],
        "origin_country": cases["home_call_id"].notna().map({True: HOME, False: None}),
        "origin_zone_id": cases["home_call_zone_id"],
        "destination_country": cases["land_country"],
    }


def _happened(events: Events, zones: DataFrame) -> DataFrame:
    changes = events[IDENTITY_CHANGE]
    rows = changes[["mmsi", "source", "field", "value_before", "value_after"]].assign(
        event_id=changes["identity_change_id"], from_at=changes["changed_after"], to_at=changes["changed_by"]
    )
    said = "a change of {field} from {value_before} to {value_after}"
    return rows.assign(said=[fill(said, row) for row in rows.to_dict("records")])


KIND = Kind(
    name="identity_change",
    table=IDENTITY_CHANGE,
    reads=(PORT_CALL, VOYAGE, AIS_GAP, POSITION_ANOMALY),
    columns=COLUMNS,
    begins=(),
    place="home_call",
    find=find_identity_change_cases,
    law=_law,
    alert={"origin_zone_id": "home_call_zone_id", "destination_zone_id": "land_zone_id", "voyage_id": "voyage_id"},
    stories=("event_id",),
    touches=("event_id", "voyage_id"),
    happened=_happened,
    ahead=lambda limits: limits.identity.tied_days,
    joined=lambda rows: [_track_and_day(rows)],
    together=_one_a_day,
    asks=("ordinary",),
)
