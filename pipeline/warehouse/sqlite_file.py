"""A warehouse's file as SQLite gives it: opened for reading alone, at which revision, and what its errors mean.

Nothing heavy is imported: what asks without SQLAlchemy and what asks with it both stand on this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.resources import SQL
from pipeline.sqlite_reading import open_for_reading
from pipeline.warehouse.suggestions import meant

MIGRATIONS = SQL / "migrations"
NO_ROWS = "SQL: the statement returns no rows; expected a select"
REVISION = "alembic_version"  # the table that says how far migrations came
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


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to an SQLite file that can neither write nor reach another file; transactions are the caller's.

    raises  InputError if there is no such file, SourceUnavailable if the disk fails
    """
    require_file(path)
    try:
        connection = open_for_reading(path, check_same_thread=False, isolation_level=None)
        connection.set_authorizer(_refuse_other_files)
        connection.execute("pragma temp_store = memory").close()
    except sqlite3.Error as error:
        raise meaning(f"warehouse {path}", error) or error from None
    return connection


def require_file(path: Path) -> None:
    """See that there is a warehouse to be read.

    raises  InputError if there is no such file
    """
    if not path.is_file():
        raise InputError(f"warehouse {path}: no such file; `coalwatch run` makes it, --home says where it is")


def meaning(place: str, error: BaseException) -> CoalwatchError | None:
    """What an error of SQLite means for whoever has to act; None if it is about the statement."""
    said = str(error).lower()
    for words, what in _LATER.items():
        if words in said:
            return SourceUnavailable(f"{place} {what}")
    for words, what in _MEND.items():
        if words in said:
            return InputError(f"{place} {what}")
    return None


def wrong_sql(error: object, sql: str, columns: Callable[[], Mapping[str, Sequence[str]]]) -> InputError:
    """The database's words about a statement, in one line, and what was meant by an unknown name in it.

    columns  gives the columns of each table and view
    """
    said = " ".join(str(error).split())  # PostgreSQL shows where, in lines of its own
    hint = meant(columns, said, sql)
    return InputError(f"SQL: {said}; `coalwatch sql --dictionary` lists tables and columns{hint}")


def head() -> str:
    """The newest revision: migrations are one line of history, in order of their file names (0001_…, 0002_…)."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def check_revision(place: str, tables: list[str], found: str | None) -> str | None:
    """The revision a database is at; None when it is empty.

    raises  InputError when the revision is newer than this code, or the database holds tables of something else
    """
    if REVISION not in tables:
        if tables:
            raise InputError(
                f"{place} holds tables that are not coalwatch's ({', '.join(tables[:3])}); expected an empty database"
            )
        return None
    if found is not None and found > head():
        raise InputError(
            f"{place} has schema {found}, newer than the {head()} this coalwatch knows; install the newer coalwatch"
        )
    return found


def older(place: str, found: str | None) -> str:
    """What to do about a warehouse of an older schema."""
    if found is None:
        return f"{place} is empty; `coalwatch run` fills it"
    bring = "`coalwatch db upgrade`, or the next `coalwatch run`, brings it there"
    return f"{place} has schema {found}, expected {head()}; {bring}"


def numbered(names: list[str]) -> list[str]:
    """Column names, one that comes again with its number."""
    return [name if (nth := names[: at + 1].count(name)) == 1 else f"{name}_{nth}" for at, name in enumerate(names)]


def _refuse_other_files(action: int, *about: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
