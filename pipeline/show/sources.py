"""Sources, and what was fetched from them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from pipeline.show.paper import Paper, Record, counted, plain_text, text

_BY_ANSWER = ("yes", "weakly", "depends", "no")
_STATES = {
    "fetched": "fetched",
    "there": "there already",
    "unchanged": "fetched again, the same",
    "changed": "fetched again, another edition",
    "not_published": "not published (yet)",
    None: "would be fetched",
}


def show_sources(rows: Sequence[Record]) -> None:
    """A line a source, those that can speak of Nampo first; then what each is, and on which terms."""
    paper = Paper()
    rows = sorted(rows, key=lambda row: (_BY_ANSWER.index(row["speaks_of_nampo"]["answer"]), row["source"]))
    paper.table(
        [
            {
                "source": row["source"],
                "of Nampo": row["speaks_of_nampo"]["answer"],
                "history": _history(row),
                "delay": _delay(row["latency_days"]),
                "token": _token(row["secrets"]),
                "last data": plain_text(row["last_data_at"])[:10] or "none here",
            }
            for row in rows
        ]
    )
    width = max(len(row["source"]) for row in rows) + 2
    for row in rows:
        paper.line()
        paper.hanging(f"[bold]{text(row['source'])}[/]", _notes(row), width)
    paper.dim(
        "\nof Nampo: whether it covers ships there. Not verified: no publication was seen that says so. "
        "Tokens are read from the environment and never kept. In full: coalwatch sources --json, docs/sources.md"
    )


def _notes(row: Record) -> str:
    terms = {True: "commercial use allowed", False: "[bold]no commercial use[/]", None: "commercial use not known"}
    notes = [
        f"{text(row['title'])}. {text(row['speaks_of_nampo']['reason'])}",
        f"Licence: {text(row['licence'])}; {terms[row['commercial_use']]}.",
    ]
    if unset := [one["name"] for one in row["secrets"] if not one["set"]]:
        notes.append(f"Set {text(' and '.join(unset))} to use it.")
    if row["mirror"]:
        notes.append("Read from a different address than its own (COALWATCH_SOURCE_URLS).")
    if row["unverified"]:
        notes.append(f"[dim]Not verified: {text(', '.join(row['unverified']).replace('_', ' '))}.[/]")
    return " ".join(notes)


def _history(row: Record) -> str:
    if row["history_to"]:
        return f"until {row['history_to']}"
    if row["history_from"]:
        return f"{row['history_from']} on"
    return {"folder": "as its files", "vessels": "as of now", "figures": "as of now"}.get(row["kind"], "from now on")


def _delay(days: float | None) -> str:
    if days is None:
        return "unknown"
    return "live" if days == 0 else f"{days:g} days"


def _token(secrets: Sequence[Record]) -> str:
    if not secrets:
        return "needs none"
    return "set" if all(one["set"] for one in secrets) else "not set"


def show_no_ships(source: str, provider: str, why: str) -> None:
    """That there is nothing to ask for, and why; `provider` is the source of the events that would name ships."""
    paper = Paper()
    paper.line(f"No ships to request from {text(source)}: {why}.")
    if "event" in why or "alert" in why:
        paper.dim(f"Next: fetch and ingest the events first, coalwatch fetch {text(provider)} --from DAY")


def show_ships_plan(planned: Record) -> None:
    """Which requests for ships would be made."""
    paper = Paper()
    paper.line(
        f"{text(planned['source'])}: would be asked for {counted(planned['ships'], planned['of'])}, "
        f"{text(planned['url'])}"
    )
    paper.dim("Nothing was fetched or written (--dry-run).")


def show_fetch_plan(planned: Sequence[Record]) -> None:
    """What fetching would do."""
    paper = Paper()
    for one in planned:
        what = _STATES[one["state"]]
        paper.line(
            f"{one['day']}: {text(one['name'] or 'files of the day')}, {what}, {text(one['url'] or 'landing folder')}"
        )
    requests = [one["about_s"] for one in planned if one.get("about_s")]
    if requests:
        minutes = max(round(sum(requests) / 60), 1)
        paper.line(f"{counted(len(requests), 'request')}, about {counted(minutes, 'minute')}.")
    paper.dim("Nothing was fetched or written (--dry-run).")


def show_fetched(files: Sequence[Record], home: Path) -> None:
    """What fetching did, and how to land it."""
    paper = Paper()
    if not files:
        paper.line("Nothing there for these days.")
        return
    paper.table(
        [
            {
                "day": file["day"],
                "file": file["name"],
                "MB": None if file["bytes"] is None else f"{file['bytes'] / 1e6:,.1f}",
                "what": "should be there: the address may have changed"
                if file.get("expected")
                else _STATES[file["state"]],
            }
            for file in files
        ],
        rights=("MB",),
    )
    changed = [file for file in files if file["state"] == "changed"]
    if changed:
        paper.line("\nAnother edition than before: if that one has landed, this one takes its place by")
    for file in changed:
        print(f"  {_ingest(file, home)} --replaces {file['replaces']}")
    fresh = [file for file in files if file["path"] and file["state"] != "changed"]
    if fresh:
        paper.dim(f"Next{', for each of them' if len(fresh) > 1 else ''}:")
        print(f"  {_ingest(fresh[0], home)}")


def _ingest(file: Record, home: Path) -> str:
    """The command that lands a file: unbroken, to be copied."""
    return f"coalwatch ingest {file['reads_as']} {shlex.quote(file['path'])} --home {shlex.quote(str(home))}"
