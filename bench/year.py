"""What a sparse year costs: `python bench/year.py --against CHECKOUT`, or `make bench-year AGAINST=CHECKOUT`.

Thirty ships sail to and fro between Nampo and Longkou for 365 days, each heard 120 times a day. Every command is a
process of its own, in turns with the same one of another checkout, such as a git worktree of the release before:

    landing    `coalwatch ingest` of the 365 files in an empty home
    run        `coalwatch run` from nothing
    next day   landing and deriving day 366; against this checkout's day 8 after a week
    late file  landing and deriving a file of one ship 300 days back; against the next day
    idle run   `coalwatch run` that finds nothing to do

Prints user and system CPU seconds and peak memory, and a ratio for each.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
START = pd.Timestamp("2019-01-01")
DAYS, SHIPS, FIXES, CROSSING_H, PORT_H = 365, 30, 120, 30, 42
NAMPO, LONGKOU = (125.39, 38.70), (120.32, 37.66)


class Cost(NamedTuple):
    """CPU seconds and peak memory of one process."""

    cpu_s: float
    peak_mb: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="Another checkout, whose commands are the baseline.")
    parser.add_argument("--days", type=int, default=DAYS)
    given = parser.parse_args()
    checkouts = [ROOT, *([given.against.resolve()] if given.against else [])]
    with tempfile.TemporaryDirectory(prefix="coalwatch-bench-") as scratch:
        folder = Path(scratch)
        files = [_write_day(folder, day, SHIPS) for day in range(given.days + 1)]
        late = _write_day(folder / "late", given.days - min(300, given.days - 1), SHIPS + 1, SHIPS)
        costs = {checkout: _costs(checkout, folder / f"home-{n}", files, late) for n, checkout in enumerate(checkouts)}
    ours = costs[ROOT]
    print(f"{'CPU s (peak MB)':<12}{'now':>16}" + (f"{'checkout':>16}{'ratio':>8}" if given.against else ""))
    for name, cost in ours.items():
        line = f"{name:<12}{cost.cpu_s:>8.2f} ({cost.peak_mb:,.0f})"
        if given.against:
            other = costs[checkouts[1]][name]
            line += f"{other.cpu_s:>10.2f} ({other.peak_mb:,.0f}){cost.cpu_s / other.cpu_s:>8.2f}"
        print(line)
    print(f"next day after a year / after a week: {ours['next day'].cpu_s / ours['eighth day'].cpu_s:.2f}")
    print(f"late file / next day: {ours['late file'].cpu_s / ours['next day'].cpu_s:.2f}")
    if given.against:
        print(f"ratio: {ours['run'].cpu_s / costs[checkouts[1]]['run'].cpu_s:.2f}")


def _costs(checkout: Path, home: Path, files: list[Path], late: Path) -> dict[str, Cost]:
    week = home.with_name(home.name + "-week")
    _coalwatch(checkout, week, "ingest", "noaa", "--synthetic", *files[:7])
    _coalwatch(checkout, week, "run")
    eighth = _total(
        _coalwatch(checkout, week, "ingest", "noaa", "--synthetic", files[7]), _coalwatch(checkout, week, "run")
    )
    return {
        "landing": _coalwatch(checkout, home, "ingest", "noaa", "--synthetic", *files[:-1]),
        "run": _coalwatch(checkout, home, "run"),
        "idle run": _coalwatch(checkout, home, "run"),
        "eighth day": eighth,
        "next day": _total(
            _coalwatch(checkout, home, "ingest", "noaa", "--synthetic", files[-1]), _coalwatch(checkout, home, "run")
        ),
        "late file": _total(
            _coalwatch(checkout, home, "ingest", "noaa", "--synthetic", late), _coalwatch(checkout, home, "run")
        ),
    }


def _total(*costs: Cost) -> Cost:
    return Cost(sum(cost.cpu_s for cost in costs), max(cost.peak_mb for cost in costs))


def _coalwatch(checkout: Path, home: Path, command: str, *arguments: object) -> Cost:
    """One command of a checkout on a home, its interpreter's start included."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "COALWATCH_HOME": str(home)}
    line = [sys.executable, "-m", "pipeline.cli", command, "--quiet", *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(line, cwd=checkout, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            sys.exit(f"coalwatch {command} failed: {said.read().strip()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _write_day(folder: Path, day: int, ships: int, first: int = 0) -> Path:
    """A day's file of ships number `first` to `ships`."""
    folder.mkdir(parents=True, exist_ok=True)
    number = np.repeat(np.arange(first, ships), FIXES)
    hours = np.tile(np.arange(FIXES) * 24 / FIXES, ships - first) + number * 0.003
    phase = (24 * day + hours + number * 7) % (2 * (CROSSING_H + PORT_H))
    back, within = phase >= CROSSING_H + PORT_H, phase % (CROSSING_H + PORT_H)
    share = np.clip((within - PORT_H) / CROSSING_H, 0, 1)
    share = np.where(back, 1 - share, share)
    moving = within > PORT_H
    rows = pd.DataFrame({
        "MMSI": 412_990_000 + number,
        "BaseDateTime": (START + pd.to_timedelta(24 * day + hours, unit="h")).round("s").strftime("%Y-%m-%dT%H:%M:%S"),
        "LAT": (NAMPO[1] + share * (LONGKOU[1] - NAMPO[1])).round(5),
        "LON": (NAMPO[0] + share * (LONGKOU[0] - NAMPO[0])).round(5),
        "SOG": np.where(moving, 8.5, 0.1), "COG": 250.0, "Heading": 250, "VesselName": "BENCH SHIP", "IMO": "",
        "CallSign": "BENCH", "VesselType": 70, "Status": 0, "Length": 120, "Width": 18,
        "Draft": np.where(back, 4.0, 7.5), "Cargo": 70, "TransceiverClass": "A",
    })  # fmt: skip
    path = folder / f"AIS_{(START + pd.Timedelta(days=day)):%Y_%m_%d}.csv"
    rows.to_csv(path, index=False)
    return path


if __name__ == "__main__":
    main()
