"""Asking a warehouse without anything heavy: an SQLite file by Python's own driver, others through `store`.

Most commands run a few selects and print the rows; loading SQLAlchemy and pandas for that costs ten times the queries.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipeline.errors import InputError
from pipeline.remembered import from_files
from pipeline.warehouse.sqlite_file import (
    NO_ROWS,
    REVISION,
    check_revision,
    head,
    meaning,
    numbered,
    older,
    open_file,
    wrong_sql,
)

if TYPE_CHECKING:
    from pipeline.warehouse.store import Warehouse

_PLAIN_FILE = re.compile(r"sqlite:///([^?]+)")  # an address that says nothing but a path
_WRONG_SQL = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)


class Reader:
    """An SQLite warehouse that no statement can change, as it is when it is opened. Use as a context manager.

    path  None: an empty one in memory
    """

    def __init__(self, path: Path | None) -> None:
        self._place = f"warehouse {path or 'in memory'}"
        self._connection = open_file(path) if path else _empty()
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
        return self.answer(sql, params)[1]

    def answer(self, sql: str, params: Mapping[str, Any] | None = None) -> tuple[list[str], list[dict[str, Any]]]:
        """The columns' names, and `rows`: an answer without rows has columns too."""
        try:
            cursor = self._ask(sql, params or {})
            found = cursor.fetchall()
        except _WRONG_SQL as error:
            raise meaning(self._place, error) or wrong_sql(error, sql, self._columns) from None
        if cursor.description is None:
            raise InputError(NO_ROWS)
        names = numbered([column[0] for column in cursor.description])
        return names, [dict(zip(names, row, strict=True)) for row in found]

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


def open_reader(url: str, *, or_empty: bool = False) -> Reader | Warehouse:
    """Open an existing warehouse for queries; `rows` of either answers in the same way.

    or_empty  where there is no SQLite file yet, an empty warehouse in memory
    raises    InputError as `store.open_for_reading`
    """
    plain = _PLAIN_FILE.fullmatch(url)
    if plain and plain[1] != ":memory:":
        return Reader(None if or_empty and not Path(plain[1]).is_file() else Path(plain[1]))
    from pipeline.warehouse.store import open_for_reading, open_or_empty

    return (open_or_empty if or_empty else open_for_reading)(url)


def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    connection.executescript(from_files("schema", _schema)).close()
    connection.execute("pragma query_only = on").close()
    return connection


def _schema() -> str:
    """The statements that make an empty warehouse, as migrations do."""
    from pipeline.warehouse.store import open_warehouse

    with open_warehouse("sqlite://") as warehouse:
        return warehouse.as_sql()
