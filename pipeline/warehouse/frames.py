"""Frames of a contract as parameters of the database, columns at a time; the way back is `pipeline.contracts.rows`."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Delete, Insert, Update
from sqlalchemy.engine import Connection

from pipeline.contracts import Table


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


def to_midnight(days: pd.Series) -> pd.Series:
    """Days as ISO text as the moments they begin at (UTC)."""
    moments = pd.array(days.to_numpy(dtype="datetime64[us]"), dtype=pd.DatetimeTZDtype("us", "UTC"))
    return pd.Series(moments, index=days.index)


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
