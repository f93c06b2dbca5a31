"""What commands that change something did: landing, running."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.show.paper import Paper, Record, counted, text

_SHIPS_NAMED = 6  # a line of them
_OUTCOMES = {
    "positions_with_report": "position and vessel report",
    "positions": "position alone",
    "vessel_reports": "vessel report alone",
    "not_ships": "no ship",
    "message_parts": "part of a longer message",
    "events": "event of a provider",
    "duplicates": "exact duplicate",
    "rejected": "rejected",
}


def show_plan(planned: Sequence[Record]) -> None:
    """What landing would do."""
    paper = Paper()
    for one in planned:
        what = "already landed" if one["already_landed"] else "would be landed"
        paper.line(f"{text(one['name'])}: {one['source']}, {one['bytes']:,} bytes, {what}")
    paper.dim("Nothing was written (--dry-run).")


def show_landed(landed: Sequence[Record]) -> None:
    """What landing did: a line a file, what became of all rows read, and why rows were rejected."""
    paper = Paper()
    paper.table(
        [
            {
                "file": file["name"],
                "source": file["source"],
                "rows": f"{file['rows_read']:,}",
                "positions": f"{file['positions'] + file['positions_with_report']:,}",
                "rejected": f"{file['rejected']:,}",
                "days changed": "none, mended" if file["mended"] and not file["days"] else _span(file["days"]),
            }
            for file in landed
        ],
        rights=("rows", "positions", "rejected"),
    )
    sums = {name: sum(file[name] for file in landed) for name in _OUTCOMES}
    outcomes = ", ".join(f"{count:,} {_OUTCOMES[name]}" for name, count in sums.items() if count) or "none"
    paper.line(f"Rows read: {sum(file['rows_read'] for file in landed):,} = {outcomes}")
    for file in landed:
        for one in file["rejects"]:
            paper.line(
                f"[yellow]{one['rows']:,} rejected[/] {text(file['name'])}:{one['first_line']}: {one['reason']}, "
                f"{text(one['detail'] or one['meaning'])}"
            )
        for one in file["unread"]:
            paper.line(
                f"[yellow]{one['rows']:,} without {one['field']}[/] {text(file['name'])}:{one['first_line']}: "
                f'{text(one["column_name"] or one["field"])} is "{text(one["example"])}"; expected {one["expected"]}'
            )
    if any(file["rejects"] for file in landed):
        paper.dim("Rejected rows are kept: coalwatch rejects")
    if any(
        file["days"] or file["mended"] or not file["from_at"] for file in landed
    ):  # particulars of ships are of no day
        paper.dim("Next: coalwatch run")


def _span(days: Sequence[str]) -> str:
    if not days:
        return "none"
    return days[0] if len(days) == 1 else f"{days[0]} … {days[-1]} ({len(days)})"


def show_run_plan(plan: Sequence[Record]) -> None:
    """What a run would do first, with the reason and the cost of skipping it."""
    paper = Paper()
    for work in plan:
        paper.hanging(work["stage"], f"{work['reason']} [dim](if skipped: {work['if_skipped']})[/dim]", 11)
        if work["ships"]:
            paper.hanging("", _named_ships(work["ships"]), 11)
    if plan:
        paper.line("Work that depends on this is planned once it is done.")
    else:
        paper.line("Nothing to do: everything that has landed is derived and judged.")
    paper.dim("Nothing was written (--dry-run).")


def _named_ships(ships: Sequence[int]) -> str:
    """The first of them; `--json` has all."""
    named = ", ".join(map(str, ships[:_SHIPS_NAMED]))
    more = f" and {counted(len(ships) - _SHIPS_NAMED, 'other')}" if len(ships) > _SHIPS_NAMED else ""
    return f"{'MMSI' if len(ships) == 1 else 'MMSIs'} {named}{more}"


def show_run(report: Record) -> None:
    """What a run did."""
    paper = Paper()
    if not report["changed"]:
        paper.line("Nothing to do: everything that has landed is derived.")
        return
    counts = ", ".join(f"{number} {fate}" for fate, number in report["alerts"].items() if number) or "none changed"
    paper.line(f"{len(report['days'])} days derived, {report['ships']} ships with changed events, alerts: {counts}")
    for what, days in (("held back by", report["held_back"]), ("released by", report["released"])):
        if days:
            paper.line(f"{counted(len(days), 'day')} {what} the quality gate ({_span(days)}): coalwatch gate")
    paper.dim("Next: coalwatch alerts list")
