"""What a run notes for the next one by name: versions that results were made with, stamps, the end of the data."""

from __future__ import annotations

import sqlite3

from pipeline.lake.catalog import transaction

_SCHEMA = "create table if not exists run_state (name text primary key, value text not null) without rowid;"


class RunState:
    """Named values in the lake's catalogue."""

    def __init__(self, catalog: sqlite3.Connection) -> None:
        self.catalog = catalog
        catalog.executescript(_SCHEMA)

    def get(self, name: str) -> str | None:
        """What was noted under a name; None if nothing was."""
        row = self.catalog.execute("select value from run_state where name = ?", [name]).fetchone()
        return row[0] if row else None

    def note(self, **values: str) -> None:
        """Note values, all or none."""
        with transaction(self.catalog):
            self.catalog.executemany("insert or replace into run_state values (?, ?)", list(values.items()))
