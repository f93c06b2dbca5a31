"""How long a year's rows take to load into PostgreSQL, against an SQLite file: `python bench/warehouse.py --home HOME`.

The rows are those of a home's warehouse (without --home: of the demonstration month), multiplied to --rows. Each engine
loads them into an empty warehouse in one transaction, as a rebuilt home does; then loads them again, of which nothing
is written; then with every tenth row changed. PostgreSQL is a private server, unless --postgres names a database, which
must be empty. The goal: at most 1.5 times SQLite's time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline.contracts import WAREHOUSE, Table
from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.demo import run_demo
from pipeline.warehouse.store import Warehouse, open_for_reading, open_warehouse

GOAL = 1.5
_OF_DAYS = {"known_at", "alert_id", "day", "source_file_id", "vessel_id"}
Rows = dict[Table, pd.DataFrame]


def main() -> None:
    """Print a line for each step: rows, seconds on either engine, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="home whose warehouse gives the rows")
    parser.add_argument("--rows", type=int, default=300_000, help="how many rows to load, about (default: %(default)s)")
    parser.add_argument("--postgres", help="address of an empty database; otherwise a private server")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, server_at(given.postgres) as server:
        rows = multiplied(demo_rows(given.home, Path(folder)), given.rows)
        count = sum(map(len, rows.values()))
        print(f"{count:,} rows of {sum(len(frame) > 0 for frame in rows.values())} tables")
        times = [timed(url, rows) for url in (f"sqlite:///{folder}/bench.sqlite", server)]
        print(f"{'':24}{'SQLite':>10}{'PostgreSQL':>12}{'ratio':>8}")
        for step, seconds in times[0].items():
            print(f"{step:24}{seconds:9.1f}s{times[1][step]:11.1f}s{times[1][step] / seconds:8.2f}")
        print(f"Goal for loading: at most {GOAL}")


def timed(url: str, rows: Rows) -> dict[str, float]:
    """Seconds of each step."""
    changed = {table: _changed(table, frame) for table, frame in rows.items()}
    found = {}
    with open_warehouse(url) as warehouse:
        for step, what in (("load", rows), ("load again", rows), ("a tenth changed", changed)):
            began = time.perf_counter()
            _load(warehouse, what)
            found[step] = time.perf_counter() - began
        began = time.perf_counter()
        for table in rows:
            warehouse.read(table)
        found["read"] = time.perf_counter() - began
    return found


def multiplied(rows: Rows, wanted: int) -> Rows:
    """The rows that days of data bring, as often as it takes, each copy with keys (and references to alerts and files)
    of its own; zones, lists and other knowledge once."""
    daily = {table: bool(_OF_DAYS & set(table.names)) for table in rows}
    once = sum(len(frame) for table, frame in rows.items() if not daily[table])
    times = max(1, round((wanted - once) / max(1, sum(map(len, rows.values())) - once)))
    return {
        table: table.conform(pd.concat([_copy(table, frame, n) for n in range(times)])) if daily[table] else frame
        for table, frame in rows.items()
    }


def _copy(table: Table, frame: pd.DataFrame, number: int) -> pd.DataFrame:
    text = [column.name for column in table.columns if column.type == "text"]
    own = [name for name in text if name in table.key or name in ("alert_id", "source_file_id")]
    return frame.assign(**{name: frame[name] + f"-{number}" for name in own}) if number else frame


def _changed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    name = next((one.name for one in table.columns if one.type == "real" and one.name not in table.key), None)
    if name is None or frame.empty:
        return frame
    return frame.assign(**{name: frame[name].where(pd.RangeIndex(len(frame)) % 10 > 0, 1.25)})


def _load(warehouse: Warehouse, rows: Rows) -> None:
    with warehouse.transaction():
        for table, frame in rows.items():
            warehouse.sync(table, frame)


def demo_rows(home: Path | None, folder: Path) -> Rows:
    """The rows of a home's warehouse, or of a demonstration made in a folder; without reviews."""
    settings = Settings(home=home or folder / "demo", warehouse_url="")
    if home is None:
        print("Making the demonstration month …")
        run_demo(settings, now=datetime.now(UTC), progress=lambda line: None)
    with open_for_reading(settings.database_url) as warehouse:
        return {table: warehouse.read(table) for table in WAREHOUSE if not table.name.startswith("review")}


@contextmanager
def server_at(url: str | None) -> Iterator[str]:
    """The address given, or that of an empty database on a private server, which ends afterwards."""
    if url:
        yield url
        return
    from tests import postgres

    programs = postgres.programs()
    if programs is None:
        raise InputError(f"PostgreSQL is not installed: {postgres.INSTALL}; or name a database: --postgres ADDRESS")
    server = postgres.start(programs, durable=True)
    try:
        yield server.new()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
