"""Rows as plain values, for people and programs: what a column holds is known by its name, as the contracts fix it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
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
    """Rows as dictionaries of str, int, float, bool and None, nulls being None; what a database has beside these (an
    interval, an array) is text.

    Times are ISO 8601 text in UTC, like 2018-06-06T16:11:31Z: columns of time in the contracts, others named `…_at`,
    and whatever is a time, or is written as SQLite keeps one, in a column that the contracts do not hold.
    """
    return [{name: _plain(name, value) for name, value in row.items()} for row in rows]


def plain_text(value: Any) -> str:
    """A value on one line: nothing for null, times to the minute, no control characters (a name may hold any bytes)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if len(text) >= 17 and text[10:11] == "T" and text.endswith("Z") and text[:4].isdigit():
        return text[:16].replace("T", " ")
    return "".join(sign if sign.isprintable() else " " for sign in text)


def kind_of(name: str) -> str:
    """The type of a column by its name: int, real, text, bool, time or date; nothing for a name that is not ours."""
    return _kinds().get(name, "time" if name.endswith("_at") else _DERIVED.get(name, ""))


def one_line(value: Any) -> str:
    """A text as one line of signs that can be shown: what a ship calls herself may hold any bytes, among them control
    characters, which XML cannot hold, and marks that turn the direction of what follows. Each becomes a blank; blanks
    are joined."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(value or "")).split())


def _numbered(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}_{seen[name]}"


def _plain(name: str, value: Any) -> Any:
    if value is None or value != value:  # NaN differs from itself
        return None
    if hasattr(value, "item"):
        value = value.item()  # a NumPy scalar
    if isinstance(value, date):
        return _time(value) if isinstance(value, datetime) else value.isoformat()
    kind = kind_of(name)
    if not kind and isinstance(value, str) and _KEPT.fullmatch(value):
        kind = "time"
    try:
        value = _AS[kind](value) if kind in _AS else value
        return value if isinstance(value, _PLAIN) else str(value)
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


_AS: dict[str, Callable[[Any], Any]] = {"int": _whole, "real": float, "bool": _truth, "time": _time, "date": str}
_PLAIN = (str, int, float, bool, list, dict)
_KEPT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?")
# What views and queries tell in columns that no contract holds: SQLite has no booleans to tell it by.
_DERIVED = {"at_once": "bool", "evidence_changed": "bool", "published": "bool", "withdrawn": "bool"}


@cache
def _kinds() -> dict[str, str]:
    """Type of each column of the warehouse: one name has one type in all tables."""
    from pipeline.contracts import WAREHOUSE

    return {column.name: column.type for table in WAREHOUSE for column in table.columns}
