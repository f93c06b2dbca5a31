"""Commands on the alert queue."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.errors import InputError
from pipeline.options import DAY, as_json_option, common, print_json, shared
from pipeline.tasks.reports import GRADES, AlertFilter

if TYPE_CHECKING:
    from pipeline.settings import Settings

_DECISIONS = ("confirmed", "dismissed", "escalated", "needs_more", "undone")


@click.group()
@shared
def alerts() -> None:
    """The alert queue: list it, read one alert, record a decision.

    \b
    Example:
      coalwatch alerts list --home watch

    Next: `coalwatch alerts show ID` for one of them, `coalwatch alerts review ID DECISION` when you have decided.
    """


@alerts.command("list")
@click.option("--all", "every", is_flag=True, help="Every alert, including reviewed and withdrawn ones.")
@click.option("--since", type=DAY, help="Only alerts on events that ended on this UTC day or later.")
@click.option(
    "--grade",
    multiple=True,
    type=click.Choice(GRADES, case_sensitive=False),
    help="Only alerts of this grade; may be repeated.",
)
@click.option("--pattern", multiple=True, help="Only alerts of this pattern, such as direct-call; may be repeated.")
@click.option("--vessel", help="Only alerts on this ship: IMO number, MMSI, call sign or part of a name.")
@click.option("--claim", multiple=True, help="Only alerts that bear on this claim, such as C16; may be repeated.")
@as_json_option
@common
def alerts_list(
    settings: Settings,
    every: bool,
    since: datetime | None,
    grade: tuple[str, ...],
    pattern: tuple[str, ...],
    vessel: str | None,
    claim: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the alerts to be read today: new ones, and reviewed ones whose evidence has changed.

    Filters can be combined. Alerts on days that the quality gate holds back are counted, not listed;
    `coalwatch gate` says why.

    \b
    Examples:
      coalwatch alerts list --home watch
      coalwatch alerts list --all --json --home watch
      coalwatch alerts list --grade strong --since 2018-06-01 --home watch

    Next: `coalwatch alerts show ID` prints one of them in full.
    """
    from pipeline.show.alerts import show_alerts
    from pipeline.tasks import reports

    wanted = AlertFilter(since, grade, pattern, vessel, claim)
    found = reports.every_alert(settings) if every else reports.alert_queue(settings)
    rows = reports.choose_alerts(settings, found, wanted)
    held_back = reports.held_back(settings)
    if waiting := reports.waiting(settings):
        click.echo(f"Landed days that are not derived yet and so raise no alerts: {waiting} (coalwatch run)", err=True)
    if as_json:
        print_json(rows)
    else:
        show_alerts(rows, held_back=held_back, of=len(found), asked=wanted.in_words(), every=every)


@alerts.command()
@click.argument("alert_id")
@click.option(
    "--map", "map_path", type=click.Path(path_type=Path, dir_okay=False),
    help="Draw her map to a file instead: .html (one file, with the timeline), .svg or .png.",
)  # fmt: skip
@click.option(
    "--timeline", "timeline_path", type=click.Path(path_type=Path, dir_okay=False),
    help="Draw her timeline to a file instead: .svg or .png.",
)  # fmt: skip
@as_json_option
@common
def show(settings: Settings, alert_id: str, map_path: Path | None, timeline_path: Path | None, as_json: bool) -> None:
    """Print one alert: evidence for and against, what is missing, the law, the claims it bears on.

    ALERT_ID may be shortened to any prefix that no other alert shares.

    \b
    Example:
      coalwatch alerts show 6fa339b8e92dc9b6 --home coalwatch-demo
      coalwatch alerts show 6fa339b8e92dc9b6 --map alert.html --home coalwatch-demo

    Next: `coalwatch alerts review ID DECISION` records your decision; `coalwatch vessel IMO` describes the ship.
    """
    if map_path is not None or timeline_path is not None:
        from pipeline.cli.report import write_drawings

        write_drawings(settings, alert_id, map_path, timeline_path, as_json=as_json)
        return
    from pipeline.show.alerts import show_alert
    from pipeline.tasks import reports

    report = reports.alert_report(settings, alert_id)
    print_json(report) if as_json else show_alert(report)


@alerts.command()
@click.argument("alert_id")
@as_json_option
@common
def cells(settings: Settings, alert_id: str, as_json: bool) -> None:
    """List who was heard in one cell with the ship of an alert in one hour, at sea, from AIS presence.

    A cell is about a kilometre wide: two ships in it in one hour may be a mile and an hour apart. It is context,
    never a meeting, and no alert rests on it.

    \b
    Example:
      coalwatch alerts cells 6fa339b8e92dc9b6 --home watch

    Next: `coalwatch vessel MMSI` describes one of them; exact positions of the hours would tell a meeting.
    """
    from pipeline.show.alerts import show_cells
    from pipeline.tasks.same_cells import cells_of_alert

    found = cells_of_alert(settings, alert_id)
    print_json(found) if as_json else show_cells(found)


@alerts.command()
@click.argument("alert_id")
@click.argument("decision", type=click.Choice(_DECISIONS))
@click.option("--reviewer", help="Who decides (default: your user name).")
@click.option("--reason", help="Why, from the short list (an unknown reason prints the list).")
@click.option("--note", help="Why, in words.")
@click.option("--dry-run", is_flag=True, help="Print what would be recorded; write nothing.")
@as_json_option
@common
def review(
    settings: Settings,
    alert_id: str,
    decision: str,
    reviewer: str | None,
    reason: str | None,
    note: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Record a DECISION on an alert: confirmed, dismissed, escalated, needs_more, or undone.

    ALERT_ID may be shortened to any prefix that no other alert shares. Reviews are only ever added;
    no later run loses or alters one. The alert leaves the queue, and returns marked "evidence changed" when what it
    rests on changes; undone takes back what stands, and the alert returns. Where the home's review.yaml asks for two
    people, the first one's decision is kept as would_confirm or would_dismiss.

    \b
    Example:
      coalwatch alerts review 6fa339b8e92dc9b6 dismissed --note "in ballast: photo of 12 June" --home watch

    Next: `coalwatch alerts list` shows the alerts still to be read.
    """
    from pipeline.tasks.review import planned_review, review_alert

    reviewer = reviewer if reviewer is not None else _user_name()
    if dry_run:
        row = planned_review(settings, alert_id, reviewer, decision, note, datetime.now(UTC), reason=reason)
        names = ("alert_id", "evidence_hash", "reviewer", "decision", "reason", "note")
        said = f"{row['reviewer']} would decide {row['decision']} on: {row['headline']}"
        print_json({name: row[name] for name in names}) if as_json else click.echo(said)
        return
    review_id = review_alert(settings, alert_id, reviewer, decision, note, datetime.now(UTC), reason=reason)
    print_json({"review_id": review_id}) if as_json else click.echo(f"recorded {review_id}")


@alerts.command("sign-off")
@click.argument("alert_id")
@click.option("--admin", help="Who signs it off (default: your user name).")
@click.option("--note", help="Why, in words.")
@click.option("--take-back", is_flag=True, help="Let her name out no more.")
@as_json_option
@common
def sign_off(
    settings: Settings, alert_id: str, admin: str | None, note: str | None, take_back: bool, as_json: bool
) -> None:
    """Let the name of the ship of an alert leave this home, where its review.yaml asks for that.

    Until then exports, reports and pictures say "ship 1" and the like, and packs are refused. It holds for the
    evidence that the alert rests on now: once that changes, it is needed again. Only ever added, like a decision.

    \b
    Example:
      coalwatch alerts sign-off 6fa339b8e92dc9b6 --note "cleared by the editor" --home watch

    Next: `coalwatch report alert ID` writes what can be handed on.
    """
    from pipeline.tasks.sign_off import sign_off as sign

    who = admin if admin is not None else _user_name()
    found = sign(settings, alert_id, who, datetime.now(UTC), granted=not take_back, note=note)
    print_json({"sign_off_id": found}) if as_json else click.echo(f"recorded {found}")


def _user_name() -> str:
    """The name of whoever runs this process: of the environment, else of the system.

    raises  InputError where neither knows one, as in a container
    """
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError(
            "reviewer is not known: this user has no name here (none in LOGNAME or USER, none in the system); "
            "expected who decides: --reviewer NAME"
        ) from None
