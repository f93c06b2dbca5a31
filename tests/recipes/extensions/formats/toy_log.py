"""The toy log: a position a line, `TOY|mmsi|Unix seconds|longitude|latitude|knots|name|imo|draught`; times are UTC."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.record import Content, Head, Reading, Source, quoted, select_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "mmsi": "cell[2]",
    "timestamp": "to_timestamp(try_cast(cell[3] as bigint)) at time zone 'UTC'",
    "longitude": "cell[4]",
    "latitude": "cell[5]",
    "sog_kn": "cell[6]",
    "name": "cell[7]",
    "imo": "cell[8]",
    "draught_m": "cell[9]",
}


def _recognises(head: Head) -> bool:
    return bool(head.lines) and head.lines[0].startswith("TOY|")


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    lines = (
        f"read_csv({quoted(content.path)}, columns = {{'raw': 'varchar'}}, header = false, delim = '\\x1f', quote = '')"
    )
    con.execute(
        "create or replace temp table toy as "
        f"select row_number() over () as line, raw, string_split(raw, '|') as cell from {lines}"
    )
    return Reading(select_record(_COLUMNS, "toy"), select_record(_COLUMNS, "toy", "line, raw, "))


SOURCE = Source("toy_log", "the toy log", "made up, free use", _recognises, _read)
