"""Positions that are not where the ship is: her own lies, and satellite navigation disturbed for all in an area."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM
from pipeline.scenarios.chance import generator
from pipeline.scenarios.script import Interference, Scenario
from pipeline.scenarios.ships import Lie, Ship

_SECONDS_PER_HOUR = 3600.0


def said_elsewhere(reports: DataFrame, ship: Ship, scenario: Scenario) -> DataFrame:
    """The reports of one ship, with the positions she sends where they are not hers."""
    if not ship.lies and not scenario.interference:
        return reports
    at_s = reports["at_s"].to_numpy()
    place = reports[["longitude", "latitude"]].to_numpy().copy()
    speed = reports["sog_kn"].to_numpy().copy()
    for lie in ship.lies:
        during = _during(lie, at_s, scenario)
        place[during] = _circle(lie, at_s[during], scenario)
        speed[during] = round(2 * np.pi * (lie.circle_m or 0) / METRES_PER_NM / lie.round_hours, 1)
    for disturbed in scenario.interference:
        west, south, east, north = disturbed.box
        longitude, latitude = reports["true_longitude"].to_numpy(), reports["true_latitude"].to_numpy()
        inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        during = _during(disturbed, at_s, scenario) & inside
        rng = generator(scenario, ship.name, "disturbed", str(disturbed.from_at))
        place[during] = _around(disturbed.at, rng.normal(0, disturbed.scatter_m, (2, int(during.sum()))))
    return reports.assign(longitude=place[:, 0], latitude=place[:, 1], sog_kn=speed)


def _during(interval: Lie | Interference, at_s: NDArray[np.float64], scenario: Scenario) -> NDArray[np.bool_]:
    return (at_s >= scenario.seconds(interval.from_at)) & (at_s < scenario.seconds(interval.to_at))


def _circle(lie: Lie, at_s: NDArray[np.float64], scenario: Scenario) -> NDArray[np.float64]:
    angle = 2 * np.pi * (at_s - scenario.seconds(lie.from_at)) / _SECONDS_PER_HOUR / lie.round_hours
    return _around(lie.at, (lie.circle_m or 0) * np.array([np.sin(angle), np.cos(angle)]))


def _around(at: tuple[float, float], metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions so many metres east and north of a point."""
    degrees = metres / METRES_PER_NM / 60
    return np.column_stack([at[0] + degrees[0] / np.cos(np.radians(at[1])), at[1] + degrees[1]])
