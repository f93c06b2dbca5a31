"""Rows as databases give them to frames of a contract, a column at a time: one reader for every database we keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.contracts.table import Column, Table

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def frame_of(table: Table, rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Rows (columns in the table's order) as a frame of the contract's dtypes; nothing else is checked.

    Times may come as text (UTC), as whole microseconds since 1970, or as times with a zone; truth as 0 and 1.
    """
    if not rows:
        return table.empty()
    from pandas import DataFrame

    columns = zip(table.columns, zip(*rows, strict=True), strict=True)
    return DataFrame({column.name: _values(column, values) for column, values in columns})


def _values(column: Column, values: Sequence[Any]) -> Series:
    from pandas import Series

    if column.type == "time":
        return _moments(values)
    if column.type == "date":
        values = [None if value is None else str(value) for value in values]
    if column.type == "bool":
        values = [None if value is None else bool(value) for value in values]
    return Series(values, dtype=column.dtype)


def _moments(values: Sequence[Any]) -> Series:
    import numpy as np
    from pandas import DatetimeTZDtype, Series, array, to_datetime

    if any(not isinstance(value, str | int) for value in values if value is not None):
        return to_datetime(Series(values, dtype=object), utc=True).dt.as_unit("us")
    # pandas takes twenty times as long to read the few times of a small answer
    utc = np.array(["NaT" if value is None else value for value in values], dtype="datetime64[us]")
    return Series(array(utc, dtype=DatetimeTZDtype("us", "UTC")))
