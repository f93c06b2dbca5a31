"""Which reports of a scenario are heard: shore stations with their range, satellites with their passes, outages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.chance import generator
from pipeline.scenarios.script import Scenario
from pipeline.scenarios.waters import Receivers, Satellite, Shore

_FADE = 0.15  # the outer share of a shore receiver's range in which it hears ever less
_DAY_S = 86_400.0


def heard(reports: DataFrame, scenario: Scenario, receivers: Receivers) -> NDArray[np.bool_]:
    """Whether any receiver hears each report, and it reaches the files.

    reports  of one ship: at_s (seconds since the scenario begins), true_longitude, true_latitude, transceiver_class,
             ship
    receivers  of the scenario's waters
    """
    if reports.empty:
        return np.zeros(0, dtype=bool)
    ship = str(reports["ship"].iloc[0])
    at_s, longitude, latitude = (reports[c].to_numpy() for c in ("at_s", "true_longitude", "true_latitude"))
    weak = reports["transceiver_class"].to_numpy() == "B"
    result = np.zeros(len(reports), dtype=bool)
    for name, receiver in receivers.items():
        if not _may_hear(receiver, longitude, latitude):
            continue
        luck = generator(scenario, name, ship).random(len(reports))
        up = np.ones(len(reports), dtype=bool)
        for outage in receiver.down:
            up &= (at_s < scenario.seconds(outage.from_at)) | (at_s >= scenario.seconds(outage.to_at))
        if isinstance(receiver, Shore):
            range_nm = receiver.range_nm * _weather(receiver, name, at_s, scenario)
            heard_here = _in_range(receiver, range_nm, longitude, latitude, luck)
            if receiver.heard < 1:
                heard_here &= generator(scenario, name, ship, "passed on").random(len(reports)) < receiver.heard
        else:
            heard_here = _in_pass(receiver, at_s, longitude, latitude, luck, weak)
        result |= up & heard_here
    if scenario.heard < 1:
        result &= generator(scenario, ship, "thinned").random(len(reports)) < scenario.heard
    return result


def _may_hear(receiver: Shore | Satellite, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> bool:
    """Whether she comes near enough for it to be asked at all."""
    if isinstance(receiver, Shore):
        degrees = receiver.range_nm * (1 + receiver.varies) / 60 + 0.05
        west, east = (receiver.at[0] + sign * degrees / np.cos(np.radians(receiver.at[1])) for sign in (-1, 1))
        south, north = receiver.at[1] - degrees, receiver.at[1] + degrees
    else:
        west, south, east, north = receiver.box
    return bool(((longitude > west) & (longitude < east) & (latitude > south) & (latitude < north)).any())


def _weather(shore: Shore, name: str, at_s: NDArray[np.float64], scenario: Scenario) -> NDArray[np.float64] | float:
    """By how much its range is longer or shorter on the day of each report."""
    if not shore.varies:
        return 1.0
    day = (at_s // _DAY_S).astype(int)
    drawn = generator(scenario, name, "weather").uniform(1 - shore.varies, 1 + shore.varies, day.max() + 1)
    factors: NDArray[np.float64] = drawn[day]
    return factors


def _in_range(
    shore: Shore,
    range_nm: NDArray[np.float64] | float,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    luck: NDArray[np.float64],
) -> NDArray[np.bool_]:
    away_nm = distance_m(*shore.at, longitude, latitude) / METRES_PER_NM
    return away_nm <= range_nm * (1 - _FADE * luck)


def _in_pass(
    satellite: Satellite,
    at_s: NDArray[np.float64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    luck: NDArray[np.float64],
    weak: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    west, south, east, north = satellite.box
    inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
    over = at_s % (satellite.every_minutes * 60) < satellite.pass_minutes * 60
    share = np.where(weak, satellite.heard_b or satellite.heard, satellite.heard)
    return inside & over & (luck < share)
