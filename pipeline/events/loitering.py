"""Loitering: a ship that waits slowly at sea; and paper calls, a wait off a port that ends at another one.

A stretch of slow runs at sea is one wait, a pause of some minutes under way or a silence in which she made no way
included. In a port or at an anchorage it is a call or a stop, and no loitering: a queue is what anchorages are for.
As with Global Fishing Watch, a stretch begins at the fix from which the first slow leg leads, and ends at the last
slow fix.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.anchorages import KnownAnchorages
from geo.distance import METRES_PER_NM
from geo.harbours import harbours_at
from pipeline.contracts import LOITERING, OURS, SLOW_STRETCH
from pipeline.days import end_of_day
from pipeline.events.detector import Detector, ToldDays
from pipeline.events.stops import RESTS, place_of
from pipeline.ids import deterministic_ids
from pipeline.limits import Limits
from pipeline.movement.coverage import HOUR_US

DETECTOR = Detector(LOITERING, lambda days: find_loitering(days))

TRACK = ["mmsi", "track"]
_SLOW = ["stopped", "slow", "drifting"]
_OFF_SEA = ("port", "basin", "terminal", "anchorage", "lock", "margin")


def find_loitering(days: ToldDays) -> DataFrame:
    """Find waits at sea of `limits.loitering.min_hours`, ended and open, and paper calls.

    returns  LOITERING without what attribution adds (vessel_id, track_id, imo), plus `track`
    """
    limits = days.limits
    stretches = days.once(_stretches)
    lasted = stretches["last_at"] - stretches["began_at"] >= pd.Timedelta(hours=limits.loitering.min_hours)
    waits = stretches[lasted]
    waits = waits[~_at_anchorage(waits, days.anchorages, limits)]
    hours = (waits["last_at"] - waits["began_at"]).dt.total_seconds() / 3600
    distance_nm = waits["distance_m"] / METRES_PER_NM
    over = waits["over_at"].notna()
    since = waits["began_at"] + pd.Timedelta(hours=limits.loitering.min_hours)
    at_sea = DataFrame(
        {
            "loitering_id": deterministic_ids(
                "loitering", *(waits[name] for name in ("mmsi", "began_at", "longitude", "latitude"))
            ),
            "mmsi": waits["mmsi"],
            "track": waits["track"],
            "source": OURS,
            "known_at": end_of_day(waits["over_at"].fillna(since)),
            "cut_at_start": waits["cut"],
            "kind": "at_sea",
            "began_at": waits["began_at"],
            "ended_at": waits["last_at"].where(over),
            "hours": hours.round(2).where(over),
            "stopped_hours": np.nan,
            "distance_nm": distance_nm.round(1).where(over),
            "mean_speed_kn": (distance_nm / hours).round(2).where(over),
            "longitude": waits["longitude"],
            "latitude": waits["latitude"],
            "zone_id": waits["zone_id"],
            "port": None,
            "next_port": None,
            "next_country": None,
            "draught_change_m": np.nan,
        }
    )
    parts = [part for part in (at_sea, _paper_calls(days.stays, days.zones, limits)) if len(part)] or [at_sea]
    return pd.concat(parts, ignore_index=True)


def still_slow(days: ToldDays) -> DataFrame:
    """SLOW_STRETCH after the days: tracks whose wait goes on, as far as is known."""
    stretches = days.once(_stretches)
    return SLOW_STRETCH.conform(stretches[stretches["over_at"].isna()].sort_values(TRACK))


def _at_anchorage(waits: DataFrame, anchorages: KnownAnchorages | None, limits: Limits) -> Series:
    """Whether a wait began or ended where ships are known to anchor."""
    if anchorages is None or waits.empty:
        return Series(False, index=waits.index)
    ends = [(waits[f"{end}longitude"], waits[f"{end}latitude"]) for end in ("", "last_")]
    near = [anchorages.cells.nearest(*end, limits.port_call.anchorage_m).number >= 0 for end in ends]
    return Series(near[0] | near[1], index=waits.index)


def _stretches(days: ToldDays) -> DataFrame:
    """Slow stretches at sea, those handed on among them: SLOW_STRETCH with over_at, the fix by which it is known to be
    over (null: it may go on)."""
    limits = days.limits
    steps, before = days.steps, days.before.slow
    if steps.empty:
        return before.assign(over_at=Series(pd.NaT, index=before.index, dtype="datetime64[us, UTC]"))
    kinds = days.zones.set_index("zone_id")["kind"]
    inside = steps["call_zone_id"].notna() & (steps["call_zone_id"] != RESTS).fillna(False)
    inside |= steps["zone_id"].map(kinds).isin(_OFF_SEA)
    silent = steps["motion"] == "silence"
    slow = steps["motion"].isin(_SLOW) & ~inside
    hours = (steps["ended_at"] - steps["began_at"]).dt.total_seconds() / 3600
    made_way = steps["distance_m"] > limits.run.drifting_kn * METRES_PER_NM * hours
    ends = inside | (silent & ((hours > limits.gap.min_hours) | made_way))
    first = steps["first"].astype(bool)
    lead = ~first & ~silent.shift(fill_value=True)  # the step before ends with a fix from which a leg leads here
    rows = DataFrame(
        {
            "mmsi": steps["mmsi"], "track": steps["track"], "slow": slow, "old": False,
            "ends_at": steps["began_at"].where(~silent, steps["ended_at"]).where(ends & ~slow),
            "began_at": steps["ended_at"].shift().where(lead, steps["began_at"]),
            "longitude": steps["last_longitude"].shift().where(lead, steps["first_longitude"]),
            "latitude": steps["last_latitude"].shift().where(lead, steps["first_latitude"]),
            "zone_id": steps["zone_id"], "cut": first & ~steps["carried"].astype(bool),
            "last_at": steps["ended_at"], "last_longitude": steps["last_longitude"],
            "last_latitude": steps["last_latitude"], "distance_m": steps["distance_m"], "pause_m": 0,
            "pause_at": steps["began_at"].where(~slow & ~silent),
        }
    )  # fmt: skip
    if len(before):
        old = before.assign(slow=True, old=True, ends_at=Series(pd.NaT, before.index, dtype=rows["ends_at"].dtype))
        rows = pd.concat([old[rows.columns], rows], ignore_index=True)
        rows = rows.sort_values(TRACK, kind="stable", ignore_index=True)
    return _joined(rows, days.runs, limits)


def _joined(rows: DataFrame, runs: DataFrame, limits: Limits) -> DataFrame:
    """Slow rows of a track joined over the pauses between them. An `old` row comes first, perhaps with a pause."""
    slow, track = rows["slow"].to_numpy(bool), rows.groupby(TRACK).ngroup().to_numpy()
    at = np.flatnonzero(slow)
    # a pause: the rows up to the next slow one of the track, or to the end of its rows
    following, end_of_track = np.append(at, len(rows))[1:], np.searchsorted(track, track[at], side="right")
    until = np.minimum(following, end_of_track)
    sailed = np.append(0, np.where(slow, 0, rows["distance_m"].to_numpy("int64")).cumsum())
    pauses = rows.loc[at, [*TRACK, "pause_m", "pause_at"]].reset_index(drop=True)
    pauses["pause_m"] += sailed[until] - sailed[at + 1]
    moving = np.flatnonzero(~slow & rows["pause_at"].notna())
    begun = _nth(rows["pause_at"], moving, np.searchsorted(moving, at), until)
    last = _nth(rows["last_at"], moving, np.searchsorted(moving, until) - 1, until, after=at)
    pauses["pause_at"] = pauses["pause_at"].fillna(begun)
    ended = np.flatnonzero(rows["ends_at"].notna())
    pauses["ends_at"] = _nth(rows["ends_at"], ended, np.searchsorted(ended, at), until)
    pauses["sails_on_at"] = pauses["pause_at"] + pd.Timedelta(minutes=limits.loitering.pause_minutes)
    sails_on = last > pauses["sails_on_at"]
    broken = (sails_on | pauses["ends_at"].notna()).to_numpy(bool)
    joins = (following < end_of_track) & ~broken

    begins = np.append(True, ~joins[:-1])[: len(at)]
    start, stop = np.flatnonzero(begins), np.flatnonzero(~joins)
    group = np.cumsum(begins) - 1
    metres = rows["distance_m"].to_numpy("int64")[at] + np.where(joins, pauses["pause_m"], 0)
    found, final = (rows.iloc[at[of]].reset_index(drop=True) for of in (start, stop))
    final_pause = pauses.iloc[stop].reset_index(drop=True)
    under_way = sails_on.iloc[stop].reset_index(drop=True)
    by = [final_pause["ends_at"], _fix_after(final_pause[under_way], runs).reindex(final_pause.index)]
    return found.assign(
        distance_m=np.bincount(group, weights=metres, minlength=len(start)).astype("int64"),
        **{name: final[name] for name in ("last_at", "last_longitude", "last_latitude")},
        **{name: final_pause[name] for name in ("pause_m", "pause_at")},
        over_at=pd.concat(by, axis=1).min(axis=1),
    )[[*SLOW_STRETCH.names, "over_at"]]


def _nth(
    values: Series, of: NDArray[np.int64], nth: NDArray[np.int64], until: NDArray[np.int64],
    after: NDArray[np.int64] | None = None,
) -> Series:  # fmt: skip
    """For each pause the value of one of the rows `of`, null if that lies outside the pause."""
    row = np.append(of, len(values))[nth]
    inside = (row < until) & (row > (-1 if after is None else after)) & (nth >= 0)
    return values.reindex(np.where(inside, row, -1)).reset_index(drop=True)


def _fix_after(pauses: DataFrame, runs: DataFrame) -> Series:
    """The end of the first run of a day after which each ship has sailed on."""
    ends = runs.loc[runs["fixes"] > 0, ["mmsi", "ship", "ended_at"]].rename(columns={"ship": "track"})
    asked = pauses.assign(row=pauses.index).dropna(subset=["sails_on_at"]).sort_values("sails_on_at")
    found = pd.merge_asof(
        asked, ends.sort_values("ended_at"), left_on="sails_on_at", right_on="ended_at", by=TRACK, direction="forward",
        allow_exact_matches=False,
    )  # fmt: skip
    return found.set_index("row")["ended_at"].reindex(pauses.index)


def _paper_calls(stays: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """Waits at the anchorage of a port, told when she calls at another port without having been at a berth there."""
    calls = stays[stays["qualified_at"].notna()]
    origin = calls["origin"].shift()[calls["arrives"]].astype("int64")
    goal = calls.loc[origin.index].reset_index(drop=True)
    wait = stays.loc[origin.to_numpy()].reset_index(drop=True)
    kinds = zones.set_index("zone_id")["kind"]
    place, there = place_of(wait, zones), place_of(goal, zones)
    waited = wait["call_zone_id"].map(kinds) == "anchorage"
    waited &= wait["stopped_us"] >= limits.loitering.paper_call_hours * HOUR_US
    waited &= place["port"].notna() & (place["port"] != there["port"])
    waited &= ~(harbours_at(place, zones) == harbours_at(there, zones)).fillna(False).astype(bool)
    wait, goal, place, there = (frame[waited.to_numpy(bool)] for frame in (wait, goal, place, there))
    change = (wait["draught_last_dm"].astype("float64") - wait["draught_first_dm"].astype("float64")) / 10
    return DataFrame(
        {
            "loitering_id": deterministic_ids(
                "paper_call", *(wait[name] for name in ("mmsi", "first_at", "first_longitude", "first_latitude"))
            ),
            "mmsi": wait["mmsi"],
            "track": wait["track"],
            "source": OURS,
            "known_at": end_of_day(goal["qualified_at"]),
            "cut_at_start": wait["before_at"].isna(),
            "kind": "paper_call",
            "began_at": wait["first_at"],
            "ended_at": wait["last_at"],
            "hours": ((wait["last_at"] - wait["first_at"]).dt.total_seconds() / 3600).round(2),
            "stopped_hours": (wait["stopped_us"] / HOUR_US).round(2),
            "distance_nm": np.nan,
            "mean_speed_kn": np.nan,
            "longitude": wait["first_longitude"],
            "latitude": wait["first_latitude"],
            "zone_id": place["zone_id"],
            "port": place["port"],
            "next_port": there["port"],
            "next_country": there["country"],
            "draught_change_m": change.round(1),
        }
    )
