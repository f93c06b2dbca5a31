"""What a user may have meant by a table or column that is not there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence

from pipeline.resources import SQL

_TABLE = re.compile(r"no such table: (?:main\.)?(\w+)|relation \"(?:\w+\.)?(\w+)\" does not exist")
_COLUMN = re.compile(r"no such column: (?:\w+\.)*\"?(\w+)|column \"?(?:\w+\.)?\"?(\w+)\"? does not exist")
_OURS = ("alembic_version", "view_text", "filled_from")  # the opener's own; no question is about them
_MOST = 3


def meant(columns_of: Callable[[], Mapping[str, Sequence[str]]], said: str, sql: str) -> str:
    """What to add to the words of a database: near names, or where a column is that was asked of another table.

    columns_of  gives the columns of each table and view, when they are needed
    said        what the database said of the statement
    returns     "; did you mean …?", or nothing if it spoke of something else, or nothing is near
    """
    table, column = (_name(pattern, said) for pattern in (_TABLE, _COLUMN))
    if table is None and column is None:
        return ""
    columns = {name: names for name, names in columns_of().items() if name not in _OURS}
    if table is not None and (SQL / "views" / f"{table.lower()}.sql").is_file():
        return (
            f"; {table} is a view that this warehouse has not yet: `coalwatch run` or `coalwatch db upgrade` makes it"
        )
    if table is not None:
        return _did_you_mean(_near(table, columns))
    assert column is not None
    asked = {name: columns[name] for name in columns if re.search(rf"\b{name}\b", sql, re.IGNORECASE)}
    near = _near(column, sorted({name for names in asked.values() for name in names}))
    held_by = [name for name, names in columns.items() if column.lower() in names and name not in asked]
    if held_by and not (near and near[0] == column.lower()):
        more = f" and {len(held_by) - _MOST} more" if len(held_by) > _MOST else ""
        return f"; {column} is a column of {', '.join(held_by[:_MOST])}{more}{_did_you_mean(near)}"
    return _did_you_mean(near or _near(column, sorted({name for names in columns.values() for name in names})))


def _name(pattern: re.Pattern[str], said: str) -> str | None:
    found = pattern.search(said)
    return next(filter(None, found.groups()), None) if found else None


def _near(name: str, names: Sequence[str] | Mapping[str, object]) -> list[str]:
    """Names that resemble one, or of which it is a whole part (`calls` of `port_call`)."""
    word = name.lower()
    near = difflib.get_close_matches(word, list(names), n=_MOST)
    parts = [other for other in names if word.rstrip("s") in other.split("_") and other not in near]
    return [*near, *parts][:_MOST]


def _did_you_mean(names: Sequence[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""
