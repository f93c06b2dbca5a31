"""What a lake says of itself at a glance, for whoever only reads: nothing is made, locked or brought up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.lake.catalog import landed_days
from pipeline.sqlite_reading import open_for_reading


@dataclass(frozen=True)
class Glance:
    """A lake as its catalogue tells it.

    home_id       id of the home; None before its first run with a coalwatch that gives one
    stamps        of the warehouses that hold what is derived (see `tasks.warehouse_stamp`); None likewise
    derived_days  UTC days of which something is derived
    waiting_days  UTC days that landed, or landed otherwise, since something was derived of them
    source_files  ids of all files that ever landed
    """

    home_id: str | None
    stamps: tuple[str, ...] | None
    derived_days: int
    waiting_days: int
    source_files: frozenset[str]


def glance(home: Path) -> Glance | None:
    """A look at the lake of a home; None if there is none, or it cannot be read by this user."""
    path = home.absolute() / "lake" / "catalog.sqlite"
    if not path.is_file():
        return None
    try:
        with closing(open_for_reading(path, timeout=60)) as catalog:
            return _look(catalog)
    except sqlite3.Error:
        return None


def _look(catalog: sqlite3.Connection) -> Glance:
    tables = {name for (name,) in catalog.execute("select name from sqlite_master where type = 'table'")}
    noted: dict[str, str] = {}
    derived: dict[str, str] = {}
    if "run_state" in tables:
        noted = dict(catalog.execute("select name, value from run_state where name in ('home_id', 'warehouse')"))
    elif "told" in tables:  # of an earlier coalwatch, until the next run brings it to this form
        noted = dict(catalog.execute("select what, value from told where what in ('home_id', 'warehouse')"))
    if "result" in tables:
        derived = dict(catalog.execute("select day, made_from from result where kind = 'runs'"))
    landed = landed_days(catalog)
    waiting = [day for day, content in landed.items() if derived.get(day, "").partition("-")[0] != content]
    stamps = noted.get("warehouse")
    files = frozenset(one for (one,) in catalog.execute("select source_file_id from source_file"))
    return Glance(
        noted.get("home_id"),
        None if stamps is None else tuple(stamps.split()),
        len(derived),
        len(waiting),
        files,
    )
