"""Connections to the warehouse: how SQLite is set up, PostgreSQL by `postgres`, and whose error is whose to mend."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url

from pipeline.errors import InputError
from pipeline.fetch.redaction import Redaction
from pipeline.warehouse import postgres
from pipeline.warehouse.postgres import shown_address
from pipeline.warehouse.sqlite_file import meaning, open_file, require_file


def writing_engine(url: str, busy_seconds: float) -> Engine:
    """An engine that may write; a missing SQLite file and its folder are made.

    raises  InputError when the URL cannot be read or names a database this installation has no driver for
    """
    place = address(url)
    if not is_sqlite(place):
        return _watched(_create(place, busy_seconds, reads_only=False))
    path = sqlite_path(place)
    if path:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"warehouse {path}: its folder cannot be made ({error.strerror})") from None
    own = {} if "timeout" in place.query else {"timeout": busy_seconds}  # the address of the user counts more
    engine = sa.create_engine(place, connect_args=own)
    return _watched(_sqlite(engine, "foreign_keys = on", "journal_mode = wal", "temp_store = memory"))


def reading_engine(url: str) -> Engine:
    """An engine that cannot write, whatever the SQL says.

    raises  InputError as `writing_engine` does, and when there is no such SQLite file
    """
    place = address(url)
    path = sqlite_path(place)
    if not is_sqlite(place):
        return _watched(_create(place, 10.0, reads_only=True))
    if path is None:
        return _watched(sa.create_engine(place))
    require_file(path)
    return _watched(_sqlite(sa.create_engine(place, creator=lambda: open_file(path))))


def sqlite_path(address: URL) -> Path | None:
    """The file of an SQLite address; None for other databases and for one in memory."""
    if not is_sqlite(address) or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def place_of(engine: Engine) -> str:
    """The warehouse of an engine as messages name it."""
    return f"warehouse {sqlite_path(engine.url) or shown_address(engine.url)}"


def address(url: str) -> URL:
    """A warehouse's address.

    raises  InputError when it cannot be read as an SQLAlchemy URL
    """
    try:
        return make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # such as a port that is no number
        expected = "expected an SQLAlchemy URL, like sqlite:////data/coalwatch/warehouse.sqlite"
        raise InputError(
            f'warehouse address "{Redaction()(url)}" cannot be read; {expected} (COALWATCH_WAREHOUSE_URL)'
        ) from None


def is_sqlite(address: URL) -> bool:
    """Whether an address names an SQLite database."""
    return address.drivername.partition("+")[0] == "sqlite"


def _create(address: URL, busy_seconds: float, *, reads_only: bool) -> Engine:
    shown = shown_address(address)
    if not postgres.is_postgresql(address):
        raise InputError(f"warehouse {shown}: no driver for it is known; expected sqlite:///… or postgresql://…")
    try:
        return postgres.create_engine(address, busy_seconds, reads_only=reads_only)
    except ModuleNotFoundError:
        raise InputError(f"warehouse {shown}: its driver is not installed; {postgres.INSTALL}") from None


def _sqlite(engine: Engine, *pragmas: str) -> Engine:
    """Give transactions to SQLAlchemy alone: Python's own begins them late, and leaves DDL outside them."""

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"pragma {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine


def _watched(engine: Engine) -> Engine:
    """Turn what the database says into one line for whoever has to act; other errors pass as they are."""
    place = place_of(engine)

    @sa.event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        error = context.original_exception
        if is_sqlite(engine.url):
            what = meaning(place, error)
        else:
            what = postgres.meaning(place, error, connecting=context.connection is None)
        if what:
            raise what from error

    return engine
