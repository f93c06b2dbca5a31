"""Random small worlds of ships, their days landed in random order with runs in between: the rows end the same.

Found by worlds like these: ships resolved by order of arrival, tracks of alerts left stale, a home broken by an empty
range. `python -m tests.tasks.test_random_worlds FIRST LAST` tries many more seeds and names those that differ.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.tasks.world import DAYS, Installation, assert_same, fleet, place, traffic, write_days

HOURS = 24 * len(DAYS)
SEA = {"approach": (124.7, 38.5), "middle": (123.0, 38.3), "far": (121.5, 38.2)}
ZONES = ("kp-nampo-coal", "kp-nampo-anchorage", "kp-songnim", "kp-rajin", "cn-longkou", "cn-dalian")
IMOS = (2990027, 2990039, 2990041, 8905490, None)
COLUMNS = ["hours", "LON", "LAT", "SOG"]


def where(name: str) -> tuple[float, float]:
    return SEA.get(name) or place(name)


def ship(chance: random.Random, mmsi: int) -> pd.DataFrame:
    """A ship that wanders between places, with stays, silences, and what she says of herself for a while only."""
    step, hour = chance.choice([0.5, 1.0, 3.0]), chance.uniform(0, 30)
    here = where(chance.choice([*SEA, *ZONES]))
    rows: list[tuple[float, float, float, float | None]] = []
    while hour < HOURS:
        leaves = hour + chance.choice([0, 1, 5, 10, 30])
        while hour < min(HOURS, leaves):
            rows.append((hour, *here, chance.choice([0.0, 0.1, 0.3, 0.6, None])))
            hour += step
        there, knots, began = where(chance.choice([*SEA, *ZONES])), chance.choice([8.0, 12.0, 25.0]), hour
        needs = max(float(np.hypot((there[0] - here[0]) * 0.78, there[1] - here[1])) * 60 / knots, 0.01)
        while hour < min(HOURS, began + needs):
            part = (hour - began) / needs
            rows.append((hour, *(a + part * (b - a) for a, b in zip(here, there, strict=True)), knots))
            hour += step
        here = there
    for _ in range(chance.choice([0, 1, 2])):
        silent = chance.uniform(0, HOURS)
        rows = [row for row in rows if not silent < row[0] < silent + 30]
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(MMSI=mmsi, VesselType=70, Length=chance.choice([60, 120, None]))
    frame["Draft"] = np.where(frame["hours"] < chance.uniform(0, HOURS), 4.0, chance.choice([4.0, 8.0]))
    told = frame["hours"] > chance.choice([0, 0, 40])
    imo = chance.choice(IMOS)
    frame["IMO"] = pd.Series(f"IMO{imo}" if imo else None, index=frame.index, dtype=object).where(told)
    frame["VesselName"] = pd.Series(chance.choice(["ALFA", "BRAVO"]), index=frame.index, dtype=object).where(told)
    return frame


def random_world(seed: int) -> pd.DataFrame:
    """One to four ships, some of which share an MMSI or an IMO number, with or without other traffic, and a fleet whose
    feed fails."""
    chance = random.Random(seed)
    mmsis = [445000001, 445000001, 351000003, 412000004]
    ships = [ship(chance, chance.choice(mmsis)) for _ in range(chance.choice([1, 2, 3, 4]))]
    ships += [traffic()] if chance.random() < 0.5 else []
    if chance.random() < 0.3:  # a feed that fails, and one ship of its fleet that falls silent by herself
        failed, alone = chance.uniform(10, 90), chance.uniform(10, 90)
        ships.append(fleet((failed, failed + chance.uniform(7, 40)), (alone, alone + chance.uniform(7, 40))))
    return pd.concat(ships, ignore_index=True)


def try_world(seed: int, folder: Path) -> None:
    """Land and run a world at once, and in random order with ranges, replacements and put-backs between.

    raises  AssertionError where the rows differ
    """
    files = write_days(random_world(seed), folder / "files")
    if not files:
        return
    at_once = Installation(folder / "at-once")
    at_once.land(*files.values())
    at_once.run()

    chance = random.Random(seed + 1)
    by_chance = Installation(folder / "by-chance")
    for day in chance.sample(sorted(files), len(files)):
        by_chance.land(files[day])
        if chance.random() < 0.3:
            by_chance.run(days=set(chance.sample(DAYS, 2)))
        elif chance.random() < 0.4:
            rows = pd.read_csv(files[day])
            other = folder / f"other-{files[day].name}"
            rows.iloc[::2].assign(Draft=7.7).to_csv(other, index=False)
            by_chance.land(other, replaces=files[day].name)
            by_chance.run()
            by_chance.land(files[day], replaces=other.name)
        elif chance.random() < 0.7:
            by_chance.run()
    by_chance.run()
    assert_same(by_chance.rows(), at_once.rows())
    assert not by_chance.run().changed


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 8, 21])
def test_a_random_world_ends_the_same_in_any_order(seed, tmp_path):
    try_world(seed, tmp_path)


if __name__ == "__main__":
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        with tempfile.TemporaryDirectory() as home:
            try:
                try_world(number, Path(home))
                print(number, "same")
            except AssertionError as difference:
                print(number, "DIFFERS", str(difference)[:300])
