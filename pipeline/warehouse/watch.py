"""From when on what happened to ships, or who they are, is no longer what it was."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from pipeline.contracts import VESSEL, VESSEL_IDENTITY, Table
from pipeline.warehouse.difference import Difference

_HEARD = ("from_at", "to_at")  # when she was heard: nobody is judged by that


class Watch:
    """Which ships' rows are changed, and when the first of them began: as they were, or as they are.

    A change of what is said of a hull counts for whenever she was heard: cases name her by it.
    """

    def __init__(self) -> None:
        self._ships: list[pd.DataFrame] = []
        self.hulls: set[str] = set()

    def note(self, table: Table, stored: pd.DataFrame, found: Difference) -> None:
        """Note what is about to be written of a table."""
        if table is VESSEL:
            self.hulls.update(_apart_from(_HEARD, stored, found)["vessel_id"])
        elif table is VESSEL_IDENTITY:
            rows = _apart_from(_HEARD[1:], stored, found)
            self._ships.append(rows[["mmsi", "from_at"]].set_axis(["mmsi", "since"], axis=1))
        elif {*table.ships, table.span[0]} <= {*table.names}:  # of events
            rows = _rows(stored, found, table.key[0])
            for name in table.ships:
                self._ships.append(rows[[name, table.span[0]]].set_axis(["mmsi", "since"], axis=1).dropna())

    def since(self) -> dict[int, pd.Timestamp]:
        """By MMSI when the first of the changed rows of a ship began (UTC)."""
        parts = [part.astype({"mmsi": "int64", "since": "datetime64[us, UTC]"}) for part in self._ships if len(part)]
        return pd.concat(parts).groupby("mmsi")["since"].min().to_dict() if parts else {}


def _rows(stored: pd.DataFrame, found: Difference, key: str) -> pd.DataFrame:
    """The rows that change, as they were and as they are."""
    gone = stored[stored[key].isin([*found.updated[key], *found.deleted[key]])]
    parts = [part for part in (gone, found.updated, found.inserted) if len(part)]
    return pd.concat(parts) if parts else gone


def _apart_from(names: Iterable[str], stored: pd.DataFrame, found: Difference) -> pd.DataFrame:
    """The rows that change in any column but these."""
    key = stored.columns[0]
    updated = found.updated
    before = stored.set_index(key).reindex(updated[key]).drop(columns=list(names))
    after = updated.set_index(key).drop(columns=list(names))
    same = ((before == after) | (before.isna() & after.isna())).fillna(False).all(axis=1).to_numpy(dtype=bool)
    differing = Difference(found.inserted, updated[~same], found.deleted)
    return _rows(stored, differing, key)
