"""Which parts of a kind count now, and of which the tables made from them took note."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import Table
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import reading

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, order=True)
class ProcessedPart:
    """A part as it counts: where it lies, its file, and when that was fetched last (ISO 8601; empty if not noted)."""

    path: str
    source_file_id: str
    fetched_at: str


def make_table(catalog: sqlite3.Connection, table: str) -> None:
    """The table of parts of which note was taken; one that does not hold when they were fetched is brought to this
    form."""
    catalog.execute(
        f"create table if not exists {table} (path text primary key, source_file_id text not null, "
        "fetched_at text not null default '') without rowid"
    )
    if _is_old(catalog, table):
        with transaction(catalog):
            if _is_old(catalog, table):  # another process may have come first
                catalog.execute(f"alter table {table} add column fetched_at text not null default ''")
                catalog.execute(
                    f"update {table} set fetched_at = coalesce((select fetched_at from source_file "
                    f"where source_file_id = {table}.source_file_id), '')"
                )


def drop_outdated(catalog: sqlite3.Connection, contract: Table, notes: str) -> None:
    """Drop the table of a contract whose columns were others, with its notes: it is made from the parts again."""
    if _is_outdated(catalog, contract):
        with transaction(catalog):
            if _is_outdated(catalog, contract):  # another process may have come first
                for table in (contract.name, notes):
                    catalog.execute(f"drop table if exists {table}")


def read_part(path: Path, contract: Table, source_file_id: str) -> DataFrame:
    """A part as its contract has it; columns that it did not have when the part was written are null."""
    from pandas import read_parquet

    with reading(path):
        frame = read_parquet(path).assign(source_file_id=source_file_id)
    return contract.conform(frame.reindex(columns=contract.names))


def standing(catalog: sqlite3.Connection, kind: str) -> set[ProcessedPart]:
    """Parts that count now."""
    rows = catalog.execute(
        "select path, source_file_id, coalesce(fetched_at, '') from part join source_file using (source_file_id) "
        "where kind = ?",
        [kind],
    )
    return {ProcessedPart(*row) for row in rows}


def noted(catalog: sqlite3.Connection, table: str) -> set[ProcessedPart]:
    """Parts of which note was taken, as they were then."""
    rows = catalog.execute(f"select path, source_file_id, fetched_at from {table}")
    return {ProcessedPart(*row) for row in rows}


def note(catalog: sqlite3.Connection, table: str, part: ProcessedPart) -> None:
    """Note a part, as it is now if it was noted before."""
    catalog.execute(
        f"insert or replace into {table} (path, source_file_id, fetched_at) values (?, ?, ?)",
        [part.path, part.source_file_id, part.fetched_at],
    )


def _is_outdated(catalog: sqlite3.Connection, contract: Table) -> bool:
    columns = [row[1] for row in catalog.execute(f"pragma table_info({contract.name})")]
    return bool(columns) and columns != contract.names


def _is_old(catalog: sqlite3.Connection, table: str) -> bool:
    return not any(row[1] == "fetched_at" for row in catalog.execute(f"pragma table_info({table})"))
