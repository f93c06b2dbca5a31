"""Random worlds of eighty days, landed a few days or a month at a time: the rows end as those of one run.

A run judges again only what a change may bear on (`pipeline.judgement.again`); what lies weeks before or after it must
be as a run from scratch would have it. `python -m tests.tasks.test_sparse_worlds FIRST LAST` tries many more seeds.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.tasks.test_random_worlds import COLUMNS, IMOS, SEA
from tests.tasks.world import Installation, assert_same, place, write_days

HOURS = 24 * 80
PLACES = {
    **SEA,
    "korea bay": (123.3, 38.75),
    **{
        zone: place(zone)
        for zone in (
            "kp-nampo-coal", "kp-nampo-anchorage", "kp-songnim", "cn-longkou", "cn-dalian", "cn-rizhao", "ru-nakhodka",
        )
    },
}  # fmt: skip
MMSIS = [445000001, 445000002, 351000003, 412000004, 273000005]


def ship(chance: random.Random, mmsi: int) -> pd.DataFrame:
    """A ship that sails between Nampo and four places, is silent for a day to a week, and types a draught at times."""
    step, hour = chance.choice([1.0, 2.0]), chance.uniform(0, 200)
    calls_at = [PLACES[name] for name in ["kp-nampo-coal", *chance.sample(list(PLACES), 4)]]
    here = chance.choice(calls_at)
    rows: list[tuple[float, float, float, float]] = []
    while hour < HOURS:
        leaves = hour + chance.choice([2, 10, 30, 60])
        while hour < min(HOURS, leaves):
            rows.append((hour, *here, 0.0))
            hour += step
        there, knots, began = chance.choice(calls_at), chance.choice([8.0, 12.0]), hour
        needs = max(float(np.hypot((there[0] - here[0]) * 0.78, there[1] - here[1])) * 60 / knots, 0.01)
        while hour < min(HOURS, began + needs):
            part = (hour - began) / needs
            rows.append((hour, *(a + part * (b - a) for a, b in zip(here, there, strict=True)), knots))
            hour += step
        here = there
    for _ in range(chance.choice([2, 4, 8])):
        silent, ends = chance.uniform(0, HOURS), chance.choice([20, 50, 90, 200])
        rows = [row for row in rows if not silent < row[0] < silent + ends]
    kind, length, imo = chance.choice([70, 70, 70, 30]), chance.choice([60, 120]), chance.choice(IMOS)
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(MMSI=mmsi, VesselType=kind, Length=length)
    typed = sorted(chance.uniform(0, HOURS) for _ in range(12))
    draughts = [chance.choice([4.0, 5.5, 8.0]) for _ in range(13)]
    frame["Draft"] = [draughts[int(n)] for n in np.searchsorted(typed, frame["hours"])]
    told = frame["hours"] > chance.choice([0, 0, 600])
    for name, said in {"IMO": f"IMO{imo}" if imo else None, "VesselName": chance.choice(["ALFA", "BRAVO"])}.items():
        frame[name] = pd.Series(said, index=frame.index, dtype=object).where(told)
    return frame


def sparse_world(seed: int) -> pd.DataFrame:
    """Two to four ships, of which some may send the same IMO number."""
    chance = random.Random(seed)
    return pd.concat([ship(chance, mmsi) for mmsi in chance.sample(MMSIS, chance.choice([2, 3, 4]))])


def in_parts(chance: random.Random, days: Sequence[str]) -> Iterator[list[str]]:
    """The days a few at a time, in order or not; the parts mostly not in order."""
    days, parts = list(days), []
    if chance.random() < 0.4:
        chance.shuffle(days)
    while days:
        size = chance.choice([1, 3, 10, 30])
        parts.append(days[:size])
        days = days[size:]
    if chance.random() < 0.6:
        chance.shuffle(parts)
    yield from parts


def try_world(seed: int, folder: Path) -> int:
    """Land and run a world at once, and in parts with runs and replacements between; give how many alerts there are.

    raises  AssertionError where the rows differ
    """
    files = write_days(sparse_world(seed), folder / "files", days=None)
    at_once = Installation(folder / "at-once")
    at_once.land(*files.values())
    at_once.run()

    chance = random.Random(seed + 1)
    by_chance = Installation(folder / "by-chance")
    for part in in_parts(chance, sorted(files)):
        by_chance.land(*(files[day] for day in part))
        if chance.random() < 0.8:
            by_chance.run()
        if chance.random() < 0.15:
            file = files[chance.choice(part)]
            other = folder / f"other-{file.name}"
            pd.read_csv(file).iloc[::2].assign(Draft=7.7).to_csv(other, index=False)
            by_chance.land(other, replaces=file.name)
            by_chance.run()
            by_chance.land(file, replaces=other.name)
    by_chance.run()
    expected = at_once.rows()
    assert_same(by_chance.rows(), expected)
    assert not by_chance.run().changed
    return len(expected["alert"])


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
def test_a_sparse_world_ends_the_same_however_its_days_come(seed, tmp_path):
    assert try_world(seed, tmp_path) > 0


if __name__ == "__main__":
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        with tempfile.TemporaryDirectory() as home:
            try:
                print(number, "same,", try_world(number, Path(home)), "alerts", flush=True)
            except AssertionError as difference:
                print(number, "DIFFERS", str(difference)[:300], flush=True)
