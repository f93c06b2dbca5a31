"""Spans of days that are asked for in one question, and those whose file lies there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from pipeline.errors import InputError
from pipeline.fetch.sources import SourceSpec

Span = tuple[date, date]  # first and last day


def refuse_days(spec: SourceSpec, first: date, last: date) -> None:
    """raises  InputError for days before a source's history, or in the wrong order"""
    if last < first:
        raise InputError(f"--to {last} is before --from {first}; expected the first day first")
    if spec.history_from and first < spec.history_from:
        raise InputError(f"{spec.source}: {first} is before its history, which begins on {spec.history_from}")


def spans_by_month(first: date, last: date, longest: int, there: Sequence[Span]) -> Iterator[tuple[date, date, bool]]:
    """First and last day of the questions that hold the UTC days from `first` to `last`, in order, and whether its file
    lies there.

    Spans begin on the first of a month and every `longest` days after it, so that the same days are asked for in the
    same spans whenever they are asked for.

    there  spans of the files that lie there, in the order in which they count
    """
    held: set[Span] = set()
    begun: date | None = None
    day = first
    while day <= last:
        file = next((span for span in there if span[0] <= day <= span[1]), None)
        following = day + timedelta(days=1)
        if file is not None:
            if file not in held:
                held.add(file)
                yield *file, True
        else:
            begun = begun or day
            taken = any(span[0] <= following <= span[1] for span in there)
            if following > last or taken or (following.day - 1) % longest == 0:
                yield begun, day, False
                begun = None
        day = following


def spans_there(folder: Path, begins: str, ends: str) -> list[Span]:
    """Spans of the files in a folder whose names are `begins`, first and last day, `ends`; the longest first."""
    name = re.compile(re.escape(begins) + r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)" + re.escape(ends))
    found = [name.fullmatch(path.name) for path in folder.glob(f"{begins}*{ends}")]
    spans = [(date.fromisoformat(match[1]), date.fromisoformat(match[2])) for match in found if match]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))
