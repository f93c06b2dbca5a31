"""What must be written so that stored rows become new rows: the difference of two frames of one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.contracts import Table


@dataclass(frozen=True)
class Difference:
    """Rows to insert, rows to update (new values), and keys to delete."""

    inserted: pd.DataFrame
    updated: pd.DataFrame
    deleted: pd.DataFrame


def agree(table: Table, stored: pd.DataFrame, rows: pd.DataFrame) -> bool:
    """Whether two frames of one table hold the same facts in the same order, as what is read again from a file that did
    not change does; lifecycle columns are not compared."""
    return len(stored) == len(rows) and _facts(table, stored).equals(_facts(table, rows))


def difference(table: Table, stored: pd.DataFrame, rows: pd.DataFrame) -> Difference:
    """Compare two frames of one table by its key; lifecycle columns are neither compared nor updated.

    stored, rows  frames that keep the table's contract
    returns       inserted: whole rows; updated: all but the lifecycle columns; deleted: key columns
    """
    key = list(table.key)
    if stored.empty or rows.empty:
        return Difference(rows, _facts(table, rows.iloc[:0]), stored[key])
    before, after = _facts(table, stored), _facts(table, rows)
    place = _index(stored[key]).get_indexer(_index(rows[key]))
    known = place >= 0
    before, after = before.take(place[known]), after[known]
    gone = np.ones(len(stored), dtype=bool)
    gone[place[known]] = False
    return Difference(rows[~known], after[_differing(before, after, key)], stored.loc[gone, key])


def _facts(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=list(table.lifecycle)) if table.lifecycle else frame


def _index(keys: pd.DataFrame) -> pd.Index:
    return pd.Index(keys.iloc[:, 0]) if keys.shape[1] == 1 else pd.MultiIndex.from_frame(keys)


def _differing(before: pd.DataFrame, after: pd.DataFrame, key: list[str]) -> np.ndarray:
    """Row by row, whether two frames differ in any column but those of the key, in which they agree."""
    changed = np.zeros(len(after), dtype=bool)
    if before.set_axis(after.index).equals(after):  # as a rule, and much cheaper than column by column
        return changed
    for name in after.columns.difference(key):
        changed |= _differs(before[name], after[name])
    return changed


def _differs(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Row by row, whether two columns of one dtype differ; two nulls are equal, a null and a value are not."""
    unequal = pd.array(before.array != after.array, dtype="boolean").to_numpy(dtype=bool, na_value=True)
    return unequal & ~(before.isna().to_numpy() & after.isna().to_numpy())
