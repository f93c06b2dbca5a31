"""The quality gate: days held back and why, sources that are late, and what to do."""

from __future__ import annotations

from pipeline.show.paper import Paper, Record, counted, text

_MOST = 20
_REMEDIES = (
    ("coverage lost", "land the data that is missing for the day: coalwatch ingest SOURCE FILE"),
    ("none of its rows", "fetch or correct the file, then: coalwatch ingest SOURCE NEW --replaces FILE"),
    ("too many rejects", "see which rows are rejected: coalwatch sql rejected_rows_by_source; then replace the file"),
    ("the columns of", "compare a few rows with earlier files: a column may have a different meaning now"),
    ("is older than its promise", "check whether the source is down and its token still valid: coalwatch sources"),
)


def show_gate(report: Record) -> None:
    """Which days are held back, and what to do about it."""
    paper, held = Paper(), report["held_back"]
    if not report["days"]:
        paper.line("No day has been judged yet: nothing has landed, or `coalwatch run` has not processed it.")
    elif held:
        paper.line(f"[bold]{counted(len(held), 'day')} held back[/] of {report['days']:,} with data ({_span(report)}):")
    else:
        paper.line(f"No day is held back: {counted(report['days'], 'day')} with data ({_span(report)}).")
    _not_judged(paper, report)
    for one in held[:_MOST]:
        for number, reason in enumerate(one["reasons"]):
            paper.hanging("" if number else f"  [bold]{one['day']}[/]", text(reason), 14)
    if len(held) > _MOST:
        paper.dim(f"  and {len(held) - _MOST} earlier: coalwatch sql days_held_back")
    if report["held_back_alerts"]:
        paper.line(f"{counted(report['held_back_alerts'], 'standing alert')} kept out of the queue until then.")
    paper.section("Sources older than their promise", map(text, report["stale"]))
    paper.section(
        "Files without a usable row, of no known day", (f"{text(name)}: fetch it again" for name in report["undated"])
    )
    _advise(paper, [reason for one in held for reason in one["reasons"]] + report["stale"])


def show_day(report: Record) -> None:
    """Every check of one day."""
    paper = Paper()
    bare = [one for one in report["checks"] if one["check_name"] == "coverage" and one["habit"] is None]
    if report["published"] and bare:
        paper.line(
            f"[bold]{report['day']} is published[/], but whether coverage was lost could not be judged: "
            f"{text(bare[0]['reason'])}."
        )
    elif report["published"]:
        paper.line(f"[bold]{report['day']} is published[/]: every check passed.")
    else:
        paper.line(f"[bold]{report['day']} is held back:[/]")
        for reason in report["reasons"]:
            paper.hanging("", text(reason), 2)
    paper.section(
        "Checks",
        (
            f"{_verdict(one)}  {one['check_name']} ({text(one['subject'])}): {text(one['reason'])}"
            for one in report["checks"]
        ),
    )
    _advise(paper, report["reasons"])


def _verdict(check: Record) -> str:
    if not check["passed"]:
        return "[bold]FAILED[/]"
    return "not judged" if "coverage" in check["check_name"] and check["habit"] is None else "passed"


def _not_judged(paper: Paper, report: Record) -> None:
    """How many days passed only because there was nothing to compare their fixes with."""
    new, empty = report["without_habit"], report["without_fixes"]
    if new:
        paper.line(
            f"[yellow]For {len(new)} of these days it could not be judged whether coverage was lost[/] ({new[0]} … "
            f"{new[-1]}): fewer than {report['least_days']} same weekdays with data lie before each, so there is no "
            "habit to compare it with. Their fixes: coalwatch sql fixes_and_habit"
        )
    if empty:
        paper.line(f"Nor for {len(empty)} for which only events or vessel reports have landed: they have no fixes.")


def _span(report: Record) -> str:
    return f"{report['first_day']} … {report['last_day']}"


def _advise(paper: Paper, reasons: list[str]) -> None:
    steps = [remedy for words, remedy in _REMEDIES if any(words in reason for reason in reasons)]
    if steps:
        paper.section("What to do", map(text, [*steps, "then `coalwatch run` judges the affected days again"]))
