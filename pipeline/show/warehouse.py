"""Zones, named queries, and rows of any question to the warehouse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.show.paper import Paper, Record, text

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def show_rows(rows: Sequence[Record]) -> None:
    """Rows as a table; times to the second, in the form in which SQLite compares them."""
    paper = Paper()
    rows = [{name: _kept(value) for name, value in row.items()} for row in rows]
    if not rows:
        paper.dim('no rows. That is not "no event": what was not heard, landed or derived is not in it.')
        return
    paper.table(rows)
    paper.dim(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")


def _kept(value: Any) -> Any:
    is_time = isinstance(value, str) and _TIME.fullmatch(value)
    return value.replace("T", " ").removesuffix("Z") if is_time else value


def show_zones(
    findings: Sequence[Record], count: int, map_path: Path | None, export: Path | None, *, every: bool
) -> None:
    """What the checks of the zones found: those that failed, or all of them."""
    paper = Paper()
    failed = [one for one in findings if not one["ok"]]
    shown = findings if every else failed
    if shown:
        paper.table([{name: one[name] for name in ("check", "zone_id", "ok", "finding")} for one in shown])
    if failed:
        paper.line(f"[bold]{len(failed)} of {len(findings)} checks of {count} zones failed.[/]")
    else:
        paper.line(
            f"{count} zones nest and do not overlap; all {len(findings)} checks hold "
            "(on water, no detached specks, known places inside)."
        )
    if map_path is not None:
        paper.whole(f"Map: {text(map_path)} (open it in a browser; it works without a network)")
    if export is not None:
        paper.line(f"Zones: {text(export)} (degrees, WGS 84)")


def show_zone_labels(rows: Sequence[Record]) -> None:
    """Of each port label: anchorages, those in a zone of that port, their share; then the labels of no port of ours."""
    paper = Paper()
    paper.table(
        [
            {
                "country": one["country"],
                "label": one["label"],
                "port": one["port"] or "(no port of ours)",
                "cells": one["cells"],
                "inside": one["inside"],
                "share": f"{one['share']:.0%}",
            }
            for one in rows
        ]
    )
    ours = [one for one in rows if one["port"]]
    cells, inside = (sum(one[name] for one in ours) for name in ("cells", "inside"))
    wanting = [one["label"] for one in ours if not one["ok"]]
    paper.line(
        f"[bold]{inside:,} of {cells:,} anchorages ({inside / cells:.1%}) lie in a zone of the port they name.[/]"
    )
    if wanting:
        paper.line(f"Less than 95 %: {text(', '.join(wanting))}")
    if len(ours) < len(rows):
        paper.line(
            f"{len(rows) - len(ours)} labels of 20 anchorages or more, at sea or near our zones, are no port of ours; "
            "a stop there is a call at the anchorage by its label, their share is that in any zone."
        )
    paper.line("Anchorages: Global Fishing Watch (Apache-2.0), geo/anchorages.csv.gz")


def show_queries(queries: Sequence[Record]) -> None:
    """The named queries with their parameters."""
    paper = Paper()
    for query in queries:
        needed = " ".join(f"{one['name']}=…" for one in query["parameters"] if one["required"])
        paper.line(f"[bold]{query['name']}[/] {needed}")
        paper.line(text(query["question"]), indent=2)
        for one in query["parameters"]:
            optional = "" if one["required"] else " (optional)"
            paper.line(f"[dim]{one['name']}: {text(one['doc'])}{optional}[/]", indent=4)
    paper.dim("Run one: coalwatch sql NAME name=value …")
