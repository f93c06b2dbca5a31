"""A year of the world's AIS at a thousandth: `python -m bench.world --folder FOLDER [--days 365]`.

Three hundred ships a day, 10⁸ positions in 365 days: the arithmetic of docs/scale.md at a size that one machine holds.
Each ship sails to and fro between two of the world's anchorages, sends 950 positions a day, and is silent for six hours
of a hundred at sea; every sixtieth loads at Nampo and discharges in China. Ten days at a time, their files (.csv.zst)
are made, landed by `coalwatch ingest`, derived by `coalwatch run`, and removed. What each command took stands in
FOLDER/done.jsonl: called again, the bench goes on after what is done.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from bench.watch import cost_of
from geo.anchorages import anchorages
from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.script import load_scenario
from pipeline.scenarios.ships import with_check_digit

AT_ONCE = 10  # days
SHIPS, OF_COAL = 300, 60  # every so many ships one of coal
START = pd.Timestamp("2019-01-01")
EVERY_S = 91.0  # between a ship's positions
SILENT_H, SILENT_SHARE = 6, 0.06  # stretches at sea of which nothing is heard
LONGEST_DEG, POLAR_DEG = 40.0, 65.0
CHINA = ("longkou", "dalian", "bayuquan_anchorage", "lanshan_anchorage", "longkou_anchorage")
TABLES = ("track", "port_call", "ais_gap", "voyage", "encounter", "alert")
KINDS = ("raw", "lake/positions", "lake/vessel_reports", "lake", "warehouse.sqlite")


class Ship(NamedTuple):
    """Where a ship sails: longitude and latitude along her way by nautical mile, her speed, and hours at each end."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    mile: NDArray[np.float64]
    knots: float
    port_h: float
    phase_h: float


def main() -> None:
    """Land and derive ten days after ten days, and tell what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="for the home, files to land, the figures")
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    figures = given.folder / "done.jsonl"
    done = [json.loads(line) for line in figures.read_text().splitlines()] if figures.exists() else []
    rng = np.random.default_rng(2019)
    fleet, named = _fleet(rng), _named(rng)
    print(f"{'from':<12}{'positions':>12}{'land CPU s':>12}{'peak MB':>9}{'run CPU s':>11}{'peak MB':>9}{'home MB':>9}")
    days = pd.date_range(START, periods=given.days)
    lots = [days[n : n + AT_ONCE] for n in range(0, len(days), AT_ONCE)]
    for number, lot in enumerate(lots):
        if number >= len(done):
            done.append(_lot(given.folder, lot, fleet, named))
            with figures.open("a") as file:
                file.write(json.dumps(done[-1]) + "\n")
        one = done[number]
        print(
            f"{one['from']:<12}{one['positions']:>12,}{one['land'][0]:>12.1f}{one['land'][1]:>9.0f}{one['run'][0]:>11.1f}"
            f"{one['run'][1]:>9.0f}{one['bytes']['home'] / 1e6:>9.0f}",
            flush=True,
        )
    done = done[: len(lots)]
    rows = sum(one["positions"] for one in done)
    for step in ("land", "run"):
        cpu_s = sum(one[step][0] for one in done)
        print(
            f"{step}: {cpu_s:.0f} CPU s, {cpu_s / rows * 1e6:.2f} µs a row, {max(one[step][1] for one in done):.0f} MB"
        )
    print(
        *(f"{kind}: {size / 1e6:.0f} MB, {size / rows:.1f} bytes a row" for kind, size in done[-1]["bytes"].items()),
        sep="\n",
    )
    print(*(f"{table}: {count:,} rows" for table, count in done[-1]["rows"].items()), sep="\n")


def _lot(folder: Path, days: pd.DatetimeIndex, fleet: list[Ship], named: pa.Table) -> dict[str, object]:
    received, home = folder / "received", folder / "home"
    shutil.rmtree(received, ignore_errors=True)
    received.mkdir()
    rows = sum(_write_day(received, day, fleet, named) for day in days)
    command = [sys.executable, "-m", "pipeline.cli"]
    land = cost_of([*command, "ingest", "noaa", "--synthetic", "-q", "--home", home, *sorted(received.iterdir())])
    shutil.rmtree(received)
    run = cost_of([*command, "run", "-q", "--home", home])
    with closing(sqlite3.connect(home / "warehouse.sqlite")) as con:
        counts = {table: con.execute(f"select count(*) from {table}").fetchone()[0] for table in TABLES}
    sizes = {kind: _bytes(home / kind) for kind in KINDS} | {"home": _bytes(home)}
    return {
        "from": f"{days[0]:%Y-%m-%d}", "positions": rows, "bytes": sizes, "rows": counts,
        "land": (land.cpu_s, land.peak_mb), "run": (run.cpu_s, run.peak_mb),
    }  # fmt: skip


def _fleet(rng: np.random.Generator) -> list[Ship]:
    """Where ships sail."""
    cells = anchorages()
    known = np.flatnonzero((np.abs(cells.latitude) < POLAR_DEG) & np.array([bool(code) for code in cells.country]))
    chart = Chart(load_scenario().waters)
    fleet: list[Ship] = []
    while len(fleet) < SHIPS:
        here, there = rng.choice(known, 2)
        ends = np.array([cells.longitude[[here, there]], cells.latitude[[here, there]]])
        if len(fleet) % OF_COAL == 0:
            ends = np.array(chart.way("nampo_coal", CHINA[len(fleet) // OF_COAL % len(CHINA)])).T
        elif np.abs(np.diff(ends)).max() > LONGEST_DEG:
            continue
        legs = distance_m(ends[0, :-1], ends[1, :-1], ends[0, 1:], ends[1, 1:]) / METRES_PER_NM
        port_h, phase_h = rng.uniform(18, 96), rng.uniform(0, 1000)
        fleet.append(Ship(ends[0], ends[1], np.r_[0.0, np.cumsum(legs)], rng.uniform(8, 14), port_h, phase_h))
    return fleet


def _named(rng: np.random.Generator) -> pa.Table:
    """What ships say of themselves."""
    number = np.arange(SHIPS)
    mid = rng.choice([412, 413, 440, 477, 351, 538, 636, 219, 244, 563], SHIPS)
    return pa.table(
        {
            "ship": number,
            "mmsi": mid * 1_000_000 + 200_000 + number,
            "name": [f"WORLD {n:04}" for n in number],
            "imo": [f"IMO{with_check_digit(210_000 + int(n))}" for n in number],
            "call_sign": [f"WX{n:04}" for n in number],
            "length_m": rng.uniform(60, 300, SHIPS).round(),
            "width_m": rng.uniform(10, 45, SHIPS).round(),
            "light_m": rng.uniform(3, 7, SHIPS).round(1),
        }
    )


def _write_day(folder: Path, day: pd.Timestamp, fleet: list[Ship], named: pa.Table) -> int:
    """Write a day's file; give the number of its rows."""
    since_h = (day - START) / pd.Timedelta(hours=1)
    rng = np.random.default_rng(int(since_h))
    fixes = pa.concat_tables([_fixes(number, ship, since_h, rng) for number, ship in enumerate(fleet)])
    con = duckdb.connect(config={"memory_limit": "2GB"})
    con.register("fix", fixes)
    con.register("ship", named)
    con.execute(
        f"""
        copy (
            select
                mmsi as MMSI, strftime(timestamp '{day}' + to_seconds(at_s), '%Y-%m-%dT%H:%M:%S') as BaseDateTime,
                round(latitude, 5) as LAT, round(longitude, 5) as LON, round(sog, 1) as SOG, cog as COG,
                cog as Heading, name as VesselName, imo as IMO, call_sign as CallSign, 70 as VesselType,
                case when sog > 0.5 then 0 else 5 end as Status, length_m as Length, width_m as Width,
                case when laden then light_m + 4 else light_m end as Draft, 70 as Cargo, 'A' as TransceiverClass
            from fix join ship using (ship)
            order by at_s, mmsi
        ) to '{folder}/AIS_{day:%Y_%m_%d}.csv.zst' (format csv, header, compression zstd)
        """
    )
    return len(fixes)


def _fixes(number: int, ship: Ship, since_h: float, rng: np.random.Generator) -> pa.Table:
    """A ship's day: to and fro, at rest at both ends; laden on her way out."""
    at_s = np.arange(rng.uniform(0, EVERY_S), 86_400, EVERY_S)
    sea_h = ship.mile[-1] / ship.knots
    phase = (ship.phase_h + since_h + at_s / 3600) % (2 * (sea_h + ship.port_h))
    back, within = phase >= sea_h + ship.port_h, phase % (sea_h + ship.port_h)
    sailed = np.clip((within - ship.port_h) / sea_h, 0, 1) * ship.mile[-1]
    mile = np.where(back, ship.mile[-1] - sailed, sailed)
    moving = within > ship.port_h
    silent = (rng.random(24 // SILENT_H) < SILENT_SHARE)[(at_s // 3600 // SILENT_H).astype(int)] & moving
    noise = rng.normal(0, 12 / METRES_PER_NM / 60, (2, len(at_s)))
    fixes = pa.table(
        {
            "ship": np.full(len(at_s), number),
            "at_s": at_s.astype(np.int64),
            "longitude": np.interp(mile, ship.mile, ship.longitude) + noise[0],
            "latitude": np.interp(mile, ship.mile, ship.latitude) + noise[1],
            "sog": np.where(moving, ship.knots, 0.1) + np.abs(rng.normal(0, 0.04, len(at_s))),
            "cog": np.where(back, 70, 250),
            "laden": ~back & (within > ship.port_h / 2) | back & (within < ship.port_h / 2),
        }
    )
    return fixes.filter(pa.array(~silent))


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(found.stat().st_size for found in path.rglob("*") if found.is_file())


if __name__ == "__main__":
    main()
