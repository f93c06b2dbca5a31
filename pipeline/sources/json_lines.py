"""Lines of JSON, one document a line: read as text and taken apart by SQL, so that every line is a row whatever it
holds.

What is read of a document is declared as its shape, all values as text: a number that is no number is seen, not lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.sources.record import Content, quoted

TEXT = "VARCHAR"
_LONGEST_LINE = 1 << 26  # bytes; a whole coast in one poll takes two million

# Lines that are not UTF-8, which the parser refuses; complete once the lines were scanned.
REFUSED_LINES = "select line::bigint as line, 'unreadable' as reason, any_value(csv_line) as raw from reject_errors group by line"  # fmt: skip  # noqa: E501


def documents(content: Content, *, numbered: bool = False) -> str:
    """SQL relation of a file's lines that are not blank: `raw`, and `doc` (JSON; null where the line is none).

    numbered  with `line`, 1-based, counting blank lines too but not REFUSED_LINES; reading is slower
    """
    lines = (
        f"read_csv({quoted(content.path)}, columns={{'raw': 'VARCHAR'}}, auto_detect=false, header=false, delim='', "
        f"quote='', escape='', strict_mode=false, max_line_size={_LONGEST_LINE}, ignore_errors=true, "
        "store_rejects=true, rejects_limit=0)"
    )
    if numbered:
        lines = f"(select row_number() over () as line, raw from {lines})"
    return f"(select *, case when json_valid(raw) then raw::json end as doc from {lines} where trim(raw) <> '')"


def transformed(doc: str, shape: Mapping[str, Any]) -> str:
    """SQL: a struct of a JSON expression's values by a shape (names to TEXT, or to a shape); missing ones are null."""
    return f"json_transform({doc}, {quoted(json.dumps(shape))})"


def number(text: str) -> str:
    """SQL: a number given as text; null where it is none."""
    return f"try_cast({text} as double)"


def no_number(texts: Iterable[str]) -> str:
    """SQL: whether one of these texts is there and is no number."""
    return "(" + " or ".join(f"({text} is not null and {number(text)} is null)" for text in texts) + ")"


def utc(text: str) -> str:
    """SQL: a time with its offset (`Z`, `+09:00`, `+0900`) as UTC; null without an offset, for it could be any time."""
    return (
        f"case when regexp_matches({text}, '\\d(Z|[+-]\\d{{2}}:?\\d{{2}})$') "
        f"then make_timestamp(epoch_us(try_cast({text} as timestamptz))) end"
    )
