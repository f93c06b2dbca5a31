"""Asking a warehouse without anything heavy: an SQLite file by Python's own driver, others through `store`.

Most commands ask a few selects and print the rows; loading SQLAlchemy and pandas for that costs ten times the asking.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.resources import SQL
from pipeline.warehouse.suggestions import meant

if TYPE_CHECKING:
    from pipeline.warehouse.store import Warehouse

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
_PLAIN_FILE = re.compile(r"sqlite:///([^?]+)")  # an address that says nothing but a path
_WRONG_SQL = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)


class Reader:
    """An SQLite warehouse that no statement can change, as it is when it is opened. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._place = f"warehouse {path}"
        self._connection = open_file(path)
        try:
            self._ask("begin")
            found = self._revision()
            if found != head():
                raise InputError(older(self._place, found))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of any select (parameters written `:name`), value by value as SQLite gives them: times are text. A name
        that comes again is numbered (`mmsi`, `mmsi_2`).

        raises  InputError with the database's words when the SQL is wrong
        """
        try:
            cursor = self._ask(sql, params or {})
            found = cursor.fetchall()
        except _WRONG_SQL as error:
            raise meaning(self._place, error) or wrong_sql(error, sql, self._columns) from None
        if cursor.description is None:
            raise InputError(NO_ROWS)
        names = numbered([column[0] for column in cursor.description])
        return [dict(zip(names, row, strict=True)) for row in found]

    def filled_from(self) -> tuple[str, str] | None:
        """Id of the home that the warehouse was filled from, and the stamp of the run that wrote to it last."""
        return self._ask("select home_id, stamp from filled_from").fetchone()

    def _columns(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for table, column in self._ask(
            "select one.name, its.name from sqlite_schema as one, pragma_table_info(one.name) as its"
            " where one.type in ('table', 'view') order by one.name, its.cid"
        ):
            found.setdefault(table, []).append(column)
        return found

    def _ask(self, sql: str, params: Mapping[str, Any] | None = None) -> sqlite3.Cursor:
        return self._connection.execute(sql, params or {})

    def _revision(self) -> str | None:
        try:
            tables = [
                name for (name,) in self._ask("select name from sqlite_master where type = 'table' order by name")
            ]
            found = self._ask(f"select version_num from {REVISION}").fetchone() if REVISION in tables else None
        except sqlite3.Error as error:
            raise meaning(self._place, error) or error from None
        return check_revision(self._place, tables, found and found[0])


def open_reader(url: str) -> Reader | Warehouse:
    """Open an existing warehouse for asking; `rows` of either answers in the same way.

    raises  InputError as `store.open_for_reading`
    """
    plain = _PLAIN_FILE.fullmatch(url)
    if plain and plain[1] != ":memory:":
        return Reader(Path(plain[1]))
    from pipeline.warehouse.store import open_for_reading

    return open_for_reading(url)


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to an SQLite file that can neither write nor reach another file; transactions are the caller's.

    raises  InputError if there is no such file, SourceUnavailable if the disk fails
    """
    require_file(path)
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
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
    return f"{place} has schema {found}, expected {head()}; `coalwatch run` brings it there"


def numbered(names: list[str]) -> list[str]:
    """Column names, one that comes again with its number."""
    return [name if (nth := names[: at + 1].count(name)) == 1 else f"{name}_{nth}" for at, name in enumerate(names)]


def _refuse_other_files(action: int, *about: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
