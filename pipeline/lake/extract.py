"""Positions out of the lake: those of some ships, days and waters, in order, in bounded memory.

One UTC day is asked at a time and its rows stream by, so a year costs the memory of its largest day's sort, which goes
to disk where it is large. Repeats across files are one position, by the rule of `reading.read_positions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.contracts import POSITION
from pipeline.formats.record import quoted
from pipeline.lake.bucket import Place, Ranges
from pipeline.lake.damage import reading
from pipeline.lake.engine import opened

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.dataset
    from duckdb import DuckDBPyConnection

    from pipeline.lake.lake import Lake

    Box = tuple[float, float, float, float]
    Within = Callable[[np.ndarray, np.ndarray], np.ndarray]

BATCH = 100_000  # rows that are held at once, and a row group of what is written
_OF_FILE = "source_file_id"
_CONTENT = [name for name in POSITION.names if name not in ("receiver", _OF_FILE)]
# Terrestrial and satellite before unknown, so that of equal rows the one that knows is kept.
_RANK = "case receiver when 'terrestrial' then 0 when 'satellite' then 1 else 2 end"
_SQL_TYPES = {"int": "bigint", "real": "double", "text": "varchar", "time": "timestamp"}


class Span(NamedTuple):
    """A ship on an MMSI, from a first to a last moment (UTC); always, where these are None."""

    mmsi: int
    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass(frozen=True)
class Chosen:
    """Which positions are wanted; everything given must hold.

    ships    any of these; None: every ship
    boxes    west, south, east, north (degrees, edges included); a west above its east goes over the 180th meridian
    within   whether points (longitudes, latitudes) are in waters that a box alone does not tell
    """

    ships: tuple[Span, ...] | None = None
    boxes: tuple[Box, ...] = ()
    within: Within | None = None


def schema() -> pa.Schema:
    """The columns of positions as they leave the lake: those of POSITION; MMSI as text of nine digits, times in UTC."""
    import pyarrow as pa

    types = {"int": pa.int64(), "real": pa.float64(), "text": pa.string(), "time": pa.timestamp("us", "UTC")}
    special = {"mmsi": pa.string(), "nav_status": pa.int8()}
    return pa.schema(
        [pa.field(one.name, special.get(one.name, types[one.type]), nullable=one.null) for one in POSITION.columns]
    )


def extract(lake: Lake, days: Sequence[str], chosen: Chosen, spill: Path) -> Iterator[tuple[str, pa.Table]]:
    """The chosen positions of UTC days, in order of day, mmsi, timestamp, then content.

    spill    a folder for what does not fit into memory, which need not be there
    returns  day and rows of `schema`, in tables of about `BATCH` rows; a day with none gives one table without rows
    raises   InputError if a part is gone or damaged
    """
    import pyarrow as pa

    with opened(spill) as con:
        if chosen.ships is not None:
            con.register("ship", _spans(chosen.ships))
        for day in days:
            parts = lake.parts("positions", day)
            if parts:
                files: list[Ranges] = []
                query = _of_day(con, parts, files, chosen)
                with telling(files):
                    for batch in con.sql(query).to_arrow_reader(BATCH):
                        table = pa.Table.from_batches([batch]).cast(schema())
                        yield day, table if chosen.within is None else _inside(table, chosen.within)
            yield day, schema().empty_table()


@contextmanager
def telling(files: Sequence[Ranges]) -> Iterator[None]:
    """What the server of a bucket refused while a query read from it is told as that."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError):
        for file in files:
            if file.failed is not None:
                with reading(file.stored):
                    raise file.failed from None
        raise


def _inside(table: pa.Table, within: Within) -> pa.Table:
    import pyarrow as pa

    return table.filter(pa.array(within(*(table.column(name).to_numpy() for name in ("longitude", "latitude")))))


def _spans(ships: Sequence[Span]) -> pa.Table:
    import pyarrow as pa

    moment = pa.timestamp("us")
    naive = [[at and at.replace(tzinfo=None) for at in (one.from_at, one.to_at)] for one in ships]
    return pa.table({
        "mmsi": pa.array([one.mmsi for one in ships], pa.int64()),
        "from_at": pa.array([begin for begin, _ in naive], moment),
        "to_at": pa.array([end for _, end in naive], moment),
    })  # fmt: skip


def _of_day(con: DuckDBPyConnection, parts: Sequence[tuple[Place, str]], files: list[Ranges], chosen: Chosen) -> str:
    """SQL: the chosen positions of a day's parts, in order, repeats removed.

    files  gets what is read of a bucket
    """
    rows = of_parts(con, parts, files, chosen)
    here = f"row({', '.join(_CONTENT)})"
    names = [f"lpad({name}::varchar, 9, '0') as {name}" if name == "mmsi" else name for name in POSITION.names]
    names = [f"timezone('UTC', {name}) as {name}" if name == "timestamp" else name for name in names]
    return f"""
        select {", ".join(names)}
        from (select *, lag({here}) over () as before
              from (select * from ({rows}) order by {", ".join(f"{name} nulls last" for name in _CONTENT)},
                    {_RANK}, {_OF_FILE}))
        where before is null or before is distinct from {here}"""


def of_parts(con: DuckDBPyConnection, parts: Sequence[tuple[Place, str]], files: list[Ranges], chosen: Chosen) -> str:
    """SQL: the chosen positions of parts, in no order, repeats among them; run it within `telling` of the files.

    files   gets what is read of a bucket
    raises  InputError if a part is gone or damaged
    """
    return " union all ".join(_of_part(con, place, file_id, files, chosen) for place, file_id in parts)


def _of_part(con: DuckDBPyConnection, place: Place, source_file_id: str, files: list[Ranges], chosen: Chosen) -> str:
    """SQL: the chosen positions of one part; a column that parts of an earlier coalwatch lack is null. Of a part in a
    bucket pyarrow fetches what DuckDB's conditions leave of it."""
    import pyarrow.parquet as pq

    with reading(place):
        if isinstance(place, Path):
            stored = set(pq.read_schema(place).names)
            part = f"read_parquet({quoted(place)}, hive_partitioning = false)"
        else:
            files.append(Ranges(place))
            rows, part = _dataset(files[-1]), f"part_{len(files)}"
            con.register(part, rows)
            stored = set(rows.schema.names)
    columns = [
        f"{quoted(source_file_id)} as {_OF_FILE}" if one.name == _OF_FILE
        else f"{one.name if one.name in stored else 'null'}::{_SQL_TYPES[one.type]} as {one.name}"
        for one in POSITION.columns
    ]  # fmt: skip
    return f"select {', '.join(columns)} from {part} as p where {' and '.join(_conditions(chosen))}"


def _dataset(file: Ranges) -> pa.dataset.Dataset:
    import pyarrow as pa
    import pyarrow.dataset as ds

    form = ds.ParquetFileFormat()
    fragment = form.make_fragment(pa.PythonFile(file, "r"))
    return ds.FileSystemDataset([fragment], fragment.physical_schema, form)


def _conditions(chosen: Chosen) -> list[str]:
    where = ["true"]
    if chosen.ships is not None:
        mmsis = sorted({one.mmsi for one in chosen.ships})
        where.append(f"mmsi between {mmsis[0]} and {mmsis[-1]}" if mmsis else "false")  # skips whole row groups
        where.append(
            "exists (select 1 from ship where ship.mmsi = p.mmsi and coalesce(p.timestamp >= ship.from_at, true)"
            " and coalesce(p.timestamp <= ship.to_at, true))"
        )
    for west, south, east, north in chosen.boxes:
        where.append(f"latitude between {south} and {north}")
        over = "or" if west > east else "and"
        where.append(f"(longitude >= {west} {over} longitude <= {east})")
    return where
