"""Stops beside MovingPandas: `python -m bench.peers --python PYTHON`, or `make bench-peers PEERS=PYTHON`.

PYTHON is of an environment that has movingpandas; it is none of ours. Both read positions of `bench.day_file`
(synthetic), each in a process of its own, in turns:

    coalwatch     the whole day, from parts of the lake to runs, with all that is found on the way (zones, coverage,
                  identities, anomalies); what the runs call stopped, for an hour or longer
    stops alone   of the same day, read already: hulls that share an MMSI told apart, and runs, in no zone
    MovingPandas  some of the ships, for it is slow, read already: `TrajectoryCollection`, then
                  `TrajectoryStopDetector.get_stop_points` of an hour within a circle

It prints positions per CPU second, in how many of the ship-hours that either calls a stop both do, and
`ratio: N.NN`: our time for a position, from the lake to all that is found, in parts of its. NMEA decoders are in
bench/nmea.py. Port visits, gaps and encounters of Global Fishing Watch's code are not here: no registry has it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from bench.day_file import DAY, day_file
from bench.scale import LAND
from pipeline.settings import Settings
from pipeline.tasks.home import Home

ROOT = Path(__file__).resolve().parent.parent
DIAMETER_M, TURNS = 1000, 3
# Each prints its seconds, then "mmsi,from,to" of each stop.
OURS = """
import sys, time
from pathlib import Path
import numpy
from bench.day_file import DAY
from pipeline.engines.engine import Embedded
from pipeline.lake.reading import read_fixes
from pipeline.movement.compress import join_parts
from pipeline.movement.runs import ShipFixes, compress
from pipeline.movement.tracks import Fixes, separate_ships
from pipeline.settings import Settings
from pipeline.tasks.home import Home
from pipeline.tasks.pieces import compress_piece, cut
home = Home(Settings(Path(sys.argv[1]), "", {}, "embedded"))
zones, limits = home.zones, home.limits
began = time.process_time()
parts = [compress_piece(zones, limits, piece) for piece in cut(home.lake, [DAY], Embedded.fixes_of_piece)]
runs = join_parts(parts, zones, limits, [DAY]).runs
whole, alone = time.process_time() - began, 0.0
for piece in cut(home.lake, [DAY], Embedded.fixes_of_piece):
    fixes = Fixes(**read_fixes(piece.positions[0], piece.mmsis))
    began, none = time.process_time(), numpy.full(len(fixes.at), -1, dtype="int16")
    ship = separate_ships(fixes, limits.track)
    compress(ShipFixes(fixes.mmsi, ship, *fixes[1:5], none, none, *fixes[5:]), [], limits.run)
    alone += time.process_time() - began
print(whole, alone)
stops = runs[(runs["motion"] == "stopped") & ((runs["ended_at"] - runs["began_at"]).dt.total_seconds() >= 3600)]
print(stops[["mmsi", "began_at", "ended_at"]].to_csv(index=False, header=False))
"""
THEIRS = """
import sys, time, warnings
from datetime import timedelta
import movingpandas, pandas
warnings.simplefilter("ignore")
fixes = pandas.read_parquet(sys.argv[1])
fixes["timestamp"] = fixes["timestamp"].dt.tz_localize(None)
began = time.process_time()
tracks = movingpandas.TrajectoryCollection(fixes, "mmsi", t="timestamp", x="longitude", y="latitude")
found = movingpandas.TrajectoryStopDetector(tracks).get_stop_points(
    max_diameter=float(sys.argv[2]), min_duration=timedelta(hours=1))
print(time.process_time() - began)
print(found[["traj_id", "start_time", "end_time"]].to_csv(index=False, header=False))
"""


def main() -> None:
    """Make the home, run both, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="Python of an environment with movingpandas")
    parser.add_argument("--rows", type=int, default=5_000_000, help="of the day (default: %(default)s)")
    parser.add_argument("--ships", type=int, default=40, help="for MovingPandas (default: %(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = day_file(Path(tempfile.gettempdir()) / "coalwatch-bench", given.rows)
        subprocess.run([sys.executable, "-c", LAND, folder, str(file)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        fixes = _some_ships(Home(Settings(Path(folder), "", {}, "embedded")), given.ships)
        fixes.to_parquet(some := Path(folder) / "fixes.parquet")
        ours, theirs = [], []
        for _ in range(TURNS):
            ours.append(_run(sys.executable, OURS, folder))
            theirs.append(_run(given.python, THEIRS, str(some), str(DIAMETER_M)))
    here, alone = (given.rows / _middle(ours, number) for number in (0, 1))
    there = len(fixes) / _middle(theirs)
    print(f"coalwatch     {here:12,.0f} positions a CPU second, of {given.rows:,} (synthetic)")
    print(f"stops alone   {alone:12,.0f}")
    print(f"MovingPandas  {there:12,.0f} positions a CPU second, of {len(fixes):,} of {given.ships} of the ships")
    stops, others = ours[0][1], theirs[0][1]
    both, either = _hours(stops[stops["mmsi"].isin(fixes["mmsi"])], others)
    print(f"ship-hours of stops: {either:,.0f} to either, {both / either:.1%} of them to both")
    print(f"ratio: {there / here:.4f}")


def _middle(runs: list[tuple[list[float], pd.DataFrame]], number: int = 0) -> float:
    return statistics.median(seconds[number] for seconds, _ in runs)


def _some_ships(home: Home, count: int) -> pd.DataFrame:
    """Positions of ships spread over all of the day's."""
    columns = ["mmsi", "timestamp", "longitude", "latitude"]
    fixes = pd.concat([pd.read_parquet(path, columns=columns) for path, _ in home.lake.parts("positions", DAY)])
    ships = fixes["mmsi"].unique()
    chosen = ships[:: max(len(ships) // count, 1)][:count]
    return fixes[fixes["mmsi"].isin(chosen)].drop_duplicates(["mmsi", "timestamp"]).reset_index(drop=True)


def _run(python: str, script: str, *given: str) -> tuple[list[float], pd.DataFrame]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [python, "-c", script, *given], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    first, *rows = done.stdout.strip().splitlines()
    stops = pd.DataFrame([row.split(",") for row in rows if row], columns=["mmsi", "from_at", "to_at"])
    times = {name: pd.to_datetime(stops[name], utc=True, format="ISO8601") for name in ("from_at", "to_at")}
    return [float(seconds) for seconds in first.split()], stops.assign(mmsi=stops["mmsi"].astype("int64"), **times)


def _hours(ours: pd.DataFrame, theirs: pd.DataFrame) -> tuple[float, float]:
    """Ship-hours that both call a stop, and that either does, by the minute."""
    here, there = _minutes(ours), _minutes(theirs)
    return len(here & there) / 60, len(here | there) / 60


def _minutes(stops: pd.DataFrame) -> set[tuple[int, int]]:
    begin, end = (stops[name].dt.as_unit("s").astype("int64") // 60 for name in ("from_at", "to_at"))
    lines = zip(stops["mmsi"], begin, end, strict=True)
    return {(ship, minute) for ship, first, last in lines for minute in range(first, last)}


if __name__ == "__main__":
    main()
