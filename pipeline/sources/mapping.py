"""Any CSV or Parquet file by a column mapping: a YAML file that says which column is what, in which unit
(docs/sources.md)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.errors import InputError
from pipeline.seedfile import load_seed
from pipeline.sources.delimited import read_delimited
from pipeline.sources.noaa import nav_status_code
from pipeline.sources.record import (
    POSITION_COLUMNS,
    RECORD,
    REPORT_COLUMNS,
    Content,
    Head,
    Reading,
    Source,
    identifier,
    quoted,
    select_record,
)  # fmt: skip

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Factors to the unit of our column: knots and metres.
UNITS = {
    "kn": 1.0,
    "m/s": 3600 / 1852,
    "km/h": 1 / 1.852,
    "deci_kn": 0.1,
    "m": 1.0,
    "dm": 0.1,
    "deg": 1.0,
    "1/600000 deg": 1 / 600000,
}
_SECONDS = {"unix_seconds": 1, "unix_milliseconds": 1000, "unix_microseconds": 1_000_000}


class MappedColumn(BaseModel):
    """One column: its name in the file, and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str = Field(alias="from")
    unit: Literal["kn", "m/s", "km/h", "deci_kn", "m", "dm", "deg", "1/600000 deg"] | None = None
    format: str | None = None
    null_values: tuple[str | int | float, ...] = ()


class Mapping(BaseModel):
    """A column mapping.

    mapping     its name, as SOURCE on the command line
    columns     RECORD column -> column of the file; mmsi, timestamp, longitude and latitude are needed
    constants   RECORD column -> value that holds for the whole file (receiver, transceiver_class)
    ignored     columns of the file that are knowingly not read; any other unnamed column is an error
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mapping: str
    title: str
    source: str
    licence: str
    delimiter: str = ","
    columns: dict[str, MappedColumn]
    constants: dict[str, str] = {}
    ignored: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_columns(self) -> Mapping:
        allowed = [name for name in RECORD if name != "hint"]
        for name in (*self.columns, *self.constants):
            if name not in allowed:
                raise ValueError(f"{name}: no such column; expected one of {', '.join(allowed)}")
        for name in ("mmsi", "timestamp", "longitude", "latitude"):
            if name not in self.columns:
                raise ValueError(f"columns lack {name}; expected mmsi, timestamp, longitude and latitude at least")
        return self


def load_mapping(path: Path) -> Source:
    """The source that a mapping file describes.

    raises  InputError naming file, line, field, found and expected
    """
    mapping = load_seed(path, Mapping)
    wanted = {column.name for column in mapping.columns.values()}

    def recognises(head: Head) -> bool:
        return head.parquet or wanted <= set(_header(head, mapping))

    def read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
        return _read(con, content, head, mapping)

    version = hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()[:16]

    def layout(head: Head) -> str | None:
        return ",".join(_header(head, mapping)) or None

    return Source(mapping.mapping, mapping.title, mapping.licence, recognises, read, version, layout)


def _header(head: Head, mapping: Mapping) -> list[str]:
    return [part.strip().strip('"') for part in head.lines[0].split(mapping.delimiter)] if head.lines else []


def _read(con: DuckDBPyConnection, content: Content, head: Head, mapping: Mapping) -> Reading:
    if head.parquet:
        header = [row[0] for row in con.execute(f"describe select * from {_parquet(content)}").fetchall()]
    else:
        header = _header(head, mapping)
    for column, mapped in mapping.columns.items():
        if mapped.name not in header:
            raise InputError(
                f"{content.name}: no {mapped.name} column for {column} (found: {', '.join(header)[:200]}); mend it"
            )
    unread = set(header) - {mapped.name for mapped in mapping.columns.values()} - set(mapping.ignored)
    if unread:
        raise InputError(
            f"{content.name}: column {min(unread)} is neither read nor ignored by {mapping.mapping}; name it there"
        )
    expressions = {name: _expression(name, mapped) for name, mapped in mapping.columns.items()}
    expressions |= {name: quoted(value) for name, value in mapping.constants.items()}
    if head.parquet:
        relation = f"(select * from {_parquet(content)})"
        numbers = "row_number() over () as line, to_json(file)::varchar as raw"
        raw = f"(select {numbers}, file.* from {_parquet(content)} file)"
        return Reading(select_record(expressions, relation), select_record(expressions, raw, "line, raw, "))
    types = {mapped.name: _type(name, mapped) for name, mapped in mapping.columns.items()}
    time = mapping.columns["timestamp"].format
    time_format = time if time and time not in _SECONDS and time != "iso" else None
    return read_delimited(content, header, types, expressions, time_format, mapping.delimiter)


def _parquet(content: Content) -> str:
    return f"read_parquet({quoted(content.path)})"


def _type(name: str, mapped: MappedColumn) -> str:
    """SQL type in which a CSV column is parsed."""
    if name == "timestamp":
        return "DOUBLE" if mapped.format in _SECONDS else "TIMESTAMP"
    if name == "nav_status":
        return "VARCHAR"
    return "DOUBLE" if RECORD[name] == "INTEGER" else RECORD[name]


def _expression(name: str, mapped: MappedColumn) -> str:
    column = identifier(mapped.name)
    for value in mapped.null_values:
        literal: Any = value if isinstance(value, (int, float)) else quoted(value)
        column = f"nullif({column}, {literal})"
    if name == "timestamp" and mapped.format in _SECONDS:
        return f"make_timestamp(({column} * {1_000_000 // _SECONDS[mapped.format]})::bigint)"
    if name == "nav_status":
        return nav_status_code(f"({column}::varchar)")
    if mapped.unit and UNITS[mapped.unit] != 1.0 and name in POSITION_COLUMNS | REPORT_COLUMNS:
        return f"{column} * {UNITS[mapped.unit]!r}"
    return column
