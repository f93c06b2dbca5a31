"""Parties of an encounter: how each is linked to North Korea, what her draught did, where she went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.distance import METRES_PER_NM, distance_m
from geo.harbours import harbour_of
from pipeline.contracts import ENCOUNTER, IDENTITY_CHANGE, OURS
from pipeline.judgement.cases.around import with_gaps, with_place
from pipeline.judgement.cases.past import BESIDE, HOME, calls_at_home, flags_of
from pipeline.judgement.draughts import ROUNDING_M
from pipeline.judgement.ships import with_ship

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame, Index, Series

    from pipeline.judgement.cases.around import Around

_A_DAYS_SAIL = 24  # hours; ours: where a ship came from longer ago says little of with whom she sails
TRANSIT = ("kp-rajin",)  # coal of foreign origin in transit is what these ports ship, and it may be exempt


def parties(encounters: DataFrame, around: Around) -> DataFrame:
    """Both parties of encounters, one row each.

    encounters  rows of ENCOUNTER, and place_country
    returns     row (number of the encounter), side (0 or 1), her identity, `SHIP` columns, and:
                link (rank, 0: none), link_call_id, link_call_name, link_call_at, link_zone_id, link_loads_coal,
                link_gap_id; was_id, was_mmsi, was_call_id, was_call_name, was_call_at, was_loads_coal; comes_from_there
                (she, or the ship she may be, called there, or flies its flag); draught_before_m, draught_after_m,
                draught_change_m, draught_change_id; voyage_id (that she was on, or that had brought her there within a
                month); left_harbour (null outside zones), left_name, left_came_at,
                left_at of the call that she had left last, within a day and heard to leave; next_* of her next call;
                others (ships she lay alongside within days), others_said (which, for sentences); same order for both
                sides
    """
    from pandas import concat

    ours = ["vessel_id", "track_id", "mmsi", "imo"]
    sides = []
    for side, prefix in enumerate(("", "other_")):
        one = encounters[["source", "began_at", "last_at", "place_country"]].copy()
        for name in ours:
            one[name] = encounters[f"{prefix}{name}"]
        one["partner_mmsi"] = encounters[("other_" if side == 0 else "") + "mmsi"]
        sides.append(one.assign(side=side, row=range(len(one))))
    both = concat(sides, ignore_index=True)
    both = with_ship(both, around.events, both["began_at"], both["place_country"], around.watchlists)
    both = _with_link(both, around)
    both = _with_draught(both, around)
    both = _with_voyage(both, around)
    both = _with_call_before(both, around)
    both = _with_next_call(both, around)
    both = both.join(_others(both, around))
    from pandas import Timedelta

    beside = Timedelta(hours=around.limits.transfer.beside_hours)
    return with_gaps(both, around.gaps, both["began_at"] - beside, both["last_at"] + beside)


def _with_link(both: DataFrame, around: Around) -> DataFrame:
    """Add her last call, or dark call, in North Korea before, and how strongly she is linked with it."""
    from pandas import Timedelta

    calls = calls_at_home(around)
    said = {
        "port_call_id": "link_call_id",
        "place_id": "link_zone_id",
        "arrived_by": "link_call_at",
        "departed_after": "link_call_until",
    }
    both = _last_before(both, calls[["vessel_id", *said]].rename(columns=said), "link_call_at")
    since = both["began_at"] - Timedelta(days=around.limits.transfer.link_days)
    near = (both["link_call_until"].fillna(both["link_call_at"]) >= since).fillna(False)
    for name in said.values():
        both[name] = both[name].where(near)
    facts = around.places.reindex(both["link_zone_id"])
    both["link_call_name"], both["link_loads_coal"] = facts["name"].to_numpy(), facts["loads_coal"].to_numpy()

    gaps = around.gaps[_hides_a_call(around)]
    gaps = gaps[["vessel_id", "ais_gap_id", "began_at", "ended_at"]].rename(
        columns={"ais_gap_id": "link_gap_id", "began_at": "link_gap_at", "ended_at": "link_gap_until"}
    )
    both = _last_before(both, gaps, "link_gap_at")
    near = (both["link_gap_until"].fillna(both["began_at"]) >= since).fillna(False)
    both["link_gap_id"] = both["link_gap_id"].where(near & both["link_gap_id"].notna())
    both = _with_other_number(both, around)
    rank = (both["link_gap_id"].notna() * 1).mask(both["was_id"].notna(), 2).mask(both["link_call_id"].notna(), 3)
    rank = rank.mask(both["list_status"] == "listed", 4).mask(both["flag"] == HOME, 5)
    loaded = both["link_loads_coal"].eq(True) & ~both["link_zone_id"].isin(TRANSIT)
    from_there = both["link_call_id"].notna() | both["was_id"].notna() | (both["flag"] == HOME)
    return both.assign(link=rank.mask(loaded, 6), comes_from_there=from_there)


_WAS = ["was_id", "was_at", "was_mmsi", "was_call_id", "was_call_name", "was_call_at", "was_loads_coal"]


def _with_other_number(both: DataFrame, around: Around) -> DataFrame:
    """Add under which other number, of North Korea or with a call there, she may have sailed: what ties that number to
    the country ties her. Only where one ship alone fits, and no ordinary cause does."""
    from pandas import Timedelta, concat, merge_asof

    changes = around.of(IDENTITY_CHANGE)
    changes = changes[changes["kind"].isin(["succession", "same_number"]) & changes["ordinary"].isna()]
    changes = changes[~(changes["candidates"] >= 2).fillna(False).astype(bool)]
    named = ["vessel_id", "other", "was_mmsi", "was_id", "was_at"]
    sides = [("vessel_id", "other_vessel_id", "other_mmsi"), ("other_vessel_id", "vessel_id", "mmsi")]
    pairs = concat(
        changes[[*side, "identity_change_id", "changed_by"]].set_axis(named, axis=1) for side in sides
    ).dropna(subset=["vessel_id", "other"])  # fmt: skip
    calls = calls_at_home(around)
    facts = around.places.reindex(calls["place_id"]).set_axis(calls.index)
    calls = calls[["vessel_id", "port_call_id", "arrived_by"]].assign(name=facts["name"], loads=facts["loads_coal"])
    calls = calls.set_axis(["other", "was_call_id", "was_call_at", "was_call_name", "was_loads_coal"], axis=1)
    link = Timedelta(days=around.limits.transfer.link_days)
    pairs = merge_asof(
        pairs.sort_values(["was_at", "was_id"], kind="stable"), calls.sort_values("was_call_at", kind="stable"),
        left_on="was_at", right_on="was_call_at", by="other", tolerance=link,
    )  # fmt: skip
    korean = pairs["was_call_id"].notna() | (flags_of(around, pairs["was_mmsi"]) == HOME)
    both = _last_before(both, pairs.loc[korean, ["vessel_id", *_WAS]], "was_at")
    near = (both["was_at"] >= both["began_at"] - link).fillna(False)
    for name in _WAS:
        both[name] = both[name].where(near)
    return both


def leads(one: DataFrame, other: DataFrame, least_m: float) -> Series:
    """Whether a party stands first, as the one from whom a cargo of North Korea would come (columns of `parties`).

    A ship that is linked to North Korea stands before one that is not. Of two that are, the one that gave by the
    draughts of both does, if she comes from there or the other does not either; else the rank of the link decides, and
    at last who grew lighter.

    least_m  smallest change of a draught that means cargo, metres
    """
    more = gave(one, least_m) - gave(other, least_m)
    both = (one["link"] > 0) & (other["link"] > 0)
    giver_comes = one["comes_from_there"].where(more > 0, other["comes_from_there"])
    taker_comes = other["comes_from_there"].where(more > 0, one["comes_from_there"])
    told = both & (more != 0) & (giver_comes | ~taker_comes)
    lighter = one["draught_change_m"].fillna(0) < other["draught_change_m"].fillna(0)
    by_link = (one["link"] > other["link"]) | ((one["link"] == other["link"]) & lighter)
    return (more > 0).where(told, by_link)


def gave(party: DataFrame, least_m: float) -> Series:
    """1 where her draught fell by what means cargo, -1 where it rose so, else 0."""
    change = party["draught_change_m"].fillna(0)
    return (change < -least_m + ROUNDING_M).astype(int) - (change > least_m - ROUNDING_M).astype(int)


def _hides_a_call(around: Around) -> NDArray[np.bool_]:
    """Which silences are told as a possible call in North Korea: they leave time for it, and either others were heard
    meanwhile and they began or ended near a place where coal is loaded (elsewhere many leave time), or a cargo was
    taken on in them, at sea as far as anybody heard."""
    import numpy as np

    gaps, zones = around.gaps, around.zones
    loading = zones[(zones["country"] == HOME) & zones["loads_coal"].astype(bool)]
    to_x, to_y = (loading[axis].to_numpy()[None, :] for axis in ("longitude", "latitude"))
    near = np.zeros(len(gaps), dtype=bool)
    for end in ("off", "on"):
        x, y = (gaps[f"{end}_{axis}"].to_numpy(dtype=float)[:, None] for axis in ("longitude", "latitude"))
        metres = distance_m(*np.broadcast_arrays(x, y, to_x, to_y))
        near |= (metres <= around.limits.transfer.approach_nm * METRES_PER_NM).any(axis=1)
    of_home = gaps["feasible_zone_id"].map(zones.set_index("zone_id")["country"]) == HOME
    heard = near & (gaps["reception"] == "heard_others")
    return np.asarray(of_home & (heard | _took_a_cargo(gaps, around)), dtype=bool)


def _took_a_cargo(gaps: DataFrame, around: Around) -> Series:
    """Whether her draught rose over a silence, or was typed late after it and before a call, by what means a cargo, and
    she was in no port when it began: there she may have loaded."""
    from pandas import Series, Timedelta

    typing = Timedelta(hours=around.limits.draught.typed_within_hours)
    silences = gaps[["track_id", "began_at", "ended_at"]].rename_axis("gap").reset_index()
    silences = silences.dropna(subset=["track_id", "ended_at"])

    calls = silences.merge(
        around.port_calls[["track_id", "arrived_by", "departed_after"]], on="track_id", validate="many_to_many"
    )
    goes_on = calls["departed_after"].isna() | (calls["departed_after"] >= calls["began_at"])
    in_port = calls.loc[(calls["arrived_by"] <= calls["began_at"]) & goes_on, "gap"]
    called_at = calls[calls["arrived_by"] > calls["ended_at"]].groupby("gap")["arrived_by"].min()

    changes = around.draught_changes[["track_id", "changed_by", "draught_before_m", "draught_after_m"]]
    least = around.limits.voyage.draught_change_m - ROUNDING_M
    rises = changes[changes["draught_after_m"] - changes["draught_before_m"] > least]
    both = silences.merge(rises, on="track_id", validate="many_to_many")
    in_time = both["changed_by"].between(both["began_at"], both["ended_at"] + typing)
    before_a_call = ~(both["changed_by"] > called_at.reindex(both["gap"]).set_axis(both.index))
    took = both.loc[in_time & before_a_call, "gap"]
    return Series(gaps.index.isin(took) & ~gaps.index.isin(in_port), index=gaps.index)


def _last_before(both: DataFrame, events: DataFrame, at: str) -> DataFrame:
    """Add to each party the last event of her hull that began before the encounter."""
    from pandas import merge_asof

    events = events.dropna(subset=["vessel_id", at]).sort_values(at, kind="stable")
    asked = both[["vessel_id", "began_at"]].reset_index().sort_values("began_at", kind="stable")
    found = merge_asof(asked, events, left_on="began_at", right_on=at, by="vessel_id")
    found = found.set_index("index").drop(columns=["vessel_id", "began_at"])
    return both.join(found)


def _with_call_before(both: DataFrame, around: Around) -> DataFrame:
    """Add the call that she had left last, where that was within a day before the encounter and she was heard to."""
    from pandas import Timedelta

    calls = around.calls[(around.calls["confidence"] > 1) & (around.calls["source"] == OURS)]
    name = calls["place_id"].map(around.places["name"]).fillna(calls["port"])
    calls = calls[["vessel_id", "state"]].assign(
        left_harbour=calls["zone_id"].map(harbour_of(around.zones)),
        left_name=name,
        left_came_at=calls["arrived_by"],
        left_at=calls["departed_after"],
    )
    both = _last_before(both, calls, "left_at")
    known = (both["began_at"] - both["left_at"] <= Timedelta(hours=_A_DAYS_SAIL)) & (both.pop("state") == "closed")
    return both.assign(**{name: both[name].where(known) for name in both.columns if name.startswith("left_")})


def _with_next_call(both: DataFrame, around: Around) -> DataFrame:
    """Add the first call after the encounter at another place than where it was."""
    from pandas import NaT, Timedelta, merge_asof

    calls = around.calls
    calls = calls[(calls["confidence"] > 1) & ~calls["at_anchorage"]]
    said = {
        "port_call_id": "next_port_call_id", "place_id": "next_zone_id", "port": "next_port", "country": "next_country",
        "arrived_by": "next_arrived_at",
    }  # fmt: skip
    calls = calls[["vessel_id", *said]].rename(columns=said).sort_values("next_arrived_at", kind="stable")
    asked = both[["vessel_id", "began_at"]].reset_index().sort_values("began_at", kind="stable")
    found = merge_asof(
        asked, calls, left_on="began_at", right_on="next_arrived_at", by="vessel_id", direction="forward",
        allow_exact_matches=False, tolerance=Timedelta(days=around.limits.transfer.next_days),
    )  # fmt: skip
    found = found.set_index("index").drop(columns=["vessel_id", "began_at"])
    both = both.join(found)
    if not len(calls):
        both["next_arrived_at"] = NaT
    return with_place(both, "next", around.places)


def _with_draught(both: DataFrame, around: Around) -> DataFrame:
    """Add what her draught did from the encounter on, until the time for typing it is over or she called elsewhere.

    A rise that is read as loaded at a call in North Korea, or a fall as landed at one abroad, is of that call and of
    no encounter after it.
    """
    from pandas import Timedelta

    told = ["draught_change_id", "changed_by", "draught_before_m", "draught_after_m"]
    changes = around.draught_changes[["track_id", *told]]
    asked = both[["track_id", "began_at", "last_at"]].reset_index()
    asked["until"] = asked["last_at"] + Timedelta(hours=around.limits.draught.typed_within_hours)
    later = _first_call_after(both, around)
    asked["until"] = asked["until"].where(~(later < asked["until"]), later)
    found = asked.dropna(subset=["track_id"]).merge(changes, on="track_id", validate="many_to_many")
    found = found[(found["changed_by"] > found["began_at"]) & (found["changed_by"] <= found["until"])]
    found = found.reset_index(drop=True)
    found = found[~found.index.isin(_of_a_call_before(found, around))]
    found = found.sort_values(["index", "changed_by"], kind="stable").groupby("index")
    first, last = found.first(), found.last()
    both = both.assign(
        draught_before_m=first["draught_before_m"], draught_after_m=last["draught_after_m"],
        draught_change_id=last["draught_change_id"],
    )  # fmt: skip
    change = (both["draught_after_m"] - both["draught_before_m"]).astype("float64").round(1)
    return both.assign(draught_change_m=change)


def _of_a_call_before(changes: DataFrame, around: Around) -> Index:
    """Index of the changes from an encounter on that are read as loaded, or landed, at a call that ended before it.

    changes  track_id, began_at (of the encounter), changed_by, draught_before_m, draught_after_m
    """
    calls = around.calls
    at_home = calls["country"] == HOME
    loaded = at_home & calls["draught"].isin(["rose", "fell_then_rose"])
    landed = calls["country"].notna() & ~at_home & calls["draught"].isin(["fell", "rose_then_fell"])
    said = {"track_id": "track_id", "draught_typed_at": "changed_by", "departed_after": "departed_after"}
    typed = calls.assign(rises=at_home)[loaded | landed][[*said, "rises"]].rename(columns=said).dropna()
    typed = typed.astype(changes[["changed_by"]].dtypes.to_dict())
    pairs = changes.rename_axis("change").reset_index()
    pairs = pairs.merge(typed, on=["track_id", "changed_by"], validate="many_to_many")
    same = (pairs["draught_after_m"] > pairs["draught_before_m"]) == pairs["rises"]
    return pairs.set_index("change").index[same & (pairs["departed_after"] <= pairs["began_at"])]


def _with_voyage(both: DataFrame, around: Around) -> DataFrame:
    """Add the voyage that she was on, or that had brought her to where they met."""
    from pandas import Timedelta

    voyages = around.voyages[around.voyages["source"] == OURS]
    voyages = voyages[["vessel_id", "voyage_id", "departed_at"]].rename(columns={"departed_at": "voyage_at"})
    both = _last_before(both, voyages, "voyage_at")
    recent = both["began_at"] - both.pop("voyage_at") <= Timedelta(days=around.limits.transfer.link_days)
    return both.assign(voyage_id=both["voyage_id"].where(recent))


def _first_call_after(both: DataFrame, around: Around) -> Series:
    """When each party arrived at a berth, or at another anchorage, after the encounter began (UTC)."""
    from pandas import merge_asof

    calls = around.port_calls[["vessel_id", "arrived_by"]].sort_values("arrived_by", kind="stable")
    asked = both[["vessel_id", "last_at"]].reset_index().sort_values("last_at", kind="stable")
    found = merge_asof(
        asked, calls, left_on="last_at", right_on="arrived_by", by="vessel_id", direction="forward",
        allow_exact_matches=False,
    )  # fmt: skip
    return found.set_index("index")["arrived_by"].reindex(both.index)


def _others(both: DataFrame, around: Around) -> DataFrame:
    """How many other ships each party lay alongside within days, the partner among them, and which (others_said)."""
    from pandas import DataFrame, Timedelta, concat

    met = around.events[ENCOUNTER]
    met = met[met["context"].isna() & met["alongside"].isin(BESIDE)]
    names = {"mmsi": "ship", "other_mmsi": "other", "began_at": "at"}
    turned = names | {"mmsi": "other", "other_mmsi": "ship"}
    every = concat([met[list(names)].rename(columns=columns) for columns in (names, turned)])
    asked = both[["mmsi", "began_at"]].reset_index()
    pairs = asked.merge(every, left_on="mmsi", right_on="ship", validate="many_to_many")
    pairs = pairs[(pairs["at"] - pairs["began_at"]).abs() <= Timedelta(days=around.limits.transfer.others_days)]
    pairs = pairs.sort_values(["index", "at", "other"], kind="stable").drop_duplicates(["index", "other"])
    # By MMSI, as the encounter has it: what a third ship is called is not among what a case rests on.
    said = "MMSI " + pairs["other"].astype("str") + " from " + pairs["at"].dt.strftime("%Y-%m-%d %H:%M")
    pairs = pairs.assign(said=said)
    of = pairs.groupby("index")
    found = DataFrame({"others": of.size(), "others_said": of["said"].agg(", ".join)})
    return found.reindex(both.index).fillna({"others": 0}).astype({"others": "int64"})
