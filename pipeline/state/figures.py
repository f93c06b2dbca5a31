"""Figures of providers as they count: those of the file that was fetched last, whole.

A refresh asks all its questions again, so the newest file of a kind takes the place of those before it; a file without
note of its origin counts as fetched before all others, and among equals the greater source_file_id counts. So the order
of landing does not matter, and a file a week makes no run slower.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import Table
from pipeline.state.processed_parts import read_part, standing

if TYPE_CHECKING:
    from pandas import DataFrame


def read_figures(catalog: sqlite3.Connection, folder: Path, table: Table) -> DataFrame:
    """The rows of a table of figures that count, without terms; none where nothing of it has landed.

    folder  the lake's folder
    """
    parts = sorted(standing(catalog, table.name), key=lambda one: (one.fetched_at, one.source_file_id))
    if not parts:
        return table.empty()
    return read_part(folder / parts[-1].path, table, parts[-1].source_file_id)
