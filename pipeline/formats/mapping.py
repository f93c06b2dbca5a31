"""Any CSV or Parquet file by a column mapping: a YAML file that says which column is what, in which unit
(docs/sources.md)."""

from __future__ import annotations

import hashlib
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.errors import InputError
from pipeline.formats import cells
from pipeline.formats.cells import UNIX_FORMATS, Cell, Column
from pipeline.formats.delimited import columns, find_column, read_delimited
from pipeline.formats.noaa import nav_status
from pipeline.formats.record import RECORD, Content, Head, Reading, Source, identifier, parquet, quoted
from pipeline.formats.unpack import torn_parquet
from pipeline.seedfile import load_seed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Unit of a column -> what it measures, and the factor to our unit of that.
UNITS = {
    "kn": ("speed", 1.0),
    "m/s": ("speed", 3600 / 1852),
    "km/h": ("speed", 1 / 1.852),
    "deci_kn": ("speed", 0.1),
    "m": ("length", 1.0),
    "dm": ("length", 0.1),
    "deg": ("angle", 1.0),
    "1/600000 deg": ("angle", 1 / 600000),
    "deci_deg": ("angle", 0.1),
}
# Our number columns: what they measure, and the words for what such a cell should hold.
_MEASURES = {
    "longitude": ("angle", "degrees east"),
    "latitude": ("angle", "degrees north"),
    "sog_kn": ("speed", "a speed"),
    "cog_deg": ("angle", "degrees"),
    "heading_deg": ("angle", "degrees"),
    "length_m": ("length", "a length"),
    "width_m": ("length", "a width"),
    "draught_m": ("length", "a draught"),
}
_SUMS = ("length_m", "width_m")  # of the distances from the antenna to bow and stern, port and starboard
_WORDS = {"receiver": ("satellite", "terrestrial", "unknown"), "transceiver_class": ("A", "B")}
_TEXTS = ("imo", "name", "call_sign", "destination")


class MappedColumn(BaseModel):
    """One column: its name in the file (for length and width also several, to be added), and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: str | tuple[str, ...] = Field(alias="from")
    unit: Literal["kn", "m/s", "km/h", "deci_kn", "m", "dm", "deg", "1/600000 deg", "deci_deg"] | None = None
    format: str | None = None
    zone: str = "UTC"
    null_values: tuple[str | int | float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the file that it is read from."""
        return (self.source,) if isinstance(self.source, str) else self.source

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in zoneinfo.available_timezones():
            raise ValueError(f'no time zone is named "{zone}"; expected one like UTC or Asia/Seoul')
        return zone


class Mapping(BaseModel):
    """A column mapping.

    mapping     its name, as SOURCE on the command line
    delimiter   what stands between the columns of a CSV file; `decimal` what stands before the decimals in its numbers
    columns     RECORD column -> column of the file; mmsi, timestamp, longitude and latitude are needed
    constants   RECORD column -> value that holds for the whole file (receiver, transceiver_class)
    ignored     columns of the file that are knowingly not read ("" for those without a name); any other unnamed column
                is an error
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mapping: str
    title: str
    source: str
    licence: str
    delimiter: str = Field(default=",", min_length=1, max_length=1, pattern=r'^[^"\r\n]$')
    decimal: Literal[".", ","] = "."
    columns: dict[str, MappedColumn]
    constants: dict[str, str] = {}
    ignored: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_columns(self) -> Mapping:
        allowed = [name for name in RECORD if name not in ("hint", "unread", "precision_m", "precision_s")]
        for name in (*self.columns, *self.constants):
            if name not in allowed:
                raise ValueError(f"{name}: no such column; expected one of {', '.join(allowed)}")
        for name in ("mmsi", "timestamp", "longitude", "latitude"):
            if name not in self.columns:
                raise ValueError(f"columns lack {name}; expected mmsi, timestamp, longitude and latitude at least")
        for name, value in self.constants.items():
            if name not in _WORDS:
                raise ValueError(f"constants.{name}: holds for no whole file; expected {' or '.join(_WORDS)}")
            if value not in _WORDS[name]:
                raise ValueError(f'constants.{name} is "{value}"; expected {", ".join(_WORDS[name])}')
            if name in self.columns:
                raise ValueError(f"{name} is both a column and a constant; keep one")
        for name, mapped in self.columns.items():
            _check(name, mapped)
        return self


def _check(name: str, mapped: MappedColumn) -> None:
    """Refuse what has no meaning for a column.

    raises  ValueError naming the column, what was found and what is expected
    """
    if len(mapped.names) != 1 and name not in _SUMS:
        raise ValueError(f"columns.{name} names {len(mapped.names)} columns; only {' and '.join(_SUMS)} are added up")
    if not mapped.names:
        raise ValueError(f"columns.{name} names no column")
    if name != "timestamp" and (mapped.format is not None or mapped.zone != "UTC"):
        raise ValueError(f"columns.{name}: format and zone are of timestamp alone")
    if mapped.unit is None:
        return
    measure = _MEASURES.get(name, ("nothing", ""))[0]
    if UNITS[mapped.unit][0] != measure:
        fit = [unit for unit, (of, _) in UNITS.items() if of == measure]
        raise ValueError(f'columns.{name}.unit is "{mapped.unit}"; expected {", ".join(fit) or "no unit"}')


def load_mapping(path: Path) -> Source:
    """The source that a mapping file describes.

    raises  InputError naming file, line, field, found and expected
    """
    mapping = load_seed(path, Mapping)
    wanted = {name for mapped in mapping.columns.values() for name in mapped.names}

    def recognises(head: Head) -> bool:
        return head.parquet or wanted <= set(head.header(mapping.delimiter))

    def read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
        return _read(con, content, head, mapping)

    version = hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()[:16]

    def layout(head: Head) -> str | None:
        return ",".join(head.header(mapping.delimiter)) or None

    return Source(mapping.mapping, mapping.title, mapping.licence, recognises, read, version, layout)


def _read(con: DuckDBPyConnection, content: Content, head: Head, mapping: Mapping) -> Reading:
    named, table = _open_parquet(con, content) if head.parquet else (columns(head.header(mapping.delimiter)), "")
    header = [column.name for column in named]
    for column, mapped in mapping.columns.items():
        for name in mapped.names:
            if name not in header:
                raise InputError(
                    f"{content.name}: no {name} column for {column} (found: {', '.join(header)[:200]}); mend it"
                )
    unread = set(header) - {name for mapped in mapping.columns.values() for name in mapped.names} - set(mapping.ignored)
    if unread:
        name = min(unread)
        raise InputError(
            f"{content.name}: column {name or 'without a name'} is neither read nor ignored by {mapping.mapping}; "
            "name it there"
        )
    read = {name: _cell(con, name, mapped, named, content, mapping) for name, mapped in mapping.columns.items()}
    constants = {name: quoted(value) for name, value in mapping.constants.items()}
    if not head.parquet:
        return read_delimited(content, named, read, constants, delimiter=mapping.delimiter)
    raw = ", ".join(f"{quoted(column.name)}, {column.sql}" for column in named)
    numbered = f"(select row_number() over () as line, json_object({raw})::varchar as raw, * from {table})"
    return Reading(cells.select_cells(read, table, constants), cells.select_numbered(read, numbered, constants))


def _open_parquet(con: DuckDBPyConnection, content: Content) -> tuple[list[Column], str]:
    """The columns of a Parquet file by their place, and SQL of its rows: the engine renames those without a name, or
    with one that is there already in another case.

    raises  InputError for a torn or damaged file
    """
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = parquet(content.path)
    try:
        kinds = [kind for _, kind, *_ in con.execute(f"describe select * from {file}").fetchall()]
        names = pq.read_schema(content.path).names
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise torn_parquet(content.name, error) from None
    places = [identifier(f"c{at}") for at in range(1, len(names) + 1)]
    values = ", ".join(
        f"{_decoded(at)} as {at}" if kind == "BLOB" else at for at, kind in zip(places, kinds, strict=True)
    )
    named = [
        Column(name.strip(), at, "VARCHAR" if kind == "BLOB" else kind)
        for name, at, kind in zip(names, places, kinds, strict=True)
    ]
    return named, f"(select {values} from {file} as file ({', '.join(places)}))"


def _decoded(column: str) -> str:
    """SQL: bytes as the UTF-8 text that they are to most writers; other bytes become U+FFFD, and the row stays."""
    ascii_alone = f"regexp_replace({column}::varchar, '\\\\x[0-9A-F]{{2}}', '\ufffd', 'g')"
    return f"coalesce(try(decode({column})), {ascii_alone})"


def _cell(
    con: DuckDBPyConnection,
    name: str,
    mapped: MappedColumn,
    named: Sequence[Column],
    content: Content,
    mapping: Mapping,
) -> Cell:
    """How a RECORD column is read."""
    found = [find_column(one, named, content.name).without(mapped.null_values) for one in mapped.names]
    column = found[0]
    if name == "mmsi":
        return cells.mmsi(column)
    if name == "timestamp":
        return _time(con, column, mapped, mapping)
    if name == "nav_status":
        return nav_status(column)
    if name == "transceiver_class":
        return cells.transceiver_class(column)
    if name == "receiver":
        return cells.word(column, _WORDS[name])
    if name == "ship_type":
        return cells.code(column, "smallint")
    if name in _TEXTS:
        return cells.text(column)
    factor = UNITS[mapped.unit][1] if mapped.unit else 1.0
    return cells.total([cells.number(one, factor, mapping.decimal, _MEASURES[name][1]) for one in found])


def _time(con: DuckDBPyConnection, column: Column, mapped: MappedColumn, mapping: Mapping) -> Cell:
    form = None if mapped.format == "iso" else mapped.format
    if form is not None and form not in UNIX_FORMATS:
        import duckdb

        try:
            con.execute("select try_strptime('', ?)", [form])
        except duckdb.Error:
            raise InputError(
                f'{mapping.mapping}: columns.timestamp.format is "{form}"; expected iso, {", ".join(UNIX_FORMATS)} '
                "or a strptime form like %d/%m/%Y %H:%M:%S"
            ) from None
    return cells.time(column, form, mapped.zone)
