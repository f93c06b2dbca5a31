"""Dark calls: silences that left a ship time to reach a port where coal is loaded, to load there, and to come back.

What a silence hides is not known; what it leaves time for is. From the last fix before it over water (`geo.water`) to
the berth, through the lock where there is one, and on to the first fix after it, at the speed that she is known to keep
up: what is left is the longest stay. A silence with an end inside such a port belongs to the port call there, and where
the time is too short to load there was no call. While a silence is open, a call in it is possible from the hour at
which she could have loaded; how long it may be grows with every day on which she is not heard. Who fell silent in
another port lies there until she is heard again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from geo.distance import METRES_PER_NM, distance_m
from geo.water import WaterWays, ways_to_coal
from pipeline.contracts import DARK_CALL, OURS
from pipeline.days import end_of_day
from pipeline.events.certain import surely_last, surely_silent
from pipeline.events.detector import Detector, ToldDays
from pipeline.events.lead_up import LEAD_UP, within_reach
from pipeline.events.stays import TRACK
from pipeline.ids import deterministic_ids
from pipeline.limits import DarkCallLimits, Limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

DETECTOR = Detector(DARK_CALL, lambda days: days.once(dark_calls_of))

_ENDS = ["off_longitude", "off_latitude", "on_longitude", "on_latitude"]
_ZONE_WIDE_NM = 30  # no berth lies further from its zone's point


def dark_calls_of(days: ToldDays) -> DataFrame:
    """`find_dark_calls` of days."""
    return find_dark_calls(days.steps, days.stays, days.ends, days.zones, days.limits)


def find_dark_calls(steps: DataFrame, stays: DataFrame, ends: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """Find for each silence the ports it leaves time to load at.

    steps    steps of days as `stays.tell` gives them
    stays    STAY of these days, from there as well
    ends     TRACK_END after these days; a track of at least `limits.track.min_track_fixes` fixes may be silent since
    zones    ZONE
    returns  DARK_CALL without what attribution adds (vessel_id, track_id, imo), plus `track`. Of an open silence a call
             is known from the end of the day on which she could have loaded, which may lie after the data's end
    """
    silences = _with_speed(_silences(steps, stays, ends, zones, limits), limits.dark_call)
    silences = silences[_may_reach(silences, zones, limits)].reset_index(drop=True)
    ways = ways_to_coal(zones) if len(silences) else None
    if ways is None or not ways.zone_ids:
        return _none()
    in_nm, out_nm, from_nm = _ways_nm(ways, silences, limits.dark_call)
    row, zone = (at.ravel() for at in np.indices(in_nm.shape))
    calls = silences.take(row).reset_index(drop=True).assign(
        zone_id=pd.array(ways.zone_ids, dtype="str").take(zone), distance_in_nm=in_nm[row, zone],
        distance_out_nm=out_nm[row, zone], closed_nm=from_nm[row, zone] - in_nm[row, zone],
    )  # fmt: skip
    return _ranked(_feasible(calls, zones, limits), zones, limits)


def _ways_nm(ways: WaterWays, silences: DataFrame, limits: DarkCallLimits) -> NDArray[np.float64]:
    """Nautical miles over water from where each silence began, from where it ended, and from where the leg before it
    began (NaN where it is too short to tell where she was bound): one of these three, a row a silence, a column a zone.
    Asked at once, as neighbours are cheap."""
    long = (_leg_nm(silences) >= limits.leg_nm).to_numpy(bool)
    x, y = (
        np.r_[
            silences[f"off_{axis}"].to_numpy("float64"),
            silences[f"on_{axis}"].to_numpy("float64"),
            silences[f"leg_{axis}"].where(long).to_numpy("float64"),
        ]
        for axis in ("longitude", "latitude")
    )
    return ways.distance_nm(x, y).round(1).reshape(3, len(silences), -1)


def _leg_nm(silences: DataFrame) -> Series:
    """Nautical miles of the leg that led up to each silence."""
    ends = (silences[name].to_numpy("float64") for name in ("leg_longitude", "leg_latitude", *_ENDS[:2]))
    return Series(distance_m(*ends) / METRES_PER_NM, index=silences.index)


def _silences(steps: DataFrame, stays: DataFrame, ends: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """Silences that belong to no call in a port where coal is loaded, ended and open: mmsi, track, began_at, ended_at,
    where they began and ended, and what led up to them."""
    steps, ends = surely_silent(steps), surely_last(ends)
    loading = set(zones.loc[zones["loads_coal"].astype(bool), "call_zone_id"].dropna())
    there = steps["call_zone_id"].isin(loading)
    # who was last heard passing through such a port has no call there that the silence could belong to
    calls = stays.loc[stays["qualified_at"].notna() & (stays["nth"] >= 0), [*TRACK, "nth"]]
    called = there & pd.MultiIndex.from_frame(steps[[*TRACK, "nth"]]).isin(pd.MultiIndex.from_frame(calls))
    silent = (steps["motion"] == "silence") & ~(
        there | called.shift(fill_value=False) | there.shift(-1, fill_value=False)
    )
    silent &= steps["ended_at"] - steps["began_at"] >= pd.Timedelta(hours=limits.port_call.cargo_hours)
    names = ["first_longitude", "first_latitude", "last_longitude", "last_latitude"]
    ended = steps[silent].rename(columns=dict(zip(names, _ENDS, strict=True)))
    at_sea = ~ends["call_zone_id"].isin(zones["zone_id"])
    lost = at_sea & (ends["fixes"] >= limits.track.min_track_fixes)
    open_ = ends[lost].rename(columns={"at": "began_at", "longitude": "off_longitude", "latitude": "off_latitude"})
    open_ = open_.assign(ended_at=pd.Series(pd.NaT, index=open_.index, dtype=steps["ended_at"].dtype))
    keep = ["mmsi", "track", "began_at", "ended_at", *_ENDS, *LEAD_UP]
    both = [rows for rows in (ended, open_.assign(on_longitude=np.nan, on_latitude=np.nan)) if len(rows)]
    return pd.concat([rows[keep] for rows in both], ignore_index=True) if both else DataFrame(columns=keep)


def _with_speed(silences: DataFrame, limits: DarkCallLimits) -> DataFrame:
    """Add speed_kn and speed_from: what she kept up before, within what ships of this trade can and do."""
    kept_up = silences["sustained_mkn"].astype("float64") / 1000
    return silences.assign(
        speed_kn=kept_up.fillna(limits.usual_kn).clip(limits.least_kn, limits.most_kn).round(1),
        speed_from=np.select(
            [kept_up.isna(), kept_up < limits.least_kn, kept_up > limits.most_kn],
            ["usual", "least", "most"],
            "sustained",
        ),
    )


def _may_reach(silences: DataFrame, zones: DataFrame, limits: Limits) -> NDArray[np.bool_]:
    """Whether a silence that began in the seas around could be long enough for the straight way to any port where coal
    is loaded; cheap to ask, and true of all that are."""
    known = within_reach(silences, "off_").to_numpy(bool)
    ports = zones.loc[zones["loads_coal"].astype(bool), ["longitude", "latitude"]].drop_duplicates().to_numpy("float64")
    if not len(ports) or not known.any():
        return np.zeros(len(silences), dtype=bool)
    at = silences[_ENDS].to_numpy("float64")[:, :, None]
    there = distance_m(at[:, 0], at[:, 1], ports[:, 0], ports[:, 1]) / METRES_PER_NM
    back = distance_m(at[:, 2], at[:, 3], ports[:, 0], ports[:, 1]) / METRES_PER_NM
    least_nm = (there + np.nan_to_num(back)).min(axis=1) - 2 * _ZONE_WIDE_NM
    hours = (silences["ended_at"] - silences["began_at"]).dt.total_seconds().to_numpy() / 3600
    spare_nm = (hours - limits.port_call.cargo_hours) * silences["speed_kn"].to_numpy("float64")
    return known & (np.isnan(spare_nm) | (spare_nm >= least_nm))


def _feasible(calls: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """The pairs of a silence and a port in which she could have loaded, with earliest_arrival_at, latest_departure_at
    and longest_stay_hours."""
    own = limits.dark_call
    locked = zones.loc[(zones["kind"] == "lock") & zones["call_zone_id"].notna(), "call_zone_id"]
    lock = pd.to_timedelta(np.where(calls["zone_id"].isin(locked), own.lock_hours, 0.0), unit="h")
    sail = {end: pd.to_timedelta(calls[f"distance_{end}_nm"] / calls["speed_kn"], unit="h") for end in ("in", "out")}
    earliest = (calls["began_at"] + sail["in"] + lock).dt.ceil("min")
    latest = (calls["ended_at"] - sail["out"] - lock).dt.floor("min")
    calls = calls.assign(
        earliest_arrival_at=earliest,
        latest_departure_at=latest,
        longest_stay_hours=((latest - earliest).dt.total_seconds() / 3600).round(1),
    )
    within = (calls[["distance_in_nm", "distance_out_nm"]].max(axis=1) <= own.reach_nm) & calls[
        "distance_in_nm"
    ].notna()
    going_on = calls["ended_at"].isna()
    return calls[within & (going_on | (calls["longest_stay_hours"] >= limits.port_call.cargo_hours))]


def _ranked(calls: DataFrame, zones: DataFrame, limits: Limits) -> DataFrame:
    """DARK_CALL: the ports of each silence in order of how long they leave her to stay."""
    way_nm = calls["distance_in_nm"] + calls["distance_out_nm"].fillna(0.0)
    stay = calls["longest_stay_hours"].fillna(0.0)
    calls = calls.assign(order=-stay, way_nm=way_nm).sort_values(
        ["mmsi", "track", "began_at", "order", "way_nm", "zone_id"], kind="stable", ignore_index=True
    )
    silence = calls.groupby(["mmsi", "track", "began_at"], sort=False)
    place = zones.set_index("zone_id")[["port", "country"]].reindex(calls["zone_id"]).set_axis(calls.index)
    leg_nm = _leg_nm(calls)
    leg_hours = (calls["began_at"] - calls["leg_at"]).dt.total_seconds() / 3600
    off = [calls["mmsi"], calls["began_at"], calls["off_longitude"], calls["off_latitude"]]
    loaded = calls["earliest_arrival_at"] + pd.Timedelta(hours=limits.port_call.cargo_hours)
    return DataFrame(
        {
            "dark_call_id": deterministic_ids("dark_call", *off, calls["zone_id"]),
            "mmsi": calls["mmsi"],
            "track": calls["track"],
            "source": OURS,
            "known_at": end_of_day(calls["ended_at"].fillna(loaded)),
            "cut_at_start": False,
            "ais_gap_id": deterministic_ids("ais_gap", *off),
            "zone_id": calls["zone_id"],
            "port": place["port"],
            "country": place["country"],
            "rank": silence.cumcount() + 1,
            "ports_in_reach": silence["zone_id"].transform("size"),
            "began_at": calls["began_at"],
            "ended_at": calls["ended_at"],
            "earliest_arrival_at": calls["earliest_arrival_at"],
            "latest_departure_at": calls["latest_departure_at"],
            "longest_stay_hours": calls["longest_stay_hours"],
            "distance_in_nm": calls["distance_in_nm"],
            "distance_out_nm": calls["distance_out_nm"],
            "speed_kn": calls["speed_kn"],
            "speed_from": calls["speed_from"],
            "speed_before_kn": np.round(leg_nm / leg_hours, 1),
            "approach_share": (calls["closed_nm"] / leg_nm)
            .where(leg_nm >= limits.dark_call.leg_nm)
            .clip(-1, 1)
            .round(2),
        }
    )


def _none() -> DataFrame:
    found = DARK_CALL.empty().drop(columns=["vessel_id", "track_id", "imo", "provider_note", "licence"])
    found.insert(2, "track", pd.Series(dtype="int64"))
    return found
