"""What happened before: a ship's last call in North Korea, and what other ships brought from there to where she lay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.distance import distance_m
from geo.harbours import harbours_at
from pipeline.judgement.cases.kind import described

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.cases.around import Around

HOME = "KP"

DPRK_CALL = """
    dprk_call_id          her last call in North Korea before
    dprk_call_name        where it was
    dprk_call_left_at     when she left it (UTC)
    dprk_call_days        days between that and her arrival here
    dprk_call_confidence  its confidence, 2-4
    dprk_call_is_passage_before  whether it is the call that her voyage here began from
"""
DELIVERY = """
    delivered_voyage_id  the last voyage from North Korea of another ship to where she sailed from, if any to her berth
    delivered_by         that ship, for sentences
    delivered_from_name  where that voyage began
    delivered_loads_coal coal is known to be loaded there
    delivered_at         when she arrived (UTC)
    delivered_days       days between that and her own departure
    delivered_draught    what the other's draught did at the place, as in origin_draught
    delivered_same_berth whether both lay at one berth (limits: berth); null where that is not known
    delivered_tie        what joins the two calls: berth, draughts (one landed and the other took on), both, or none
"""
_OF_DELIVERY = list(described(DELIVERY))


def with_dprk_call(cases: DataFrame, around: Around) -> DataFrame:
    """Add `DPRK_CALL` to cases of port calls."""
    from pandas import NaT, merge_asof

    calls = around.calls
    home = calls[(calls["country"] == HOME) & (calls["confidence"] > 1)]
    left_at = home["departed_after"].fillna(home["arrived_by"])
    names = around.places["name"].reindex(home["place_id"]).set_axis(home.index).fillna(home["port"])
    said = home[["vessel_id", "port_call_id", "confidence", "visit_id"]].assign(left_at=left_at, name=names)
    asked = cases[["vessel_id", "call_arrived_by"]].dropna().sort_values("call_arrived_by", kind="stable")
    if asked.empty or said.empty:
        none = dict.fromkeys(("dprk_call_id", "dprk_call_name", "dprk_call_days", "dprk_call_confidence"))
        return cases.assign(**none, dprk_call_left_at=NaT, dprk_call_is_passage_before=None)
    said = said.sort_values(["left_at", "port_call_id"], kind="stable")
    found = merge_asof(
        asked.reset_index(), said, left_on="call_arrived_by", right_on="left_at", by="vessel_id",
        allow_exact_matches=False,
    ).set_index("index").reindex(cases.index)  # fmt: skip
    days = (cases["call_arrived_by"] - found["left_at"]).dt.total_seconds() / 86_400
    origins = around.voyages.drop_duplicates("voyage_id").set_index("voyage_id")["origin_visit_id"]
    return cases.assign(
        dprk_call_id=found["port_call_id"],
        dprk_call_name=found["name"],
        dprk_call_left_at=found["left_at"],
        dprk_call_days=days,
        dprk_call_confidence=found["confidence"],
        dprk_call_is_passage_before=cases["before_voyage_id"].map(origins) == found["visit_id"],
    )


def with_delivery(cases: DataFrame, around: Around) -> DataFrame:
    """Add `DELIVERY` to cases of voyages."""
    deliveries = _deliveries(around)
    asked = cases[["vessel_id", "departed_at", "origin_draught"]].assign(
        case=cases.index,
        harbour=harbours_at(cases, around.zones, "origin_"),
        own_berth=cases["origin_zone_id"].where(cases["origin_is_berth"].fillna(False).astype(bool)),
        own_longitude=cases["origin_stop_longitude"],
        own_latitude=cases["origin_stop_latitude"],
    )
    pairs = asked.merge(deliveries, on="harbour", validate="many_to_many")
    pairs = pairs[(pairs["delivered_at"] < pairs["departed_at"]) & (pairs["vessel_id"] != pairs["other_vessel_id"])]
    place = pairs[["own_longitude", "own_latitude", "longitude", "latitude"]].astype("float64")
    metres = distance_m(*(place[name].to_numpy() for name in place))
    near = (metres <= around.limits.berth.same_m) | (pairs["own_berth"] == pairs["berth"]).fillna(False).astype(bool)
    known = place.notna().all(axis=1) | pairs[["own_berth", "berth"]].notna().all(axis=1)
    passed_on = pairs["delivered_draught"].isin(["fell", "rose_then_fell"])
    passed_on &= pairs["origin_draught"].isin(["rose", "fell_then_rose"])
    tie = near.map({True: "berth", False: "none"}).mask(passed_on, near.map({True: "both", False: "draughts"}))
    pairs = pairs.assign(
        delivered_days=(pairs["departed_at"] - pairs["delivered_at"]).dt.total_seconds() / 86_400,
        delivered_same_berth=near.astype("boolean").mask(~known),
        delivered_tie=tie.astype("str"),
        near=near,
    )
    order = ["near", "delivered_at", "delivered_voyage_id"]
    best = pairs.sort_values(order, kind="stable").drop_duplicates("case", keep="last").set_index("case")
    return cases.join(best[_OF_DELIVERY]).assign(delivered_tie=lambda rows: rows["delivered_tie"].fillna("none"))


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
        delivered_from_name=origins["name"].fillna(found["origin_port"]),
        delivered_loads_coal=origins["loads_coal"],
        delivered_at=found["arrived_at"],
        delivered_draught=landings["draught"],
        berth=landings["place_id"].where(landings["place_id"].isin(around.places.index[around.places["is_berth"]])),
        longitude=landings["stop_longitude"],
        latitude=landings["stop_latitude"],
        harbour=harbours_at(found, around.zones, "destination_"),
    )  # fmt: skip


def _names(voyages: DataFrame, around: Around) -> Series:
    """Ships for sentences: the name last reported, and the MMSI."""
    called = around.events.vessels.drop_duplicates("vessel_id").set_index("vessel_id")["name"]
    named = voyages["vessel_id"].map(called).fillna("a ship without reported name")
    return named + " (MMSI " + voyages["mmsi"].astype("str") + ")"
