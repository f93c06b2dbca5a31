"""The lake's catalogue: an SQLite file that says which files landed and which parts make up each day.

A part is visible if and only if the catalogue names it, so one transaction makes a landing visible whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipeline.contracts import REJECTED_ROW_COUNT, SOURCE_FILE, UNREAD_FIELD_COUNT, Column, Table
from pipeline.errors import InputError
from pipeline.lake.disk import not_writable
from pipeline.sqlite_reading import open_for_reading

# part: one row per Parquet file of the lake (kinds: positions, vessel_reports, rejects, events, vessels, detections,
# answers, images, and the tables of figures).
# Its `content_hash` is of what it was made from (bytes, reading, rules), which fixes what it holds. `reading` of a file
# says how its bytes were read (source, base date, version of the rules). pruned_part: parts of which some rows
# alone are kept (how many, and the bytes before), see `pipeline.lake.pruned`; `rows` of a part are those that landed.
# landing_manifest and outbox: see the modules of that name in `pipeline.state`.
_SCHEMA = """
create table if not exists source_file ({source_file}, reading text not null, primary key (source_file_id));
create table if not exists rejected_row_count ({rejected_row_count}, primary key (source_file_id, reason));
create table if not exists unread_field_count ({unread_field_count}, primary key (source_file_id, field));
create table if not exists part (
    path text primary key,
    kind text not null,
    day text,
    source_file_id text not null references source_file,
    rows integer not null,
    content_hash text not null
);
create index if not exists part_day on part (kind, day);
create table if not exists pruned_part (
    path text primary key references part on delete cascade, kept integer not null, bytes integer not null
) without rowid;
create table if not exists replacement (
    replaced_source_file_id text not null,
    by_source_file_id text not null,
    replaced_at text not null
);
create table if not exists landing_manifest (
    path text primary key, bytes integer not null, modified_ns integer not null, refused text, source_file_id text
) without rowid;
create table if not exists outbox (day text primary key, stamp text not null) without rowid;
"""
_TABLES = (SOURCE_FILE, REJECTED_ROW_COUNT, UNREAD_FIELD_COUNT)
_RENAMED = {"source_file": {"both": "positions_with_report"}}  # table -> name of a column before -> its name now
# What brings a catalogue of the version before to each version. A step may find what it makes already there, made by
# the schema above, and runs only on a catalogue that an earlier coalwatch made.
_STEPS = {
    # Parts had three kinds only.
    1: """
alter table part rename to old_part;
drop index part_day;
{schema}
insert into part select * from old_part;
drop table old_part;
""",
    2: "",  # tables were added
    # What is derived is derived again: a run knows from other tables now what it was made from.
    3: """
{schema}
insert or replace into landing_manifest select path, bytes, modified_ns, refused, source_file_id from taken;
insert or replace into outbox select day, stamp from owed;
create table if not exists run_state (name text primary key, value text not null) without rowid;
{told}
drop table taken;
drop table owed;
drop table if exists told;
drop table if exists dirty;
drop table if exists heard;
drop table if exists derived_file;
drop table if exists bought_event;
drop table if exists bought_vessel;
drop table if exists bought_dirty;
drop table if exists bought_hull;
drop table if exists bought_part;
drop table if exists particulars_part;
""",
    4: "{schema}",  # pruned_part was added
}
_VERSION = max(_STEPS)
_KEPT = ("home_id", "warehouse", "days_held_back", "released", "held_back")  # of what runs had noted by name
_SQLITE_TYPES = {"int": "integer", "real": "real", "bool": "integer"}


def open_catalog(path: Path | None) -> sqlite3.Connection:
    """Open the catalogue, creating it where there is none; WAL, autocommit (use `transaction`). None: one in memory.

    raises  InputError if the file is not a catalogue, is of a newer coalwatch, or may not be written;
            SourceUnavailable if the disk refuses
    """
    place = path or Path(":memory:")
    try:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        con = sqlite3.connect(place, isolation_level=None, timeout=60)
        con.execute("pragma journal_mode = wal")
        con.execute("pragma foreign_keys = on")
        _see_known(con, place)
        _make_tables(con)
    except (OSError, sqlite3.OperationalError) as error:
        raise not_writable(place.parent, error) from None
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path}: {error}; expected a coalwatch catalogue, move the file away") from None
    return con


@contextmanager
def asking(home: Path) -> Iterator[sqlite3.Connection]:
    """The catalogue of a home for whoever only asks; rows know their columns. An empty one where there is no lake.

    Nothing is written to one of this form, so a home that is read-only can be asked; an older one is brought to it.

    raises  InputError as `open_catalog`
    """
    path = home.absolute() / "lake" / "catalog.sqlite"
    con = None
    if path.exists():
        try:
            con = open_for_reading(path, isolation_level=None, timeout=60)
            _see_known(con, path)
            if con.execute("pragma user_version").fetchone()[0] < _VERSION or not _is_of_this_form(con):
                con.close()
                con = None
        except sqlite3.Error:
            con = None
    con = con or open_catalog(path if path.exists() else None)
    con.row_factory = sqlite3.Row
    with closing(con):
        yield con


def _see_known(con: sqlite3.Connection, path: Path) -> None:
    (version,) = con.execute("pragma user_version").fetchone()
    if version > _VERSION:
        newer = f"has form {version}, newer than the {_VERSION} this coalwatch knows"
        raise InputError(f"{path} {newer}; install the newer coalwatch")


def _is_of_this_form(con: sqlite3.Connection) -> bool:
    return all(
        {column.name for column in table.columns} <= {row[1] for row in con.execute(f"pragma table_info({table.name})")}
        for table in _TABLES
    )


def _make_tables(con: sqlite3.Connection) -> None:
    """Create what is missing, and bring a catalogue of an earlier coalwatch to this form."""
    schema = _SCHEMA.format(**{table.name: _columns(table) for table in _TABLES})
    version = con.execute("pragma user_version").fetchone()[0]
    present = {name for (name,) in con.execute("select name from sqlite_master where type = 'table'")}
    if version < _VERSION:
        con.executescript(
            f"begin immediate; {_steps(version, present, schema)} pragma user_version = {_VERSION}; commit"
        )
    for table in _TABLES:
        present = {row[1] for row in con.execute(f"pragma table_info({table.name})")}
        for before, after in _RENAMED.get(table.name, {}).items():
            if before in present:
                con.execute(f"alter table {table.name} rename column {before} to {after}")
                present.add(after)
        for column in table.columns:
            if column.name not in present:
                default = "" if column.null else " default 0"
                con.execute(f"alter table {table.name} add column {_column(column)}{default}")


def _steps(version: int, present: set[str], schema: str) -> str:
    """The statements that bring a catalogue with some tables to the newest version."""
    if "part" not in present:
        return schema
    noted = ", ".join(f"'{name}'" for name in _KEPT)
    told = f"insert or replace into run_state select what, value from told where what in ({noted});"
    missing = {
        "taken": "create table taken (path text primary key, bytes, modified_ns, refused, source_file_id);",
        "owed": "create table owed (day text primary key, stamp);",
    }
    made = "".join(statement for name, statement in missing.items() if name not in present)
    steps = [
        text.format(schema=schema, told=told if "told" in present else "")
        for number, text in _STEPS.items()
        if number > version
    ]
    return made + "".join(steps)


def landed_days(con: sqlite3.Connection, among: Collection[str] | None = None) -> dict[str, str]:
    """UTC day -> hash of what its positions and vessel reports were made from, in order of days.

    among  the days to ask about, if not all
    """
    days: dict[str, list[str]] = {}
    some = "day is not null and ? is null"
    if among is not None:
        some = "kind in ('positions', 'vessel_reports') and day in (select value from json_each(?))"
    asked = json.dumps(sorted(among)) if among is not None else None
    query = f"select day, kind || ' ' || content_hash from part where {some} order by 1, 2"
    for day, content in con.execute(query, [asked]):
        days.setdefault(day, []).append(content)
    return {day: hashlib.sha256("\n".join(contents).encode()).hexdigest()[:16] for day, contents in days.items()}


@contextmanager
def transaction(con: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: what is written inside is committed at the end, rolled back when anything is raised."""
    con.execute("begin immediate")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def insert(con: sqlite3.Connection, table: str, rows: Iterable[dict[str, object]]) -> None:
    """Insert rows; an existing row of the same key is replaced."""
    for row in rows:
        marks = ", ".join(f":{name}" for name in row)
        con.execute(f"insert or replace into {table} ({', '.join(row)}) values ({marks})", row)


def choose(con: sqlite3.Connection, table: str, numbers: Iterable[int]) -> None:
    """Put numbers in place of the rows of a temporary table of one column; one statement, as each is a transaction of
    its own outside of one."""
    con.execute(f"delete from {table}")
    values = json.dumps([int(number) for number in numbers])
    con.execute(f"insert or ignore into {table} select value from json_each(?)", [values])


def _columns(table: Table) -> str:
    return ", ".join(_column(column) for column in table.columns)


def _column(column: Column) -> str:
    return f"{column.name} {_SQLITE_TYPES.get(column.type, 'text')}{'' if column.null else ' not null'}"
