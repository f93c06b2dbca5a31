"""What positions cost on each engine: `python -m bench.scale --rows 1000000 5000000`, or `make bench-scale`.

A day of AIS (`bench.day_file`) is landed anew for each size; then each engine makes runs of it. Each is a process of
its own: CPU seconds of the whole tree of processes (Java and workers included, also those that outlive their
parents), wall time and peak memory of the tree (shared pages counted once). CPU seconds are the measure: wall time
depends on what else the machine does. With --ships the rows come from each of these numbers of ships. Linux only.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from bench.day_file import day_file
from pipeline.engines.engine import ENGINES

ROOT = Path(__file__).resolve().parent.parent
LAND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.settings import Settings
from pipeline.tasks.land import ingest
file, settings = Path(sys.argv[2]), Settings(Path(sys.argv[1]), "", {}, "embedded")
(landed,) = ingest(settings, [file], "noaa", now=datetime.now(UTC), progress=lambda line: None, synthetic=True)
size = sum(found.stat().st_size for found in (settings.home / "lake").rglob("*.parquet"))
print(landed["rows_read"], size)
"""
WORK = """
import sys
from functools import partial
from pathlib import Path
from bench.day_file import DAY
from pipeline.engines.engine import open_engine
from pipeline.settings import Settings
from pipeline.movement.compress import join_parts
from pipeline.tasks.home import Home
from pipeline.tasks.pieces import compress_piece, cut
home = Home(Settings(Path(sys.argv[1]), "", {}, "embedded"))
with open_engine(sys.argv[2], "local[2]", home.lake.pieces) as engine:
    pieces = list(cut(home.lake, [DAY], engine.fixes_of_piece))
    done = join_parts(list(engine.each(partial(compress_piece, home.zones, home.limits), pieces)), home.zones, [DAY])
    print(len(pieces), len(done.runs), int(done.runs["fixes"].sum()))
"""
ADOPT_ORPHANS = 36  # prctl: PR_SET_CHILD_SUBREAPER


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--ships", type=int, nargs="+", default=[None], help="numbers of ships, each with these rows")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure[0], given.measure[1:])
        return
    folder = Path(tempfile.gettempdir()) / "coalwatch-bench"
    print(f"{'rows':>12} {'ships':>8} {'':17}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}  µs CPU a row")
    for rows in given.rows:
        for ships in given.ships:
            with tempfile.TemporaryDirectory(prefix="coalwatch-scale-") as home:
                file = day_file(folder, rows, ships)
                _, size = _line(rows, ships, "land, embedded", home, "LAND", file)
                print(f"{'':21} {int(size) / rows:.1f} bytes of Parquet a row, {file.stat().st_size / rows:.0f} of CSV")
                for engine in given.engines:
                    pieces, runs, _ = _line(rows, ships, f"runs, {engine}", home, "WORK", engine)
                print(f"{'':21} {int(runs):,} runs; in {pieces} pieces on the last engine", flush=True)


def _line(rows: int, ships: int | None, what: str, home: str, script: str, given: object) -> list[str]:
    command = [sys.executable, "-m", "bench.scale", "--measure", script, home, str(given)]
    found = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    *told, cpu, wall, peak = found
    print(
        f"{rows:12,} {ships or '':>8} {what:17}{float(cpu):9.1f}{float(wall):9.1f}{float(peak):9.0f}"
        f"  {float(cpu) / rows * 1e6:.2f}",
        flush=True,
    )
    return told


def measure(script: str, given: list[str]) -> None:
    """Do the work once in a process below this one; print what it printed, and CPU seconds, wall seconds, peak MB."""
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    began, watch = time.perf_counter(), _Watch()
    subprocess.run([sys.executable, "-c", {"LAND": LAND, "WORK": WORK}[script], *given], cwd=ROOT, check=True)
    wall = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # What is charged for children lacks those that nobody waited for; what was seen lacks each one's last moment.
    cpu_s = max(used.ru_utime + used.ru_stime, sum(watch.cpu_s.values()))
    print(f"{cpu_s:.2f} {wall:.2f} {watch.peak_kb / 1024:.0f}")


class _Watch(threading.Thread):
    """Looks at all processes below this one, again and again: `peak_kb` is the most memory that was seen, `cpu_s` by
    process what it had used when it was seen last."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_kb = 0
        self.cpu_s: dict[int, float] = {}
        self.start()

    def run(self) -> None:
        """Look four times a second."""
        while True:
            pids = _below(os.getpid())
            self.peak_kb = max(self.peak_kb, sum(_shared_once_kb(pid) for pid in pids))
            self.cpu_s |= {pid: used for pid in pids if (used := _cpu_s(pid))}
            time.sleep(0.25)


def _cpu_s(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _below(top: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found, waiting = [], [top]
    while waiting:
        waiting += (new := children.get(waiting.pop(), []))
        found += new
    return found


def _shared_once_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main()
