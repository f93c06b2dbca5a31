"""Figures of providers as `coalwatch fetch` keeps them: lines of `source`, `polled_at`, `asked` and `body`, an answer a
line. What was asked is read with the answer, which does not tell it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from pipeline.contracts import Table
from pipeline.formats.gfw_values import Entry
from pipeline.formats.record import Content, FiguresReading

Rows = Callable[[Entry, Entry], list[dict[str, Any]]]
_EXAMPLE = 1000  # characters of an answer that are shown with a reject


def read_answers(content: Content, table: Table, rows_of: Rows) -> FiguresReading:
    """Read a file of answers.

    table    of the rows, without `licence` and `source_file_id`
    rows_of  of what was asked and the answer: its rows; raises KeyError, ValueError or TypeError where it is none
    returns  each line as an answer, a duplicate (the same again) or a reject
    """
    from pandas import DataFrame

    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    seen: set[str] = set()
    read = duplicates = 0
    for line, text in _lines(content):
        read += 1
        if text in seen:
            duplicates += 1
            continue
        seen.add(text)
        try:
            said = json.loads(text)
            rows += rows_of(said["asked"], said["body"])
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
            why = f"no answer to what was asked ({type(error).__name__}: {error})"[:200]
            rejects.append({"line": line, "reason": "unreadable", "raw": text[:_EXAMPLE], "detail": why})
    names = [name for name in table.names if name not in ("licence", "source_file_id")]
    frame = DataFrame(rows, columns=names, dtype=object)
    frame = frame.drop_duplicates(list(table.key), keep="last")
    return FiguresReading(
        table=table.name,
        rows=table.conform(frame.assign(licence=None, source_file_id=""))[names],
        accepted=read - duplicates - len(rejects),
        rejects=DataFrame(rejects, columns=["line", "reason", "raw", "detail"]),
        rows_read=read,
        duplicates=duplicates,
    )


def _lines(content: Content) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(content.path.read_text("utf-8", "replace").splitlines(), 1):
        if text.strip():
            yield line, text.replace("\0", "")


def count(value: object) -> int:
    """A count, also where it comes as text.

    raises  ValueError for anything else
    """
    digits = str(value).strip().removesuffix(".0")
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit() and len(digits) < 13):
        raise ValueError(f"{str(value)[:40]} is no count")
    return int(digits)


def months(first: date, after: date) -> list[str]:
    """The months (YYYY-MM) of days from the first to before another."""
    span = range(first.year * 12 + first.month - 1, after.year * 12 + after.month - 1)
    return [f"{n // 12}-{n % 12 + 1:02}" for n in span]
