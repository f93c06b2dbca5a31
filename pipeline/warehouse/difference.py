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


def difference(table: Table, stored: pd.DataFrame, rows: pd.DataFrame) -> Difference:
    """Compare two frames of one table by its key; lifecycle columns are neither compared nor updated.

    stored, rows  frames that keep the table's contract
    returns       inserted: whole rows; updated: all but the lifecycle columns; deleted: key columns
    """
    key = list(table.key)
    place = _index(stored[key]).get_indexer(_index(rows[key]))
    known = place >= 0
    facts = [name for name in table.names if name not in table.lifecycle]
    before, after = stored.iloc[place[known]], rows[known]
    changed = np.zeros(len(after), dtype=bool)
    for name in facts if len(after) else ():
        if name not in key:
            changed |= _differs(before[name], after[name])
    gone = np.ones(len(stored), dtype=bool)
    gone[place[known]] = False
    return Difference(rows[~known], after.loc[changed, facts], stored.loc[gone, key])


def _index(keys: pd.DataFrame) -> pd.Index:
    return pd.Index(keys.iloc[:, 0]) if keys.shape[1] == 1 else pd.MultiIndex.from_frame(keys)


def _differs(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Row by row, whether two columns of one dtype differ; two nulls are equal, a null and a value are not."""
    unequal = pd.array(before.array != after.array, dtype="boolean").to_numpy(dtype=bool, na_value=True)
    return unequal & ~(before.isna().to_numpy() & after.isna().to_numpy())
