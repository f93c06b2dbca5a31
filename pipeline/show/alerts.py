"""The alert queue, and one alert in full."""

from __future__ import annotations

from collections.abc import Sequence

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


def show_alert(report: Record) -> None:
    """One alert in full: for, against, missing, law, claims, reviews."""
    paper, alert = Paper(), report["alert"]
    paper.line(f"[bold]{text(alert['headline'])}[/]")
    if alert["synthetic"]:
        paper.line(f"{SYNTHETIC}: rests on generated data")
    if alert["withdrawn_at"]:
        paper.line(f"[bold]WITHDRAWN {text(alert['withdrawn_at'])} UTC:[/] {text(alert['withdrawn_reason'])}")
    imo = f", IMO {alert['imo']}" if alert["imo"] else ""
    paper.line(
        f"{alert['alert_id']} · {text(alert['pattern_id'])} · {_grade(alert)} (score {alert['score']:.1f})"
        f" · {text(alert['vessel_name']) or 'unnamed'}, MMSI {alert['mmsi']}{imo}"
    )
    paper.line(_calibrated(report["calibration"]))
    paper.dim(f"{text(alert['began_at'])} to {text(alert['ended_at'])} UTC, evidence {alert['evidence_hash']}")
    if alert["licence"]:
        paper.line(f"Terms of the data it rests on: {text(alert['licence'])}")
    for other in report["succeeds"]:
        paper.dim(f"replaces the withdrawn alert {other['alert_id']}")
    for other in report["succeeded_by"]:
        paper.dim(f"replaced by alert {other['successor_alert_id']}")
    for title, ours in (("Speaks for it", True), ("Speaks against it, or is without weight", False)):
        weighed = [one for one in report["evidence"] if (one["weight"] > 0) is ours]
        _evidence(paper, title, weighed)
    paper.section("Best innocent explanation", [text(alert["innocent_explanation"])])
    paper.section("Evidence that is missing", [text(alert["missing_evidence"])])
    paper.section("What she may have carried, if it was coal", map(_cargo, report["cargo"]))
    paper.section("What the law in force said", map(_law, report["law"]))
    paper.section(
        "Claims it bears on",
        (
            f"{one['relation']} [bold]{text(one['claim_id'])}[/] ({text(one['statement']).rstrip('.')}): "
            f"{text(one['reason'])}"
            for one in report["claims"]
        ),
    )
    paper.section(
        "Reviews",
        (
            f"{text(one['decided_at'])} {text(one['reviewer'])}: [bold]{one['decision']}[/] {text(one['note'])}"
            for one in report["reviews"]
        ),
    )
    paper.dim(f"\n{len(report['track'])} track points in the warehouse (alert_track). {NOTE}")


def _grade(alert: Record, width: int = 0) -> str:
    return f"[{_GRADES.get(alert['grade'], 'bold')}]{alert['grade']:<{width}}[/]"


def _calibrated(bands: Sequence[Record]) -> str:
    """What became of synthetic alerts of this pattern and score."""
    if not bands:
        return "Synthetic calibration: no alert of this pattern and score was raised in the drawn worlds."
    one = bands[0]
    of_hundred = round(100 * one["alerts_right"] / one["alerts"])
    return (
        f"Synthetic calibration: of 100 synthetic alerts like this, {of_hundred} were right ({one['alerts_right']} of "
        f"{one['alerts']} with a score from {one['score_from']:g} to {one['score_to']:g}; 95 % interval "
        f"{one['low']:.2f} to {one['high']:.2f}). {text(one['conditions'])}"
    )


def _evidence(paper: Paper, title: str, evidence: Sequence[Record]) -> None:
    if evidence:
        paper.line(f"\n[bold]{title}[/]")
    for one in evidence:
        rests = f" [dim]\\[{one['event_table']} {one['event_id']}][/]" if one["event_id"] else ""
        paper.hanging(f"  {one['weight']:+.1f}", text(one["statement"]) + rests, 8)


_WEIGHED_BY = {
    "listed": "as a sanctions list gives it", "gross_tonnage": "by her listed gross tonnage",
    "dimensions": "by her reported length and beam", "trade": "her size is not known: of the ships known in this trade",
}  # fmt: skip


def _cargo(one: Record) -> str:
    if one["basis"] == "none":
        return "Nothing: by her draughts she left in ballast, or she reports to be a tanker."
    said = {
        "draught": f"by her draught, which a cargo changed by {one['draught_change_m'] or 0:.1f} m",
        "dead_weight": "no draught shows a cargo; nine tenths of what she can carry",
    }[one["basis"]]
    weight = f"{one['dead_weight_low_t']:,.0f} to {one['dead_weight_high_t']:,.0f} t"
    return (
        f"{one['low_t']:,.0f} to {one['high_t']:,.0f} t: {said}. "
        f"Her dead weight is {weight}, {_WEIGHED_BY[one['dead_weight_basis']]}."
    )


def _law(one: Record) -> str:
    paragraph = f", paragraph {text(one['paragraph'])}" if one["paragraph"] else ""
    unseen = "" if one["verified"] else "; primary text not seen"
    return (
        f"[bold]{one['authority']}[/] {one['answer']}: {text(one['reason'])} "
        f"({text(one['measure_id'])}{paragraph}{unseen})"
    )
