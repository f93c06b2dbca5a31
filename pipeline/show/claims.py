"""Verdicts on claims: each window on a line, or one claim with its reasons."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.show.paper import Paper, Record, days, text

VERDICT_STYLES = {
    "SUPPORTED": "bold red", "PARTLY_SUPPORTED": "yellow", "WEAKENED": "cyan", "CONTRADICTED": "bold cyan",
}  # fmt: skip


def show_claims(rows: Sequence[Record], *, in_full: bool, paper: Paper | None = None) -> None:
    """Verdicts by article, claim and window; in full with reasons."""
    paper = paper or Paper()
    for article_id in dict.fromkeys(row["article_id"] for row in rows):
        ours = [row for row in rows if row["article_id"] == article_id]
        mark = "  [magenta]SYNTHETIC ARTICLE[/]" if ours[0]["synthetic"] else ""
        paper.line(f"\n[bold]{text(ours[0]['title'])}[/]{mark}")
        if in_full:
            for row in ours:
                _in_full(paper, row)
            continue
        spans = {row["window_id"]: days(row["from_at"], row["to_at"]) for row in ours if row["window_id"]}
        paper.dim("Windows: " + ", ".join(f"{text(window)} {span}" for window, span in spans.items()))
        for label in dict.fromkeys(row["label"] for row in ours):
            windows = [row for row in ours if row["label"] == label]
            paper.hanging(f"[bold]{text(label)}[/]", text(windows[0]["statement"]), 5)
            for row in windows:
                paper.hanging("", _window(row), 5)
    if not in_full:
        paper.dim("alerts, observed: for / against. `coalwatch claims --claim C16` gives the reasons.")


def _window(row: Record) -> str:
    """One window of a claim: verdict, what speaks for and against, and whether the place was heard."""
    verdict = str(row["verdict"] or "NOT_TESTABLE")
    line = f"{text(row['window_id']):<14}[{VERDICT_STYLES.get(verdict, 'dim')}]{verdict:<22}[/]"
    if verdict == "NOT_TESTABLE":
        return line
    heard = "no positions" if row["coverage_share"] is None else f"heard {row['coverage_share']:.0%} of hours"
    pieces = [
        f"{name} {row[f'{what}_for'] or 0:.0f} / {row[f'{what}_against'] or 0:.0f}"
        for name, what in (("alerts", "alerts"), ("observed", "observations"))
        if row[f"{what}_for"] or row[f"{what}_against"]
    ]
    pieces += [
        f"{row[f'alerts_{word}']:.0f} {word}" for word in ("confirmed", "dismissed") if row.get(f"alerts_{word}")
    ]
    if row.get("tonnes_high") is not None:
        pieces.append(f"{row['voyages_estimated']:.0f} voyages, at most {row['tonnes_high']:,.0f} t")
    return f"{line} {', '.join([*pieces, heard])}"


def _in_full(paper: Paper, row: Record) -> None:
    paper.line(f"\n[bold]{text(row['label'])} {text(row['window_id'])}[/]  {text(row['statement'])}")
    if row["verdict"] is None:
        return
    if row["from_at"]:
        paper.line(f"{days(row['from_at'], row['to_at'])} (UTC)", indent=2)
    paper.line(f"[{VERDICT_STYLES.get(row['verdict'], 'bold')}]{row['verdict']}[/]", indent=2)
    paper.line(text(row["reason"]), indent=2)
    if row["would_change_it"]:
        paper.line(f"[bold]What would change it:[/] {text(row['would_change_it'])}", indent=2)
