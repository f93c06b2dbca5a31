"""Many rows into PostgreSQL by a few statements: COPY for those that are new, a staging table for the others.

Everything runs on the caller's connection, inside its transaction.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from pipeline.contracts import Column, Table
from pipeline.warehouse import postgres
from pipeline.warehouse.frames import to_columns
from pipeline.warehouse.models import TYPES

if TYPE_CHECKING:
    import pandas as pd

_ROWS = 20_000  # of one piece of a COPY: a few megabytes
_STAGE = "pg_temp.given"
_WORTH_ANALYSING = 10_000  # from so many new rows on, plans of the same run want to know of them


def insert(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    """Add rows."""
    (name,) = _quoted(connection, table.name)
    _copy(connection, name, rows)
    if len(rows) >= _WORTH_ANALYSING:
        connection.exec_driver_sql(f"analyze {name}")


def update(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    """Give stored rows of the same key new values in the frame's other columns."""
    _stage(connection, table, rows)
    name, *columns = _quoted(connection, table.name, *(name for name in rows.columns if name not in table.key))
    values = ", ".join(f"{column} = given.{column}" for column in columns)
    same = _same_key(connection, table)
    connection.exec_driver_sql(f"update {name} as stored set {values} from {_STAGE} as given where {same}")


def delete(connection: Connection, table: Table, keys: pd.DataFrame) -> None:
    """Remove the stored rows of these keys."""
    _stage(connection, table, keys)
    (name,) = _quoted(connection, table.name)
    same = _same_key(connection, table)
    connection.exec_driver_sql(f"delete from {name} as stored using {_STAGE} as given where {same}")


def given(columns: Sequence[Column], frame: pd.DataFrame, name: str) -> sa.FromClause:
    """The frame's rows as something to join: arrays, for which no table is made, so that readers can do it too."""
    values = to_columns(Table(name, "", tuple(columns)), frame)
    kinds = {column.name: TYPES[column.type]() for column in columns}
    arrays = [
        sa.cast(sa.bindparam(None, values[one], sa.types.NullType(), unique=True), ARRAY(_stored(kind)))
        for one, kind in kinds.items()
    ]
    rows = sa.func.unnest(*arrays).table_valued(*(sa.column(one, kind) for one, kind in kinds.items()))
    return rows.render_derived(name=name)


def _stored(kind: Any) -> Any:
    """The database's own type: arrays travel as text and numbers, which the server reads."""
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind


def _stage(connection: Connection, table: Table, rows: pd.DataFrame) -> None:
    name, *columns = _quoted(connection, table.name, *rows.columns)
    connection.exec_driver_sql(f"drop table if exists {_STAGE}")
    connection.exec_driver_sql(
        f"create temporary table given on commit drop as select {', '.join(columns)} from {name} with no data"
    )
    _copy(connection, _STAGE, rows)
    connection.exec_driver_sql(f"analyze {_STAGE}")


def _same_key(connection: Connection, table: Table) -> str:
    return " and ".join(f"stored.{name} = given.{name}" for name in _quoted(connection, *table.key))


def _quoted(connection: Connection, *names: str) -> list[str]:
    return [connection.dialect.identifier_preparer.quote(name) for name in names]


def _copy(connection: Connection, target: str, rows: pd.DataFrame) -> None:
    import pyarrow as pa
    from pyarrow.csv import WriteOptions, write_csv

    frame, plain = pa.Table.from_pandas(rows, preserve_index=False), WriteOptions(include_header=False)
    columns = ", ".join(_quoted(connection, *frame.column_names))
    driver: Any = connection.connection.driver_connection
    with (
        postgres.translated(connection),
        driver.cursor() as cursor,
        cursor.copy(f"copy {target} ({columns}) from stdin (format csv)") as copy,
    ):
        for batch in frame.to_batches(max_chunksize=_ROWS):
            piece = io.BytesIO()
            write_csv(batch, piece, plain)
            copy.write(piece.getbuffer())
