"""What happened before: a ship's last call in North Korea, and what other ships brought from there to where she lay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.distance import distance_m
from geo.harbours import harbours_at
from pipeline.contracts import ENCOUNTER, IDENTITY_CHANGE, PORT_CALL
from pipeline.ids import known_by_imo
from pipeline.judgement.cases.kind import described
from pipeline.judgement.duplicate_events import find_duplicates

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from pipeline.judgement.cases.around import Around
    from pipeline.limits import BerthLimits

HOME = "KP"
_CELL_M = 800  # from the middle of a cell of 0.01 degrees to its corner, as positions.precision_m
BESIDE = ("yes", "unsure")  # values of encounter.alongside
_WITHIN_DAYS = (
    180  # Executive Order 13810, section 2: after a call, or a transfer with a ship that had called so lately
)

DPRK_CALL = """
    dprk_call_id          her last call in North Korea before
    dprk_call_name        where it was
    dprk_call_left_at     when she left it (UTC)
    dprk_call_days        days between that and her arrival here
    dprk_call_ago         the same in words
    dprk_call_confidence  its confidence, 2-4
    dprk_call_source      ais (ours), or the provider that alone tells of it
    dprk_call_is_passage_before  whether it is the call that her voyage here began from
    dprk_call_visits      her visits to the ports of this country between that and this one
    dprk_met_id           her last meeting before, side by side, with a ship that had called in North Korea
    dprk_met_ship         that ship, for sentences
    dprk_met_name         where that ship had called
    dprk_met_until        when the two parted (UTC)
    dprk_met_days         days between that and her arrival here; and dprk_met_ago, dprk_met_visits as of the call
    dprk_met_ago          the same in words
    dprk_met_visits       her visits to the ports of this country between the meeting and this one
    dprk_met_alone        she did not call in North Korea herself in the 180 days before
"""
DELIVERY = """
    delivered_voyage_id  the last voyage from North Korea of another ship to where she sailed from, if any to her berth
    delivered_by         that ship, for sentences
    delivered_from_zone_id  where that voyage began: berth, else port
    delivered_from_country  its country, North Korea
    delivered_from_name  its name
    delivered_loads_coal coal is known to be loaded there
    delivered_at         when she arrived (UTC)
    delivered_days       days between that and her own departure
    delivered_draught    what the other's draught did at the place, as in origin_draught
    delivered_same_berth whether both lay at one berth (limits: berth); null where that is not known
    delivered_nth        how many ships had sailed on from that berth since, with her
    delivered_longer     how many times as long as the other ship she is; null where a length is not known
    delivered_tie        what joins the two calls: berth, draughts (one landed and the other took on), both, or none
"""
_OF_DELIVERY = list(described(DELIVERY))
NUMBER = """
    number_change_id  the last change, or pair, by which an IMO number of hers is another's; none with an ordinary cause
    number_said       what was AIS-reported, for sentences
"""
_NUMBER_DAYS = (
    180  # ours: as long as a call in North Korea counts; a number in a transponder stays until it is typed anew
)


def with_number_of_another(cases: DataFrame, at: Series, around: Around) -> DataFrame:
    """Add `NUMBER` to cases with track_id: what was known in the half year before a moment, or the weeks after it.

    The ship whose number it is, as far as that is known, is not who sends another's.
    """
    from pandas import Timedelta, concat

    changes = around.of(IDENTITY_CHANGE)
    pairs = changes["kind"].isin(["same_number", "two_places", "other_ship"])
    changes = changes[
        changes["ordinary"].isna() & (pairs | ((changes["kind"] == "value") & (changes["field"] == "imo")))
    ]
    shared = "MMSI " + changes["value_before"] + " and MMSI " + changes["value_after"] + " sent one IMO number"
    instead = "IMO number " + changes["value_after"] + " was sent in place of " + changes["value_before"]
    told = changes.assign(
        number_change_id=changes["identity_change_id"], number_said=shared.where(pairs[changes.index], instead)
    )
    own, other = _senders_of_another(told)
    keep = ["track_id", "changed_by", "number_change_id", "number_said"]
    both = concat([told.loc[own, keep], told.assign(track_id=told["other_track_id"]).loc[other, keep]])
    both = both.dropna(subset=["track_id"])
    asked = cases[["track_id"]].assign(case=cases.index, at=at).merge(both, on="track_id", validate="many_to_many")
    near = (asked["changed_by"] >= asked["at"] - Timedelta(days=_NUMBER_DAYS)) & (
        asked["changed_by"] <= asked["at"] + Timedelta(days=around.limits.identity.tied_days)
    )
    last = (
        asked[near].sort_values(["changed_by", "number_change_id"], kind="stable").drop_duplicates("case", keep="last")
    )
    return cases.join(last.set_index("case")[["number_change_id", "number_said"]])


def _senders_of_another(changes: DataFrame) -> tuple[Series, Series]:
    """Whether each side of a change may send what is another's: the ship that reported it, and the other of a pair.

    Of a pair it is the one that is not the hull of the number: who sent it longest is, and who is of that size
    (`events.identity`). Where that does not tell them apart it is who sent it later.
    """
    hers, others = (
        known_by_imo(changes[name].astype("str")).fillna(False) for name in ("vessel_id", "other_vessel_id")
    )
    told_apart = changes["other_vessel_id"].notna() & (hers != others)
    return ~told_apart | ~hers.astype(bool), told_apart & hers.astype(bool)


def calls_at_home(around: Around) -> DataFrame:
    """Calls in North Korea that were seen well enough; of a visit to a port and its anchorage, those at the port."""
    calls = around.calls
    calls = calls[(calls["country"] == HOME) & (calls["confidence"].fillna(0) > 1)]
    in_port = calls["at_anchorage"].groupby(calls["visit_id"]).transform("all") | ~calls["at_anchorage"]
    return calls[in_port]


def flags_of(around: Around, mmsis: Series) -> Series:
    """The flag under which each MMSI is known."""
    known = around.events.identities.drop_duplicates("mmsi").set_index("mmsi")["flag"]
    return mmsis.map(known).astype("str")


def with_dprk_call(cases: DataFrame, around: Around) -> DataFrame:
    """Add `DPRK_CALL` to cases of port calls: her own call and her meeting are looked up each by itself."""
    home = _home_calls(around)
    own, met = _last_before(cases, home), _last_before(cases, _meetings(around, home))
    own_days, met_days = ((cases["call_arrived_by"] - one["left_at"]).dt.total_seconds() / 86_400 for one in (own, met))
    origins = around.voyages.drop_duplicates("voyage_id").set_index("voyage_id")["origin_visit_id"]
    return cases.assign(
        dprk_call_id=own["event_id"],
        dprk_call_name=own["name"],
        dprk_call_left_at=own["left_at"],
        dprk_call_days=own_days,
        dprk_call_ago=_ago(own_days),
        dprk_call_confidence=own["confidence"].astype("Int64"),
        dprk_call_source=own["source"],
        dprk_call_is_passage_before=cases["before_voyage_id"].map(origins) == own["visit_id"],
        dprk_call_visits=_visits_since(cases, own["left_at"], around),
        dprk_met_id=met["event_id"],
        dprk_met_ship=met["partner"],
        dprk_met_name=met["name"],
        dprk_met_until=met["left_at"],
        dprk_met_days=met_days,
        dprk_met_ago=_ago(met_days),
        dprk_met_visits=_visits_since(cases, met["left_at"], around),
        dprk_met_alone=~(own_days < _WITHIN_DAYS),
    )


def _last_before(cases: DataFrame, said: DataFrame) -> DataFrame:
    """The last of `_SAID` of each case's hull before she arrived; index as `cases`."""
    from pandas import DataFrame, merge_asof

    asked = cases[["vessel_id", "call_arrived_by"]].dropna().sort_values("call_arrived_by", kind="stable")
    if asked.empty or said.empty:
        found = DataFrame(index=cases.index, columns=_SAID, dtype=object)
        return found.assign(left_at=found["left_at"].astype(cases["call_arrived_by"].dtype))
    rows = said.sort_values(["left_at", "event_id"], kind="stable")
    found = merge_asof(
        asked.reset_index(), rows, left_on="call_arrived_by", right_on="left_at", by="vessel_id",
        allow_exact_matches=False,
    )  # fmt: skip
    return found.set_index("index").reindex(cases.index)


def _ago(days: Series) -> Series:
    """Days in words."""
    whole = days.round().astype("Int64")
    said = (whole.astype("str") + " days").mask(whole == 1, "1 day").mask(whole == 0, "less than a day")
    return said.where(days.notna())


_SAID = ["vessel_id", "event_id", "source", "confidence", "visit_id", "left_at", "name", "partner"]


def _home_calls(around: Around) -> DataFrame:
    """`_SAID` of calls in North Korea; a provider's stands where our own positions do not show it."""
    calls = around.calls
    shown = find_duplicates(PORT_CALL, around.of(PORT_CALL), around.zones)["provider_event_id"]
    home = calls[(calls["country"] == HOME) & (calls["confidence"] > 1) & ~calls["port_call_id"].isin(shown)]
    names = around.places["name"].reindex(home["place_id"]).set_axis(home.index).fillna(home["port"])
    home = home.rename(columns={"port_call_id": "event_id"})
    left_at = home["departed_after"].fillna(home["arrived_by"])
    return home.assign(left_at=left_at, name=names, partner=None)[_SAID]


def _meetings(around: Around, home: DataFrame) -> DataFrame:
    """`_SAID` of meetings side by side with a ship that had called in North Korea, from the side of who met her."""
    from pandas import Timedelta, concat

    met = around.of(ENCOUNTER)
    met = met[met["alongside"].isin(BESIDE) & met["context"].isna() & met["ended_at"].notna()]
    sides = [("vessel_id", "other_vessel_id", "other_mmsi"), ("other_vessel_id", "vessel_id", "mmsi")]
    rows = concat(
        met[["encounter_id", "ended_at", her, other, mmsi]].set_axis(
            ["event_id", "at", "vessel_id", "other", "mmsi"], axis=1
        )
        for her, other, mmsi in sides
    )
    calls = home[["vessel_id", "left_at", "name", "source", "confidence"]].rename(columns={"vessel_id": "other"})
    rows = rows.merge(calls, on="other", validate="many_to_many")
    soon = (rows["left_at"] < rows["at"]) & (rows["at"] - rows["left_at"] <= Timedelta(days=_WITHIN_DAYS))
    rows = rows[soon].sort_values(["left_at"], kind="stable").drop_duplicates(["event_id", "vessel_id"], keep="last")
    named = rows["other"].map(_of_vessels(around, "name")).fillna("a ship without reported name")
    partner = named + " (MMSI " + rows["mmsi"].astype("Int64").astype("str") + ")"
    return rows.assign(left_at=rows["at"], visit_id=None, partner=partner)[_SAID]


def _visits_since(cases: DataFrame, since: Series, around: Around) -> Series:
    """How many visits to ports of the country of each call lie between a moment and the call."""
    calls = around.calls
    calls = calls.loc[calls["confidence"] > 1, ["vessel_id", "country", "visit_id", "arrived_by"]]
    asked = cases[["vessel_id", "call_country", "call_visit_id", "call_arrived_by"]].assign(since=since)
    asked = asked.rename_axis("case").reset_index().rename(columns={"call_country": "country"})
    pairs = asked.merge(calls, on=["vessel_id", "country"], validate="many_to_many")
    between = (pairs["arrived_by"] > pairs["since"]) & (pairs["arrived_by"] < pairs["call_arrived_by"])
    between &= pairs["visit_id"] != pairs["call_visit_id"]
    return pairs[between].groupby("case")["visit_id"].nunique().reindex(cases.index).fillna(0).astype("int64")


def with_delivery(cases: DataFrame, around: Around) -> DataFrame:
    """Add `DELIVERY` to cases of voyages."""
    from pandas import Series

    deliveries = _deliveries(around)
    asked = cases[["vessel_id", "departed_at", "origin_draught"]].assign(
        case=cases.index,
        harbour=harbours_at(cases, around.zones, "origin_"),
        own_berth=cases["origin_zone_id"].where(cases["origin_is_berth"].fillna(False).astype(bool)),
        own_longitude=cases["origin_stop_longitude"],
        own_latitude=cases["origin_stop_latitude"],
        own_length_m=cases["length_m"].astype("float64"),
    )
    pairs = asked.merge(deliveries, on="harbour", validate="many_to_many")
    pairs = pairs[(pairs["delivered_at"] < pairs["departed_at"]) & (pairs["vessel_id"] != pairs["other_vessel_id"])]
    place = pairs[["own_longitude", "own_latitude", "longitude", "latitude"]].astype("float64")
    least, most = _apart_m(place)
    one_berth = _one_berth_m(pairs, around.limits.berth)
    near = Series(most <= one_berth, index=pairs.index)
    near |= (pairs["own_berth"] == pairs["berth"]).fillna(False).astype(bool)
    known = near | Series(least > one_berth, index=pairs.index) | pairs[["own_berth", "berth"]].notna().all(axis=1)
    passed_on = pairs["delivered_draught"].isin(["fell", "rose_then_fell"])
    passed_on &= pairs["origin_draught"].isin(["rose", "fell_then_rose"])
    tie = near.map({True: "berth", False: "none"}).mask(passed_on, near.map({True: "both", False: "draughts"}))
    pairs = pairs.assign(
        delivered_days=(pairs["departed_at"] - pairs["delivered_at"]).dt.total_seconds() / 86_400,
        delivered_same_berth=near.astype("boolean").mask(~known),
        delivered_tie=tie.astype("str"),
        delivered_longer=pairs["own_length_m"] / pairs["length_m"],
        near=near,
    )
    order = ["near", "delivered_at", "delivered_voyage_id"]
    best = pairs.sort_values(order, kind="stable").drop_duplicates("case", keep="last").set_index("case")
    best["delivered_nth"] = _nth_since(best, around)
    return cases.join(best[_OF_DELIVERY]).assign(delivered_tie=lambda rows: rows["delivered_tie"].fillna("none"))


def _apart_m(places: DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far apart two places (longitude, latitude of each) are at least and at most, metres. One in whole hundredths
    of a degree is a cell, as AIS presence gives it, and may be anywhere in it."""
    import numpy as np

    x, y, other_x, other_y = (places[name].to_numpy() for name in places)
    metres = distance_m(x, y, other_x, other_y)
    blur = sum(_CELL_M * (_in_hundredths(a) & _in_hundredths(b)) for a, b in ((x, y), (other_x, other_y)))
    return np.maximum(metres - blur, 0), metres + blur


def _in_hundredths(degrees: NDArray[np.float64]) -> NDArray[np.bool_]:
    hundredths: NDArray[np.float64] = degrees * 100
    return abs(hundredths - hundredths.round()) < 1e-6


def _one_berth_m(pairs: DataFrame, limits: BerthLimits) -> NDArray[np.float64]:
    """How far apart the antennas of two ships at one berth may be, metres, by the longer of them."""
    longer = pairs[["own_length_m", "length_m"]].max(axis=1).fillna(limits.usual_length_m)
    return (longer * limits.same_lengths).to_numpy()


def _nth_since(best: DataFrame, around: Around) -> Series:
    """How many ships, she among them, sailed abroad from the berth since the delivery; null where it is not known."""
    voyages, calls = around.voyages, around.calls.drop_duplicates("port_call_id").set_index("port_call_id")
    place = calls[["stop_longitude", "stop_latitude"]].reindex(voyages["origin_port_call_id"]).set_axis(voyages.index)
    sailed = (
        voyages[["vessel_id", "departed_at"]].join(place).assign(harbour=harbours_at(voyages, around.zones, "origin_"))
    )
    sailed = sailed[
        voyages["destination_country"].notna() & (voyages["destination_country"] != voyages["origin_country"])
    ]
    asked = best[["harbour", "delivered_at", "departed_at", "longitude", "latitude", "length_m", "own_length_m"]]
    pairs = (
        asked.rename_axis("case")
        .reset_index()
        .merge(sailed, on="harbour", suffixes=("", "_of_other"), validate="many_to_many")
    )
    since = (pairs["departed_at_of_other"] > pairs["delivered_at"]) & (
        pairs["departed_at_of_other"] <= pairs["departed_at"]
    )
    pairs = pairs[since]
    at = pairs[["longitude", "latitude", "stop_longitude", "stop_latitude"]].astype("float64")
    there = _apart_m(at)[0] <= _one_berth_m(pairs, around.limits.berth)
    return pairs[there].groupby("case").size().reindex(best.index).astype("Int64")


def _deliveries(around: Around) -> DataFrame:
    """Voyages from North Korea that arrived abroad, with the berth and what the draught did there."""
    voyages = around.voyages
    abroad = voyages["destination_country"].notna() & (voyages["destination_country"] != HOME)
    found = voyages[(voyages["origin_country"] == HOME) & abroad & voyages["arrived_at"].notna()]
    landings = around.calls.drop_duplicates("port_call_id").set_index("port_call_id")
    landings = landings.reindex(found["destination_port_call_id"]).set_axis(found.index)
    origins = around.places.reindex(found["origin_zone_id"]).set_axis(found.index)
    return found[["vessel_id", "voyage_id"]].set_axis(["other_vessel_id", "delivered_voyage_id"], axis=1).assign(
        delivered_by=_names(found, around),
        delivered_from_zone_id=found["origin_zone_id"],
        delivered_from_country=found["origin_country"],
        delivered_from_name=origins["name"].fillna(found["origin_port"]),
        delivered_loads_coal=origins["loads_coal"],
        delivered_at=found["arrived_at"],
        delivered_draught=landings["draught"],
        berth=landings["place_id"].where(landings["place_id"].isin(around.places.index[around.places["is_berth"]])),
        longitude=landings["stop_longitude"],
        latitude=landings["stop_latitude"],
        harbour=harbours_at(found, around.zones, "destination_"),
        length_m=found["vessel_id"].map(_of_vessels(around, "length_m")).astype("float64"),
    )  # fmt: skip


def _names(voyages: DataFrame, around: Around) -> Series:
    """Ships for sentences: the name last reported, and the MMSI."""
    named = voyages["vessel_id"].map(_of_vessels(around, "name")).fillna("a ship without reported name")
    return named + " (MMSI " + voyages["mmsi"].astype("str") + ")"


def _of_vessels(around: Around, column: str) -> Series:
    """A column of VESSEL, by hull."""
    return around.events.vessels.drop_duplicates("vessel_id").set_index("vessel_id")[column]
