"""The page that answers an article: of each claim and window what each kind of evidence says, and what to ask next."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.show.claims import VERDICT_STYLES
from pipeline.show.paper import Paper, Record, counted, days, text


def show_answer(found: Record, paper: Paper | None = None) -> None:
    """On a terminal."""
    paper = paper or Paper()
    if found["synthetic"]:
        paper.line("[magenta]SYNTHETIC: generated positions; they say nothing of real ships.[/]")
    for claim in found["claims"]:
        paper.line(f"\n[bold]{text(claim['label'])}[/]  {text(claim['statement'])}")
        for row in claim["windows"]:
            style = VERDICT_STYLES.get(row["verdict"], "bold")
            span = days(row["from_at"], row["to_at"])
            paper.line(f"\n[bold]{text(row['window_id'])}[/] {span} (UTC)  [{style}]{row['verdict']}[/]", indent=2)
            for kind in row["evidence"]:
                paper.line(f"[bold]{text(kind['kind'])}[/]{_weights(kind)}: {text(kind['says'])}", indent=4)
                paper.line(f"reception: {text(kind['reception'])}", indent=6)
            paper.line(f"[bold]What would change it:[/] {text(row['would_change_it'])}", indent=4)
    paper.section("What to ask next", (text(line) for line in _plan(found["ask_next"])))


def markdown(found: Record) -> str:
    """The same as Markdown."""
    lines = ["# What open evidence says of the article", ""]
    if found["synthetic"]:
        lines += ["**Synthetic: generated positions; they say nothing of real ships.**", ""]
    for claim in found["claims"]:
        lines += [f"## {claim['label']}: {_cell(claim['statement'])}", ""]
        for row in claim["windows"]:
            lines += [f"### {row['window_id']}, {days(row['from_at'], row['to_at'])} (UTC): {row['verdict']}", ""]
            lines += ["| kind | for | against | says | reception |", "|---|---|---|---|---|"]
            lines += [
                f"| {kind['kind']} | {_number(kind['for'])} | {_number(kind['against'])} | {_cell(kind['says'])} "
                f"| {_cell(kind['reception'])} |"
                for kind in row["evidence"]
            ]
            lines += ["", f"What would change it: {_cell(row['would_change_it'])}", ""]
    lines += ["## What to ask next", "", *(f"- {_cell(line)}" for line in _plan(found["ask_next"]))]
    return "\n".join(lines) + "\n"


def _plan(rows: list[Record]) -> Iterator[str]:
    if not rows:
        yield "Nothing: all that its providers could tell of these windows lies in the home, or they are too recent."
    for row in rows:
        much = "how many requests it takes is not known beforehand"
        if row["requests"] is not None:
            more = " at least, as answers come in pages" if row["at_least"] else ""
            much = f"{counted(row['requests'], 'request')}{more}, about {_time(row['minutes'])}"
        token = f"; needs {', '.join(row['needs'])}" if row["needs"] else ""
        terms = "; non-commercial use only" if row["non_commercial"] else ""
        yield f"{row['window_id'] or 'all windows'}: {row['command']} ({much}{token}{terms})"


def _time(minutes: int) -> str:
    return counted(minutes, "minute") if minutes < 120 else f"{round(minutes / 60):,} hours"


def _weights(kind: Record) -> str:
    said = [f"{name} {kind[name]:.2f}" for name in ("for", "against") if kind[name] is not None]
    return f" ({', '.join(said)})" if said else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").split())
