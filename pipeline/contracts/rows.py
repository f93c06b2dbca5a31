"""Rows as databases give them to frames of a contract and back, a column at a time: one reader for every database.

Most frames here have a few rows, of which pandas' own conversions cost a hundred times as much as numpy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.contracts.table import Column, Table, dtypes_of

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame, Series
    from pandas.api.extensions import ExtensionArray, ExtensionDtype


def frame_of(table: Table, rows: Sequence[Sequence[Any]]) -> DataFrame:
    """Rows (columns in the table's order) as a frame of the contract's dtypes; nothing else is checked.

    Times may come as text (UTC), as whole microseconds since 1970, or as times with a zone; truth as 0 and 1.
    """
    if not rows:
        return table.empty()
    from pandas import DataFrame

    columns = zip(table.columns, dtypes_of(table), zip(*rows, strict=True), strict=True)
    return DataFrame({column.name: _values(column, dtype, values) for column, dtype, values in columns})


def plain(values: Series) -> list[Any]:
    """A column's values as Python has them, nulls as None."""
    import numpy as np

    if values.dtype == np.dtype("float64"):
        numbers = values.to_numpy()
        found = numbers.astype(object)
        found[np.isnan(numbers)] = None
        return found.tolist()
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "ib":  # without nulls
        return values.to_numpy().tolist()
    return values.to_numpy(dtype=object, na_value=None).tolist()


def _values(column: Column, dtype: ExtensionDtype | np.dtype, values: Sequence[Any]) -> ExtensionArray | np.ndarray:
    """A column's array: a Series of each, of the few rows of most answers, costs three times as much."""
    import numpy as np
    from pandas import Series, array

    if column.type == "time":
        return _moments(values)
    if column.type == "date":
        values = [None if value is None else str(value) for value in values]
    if column.type == "bool":
        values = [None if value is None else bool(value) for value in values]
    if column.type == "real":
        return np.array(values, dtype=dtype)
    if isinstance(dtype, np.dtype):
        found = np.array(values)
        return found if found.dtype == dtype else Series(values, dtype=dtype).array  # which refuses what it would cut
    return array(values, dtype=dtype)


def _moments(values: Sequence[Any]) -> ExtensionArray:
    import numpy as np
    from pandas import DatetimeTZDtype, Series, array, to_datetime

    if any(not isinstance(value, str | int) for value in values if value is not None):
        return to_datetime(Series(values, dtype=object), utc=True).dt.as_unit("us").array
    # pandas takes twenty times as long to read the few times of a small answer
    utc = np.array(["NaT" if value is None else value for value in values], dtype="datetime64[us]")
    return array(utc, dtype=DatetimeTZDtype("us", "UTC"))
