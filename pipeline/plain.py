"""Rows as plain values, for people and programs: what a column holds is known by its name, as the contracts fix it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

Record = dict[str, Any]


def records(frame: DataFrame) -> list[Record]:
    """The rows of a frame, as `plain` gives them; a name that comes again is numbered (`mmsi`, `mmsi_2`)."""
    seen: dict[str, int] = {}
    frame = frame.set_axis([_numbered(name, seen) for name in frame.columns], axis=1)
    return plain(frame.astype(object).where(frame.notna(), None).to_dict("records"))


def plain(rows: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Rows as dictionaries of str, int, float, bool and None, nulls being None.

    Times are ISO 8601 text in UTC, like 2018-06-06T16:11:31Z (columns of time in the contracts, and others named
    `…_at`), whatever the database or library gave.
    """
    return [{name: _plain(name, value) for name, value in row.items()} for row in rows]


def _numbered(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}_{seen[name]}"


def _plain(name: str, value: Any) -> Any:
    if value is None or value != value:  # NaN differs from itself
        return None
    if hasattr(value, "item"):
        value = value.item()  # a NumPy scalar
    kind = "time" if isinstance(value, datetime) else _kinds().get(name, "time" if name.endswith("_at") else "")
    try:
        return _AS[kind](value) if kind in _AS else value
    except (TypeError, ValueError):
        return value  # a name of ours for something else, in a user's own SQL


def _time(value: Any) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _whole(value: Any) -> Any:
    return int(value) if value == int(value) else value


def _truth(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


_AS: dict[str, Callable[[Any], Any]] = {"int": _whole, "bool": _truth, "time": _time, "date": str}


@cache
def _kinds() -> dict[str, str]:
    """Type of each column of the warehouse: one name has one type in all tables."""
    from pipeline.contracts import WAREHOUSE

    return {column.name: column.type for table in WAREHOUSE for column in table.columns}
