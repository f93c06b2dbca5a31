"""Days' ships joined to tracks: each day decides who a ship was on the ground of the days before it.

That asks little of a day (where each ship was first and last heard, and whether she is attested), so it goes ahead of
all else, and what follows is derived for all days at once. An MMSI under which one ship was heard, day after day where
she can have sailed, needs no asking; where several share one, the days are joined one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from pipeline.contracts import POSITION_ANOMALY
from pipeline.limits import TrackLimits
from pipeline.movement.hulls import attest_ships, find_bursts
from pipeline.movement.tracks import link_ships, mmsi_of, sails_on, ship_day

TRACK = ["mmsi", "track"]
_KNOWN = [*TRACK, "at", "longitude", "latitude", "attested", "days"]


@dataclass(frozen=True)
class LinkedDays:
    """Ships of UTC days on their tracks.

    runs       RUN, by day, with the number of the track as `ship`; without those of tracks that were forgotten
    links      mmsi, ship, track, attested, days, day (UTC midnight): what each ship of each day is, by day; without
               those of tracks that were forgotten
    forgotten  mmsi, track: known before the days, never attested, and forgotten on the way
    bursts     POSITION_ANOMALY of ships that are not attested on their day
    """

    runs: DataFrame
    links: DataFrame
    forgotten: DataFrame
    bursts: DataFrame


def link_days(ends: DataFrame, runs: DataFrame, identities: DataFrame, limits: TrackLimits) -> LinkedDays:
    """Join the ships of UTC days to the tracks known before them, and say which of them are hulls.

    What was never attested is forgotten once it was last heard `limits.hull_days_apart` days before a day on which
    its MMSI is heard.

    ends        TRACK_END before the days
    runs        RUN of the days
    identities  mmsi, ship, imo, first_at: what the ships of each day called themselves
    """
    runs = runs.assign(day=runs["began_at"].dt.floor("D"))
    shared = np.setdiff1d(runs["mmsi"], _alone(ends, runs, limits))
    of_shared = runs["mmsi"].isin(shared)
    links = _of_one_ship(ends, runs[~of_shared])
    forgotten, bursts = ends.loc[:, TRACK].iloc[:0], POSITION_ANOMALY.empty()
    if len(shared):
        them = [frame[frame["mmsi"].isin(shared)] for frame in (ends, identities)]
        joined, forgotten, bursts = _one_by_one(them[0], runs[of_shared], them[1], limits)
        links = pd.concat([links, joined], ignore_index=True).sort_values("day", kind="stable", ignore_index=True)
    on_tracks = runs.merge(links[["mmsi", "ship", "day", "track"]], on=["mmsi", "ship", "day"], validate="m:1")
    on_tracks = on_tracks.assign(ship=on_tracks["track"]).sort_values(["day", "mmsi", "ship"], kind="stable")
    return LinkedDays(on_tracks[runs.columns.drop("day")].reset_index(drop=True), links, forgotten, bursts)


def _alone(ends: DataFrame, runs: DataFrame, limits: TrackLimits) -> np.ndarray:
    """MMSIs under which one ship was heard on each day, as far as is known always the same one."""
    heard = runs[runs["fixes"] > 0]
    several = heard.loc[heard["ship"] > 1, "mmsi"]
    known = ends[ends["mmsi"].duplicated(keep=False) | ~ends["attested"]]["mmsi"]
    single = heard[~heard["mmsi"].isin(several) & ~heard["mmsi"].isin(known)]
    return np.setdiff1d(single["mmsi"], _torn(ends, single, limits))


def _torn(ends: DataFrame, runs: DataFrame, limits: TrackLimits) -> np.ndarray:
    """MMSIs with a day that does not begin where a ship can have sailed from where it ended before."""
    runs = runs.sort_values(["mmsi", "began_at"], kind="stable", ignore_index=True)
    same = runs["mmsi"] == runs["mmsi"].shift()
    begins = runs[~same | (runs["day"] != runs["day"].shift())]
    ends = ends[ends["mmsi"].isin(runs["mmsi"])]  # one track each
    last = ends.set_index("mmsi")[["at", "longitude", "latitude"]].reindex(begins["mmsi"])
    follows = same[begins.index].to_numpy()
    before = {
        "at": runs["ended_at"].shift(), "longitude": runs["last_longitude"].shift(),
        "latitude": runs["last_latitude"].shift(),
    }  # fmt: skip
    last = DataFrame({name: last[name].where(~follows, column[begins.index].array) for name, column in before.items()})
    known = last["at"].notna().to_numpy()
    begins, last = begins[known], last[known]
    reached = sails_on(
        last["at"], last["longitude"], last["latitude"],
        begins["began_at"], begins["first_longitude"], begins["first_latitude"], limits,
    )  # fmt: skip
    return begins.loc[~reached, "mmsi"].unique()


def _of_one_ship(ends: DataFrame, runs: DataFrame) -> DataFrame:
    """`links` of MMSIs that one ship has for herself."""
    known = ends.drop_duplicates("mmsi").set_index("mmsi")
    ships = runs[["mmsi", "ship", "day"]].drop_duplicates().sort_values("day", kind="stable", ignore_index=True)
    number, days = (ships["mmsi"].map(known[name]).fillna(1).astype("int64") for name in ("track", "days"))
    return ships.assign(track=number, attested=True, days=days)


def _one_by_one(
    ends: DataFrame, runs: DataFrame, identities: DataFrame, limits: TrackLimits
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """`links`, `forgotten` and `bursts` of MMSIs that ships share."""
    ships, last = _ships(runs, identities, limits), _last_fixes(runs)
    known = ends[_KNOWN].assign(life=np.arange(len(ends)))  # a number is given again once its track is forgotten
    forgotten, links, bursts, lives = [ends[TRACK].iloc[:0]], [], [], len(ends)
    for day, of_day in ships.groupby(ships["at"].dt.floor("D")):
        heard = known["mmsi"].isin(of_day["mmsi"])
        oldest = day - pd.Timedelta(days=limits.hull_days_apart)
        stale = heard & ~known["attested"] & (known["at"] < oldest)
        forgotten.append(known.loc[stale & (known["life"] < len(ends)), TRACK])
        before, others = known[heard & ~stale], known[~heard]
        found = link_ships(before[_KNOWN], of_day, limits).assign(day=day)
        found = found.merge(before[[*TRACK, "life"]], on=TRACK, how="left", validate="1:1")
        new = found["life"].isna()
        found["life"] = found["life"].mask(new, Series(lives + np.arange(len(found)), found.index)).astype("int64")
        lives += len(found)
        if not found["attested"].all():
            today = runs[runs["day"] == day].merge(found[["mmsi", "ship", "track"]], on=["mmsi", "ship"])
            bursts.append(find_bursts(today.assign(ship=today.pop("track")), found, before))
        seen = found.drop(columns="day").merge(last[last["day"] == day], on=["mmsi", "ship"], validate="1:1")
        unheard = before[~before["life"].isin(found["life"])]
        parts = [part for part in (others, unheard, seen[known.columns]) if len(part)]
        known = pd.concat(parts, ignore_index=True)
        links.append(found)
    joined = pd.concat(links, ignore_index=True)
    kept = joined["attested"] | joined["life"].isin(known["life"])
    found_bursts = [rows for rows in bursts if len(rows)] or [POSITION_ANOMALY.empty()]
    return (
        joined[kept].drop(columns="life"), pd.concat(forgotten, ignore_index=True),
        pd.concat(found_bursts, ignore_index=True),
    )  # fmt: skip


def _ships(runs: DataFrame, identities: DataFrame, limits: TrackLimits) -> DataFrame:
    """First fix of each ship of each day, and whether the day by itself attests her, as `hulls.attest_ships` does."""
    keyed = runs.assign(mmsi=_key(runs, "began_at"))
    ships = attest_ships(keyed, identities.assign(mmsi=_key(identities, "first_at")), limits)
    return ships.assign(mmsi=mmsi_of(ships["mmsi"].to_numpy("int64")))


def _key(rows: DataFrame, time: str) -> np.ndarray:
    at = rows[time].to_numpy("datetime64[us]").astype("int64")
    return ship_day(rows["mmsi"].to_numpy("int64"), at)


def _last_fixes(runs: DataFrame) -> DataFrame:
    """mmsi, ship, day, at, longitude, latitude of the last fix of each ship of each day."""
    heard = runs[runs["fixes"] > 0].drop_duplicates(["mmsi", "ship", "day"], keep="last")
    names = {"ended_at": "at", "last_longitude": "longitude", "last_latitude": "latitude"}
    return heard[["mmsi", "ship", "day", *names]].rename(columns=names)
