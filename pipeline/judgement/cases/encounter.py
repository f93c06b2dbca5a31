"""Cases of encounters: two ships that met, the one that is linked to North Korea first, with what became of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.contracts import AIS_GAP, DRAUGHT_CHANGE, ENCOUNTER, IDENTITY_CHANGE, PORT_CALL, POSITION_ANOMALY, VOYAGE
from pipeline.judgement.cases.around import PLACE, SHIP, with_place
from pipeline.judgement.cases.false_positions import FALSE_POSITIONS, with_false_positions
from pipeline.judgement.cases.kind import Kind, described
from pipeline.judgement.draughts import ROUNDING_M
from pipeline.judgement.partners import gave, leads, parties
from pipeline.judgement.sentence import fill

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series
    from pandas.core.groupby import DataFrameGroupBy

    from pipeline.judgement.cases.around import Around
    from pipeline.judgement.cases.events import Events

_APART_HOURS = 72  # ours: meetings of one ship that lie nearer than this are one transfer with several partners
_LINKS = {6: "call", 5: "flag", 4: "listed", 3: "call", 2: "identity", 1: "dark_call"}
# What is said of both: of the other ship with `partner_` before it.
_OF_BOTH = """
    {0}draught_before_m   draught before, metres, where it changed within the time for typing it
    {0}draught_after_m    draught after, metres
    {0}draught_change_m   the one minus the other
    {0}draught_change_id  the change
    {0}next_port_call_id  the first call at a port after the encounter
    {0}next_arrived_at    when it began (UTC)
    {0}link_call_id       her last call in North Korea within 30 days
    {0}link_call_name     its place
    {0}link_call_at       when it began (UTC)
    {0}link_zone_id       the berth, else the port or anchorage
    {0}link_loads_coal    coal is known to be loaded there
    {0}link_gap_id        a silence of hers within 30 days in which she may have called there
    {0}others             ships that she lay alongside within days, the partner of this encounter among them
    {0}others_said        which, and since when, for sentences
"""
# Of several partners in one match, which says the most is told of each of these (`_one_a_transfer`).
_FACETS = ("draught", "next", "list", "link")
_OF_FACET = """
    partner_{0}_ship  the partner that partner_{0}… tells of, for sentences
"""

COLUMNS = described(
    SHIP
    + FALSE_POSITIONS.format("false")
    + PLACE.format("place")
    + PLACE.format("next")
    + PLACE.format("partner_next")
    + _OF_BOTH.format("")
    + _OF_BOTH.format("partner_")
    + "".join(map(_OF_FACET.format, _FACETS))
    + """
    encounter_id     the encounter; of several that are one match the one told (`_one_a_transfer`)
    met_at           when it began (UTC)
    context          as in ENCOUNTER, so the next ones
    alongside        yes, unsure or no
    lay_m            metres apart, by the moments at which both were heard
    beside_m         metres apart that two such ships may be seen while they lie side by side
    under_way_share  share of the moments at which they were under way side by side
    heard_share      share of the moments at which both were heard
    longitude        middle position, degrees
    latitude         middle position, degrees
    hours            length so far
    night_share      share of it between 20 and 6 o'clock of the sun's time there
    where            the place, for sentences
    partner_ship     name, IMO number and MMSI of the other ship, for sentences
    partner_mmsi     her MMSI
    partner_imo      her IMO number
    partner_vessel_name  her name
    partner_flag     her flag
    partner_ship_type    AIS ship type that she reported
    partner_craft        as craft
    partner_length_m     her length, metres
    partner_list_status  as list_status
    partner_lists        as lists
    could_carry      whether one of the two may carry a cargo of coal: not both are known to be shorter than 50 m
    kept_company     whether they are taken to have come together (context in_company), each not from another port
    left_name        where she had left a port within a day before, for sentences
    left_at          when (UTC)
    partner_left_name  the same of the other ship
    partner_left_at    when (UTC)
    swung_there      whether the same two swung at their own anchors within days of it, and no draught of either changed
    reports_cargo    whether one of the two reports to be a cargo ship
    linked_by        what links her to North Korea: flag, listed, call, identity, dark_call, else waters; null: nothing
    link_call_id     her last call in North Korea within 30 days
    link_call_name   its place
    link_call_at     when it began (UTC)
    link_loads_coal  coal is known to be loaded there
    link_gap_id      a silence of hers within 30 days in which she may have called there
    was_id           a change within 30 days by which she may be a ship of North Korea, or one that had called there
    was_mmsi         the MMSI of that ship
    was_call_id      the last call there of that ship before the change
    was_call_name    its place
    was_call_at      when it began (UTC)
    was_loads_coal   coal is known to be loaded there
    origin_zone_id   where a cargo would come from
    voyage_id        the voyage of hers that it belongs to: she was on it, or it had brought her there
    destination_zone_id  where it would have gone
    destination_country  and the country
    partner_took     whether her partner's draught rose by what means cargo
    partners         ships that she met in this one match
    """
)


def find_encounter_cases(around: Around, wanted: Index) -> DataFrame:
    """The cases of some encounters: `COLUMNS`; list status is as of their beginning."""
    met = around.of(ENCOUNTER).loc[wanted].reset_index(drop=True)
    met = met.assign(last_at=met["last_at"].fillna(met["ended_at"]).fillna(met["began_at"]))
    met["place_zone_id"] = met["zone_id"]
    zones = around.zones.set_index("zone_id")
    for name in ("port", "country"):
        met[f"place_{name}"] = met["zone_id"].map(zones[name])
    met = with_place(met, "place", around.places)
    both = parties(met, around)
    first, second = (both[both["side"] == side].set_index("row") for side in (0, 1))
    turned = leads(second, first, around.limits.voyage.draught_change_m)
    her, partner = _either(turned, second, first), _either(turned, first, second)
    cases = met[[name for name in met if name in COLUMNS and name not in her]].join(her)
    cases = cases.join(partner.add_prefix("partner_").drop(columns="partner_partner_mmsi").drop(columns="partner_mmsi"))
    hours = (cases["last_at"] - cases["began_at"]).dt.total_seconds() / 3600
    lengths = cases[["length_m", "partner_length_m"]].astype("float64")
    types = [cases[name].astype("Float64") for name in ("ship_type", "partner_ship_type")]
    cargo = (types[0].between(70, 79) | types[1].between(70, 79)).fillna(False).astype(bool)
    could = (lengths.max(axis=1) >= around.limits.transfer.small_m) | lengths.isna().any(axis=1)
    in_waters = (cases["place_country"] == "KP") & cargo & could
    link = cases["link"].map(_LINKS).astype(object)
    at_home = cases["place_country"] == "KP"
    cases = cases.assign(
        event_id=met["encounter_id"], encounter_id=met["encounter_id"], known_at=met["known_at"], source=met["source"],
        ended_at=cases["last_at"], seen_by=None, seen_by_id=None, hours=hours,
        night_share=_night(cases["began_at"], cases["last_at"], met["longitude"]),
        where=cases["place_name"].fillna("sea"), could_carry=could, reports_cargo=cargo,
        linked_by=link.where(link.notna() | ~in_waters, "waters"),
        origin_zone_id=cases["link_zone_id"].fillna(cases["place_zone_id"].where(at_home)),
        destination_zone_id=cases["place_zone_id"].where(~at_home).fillna(cases["partner_next_zone_id"]),
        destination_country=cases["place_country"].where(~at_home).fillna(cases["partner_next_country"]),
        partners=1, met_at=cases["began_at"],
        partner_took=gave(partner, around.limits.voyage.draught_change_m) < 0,
        kept_company=(met["context"] == "in_company").fillna(False).astype(bool) & ~_came_from_two_ports(cases, met),
        swung_there=_at_own_anchors(met, around) & ~_cargo_told(cases, around),
        **{f"partner_{facet}_ship": cases["partner_ship"] for facet in _FACETS},
    )  # fmt: skip
    return with_false_positions(cases, around, "mmsi", "partner_mmsi")[list(COLUMNS)]


def _either(turned: Series, then: DataFrame, otherwise: DataFrame) -> DataFrame:
    """The rows of one frame where `turned` holds, else those of the other, which has the same index and columns."""
    from pandas import concat

    if turned.all() or not turned.any():
        return then if turned.all() else otherwise
    return concat([then[turned], otherwise[~turned]]).loc[turned.index]


def _came_from_two_ports(cases: DataFrame, met: DataFrame) -> Series:
    """Whether two that were under way side by side when both were heard first had each left another harbour within a
    day, and lain there at one time: a convoy, a tow and pair trawlers sail together from one, and one hull with two
    transmitters is in one place at a time."""
    unheard = met["cut_at_start"].fillna(False).astype(bool) & (met["under_way_share"] > 0.5).fillna(False)
    hers, other = cases["left_harbour"], cases["partner_left_harbour"]
    two = hers.notna() & other.notna() & (hers.astype(object) != other.astype(object))
    at_once = (cases["left_came_at"] < cases["partner_left_at"]) & (cases["partner_left_came_at"] < cases["left_at"])
    return unheard & two & at_once


def _at_own_anchors(met: DataFrame, around: Around) -> Series:
    """Whether the same two lay at their own anchors within days of each meeting: who swings with the tide beside
    another comes as near as side by side now and then."""
    from pandas import Series, Timedelta

    known = around.of(ENCOUNTER)
    swung = known[known["context"] == "own_anchors"]
    swung = swung.assign(swung_from=swung["began_at"], swung_to=swung["last_at"].fillna(swung["began_at"]))
    pair = ["vessel_id", "other_vessel_id"]
    asked = met[[*pair, "began_at", "last_at"]].assign(row=met.index)
    both = asked.merge(swung[[*pair, "swung_from", "swung_to"]], on=pair, validate="many_to_many")
    near = Timedelta(hours=_APART_HOURS)
    both = both[(both["swung_from"] <= both["last_at"] + near) & (both["swung_to"] >= both["began_at"] - near)]
    return Series(met.index.isin(both["row"]), index=met.index)


def _cargo_told(cases: DataFrame, around: Around) -> Series:
    """Whether the draught of either changed by what means a cargo."""
    least = around.limits.voyage.draught_change_m - ROUNDING_M
    changes = cases[["draught_change_m", "partner_draught_change_m"]].astype("float64").abs()
    return (changes > least).any(axis=1)


def _night(began: Series, ended: Series, longitude: Series) -> Series:
    """Share of a time between 20 and 6 o'clock of the sun's time."""

    base = began.dt.floor("D").min()

    def night(at: Series) -> Series:
        since_eight = (at - base).dt.total_seconds() / 3600 + longitude / 15 + 4 + 24
        return since_eight // 24 * 10 + (since_eight % 24).clip(upper=10)

    hours = (ended - began).dt.total_seconds() / 3600
    return ((night(ended) - night(began)) / hours.where(hours > 0)).round(2)


def _one_a_transfer(cases: DataFrame) -> DataFrame:
    """Meetings of one ship, one after the other within days, are one match, under the id of the first; its interval
    and knowledge time are those of all.

    Told is the meeting with a partner that took a cargo by her draught, else with one that went on to a port where
    such coal is received, else the longest; what her own draught did is read over all of them, and of what is said of
    a partner that which says the most (`_FACETS`).
    """
    from pandas import Timedelta

    if cases.empty:
        return cases
    cases = cases.sort_values(["mmsi", "vessel_id", "began_at", "event_id"], kind="stable")
    ship = cases.groupby(["mmsi", "vessel_id"], sort=False)
    so_far = ship["ended_at"].cummax().groupby([cases["mmsi"], cases["vessel_id"]]).shift()
    new = ~(cases["began_at"] - so_far <= Timedelta(hours=_APART_HOURS))
    group = cases.groupby(new.cumsum())
    cases = cases.assign(
        transfer=new.cumsum(),
        event_id=group["event_id"].transform("first"),
        began_at=group["began_at"].transform("min"),
        ended_at=group["ended_at"].transform("max"),
        known_at=group["known_at"].transform("max"),
        partners=group["partner_mmsi"].transform("nunique"),
        **_own_draught(cases, group),
    )
    to_coal = cases["partner_next_receives_coal"].fillna(False).astype(bool)
    order = ["partner_took", "to_coal", "hours", "encounter_id"]
    cases = cases.assign(to_coal=to_coal).sort_values(order, ascending=[False, False, False, True], kind="stable")
    told = cases.drop_duplicates("transfer")
    if len(told) == len(cases):
        return told.drop(columns=["transfer", "to_coal"]).sort_index()
    says = {
        "draught": cases["partner_took"] * 2 + cases["partner_draught_change_m"].notna(),
        "next": cases["to_coal"] * 2 + cases["partner_next_port_call_id"].notna(),
        "list": cases["partner_list_status"].map({"listed": 2, "unknown": 1}).fillna(0),
        "link": cases["partner_link_call_id"].notna() * 2 + cases["partner_link_gap_id"].notna(),
    }
    for facet in _FACETS:
        names = [name for name in cases if name.startswith(f"partner_{facet}")]
        best = cases.loc[says[facet].sort_values(ascending=False, kind="stable").index].drop_duplicates("transfer")
        best = best.set_index("transfer").reindex(told["transfer"]).set_axis(told.index)
        told = told.assign(**{name: best[name] for name in names})
        if facet == "next":
            landed = {name: told[name].fillna(best[name]) for name in ("destination_zone_id", "destination_country")}
            told = told.assign(**landed)
    return told.drop(columns=["transfer", "to_coal"]).sort_index()


def _one_after_the_other(met: DataFrame) -> list[Series]:
    """For each side the number of a series of meetings of that ship, as `_one_a_transfer` joins them."""
    from pandas import Timedelta

    found = []
    for name in ENCOUNTER.ships:
        rows = met[[name, "began_at"]].assign(end=met[["ended_at", "last_at", "began_at"]].max(axis=1))
        rows = rows.sort_values([name, "began_at"], kind="stable")
        so_far = rows.groupby(name)["end"].cummax().groupby(rows[name]).shift()
        found.append((~(rows["began_at"] - so_far <= Timedelta(hours=_APART_HOURS))).cumsum().reindex(met.index))
    return found


def _own_draught(cases: DataFrame, group: DataFrameGroupBy) -> dict[str, Series]:
    """What her own draught did over all meetings of each group, where that is more than it did with one of them."""
    first, last = group["draught_before_m"].transform("first"), group["draught_after_m"].transform("last")
    change = (last - first).astype("float64").round(1)
    more = change.abs() > cases["draught_change_m"].astype("float64").abs().fillna(0)
    whole = {
        "draught_before_m": first, "draught_after_m": last, "draught_change_m": change,
        "draught_change_id": group["draught_change_id"].transform("last"),
    }  # fmt: skip
    return {name: cases[name].mask(more, value) for name, value in whole.items()}


def _law(cases: DataFrame) -> Mapping[str, object]:
    return {
        "departed_at": cases["began_at"],
        "arrived_at": cases["began_at"],
        "origin_country": cases["linked_by"].map(lambda link: "KP", na_action="ignore"),
        "origin_zone_id": cases["origin_zone_id"],
        "destination_country": cases["destination_country"],
        "ship_to_ship": True,
    }


def _happened(events: Events, zones: DataFrame) -> DataFrame:
    from pandas import concat

    met = events[ENCOUNTER]
    rows = met[["mmsi", "source"]].assign(
        event_id=met["encounter_id"], from_at=met["began_at"], to_at=met["ended_at"],
        where=met["zone_id"].map(zones.set_index("zone_id")["name"]).fillna("sea"), other=met["other_mmsi"],
        near=met["alongside"].map({"no": "not alongside"}).fillna("alongside"), why=met["context"].fillna("none known"),
    )  # fmt: skip
    said = "an encounter with MMSI {other} at {where} from {from_at:%Y-%m-%d %H:%M} UTC, {near} (reason against: {why})"
    rows = rows.assign(said=[fill(said, row) for row in rows.to_dict("records")])
    return concat([rows, rows.assign(mmsi=rows["other"]).dropna(subset=["mmsi"])], ignore_index=True)


KIND = Kind(
    name="encounter",
    table=ENCOUNTER,
    reads=(PORT_CALL, VOYAGE, AIS_GAP, DRAUGHT_CHANGE, IDENTITY_CHANGE, POSITION_ANOMALY),
    columns=COLUMNS,
    begins=("zone_id",),
    place="place",
    find=find_encounter_cases,
    law=_law,
    alert={"origin_zone_id": "origin_zone_id", "destination_zone_id": "destination_zone_id"},
    stories=("event_id", "encounter_id"),
    touches=("event_id", "encounter_id", "voyage_id"),
    happened=_happened,
    ahead=lambda limits: max(limits.transfer.next_days, limits.transfer.others_days, _APART_HOURS / 24),
    joined=_one_after_the_other,
    together=_one_a_transfer,
    asks=("context", "alongside", "longitude", "latitude"),
)
