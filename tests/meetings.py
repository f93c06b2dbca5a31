"""Encounters of a small sea by the real path: positions, runs, whose fixes to read, encounters; by day or at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.anchorages import KnownAnchorages
from geo.zones import Zones
from pipeline.contracts import CREEP, RUN, VESSEL_REPORT
from pipeline.events.encounters import Meetings, find_encounters, ships_to_read
from pipeline.limits import Limits
from pipeline.movement.compress import CompressedDays, compress_days
from pipeline.movement.reach import look_back
from pipeline.movement.tracks import STRAY, separate_ships
from tests.sea import LIMITS, as_fixes

DAY = pd.Timedelta(days=1)


def compressed_days(
    positions: pd.DataFrame, zones: Zones, limits: Limits = LIMITS
) -> dict[pd.Timestamp, CompressedDays]:
    """Each UTC day of POSITION, compressed."""
    days = positions["timestamp"].dt.floor("D")
    return {
        day: compress_days([(as_fixes(of_day), VESSEL_REPORT.empty())], zones, limits, [f"{day:%Y-%m-%d}"])
        for day, of_day in positions.groupby(days)
    }


def runs_of(positions: pd.DataFrame, zones: Zones, limits: Limits = LIMITS) -> dict[pd.Timestamp, pd.DataFrame]:
    """RUN of each UTC day of POSITION."""
    return {day: of_day.runs for day, of_day in compressed_days(positions, zones, limits).items()}


def fixes_of(positions: pd.DataFrame, limits: Limits = LIMITS) -> pd.DataFrame:
    """mmsi, track, at, longitude, latitude of POSITION; the ship of the day stands for the track."""
    parts = []
    for _, of_day in positions.groupby(positions["timestamp"].dt.floor("D")):
        ship = separate_ships(as_fixes(of_day), limits.track)
        parts.append(of_day.assign(track=ship.astype("int64"), at=of_day["timestamp"])[ship != STRAY])
    return pd.concat(parts)[["mmsi", "track", "at", "longitude", "latitude"]]


def encounters_of(
    positions: pd.DataFrame,
    zones: Zones,
    *,
    limits: Limits = LIMITS,
    at_once: bool = False,
    identities: pd.DataFrame | None = None,
    anchorages: KnownAnchorages | None = None,
    until: pd.Timestamp | None = None,
    everyone: bool = False,
    of: np.ndarray | None = None,
) -> pd.DataFrame:
    """Encounters that any day closed, and those open at the end.

    positions  POSITION, sorted
    at_once    all days in one call, not day by day
    of         MMSIs whose pairs are asked for
    everyone   read all ships' fixes, not only those of `ships_to_read`
    """
    compressed, fixes = compressed_days(positions, zones, limits), fixes_of(positions, limits)
    first, last = positions["timestamp"].min().floor("D"), until or positions["timestamp"].max().floor("D")
    days = [(first, last + DAY)] if at_once else [(day, day + DAY) for day in pd.date_range(first, last)]
    meetings, closed, still_open = Meetings.nothing(), [], []
    back = look_back(limits.encounter)
    for begin, end in days:
        of_window = [of for day, of in compressed.items() if begin - DAY <= day < end]
        window = pd.concat([RUN.empty(), *(of.runs for of in of_window)])
        window = window[window["ended_at"] >= begin - back]
        creeps = pd.concat([CREEP.empty(), *(of.creeps for of in of_window)])
        chosen = ships_to_read(window, creeps[creeps["last_at"] >= begin - back], meetings, limits)
        of_ships = fixes if everyone else fixes.merge(chosen, on=["mmsi", "track"])
        of_ships = of_ships[(of_ships["at"] >= begin - back) & (of_ships["at"] < end)]
        of_days = identities
        if of_days is not None:
            of_days = of_days[(of_days["first_at"] >= begin) & (of_days["first_at"] < end)]
        found = find_encounters(window, of_ships, meetings, begin, end, zones.frame, limits, of_days, anchorages, of)
        meetings = found.meetings
        closed.append(found.encounters[found.encounters["ended_at"].notna()])
        still_open = [found.encounters[found.encounters["ended_at"].isna()]]
    return pd.concat([*closed, *still_open], ignore_index=True).sort_values(
        ["mmsi", "other_mmsi", "began_at", "track", "other_track"], ignore_index=True
    )


def lies(longitude: float, latitude: float, hours: tuple[float, float], every: float = 1 / 6, sog: float = 0.1):
    """Fixes (hour, longitude, latitude, speed) of a ship at rest."""
    return [(hour, longitude, latitude, sog) for hour in np.arange(*hours, every)]


def sails(way: list[tuple[float, float, float]], every: float = 1 / 6, sog: float | None = None):
    """Fixes of a ship that sails straight between (hour, longitude, latitude)."""
    hours, x, y = (np.array(column, float) for column in zip(*way, strict=True))
    at = np.arange(hours[0], hours[-1], every)
    east, north = np.interp(at, hours, x), np.interp(at, hours, y)
    leg = np.searchsorted(hours, at, side="right") - 1
    nm = np.hypot(np.diff(x) * np.cos(np.radians(y[:-1])), np.diff(y)) * 60
    speed = np.round(nm / np.diff(hours), 1)[np.minimum(leg, len(nm) - 1)]
    return [(h, e, n, s if sog is None else sog) for h, e, n, s in zip(at, east, north, speed, strict=True)]
