"""Which ship sent each fix: several hulls may share one MMSI, and a hull may send a position where it never was.

Within a UTC day the answer is a function of that day's fixes alone (`separate_ships`), whatever file they came in;
`link_ships` then joins a day's ships to the tracks known before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import POSITION_ANOMALY
from pipeline.days import end_of_day
from pipeline.ids import deterministic_ids
from pipeline.limits import TrackLimits

STRAY = 0  # the ship number of fixes that belong to none
DAY_US = 86_400_000_000
_NO_MMSI = 1_000_000_000  # above every MMSI
_MS_A_KNOT = METRES_PER_NM / 3600


class Fixes(NamedTuple):
    """Fixes as arrays, sorted by UTC day, then MMSI, then time, then content; equal lengths.

    mmsi int64 (or key of `ship_day`) · at int64 microseconds since 1970 (UTC) · longitude, latitude float64 degrees ·
    sog_kn float64 knots, NaN if not sent · receiver int8, index into contracts.RECEIVERS · precision_m, precision_s
    int32, metres and seconds within which place and time are known, 0: as exact as AIS is
    """

    mmsi: NDArray[np.int64]
    at: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    sog_kn: NDArray[np.float64]
    receiver: NDArray[np.int8]
    precision_m: NDArray[np.int32]
    precision_s: NDArray[np.int32]


def ship_day(mmsi: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """A key of the MMSI and the UTC day: whatever goes by it takes two days of one ship for two ships.

    at  microseconds since 1970 (UTC)
    """
    return at // DAY_US * _NO_MMSI + mmsi


def mmsi_of(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """The MMSI of keys of `ship_day`; an MMSI is its own."""
    return key % _NO_MMSI


def separate_ships(fixes: Fixes, limits: TrackLimits) -> NDArray[np.int16]:
    """Number the ships that share an MMSI on one UTC day: 1, 2 … by first fix; 0 for stray positions.

    fixes   those of one MMSI (or key of `ship_day`) lie in one UTC day

    A fix continues a ship if she can have sailed there at `limits.max_speed_kn`, with `limits.slack_nm` to spare; of
    several such ships the nearest takes it, and what is not known of place and time is held against none. A ship with
    fewer than `limits.min_stray_fixes` fixes beside a better attested one on the same MMSI is a stray position.
    """
    ship = np.ones(len(fixes.mmsi), dtype=np.int16)
    if len(ship) < 2:
        return ship
    same = fixes.mmsi[1:] == fixes.mmsi[:-1]
    torn = _torn(fixes, same, limits)
    if not torn.any():
        return ship
    first = np.r_[0, np.flatnonzero(~same) + 1]
    last = np.r_[first[1:], len(ship)]
    for number in np.unique(np.searchsorted(first, np.flatnonzero(torn) + 1, side="right") - 1):
        begin, end = first[number], last[number]
        ship[begin:end] = _number_ships(Fixes._make(a[begin:end] for a in fixes), torn[begin : end - 1], limits)
    return ship


def _torn(fixes: Fixes, same: NDArray[np.bool_], limits: TrackLimits) -> NDArray[np.bool_]:
    """Where no ship sails from a fix to the next one. Distances are asked only where the slack alone does not do."""
    slack_deg = limits.slack_nm / 60 / np.sqrt(2)
    far = np.abs(np.diff(fixes.latitude)) > slack_deg
    far |= np.abs(np.diff(fixes.longitude)) > slack_deg
    torn = np.zeros(len(same), dtype=bool)
    at = np.flatnonzero(far & same)
    leg = distance_m(fixes.longitude[at], fixes.latitude[at], fixes.longitude[at + 1], fixes.latitude[at + 1])
    torn[at] = leg > _reach_m(fixes.at[at + 1] - fixes.at[at], limits) + _blur_m(fixes, at, at + 1, limits)
    return torn


def _blur_m(fixes: Fixes, a: NDArray[np.int64], b: NDArray[np.int64] | int, limits: TrackLimits) -> NDArray[np.float64]:
    """How much further apart than a ship can sail two fixes may seem, by what is not known of them, in metres."""
    seconds = fixes.precision_s[a] + fixes.precision_s[b]
    return np.asarray(fixes.precision_m[a] + fixes.precision_m[b] + seconds * (limits.max_speed_kn * _MS_A_KNOT))


def _reach_m(microseconds: NDArray[np.int64] | float, limits: TrackLimits) -> NDArray[np.float64]:
    """How far a ship can get in that time, in metres."""
    hours = np.asarray(microseconds, dtype=np.float64) / 3.6e9
    return (limits.slack_nm + limits.max_speed_kn * hours) * METRES_PER_NM


def sails_on(
    at: Series, longitude: Series, latitude: Series,
    then_at: Series, then_longitude: Series, then_latitude: Series, limits: TrackLimits,
) -> NDArray[np.bool_]:  # fmt: skip
    """Whether a ship can have sailed from the one place and time (UTC) to the other, row by row."""
    away = distance_m(*(place.to_numpy() for place in (longitude, latitude, then_longitude, then_latitude)))
    elapsed = then_at.to_numpy("datetime64[us]") - at.to_numpy("datetime64[us]")
    return np.asarray(away <= _reach_m(elapsed.astype(np.int64), limits))


def _number_ships(fixes: Fixes, torn: NDArray[np.bool_], limits: TrackLimits) -> NDArray[np.int16]:
    """Ships of one MMSI; `torn[i]` says that no ship sails from fix i to fix i + 1."""
    begin = np.r_[0, np.flatnonzero(torn) + 1]
    end = np.r_[begin[1:], len(fixes.at)] - 1
    owner = np.empty(len(begin), dtype=np.int64)
    tails: list[int] = []  # last fix of each ship so far
    for piece, (head, tail) in enumerate(zip(begin, end, strict=True)):
        chosen = _nearest(fixes, np.array(tails, dtype=np.int64), head, limits)
        if chosen < 0:
            chosen = len(tails)
            tails.append(tail)
        tails[chosen] = tail
        owner[piece] = chosen
    sizes = np.bincount(owner, weights=end - begin + 1)
    real = (sizes >= limits.min_stray_fixes) | (sizes.max() < limits.min_stray_fixes)
    number = np.where(real, np.cumsum(real), STRAY)
    return np.repeat(number[owner], end - begin + 1).astype(np.int16)


def _nearest(fixes: Fixes, tails: NDArray[np.int64], head: int, limits: TrackLimits) -> int:
    """Index into `tails` of the nearest ship that can have sailed to fix `head`; -1 if none can."""
    if not len(tails):
        return -1
    away = distance_m(fixes.longitude[tails], fixes.latitude[tails], fixes.longitude[head], fixes.latitude[head])
    reach = _reach_m(fixes.at[head] - fixes.at[tails], limits) + _blur_m(fixes, tails, head, limits)
    away = np.where(away <= reach, away, np.inf)
    best = int(away.argmin())
    return best if np.isfinite(away[best]) else -1


def find_position_anomalies(fixes: Fixes, ship: NDArray[np.int16]) -> DataFrame:
    """Stray positions, each against the nearest fix in time of a ship on the same MMSI; of coarse ones, whose jumps
    may be those of a grid, nothing is told.

    returns  POSITION_ANOMALY, kind `implausible_jump`
    """
    stray = np.flatnonzero((ship == STRAY) & (fixes.precision_m == 0))
    if not len(stray):
        return POSITION_ANOMALY.empty()
    cut = (np.diff(stray) != 1) | (np.diff(fixes.mmsi[stray]) != 0)
    first, last = stray[np.r_[True, cut]], stray[np.r_[cut, True]]
    sound = np.flatnonzero(ship != STRAY)
    place = np.searchsorted(sound, first)
    before, after = sound[np.maximum(place - 1, 0)], sound[np.minimum(place, len(sound) - 1)]
    wait = [
        np.where(fixes.mmsi[other] == fixes.mmsi[first], np.abs(fixes.at[other] - fixes.at[first]), np.inf)
        for other in (before, after)
    ]
    near = np.where(wait[0] <= wait[1], before, after)
    away_nm = (
        distance_m(fixes.longitude[first], fixes.latitude[first], fixes.longitude[near], fixes.latitude[near])
        / METRES_PER_NM
    )
    hours = np.maximum(np.abs(fixes.at[first] - fixes.at[near]) / 3.6e9, 1 / 3600)
    began = pd.to_datetime(fixes.at[first], unit="us", utc=True).as_unit("us")
    mmsi = mmsi_of(fixes.mmsi[first])
    return POSITION_ANOMALY.conform(
        DataFrame(
            {
                "position_anomaly_id": deterministic_ids(
                    "position_anomaly",
                    mmsi,
                    fixes.at[first],
                    fixes.longitude[first],
                    fixes.latitude[first],
                ),
                "mmsi": mmsi,
                "kind": "implausible_jump",
                "began_at": began,
                "ended_at": pd.to_datetime(fixes.at[last], unit="us", utc=True).as_unit("us"),
                "longitude": fixes.longitude[first],
                "latitude": fixes.latitude[first],
                "fixes": last - first + 1,
                "distance_nm": away_nm.round(1),
                "implied_speed_kn": (away_nm / hours).round(1),
                "ships": 1,
                "interference": False,
                "known_at": end_of_day(began),
            }
        )
    )


def link_ships(tracks: DataFrame, ships: DataFrame, limits: TrackLimits) -> DataFrame:
    """Join a day's ships to the tracks known before it, and say which of them are hulls.

    A ship continues the nearest track that can have sailed there, each track once, attested ones first; else it is a
    new track. A new one that is not attested by itself is a hull only if no other is known on the MMSI: neither an
    attested track nor a ship of the day. Otherwise it waits: it is attested by a day on which it is, or by
    `limits.hull_times` days.

    tracks   mmsi, track, at, longitude, latitude, attested, days: last fix of each track before the day
    ships    mmsi, ship, at, longitude, latitude, attested: first fix of each ship of the day (`attest_ships`)
    returns  mmsi, ship, track, attested, days
    """
    of_hulls = tracks["attested"].to_numpy(bool)
    links = _nearest_tracks(tracks[of_hulls], ships, limits)
    left = ships.merge(links, on=["mmsi", "ship"], how="left", validate="1:1")["track"].isna().to_numpy()
    links = pd.concat([links, _nearest_tracks(tracks[~of_hulls], ships[left], limits)], ignore_index=True)
    found = ships[["mmsi", "ship", "at", "attested"]].merge(links, on=["mmsi", "ship"], how="left", validate="1:1")
    known = tracks[["mmsi", "track", "attested", "days"]].rename(columns={"attested": "known"})
    found = found.merge(known, on=["mmsi", "track"], how="left", validate="m:1")
    sure = found["known"].fillna(False).astype(bool)
    found["days"] = found["days"].fillna(0).astype("int64") + ~sure
    hulls = np.union1d(tracks.loc[of_hulls, "mmsi"], ships.loc[ships["attested"], "mmsi"])
    new = found["track"].isna()
    found["attested"] |= sure | (found["days"] >= limits.hull_times)
    found["attested"] |= new & ~found["mmsi"].isin(hulls)
    fresh = found[new].sort_values(["mmsi", "attested", "at", "ship"], ascending=[True, False, True, True])
    highest = tracks.groupby("mmsi")["track"].max()
    number = fresh.groupby("mmsi").cumcount() + 1 + fresh["mmsi"].map(highest).fillna(0).astype("int64")
    found.loc[number.index, "track"] = number.astype("float64")
    return found[["mmsi", "ship", "track", "attested", "days"]].astype({"track": "int64", "attested": bool})


def _nearest_tracks(tracks: DataFrame, ships: DataFrame, limits: TrackLimits) -> DataFrame:
    """mmsi, ship, track of the ships that a track can have sailed to: the nearest pairs first, each track once."""
    if tracks.empty or ships.empty:
        return ships.assign(track=0).iloc[:0][["mmsi", "ship", "track"]]
    pairs = ships.merge(tracks, on="mmsi", suffixes=("", "_before"))
    pairs["away"] = distance_m(
        pairs["longitude_before"], pairs["latitude_before"], pairs["longitude"], pairs["latitude"]
    )
    elapsed = (pairs["at"] - pairs["at_before"]).to_numpy("timedelta64[us]").astype(np.int64)
    pairs = pairs[pairs["away"] <= _reach_m(elapsed, limits)].sort_values(["mmsi", "away", "ship", "track"])
    links = []
    while len(pairs):
        taken = pairs.drop_duplicates("mmsi")
        links.append(taken[["mmsi", "ship", "track"]])
        if len(taken) == len(pairs):
            break
        left = pairs.merge(taken[["mmsi", "ship", "track"]], on="mmsi", suffixes=("", "_taken"), validate="m:1")
        pairs = left[(left["ship"] != left["ship_taken"]) & (left["track"] != left["track_taken"])][list(pairs.columns)]
    return pd.concat([pairs.iloc[:0][["mmsi", "ship", "track"]], *links], ignore_index=True)
