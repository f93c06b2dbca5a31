"""What finding encounters costs on a busy day: `python -m bench.encounters --ships 5000`.

Baseline: compressing the same positions to runs. The ships lie at anchor in the open sea off Nampo, in squares of 50,
each about 500 m from the next, and report every six minutes; one in a hundred has a barge alongside for four hours.

Prints the CPU seconds of each (minimum of turns) and, as its last line, the ratio of finding to compressing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from pandas import DataFrame

from geo.zones import load_zones
from pipeline.contracts import VESSEL_REPORT
from pipeline.events.encounters import Meetings, find_encounters, ships_to_read
from pipeline.limits import load_limits
from pipeline.movement.compress import compress_days
from pipeline.movement.tracks import Fixes

TURNS = 3
DAY = pd.Timestamp("2018-06-01", tz="UTC")
EVERY_S = 360
METRE = 1 / 111_195
Result = TypeVar("Result")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ships", type=int, default=5000)
    ships = parser.parse_args().ships
    zones, limits = load_zones(), load_limits()
    fixes = busy_day(ships)
    table = DataFrame(
        {
            "mmsi": fixes.mmsi, "track": 1, "at": pd.to_datetime(fixes.at, unit="us", utc=True).as_unit("us"),
            "longitude": fixes.longitude, "latitude": fixes.latitude,
        }
    )  # fmt: skip
    compress_s, compressed = _fastest(
        lambda: compress_days([(fixes, VESSEL_REPORT.empty())], zones, limits, [f"{DAY:%Y-%m-%d}"])
    )
    runs = compressed.runs

    def find() -> tuple[int, int]:
        chosen = ships_to_read(runs, compressed.creeps, Meetings.nothing(), limits)
        of_ships = table[table["mmsi"].isin(chosen["mmsi"])]
        until = DAY + pd.Timedelta(days=1)
        found = find_encounters(runs, of_ships, Meetings.nothing(), DAY, until, zones.frame, limits)
        return len(found.encounters), len(found.meetings.open)

    find_s, (encounters, still_open) = _fastest(find)
    print(f"{ships:,} ships, {len(fixes.at):,} fixes, {len(runs):,} runs")
    print(f"{encounters:,} encounters, {still_open:,} meetings handed on")
    print(f"CPU s, minimum of {TURNS}: compress {compress_s:.2f}, encounters {find_s:.2f}")
    print(f"ratio: {find_s / compress_s:.2f}")


def busy_day(ships: int) -> Fixes:
    """Fixes of ships at anchor all day, and of barges that come, lie alongside and go."""
    chance = np.random.default_rng(1)
    number = np.arange(ships)
    square, place = np.divmod(number, 50)
    x = 123.0 + square % 10 * 0.15 + place % 7 * 510 * METRE / np.cos(np.radians(37.5))
    y = 36.5 + square // 10 * 0.1 + place // 7 * 510 * METRE
    barges = max(ships // 100, 1)
    hours = np.arange(0, 24, EVERY_S / 3600)
    longitude = np.repeat(x, len(hours)) + chance.normal(0, 20, ships * len(hours)) * METRE
    latitude = np.repeat(y, len(hours)) + chance.normal(0, 20, ships * len(hours)) * METRE
    speed = np.round(np.abs(chance.normal(0, 0.15, len(longitude))), 1)
    away = np.clip(np.abs(hours - 12) - 2, 0, None) * 5 / 60  # degrees: at five knots from four hours alongside
    fleet = number[::100][:barges]
    parts = [
        (np.repeat(441_000_000 + number, len(hours)), longitude, latitude, speed),
        (
            np.repeat(413_000_000 + fleet, len(hours)),
            (x[fleet][:, None] + away).ravel(),
            np.repeat(y[fleet] + 40 * METRE, len(hours)),
            np.tile(np.where(away > 0, 5.0, 0.1), len(fleet)),
        ),
    ]
    mmsi, x, y, knots = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    at = np.tile((hours * 3.6e9).astype(np.int64), len(mmsi) // len(hours)) + DAY.value // 1000
    order = np.lexsort((at, mmsi))
    return Fixes(
        mmsi[order],
        at[order],
        x[order],
        y[order],
        knots[order],
        np.zeros(len(mmsi), np.int8),
        *np.zeros((2, len(mmsi)), np.int32),
    )


def _fastest(job: Callable[[], Result]) -> tuple[float, Result]:
    """Least CPU seconds of several turns, and the result."""
    seconds = []
    for _ in range(TURNS):
        began = time.process_time()
        result = job()
        seconds.append(time.process_time() - began)
    return min(seconds), result


if __name__ == "__main__":
    main()
