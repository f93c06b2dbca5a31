"""Rejected rows: where, why, and the row as read."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.show.paper import Paper, Record, text

_RAW_SHOWN = 200  # characters of a row


def show_rejects(rows: Sequence[Record]) -> None:
    """A line for where and why, and below it the row."""
    from pipeline.lake.accounting import REASONS

    paper = Paper()
    if not rows:
        paper.line("No row of what has landed was rejected.")
    for row in rows:
        why = row["detail"] or REASONS[row["reason"]]
        paper.line(f"{text(row['file'])}:{row['line']}: [yellow]{row['reason']}[/]: {text(why)}")
        raw = str(row["raw"] or "")
        if raw:
            paper.dim(f"    {text(raw[:_RAW_SHOWN])}{' …' if len(raw) > _RAW_SHOWN else ''}")
