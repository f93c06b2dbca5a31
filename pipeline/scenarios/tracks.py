"""Where ships are: their ways as knots in time, between which they sail straight on at one speed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.scenarios.chance import generator
from pipeline.scenarios.fleets import fleet_ships
from pipeline.scenarios.lanes import Chart, Point, moved, nautical_miles
from pipeline.scenarios.script import Scenario
from pipeline.scenarios.ships import Beside, Ship, Stay
from pipeline.scenarios.waters import Box, Place

UNDER_WAY, ANCHORED, MOORED, FISHING = 0, 1, 5, 7  # navigational status, ITU-R M.1371
_FISHING_TYPE = 30  # AIS ship type
_STATUS = {"anchored": ANCHORED, "moored": MOORED}
_SECONDS_PER_HOUR = 3600.0
_SWING_S, _TIDE_S = 1800.0, 44_712.0  # a knot of a swinging ship; from one high water to the next but one
_BESIDE_S = 600.0  # a knot of a ship beside another
_NEAR_NM = 4.0  # so close to a waypoint one cuts it
_ROUNDS = 12  # in which where two ships meet is found


class Track:
    """Knots of one ship: at_s, longitude, latitude, status, speed_kn (until the next knot), heading_deg (not a number:
    the course); and when her crew enters which draught."""

    def __init__(self, ship: Ship, at_s: float, position: Point) -> None:
        self.ship = ship
        self.rows: list[tuple[float, float, float, int, float, float]] = [(at_s, *position, MOORED, 0.0, math.nan)]
        self.draughts = [(-math.inf, ship.draught_m)]
        self.stays: list[tuple[str, float, float]] = []  # place, from and to (seconds)

    @property
    def at_s(self) -> float:
        """When the way ends so far."""
        return self.rows[-1][0]

    @property
    def position(self) -> Point:
        """Where it ends so far."""
        return self.rows[-1][1:3]

    def columns(self) -> tuple[NDArray[np.float64], ...]:
        """The knots as columns."""
        return tuple(np.array(column, dtype=np.float64) for column in zip(*self.rows, strict=True))

    def sail(self, way: list[Point], speed_kn: float, status: int = UNDER_WAY) -> None:
        """Sail along a way from where she is; its first position is her own."""
        for here, there in pairwise(way):
            hours = nautical_miles(here, there) / speed_kn
            self.rows[-1] = (*self.rows[-1][:3], status, speed_kn, math.nan)
            self.rows.append((self.at_s + hours * _SECONDS_PER_HOUR, *there, status, 0.0, math.nan))

    def rest(self, end: float, status: int) -> None:
        """Stay where she is."""
        entered = max(self.at_s, end - 3 * _SECONDS_PER_HOUR)
        self.rows[-1] = (*self.rows[-1][:3], status, 0.0, math.nan)
        for at_s in (entered, end):
            self.rows.append((at_s, *self.position, status, 0.0, math.nan))

    def swing(self, end: float, around: Point, metres: float, rng: np.random.Generator) -> None:
        """Lie at anchor around a point: with the tide to one side, then to the other, and with every wind."""
        at = np.append(np.arange(self.at_s + _SWING_S, end, _SWING_S), end)
        wind = np.cumsum(rng.normal(0, 4, len(at)))
        bearing = rng.uniform(0, 360) + 75 * np.sin(2 * np.pi * at / _TIDE_S) + wind
        chain = metres * rng.uniform(0.5, 1)
        self.rows[-1] = (*self.rows[-1][:3], ANCHORED, 0.0, (bearing[0] + 180) % 360)
        for at_s, angle in zip(at, bearing, strict=True):
            self.rows.append((at_s, *moved(around, chain, angle), ANCHORED, 0.0, (angle + 180) % 360))

    def accompany(self, other: Track, end: float, beside: Beside) -> None:
        """Stay beside another ship, wherever she goes, until then or her way ends."""
        at, *_ = columns = other.columns()
        end = min(end, at[-1])
        begin = self.at_s
        if end <= begin:
            return
        moments = np.unique(np.r_[at[(at > begin) & (at < end)], np.arange(begin, end, _BESIDE_S), end])
        knot = np.clip(np.searchsorted(at, moments, side="right") - 1, 0, len(at) - 1)
        place, heading = other.where(moments)
        sideways = math.hypot(beside.off_m, beside.astern_m)
        turned = math.degrees(math.atan2(beside.off_m, -beside.astern_m))
        self.rows.pop()
        for n, moment in enumerate(moments):
            mine = moved((place[0][n], place[1][n]), sideways, heading[n] + turned)
            self.rows.append((moment, *mine, int(columns[3][knot[n]]), float(columns[4][knot[n]]), float(heading[n])))

    def where(self, at_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude (two rows), and heading, at each moment."""
        at, longitude, latitude, _, _, heading = self.columns()
        knot = np.clip(np.searchsorted(at, at_s, side="right") - 1, 0, len(at) - 1)
        steered = np.append(courses(longitude, latitude), 0.0) if len(at) > 1 else np.zeros(1)
        ahead = np.where(np.isnan(heading), steered, heading)[knot]
        return np.array([np.interp(at_s, at, longitude), np.interp(at_s, at, latitude)]), ahead


def tracks(scenario: Scenario) -> Iterator[Track]:
    """The way of every ship until it, or the scenario, ends; of ships of fleets each has berths of her own number."""
    chart = Chart(scenario.waters)
    known: dict[str, Track] = {}
    for ship in scenario.ships:
        known[ship.name] = _track(ship, scenario, chart, known)
        yield known[ship.name]
    for number, ship in enumerate(fleet_ships(scenario), start=1):
        yield _track(ship, scenario, chart, known, number)


def _track(ship: Ship, scenario: Scenario, chart: Chart, known: dict[str, Track], number: int = 0) -> Track:
    begin, end = scenario.seconds(ship.begins_at or scenario.from_at), scenario.seconds(scenario.to_at)
    if ship.area is not None:
        return _at_work(ship, ship.area, begin, end, scenario)
    rng = generator(scenario, f"{ship.name} steers")
    first = ship.way[0]
    here = first.place
    if first.beside is None:
        track = Track(ship, begin, berth(chart.places[here], number if first.berth is None else first.berth))
    else:
        there, _ = known[first.beside.ship].where(np.array([begin]))
        track = Track(ship, begin, (float(there[0][0]), float(there[1][0])))
    for stay in ship.way:
        if stay.beside is None:
            _go(track, stay, here, number, scenario, chart, rng)
        else:
            _join(track, stay, stay.beside, here, known[stay.beside.ship], scenario, chart, rng)
        here = stay.place
        if track.at_s >= end:
            break
    return track


def _go(
    track: Track, stay: Stay, here: str, number: int, scenario: Scenario, chart: Chart, rng: np.random.Generator
) -> None:
    """To a place, and stay there."""
    place = chart.places[stay.place]
    point = berth(place, number if stay.berth is None else stay.berth)
    between = _from_here(track, here, chart) + chart.way(here, stay.place, rng)[1:-1]
    track.sail([track.position, *between, point], stay.speed_kn or track.ship.speed_kn)
    arrived, leaves = track.at_s, _leaves(stay, track.at_s, scenario)
    status = _STATUS[place.stop or "anchored"]
    if leaves > arrived and scenario.noise is not None and status == ANCHORED:
        track.swing(leaves, point, scenario.noise.swing_m, rng)
    elif leaves > arrived:
        track.rest(leaves, status)
    _enter(track, stay, arrived, rng)
    track.stays.append((stay.place, arrived, track.at_s))


def _join(
    track: Track,
    stay: Stay,
    beside: Beside,
    here: str,
    other: Track,
    scenario: Scenario,
    chart: Chart,
    rng: np.random.Generator,
) -> None:
    """To another ship, and stay with her: where the two meet is found by sailing there again and again."""
    speed = stay.speed_kn or track.ship.speed_kn
    between = _from_here(track, here, chart) + chart.way(here, beside.via, rng)[1:]
    meets = track.at_s
    for _ in range(_ROUNDS):
        there, _ = other.where(np.array([meets]))
        target = (float(there[0][0]), float(there[1][0]))
        near = between[:-1] if between and nautical_miles(between[-1], target) < _NEAR_NM else between
        way = [track.position, *near, target]
        hours = sum(nautical_miles(a, b) for a, b in pairwise(way)) / speed
        earliest = track.at_s + hours * _SECONDS_PER_HOUR
        meets = earliest if beside.at is None else max(earliest, scenario.seconds(beside.at))
    if meets > earliest:
        track.rest(track.at_s + meets - earliest, track.rows[-1][3] or ANCHORED)
    track.sail(way, speed)
    arrived = track.at_s
    track.accompany(other, max(_leaves(stay, arrived, scenario), arrived + 60), beside)
    _enter(track, stay, arrived, rng)
    track.stays.append((f"beside {beside.ship}", arrived, track.at_s))


def _from_here(track: Track, here: str, chart: Chart) -> list[Point]:
    """The place on the lanes she was reached from, if she has drifted off from it with another ship."""
    at = chart.places[here].at
    return [at] if nautical_miles(track.position, at) > _NEAR_NM else []


def _leaves(stay: Stay, arrived: float, scenario: Scenario) -> float:
    if stay.hours is not None:
        return arrived + stay.hours * _SECONDS_PER_HOUR
    return max(arrived, scenario.seconds(stay.until or scenario.to_at))


def _enter(track: Track, stay: Stay, arrived: float, rng: np.random.Generator) -> None:
    """The crew enters a draught, sooner or later, and now and then mistypes it first."""
    typing = track.ship.typing
    if stay.draught_m is not None and typing.habit == "entered":
        moment = max(arrived, track.at_s + typing.hours_after_leaving * _SECONDS_PER_HOUR)
        if typing.slip and rng.random() < typing.slip:
            track.draughts.append((moment, min(25.5, stay.draught_m * 10)))
            moment += typing.slip_hours * _SECONDS_PER_HOUR
        track.draughts.append((moment, stay.draught_m))


def berth(place: Place, number: int) -> Point:
    """Where around a place a ship lies: the point for number 0, the others on a spiral that keeps them apart."""
    if not place.berths_m or not number:
        return place.at
    return moved(place.at, place.berths_m * math.sqrt(number), math.degrees(number * math.pi * (3 - math.sqrt(5))))


def _at_work(ship: Ship, area: Box, begin: float, end: float, scenario: Scenario) -> Track:
    """To and fro across open water at her working speed."""
    rng = generator(scenario, f"{ship.name} works")
    west, south, east, north = area
    track = Track(ship, begin, (rng.uniform(west, east), rng.uniform(south, north)))
    status = FISHING if ship.ship_type == _FISHING_TYPE else UNDER_WAY
    while track.at_s < end:
        track.sail([track.position, (rng.uniform(west, east), rng.uniform(south, north))], ship.speed_kn, status)
    return track


def courses(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Course from each knot to the next, degrees; while she stays, the last course she steered."""
    east = np.diff(longitude) * np.cos(np.radians((latitude[:-1] + latitude[1:]) / 2))
    north = np.diff(latitude)
    course = np.degrees(np.arctan2(east, north)) % 360
    steered = np.where((east != 0) | (north != 0), np.arange(len(east)), -1)
    steady: NDArray[np.float64] = course[np.maximum(np.maximum.accumulate(steered), 0)]
    return steady
