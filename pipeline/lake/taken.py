"""Which files of the landing folders were looked at already, so that a watch costs a look at names, not at contents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

_SCHEMA = """
create table if not exists taken (
    path text primary key, bytes integer not null, modified_ns integer not null, refused text) without rowid;
"""


def note_taken(catalog: sqlite3.Connection, path: Path, refused: str | None = None) -> None:
    """Remember a file as it is now: landed, or refused with the reason."""
    state = path.stat()
    catalog.executescript(_SCHEMA)
    catalog.execute(
        "insert or replace into taken values (?, ?, ?, ?)",
        (str(path.resolve()), state.st_size, state.st_mtime_ns, refused),
    )


def not_taken(catalog: sqlite3.Connection, paths: Iterable[Path]) -> list[Path]:
    """The files that were never looked at, or have another size or time than then."""
    catalog.executescript(_SCHEMA)
    known = {row[0]: row[1:] for row in catalog.execute("select path, bytes, modified_ns from taken")}
    return [path for path in paths if known.get(str(path.resolve())) != (path.stat().st_size, path.stat().st_mtime_ns)]
