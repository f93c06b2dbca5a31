"""What ships of a scenario send: reports along their ways, with the draught and identity their crews entered."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM
from pipeline.scenarios.chance import generator
from pipeline.scenarios.deceit import said_elsewhere
from pipeline.scenarios.script import Scenario
from pipeline.scenarios.ships import Ship
from pipeline.scenarios.tracks import ANCHORED, FISHING, MOORED, UNDER_WAY, Track, courses, tracks

# Scatter of reported positions in metres, where a scenario does not say how they scatter.
_SCATTER_M = {ANCHORED: 60.0, MOORED: 8.0, UNDER_WAY: 15.0, FISHING: 15.0}
_FAST_KN = 14.0  # from here on class A reports three times as often (ITU-R M.1371)
_IDENTITY = ("mmsi", "imo", "name", "call_sign", "ship_type", "length_m", "width_m")


def reports(scenario: Scenario) -> Iterator[DataFrame]:
    """Everything each ship sends during the scenario, whoever hears it.

    yields  a frame per ship, sorted by time: at_s (seconds since `from_at`), true_longitude and true_latitude (where
            she is), longitude and latitude (where she says she is), sog_kn, cog_deg, heading_deg, status, draught_m,
            transceiver_class, ship (her name in the script) and the identity she sends: mmsi, name, imo, call_sign,
            ship_type, length_m, width_m
    """
    for track in tracks(scenario):
        yield _reports_of(track.ship, track, scenario)


def _reports_of(ship: Ship, track: Track, scenario: Scenario) -> DataFrame:
    """Reports along the knots: at intervals that scatter around the mean, never while the transponder is silent."""
    rng = generator(scenario, f"{ship.name} sends")
    at, longitude, latitude, status, speed, heading = track.columns()
    at_s = _moments(at, speed, ship, scenario, rng)
    for quiet in ship.silent:
        at_s = at_s[(at_s < scenario.seconds(quiet.from_at)) | (at_s >= scenario.seconds(quiet.to_at))]
    knot = np.clip(np.searchsorted(at, at_s, side="right") - 1, 0, len(at) - 2)
    now = status[knot].astype(np.int64)
    if scenario.noise is None:
        metres = np.vectorize(_SCATTER_M.get, otypes=[float])(now)
    else:
        metres = np.full(len(at_s), scenario.noise.gps_m)
    scatter = rng.normal(0, 1, (2, len(at_s))) * metres
    here_lat = np.interp(at_s, at, latitude) + scatter[0] / METRES_PER_NM / 60
    here_lon = np.interp(at_s, at, longitude) + scatter[1] / METRES_PER_NM / 60 / np.cos(np.radians(here_lat))
    said_lon, said_lat = here_lon.copy(), here_lat.copy()
    if ship.strays is not None and len(at_s):
        hit = rng.choice(len(at_s), min(ship.strays.count, len(at_s)), replace=False)
        bearing = rng.uniform(0, 2 * np.pi, len(hit))
        said_lon[hit] += ship.strays.away_deg * np.sin(bearing)
        said_lat[hit] += ship.strays.away_deg * np.cos(bearing)
    moving = speed[knot] > 0
    course = courses(longitude, latitude)[knot]
    lying = heading[knot]
    course = np.where(moving & ~np.isnan(lying), lying, course)
    sog = np.where(moving, speed[knot] + rng.normal(0, 0.15, len(at_s)), np.abs(rng.normal(0, 0.05, len(at_s))))
    ahead = np.where(moving, course + rng.normal(0, 1.5, len(at_s)), rng.uniform(0, 360)) % 360
    ahead = np.where(~moving & ~np.isnan(lying), lying, ahead)
    cog = (course + rng.normal(0, 1, len(at_s))).round(1) % 360
    frame = DataFrame(
        {
            "at_s": at_s,
            "true_longitude": here_lon,
            "true_latitude": here_lat,
            "longitude": said_lon,
            "latitude": said_lat,
            "sog_kn": sog.clip(0).round(1),
            "cog_deg": cog,
            "heading_deg": ahead.round() % 360,
            "status": now,
            "draught_m": _draughts(track, at_s),
            "transceiver_class": ship.transceiver_class,
            "ship": ship.name,
        }
    )
    frame = said_elsewhere(frame, ship, scenario)
    return frame.assign(
        longitude=frame["longitude"].round(5), latitude=frame["latitude"].round(5), **_identity(ship, at_s, scenario)
    )


def _draughts(track: Track, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The draught that stands entered at each moment, metres."""
    if track.ship.typing.habit == "none":
        return np.full(len(at_s), np.nan)
    entered = sorted(track.draughts)
    number = np.searchsorted([moment for moment, _ in entered], at_s, side="right") - 1
    return np.array([metres for _, metres in entered])[number].round(1)


def _identity(ship: Ship, at_s: NDArray[np.float64], scenario: Scenario) -> dict[str, pd.Series]:
    """What she says she is at each moment, by field."""
    steps = [{name: getattr(ship, name) for name in _IDENTITY}]
    for identity in ship.identities:
        steps.append(steps[-1] | identity.fields())
    since = [scenario.seconds(identity.from_at) for identity in ship.identities]
    number = np.searchsorted(since, at_s, side="right")
    kinds = {"imo": "Int64", "mmsi": "int64", "ship_type": "int64", "length_m": "float64", "width_m": "float64"}
    return {
        name: pd.Series([step[name] for step in steps], dtype=kinds.get(name, "str"))
        .take(number)
        .set_axis(range(len(at_s)))
        for name in _IDENTITY
    }


def _moments(
    at: NDArray[np.float64], speed: NDArray[np.float64], ship: Ship, scenario: Scenario, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Whole seconds inside the scenario at which she reports: often under way, seldom stopped."""
    begin, end = max(at[0], 0.0), min(at[-1], scenario.seconds(scenario.to_at))
    if end <= begin:
        return np.empty(0)
    rate = scenario.reporting
    if ship.transceiver_class == "B":
        sailing = np.full(len(speed) - 1, rate.class_b_s or rate.under_way_s)
    else:
        sailing = np.where(speed[:-1] >= _FAST_KN, rate.fast_s or rate.under_way_s, rate.under_way_s)
    step = np.where(speed[:-1] > 0, sailing, rate.stopped_s)
    beats = np.r_[0.0, np.cumsum(np.diff(at) / step)]  # reports due since the first knot, as a real number
    first, last = np.interp([begin, end], at, beats)
    due = np.arange(math.ceil(first), math.floor(last) + 1, dtype=np.float64)
    due += rng.uniform(-0.3, 0.3, len(due))
    moments = np.unique(np.interp(due, beats, at).round())
    return moments[(moments >= begin) & (moments < end)]
