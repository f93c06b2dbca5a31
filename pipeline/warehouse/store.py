"""The warehouse: open it, read tables as frames, and sync frames into it so that only what changed is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from pipeline import contracts
from pipeline.errors import ContractError, InputError
from pipeline.warehouse import bulk, geography, schema, visits
from pipeline.warehouse.difference import Difference, agree, difference
from pipeline.warehouse.engine import address, place_of, reading_engine, sqlite_path, writing_engine
from pipeline.warehouse.frames import insert, to_columns, write
from pipeline.warehouse.models import FILLED_FROM, model
from pipeline.warehouse.postgres import own_columns
from pipeline.warehouse.scope import WHOLE, Derived, Scope, read_matching
from pipeline.warehouse.sqlite_file import NO_ROWS, head, numbered, older, wrong_sql
from pipeline.warehouse.watch import Watch


@dataclass(frozen=True)
class Changes:
    """How many rows a sync wrote; false when it wrote none."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.inserted + other.inserted, self.updated + other.updated, self.deleted + other.deleted)


def open_warehouse(url: str, busy_seconds: float = 10.0) -> Warehouse:
    """Open a warehouse for reading and writing, made or migrated to the newest schema if need be.

    url           SQLAlchemy URL, like sqlite:////data/coalwatch/warehouse.sqlite
    busy_seconds  how long to wait for another writer, unless an SQLite address says it (`?timeout=60`)
    raises        InputError for a bad URL, a file that is no database, or a schema newer than this code;
                  SourceUnavailable when another process holds it longer, or the disk is full
    """
    engine = writing_engine(url, busy_seconds)
    try:
        schema.migrate(engine, place_of(engine))
    except BaseException:
        engine.dispose()
        raise
    return Warehouse(engine)


def open_for_reading(url: str) -> Warehouse:
    """Open an existing warehouse that no statement can change, and that is the same for all questions: as it was at the
    first one, whoever writes meanwhile.

    raises  InputError as `open_warehouse` does, and when there is none or its schema is older than this code
    """
    engine = reading_engine(url)
    place = place_of(engine)
    warehouse = Warehouse(engine, of_one_moment=True)
    try:
        with warehouse._reading() as connection:
            found = schema.revision(connection, place)
        if found != head():
            raise InputError(older(place, found))
    except BaseException:
        warehouse.close()
        raise
    return warehouse


def open_or_empty(url: str) -> Warehouse:
    """As `open_for_reading`; where there is no SQLite file yet, an empty warehouse in memory: reading makes no file."""
    path = sqlite_path(address(url))
    return open_for_reading(url) if path is None or path.is_file() else open_warehouse("sqlite://")


class Warehouse:
    """One open warehouse; not to be shared by threads. Use as a context manager, or `close` it."""

    def __init__(self, engine: Engine, *, of_one_moment: bool = False) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._moment: Connection | None = None  # a transaction that all questions are asked in
        self._of_one_moment = of_one_moment
        self._watch: Watch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def as_sql(self) -> str:
        """The statements that make this warehouse, an SQLite one, with its rows."""
        with closing(self._engine.raw_connection()) as connection:
            return "\n".join(connection.driver_connection.iterdump())  # type: ignore[union-attr]

    def close(self) -> None:
        """Let go of the database."""
        self._forget_moment()
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All syncs inside change the warehouse together, or, when anything is raised (Ctrl-C too), not at all.

        Readers see the state before until it ends. A transaction inside another is part of it.
        """
        if self._connection is not None:
            yield
            return
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            self._connection = connection
            try:
                yield
            finally:
                self._connection = None

    def read(self, table: contracts.Table, scope: Scope = WHOLE) -> pd.DataFrame:
        """Stored rows of a table, as a frame that keeps its contract; in no particular order."""
        with self._reading() as connection:
            return scope.read(connection, table)

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Rows of any select (parameters written `:name`), value by value as the database gives them: times are text in
        SQLite, and nulls are None.

        raises  InputError with the database's words when the SQL is wrong, and what resembles an unknown name in it
        """
        names, rows = self._ask(sql, params)
        return pd.DataFrame(rows, columns=names, dtype=object)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """As `query`, each row a dictionary; a name that comes again is numbered (`mmsi`, `mmsi_2`)."""
        return self.answer(sql, params)[1]

    def answer(self, sql: str, params: Mapping[str, Any] | None = None) -> tuple[list[str], list[dict[str, Any]]]:
        """The columns' names, and `rows`: an answer without rows has columns too."""
        names, rows = self._ask(sql, params)
        names = numbered(names)
        return names, [dict(zip(names, row, strict=True)) for row in rows]

    def _ask(self, sql: str, params: Mapping[str, Any] | None) -> tuple[list[str], Sequence[Sequence[Any]]]:
        with self._reading() as connection:
            try:
                if params:
                    result = connection.execute(sa.text(sql), dict(params))
                else:  # to a driver that writes parameters %s, a % of the statement's own is written %%
                    written = connection.dialect.paramstyle in ("format", "pyformat")
                    result = connection.exec_driver_sql(sql.replace("%", "%%") if written else sql)
            except (sa.exc.StatementError, UnicodeError) as error:
                raise wrong_sql(getattr(error, "orig", error), sql, lambda: _columns(self._engine)) from None
            if not result.returns_rows:
                raise InputError(NO_ROWS)
            return list(result.keys()), result.fetchall()

    def sync(self, table: contracts.Table, rows: pd.DataFrame, scope: Scope = WHOLE) -> Changes:
        """Make the stored rows of the scope equal to `rows`, writing only what differs.

        Lifecycle columns are written with a new row and never compared or altered afterwards. A row whose key is stored
        outside the scope is taken over from there. Visits (`port_visit`) follow their calls.

        raises  ContractError when rows do not keep the table's contract, or a place lies nowhere on Earth
        """
        rows = table.conform(rows)
        geography.see_on_earth(table, rows)
        with self.transaction():
            connection = self._open_connection()
            stored = scope.read(connection, table)
            if agree(table, stored, rows):  # most often: of most ships and days, most kinds of event have no rows
                return Changes()
            found = self._compare(table, stored, rows)
            if self._watch is not None:
                self._watch.note(table, stored, found)
            touched = visits.touched(connection, table, found)
            wrote = self._apply(table, found)
            if len(touched):
                self._apply(contracts.PORT_VISIT, visits.changed(connection, touched))
            return wrote

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """What syncs inside change of which ships."""
        before, self._watch = self._watch, Watch()
        try:
            yield self._watch
        finally:
            self._watch = before

    def sync_events(
        self,
        table: contracts.Table,
        rows: pd.DataFrame,
        derived: pd.DataFrame,
        clause: sa.ColumnElement[bool] | None = None,
    ) -> Changes:
        """Sync the events of ships and days that were derived again (`derived` as in `scope.DERIVED`), or those of them
        for which a clause over `models.model(table)` holds.

        raises  ContractError when a row lies outside what was derived: it would never be corrected later
        """
        scope = Derived(derived, clause)
        stray = scope.outside(table, rows)
        if len(stray):
            first = stray.iloc[0]
            which = f"{first[table.key[0]]} (mmsi {first['mmsi']}, known at {first['known_at']})"
            raise ContractError(f"{table.name}: {which} and {len(stray) - 1} more lie outside what was derived")
        return self.sync(table, rows, scope)

    def filled_from(self) -> tuple[str, str] | None:
        """Id of the home that the warehouse was filled from, and the stamp of the run that wrote to it last."""
        with self._reading() as connection:
            row = connection.execute(sa.select(FILLED_FROM)).first()
        return (row.home_id, row.stamp) if row else None

    def note_filled_from(self, home_id: str, stamp: str) -> None:
        """Note the home and a new stamp, inside a transaction."""
        connection = self._open_connection()
        connection.execute(FILLED_FROM.delete())
        connection.execute(FILLED_FROM.insert().values(home_id=home_id, stamp=stamp))

    def _compare(self, table: contracts.Table, stored: pd.DataFrame, rows: pd.DataFrame) -> Difference:
        found = difference(table, stored, rows)
        if found.inserted.empty:
            return found
        elsewhere = read_matching(self._open_connection(), table, found.inserted[list(table.key)])
        if elsewhere.empty:
            return found
        return difference(table, pd.concat([stored, elsewhere], ignore_index=True), rows)

    def _apply(self, table: contracts.Table, found: Difference) -> Changes:
        if found.inserted.empty and found.updated.empty and found.deleted.empty:
            return Changes()
        connection, target = self._open_connection(), model(table)
        if connection.dialect.name == "postgresql":
            for rows, put in (
                (found.deleted, bulk.delete),
                (found.updated, bulk.update),
                (found.inserted, bulk.insert),
            ):
                if len(rows):
                    put(connection, table, rows)
            return Changes(len(found.inserted), len(found.updated), len(found.deleted))
        # Parameters of the key must not clash with those of the columns that an update sets.
        by_key = sa.and_(*(target.c[name] == sa.bindparam(f"key_{name}") for name in table.key))
        key = {name: f"key_{name}" for name in table.key}
        if len(found.deleted):
            columns = to_columns(table, found.deleted)
            write(connection, target.delete().where(by_key), {key[name]: column for name, column in columns.items()})
        if len(found.updated):
            columns = to_columns(table, found.updated)
            values: dict[str, Any] = {name: sa.bindparam(name) for name in columns if name not in key}
            columns = {key.get(name, name): column for name, column in columns.items()}
            write(connection, target.update().where(by_key).values(values), columns)
        if len(found.inserted):
            insert(connection, target, to_columns(table, found.inserted))
        return Changes(len(found.inserted), len(found.updated), len(found.deleted))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
        elif self._of_one_moment:
            self._moment = self._moment or self._engine.connect()
            try:
                yield self._moment
            except BaseException:
                self._forget_moment()  # PostgreSQL answers nothing more in a transaction after an error
                raise
        else:
            with self._engine.connect() as connection:
                yield connection

    def _forget_moment(self) -> None:
        if self._moment is not None:
            moment, self._moment = self._moment, None
            moment.close()

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise ContractError("warehouse: a write outside a transaction")
        return self._connection


def _columns(engine: Engine) -> dict[str, list[str]]:
    """Columns of each table and view, by name."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return own_columns(connection)
    inspector = sa.inspect(engine)
    names = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
    return {name: [column["name"] for column in inspector.get_columns(name)] for name in names}
