"""Reading the lake: a day's parts as one frame, sorted by content, repeats across files removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.contracts import (
    POSITION,
    RECEIVERS,
    REJECT,
    REJECTED_ROW_COUNT,
    SOURCE_FILE,
    UNREAD_FIELD_COUNT,
    VESSEL_REPORT,
    Table,
)
from pipeline.lake.bucket import Place, readable
from pipeline.lake.damage import damaged, reading

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pandas import DataFrame

_PRECISION = ("precision_m", "precision_s")
_HOUR_US, _HOURS = 3_600_000_000, 1 << 24  # more hours than since 1970 for centuries
_LAST_MMSI = 999_999_999
_LEAST = 100  # positions: what is made of a ship takes as much room, however seldom she was heard
_POSITION_CONTENT = [name for name in POSITION.names if name not in ("receiver", "source_file_id")]
_REPORT_CONTENT = [n for n in VESSEL_REPORT.names if n not in ("timestamp", "last_at", "source_file_id")]


def read_positions(
    parts: Sequence[tuple[Place, str]], columns: Sequence[str] | None, mmsis: tuple[int, int] | None = None
) -> tuple[DataFrame, int]:
    """A day's positions (POSITION, or `columns` of it) and the number of repeats that were removed.

    parts   path and source_file_id, each part sorted by mmsi and timestamp
    mmsis   first and last MMSI of a range, where not all are wanted

    Sorted by mmsi, timestamp, then the other columns. Rows equal in all but receiver and source_file_id are one
    position; it keeps the receiver that is known, and the first file. Only rows that share MMSI and time are compared,
    so a day of one part costs little more than its reading.
    """
    import numpy as np
    import pyarrow as pa

    if not parts:
        return _frame(POSITION, None, columns), 0
    if len(parts) == 1:
        wanted = list(dict.fromkeys(["mmsi", "timestamp", *(columns if columns is not None else POSITION.names)]))
        frame = _frame(POSITION, _part(*parts[0], wanted, mmsis), wanted)
        if not _same_as_before(frame["mmsi"].to_numpy(), frame["timestamp"].array.view("int64")).any():
            return (frame if columns is None else frame[list(columns)]), 0
    table = pa.concat_tables([_part(path, source_file_id, None, mmsis) for path, source_file_id in parts])
    if len(parts) > 1:
        table = table.take(pa.array(np.lexsort((_numbers(table, "timestamp"), _numbers(table, "mmsi")))))
    same = _same_as_before(_numbers(table, "mmsi"), _numbers(table, "timestamp"))
    repeats = 0
    if same.any():
        table, repeats = _settle_ties(table, same)
    return _frame(POSITION, table, columns), repeats


def _same_as_before(mmsi: np.ndarray, timestamp: np.ndarray) -> np.ndarray:
    """Whether each row from the second on has the MMSI and time of the row before it."""
    return (mmsi[1:] == mmsi[:-1]) & (timestamp[1:] == timestamp[:-1])


def _settle_ties(table: pa.Table, same: np.ndarray) -> tuple[pa.Table, int]:
    """Order rows of one MMSI and time by content and keep one of equal ones."""
    import numpy as np
    import pyarrow as pa

    tied = np.zeros(len(table), dtype=bool)
    tied[1:] |= same
    tied[:-1] |= same
    at = np.flatnonzero(tied)
    ties = table.take(pa.array(at)).to_pandas()
    # terrestrial and satellite before unknown, so that what is kept is what was known
    ties["receiver_rank"] = ties["receiver"].map({"terrestrial": 0, "satellite": 1}).fillna(2)
    ties = ties.sort_values([*_POSITION_CONTENT, "receiver_rank", "source_file_id"], kind="stable", na_position="last")
    again = ties.duplicated(_POSITION_CONTENT).to_numpy()
    index = np.arange(len(table))
    index[at] = at[ties.index.to_numpy()]
    keep = np.ones(len(table), dtype=bool)
    keep[at] = ~again
    return table.take(pa.array(index[keep])), int(again.sum())


def mmsi_ranges(paths: Sequence[Place], most: int) -> list[tuple[int, int]]:
    """First and last MMSI of ranges that hold about `most` positions of these parts each, in order, without a gap
    between them, by the positions that each MMSI has, and one with few as `_LEAST`; one MMSI is never divided."""
    import numpy as np

    mmsi, rows = _positions_a_ship(paths)
    rows = np.maximum(rows, _LEAST)
    number = (np.cumsum(rows) - rows) // most  # of the range that a ship's first position falls into
    ends = np.append(mmsi[np.flatnonzero(np.diff(number))], _LAST_MMSI)
    return list(zip([0, *(ends[:-1] + 1).tolist()], ends.tolist(), strict=True))


def _positions_a_ship(paths: Sequence[Place]) -> tuple[np.ndarray, np.ndarray]:
    """The MMSIs in parts, in order, and how many positions each has; the parts are read a row group at a time."""
    import numpy as np
    import pyarrow.parquet as pq

    mmsis, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for path in paths:
        with reading(path), pq.ParquetFile(readable(path)) as file:
            for group in range(file.num_row_groups):
                of_group = _numbers(file.read_row_group(group, ["mmsi"]), "mmsi")  # sorted
                first = np.flatnonzero(np.r_[True, of_group[1:] != of_group[:-1]][: len(of_group)])
                mmsis.append(of_group[first])
                rows.append(np.diff(np.r_[first, len(of_group)]))
    found, which = np.unique(np.concatenate(mmsis), return_inverse=True)
    return found, np.bincount(which, np.concatenate(rows), len(found)).astype(np.int64)


def read_ships(paths: Sequence[Place]) -> set[int]:
    """The MMSIs in parts with positions."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: set[int] = set()
    for path in paths:
        with reading(path):
            table = pq.read_table(readable(path), columns=["mmsi"], partitioning=None)
        found.update(pc.unique(table["mmsi"]).to_pylist())
    return found


def read_fixes(parts: Sequence[tuple[Place, str]], mmsis: tuple[int, int] | None = None) -> dict[str, np.ndarray]:
    """What movement is derived from, as arrays in the order of `read_positions`, repeats across files removed.

    mmsis    first and last MMSI of a range, where not all are wanted

    returns  mmsi int64; at int64, microseconds since 1970 (UTC); longitude, latitude float64, degrees; sog_kn float64,
             knots, NaN if not sent; receiver int8, index into contracts.RECEIVERS; precision_m, precision_s int32,
             metres and seconds, 0: as exact as AIS is. Of a ship's hour in which there are exact positions, coarse
             ones are left out
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own clears huge pages: five times the time of the reading
    columns = ["mmsi", "timestamp", "longitude", "latitude", "sog_kn", "receiver"]
    table = None
    if len(parts) == 1:  # text as dictionary codes: a tenth of the time
        path = parts[0][0]
        with reading(path), pq.ParquetFile(readable(path), memory_map=True) as file:
            stored = set(file.schema.names)
            if missing := [name for name in columns if name not in stored]:
                raise damaged(path, f"it has no column {missing[0]}")
            table = _range(path, file, [*columns, *(name for name in _PRECISION if name in stored)], mmsis)
        if _same_as_before(_numbers(table, "mmsi"), _numbers(table, "timestamp")).any():
            table = None
    if table is None:
        table = pa.Table.from_pandas(read_positions(parts, [*columns, *_PRECISION], mmsis)[0], preserve_index=False)
    return _exact_first(
        {
            "mmsi": _numbers(table, "mmsi"),
            "at": _numbers(table, "timestamp"),
            **{name: table.column(name).to_numpy() for name in ("longitude", "latitude", "sog_kn")},
            "receiver": _codes(table.column("receiver")),
            **{name: _precision(table, name) for name in _PRECISION},
        }
    )


def _range(path: Place, file: pq.ParquetFile, columns: list[str], mmsis: tuple[int, int] | None) -> pa.Table:
    """Columns of the rows of a range of MMSIs, of a file that is sorted by them: its row groups, cut at both ends. To
    filter costs half as much again, as it copies what it keeps."""
    import numpy as np

    if mmsis is None:
        return file.read(columns)
    first, last = mmsis
    at = file.schema.names.index("mmsi")
    groups = []
    for group in range(file.num_row_groups):
        held = file.metadata.row_group(group).column(at).statistics
        if held is None or not held.has_min_max or (held.min <= last and held.max >= first):
            groups.append(group)
    table = file.read_row_groups(groups, columns)
    numbers = _numbers(table, "mmsi")
    if (numbers[1:] < numbers[:-1]).any():
        raise damaged(path, "its rows are not in order of mmsi")
    begin, end = np.searchsorted(numbers, [first, last + 1])
    return table.slice(begin, end - begin)


def _precision(table: pa.Table, name: str) -> np.ndarray:
    """A column of precision as whole numbers, 0 for null; of a table without it likewise."""
    import numpy as np
    import pyarrow.compute as pc

    if name not in table.column_names or table.column(name).null_count == len(table):
        return np.zeros(len(table), np.int32)
    values: Any = pc.ceil(pc.fill_null(table.column(name).cast("double"), 0.0))
    return values.to_numpy().astype(np.int32)


def _exact_first(fixes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Without the coarse fixes of a ship's UTC hours in which she has exact ones."""
    import numpy as np

    coarse = fixes["precision_m"] + fixes["precision_s"] > 0
    if not coarse.any() or coarse.all():
        return fixes
    hour = fixes["mmsi"] * _HOURS + fixes["at"] // _HOUR_US
    kept = ~coarse | ~np.isin(hour, hour[~coarse])
    return {name: values[kept] for name, values in fixes.items()}


def read_vessel_reports(*days: Sequence[tuple[Place, str]], mmsis: tuple[int, int] | None = None) -> DataFrame:
    """Vessel reports (VESSEL_REPORT) of UTC days, each of some parts, sorted by mmsi, timestamp, then content; of
    MMSIs from the first to the last one, if these are named.

    Files of a day that give the same content of a vessel in the same hour give one row: the first and last time of all,
    the first file.
    """
    import pyarrow as pa

    parts = [part for parts in days for part in parts]
    if not parts:
        return VESSEL_REPORT.empty()
    tables = [_part(*part, VESSEL_REPORT.names, mmsis) for part in parts]
    frame = _frame(VESSEL_REPORT, pa.concat_tables(tables), None)
    if any(len(parts) > 1 for parts in days):
        hour = frame["timestamp"].dt.floor("h").rename("hour")
        merged = {"timestamp": "min", "last_at": "max", "source_file_id": "min"}
        frame = frame.groupby([hour, *_REPORT_CONTENT], dropna=False, sort=False).agg(merged).reset_index()
    return VESSEL_REPORT.conform(frame.sort_values(["mmsi", "timestamp", *_REPORT_CONTENT], kind="stable"))


def read_rejects(parts: Sequence[tuple[Place, str]]) -> DataFrame:
    """Rejected rows (REJECT) of one file, sorted by line."""
    import pyarrow as pa

    return _frame(REJECT, pa.concat_tables([_part(*part, REJECT.names) for part in parts]) if parts else None, None)


def read_source_files(con: sqlite3.Connection) -> DataFrame:
    """All files of the catalogue (SOURCE_FILE), in order of landing."""
    return _rows(con, SOURCE_FILE, "landed_at, source_file_id")


def read_rejected_row_counts(con: sqlite3.Connection) -> DataFrame:
    """All rejection counts of the catalogue (REJECTED_ROW_COUNT)."""
    return _rows(con, REJECTED_ROW_COUNT, "source_file_id, reason")


def read_unread_field_counts(con: sqlite3.Connection) -> DataFrame:
    """All counts of what could not be read, of the catalogue (UNREAD_FIELD_COUNT)."""
    return _rows(con, UNREAD_FIELD_COUNT, "source_file_id, field")


def _rows(con: sqlite3.Connection, table: Table, order: str) -> DataFrame:
    from pandas import DataFrame, to_datetime

    rows = con.execute(f"select {', '.join(table.names)} from {table.name} order by {order}").fetchall()
    frame = DataFrame(rows, columns=table.names, dtype=object)
    for column in table.columns:
        if column.type == "time":
            frame[column.name] = to_datetime(frame[column.name], utc=True, format="ISO8601").dt.as_unit("us")
        if column.type == "text":
            frame[column.name] = frame[column.name].astype("str")
    return table.conform(frame)


def _in_range(mmsis: tuple[int, int] | None) -> list[tuple[str, str, int]] | None:
    """A range of MMSIs as a filter of Parquet rows."""
    return mmsis and [("mmsi", ">=", mmsis[0]), ("mmsi", "<=", mmsis[1])]


def _part(
    path: Place, source_file_id: str, columns: Sequence[str] | None = None, mmsis: tuple[int, int] | None = None
) -> pa.Table:
    """One part (or some of its columns); its source_file_id is not in the file but in the catalogue. A column that
    parts of an earlier coalwatch lack is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = POSITION.names if columns is None else columns
    wanted = [name for name in columns if name != "source_file_id"]
    with reading(path):
        file = readable(path)
        held = set(pq.read_schema(file).names)
        stored = [name for name in wanted if name in held]
        table = pq.read_table(file, columns=stored, partitioning=None, memory_map=True, filters=_in_range(mmsis))
    # A column that happens to hold no null is written as one that never does; so parts do not differ in that.
    table = table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))
    for name in wanted:
        if name not in table.column_names:
            kind = pa.float64() if name in _PRECISION else pa.string()
            table = table.append_column(name, pa.nulls(len(table), kind))
    table = table.select(wanted)
    if "source_file_id" in columns:
        name = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), len(table)), [source_file_id])
        table = table.append_column("source_file_id", name)
    return table


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    import pyarrow as pa

    values: Any = table.column(name).cast(pa.int64())
    return values.to_numpy()


def _codes(receivers: pa.ChunkedArray) -> np.ndarray:
    """Kinds of receiver as codes (RECEIVERS)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # As text: DuckDB may write a value twice into a file's dictionary, which pyarrow does not read as a dictionary.
    codes: Any = pc.index_in(receivers, pa.array(RECEIVERS, receivers.type)).cast(pa.int8())
    return codes.to_numpy()


def _frame(table: Table, arrow: pa.Table | None, columns: Sequence[str] | None) -> DataFrame:
    """The Arrow table as a frame of the contract's dtypes, without copies where the types allow it."""
    import pyarrow as pa
    from pandas import DataFrame, Int64Dtype, StringDtype

    names = list(columns) if columns is not None else table.names
    if arrow is None:
        return table.empty()[names]
    types = {"int": pa.int64(), "real": pa.float64(), "text": pa.large_string(), "time": pa.timestamp("us", "UTC")}
    nullable_int, text = {pa.int64(): Int64Dtype()}, {pa.large_string(): StringDtype(na_value=float("nan"))}
    series = {}
    for column in table.columns:
        if column.name in names:
            mapper = text if column.type == "text" else nullable_int if column.dtype == "Int64" else {}
            series[column.name] = arrow.column(column.name).cast(types[column.type]).to_pandas(types_mapper=mapper.get)
    return DataFrame(series, copy=False)[names]
