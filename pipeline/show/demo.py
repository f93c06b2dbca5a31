"""The output of the demo: alerts, verdicts, where the warehouse is, what to try next."""

from __future__ import annotations

import shlex

from pipeline.show.alerts import show_alerts
from pipeline.show.claims import show_claims
from pipeline.show.paper import Paper, Record, text


def show_demo_plan(planned: Record) -> None:
    """What the demo would do."""
    paper = Paper()
    paper.line(
        f"Would write {planned['files']} synthetic daily files, {planned['from_at'][:10]} to {planned['to_at'][:10]}, "
        "land them, and derive alerts and verdicts:"
    )
    paper.whole(f"files: {text(planned['folder'])}", indent=2)
    paper.whole(f"warehouse: {text(planned['warehouse'])}", indent=2)
    paper.dim("Nothing was written (--dry-run).")


def show_demo(report: Record) -> None:
    """What the demo did and found."""
    paper = Paper()
    paper.rule("Alerts: what a person should read today")
    show_alerts(report["alerts"], paper)
    paper.rule("Claims: each verdict per window of time")
    testable = [row for row in report["claims"] if row["verdict"] not in (None, "NOT_TESTABLE")]
    show_claims(testable, in_full=False, paper=paper)
    paper.rule()
    done = "Done." if report["changed"] else "Everything was there already; nothing changed."
    paper.line(f"{done} {report['files']} synthetic files, {report['positions']:,} positions.")
    paper.whole(f"The warehouse is {text(report['warehouse'])}")
    home = f"--home {shlex.quote(report['home'])}"
    first = report["alerts"][0]["alert_id"] if report["alerts"] else "ALERT_ID"
    paper.line("\nThree things to try next:")
    for command in (f"alerts show {first}", "claims --claim C16", "sql monthly_calls_and_coverage"):
        paper.whole(text(f"coalwatch {command} {home}"), indent=2)
