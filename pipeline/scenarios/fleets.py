"""Ships of a scenario's fleets: ordinary traffic with ways drawn by chance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from pipeline.scenarios.chance import generator
from pipeline.scenarios.script import Scenario
from pipeline.scenarios.ships import Fleet, Ship, Stay, with_check_digit

_SPREAD_HOURS = 72.0  # ships begin up to this long before the scenario: its first moment finds them all over the sea


def fleet_ships(scenario: Scenario) -> Iterator[Ship]:
    """Every ship of every fleet, numbered, each with a way or an area of her own."""
    for fleet in scenario.fleets:
        for number in range(fleet.count):
            name = f"{fleet.name} {number + 1:02}"
            yield _ship(fleet, number, name, generator(scenario, name), scenario)


def _ship(fleet: Fleet, number: int, name: str, rng: np.random.Generator, scenario: Scenario) -> Ship:
    draught_m = fleet.draught_m[number % 2]
    before = timedelta(hours=rng.uniform(0, _SPREAD_HOURS))
    return Ship(
        name=name,
        mmsi=fleet.first_mmsi + number,
        imo=None if fleet.first_imo is None else with_check_digit(fleet.first_imo + number),
        call_sign=f"DM{(fleet.first_mmsi + number) % 100_000:05}",
        ship_type=fleet.ship_type,
        length_m=round(rng.uniform(*fleet.length_m)),
        width_m=round(rng.uniform(*fleet.width_m)),
        speed_kn=round(rng.uniform(*fleet.speed_kn), 1),
        draught_m=draught_m,
        begins_at=scenario.from_at - before,
        way=[] if fleet.area else _trade(fleet, draught_m, scenario.to_at - scenario.from_at + before, rng),
        area=fleet.area,
    )


def _trade(fleet: Fleet, draught_m: float, time: timedelta, rng: np.random.Generator) -> list[Stay]:
    """Calls at the fleet's ports in random order for at least that time, laden one way and in ballast the other."""
    way: list[Stay] = []
    here = int(rng.integers(len(fleet.ports)))
    left = time / timedelta(hours=1)
    while left > 0:
        draught_m = sum(fleet.draught_m) - draught_m
        hours = round(rng.uniform(*fleet.hours), 2)
        way.append(Stay(to=fleet.ports[here], hours=hours, draught_m=round(draught_m, 1)))
        here = (here + int(rng.integers(1, len(fleet.ports)))) % len(fleet.ports)
        left -= hours
    return way
