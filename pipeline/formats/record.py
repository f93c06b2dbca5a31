"""The one form every source gives its rows: a RECORD per row or sentence read, as sent, nothing judged.

A source names columns, casts them and converts units. What a value means (sentinels, ranges, which rows are ships,
duplicates or rejects) is decided for all sources in `pipeline.lake.accounting`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pandas import DataFrame

NOT_SHIP = "not_ship"
MESSAGE_PART = "message_part"
# What a source may say of a row by itself: that it is no ship's, a part of a longer message, or why it must be
# rejected.
HINTS = (NOT_SHIP, MESSAGE_PART, "bad_checksum", "incomplete_message", "unreadable", "unsupported_message",
         "bad_mmsi", "bad_time", "bad_position")  # fmt: skip

# RECORD: column and SQL type, narrow because a whole file of them is held at once. `hint` is one of HINTS, or null for
# a row to be judged by its content; `unread` whether a cell that the row can do without says what could not be read.
# Times are UTC; units as in `pipeline.contracts.POSITION` and `VESSEL_REPORT`, values as sent.
POSITION_COLUMNS = {
    "longitude": "DOUBLE",
    "latitude": "DOUBLE",
    "sog_kn": "DOUBLE",
    "cog_deg": "DOUBLE",
    "heading_deg": "DOUBLE",
    "nav_status": "TINYINT",
    "transceiver_class": "ENUM('A', 'B')",
    "receiver": "ENUM('satellite', 'terrestrial', 'unknown')",
    "precision_m": "DOUBLE",
    "precision_s": "DOUBLE",
}
REPORT_COLUMNS = {
    "imo": "VARCHAR",
    "name": "VARCHAR",
    "call_sign": "VARCHAR",
    "ship_type": "SMALLINT",
    "length_m": "DOUBLE",
    "width_m": "DOUBLE",
    "draught_m": "DOUBLE",
    "destination": "VARCHAR",
}
RECORD = (
    {"hint": f"ENUM{HINTS}", "unread": "BOOLEAN", "mmsi": "INTEGER", "timestamp": "TIMESTAMP"}
    | POSITION_COLUMNS
    | REPORT_COLUMNS
)
# A cell that says something which could not be read: its field, the file's name of its column, what it says, and what
# it should hold.
UNREAD_CELL = "STRUCT(field VARCHAR, column_name VARCHAR, said VARCHAR, expected VARCHAR)"


@dataclass(frozen=True)
class Head:
    """The beginning of a file, unpacked: enough to recognise its format.

    above  how many lines were left out that stand above a table's header, blank ones not counted
    """

    name: str
    lines: tuple[str, ...]
    packing: str | None = None
    above: int = 0

    @property
    def parquet(self) -> bool:
        """Whether it is a Parquet file."""
        return self.packing == "parquet"

    @property
    def columns(self) -> list[str]:
        """The first line as CSV column names."""
        return self.header(",")

    def header(self, delimiter: str) -> list[str]:
        """The first line as column names, in the order of the file; a column without a name has an empty one."""
        first = self.lines[0] if self.lines else ""
        try:
            names = next(csv.reader([first], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            names = first.split(delimiter)
        return [name.strip() for name in names]


def header_layout(head: Head) -> str | None:
    """The columns that the first line of a delimited file names."""
    return ",".join(head.columns) or None


@dataclass(frozen=True)
class Content:
    """A file's unpacked content on disk.

    path    where the plain content lies
    name    the file's name as handed in, for messages
    """

    path: Path
    name: str


@dataclass(frozen=True)
class Reading:
    """What a source makes of one file, as SQL to be run on the connection it was given.

    records      one row per row read, with the columns of RECORD, in any order
    numbered     the same rows with `line` (1-based line or row number), `raw` (as read) and, where the source knows it,
                 `unread_cells` (a list of UNREAD_CELL); slower, asked only for rows that are rejected or read in part,
                 or of a small file
    rows         what of the file `numbered` reads, as the table `row_read`: then `numbered` names nothing that belongs
                 to this file alone, and is planned once for all that are alike; None: it reads the file itself
    unreadable   line, reason, raw and perhaps detail of rows that the parser refused; complete once `records` was read
    misshapen    line of those rows that `numbered` does not count; complete likewise
    delimiter    what stands between the columns, where the file is a table: a header, then a row a line; else None
    """

    records: str
    numbered: str
    unreadable: str = "select 0::bigint as line, '' as reason, '' as raw where false"
    misshapen: str = "select 0::bigint as line where false"
    delimiter: str | None = None
    rows: str | None = None

    @property
    def numbered_whole(self) -> str:
        """`numbered` as a query by itself."""
        return f"with row_read as not materialized ({self.rows}) {self.numbered}" if self.rows else self.numbered


@dataclass(frozen=True)
class EventsReading:
    """What a source of providers' events makes of one file.

    events      PROVIDER_EVENT without source_file_id; of radar PROVIDER_DETECTION, of a catalogue PROVIDER_IMAGE
                without it
    rejects     line (1-based row number), reason, raw
    rows_read   events, duplicates and rejects
    duplicates  rows whose event came again in the same file
    answers     of radar PROVIDER_ANSWER without source_file_id: what was asked for, where the file tells it and was
                read whole
    """

    events: DataFrame
    rejects: DataFrame
    rows_read: int
    duplicates: int
    answers: DataFrame | None = None


@dataclass(frozen=True)
class VesselsReading:
    """What a source that gives particulars of ships makes of one file.

    vessels     PROVIDER_VESSEL without source_file_id
    accepted    rows with particulars of one ship or several
    rejects     line (1-based row number), reason, raw
    rows_read   accepted, duplicates and rejects
    duplicates  rows that came again in the same file
    """

    vessels: DataFrame
    accepted: int
    rejects: DataFrame
    rows_read: int
    duplicates: int


@dataclass(frozen=True)
class FiguresReading:
    """What a source that gives figures makes of one file.

    table       name of the table that the rows are of
    rows        its rows, without licence and source_file_id
    accepted    answers that were read
    rejects     line (1-based), reason, raw, detail
    rows_read   answers: accepted, duplicates and rejects
    duplicates  answers that came again in the same file
    """

    table: str
    rows: DataFrame
    accepted: int
    rejects: DataFrame
    rows_read: int
    duplicates: int


Read = Callable[["DuckDBPyConnection", Content, Head, Path, "str | None"], Reading]


@dataclass(frozen=True)
class Source:
    """One format, as its file declares it under the name SOURCE: how its files are recognised, and one of six ways of
    reading them, which shows what they yield.

    name      SOURCE of `coalwatch ingest`, and what `reads_as` of a source says
    title     as help and messages name it
    remark    what help adds to the title
    recognises    whether a file is of this format, by its beginning
    read          for positions and reports: raises InputError for another format; `base_date` (YYYY-MM-DD) dates
                  untimed files
    version   changes whenever the same bytes are read in another way
    layout    the names of a file's columns, which the quality gate compares; None for formats that name none
    takes_date    whether `base_date` dates what has no time
    read_events   for a source that gives events in place of positions: reads content, given the first moment (ISO 8601,
                  UTC) that lies too far in the future
    read_vessels  for a source that gives particulars of ships in place of positions
    read_detections  for a source that gives radar detections in place of positions: as `read_events`
    read_images   for a catalogue of a satellite's images: as `read_events`
    read_figures  for a source that gives figures (counts, shares) in place of positions
    after         names of formats that are asked first when a file is recognised, as this one would take theirs
    """

    name: str
    title: str
    licence: str | None
    recognises: Callable[[Head], bool]
    read: Read | None = None
    version: str = "1"
    layout: Callable[[Head], str | None] = lambda head: None
    takes_date: bool = False
    read_events: Callable[[Content, str], EventsReading] | None = None
    read_vessels: Callable[[Content], VesselsReading] | None = None
    read_detections: Callable[[Content, str], EventsReading] | None = None
    read_images: Callable[[Content, str], EventsReading] | None = None
    read_figures: Callable[[Content], FiguresReading] | None = None
    after: tuple[str, ...] = ()
    remark: str | None = None

    def __post_init__(self) -> None:
        """raises  ValueError unless it is read in one way"""
        ways = ("read", "read_events", "read_vessels", "read_detections", "read_images", "read_figures")
        if sum(getattr(self, way) is not None for way in ways) != 1:
            raise ValueError(f"format {self.name} has one of {', '.join(ways)}")

    @property
    def described(self) -> str:
        """Title and remark."""
        return f"{self.title}, {self.remark}" if self.remark else self.title

    @property
    def yields(self) -> Literal["positions", "events", "particulars", "detections", "images", "figures"]:
        """What its files hold."""
        if self.read_events is not None:
            return "events"
        if self.read_detections is not None:
            return "detections"
        if self.read_images is not None:
            return "images"
        if self.read_figures is not None:
            return "figures"
        return "particulars" if self.read_vessels is not None else "positions"

    @property
    def may_be_empty(self) -> bool:
        """Whether a file without a row is an answer: a provider may know of no event, or of no ship."""
        return self.yields != "positions"


def select_record(expressions: Mapping[str, str], relation: str, extra: str = "") -> str:
    """`select` of RECORD from SQL expressions over a relation; null where not named or beyond the type."""
    columns = [
        f"{'cast' if name == 'hint' else 'try_cast'}({expressions.get(name, 'null')} as {kind}) as {name}"
        for name, kind in RECORD.items()
    ]
    return f"select {extra}{', '.join(columns)} from {relation}"


def quoted(value: object) -> str:
    """A value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def parquet(*files: Path) -> str:
    """SQL: the rows of Parquet files. What the folders around them are called (year=2023) is no column of theirs."""
    return f"read_parquet([{', '.join(map(quoted, files))}], hive_partitioning = false)"


def number_of(text: str) -> str:
    """SQL: the number that a text says, null where it says none. The engine's cast would read 1_000, a programmer's way
    of writing, as a thousand."""
    return f"try_cast(case when not contains({text}, '_') then {text} end as double)"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
