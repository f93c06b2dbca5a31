"""Which reports of a scenario are heard: shore stations with their range, satellites with their passes, outages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.chance import generator
from pipeline.scenarios.script import Satellite, Scenario, Shore

_FADE = 0.15  # the outer share of a shore receiver's range in which it hears ever less


def heard(reports: DataFrame, scenario: Scenario) -> NDArray[np.bool_]:
    """Whether any receiver hears each report.

    reports  at_s (seconds since the scenario begins), true_longitude, true_latitude, name; of one ship
    """
    if reports.empty:
        return np.zeros(0, dtype=bool)
    ship = str(reports["name"].iloc[0])
    at_s, longitude, latitude = (reports[c].to_numpy() for c in ("at_s", "true_longitude", "true_latitude"))
    result = np.zeros(len(reports), dtype=bool)
    for name, receiver in scenario.receivers.items():
        luck = generator(scenario, name, ship).random(len(reports))
        up = np.ones(len(reports), dtype=bool)
        for outage in receiver.down:
            up &= (at_s < scenario.seconds(outage.from_at)) | (at_s >= scenario.seconds(outage.to_at))
        if isinstance(receiver, Shore):
            result |= up & _in_range(receiver, longitude, latitude, luck)
        else:
            result |= up & _in_pass(receiver, at_s, longitude, latitude, luck)
    return result


def _in_range(
    shore: Shore, longitude: NDArray[np.float64], latitude: NDArray[np.float64], luck: NDArray[np.float64]
) -> NDArray[np.bool_]:
    away_nm = distance_m(*shore.at, longitude, latitude) / METRES_PER_NM
    return away_nm <= shore.range_nm * (1 - _FADE * luck)


def _in_pass(
    satellite: Satellite,
    at_s: NDArray[np.float64],
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    luck: NDArray[np.float64],
) -> NDArray[np.bool_]:
    west, south, east, north = satellite.box
    inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
    over = at_s % (satellite.every_minutes * 60) < satellite.pass_minutes * 60
    return inside & over & (luck < satellite.heard)
