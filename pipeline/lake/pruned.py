"""Pruned days: of their parts only the rows of some ships are kept, and raw bytes of files that hold nothing else go.

What was derived of them stays, and rests on runs, which stay too; but their positions cannot be compressed again. So
these days, and the day after them (whose first hours rest on theirs), are closed: no file changes them any more. The
catalogue still says what they were made from; landing the same files again makes them whole, and opens them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import InputError
from pipeline.formats.record import quoted
from pipeline.lake.bucket import readable
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import reading
from pipeline.lake.engine import opened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.lake.lake import Lake

KINDS = ("positions", "vessel_reports")  # of parts that are pruned
_SUFFIX = "-pruned"
_OF_DAYS = f"kind in {KINDS}"


class PrunedPart(NamedTuple):
    """A part that is (to be) pruned: rows that landed, rows that are kept, bytes before."""

    kind: str
    day: str
    path: Path
    rows: int
    kept: int
    bytes: int


def pruned_days(con: sqlite3.Connection) -> dict[str, int]:
    """UTC day of which something was pruned, to the number of its positions that are kept, in order of days."""
    rows = con.execute(
        "select day, sum(case when kind = 'positions' then coalesce(kept, rows) else 0 end) from part"
        " left join pruned_part using (path) group by day having count(pruned_part.path) > 0 order by day"
    )
    return dict(rows.fetchall())


def closed_until(con: sqlite3.Connection) -> str | None:
    """The last UTC day that no file may change; None where nothing is pruned."""
    last = con.execute("select max(day) from part join pruned_part using (path)").fetchone()[0]
    return last and (date.fromisoformat(last) + timedelta(days=1)).isoformat()


def files_of_pruned_days(con: sqlite3.Connection) -> list[str]:
    """Names of the files whose landing makes pruned days whole, in order of their first day."""
    rows = con.execute(
        "select name, min(day) as first from part join pruned_part using (path) join source_file using (source_file_id)"
        " group by source_file_id order by first, name"
    )
    return [name for name, _ in rows]


def how_to_restore(con: sqlite3.Connection) -> str:
    """What makes pruned days whole again, in words."""
    names = files_of_pruned_days(con)
    more = f" … {names[-1]}" if len(names) > 1 else ""
    count = f"{len(names)} files" if len(names) > 1 else "1 file"
    return f"landing the same files again makes them whole ({count}: {names[0]}{more})"


def refuse_closed(
    lake: Lake, name: str, made: Collection[tuple[str, str | None, str]], *source_file_ids: str | None
) -> None:
    """Refuse a file that would change a closed day.

    name             the file, for the message
    made             kind, day and content hash of the parts that it is read to
    source_file_ids  files whose parts these take the place of
    raises           InputError
    """
    closed = closed_until(lake.catalog)
    if closed is None:
        return
    marks = ", ".join("?" * len(source_file_ids))
    standing = lake.catalog.execute(
        f"select kind, day, content_hash from part where {_OF_DAYS} and source_file_id in ({marks})", source_file_ids
    )
    made = {part for part in made if part[0] in KINDS}
    changed = sorted(day for _, day, _ in {*standing} ^ made if day is not None and day <= closed)
    if changed:
        raise InputError(
            f"{name}: it would change {changed[0]}, but days up to {closed} are settled since positions were pruned, "
            f"and cannot be derived again; nothing of it was landed, keep it; {how_to_restore(lake.catalog)}, and then "
            "it can land"
        )


def parts_to_prune(lake: Lake, before: str, keep: Mapping[str, Collection[int]], spill: Path) -> Iterator[PrunedPart]:
    """The parts of UTC days before a day that are not pruned yet, with what would be kept of them.

    keep  UTC day to the MMSIs whose rows are kept
    """
    with opened(spill) as con:
        for kind, day, path, rows in _standing(lake, before):
            place = lake.root / path
            kept = con.execute(f"select count(*) {_kept(con, place, keep.get(day, ()))}").fetchall()[0][0]
            yield PrunedPart(kind, day, place, rows, kept, place.stat().st_size)


def prune_day(lake: Lake, day: str, keep: Collection[int], spill: Path) -> list[PrunedPart]:
    """Put parts with the rows of some ships alone in place of a UTC day's parts: all of them, or none."""
    pruned: list[tuple[PrunedPart, Path]] = []
    with opened(spill) as con:
        for kind, of_day, path, rows in _standing(lake, day, day):
            place = lake.root / path
            target = place_of_pruned(place)
            query = f"select * {_kept(con, place, keep)}"
            kept = con.execute(f"copy ({query}) to {quoted(target)} (format parquet)").fetchall()[0][0]
            pruned.append((PrunedPart(kind, of_day, place, rows, kept, place.stat().st_size), target))
    with transaction(lake.catalog):
        for part, target in pruned:
            names = [str(path.relative_to(lake.root)) for path in (target, part.path)]
            lake.catalog.execute("update part set path = ? where path = ?", names)
            lake.catalog.execute("insert into pruned_part values (?, ?, ?)", (names[0], part.kept, part.bytes))
    for part, _ in pruned:
        part.path.unlink(missing_ok=True)
    return [part for part, _ in pruned]


def raw_to_prune(lake: Lake, before: str) -> list[Path]:
    """Raw files that hold nothing but positions and vessel reports of days before a day (UTC)."""
    rows = lake.catalog.execute(
        "select sha256 from source_file where substr(to_at, 1, 10) < ?1 and source_file_id not in ("
        " select source_file_id from part where kind in ('events', 'vessels', 'detections')"
        f" or ({_OF_DAYS} and day >= ?1))",
        [before],
    )
    wanted = {sha256 for (sha256,) in rows}
    held = lake.raw.iterdir() if lake.raw.is_dir() else iter(())
    return sorted(path for path in held if path.name.partition(".")[0] in wanted)


def place_of_pruned(path: Path) -> Path:
    """Where what is kept of a part lies."""
    return path.with_name(f"{path.stem}{_SUFFIX}{path.suffix}")


def kept_ships(lake: Lake, day: str) -> set[int]:
    """MMSIs that have positions on a UTC day in the parts as they are."""
    import pyarrow.parquet as pq

    found: set[int] = set()
    for path, _ in lake.parts("positions", day):
        with reading(path):
            found.update(
                pq.read_table(readable(path), columns=["mmsi"], partitioning=None).column("mmsi").unique().to_pylist()
            )
    return found


def _standing(lake: Lake, before: str, only: str | None = None) -> list[tuple[str, str, str, int]]:
    """kind, day, path, rows of parts that are not pruned, of days before one, or of one day."""
    day = "day = ?" if only else "day < ?"
    rows = lake.catalog.execute(
        f"select kind, day, path, rows from part where {_OF_DAYS} and {day}"
        " and path not in (select path from pruned_part) order by day, kind, path",
        [only or before],
    )
    return rows.fetchall()


def _kept(con: DuckDBPyConnection, path: Path, keep: Collection[int]) -> str:
    """SQL: the rows of a part whose ships are kept, in their order."""
    import pyarrow as pa

    with reading(path):
        con.register("kept_ship", pa.table({"mmsi": pa.array(sorted(keep), pa.int64())}))
        return (
            f"from read_parquet({quoted(path)}, hive_partitioning = false) where mmsi in (select mmsi from kept_ship)"
        )
