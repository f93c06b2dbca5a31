"""What happened to ships, and who they are: what cases are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.contracts import Table


@dataclass(frozen=True)
class Events:
    """Rows of tables of events, and to whom they happened.

    tables      by name of the table; one that is not there has no rows
    vessels     VESSEL
    identities  VESSEL_IDENTITY
    """

    tables: Mapping[str, DataFrame]
    vessels: DataFrame
    identities: DataFrame

    def __getitem__(self, table: Table) -> DataFrame:
        """The rows of a table."""
        return self.tables[table.name] if table.name in self.tables else table.empty()

    def replaced(self, rows: Mapping[Table, DataFrame]) -> Events:
        """The same with other rows in some tables."""
        others = {table.name: frame for table, frame in rows.items()}
        return Events({**self.tables, **others}, self.vessels, self.identities)

    def of_all(self, tables: Mapping[str, Table], column: str) -> Series:
        """A column of every event of the tables that have it, by event id."""
        from pandas import Series, concat

        found = [self[table].set_index(table.key[0])[column] for table in tables.values() if column in table.names]
        filled = [values for values in found if len(values)]
        return concat(filled) if filled else Series(dtype=object, name=column)
