"""Connections to the warehouse: how SQLite is set up, and which database error is whose to mend."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url

from pipeline.errors import InputError
from pipeline.fetch.redaction import Redaction
from pipeline.warehouse.sqlite_file import meaning, open_file, require_file


def writing_engine(url: str, busy_seconds: float) -> Engine:
    """An engine that may write; a missing SQLite file and its folder are made.

    raises  InputError when the URL cannot be read or names a database this installation has no driver for
    """
    place = address(url)
    if place.get_backend_name() != "sqlite":
        return _watched(_create(place))
    path = sqlite_path(place)
    if path:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"warehouse {path}: its folder cannot be made ({error.strerror})") from None
    own = {} if "timeout" in place.query else {"timeout": busy_seconds}  # the address of the user counts more
    engine = _create(place, connect_args=own)
    return _watched(_sqlite(engine, "foreign_keys = on", "journal_mode = wal", "temp_store = memory"))


def reading_engine(url: str) -> Engine:
    """An engine that cannot write, whatever the SQL says.

    raises  InputError as `writing_engine` does, and when there is no such SQLite file
    """
    place = address(url)
    path = sqlite_path(place)
    if place.get_backend_name() != "sqlite" or path is None:
        return _watched(_create(place).execution_options(postgresql_readonly=True))
    require_file(path)
    return _watched(_sqlite(_create(place, creator=lambda: open_file(path))))


def sqlite_path(address: URL) -> Path | None:
    """The file of an SQLite address; None for other databases and for one in memory."""
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


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


def _create(address: URL, **options: Any) -> Engine:
    if address.get_backend_name() == "postgresql":
        options["connect_args"] = {"options": "-c timezone=utc"}  # times as text, in views, are UTC on every database
    try:
        return sa.create_engine(address, **options)
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        shown = address.render_as_string(hide_password=True)
        raise InputError(f"warehouse {shown}: no driver for it is installed ({error}); expected sqlite:///…") from None


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
    place = f"warehouse {sqlite_path(engine.url) or engine.url.render_as_string(hide_password=True)}"

    @sa.event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        if what := meaning(place, context.original_exception):
            raise what from context.original_exception

    return engine
