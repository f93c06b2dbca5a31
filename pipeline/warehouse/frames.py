"""Rows of the database to frames of a contract, and back; columns at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Delete, Insert, Update
from sqlalchemy.engine import Connection

from pipeline.contracts import Column, Table

_UTC = pd.DatetimeTZDtype("us", "UTC")


def to_frame(table: Table, rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Rows as the driver gives them (columns in the table's order) as a frame that keeps the contract."""
    if not rows:
        return table.empty()
    columns = zip(table.columns, zip(*rows, strict=True), strict=True)
    return pd.DataFrame({column.name: _values(column, values) for column, values in columns})


def to_columns(table: Table, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The frame's columns as parameters by column name; nulls are None, times and days are text."""
    kinds = {column.name: column.type for column in table.columns}
    return {name: _parameters(frame[name], kinds[name]) for name in frame.columns}


def write(connection: Connection, statement: Insert | Update | Delete, columns: dict[str, list[Any]]) -> None:
    """Run a statement once for each row of the columns, which are named like its parameters."""
    compiled = statement.compile(connection, column_keys=list(columns))
    if compiled.positional:
        # Straight to the driver: preparing parameters row by row costs four times what SQLite needs to write them.
        rows = list(zip(*(columns[name] for name in compiled.positiontup or ()), strict=True))
        connection.exec_driver_sql(str(compiled), rows)
    else:
        rows = list(zip(*columns.values(), strict=True))
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])


def _values(column: Column, values: Sequence[Any]) -> Any:
    if column.type == "time":
        return _moments(values)
    if column.type == "date":
        values = [None if value is None else str(value) for value in values]
    if column.type == "bool":
        values = [None if value is None else bool(value) for value in values]
    return pd.Series(values, dtype=column.dtype)


def _moments(values: Sequence[Any]) -> pd.Series:
    """Times as SQLite keeps them (text, UTC), or as other drivers give them (with their zone)."""
    if any(not isinstance(value, str) for value in values if value is not None):
        return pd.to_datetime(pd.Series(values, dtype=object), utc=True).dt.as_unit("us")
    # pandas takes twenty times as long to read the few times of a small answer
    utc = np.array(["NaT" if value is None else value for value in values], dtype="datetime64[us]")
    return pd.Series(pd.array(utc, dtype=_UTC))


def _parameters(values: pd.Series, kind: str) -> list[Any]:
    if kind == "time":
        return _time_text(values)
    return values.to_numpy(dtype=object, na_value=None).tolist()


def _time_text(values: pd.Series) -> list[str | None]:
    """Times as text (see `pipeline.warehouse.models`), a whole column at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.array(values.dt.tz_localize(None), type=pa.timestamp("us")).cast(pa.string())
    return pc.replace_substring_regex(text, r"\.000000$", "").to_pylist()
