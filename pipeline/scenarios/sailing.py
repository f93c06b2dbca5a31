"""What ships of a scenario send: their ways as knots in time, and the reports between them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.chance import generator
from pipeline.scenarios.fleets import fleet_ships
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.script import Box, Place, Scenario, Ship

UNDER_WAY, ANCHORED, MOORED, FISHING = 0, 1, 5, 7  # navigational status, ITU-R M.1371
_FISHING_TYPE = 30  # AIS ship type
_STATUS = {"anchored": ANCHORED, "moored": MOORED}
_SWING_M = {ANCHORED: 60.0, MOORED: 8.0, UNDER_WAY: 15.0, FISHING: 15.0}  # scatter of reported positions
_ENTERED_BEFORE_LEAVING_S = 3 * 3600.0  # when the crew enters the new draught
_SECONDS_PER_HOUR = 3600.0


def reports(scenario: Scenario) -> Iterator[DataFrame]:
    """Everything each ship sends during the scenario, whoever hears it.

    yields  a frame per ship, sorted by time: at_s (seconds since `from_at`), true_longitude and true_latitude (where
            she is), longitude and latitude (where she says she is), sog_kn, cog_deg, heading_deg, status, draught_m,
            and her identity: mmsi, name, imo, call_sign, ship_type, length_m, width_m
    """
    chart = Chart(scenario)
    for ship in scenario.ships:
        yield _reports_of(ship, _knots(ship, scenario, chart), scenario)
    for number, ship in enumerate(fleet_ships(scenario), start=1):
        yield _reports_of(ship, _knots(ship, scenario, chart, number), scenario)


class _Knots:
    """A way as knots: where the ship is at which second, and what holds from that knot to the next."""

    def __init__(self, at_s: float, position: tuple[float, float], draught_m: float) -> None:
        # at_s, longitude, latitude, status, speed_kn, draught_m
        self.rows = [(at_s, *position, MOORED, 0.0, draught_m)]

    @property
    def at_s(self) -> float:
        return self.rows[-1][0]

    @property
    def position(self) -> tuple[float, float]:
        return self.rows[-1][1:3]

    @property
    def draught_m(self) -> float:
        return self.rows[-1][5]

    def sail(self, way: list[tuple[float, float]], speed_kn: float, status: int = UNDER_WAY) -> None:
        """Sail along a way from where she is; its first position is her own."""
        for here, there in pairwise(way):
            hours = float(distance_m(*here, *there)) / METRES_PER_NM / speed_kn
            self.rows[-1] = (*self.rows[-1][:3], status, speed_kn, self.draught_m)
            self.rows.append((self.at_s + hours * _SECONDS_PER_HOUR, *there, status, 0.0, self.draught_m))

    def stay(self, hours: float, status: int, draught_m: float | None) -> None:
        """Stay where she is; a new draught is entered shortly before leaving."""
        at_s, longitude, latitude, *_ = self.rows[-1]
        end = at_s + hours * _SECONDS_PER_HOUR
        self.rows[-1] = (at_s, longitude, latitude, status, 0.0, self.draught_m)
        after = self.draught_m if draught_m is None else draught_m
        self.rows.append((max(at_s, end - _ENTERED_BEFORE_LEAVING_S), longitude, latitude, status, 0.0, after))
        self.rows.append((end, longitude, latitude, status, 0.0, after))


def _knots(ship: Ship, scenario: Scenario, chart: Chart, number: int = 0) -> _Knots:
    """The ship's way until it, or the scenario, ends; of several ships of fleets each has berths of her own number."""
    begin, end = scenario.seconds(ship.begins_at or scenario.from_at), scenario.seconds(scenario.to_at)
    if ship.area is not None:
        return _at_work(ship, ship.area, begin, end, scenario)
    here = ship.way[0].to
    knots = _Knots(begin, _berth(scenario.places[here], number), ship.draught_m)
    for stay in ship.way:
        place = scenario.places[stay.to]
        between = chart.way(here, stay.to)[1:-1]
        knots.sail([knots.position, *between, _berth(place, number)], stay.speed_kn or ship.speed_kn)
        left = max(end - knots.at_s, 0.0) / _SECONDS_PER_HOUR
        knots.stay(left if stay.hours is None else stay.hours, _STATUS[place.stop or "anchored"], stay.draught_m)
        here = stay.to
        if knots.at_s >= end:
            break
    return knots


def _berth(place: Place, number: int) -> tuple[float, float]:
    """Where around a place a ship lies: the point for number 0, the others on a spiral that keeps them apart."""
    if not place.berths_m or not number:
        return place.at
    away, angle = place.berths_m * math.sqrt(number) / METRES_PER_NM / 60, number * math.pi * (3 - math.sqrt(5))
    longitude, latitude = place.at
    return longitude + away * math.sin(angle) / math.cos(math.radians(latitude)), latitude + away * math.cos(angle)


def _at_work(ship: Ship, area: Box, begin: float, end: float, scenario: Scenario) -> _Knots:
    """To and fro across open water at her working speed."""
    rng = generator(scenario, f"{ship.name} works")
    west, south, east, north = area
    knots = _Knots(begin, (rng.uniform(west, east), rng.uniform(south, north)), ship.draught_m)
    status = FISHING if ship.ship_type == _FISHING_TYPE else UNDER_WAY
    while knots.at_s < end:
        knots.sail([knots.position, (rng.uniform(west, east), rng.uniform(south, north))], ship.speed_kn, status)
    return knots


def _reports_of(ship: Ship, knots: _Knots, scenario: Scenario) -> DataFrame:
    """Reports along the knots: at intervals that scatter around the mean, never while the transponder is silent."""
    rng = generator(scenario, f"{ship.name} sends")
    at, longitude, latitude, status, speed, draught = (np.array(column) for column in zip(*knots.rows, strict=True))
    at_s = _moments(at, speed, scenario, rng)
    for quiet in ship.silent:
        at_s = at_s[(at_s < scenario.seconds(quiet.from_at)) | (at_s >= scenario.seconds(quiet.to_at))]
    knot = np.clip(np.searchsorted(at, at_s, side="right") - 1, 0, len(at) - 2)
    now = status[knot].astype(np.int64)
    scatter = rng.normal(0, 1, (2, len(at_s))) * np.vectorize(_SWING_M.get, otypes=[float])(now)
    here_lat = np.interp(at_s, at, latitude) + scatter[0] / METRES_PER_NM / 60
    here_lon = np.interp(at_s, at, longitude) + scatter[1] / METRES_PER_NM / 60 / np.cos(np.radians(here_lat))
    said_lon, said_lat = here_lon.copy(), here_lat.copy()
    if ship.strays is not None and len(at_s):
        hit = rng.choice(len(at_s), min(ship.strays.count, len(at_s)), replace=False)
        bearing = rng.uniform(0, 2 * np.pi, len(hit))
        said_lon[hit] += ship.strays.away_deg * np.sin(bearing)
        said_lat[hit] += ship.strays.away_deg * np.cos(bearing)
    moving = speed[knot] > 0
    course = _courses(longitude, latitude)[knot]
    sog = np.where(moving, speed[knot] + rng.normal(0, 0.15, len(at_s)), np.abs(rng.normal(0, 0.05, len(at_s))))
    heading = np.where(moving, course + rng.normal(0, 1.5, len(at_s)), rng.uniform(0, 360)) % 360
    return DataFrame(
        {
            "mmsi": ship.mmsi,
            "at_s": at_s,
            "true_longitude": here_lon,
            "true_latitude": here_lat,
            "longitude": said_lon.round(5),
            "latitude": said_lat.round(5),
            "sog_kn": sog.clip(0).round(1),
            "cog_deg": (course + rng.normal(0, 1, len(at_s))).round(1) % 360,
            "heading_deg": heading.round() % 360,
            "status": now,
            "draught_m": draught[knot].round(1),
            "name": ship.name,
            "imo": pd.Series(pd.NA if ship.imo is None else ship.imo, index=range(len(at_s)), dtype="Int64"),
            "call_sign": ship.call_sign,
            "ship_type": ship.ship_type,
            "length_m": ship.length_m,
            "width_m": ship.width_m,
        }
    )


def _moments(
    at: NDArray[np.float64], speed: NDArray[np.float64], scenario: Scenario, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Whole seconds inside the scenario at which she reports: often under way, seldom stopped."""
    begin, end = max(at[0], 0.0), min(at[-1], scenario.seconds(scenario.to_at))
    if end <= begin:
        return np.empty(0)
    step = np.where(speed[:-1] > 0, scenario.reporting.under_way_s, scenario.reporting.stopped_s)
    beats = np.r_[0.0, np.cumsum(np.diff(at) / step)]  # reports due since the first knot, as a real number
    first, last = np.interp([begin, end], at, beats)
    due = np.arange(math.ceil(first), math.floor(last) + 1, dtype=np.float64)
    due += rng.uniform(-0.3, 0.3, len(due))
    moments = np.unique(np.interp(due, beats, at).round())
    return moments[(moments >= begin) & (moments < end)]


def _courses(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Course from each knot to the next, degrees; while she stays, the last course she steered."""
    east = np.diff(longitude) * np.cos(np.radians((latitude[:-1] + latitude[1:]) / 2))
    north = np.diff(latitude)
    course = np.degrees(np.arctan2(east, north)) % 360
    steered = np.where((east != 0) | (north != 0), np.arange(len(east)), -1)
    courses: NDArray[np.float64] = course[np.maximum(np.maximum.accumulate(steered), 0)]
    return courses
