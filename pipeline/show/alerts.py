"""The alert queue, and one alert in full."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.publish import alert_words
from pipeline.show.paper import NOTE, SYNTHETIC, Paper, Record, counted, text

_GRADES = {"strong": "bold red", "moderate": "yellow", "weak": "dim"}


def show_alerts(
    rows: Sequence[Record],
    paper: Paper | None = None,
    held_back: Record | None = None,
    *,
    of: int = 0,
    asked: str = "",
    every: bool = False,
) -> None:
    """The queue: grade, score, alert id, ship, and what AIS reported.

    held_back  `alerts` that the quality gate keeps out of it, and of how many `days`
    of, asked  how many alerts these were selected from, and by which options
    every      whether these are all alerts, or only those waiting to be read
    """
    paper = paper or Paper()
    if held_back and held_back["alerts"]:
        what = f"{counted(held_back['alerts'], 'alert')} of {counted(held_back['days'], 'day')}"
        verb = "is" if held_back["alerts"] == 1 else "are"
        paper.line(f"[bold]{what} {verb} held back by the quality gate:[/] coalwatch gate")
    if not rows and asked:
        kind = "in all" if every else "waiting to be read"
        more = "" if every else " `coalwatch alerts list --all` searches reviewed and withdrawn ones too."
        paper.line(f"None of the {counted(of, 'alert')} {kind} matches {text(asked)}.{more}")
        return
    if not rows and every:
        paper.line("No alert has been raised.")
        return
    if not rows:
        paper.line("No alert is waiting to be read. `coalwatch alerts list --all` shows reviewed and withdrawn ones.")
        return
    for row in rows:
        ship = text(row["vessel_name"]) or f"MMSI {row['mmsi']}"
        mark = f"  {SYNTHETIC}" if row["synthetic"] else ""
        paper.line(
            f"{row['alert_id']}  {_grade(row, 8)} {row['score']:+5.1f}  [bold]{ship}[/]  {text(row['status'])}{mark}"
        )
        paper.line(text(row["headline"]), indent=4)
        if row.get("withdrawn_reason"):
            paper.line(f"withdrawn {text(row['withdrawn_at'])}: {text(row['withdrawn_reason'])}", indent=4)
        if row.get("last_decision"):
            changed = row.get("evidence_changed", True)
            before = ", before its evidence changed" if changed and not row.get("withdrawn_reason") else ""
            when = f"on {text(row['last_decided_at'])[:10]}"
            paper.line(f"{text(row['last_reviewer'])} decided {row['last_decision']} {when}{before}", indent=4)
    for licence in dict.fromkeys(row["licence"] for row in rows if row.get("licence")):
        bound = sum(row.get("licence") == licence for row in rows)
        paper.dim(f"{counted(bound, 'alert')} under terms: {licence}.")
    paper.dim(f"{counted(len(rows), 'alert')}. {NOTE}")


def show_cells(found: Record) -> None:
    """Who was heard in one cell with the ship of an alert in one hour, at sea, and what that is not."""
    paper, alert = Paper(), found["alert"]
    mark = f"  {SYNTHETIC}" if alert["synthetic"] else ""
    paper.line(f"{alert['alert_id']}  [bold]{text(alert['vessel_name']) or alert['mmsi']}[/]{mark}")
    for one in found["shared"]:
        ship = text(one["name"]) or "unnamed"
        span = f"from {one['first_hour'][:16]} to {one['last_hour'][:16]} UTC"
        paper.line(
            f"[bold]{ship}[/] (MMSI {one['mmsi']}): {counted(one['hours'], 'hour')} {span}, first in the cell around "
            f"{one['latitude']:.2f}, {one['longitude']:.2f}; up to {counted(one['most_others'], 'other ship')} there",
            indent=2,
        )
    if not found["shared"]:
        days = counted(found["days"], "day")
        paper.line(f"No ship shared a cell with her in an hour at sea, as far as positions of {days} tell.", indent=2)
    paper.dim(
        "A cell is about a kilometre: two ships in one in one hour may be a mile and an hour apart. This is context, "
        "no meeting; no alert rests on it. That nobody is named is no proof that nobody was there."
    )
    if alert["licence"]:
        paper.dim(f"Terms: {text(alert['licence'])}.")


def show_alert(report: Record) -> None:
    """One alert in full: for, against, missing, law, claims, reviews."""
    paper, alert = Paper(), report["alert"]
    paper.line(f"[bold]{text(alert['headline'])}[/]")
    if alert["synthetic"]:
        paper.line(f"{SYNTHETIC}: {alert_words.SYNTHETIC}")
    if alert["withdrawn_at"]:
        paper.line(f"[bold]WITHDRAWN {text(alert['withdrawn_at'])} UTC:[/] {text(alert['withdrawn_reason'])}")
    paper.line(
        f"{alert['alert_id']} · {text(alert['pattern_id'])} · {_grade(alert)} (score {alert['score']:.1f})"
        f" · {text(alert_words.named(alert))}"
    )
    paper.line(text(alert_words.calibrated(report["calibration"])))
    paper.dim(text(alert_words.timed(alert)))
    if terms := alert_words.bound_by(alert):
        paper.line(text(terms))
    for other in report["succeeds"]:
        paper.dim(f"replaces the withdrawn alert {other['alert_id']}")
    for other in report["succeeded_by"]:
        paper.dim(f"replaced by alert {other['successor_alert_id']}")
    if changed := alert_words.changed_since_decided(report):
        paper.section(changed.title, (text(one.text) for one in changed.said))
    for title, evidence in alert_words.evidence_sections(report):
        paper.line(f"\n[bold]{title}[/]")
        for one in evidence:
            rests = f" [dim]\\[{' '.join(one.rests_on)}][/]" if one.rests_on else ""
            paper.hanging(f"  {one.weight:+.1f}", text(one.text) + rests, 8)
    for title, said in alert_words.further_sections(report):
        paper.section(title, (f"{text(one.before)}[bold]{text(one.strong)}[/]{text(one.after)}" for one in said))
    paper.dim(f"\n{len(report['track'])} track points in the warehouse (alert_track). {NOTE}")


def _grade(alert: Record, width: int = 0) -> str:
    return f"[{_GRADES.get(alert['grade'], 'bold')}]{alert['grade']:<{width}}[/]"
