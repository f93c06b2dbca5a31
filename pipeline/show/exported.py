"""What an export wrote."""

from __future__ import annotations

from pipeline.show.paper import SYNTHETIC, Paper, Record, counted, text


def show_export(done: Record) -> None:
    """The files, how many rows of what went in, what did not, and what whoever passes them on must know."""
    paper, about = Paper(), done["about"]
    rows = ", ".join(f"{number:,} {name}" for name, number in done["rows"].items())
    mark = f"  {SYNTHETIC}" if about["synthetic"] else ""
    paper.line(f"[bold]{done['format']}[/]: {rows}{mark}")
    for file in done["files"]:
        paper.whole(text(file), indent=2)
    for one in about["left_out"]:
        paper.line(f"Not in it: {text(one)}")
    if about["data_to"]:
        paper.dim(f"Data: {about['data_from']} to {about['data_to']} (UTC), {counted(about['days'], 'day')} with AIS.")
    for one in about["licence"]:
        paper.dim(text(one))
    paper.dim(text(" ".join(about["notes"])))
