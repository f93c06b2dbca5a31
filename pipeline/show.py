"""What people see at the prompt: reports as tables and sentences. Programs ask for --json instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

Record = dict[str, Any]
_GRADE = {"strong": "bold red", "moderate": "yellow", "weak": "dim"}
_VERDICT = {"SUPPORTED": "bold red", "PARTLY_SUPPORTED": "yellow", "WEAKENED": "cyan", "CONTRADICTED": "bold cyan"}
NOTE = "AIS-reported movements are consistent with an explanation; they prove no cargo and no intent."


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def _table(*columns: str, **options: Any) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", **options)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(value: Any) -> str:
    """A value for a cell: times to the minute, nothing for null."""
    if value is None:
        return ""
    text = str(value)
    if len(text) >= 16 and text[4:5] == "-" and text[13:14] == ":":
        return text[:16].replace("T", " ")
    return escape(text)


def show_rows(rows: Sequence[Record]) -> None:
    """Any rows as a table."""
    console = _console()
    if not rows:
        console.print("no rows")
        return
    table = _table(*rows[0])
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    console.print(table)
    console.print(f"{len(rows)} rows", style="dim")


def show_plan(planned: Sequence[Record]) -> None:
    """What landing would do."""
    for one in planned:
        what = "already landed" if one["already_landed"] else "would be landed"
        _console().print(f"{escape(one['name'])}: {one['source']}, {one['bytes']:,} bytes, {what}")


def show_landed(landed: Sequence[Record]) -> None:
    """What landing did: each row read is accounted for."""
    table = _table(
        "file", "source", "rows read", "positions", "reports", "both", "no ship", "parts", "repeats", "rejected", "days"
    )
    for row in landed:
        counts = (
            "rows_read",
            "positions",
            "vessel_reports",
            "both",
            "not_ships",
            "message_parts",
            "duplicates",
            "rejected",
        )
        days = row["days"]
        span = "unchanged" if not days else days[0] if len(days) == 1 else f"{days[0]} … {days[-1]} ({len(days)})"
        table.add_row(escape(row["name"]), row["source"], *(f"{row[name]:,}" for name in counts), span)
    _console().print(table)
    _console().print("Next: coalwatch run", style="dim")


def show_run(report: Record) -> None:
    """What a run did."""
    counts = ", ".join(f"{number} {fate}" for fate, number in report["alerts"].items() if number) or "none changed"
    if not report["changed"]:
        _console().print("Nothing to do: everything that has landed is derived.")
        return
    _console().print(
        f"{len(report['days'])} days derived, {report['ships']} ships with changed events, alerts: {counts}"
    )
    _console().print("Next: coalwatch alerts list", style="dim")


def show_alerts(rows: Sequence[Record]) -> None:
    """The queue: grade, ship, the id to ask for, and what AIS reported."""
    console = _console()
    if not rows:
        console.print("No alert waits to be read. `coalwatch alerts list --all` shows reviewed and withdrawn ones.")
        return
    for row in rows:
        ship = _text(row["vessel_name"]) or f"MMSI {row['mmsi']}"
        mark = "  [magenta]SYNTHETIC[/]" if row["synthetic"] else ""
        grade = f"[{_GRADE[row['grade']]}]{row['grade']:<8}[/]"
        console.print(f"{row['alert_id']}  {grade} {row['score']:+5.1f}  [bold]{ship}[/]  {row['status']}{mark}")
        console.print(Padding(_text(row["headline"]), (0, 0, 0, 18)))
    console.print(f"{len(rows)} alerts. {NOTE}", style="dim")


def show_alert(report: Record) -> None:
    """One alert in full."""
    console, alert = _console(), report["alert"]
    console.print(f"[bold]{_text(alert['headline'])}[/]")
    if alert["synthetic"]:
        console.print("SYNTHETIC: rests on generated data", style="magenta")
    if alert["withdrawn_at"]:
        console.print(f"WITHDRAWN {_text(alert['withdrawn_at'])}: {_text(alert['withdrawn_reason'])}", style="bold")
    imo = f", IMO {alert['imo']}" if alert["imo"] else ""
    console.print(
        f"{alert['alert_id']} · {alert['pattern_id']} · [{_GRADE[alert['grade']]}]{alert['grade']}[/] (score {alert['score']:.1f})"
        f" · {_text(alert['vessel_name'])} MMSI {alert['mmsi']}{imo}"
    )
    console.print(
        f"{_text(alert['began_at'])} to {_text(alert['ended_at'])} UTC, evidence {alert['evidence_hash']}", style="dim"
    )
    _section(console, "Speaks for it", (_evidence(one) for one in report["evidence"] if one["weight"] > 0))
    _section(console, "Speaks against it", (_evidence(one) for one in report["evidence"] if one["weight"] <= 0))
    _section(console, "Best innocent explanation", [_text(alert["innocent_explanation"])])
    _section(console, "Evidence that is missing", [_text(alert["missing_evidence"])])
    _section(
        console,
        "What the law in force says",
        (
            f"[bold]{one['authority']}[/] {one['answer']}: {_text(one['reason'])} ({one['measure_id']}"
            + (f", paragraph {_text(one['paragraph'])}" if one["paragraph"] else "")
            + ("" if one["verified"] else "; primary text not seen")
            + ")"
            for one in report["law"]
        ),
    )
    _section(
        console,
        "Claims it bears on",
        (
            f"{one['relation']} [bold]{one['claim_id']}[/]: {_text(one['statement'])} {_text(one['reason'])}"
            for one in report["claims"]
        ),
    )
    _section(
        console,
        "Reviews",
        (
            f"{_text(one['decided_at'])} {_text(one['reviewer'])}: {one['decision']} {_text(one['note'])}"
            for one in report["reviews"]
        ),
    )
    console.print(f"\n{len(report['track'])} track points in the warehouse (alert_track). {NOTE}", style="dim")


def _evidence(one: Record) -> str:
    rests = f" [dim]\\[{one['event_table']} {one['event_id']}][/]" if one["event_id"] else ""
    return f"{one['weight']:+.1f}  {_text(one['statement'])}{rests}"


def _section(console: Console, title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        console.print(f"\n[bold]{title}[/]")
        for line in lines:
            console.print(f"  {line}")


def show_claims(rows: Sequence[Record], *, in_full: bool) -> None:
    """Verdicts by claim and window; in full with reasons."""
    console = _console()
    for article_id in dict.fromkeys(row["article_id"] for row in rows):
        ours = [row for row in rows if row["article_id"] == article_id]
        mark = " [magenta]SYNTHETIC ARTICLE[/]" if ours[0]["synthetic"] else ""
        console.print(f"\n[bold]{_text(ours[0]['title'])}[/]{mark}")
        if in_full:
            for row in ours:
                _claim_in_full(console, row)
            continue
        for label in dict.fromkeys(row["label"] for row in ours):
            windows = [row for row in ours if row["label"] == label]
            console.print(Padding(f"[bold]{label}[/]  {_text(windows[0]['statement'])}", (0, 0, 0, 0)))
            for row in windows:
                console.print(f"     {_window_line(row)}")
    console.print("alerts, observed: for / against. `coalwatch claims --claim C16` gives the reasons.", style="dim")


def _window_line(row: Record) -> str:
    """One window of a claim: verdict, what speaks for and against, and whether the place was heard."""
    verdict = str(row["verdict"])
    line = f"{_text(row['window_id']):<14}[{_VERDICT.get(verdict, 'dim')}]{verdict:<22}[/]"
    if verdict == "NOT_TESTABLE":
        return line
    heard = "no positions" if row["coverage_share"] is None else f"heard {row['coverage_share']:.0%} of hours"
    pieces = [
        f"{name} {sides}"
        for name, sides in (
            ("alerts", _sides(row["alerts_for"], row["alerts_against"])),
            ("observed", _sides(row["observations_for"], row["observations_against"])),
        )
        if sides
    ]
    return f"{line} {', '.join([*pieces, heard])}"


def _sides(for_: Any, against: Any) -> str:
    return "" if not for_ and not against else f"{for_:.0f} / {against:.0f}"


def _claim_in_full(console: Console, row: Record) -> None:
    console.print(f"\n[bold]{row['label']} {_text(row['window_id'])}[/]  {_text(row['statement'])}")
    if row["verdict"] is None:
        return
    console.print(f"  {_text(row['from_at'])} to {_text(row['to_at'])} UTC")
    console.print(f"  [{_VERDICT.get(row['verdict'], 'bold')}]{row['verdict']}[/]")
    console.print(f"  {_text(row['reason'])}")
    console.print(f"  What would change it: {_text(row['would_change_it'])}")


def show_vessels(found: Sequence[Record]) -> None:
    """Ships: identity, lists, events, alerts."""
    console = _console()
    for ship in found:
        vessel = ship["vessel"]
        if vessel is None:
            console.print("[bold]Not heard on AIS here[/]; known from lists:")
        else:
            imo = f"IMO {vessel['imo']}, " if vessel["imo"] else ""
            console.print(
                f"\n[bold]{_text(vessel['name']) or 'unnamed'}[/]  {vessel['vessel_id']}  {imo}MMSI {vessel['mmsi']}, "
                f"flag {_text(vessel['flag']) or '?'}, heard {_text(vessel['from_at'])} to {_text(vessel['to_at'])} UTC"
            )
        names = ("name", "call_sign", "mmsi", "imo", "flag", "length_m", "from_at", "to_at")
        _section(
            console,
            "Called herself",
            (" · ".join(_text(one[n]) for n in names if one[n]) for one in ship["identities"]),
        )
        _section(
            console,
            "On lists",
            (
                f"{_text(one['title'])}: {_text(one['name'])}, "
                + (
                    f"listed {one['listed_on']}"
                    if one["listed_on"]
                    else f"on the list by {one['listed_by']}, day unknown"
                )
                + (f", removed {one['delisted_on']}" if one["delisted_on"] else "")
                for one in ship["lists"]
            ),
        )
        _section(console, "Events", (f"{_text(one['from_at'])}  {_text(one['sentence'])}" for one in ship["events"]))
        _section(
            console,
            "Alerts",
            (
                f"{one['alert_id']}  {one['grade']}{' (withdrawn)' if one['withdrawn_at'] else ''}  {_text(one['headline'])}"
                for one in ship["alerts"]
            ),
        )


def show_zones(findings: Sequence[Record], count: int, map_path: Path | None) -> None:
    """What the check of the zones found."""
    if findings:
        show_rows(findings)
    else:
        _console().print(f"{count} zones: they nest, do not overlap, and lie on water where they should.")
    if map_path is not None:
        _console().print(f"Map: {map_path}")


def show_queries(queries: Sequence[Record]) -> None:
    """The named queries."""
    for query in queries:
        needed = " ".join(f"{one['name']}=…" for one in query["parameters"] if one["required"])
        _console().print(f"[bold]{query['name']}[/] {needed}\n  {escape(query['question'])}")
        for one in query["parameters"]:
            _console().print(f"  {one['name']}: {escape(one['doc'])}", style="dim")


def show_demo(report: Record) -> None:
    """The end of the demo: alerts, verdicts, where the warehouse is, what to try next."""
    console = _console()
    console.rule("Alerts: what a person should read today")
    show_alerts(report["alerts"])
    console.rule("Claims: each verdict per window of time")
    testable = [row for row in report["claims"] if row["verdict"] not in (None, "NOT_TESTABLE")]
    show_claims(testable, in_full=False)
    console.rule()
    done = "Everything was there already; nothing changed." if not report["changed"] else "Done."
    console.print(f"{done} {report['files']} synthetic files, {report['positions']:,} positions.")
    console.print(f"The warehouse is {report['warehouse']}")
    home = f"--home {report['home']}"
    first = report["alerts"][0]["alert_id"] if report["alerts"] else "ALERT_ID"
    console.print("\nThree things to try next:")
    console.print(f"  coalwatch alerts show {first} {home}")
    console.print(f"  coalwatch claims --claim C16 {home}")
    console.print(f"  coalwatch sql monthly_calls_and_coverage {home}")
