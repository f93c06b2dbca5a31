"""A warehouse as one file, whole as of one moment, and a warehouse from such a file: by SQLite's own backup, or by
pg_dump and pg_restore."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from geo.files import atomic_write
from pipeline.errors import InputError
from pipeline.sqlite_reading import open_for_reading
from pipeline.warehouse import database, pg_programs, postgres
from pipeline.warehouse.engine import address, is_sqlite, place_of, reading_engine, sqlite_path, writing_engine
from pipeline.warehouse.postgres import shown_address
from pipeline.warehouse.sqlite_file import head, meaning, require_file

FILES = {"sqlite": "warehouse.sqlite", "postgresql": "warehouse.pgdump"}
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Dump:
    """A warehouse in a file.

    engine     sqlite or postgresql
    revision   of its tables
    stamp      of the home and the run that filled it last
    server     major version of PostgreSQL; None for SQLite, as for what follows
    tool       major version of the pg_dump that wrote the file
    namespace  the schema that holds the tables
    postgis    version of PostGIS; None where places are numbers only
    """

    engine: str
    revision: str
    stamp: str | None
    server: int | None = None
    tool: int | None = None
    namespace: str | None = None
    postgis: str | None = None

    @property
    def file(self) -> str:
        """Name of the file."""
        return FILES[self.engine]


def dump(url: str, folder: Path) -> Dump:
    """Write a warehouse into a folder, under the name of `FILES`, as it is at one moment, whoever writes meanwhile.

    raises  InputError if there is none, it is damaged, or pg_dump is missing or too old; SourceUnavailable if a disk or
            the server fails
    """
    place = address(url)
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            revision = str(database.revision_of(connection))
            stamp = _stamp(connection)
            about = None if is_sqlite(place) else connection.execute(database.ABOUT).one()
    finally:
        engine.dispose()
    if about is None:
        copy_sqlite(_file_of(url), folder / FILES["sqlite"])
        return Dump("sqlite", revision, stamp)
    program = pg_programs.program("pg_dump", about.version)
    target = folder / FILES["postgresql"]
    pg_programs.call(program, place, ["--format=custom", f'--schema="{about.schema}"', "--no-sync", "--file", target])
    return Dump("postgresql", revision, stamp, about.version, program.version, about.schema, about.postgis)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment, and see that the copy is sound.

    raises  InputError if it is missing or damaged, SourceUnavailable if the disk fails
    """
    require_file(source)
    try:
        with (
            closing(open_for_reading(source, timeout=60)) as origin,
            closing(sqlite3.connect(target)) as copy,
        ):
            origin.backup(copy)
            copy.execute("pragma journal_mode = delete").close()  # one file, which holds everything
            (sound,) = copy.execute("pragma quick_check(1)").fetchone()
    except sqlite3.Error as error:
        told = meaning(f"{target}, a copy of {source},", error)
        raise (meaning(str(source), error) if isinstance(told, InputError) else told) or error from None
    if sound != "ok":
        words = " ".join(str(sound).split())
        raise InputError(f"{source} is damaged ({words}); restore an earlier backup, this one was not made")


def see_room(dumped: Dump, url: str) -> bool:
    """See that a dump can go to an address: of its engine, to a place that is empty. Nothing is written.

    returns  whether it is there already, as an earlier attempt left it
    raises   InputError with what is in the way
    """
    place = address(url)
    if dumped.revision > head():
        raise InputError(
            f"the backup's warehouse has schema {dumped.revision}, newer than the {head()} this coalwatch knows; "
            "install the newer coalwatch"
        )
    if is_sqlite(place) != (dumped.engine == "sqlite"):
        expected = {"sqlite": "sqlite:///… or none", "postgresql": "postgresql://… (--warehouse)"}[dumped.engine]
        was = f"the backup is of a warehouse on {_NAMES[dumped.engine]}"
        raise InputError(f"warehouse {shown_address(place)}: {was}; expected {expected}")
    if is_sqlite(place) and not _file_of(url).exists():
        return False
    if not is_sqlite(place):
        pg_programs.program("pg_restore", int(dumped.tool or 0))
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            if dumped.stamp is not None and _stamp(connection) == dumped.stamp:
                return True
            if is_sqlite(place):
                raise InputError(f"{place_of(engine)} is there already; expected a path where no file lies")
            _see_empty_database(dumped, connection)
    except postgres.NoDatabase:
        pass
    finally:
        engine.dispose()
    return False


def restore(dumped: Dump, file: Path, url: str) -> None:
    """Make the warehouse of a dump at an address for which `see_room` gave false; all of it or nothing.

    raises  InputError or SourceUnavailable as far as that fails
    """
    place = address(url)
    if is_sqlite(place):
        target = _file_of(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(target, durable=True) as draft:
            copy_sqlite(file, draft)
        return
    program = pg_programs.program("pg_restore", int(dumped.tool or 0))
    database.make_place(url)
    whole = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    pg_programs.call(program, place, [*whole, "--schema", str(dumped.namespace), file])
    engine = writing_engine(url, 10.0)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("analyze")  # plans know nothing of rows that came by COPY
    finally:
        engine.dispose()


def _see_empty_database(dumped: Dump, connection: Connection) -> None:
    place, found = place_of(connection.engine), postgres.own_tables(connection)
    if found:
        some = ", ".join(found[:3]) + " …" * (len(found) > 3)
        raise InputError(f"{place} holds tables ({some}); expected an empty database, or one that does not exist yet")
    about = connection.execute(database.ABOUT).one()
    if dumped.postgis and not (about.postgis or about.available):
        install = f"apt-get install postgresql-{about.version}-postgis-3"
        raise InputError(
            f"{place} has no PostGIS, which the places in the backup need; install it there, like {install}"
        )
    if about.schema != dumped.namespace:
        raise InputError(
            f'{place}: its search_path begins with schema "{about.schema}", the tables in the backup are of '
            f'"{dumped.namespace}"; expected an address with ?options=-csearch_path%3D{dumped.namespace}'
        )


def _stamp(connection: Connection) -> str | None:
    """The stamp of a warehouse; None for one that is empty, or from before there were stamps."""
    is_file = is_sqlite(connection.engine.url)
    tables = sa.inspect(connection).get_table_names() if is_file else postgres.own_tables(connection)
    asked = connection.exec_driver_sql("select stamp from filled_from") if "filled_from" in tables else None
    return asked.scalar() if asked else None


def _file_of(url: str) -> Path:
    path = sqlite_path(address(url))
    if path is None:
        raise InputError("warehouse in memory: there is nothing to be kept; expected a file or a PostgreSQL")
    return path
