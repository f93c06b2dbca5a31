"""Scopes: which stored rows of a table a read or a sync answers for.

    WHOLE                          all rows
    Where(clause)                  rows for which an SQLAlchemy clause over `models.model(table)` holds
    Among("mmsi", mmsis, clause)   rows whose column is one of a set, however large, and for which the clause holds
    Matching(frame)                rows that agree with a row of the frame in all of its columns
    Derived(frame)                 event rows of ships and days that were derived again

Sets travel as a temporary table (on PostgreSQL as arrays), so their size meets no limit on parameters and the database
joins by its indexes. Of a table without rows nothing is asked: many kinds of event are rare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Protocol

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable, DropTable

from pipeline import contracts
from pipeline.contracts import OURS
from pipeline.contracts.rows import frame_of
from pipeline.errors import ContractError
from pipeline.warehouse import bulk
from pipeline.warehouse.frames import insert, to_columns, to_midnight
from pipeline.warehouse.models import TYPES, model

DERIVED = contracts.Table(
    "derived",
    "ship and days of it that were derived again",
    (
        contracts.Column("mmsi", "int", "MMSI"),
        contracts.Column("from_day", "date", "first day derived again"),
        contracts.Column("to_day", "date", "last day derived again"),
        contracts.Column("reaches_end", "bool", "whether the derivation went on to the end of the data"),
    ),
)
_LIMITS = (
    contracts.Column("mmsi", "int", "MMSI"),
    contracts.Column("known_after", "time", "rows known later than this"),
    contracts.Column("known_by", "time", "and not later than this"),
    contracts.Column("reaches_end", "bool", "and the open rows too"),
)


class Scope(Protocol):
    """Which stored rows of a table are meant."""

    def read(self, connection: Connection, table: contracts.Table) -> pd.DataFrame:
        """The stored rows in this scope, as a frame that keeps the contract."""
        ...


class Whole:
    """All rows."""

    def read(self, connection: Connection, table: contracts.Table) -> pd.DataFrame:
        """All rows of the table."""
        return fetch(connection, table, _select(table))


WHOLE = Whole()


@dataclass(frozen=True)
class Where:
    """Rows for which a clause over `models.model(table)` holds."""

    clause: sa.ColumnElement[bool]

    def read(self, connection: Connection, table: contracts.Table) -> pd.DataFrame:
        """The rows for which the clause holds."""
        return fetch(connection, table, _select(table).where(self.clause))


@dataclass(frozen=True)
class Among:
    """Rows whose `column` is one of `values`, and for which `clause` over `models.model(table)` holds."""

    column: str
    values: Iterable[Any]
    clause: sa.ColumnElement[bool] | None = None

    def read(self, connection: Connection, table: contracts.Table) -> pd.DataFrame:
        """The rows whose column is one of the values and for which the clause holds."""
        values = list(self.values)
        if not values or _has_no_rows(connection, table):
            return table.empty()
        column = next(column for column in table.columns if column.name == self.column)
        distinct = pd.DataFrame({self.column: pd.Series(values, dtype=column.dtype).drop_duplicates()})
        with _staged(connection, contracts.Table("given", "", (column,)), distinct) as given:
            # not a join: the database may begin with the clause's index
            chosen = model(table).c[self.column].in_(sa.select(given.c[self.column]))
            where = chosen if self.clause is None else sa.and_(chosen, self.clause)
            return fetch(connection, table, _select(table).where(where))


@dataclass(frozen=True)
class Matching:
    """Rows that agree with some row of `frame` in all of its columns, which hold no nulls."""

    frame: pd.DataFrame

    def read(self, connection: Connection, table: contracts.Table) -> pd.DataFrame:
        """The rows that agree with one of the frame's."""
        dtypes = {column.name: column.dtype for column in table.columns if column.name in self.frame.columns}
        return read_matching(connection, table, self.frame.astype(dtypes).drop_duplicates())


@dataclass(frozen=True)
class Derived:
    """Event rows of ships and days that were derived again: `frame` is DERIVED, a ship may have several rows.

    A closed row belongs to the day that closed it: its `known_at` is the midnight after that day, so it lies in
    (from_day 00:00, to_day + 1 day 00:00]. Open rows of a ship are in scope when her derivation reached the end of
    the data. A table whose rows never close goes by `known_at` alone. Events of a provider are never in
    scope: what is derived from positions says nothing of them.
    """

    frame: pd.DataFrame
    clause: sa.ColumnElement[bool] | None = None

    def read(self, connection: Connection, table: contracts.Table) -> pd.DataFrame:
        """The closed rows of the days, and the open rows of ships derived to the end."""
        if _has_no_rows(connection, table):
            return table.empty()
        target = model(table)
        given = contracts.Table("given", "", _LIMITS)
        with _staged(connection, given, self._limits) as limits:
            of_ship = target.c.mmsi == limits.c.mmsi
            if "source" in target.c:
                of_ship = sa.and_(of_ship, target.c.source == OURS)
            if self.clause is not None:
                of_ship = sa.and_(of_ship, self.clause)
            of_days = sa.and_(target.c.known_at > limits.c.known_after, target.c.known_at <= limits.c.known_by)
            if table.open_when is None:
                found = fetch(connection, table, _select(table).join(limits, sa.and_(of_ship, of_days)))
            else:
                is_open = target.c[table.open_when].is_(None)
                closed = _select(table).join(limits, sa.and_(of_ship, of_days, ~is_open))
                still_open = _select(table).join(limits, sa.and_(of_ship, is_open, limits.c.reaches_end))
                found = fetch(connection, table, sa.union_all(closed, still_open))
        return found.drop_duplicates(list(table.key), ignore_index=True)

    def outside(self, table: contracts.Table, rows: pd.DataFrame) -> pd.DataFrame:
        """Those of the rows that lie outside the scope, by the same rule."""
        if rows.empty:
            return rows
        limits = self._limits
        facts = rows[["mmsi", "known_at"]].assign(row=range(len(rows)), open=False)
        if table.open_when is not None:
            facts["open"] = rows[table.open_when].isna().to_numpy()
        pairs = facts.merge(limits, on="mmsi", how="inner", validate="many_to_many")
        of_days = (pairs["known_at"] > pairs["known_after"]) & (pairs["known_at"] <= pairs["known_by"])
        inside = pairs.loc[(of_days & ~pairs["open"]) | (pairs["open"] & pairs["reaches_end"]), "row"]
        return rows[~facts["row"].isin(inside).to_numpy()]

    @cached_property
    def _limits(self) -> pd.DataFrame:
        frame = DERIVED.conform(self.frame)
        first, last = (to_midnight(frame[name]) for name in ("from_day", "to_day"))
        if (last < first).any():
            raise ContractError(f"derived: to_day lies before from_day in row {int((last < first).argmax())}")
        known_by = last + pd.Timedelta(days=1)
        return frame[["mmsi"]].assign(known_after=first, known_by=known_by, reaches_end=frame["reaches_end"])


def read_matching(connection: Connection, table: contracts.Table, values: pd.DataFrame) -> pd.DataFrame:
    """The stored rows that agree with a row of `values` (distinct rows) in all of its columns."""
    if _has_no_rows(connection, table):
        return table.empty()
    columns = tuple(column for column in table.columns if column.name in values.columns)
    with _staged(connection, contracts.Table("given", "", columns), values) as given:
        agree = sa.and_(*(model(table).c[column.name] == given.c[column.name] for column in columns))
        return fetch(connection, table, _select(table).join(given, agree))


def fetch(connection: Connection, table: contracts.Table, statement: sa.Executable) -> pd.DataFrame:
    """Run a statement that selects all columns of the table, as a frame that keeps the contract."""
    result = connection.execute(statement)
    return frame_of(table, result.cursor.fetchall())  # plain tuples: half the time of result rows


def _has_no_rows(connection: Connection, table: contracts.Table) -> bool:
    return connection.exec_driver_sql(f"select 1 from {table.name} limit 1").first() is None


@cache
def _select(table: contracts.Table) -> Any:
    """Select all columns as the driver gives them: `frame_of` converts whole columns, not value by value."""
    raw = [sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in model(table).columns]
    return sa.select(*raw).select_from(model(table))


@contextmanager
def _staged(connection: Connection, table: contracts.Table, frame: pd.DataFrame) -> Iterator[sa.FromClause]:
    """The frame as something to join: a temporary table of this connection, dropped at the end, or arrays."""
    if connection.dialect.name == "postgresql":
        yield bulk.given(table.columns, frame, "given")
        return
    depth = connection.info.get("staged", 0)
    staged = _stage(table.columns, depth)
    drop, create = _ddl(staged, connection.dialect.name)
    connection.exec_driver_sql(drop)  # what an error may have left of it
    connection.exec_driver_sql(create)
    connection.info["staged"] = depth + 1
    try:
        if len(frame):
            insert(connection, staged, to_columns(table, frame))
        yield staged
    finally:
        connection.info["staged"] = depth
        connection.exec_driver_sql(drop)


@cache
def _stage(columns: tuple[contracts.Column, ...], depth: int) -> sa.Table:
    """A temporary table; the same object for the same columns, so that statements about it are compiled once."""
    kept = [sa.Column(column.name, TYPES[column.type]()) for column in columns]
    return sa.Table(f"given_{depth}", sa.MetaData(), *kept, prefixes=["TEMPORARY"])


@cache
def _ddl(staged: sa.Table, dialect: str) -> tuple[str, str]:
    """The texts that drop and make a temporary table: compiling them anew costs more than the statements do."""
    wording = sa.make_url(f"{dialect}://").get_dialect()()
    drop, create = DropTable(staged, if_exists=True), CreateTable(staged)
    return str(drop.compile(dialect=wording)), str(create.compile(dialect=wording))
