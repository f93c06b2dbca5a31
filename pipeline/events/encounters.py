"""Encounters: two ships together for two hours or more: slow at sea, or side by side, there also under way.

Moments together (see `movement.neighbours`) are one meeting until the two are seen otherwise for more than
`apart_minutes`, or `bridge_hours` pass; not being heard parts nobody. A meeting is an encounter if it lasted
`min_hours`, and as many moments were together, more of them than not, at a median speed within `slow_kn` unless they
were mostly under way side by side.

How near they lay is judged by the lengths that both report (`alongside`). What is known to make an encounter no
transfer is its `context`: at a berth; a party reported to be a tug, pilot or the like, or both to be fishing vessels;
they did not *meet*, but sailed in company before and after, or at the end that is known; where ships anchor, they did
not move as one: who swings at her own anchor comes and goes by tens of metres; a tanker takes part.

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
from pipeline.contracts.meetings import MEETING_COUNT, MET, OPEN_MEETING, PAIR
from pipeline.events.encounter_report import long_enough, report
from pipeline.limits import EncounterLimits, Limits
from pipeline.movement.coverage import HOUR_US
from pipeline.movement.creeping import abreast
from pipeline.movement.moments import (
    PORT,
    SHIP,
    expand,
    heard,
    micros,
    number_of,
    ships_of,
    step_us,
    times,
    wrap,
)
from pipeline.movement.neighbours import Pairs, Scene, scene_of
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
    runs = heard(runs)
    ships = _with_parties(runs[SHIP], meetings.open)
    scene = scene_of(fixes, runs, ships, zones, limits, identities, anchorages)
    from_us, to_us = micros(Series([from_at, to_at]))
    oldest = to_at - pd.Timedelta(hours=rules.bridge_hours + rules.rest_hours)
    lesser = number_of(ships, meetings.open["mmsi"], meetings.open["track"])
    parts, first = [Found(MET.empty(), Meetings.nothing())], 0
    for beyond, pairs in scene.together():  # pairs are independent: some after others, as memory has it
        opened = meetings.open[(lesser >= first) & (lesser < beyond)]
        rows = _lined_up(scene, opened, _moments(scene, pairs, from_us, to_us, zones, of), from_us)
        if len(rows):
            parts.append(_of_pairs(scene, rows, meetings.counts, runs, oldest))
        first = beyond
    return Found(
        _joined([part.encounters for part in parts], [*PAIR, "began_at"]),
        Meetings(
            _joined([part.meetings.open for part in parts], PAIR),
            _joined([part.meetings.counts for part in parts], [*PAIR, "quantity", "value"]),
        ),
    )


def _of_pairs(scene: Scene, rows: DataFrame, counts: DataFrame, runs: DataFrame, oldest: pd.Timestamp) -> Found:
    """Encounters, and what is handed on, of the pairs of some moments (`_lined_up`).

    oldest  meetings that were last together before it are over
    """
    rules = scene.limits.encounter
    chains, counts = _added_up(scene, rows, counts)
    chains = _ends(chains, runs, scene.ships, rules)
    goes_on = chains["ended_by"].isna() & ((chains["last_at"] >= oldest) | long_enough(chains, rules))
    kept = chains[goes_on]
    of_kept = counts.merge(kept[["chain", *PAIR]], on="chain")
    handed_on = Meetings(OPEN_MEETING.conform(kept), MEETING_COUNT.conform(of_kept))
    return Found(MET.conform(report(scene, chains, counts)), handed_on)


def _joined(frames: list[DataFrame], order: list[str]) -> DataFrame:
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled).sort_values(order, ignore_index=True)


def ships_to_read(runs: DataFrame, creeps: DataFrame, meetings: Meetings, limits: Limits) -> DataFrame:
    """The ships whose fixes can decide an encounter: slow near another slow one in that hour, under way abreast of
    another one, or not parted yet.

    runs     RUN as for `find_encounters`
    creeps   CREEP likewise
    returns  mmsi, track, sorted; costs as much as a sort of the runs
    """
    pairs = abreast(creeps, limits.encounter)
    sides = [pairs[SHIP], pairs[["other_mmsi", "other_track"]].set_axis(SHIP, axis=1)]
    return _with_parties(pd.concat([ships_near(runs, limits), *sides]), meetings.open)


def _moments(scene: Scene, pairs: Pairs, from_us: int, to_us: int, zones: DataFrame, of: Numbers | None) -> DataFrame:
    """Moments together that these days decide, each a meeting of one moment: OPEN_MEETING, with a, b (numbers of the
    ships), metres and scatter_m (nan: not known)."""
    p, rules = scene.places, scene.limits.encounter
    known = np.maximum(p.known[pairs.a], p.known[pairs.b])
    ours = (known >= from_us) & (known < to_us)
    if of is not None:
        asked = np.isin(scene.ships["mmsi"].to_numpy(), of)
        ours &= asked[p.ship[pairs.a]] | asked[p.ship[pairs.b]]
    pairs, known = pairs.take(ours), known[ours]
    ships, row_a, row_b = scene.ships, pairs.a, pairs.b
    a, b, at = p.ship[row_a], p.ship[row_b], times(p.moment[row_a] * step_us(rules))
    x, y, other_x, other_y = (v[row] for row in (row_a, row_b) for v in (p.longitude, p.latitude))
    code = np.where(p.zone[row_a] >= 0, p.zone[row_a], p.zone[row_b])
    return DataFrame(
        {
            "mmsi": ships["mmsi"].to_numpy()[a], "track": ships["track"].to_numpy()[a],
            "other_mmsi": ships["mmsi"].to_numpy()[b], "other_track": ships["track"].to_numpy()[b],
            "began_at": at, "last_at": at, "known_until": times(known),
            "moments": 1, "heard": (p.heard[row_a] & p.heard[row_b]).astype(np.int64), "parted": 0,
            "since": 0, "since_apart": 0, "since_company": 0, "came": "",
            "first_longitude": x, "first_latitude": y, "last_longitude": x, "last_latitude": y,
            "other_last_longitude": other_x, "other_last_latitude": other_y,
            "east_udeg": _udeg(wrap(other_x - x) / 2), "north_udeg": _udeg((other_y - y) / 2),
            "zone_id": Series(np.append(zones["zone_id"].to_numpy(dtype=object), [None])[code], dtype="str"),
            "in_port": (np.maximum(p.place[row_a], p.place[row_b]) == PORT).astype(np.int64),
            "under_way": pairs.under_way.astype(np.int64),
            "ship_type": pairs.ship_type, "other_ship_type": pairs.other_ship_type,
            "length_m": pairs.length_m, "other_length_m": pairs.other_length_m,
            "a": a, "b": b, "metres": pairs.metres, "scatter_m": np.hypot(p.scatter_m[row_a], p.scatter_m[row_b]),
        }
    )  # fmt: skip


def _lined_up(scene: Scene, opened: DataFrame, moments: DataFrame, from_us: int) -> DataFrame:
    """Meetings so far and of one moment, in order of pair and time, with what was seen of the pair until the next one.

    returns  OPEN_MEETING with a, b, metres (null of meetings so far), by_us (the fix by which the two were seen
             otherwise for too long, or together once more too late to be the same meeting; -1: neither), ends
             (whether this is the last one of a meeting)
    """
    rules = scene.limits.encounter
    opened = opened.assign(
        a=number_of(scene.ships, opened["mmsi"], opened["track"]),
        b=number_of(scene.ships, opened["other_mmsi"], opened["other_track"]),
        metres=np.nan,
        scatter_m=np.nan,
    )
    rows = pd.concat([frame for frame in (opened, moments) if len(frame)] or [opened])
    rows = rows.sort_values([*PAIR, "last_at"], ignore_index=True)
    a, b, moment = rows["a"].to_numpy(), rows["b"].to_numpy(), micros(rows["last_at"]) // step_us(rules)
    bridge = round(rules.bridge_hours * HOUR_US / step_us(rules))
    last = np.r_[(a[1:] != a[:-1]) | (b[1:] != b[:-1]), True][: len(rows)]
    gap = np.where(last, bridge + 1, np.diff(moment, append=0))
    of_row, nth = expand(np.minimum(gap - 1, bridge))
    seen = scene.seen(a[of_row], b[of_row], moment[of_row] + 1 + nth)
    seen["row"] = of_row[seen["asked"]]
    seen = seen[seen["known"] >= from_us].assign(since=1)
    seen["nth"] = seen.groupby("row").cumcount() + 1 + rows["since"].to_numpy()[seen["row"]]
    most = round(rules.apart_minutes / rules.moment_minutes)
    seen = seen[seen["nth"] <= most + 1].rename(columns={"apart": "since_apart", "company": "since_company"})
    names = ["since", "since_apart", "since_company"]
    sums = seen.groupby("row")[names].sum().reindex(rows.index, fill_value=0)
    by_us = seen[seen["nth"] == most + 1].set_index("row")["known"].reindex(rows.index, fill_value=-1).to_numpy()
    # Whatever lies between two moments is known when the later one is, so that one ends what it does not go on with.
    again = np.where(last | (gap <= bridge), -1, np.append(micros(rows["known_until"])[1:], -1))
    by_us = np.where((by_us >= 0) & (again >= 0), np.minimum(by_us, again), np.maximum(by_us, again))
    ends = last | (gap > bridge) | (by_us >= 0)
    return rows.assign(**{name: rows[name] + sums[name] for name in names}, by_us=by_us, ends=ends)


def _added_up(scene: Scene, rows: DataFrame, counts: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Meetings added up: OPEN_MEETING with chain (their number), a, b, by_us; MEETING_COUNT by chain."""
    rules = scene.limits.encounter
    ends, moment = rows["ends"].to_numpy(), micros(rows["last_at"]) // step_us(rules)
    chain = np.r_[0, np.cumsum(ends)[:-1]]
    first, last = np.flatnonzero(np.r_[True, ends[:-1]]), np.flatnonzero(ends)
    x, y = rows["first_longitude"].to_numpy(), rows["first_latitude"].to_numpy()
    rows["parted"] += rows["since"].where(~rows["ends"], 0)
    rows["east_udeg"] += _udeg(wrap(x - x[first][chain]))  # of a meeting so far nothing: it comes first
    rows["north_udeg"] += _udeg(y - y[first][chain])
    begins, finishes = (rows.iloc[at].reset_index(drop=True) for at in (first, last))
    until = ["last_at", "known_until", "since", "since_apart", "since_company", "by_us", *_LAST]
    sums = ["moments", "heard", "parted", "east_udeg", "north_udeg", "in_port", "under_way"]
    said = {name: _last_said(rows[name].to_numpy(), first) for name in ("ship_type", "other_ship_type")}
    for name in ("length_m", "other_length_m"):
        said[name] = np.fmax.reduceat(rows[name].to_numpy(dtype=np.float64, na_value=np.nan), first)
    chains = begins.assign(
        chain=np.arange(len(first)),
        **{name: finishes[name] for name in until},
        **{name: np.add.reduceat(rows[name].to_numpy(), first) for name in sums},
        **said,
    )
    fresh = (chains["came"] == "").to_numpy()
    a, b = (chains[name].to_numpy()[fresh] for name in ("a", "b"))
    chains.loc[fresh, "came"] = _came(scene, a, b, moment[first][fresh], begins["under_way"].to_numpy()[fresh] > 0)

    steady = np.flatnonzero(np.r_[False, (chain[1:] == chain[:-1]) & (np.diff(moment) == 1)])
    places = [rows[name].to_numpy() for name in _LAST]
    legs = [distance_m(u[steady - 1], v[steady - 1], u[steady], v[steady]) for u, v in (places[:2], places[2:])]
    knots = [np.round(leg / METRES_PER_NM * HOUR_US / step_us(rules) * 100) for leg in legs]
    single, scattered = (rows[name].notna().to_numpy() for name in ("metres", "scatter_m"))
    heard_ = single & (rows["heard"] > 0).to_numpy()
    values = [
        DataFrame({"chain": chain[of], "quantity": quantity, "value": value, "moments": 1})
        for quantity, of, value in (
            ("distance", single, rows["metres"].round().to_numpy()[single]),
            ("speed", steady, knots[0]),
            ("other_speed", steady, knots[1]),
            ("heard", heard_, rows["metres"].round().to_numpy()[heard_]),
            ("scatter", scattered, (rows["scatter_m"] / 5).round().to_numpy()[scattered] * 5),
        )
    ]
    so_far = counts.merge(rows[PAIR].assign(chain=chain)[~single], on=PAIR)
    every = pd.concat([*values, so_far[["chain", "quantity", "value", "moments"]]]).astype({"value": "int64"})
    return chains, every.groupby(["chain", "quantity", "value"], as_index=False)["moments"].sum()


def _last_said(values: Numbers, first: Numbers) -> Numbers:
    """The last value of each group that is not -1; else -1."""
    said = np.maximum.reduceat(np.where(values >= 0, np.arange(len(values)), -1), first)
    return np.where(said >= 0, values[np.maximum(said, 0)], -1)


def _came(scene: Scene, a: Numbers, b: Numbers, moment: Numbers, under_way: NDArray[np.bool_]) -> NDArray[np.object_]:
    """How pairs came to be together: apart, in company, or unheard in the time before.

    Of those under way that time is as long as a leg: off the shore hours pass between fixes, and what lies so far back
    of a moment that a leg decides is still within `look_back`.
    """
    rules = scene.limits.encounter
    hours = np.where(under_way, max(rules.leg_hours, rules.before_hours), rules.before_hours)
    of, nth = expand(np.round(hours * HOUR_US / step_us(rules)).astype(np.int64))
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
    # A moment that would go on with it lies within `bridge_hours`, and is known within `rest_hours` after.
    lapse = micros(chains["last_at"]) + round((rules.bridge_hours + rules.rest_hours) * HOUR_US)
    owner, ended = number_of(ships, runs["mmsi"], runs["track"]), micros(runs["ended_at"])
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
    return chains.assign(ended_by=times(np.where(over == never, 0, over)).where(over != never), left=left)


def _with_parties(ships: DataFrame, opened: DataFrame) -> DataFrame:
    others = opened[["other_mmsi", "other_track"]].set_axis(SHIP, axis=1)
    return ships_of(pd.concat([ships, opened[SHIP], others]))


def _udeg(degrees: NDArray[np.float64]) -> Numbers:
    return np.round(degrees * 1e6).astype(np.int64)
