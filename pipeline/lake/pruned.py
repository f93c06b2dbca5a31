"""Pruned days: of their parts only the rows of some ships are kept, and raw bytes of files that hold nothing else go.

What was derived of them stays, and rests on runs, which stay too; but their positions cannot be compressed again. So
these days, and the day after them (whose first hours rest on theirs), are closed: no file changes them any more. The
catalogue still says what they were made from; landing the same files again makes them whole, and opens them.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import InputError
from pipeline.formats.record import quoted
from pipeline.lake.bucket import Place, Stored, on_disk, readable, size_of
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
    """A part that is (to be) pruned, by its name in the catalogue: rows that landed, rows that are kept, bytes before,
    and bytes left (of one that is to be pruned an estimate)."""

    kind: str
    day: str
    path: str
    rows: int
    kept: int
    bytes: int
    left: int


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


def parts_to_prune(lake: Lake, before: str, keep: Mapping[str, Collection[int]]) -> Iterator[PrunedPart]:
    """The parts of UTC days before a day that are not pruned yet, with what would be kept of them.

    keep  UTC day to the MMSIs whose rows are kept
    """
    for kind, day, path, rows, _ in _standing(lake, before):
        place = lake.place(kind, path)
        with reading(place):
            kept, size = _count(place, keep.get(day, ())), size_of(place)
        yield PrunedPart(kind, day, path, rows, kept, size, round(size * kept / rows) if rows else size)


def prune_day(lake: Lake, day: str, keep: Collection[int], spill: Path) -> list[PrunedPart]:
    """Put parts with the rows of some ships alone in place of a UTC day's parts: all of them, or none. Who reads the
    bucket sees the day's parts before or after; those before are removed a day later (`BucketWriter.sweep`).

    raises  InputError if a part is gone or damaged
    """
    pruned: list[tuple[PrunedPart, Path]] = []
    with opened(spill) as con:
        for kind, of_day, path, rows, source_file_id in _standing(lake, day, day):
            place = lake.place(kind, path)
            with reading(place), on_disk(place, spill) as local:
                target = place_of_pruned(local)
                kept = _write_kept(con, local, keep, target)
                size, left = local.stat().st_size, target.stat().st_size
            if lake.remote:
                name = lake.remote.send_part(kind, of_day, source_file_id, target)
            else:
                name = str(target.relative_to(lake.root))
            pruned.append((PrunedPart(kind, of_day, name, rows, kept, size, left), Path(path)))
    if lake.remote:
        lake.remote.sent([day])
        shutil.rmtree(spill / "fetched", ignore_errors=True)
    with transaction(lake.catalog):
        for part, before in pruned:
            lake.catalog.execute("update part set path = ? where path = ?", (part.path, str(before)))
            lake.catalog.execute("insert into pruned_part values (?, ?, ?)", (part.path, part.kept, part.bytes))
    if lake.remote:
        lake.remote.publish([day])
    else:
        for _, before in pruned:
            (lake.root / before).unlink(missing_ok=True)
    return [part for part, _ in pruned]


def raw_to_prune(lake: Lake, before: str) -> dict[Place, int]:
    """Raw files that hold nothing but positions and vessel reports of days before a day (UTC), and their bytes."""
    rows = lake.catalog.execute(
        "select sha256, bytes from source_file where substr(to_at, 1, 10) < ?1 and source_file_id not in ("
        " select source_file_id from part where kind in ('events', 'vessels', 'detections', 'answers', 'images')"
        f" or ({_OF_DAYS} and day >= ?1))",
        [before],
    )
    wanted = dict(rows.fetchall())
    held: Iterable[Place] = lake.raw.iterdir() if lake.raw.is_dir() else ()
    if lake.bucket:
        keys = lake.catalog.execute("select key from bucket_key where key like 'raw/%' order by key")
        held = [Stored(lake.bucket, key) for (key,) in keys]
    return {place: wanted[sha256] for place in held if (sha256 := place.name.partition(".")[0]) in wanted}


def prune_raw(lake: Lake, files: Collection[Place]) -> None:
    """Let go of raw files."""
    if lake.remote:
        lake.remote.let_go([place.key for place in files if isinstance(place, Stored)])
    for place in files:
        if isinstance(place, Path):
            place.unlink(missing_ok=True)


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


def _standing(lake: Lake, before: str, only: str | None = None) -> list[tuple[str, str, str, int, str]]:
    """kind, day, path, rows, source_file_id of parts that are not pruned, of days before one, or of one day."""
    day = "day = ?" if only else "day < ?"
    rows = lake.catalog.execute(
        f"select kind, day, path, rows, source_file_id from part where {_OF_DAYS} and {day}"
        " and path not in (select path from pruned_part) order by day, kind, path",
        [only or before],
    )
    return rows.fetchall()


def _count(place: Place, keep: Collection[int]) -> int:
    """How many rows of a part have ships that are kept."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = pa.array(sorted(keep), pa.int64())
    with pq.ParquetFile(readable(place)) as file:
        batches = file.iter_batches(columns=["mmsi"])
        return sum(pc.sum(pc.is_in(batch.column(0), wanted), min_count=0).as_py() for batch in batches)


def _write_kept(con: DuckDBPyConnection, path: Path, keep: Collection[int], target: Path) -> int:
    """Write the rows of a part whose ships are kept, in their order; returns how many.

    raises  as pyarrow where the part is what is wrong, for `reading` to tell
    """
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    con.register("kept_ship", pa.table({"mmsi": pa.array(sorted(keep), pa.int64())}))
    part = f"read_parquet({quoted(path)}, hive_partitioning = false)"
    wanted = f"select * from {part} where mmsi in (select mmsi from kept_ship)"
    try:
        return int(con.execute(f"copy ({wanted}) to {quoted(target)} (format parquet)").fetchall()[0][0])
    except duckdb.Error:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches():
                pass
        raise
