"""Frames in the catalogue: a contract as SQLite takes it (times: microseconds since 1970, UTC); the way back is
`pipeline.contracts.rows`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.contracts import Table
from pipeline.contracts.rows import plain

if TYPE_CHECKING:
    from pandas import Series

_TYPES = {"int": "integer", "real": "real", "bool": "integer", "time": "integer"}


def sql_columns(table: Table) -> str:
    """The columns of a contract in the words of `create table`."""
    return ", ".join(f"{column.name} {_TYPES.get(column.type, 'text')}" for column in table.columns)


def plain_values(values: Series) -> list[object]:
    """A column as SQLite takes it."""
    if getattr(values.dtype, "tz", None) is not None:
        micros = values.to_numpy("datetime64[us]").astype("int64").astype(object)
        micros[values.isna().to_numpy()] = None
        return list(micros)
    return plain(values)
