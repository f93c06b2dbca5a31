"""Connections to the warehouse: how SQLite is set up, and which database error is whose to mend."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.redaction import Redaction

# What SQLite says when somebody else holds the file or the disk fails: later it may work.
_LATER = {
    "locked": "is locked by another process; wait until that run ends, or stop it, and try again",
    "disk is full": "could not be written: the disk is full; free some space and run the same command again",
    "disk i/o error": "could not be read or written: the disk reports an error; check it and try again",
}
# What it says when the address is wrong.
_MEND = {
    "not a database": "is not an SQLite database; give another path, or move that file away",
    "malformed": "is damaged; restore it from a copy, or move it away and derive it again (reviews are only in it)",
    "unable to open": "cannot be opened; expected a file this user may read and write, in a folder that exists",
    "readonly database": "is opened for reading only; expected a statement that reads (select …), on a writable file",
}


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
    if not path.is_file():
        raise InputError(f"warehouse {path}: no such file; `coalwatch run` makes it, --home says where it is")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        connection.set_authorizer(_refuse_other_files)
        return connection

    return _watched(_sqlite(_create(place, creator=connect), "temp_store = memory"))


def sqlite_path(address: URL) -> Path | None:
    """The file of an SQLite address; None for other databases and for one in memory."""
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def _refuse_other_files(action: int, *about: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


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
        said = str(context.original_exception).lower()
        for words, meaning in _LATER.items():
            if words in said:
                raise SourceUnavailable(f"{place} {meaning}") from context.original_exception
        for words, meaning in _MEND.items():
            if words in said:
                raise InputError(f"{place} {meaning}") from context.original_exception

    return engine
