"""Commands on the alert queue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.errors import InputError
from pipeline.options import as_json_option, common, print_json, shared
from pipeline.tasks.reports import GRADES, AlertFilter

if TYPE_CHECKING:
    from pipeline.settings import Settings

DAY = click.DateTime(["%Y-%m-%d"])
_DECISIONS = ("confirmed", "dismissed", "escalated", "needs_more")


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
@as_json_option
@common
def show(settings: Settings, alert_id: str, as_json: bool) -> None:
    """Print one alert: evidence for and against, what is missing, the law, the claims it bears on.

    ALERT_ID may be shortened to any prefix that no other alert shares.

    \b
    Example:
      coalwatch alerts show 6fa339b8e92dc9b6 --home coalwatch-demo

    Next: `coalwatch alerts review ID DECISION` records your decision; `coalwatch vessel IMO` describes the ship.
    """
    from pipeline.show.alerts import show_alert
    from pipeline.tasks import reports

    report = reports.alert_report(settings, alert_id)
    print_json(report) if as_json else show_alert(report)


@alerts.command()
@click.argument("alert_id")
@click.argument("decision", type=click.Choice(_DECISIONS))
@click.option("--reviewer", help="Who decides (default: your user name).")
@click.option("--note", help="Why.")
@click.option("--dry-run", is_flag=True, help="Print what would be recorded; write nothing.")
@as_json_option
@common
def review(
    settings: Settings,
    alert_id: str,
    decision: str,
    reviewer: str | None,
    note: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Record a DECISION on an alert: confirmed, dismissed, escalated or needs_more.

    ALERT_ID may be shortened to any prefix that no other alert shares. Reviews are only ever added;
    no later run loses or alters one. The alert leaves the queue, and returns marked "evidence changed" when what it
    rests on changes.

    \b
    Example:
      coalwatch alerts review 6fa339b8e92dc9b6 dismissed --note "in ballast: photo of 12 June" --home watch

    Next: `coalwatch alerts list` shows the alerts still to be read.
    """
    from pipeline.tasks.reports import alert_report
    from pipeline.tasks.review import review_alert

    reviewer = reviewer if reviewer is not None else _user_name()
    if dry_run:
        alert = alert_report(settings, alert_id)["alert"]
        would = {name: alert[name] for name in ("alert_id", "evidence_hash")} | {
            "reviewer": reviewer, "decision": decision, "note": note,
        }  # fmt: skip
        print_json(would) if as_json else click.echo(f"{reviewer} would decide {decision} on: {alert['headline']}")
        return
    review_id = review_alert(settings, alert_id, reviewer, decision, note, datetime.now(UTC))
    print_json({"review_id": review_id}) if as_json else click.echo(f"recorded {review_id}")


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
