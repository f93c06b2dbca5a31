"""The warehouse's database: what was done, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.show.paper import Paper, Record, text

_WORDS = {True: "ok", False: "missing", None: "note"}


def show_done(done: Record) -> None:
    """The address, and a line for each thing that was done."""
    paper = Paper()
    paper.line(f"Warehouse: {text(done['warehouse'])}")
    for one in done["done"]:
        paper.line(text(one))


def show_checks(found: Sequence[Record]) -> None:
    """Each check with its outcome, then the SQL that mends what is missing."""
    paper = Paper()
    paper.table([{"check": one["check"], "": _WORDS[one["ok"]], "finding": one["finding"]} for one in found])
    for one in found:
        if one["sql"]:
            paper.line(text(one["sql"]))
