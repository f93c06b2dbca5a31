"""Frames of a contract as parameters of the database, columns at a time; the way back is `pipeline.contracts.rows`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Delete, Insert, Update
from sqlalchemy.engine import Connection

from pipeline.contracts import Table
from pipeline.contracts.rows import plain


def to_columns(table: Table, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The frame's columns as parameters by column name; nulls are None, times and days are text."""
    kinds = {column.name: column.type for column in table.columns}
    return {name: _parameters(frame[name], kinds[name]) for name in frame.columns}


def insert(connection: Connection, target: sa.Table, columns: dict[str, list[Any]]) -> None:
    """Add a row for each of the columns."""
    dialect = connection.dialect
    if dialect.positional:
        _run(connection, columns, *_insertion(target, tuple(columns), dialect.name))
    else:
        write(connection, target.insert(), columns)


def write(connection: Connection, statement: Insert | Update | Delete, columns: dict[str, list[Any]]) -> None:
    """Run a statement once for each row of the columns, which are named like its parameters."""
    compiled = statement.compile(connection, column_keys=list(columns))
    if compiled.positional:
        _run(connection, columns, str(compiled), compiled.positiontup or ())
    else:
        rows = list(zip(*columns.values(), strict=True))
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])


def _run(connection: Connection, columns: dict[str, list[Any]], text: str, order: Sequence[str]) -> None:
    """Straight to the driver: preparing parameters row by row costs four times what SQLite needs to write them."""
    connection.exec_driver_sql(text, list(zip(*(columns[name] for name in order), strict=True)))


@cache
def _insertion(target: sa.Table, names: tuple[str, ...], dialect: str) -> tuple[str, Sequence[str]]:
    """An insert's text and the order of its parameters: most inserts have fewer rows than compiling one is worth."""
    wording = sa.make_url(f"{dialect}://").get_dialect()()
    compiled = target.insert().compile(dialect=wording, column_keys=list(names))
    return str(compiled), tuple(compiled.positiontup or ())


def to_midnight(days: pd.Series) -> pd.Series:
    """Days as ISO text as the moments they begin at (UTC)."""
    moments = pd.array(days.to_numpy(dtype="datetime64[us]"), dtype=pd.DatetimeTZDtype("us", "UTC"))
    return pd.Series(moments, index=days.index)


def _parameters(values: pd.Series, kind: str) -> list[Any]:
    return _time_text(values) if kind == "time" else plain(values)


def _time_text(values: pd.Series) -> list[str | None]:
    """Times as text (see `pipeline.warehouse.models`), a whole column at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.array(values.to_numpy("datetime64[us]"), type=pa.timestamp("us")).cast(pa.string())
    return pc.replace_substring_regex(text, r"\.000000$", "").to_pylist()
