"""Which files of the landing folders were looked at already, so that a watch costs a look at names, not at contents;
and what each path last gave, which a corrected file of the same path takes the place of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path


def record_file(
    catalog: sqlite3.Connection, path: Path, *, source_file_id: str | None = None, refused: str | None = None
) -> None:
    """Remember a file as it is now: landed, or refused with the reason; what it gave before a refusal stands."""
    catalog.execute(
        "insert into landing_manifest (path, bytes, modified_ns, refused, source_file_id) values (?, ?, ?, ?, ?) "
        "on conflict (path) do update set bytes = excluded.bytes, modified_ns = excluded.modified_ns, "
        "refused = excluded.refused, source_file_id = coalesce(excluded.source_file_id, source_file_id)",
        (str(path.resolve()), *_state(path), refused, source_file_id),
    )


def landed_before(catalog: sqlite3.Connection, path: Path) -> str | None:
    """source_file_id of what a path last gave; None if nothing, or if another path gave the same."""
    row = catalog.execute(
        "select source_file_id from landing_manifest where path = ? and source_file_id not in "
        "(select source_file_id from landing_manifest where path <> ? and source_file_id is not null)",
        [str(path.resolve())] * 2,
    ).fetchone()
    return row[0] if row else None


def unrecorded_files(catalog: sqlite3.Connection, paths: Iterable[Path]) -> list[Path]:
    """The files that were never looked at, or have another size or time than then."""
    known = {row[0]: row[1:] for row in catalog.execute("select path, bytes, modified_ns from landing_manifest")}
    return [path for path in paths if known.get(str(path.resolve())) != _state(path)]


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns
