"""What positions cost on each engine: `python -m bench.scale --rows 1000000 5000000`, or `make bench-scale`.

A day of AIS (`bench.day_file`) is landed anew for each size; then each engine makes runs of it, each in a process of
its own (`bench.watch`). With --ships the rows come from each of these numbers of ships. --packed takes the day as
.csv.zst, which needs half the disk: 100 million rows are 12 GB of CSV, and as much again of raw bytes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.day_file import day_file
from bench.watch import cost_of
from pipeline.engines.engine import ENGINES

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
import pickle
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
    results = list(engine.each(partial(compress_piece, home.zones, home.limits), pieces))
    shuffled = 0
    if sys.argv[2] == "spark":
        from pyspark import SparkContext
        workers = SparkContext._active_spark_context._jsc.sc().statusStore().executorList(True)
        shuffled = sum(workers.apply(n).totalShuffleWrite() for n in range(workers.size()))
    written = sum(len(pickle.dumps(result, 5)) for result in results)
    done = join_parts(results, home.zones, home.limits, [DAY])
    print(len(pieces), len(done.runs), written, shuffled)
"""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--ships", type=int, nargs="+", default=[None], help="numbers of ships, each with these rows")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--packed", action="store_true", help="land the file as .csv.zst")
    given = parser.parse_args()
    folder = Path(tempfile.gettempdir()) / "coalwatch-bench"
    print(f"{'rows':>12} {'ships':>8} {'':17}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}  µs CPU a row")
    for rows in given.rows:
        for ships in given.ships:
            with tempfile.TemporaryDirectory(prefix="coalwatch-scale-") as home:
                file = day_file(folder, rows, ships, packed=given.packed)
                _, size = _line(rows, ships, "land, embedded", LAND, home, file)
                received = file.stat().st_size
                print(f"{'':21} {int(size) / rows:.1f} bytes of Parquet a row, {received / rows:.0f} as received")
                for engine in given.engines:
                    pieces, runs, written, shuffled = _line(rows, ships, f"runs, {engine}", WORK, home, engine)
                    print(
                        f"{'':21} {int(runs):,} runs in {pieces} pieces; {int(written) / 1e6:.0f} MB of results, "
                        f"{int(shuffled):,} bytes shuffled",
                        flush=True,
                    )


def _line(rows: int, ships: int | None, what: str, script: str, *given: object) -> list[str]:
    cost = cost_of([sys.executable, "-c", script, *given])
    print(
        f"{rows:12,} {ships or '':>8} {what:17}{cost.cpu_s:9.1f}{cost.wall_s:9.1f}{cost.peak_mb:9.0f}"
        f"  {cost.cpu_s / rows * 1e6:.2f}",
        flush=True,
    )
    return cost.told.split()


if __name__ == "__main__":
    main()
