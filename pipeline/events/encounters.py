"""Encounters: two ships together and slow, at sea or side by side in an anchorage, for two hours or more.

Moments together (see `movement.neighbours`) are one meeting until the two are seen otherwise for more than
`apart_minutes`, or `bridge_hours` pass; not being heard parts nobody. A meeting is an encounter if

- it lasted `min_hours`, and as many moments were together, more of them than not, at a median speed within `slow_kn`;
- where ships anchor, the two moved as one: who swings at her own anchor comes and goes by tens of metres (`spread_m`);
- they *met*: who sails in company before and after, or at the end that is known, did not (a tow, pair trawlers, one
  hull under two MMSIs);
- on these days neither reported to be a tug, pilot or the like, nor both to be fishing vessels.

Pairs are independent of each other: three ships at one place have three encounters, as with Global Fishing Watch. A
moment belongs to the day whose fixes decide it, so a day needs the runs and fixes of `reach.look_back` before it,
and of meetings before that what `Meetings` holds: integer sums, and counts of the distances and speeds, so that
quartiles are exact over any number of days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import OURS
from pipeline.contracts.meetings import MEETING_COUNT, MET, OPEN_MEETING, PAIR
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import EncounterLimits, Limits
from pipeline.movement import neighbours as near
from pipeline.movement.coverage import HOUR_US
from pipeline.movement.reach import ships_near

Numbers = NDArray[np.int64]

_LAST = ["last_longitude", "last_latitude", "other_last_longitude", "other_last_latitude"]


class Meetings(NamedTuple):
    """What a day hands on: OPEN_MEETING and MEETING_COUNT."""

    open: DataFrame
    counts: DataFrame

    @classmethod
    def nothing(cls) -> Meetings:
        """What the first day is handed."""
        return cls(OPEN_MEETING.empty(), MEETING_COUNT.empty())


class Found(NamedTuple):
    """Encounters (see `find_encounters`), and what is handed on."""

    encounters: DataFrame
    meetings: Meetings


def find_encounters(
    runs: DataFrame,
    fixes: DataFrame,
    meetings: Meetings,
    from_at: pd.Timestamp,
    to_at: pd.Timestamp,
    zones: DataFrame,
    limits: Limits,
    identities: DataFrame | None = None,
    anchorages: KnownAnchorages | None = None,
    of: NDArray[np.int64] | None = None,
) -> Found:
    """Find the encounters of one UTC day or of several, from what the day before hands on.

    runs        RUN of UTC days, `ship` the number of the track, ending after from_at less `look_back`, before to_at
    fixes       mmsi, track, at (UTC), longitude, latitude in that time, of the ships that `ships_to_read` names at
                least; in any order
    meetings    what the day before from_at hands on
    from_at     midnight at which the first day begins, to_at: at which the last one ends (UTC)
    zones       ZONE
    identities  mmsi, track, first_at, ship_type, length_m: what tracks called themselves on these days
    anchorages  where ships anchor outside zones; None: nowhere that is known
    of          MMSIs: only pairs with one of them, and `meetings` holds no others; None: every pair
    returns     MET, sorted by pair and time: what these days closed and, with ended_at null, what was not seen to end
    """
    rules = limits.encounter
    runs = near.heard(runs)
    ships = _with_parties(runs[near.SHIP], meetings.open)
    scene = near.scene_of(fixes, runs, ships, zones, limits, identities, anchorages)
    from_us, to_us = near.micros(Series([from_at, to_at]))
    rows = _lined_up(scene, meetings.open, _moments(scene, from_us, to_us, zones, of), from_us)
    if rows.empty:
        return Found(MET.empty(), Meetings.nothing())
    chains, counts = _added_up(scene, rows, meetings.counts)
    chains = _ends(chains, runs, ships, rules)
    oldest = to_at - pd.Timedelta(hours=rules.bridge_hours + rules.hole_hours)
    goes_on = chains["ended_by"].isna() & ((chains["last_at"] >= oldest) | _long_enough(chains, rules))
    kept = chains[goes_on].sort_values(PAIR)
    of_kept = counts.merge(kept[["chain", *PAIR]], on="chain").sort_values([*PAIR, "quantity", "value"])
    handed_on = Meetings(OPEN_MEETING.conform(kept), MEETING_COUNT.conform(of_kept))
    met = _report(chains, counts, rules)
    rides = ~scene.anchored(met["zone_id"], met["longitude"], met["latitude"]) | (met["spread_m"] <= rules.spread_m)
    return Found(MET.conform(met[rides].sort_values([*PAIR, "began_at"])), handed_on)


def ships_to_read(runs: DataFrame, meetings: Meetings, limits: Limits) -> DataFrame:
    """The ships whose fixes can decide an encounter: slow near another slow one in that hour, or not parted yet.

    runs     RUN as for `find_encounters`
    returns  mmsi, track, sorted; costs as much as a sort of the runs
    """
    return _with_parties(ships_near(runs, limits), meetings.open)


def _moments(scene: near.Scene, from_us: int, to_us: int, zones: DataFrame, of: Numbers | None) -> DataFrame:
    """Moments together that these days decide, each a meeting of one moment: OPEN_MEETING, with a, b (numbers of the
    ships) and metres."""
    p, rules = scene.places, scene.limits.encounter
    row_a, row_b, metres = scene.together()
    known = np.maximum(p.known[row_a], p.known[row_b])
    ours = (known >= from_us) & (known < to_us)
    if of is not None:
        asked = np.isin(scene.ships["mmsi"].to_numpy(), of)
        ours &= asked[p.ship[row_a]] | asked[p.ship[row_b]]
    row_a, row_b, metres, known = row_a[ours], row_b[ours], metres[ours], known[ours]
    ships = scene.ships
    a, b, at = p.ship[row_a], p.ship[row_b], near.times(p.moment[row_a] * near.step_us(rules))
    x, y, other_x, other_y = (v[row] for row in (row_a, row_b) for v in (p.longitude, p.latitude))
    code = np.where(p.zone[row_a] >= 0, p.zone[row_a], p.zone[row_b])
    return DataFrame(
        {
            "mmsi": ships["mmsi"].to_numpy()[a], "track": ships["track"].to_numpy()[a],
            "other_mmsi": ships["mmsi"].to_numpy()[b], "other_track": ships["track"].to_numpy()[b],
            "began_at": at, "last_at": at, "known_until": near.times(known),
            "moments": 1, "heard": (p.heard[row_a] & p.heard[row_b]).astype(np.int64), "parted": 0,
            "since": 0, "since_apart": 0, "since_company": 0, "came": "",
            "first_longitude": x, "first_latitude": y, "last_longitude": x, "last_latitude": y,
            "other_last_longitude": other_x, "other_last_latitude": other_y,
            "east_udeg": _udeg(near.wrap(other_x - x) / 2), "north_udeg": _udeg((other_y - y) / 2),
            "zone_id": Series(np.append(zones["zone_id"].to_numpy(dtype=object), [None])[code], dtype="str"),
            "a": a, "b": b, "metres": metres,
        }
    )  # fmt: skip


def _lined_up(scene: near.Scene, opened: DataFrame, moments: DataFrame, from_us: int) -> DataFrame:
    """Meetings so far and of one moment, in order of pair and time, with what was seen of the pair until the next one.

    returns  OPEN_MEETING with a, b, metres (null of meetings so far), by_us (the fix by which the two were seen
             otherwise for too long; -1: they were not), ends (whether this is the last one of a meeting)
    """
    rules = scene.limits.encounter
    opened = opened.assign(
        a=near.number_of(scene.ships, opened["mmsi"], opened["track"]),
        b=near.number_of(scene.ships, opened["other_mmsi"], opened["other_track"]),
        metres=np.nan,
    )
    rows = pd.concat([frame for frame in (opened, moments) if len(frame)] or [opened])
    rows = rows.sort_values([*PAIR, "last_at"], ignore_index=True)
    a, b, moment = rows["a"].to_numpy(), rows["b"].to_numpy(), near.micros(rows["last_at"]) // near.step_us(rules)
    bridge = round(rules.bridge_hours * HOUR_US / near.step_us(rules))
    last = np.r_[(a[1:] != a[:-1]) | (b[1:] != b[:-1]), True][: len(rows)]
    gap = np.where(last, bridge + 1, np.diff(moment, append=0))
    of_row, nth = near.expand(np.minimum(gap - 1, bridge))
    seen = scene.seen(a[of_row], b[of_row], moment[of_row] + 1 + nth)
    seen["row"] = of_row[seen["asked"]]
    seen = seen[seen["known"] >= from_us].assign(since=1)
    seen["nth"] = seen.groupby("row").cumcount() + 1 + rows["since"].to_numpy()[seen["row"]]
    most = round(rules.apart_minutes / rules.moment_minutes)
    seen = seen[seen["nth"] <= most + 1].rename(columns={"apart": "since_apart", "company": "since_company"})
    names = ["since", "since_apart", "since_company"]
    sums = seen.groupby("row")[names].sum().reindex(rows.index, fill_value=0)
    by_us = seen[seen["nth"] == most + 1].set_index("row")["known"].reindex(rows.index, fill_value=-1)
    ends = last | (gap > bridge) | (by_us >= 0).to_numpy()
    return rows.assign(**{name: rows[name] + sums[name] for name in names}, by_us=by_us, ends=ends)


def _added_up(scene: near.Scene, rows: DataFrame, counts: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Meetings added up: OPEN_MEETING with chain (their number), a, b, by_us; MEETING_COUNT by chain."""
    rules = scene.limits.encounter
    ends, moment = rows["ends"].to_numpy(), near.micros(rows["last_at"]) // near.step_us(rules)
    chain = np.r_[0, np.cumsum(ends)[:-1]]
    first, last = np.flatnonzero(np.r_[True, ends[:-1]]), np.flatnonzero(ends)
    x, y = rows["first_longitude"].to_numpy(), rows["first_latitude"].to_numpy()
    rows["parted"] += rows["since"].where(~rows["ends"], 0)
    rows["east_udeg"] += _udeg(near.wrap(x - x[first][chain]))  # of a meeting so far nothing: it comes first
    rows["north_udeg"] += _udeg(y - y[first][chain])
    begins, finishes = (rows.iloc[at].reset_index(drop=True) for at in (first, last))
    until = ["last_at", "known_until", "since", "since_apart", "since_company", "by_us", *_LAST]
    sums = ["moments", "heard", "parted", "east_udeg", "north_udeg"]
    chains = begins.assign(
        chain=np.arange(len(first)),
        **{name: finishes[name] for name in until},
        **{name: np.add.reduceat(rows[name].to_numpy(), first) for name in sums},
    )
    fresh = (chains["came"] == "").to_numpy()
    a, b = (chains[name].to_numpy()[fresh] for name in ("a", "b"))
    chains.loc[fresh, "came"] = _came(scene, a, b, moment[first][fresh])

    steady = np.flatnonzero(np.r_[False, (chain[1:] == chain[:-1]) & (np.diff(moment) == 1)])
    places = [rows[name].to_numpy() for name in _LAST]
    legs = [distance_m(u[steady - 1], v[steady - 1], u[steady], v[steady]) for u, v in (places[:2], places[2:])]
    knots = [np.round(leg / METRES_PER_NM * HOUR_US / near.step_us(rules) * 100) for leg in legs]
    single = rows["metres"].notna().to_numpy()
    values = [
        DataFrame({"chain": chain[of], "quantity": quantity, "value": value, "moments": 1})
        for quantity, of, value in (
            ("distance", single, rows["metres"].round().to_numpy()[single]),
            ("speed", steady, knots[0]),
            ("other_speed", steady, knots[1]),
        )
    ]
    so_far = counts.merge(rows[PAIR].assign(chain=chain)[~single], on=PAIR)
    every = pd.concat([*values, so_far[["chain", "quantity", "value", "moments"]]]).astype({"value": "int64"})
    return chains, every.groupby(["chain", "quantity", "value"], as_index=False)["moments"].sum()


def _came(scene: near.Scene, a: Numbers, b: Numbers, moment: Numbers) -> NDArray[np.object_]:
    """How pairs came to be together: apart, in company, or unheard in the time before."""
    rules = scene.limits.encounter
    back = round(rules.before_hours * HOUR_US / near.step_us(rules))
    of, nth = near.expand(np.full(len(a), back))
    seen = scene.seen(a[of], b[of], moment[of] - 1 - nth)
    seen = seen[~seen["together"]].assign(known=1)
    sums = seen.groupby(of[seen["asked"]])[["apart", "company", "known"]].sum().reindex(range(len(a)), fill_value=0)
    return _side(sums["apart"], sums["company"], sums["known"], rules)


def _side(apart: Series, company: Series, known: Series, rules: EncounterLimits) -> NDArray[np.object_]:
    """How two ships were seen on one side of a meeting, from the moments they were."""
    in_company = company >= max(round(rules.apart_minutes / rules.moment_minutes), 1)
    sides = np.select([apart > 0, in_company, known > company], ["apart", "company", "apart"], "unheard")
    return sides.astype(object)


def _ends(chains: DataFrame, runs: DataFrame, ships: DataFrame, rules: EncounterLimits) -> DataFrame:
    """Add ended_by, the fix by which a meeting is known to be over (null: it may go on), and how the two left."""
    lapse = near.micros(chains["last_at"]) + round(rules.bridge_hours * HOUR_US)
    owner, ended = near.number_of(ships, runs["mmsi"], runs["track"]), near.micros(runs["ended_at"])
    never = np.iinfo(np.int64).max
    by = [np.where(chains["by_us"] >= 0, chains["by_us"], never)]
    if len(runs):
        base = min(ended.min(), lapse.min()) // 1000
        span = max(ended.max(), lapse.max()) // 1000 - base + 2
        keys = owner * span + (ended // 1000 - base)
        for party in ("a", "b"):
            number = chains[party].to_numpy()
            place = np.searchsorted(keys, number * span + (lapse // 1000 - base))
            inside = np.minimum(place, len(runs) - 1)
            by.append(np.where((place < len(runs)) & (owner[inside] == number), ended[inside], never))
    over = np.min(by, axis=0)
    left = _side(chains["since_apart"], chains["since_company"], chains["since"], rules)
    return chains.assign(ended_by=near.times(np.where(over == never, 0, over)).where(over != never), left=left)


def _long_enough(chains: DataFrame, rules: EncounterLimits) -> Series:
    lasted = chains["last_at"] - chains["began_at"] >= pd.Timedelta(hours=rules.min_hours)
    return lasted & (chains["moments"] * rules.moment_minutes >= rules.min_hours * 60)


def _report(chains: DataFrame, counts: DataFrame, rules: EncounterLimits) -> DataFrame:
    """The encounters among meetings (see the module)."""
    sides = chains[["came", "left"]]
    company = (sides == "company").any(axis=1) & ~(sides == "apart").any(axis=1)
    met = chains[_long_enough(chains, rules) & (chains["moments"] > chains["parted"]) & ~company]
    of = {name: counts[counts["quantity"] == name] for name in ("distance", "speed", "other_speed")}
    lower, middle, upper = (met["chain"].map(_quantile(of["distance"], part)) for part in (1, 2, 3))
    speed_kn = np.fmax(*(met["chain"].map(_quantile(of[name], 2)) for name in ("speed", "other_speed"))) / 100
    open_ = met["ended_by"].isna()
    found = met.assign(
        **{
            "encounter_id": deterministic_ids(
                "encounter",
                *(met[name] for name in ("mmsi", "other_mmsi", "began_at")),
                *((met[f"first_{axis}"] * 1e6).round().astype("int64") for axis in ("longitude", "latitude")),
            ),
            "source": OURS,
            "known_at": end_of_day(met["ended_by"].fillna(met["known_until"])),
            "cut_at_start": met["came"] == "unheard",
            "ended_at": met["last_at"].mask(open_),
            "median_distance_m": middle,
            "spread_m": upper - lower,
            "median_speed_kn": speed_kn,
            "longitude": near.wrap(met["first_longitude"] + met["east_udeg"] / met["moments"] / 1e6),
            "latitude": met["first_latitude"] + met["north_udeg"] / met["moments"] / 1e6,
            "heard_share": met["heard"] / met["moments"],
        }
    )
    return found[~(speed_kn > rules.slow_kn)]


def _quantile(counts: DataFrame, quarters: int) -> Series:
    """Quartile by chain of values with how often each was met: the mean of the two in the middle, if there are two."""
    counts = counts.sort_values(["chain", "value"])
    reached = counts.groupby("chain")["moments"].cumsum() * 4
    whole = counts.groupby("chain")["moments"].transform("sum") * quarters
    sides = [
        counts[of].drop_duplicates("chain").set_index("chain")["value"] for of in (reached >= whole, reached > whole)
    ]
    return (sides[0] + sides[1]) / 2


def _with_parties(ships: DataFrame, opened: DataFrame) -> DataFrame:
    others = opened[["other_mmsi", "other_track"]].set_axis(near.SHIP, axis=1)
    return near.ships_of(pd.concat([ships, opened[near.SHIP], others]))


def _udeg(degrees: NDArray[np.float64]) -> Numbers:
    return np.round(degrees * 1e6).astype(np.int64)
