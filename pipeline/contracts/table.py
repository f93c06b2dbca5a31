"""What a table is: columns with types and sentences, key and grain; frames are cast to it and checked against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.errors import ContractError

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame, Series
    from pandas.api.extensions import ExtensionArray, ExtensionDtype

# Column types and the pandas dtype that carries them: (without nulls, with nulls).
DTYPES = {
    "int": ("int64", "Int64"),
    "real": ("float64", "float64"),
    "text": ("str", "str"),
    "bool": ("bool", "boolean"),
    "time": ("datetime64[us, UTC]", "datetime64[us, UTC]"),
    "date": ("str", "str"),  # ISO text in frames, DATE in the warehouse
}


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be null, and a sentence (with the unit where the name does not say it)."""

    name: str
    type: str
    doc: str
    null: bool = False

    @property
    def dtype(self) -> str:
        """The pandas dtype that carries this column."""
        return DTYPES[self.type][self.null]


@dataclass(frozen=True)
class Table:
    """One table: `grain` completes "one row per …"; `key` is unique; `open_when` names the column that is null while
    a row is open; `span` names the columns with when what a row of events reports began and ended, `ships` those with
    the MMSIs of its ships.

    `not_derived` is true where no detector of ours fills the table yet: it holds what providers report, if anything.
    `lifecycle` columns record the order in which things became known; all others are a function of the data and
    the knowledge files.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    open_when: str | None = None
    span: tuple[str, str] = ("known_at", "known_at")
    ships: tuple[str, ...] = ("mmsi",)
    not_derived: bool = False
    lifecycle: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def empty(self) -> DataFrame:
        """A frame of this table without rows."""
        return _empty(self).copy(deep=False)

    def conform(self, frame: DataFrame) -> DataFrame:
        """The frame with exactly this table's columns, in order, cast to their dtypes; then checked.

        raises  ContractError as `check` does
        """
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise ContractError(
                f"{self.name}: column {missing[0]} is missing (found: {', '.join(map(str, frame.columns))})"
            )
        if not len(frame):
            return self.empty()
        if not frame.columns.is_unique and frame[self.names].columns.has_duplicates:
            raise ContractError(f"{self.name}: a column is there twice (found: {', '.join(map(str, frame.columns))})")
        from pandas import DataFrame

        wanted = list(zip(self.columns, dtypes_of(self), strict=True))
        if list(frame.columns) != self.names:  # choosing columns of a frame costs more than making one of them
            return self.check(DataFrame({one.name: _cast(frame[one.name], one, dtype).array for one, dtype in wanted}))
        others = [(one, dtype) for (one, dtype), found in zip(wanted, frame.dtypes, strict=True) if found != dtype]
        chosen = frame.reset_index(drop=True)
        if not others:
            return self.check(chosen)
        return self.check(chosen.assign(**{one.name: _cast(chosen[one.name], one, dtype) for one, dtype in others}))

    def check(self, frame: DataFrame) -> DataFrame:
        """Return the frame unchanged if it keeps the contract.

        raises  ContractError naming the table, the column and the first offending row
        """
        if list(frame.columns) != self.names:
            raise ContractError(f"{self.name}: columns are {list(frame.columns)}; expected {self.names}")
        for column, dtype, wanted in zip(self.columns, frame.dtypes, dtypes_of(self), strict=True):
            if dtype != wanted:
                raise ContractError(f"{self.name}.{column.name}: dtype is {dtype}; expected {column.dtype}")
            if column.null or wanted.kind in "ib":  # whole numbers and truths without nulls have no null to find
                continue
            if (nulls := frame[column.name].array.isna()).any():
                raise ContractError(f"{self.name}.{column.name}: null in row {int(nulls.argmax())}; expected a value")
        if self.key and len(frame) > 1 and not _are_distinct(frame, self.key):
            row = frame.loc[frame.duplicated(list(self.key)), list(self.key)].iloc[0].tolist()
            raise ContractError(f"{self.name}: key {self.key} is not unique, first at {row}")
        return frame


def _are_distinct(frame: DataFrame, key: tuple[str, ...]) -> bool:
    """Whether no two rows have the same key; an id alone is asked at a quarter of the price."""
    return frame[key[0]].is_unique if len(key) == 1 else not frame.duplicated(list(key)).any()


@cache
def dtypes_of(table: Table) -> list[ExtensionDtype | np.dtype]:
    """The dtype of each column of a table: comparing dtypes is much cheaper than comparing their names."""
    from pandas.api.types import pandas_dtype

    return [pandas_dtype(column.dtype) for column in table.columns]


@cache
def _empty(table: Table) -> DataFrame:
    from pandas import DataFrame

    return DataFrame({column.name: _nothing(column.dtype) for column in table.columns})


@cache
def _nothing(dtype: str) -> ExtensionArray | np.ndarray:
    """No values of a dtype; tables have hundreds of columns of a few dtypes."""
    from pandas import Series

    return Series(dtype=dtype).array


def _cast(values: Series, column: Column, dtype: ExtensionDtype | np.dtype) -> Series:
    """The values in the column's dtype; times without a zone are UTC already."""
    if values.dtype == dtype:
        return values
    if column.type == "time" and getattr(values.dtype, "tz", None) is None:
        from pandas import to_datetime

        values = to_datetime(values, utc=True)
    return values.astype(dtype)


def columns(text: str) -> tuple[Column, ...]:
    """Columns from lines `name type sentence`; a type with `?` may be null."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, kind, doc = line.strip().split(None, 2)
        found.append(Column(name, kind.rstrip("?"), doc, kind.endswith("?")))
    return tuple(found)
