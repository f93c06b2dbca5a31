"""What a day costs: `python bench/day_job.py --rows 5000000`, or `make bench ROWS=5000000`.

Two jobs over the same day file, each a process of its own, in turns:

    floor     DuckDB reads the file, sorts it by vessel and time and writes it as Parquet
    day job   coalwatch lands the file in a fresh home and goes on to alerts in the warehouse

Prints wall time, CPU time and peak memory (minimum, median, maximum), where the day job's time goes, what each detector
costs beside the floor, and as its last line the ratio of the median wall times.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TURNS = 3
ROOT = Path(__file__).resolve().parent.parent

FLOOR = """
import sys, duckdb
duckdb.sql("set enable_progress_bar = false")
duckdb.sql(f"copy (from read_csv('{sys.argv[1]}') order by MMSI, BaseDateTime) to '{sys.argv[2]}/floor.parquet'")
"""
DAY_JOB = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.settings import Settings
from pipeline.tasks.land import ingest
from pipeline.tasks.run import run
settings, now = Settings(home=Path(sys.argv[2]) / "home", warehouse_url=""), datetime.now(UTC)
ingest(settings, [Path(sys.argv[1])], "noaa", now=now, progress=lambda line: None, synthetic=True)
run(settings, now=now, progress=lambda line: None)
"""
COUNTS = """
import sys, sqlite3
con = sqlite3.connect(f"{sys.argv[1]}/home/warehouse.sqlite")
one = lambda sql: con.execute(sql).fetchone()[0]
print(one("select count(*) from alert where withdrawn_at is null"), one("select count(*) from port_call"))
"""


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds of wall and CPU time, peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    rows = parser.parse_args().rows
    cache = Path(tempfile.gettempdir()) / "coalwatch-bench"
    path = _day_file(cache, rows)
    _read_once(path)
    print(f"{path.name}: {rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB; {os.cpu_count()} cores")
    costs: dict[str, list[Cost]] = {"floor": [], "day job": []}
    with tempfile.TemporaryDirectory(prefix="coalwatch-bench-", dir=cache) as scratch:
        for _ in range(TURNS):
            for name, script in (("floor", FLOOR), ("day job", DAY_JOB)):
                folder = Path(scratch) / name.replace(" ", "-")
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                costs[name].append(_cost([sys.executable, "-c", script, str(path), str(folder)]))
        found = subprocess.run(
            [sys.executable, "-c", COUNTS, f"{scratch}/day-job"], capture_output=True, text=True, check=True
        ).stdout.split()
        print(f"the day job raised {found[0]} alerts from {found[1]} port calls\n")
        _print_costs(costs)
        _print_profile(path, Path(scratch) / "profile", _median(costs["floor"], "wall_s"))
    ratio = _median(costs["day job"], "wall_s") / _median(costs["floor"], "wall_s")
    print(f"ratio: {ratio:.2f}")


def _day_file(folder: Path, rows: int) -> Path:
    """The day file, made by another process: a child's peak memory counts from its parent's."""
    command = [sys.executable, "-m", "bench.day_file", str(folder), str(rows)]
    return Path(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip())


def _read_once(path: Path) -> None:
    """Bring the file into the system's cache, for both jobs alike."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _cost(command: list[str]) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"a measured process ended with exit code {process.returncode}")
    scale = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def _median(costs: list[Cost], field: str) -> float:
    return statistics.median(getattr(cost, field) for cost in costs)


def _print_costs(costs: dict[str, list[Cost]]) -> None:
    print(f"{'':10}{'wall s':>22}{'CPU s':>22}{'peak MB':>22}    (minimum, median, maximum of {TURNS})")
    for name, turns in costs.items():
        cells = []
        for field in ("wall_s", "cpu_s", "peak_mb"):
            values = [getattr(cost, field) for cost in turns]
            cells.append(" ".join(f"{v:6.4g}" for v in (min(values), statistics.median(values), max(values))))
        print(f"{name:10}" + "".join(f"{cell:>22}" for cell in cells))
    print()


def _print_profile(path: Path, folder: Path, floor_s: float) -> None:
    """Run the day job once more under a profiler; print the project's functions that take longest, callees included,
    and what each detector costs beside the floor."""
    folder.mkdir()
    profile = cProfile.Profile()
    began = time.perf_counter()
    sys.path.insert(0, str(ROOT))
    arguments, sys.argv = sys.argv, ["", str(path), str(folder)]
    try:
        profile.run(DAY_JOB)
    finally:
        sys.argv = arguments
    total_s = time.perf_counter() - began
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # not in the type stubs
    spent = [
        (cumulative, f"{Path(file).relative_to(ROOT)}:{name}")
        for (file, _, name), (_, _, _, cumulative, _) in stats.items()
        if file.startswith((str(ROOT / "pipeline"), str(ROOT / "geo"))) and name != "<module>"
    ]
    print(f"where the day job's time goes ({total_s:.1f} s under the profiler; each with what it calls)")
    for seconds, name in sorted(spent, reverse=True)[:24]:
        print(f"  {seconds:6.2f} s  {name}")
    longest: dict[str, float] = {}  # of each file: what it calls counts in the function that is called first
    for seconds, name in spent:
        file, _, _ = name.partition(":")
        longest[file] = max(longest.get(file, 0.0), seconds)
    print("\nratio of each detector to the floor (under the profiler, which slows Python down several times)")
    for file, seconds in sorted(longest.items(), key=lambda one: -one[1]):
        if file in _detectors():
            print(f"  {seconds / floor_s:6.3f}  {file}")


def _detectors() -> set[str]:
    """Files of the detectors, those of pairs of ships and of false tracks among them."""
    from pipeline.events.registry import DETECTORS

    of_pairs = ("events/encounters.py", "events/one_hull.py", "events/reception.py", "movement/false_tracks.py")
    found = {str(path.relative_to(ROOT)) for path in DETECTORS.files().values() if path.is_relative_to(ROOT)}
    return found | {f"pipeline/{name}" for name in of_pairs}
    print()


if __name__ == "__main__":
    main()
