"""The command line: parse, make one call, print."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import CommandGroup, as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress

DAY = click.DateTime(["%Y-%m-%d"])
_DECISIONS = ("confirmed", "dismissed", "escalated", "needs_more")


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", is_flag=True, help="Log each step, and where a fault happened.")
@click.version_option(package_name="coalwatch", message="%(prog)s %(version)s")
def main(verbose: bool) -> None:
    """Which ships' AIS-reported movements are consistent with North Korean coal leaving Nampo, and what speaks against.

    \b
    First steps:
      coalwatch demo                     a synthetic month, from files to alerts
      coalwatch claims                   verdicts on the article's claims; needs no positions
      coalwatch ingest auto FILE…        land AIS files of your own
      coalwatch run                      derive events, alerts and claims
      coalwatch alerts list              what to read today

    \b
    Exit codes:
      0    done
      2    something handed in is wrong: the message says what to mend
      3    a disk, a server or another process stood in the way: try again
      4    a fault of coalwatch: please report it
      130  interrupted: the same command again goes on from there
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(name)s %(message)s")


@main.command()
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path))
@click.option("--date", "base_date", type=DAY, help="UTC day the file begins on, for NMEA files without time stamps.")
@click.option("--synthetic", is_flag=True, help="The files hold generated data; every alert on them will say so.")
@click.option("--replaces", help="Name or source_file_id of the landed file that this one replaces.")
@as_json_option
@working
@common
def ingest(
    settings: Settings,
    source: str,
    files: tuple[Path, ...],
    base_date: datetime | None,
    synthetic: bool,
    replaces: str | None,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Land AIS FILES of a SOURCE in the lake.

    SOURCE is auto, noaa (MarineCadastre CSV), dma (Danish CSV), nmea (AIVDM/BSVDM sentences), or the name or path of a
    column mapping (YAML) for any other CSV or Parquet file. Compressed files (.zip, .gz, .zst) are read as they are.
    A file lands whole or not at all; landing it twice changes nothing. Every row read is accounted for.

    \b
    Examples:
      coalwatch ingest auto AIS_2023_01_11.zip --home watch
      coalwatch ingest nmea port.nmea --date 2024-06-01 --home watch
      coalwatch ingest noaa mended.csv --replaces AIS_2023_01_11.zip --home watch

    Next: `coalwatch run` derives what follows from the files.
    """
    from pipeline.show.work import show_landed, show_plan
    from pipeline.steps import landing

    if dry_run:
        planned = landing.plan(settings, files, source, synthetic=synthetic, replaces=replaces)
        print_json(planned) if as_json else show_plan(planned)
        return
    day = base_date.strftime("%Y-%m-%d") if base_date else None
    landed = landing.ingest(
        settings, files, source, now=datetime.now(UTC), progress=progress, base_date=day, synthetic=synthetic,
        replaces=replaces,
    )  # fmt: skip
    progress.close()
    print_json(landed) if as_json else show_landed(landed)
    landing.refuse_useless(landed)


@main.command()
@click.option("--from", "first", type=DAY, help="First UTC day to derive.")
@click.option("--to", "last", type=DAY, help="Last UTC day to derive.")
@click.option("--rebuild", is_flag=True, help="Derive everything again.")
@as_json_option
@working
@common
def run(
    settings: Settings,
    first: datetime | None,
    last: datetime | None,
    rebuild: bool,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Derive events, alerts and claims from what has landed: every day that is new or changed.

    A stopped run goes on where it was; a second one without new files changes nothing. Days that depend on a changed
    one follow by themselves, and edited zones, limits and lists re-derive what they bear on.

    \b
    Examples:
      coalwatch run --home watch
      coalwatch run --from 2023-01-01 --to 2023-01-31 --home watch

    Next: `coalwatch alerts list` is what to read today, `coalwatch claims` what it means for the claims.
    """
    from pipeline.show.work import show_run, show_waiting
    from pipeline.steps import running

    chosen = running.days_between(settings, first, last)
    if dry_run:
        waiting = running.waiting_days(settings, chosen, rebuild)
        print_json(waiting) if as_json else show_waiting(waiting)
        return
    report = running.run(settings, now=datetime.now(UTC), progress=progress, days=chosen, rebuild=rebuild).as_dict()
    progress.close()
    print_json(report) if as_json else show_run(report)


@main.command()
@as_json_option
@working
@common
def demo(settings: Settings, dry_run: bool, progress: Progress, as_json: bool) -> None:
    """Run the whole path on a labelled synthetic month of Yellow Sea traffic.

    Writes the month as daily files, lands and derives them, and shows the alerts, each claim's verdict, and where the
    warehouse is. The home is ./coalwatch-demo unless one is named; one that holds real positions is refused. A second
    call changes nothing.

    \b
    Example:
      coalwatch demo

    Next: `coalwatch alerts show ID --home coalwatch-demo` gives one alert with what speaks against it.
    """
    from pipeline.show.demo import show_demo, show_demo_plan
    from pipeline.steps.demo import plan_demo, run_demo

    if dry_run:
        planned = plan_demo(settings)
        print_json(planned) if as_json else show_demo_plan(planned)
        return
    report = run_demo(settings, now=datetime.now(UTC), progress=progress)
    progress.close()
    print_json(report) if as_json else show_demo(report)


@main.group()
def alerts() -> None:
    """The alert queue: list it, read one alert, record a decision.

    \b
    Example:
      coalwatch alerts list --home watch

    Next: `coalwatch alerts show ID` for one of them, `coalwatch alerts review ID DECISION` when you have decided.
    """


@alerts.command("list")
@click.option("--all", "every", is_flag=True, help="Every alert, also reviewed and withdrawn ones.")
@as_json_option
@common
def alerts_list(settings: Settings, every: bool, as_json: bool) -> None:
    """List the alerts to be read today: new ones, and reviewed ones whose evidence has changed.

    \b
    Examples:
      coalwatch alerts list --home watch
      coalwatch alerts list --all --json --home watch

    Next: `coalwatch alerts show ID` gives one of them in full.
    """
    from pipeline.show.alerts import show_alerts
    from pipeline.steps import reporting

    rows = reporting.every_alert(settings) if every else reporting.alert_queue(settings)
    print_json(rows) if as_json else show_alerts(rows)


@alerts.command()
@click.argument("alert_id")
@as_json_option
@common
def show(settings: Settings, alert_id: str, as_json: bool) -> None:
    """Print one alert: evidence for and against, what is missing, the law, the claims it bears on.

    \b
    Example:
      coalwatch alerts show 6fa339b8e92dc9b6 --home coalwatch-demo

    Next: `coalwatch alerts review ID DECISION` records what you make of it; `coalwatch vessel IMO` tells of the ship.
    """
    from pipeline.show.alerts import show_alert
    from pipeline.steps import reporting

    report = reporting.alert_report(settings, alert_id)
    print_json(report) if as_json else show_alert(report)


@alerts.command()
@click.argument("alert_id")
@click.argument("decision", type=click.Choice(_DECISIONS))
@click.option("--reviewer", required=True, envvar="USER", help="Who decides (default: the user name).")
@click.option("--note", help="Why.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded; write nothing.")
@as_json_option
@common
def review(
    settings: Settings, alert_id: str, decision: str, reviewer: str, note: str | None, dry_run: bool, as_json: bool
) -> None:
    """Record a DECISION on an alert: confirmed, dismissed, escalated or needs_more.

    Reviews are only ever added; no later run loses or alters one. The alert leaves the queue, and comes back marked
    "evidence changed" when what it rests on changes.

    \b
    Example:
      coalwatch alerts review 6fa339b8e92dc9b6 dismissed --note "in ballast: photo of 12 June" --home watch

    Next: `coalwatch alerts list` shows what is left to read.
    """
    from pipeline.steps import reporting

    if dry_run:
        alert = reporting.alert_report(settings, alert_id)["alert"]
        would = {name: alert[name] for name in ("alert_id", "evidence_hash")} | {
            "reviewer": reviewer, "decision": decision, "note": note,
        }  # fmt: skip
        print_json(would) if as_json else click.echo(f"{reviewer} would decide {decision} on: {alert['headline']}")
        return
    review_id = reporting.review_alert(settings, alert_id, reviewer, decision, note, datetime.now(UTC))
    print_json({"review_id": review_id}) if as_json else click.echo(f"recorded {review_id}")


@main.command()
@click.option("--as-of", type=DAY, help="Judge by what was known at the end of this UTC day.")
@click.option("--article", help="Only claims of this article (article_id).")
@click.option("--claim", help="Only this claim (label, like C16), with its reasons in full.")
@as_json_option
@common
def claims(settings: Settings, as_of: datetime | None, article: str | None, claim: str | None, as_json: bool) -> None:
    """Print each claim's verdict in each of its time windows, and what would change it.

    Without positions the verdicts rest on documented observations alone, and say so; no home is needed, and none is
    made.

    \b
    Examples:
      coalwatch claims
      coalwatch claims --claim C16 --as-of 2021-01-31

    Next: `coalwatch claims --claim LABEL` gives the reasons, `coalwatch alerts list` the alerts that bear on claims.
    """
    from pipeline.show.claims import show_claims
    from pipeline.steps import reporting

    rows = reporting.claim_windows(settings, as_of, article, claim)
    print_json(rows) if as_json else show_claims(rows, in_full=claim is not None)


@main.command()
@click.argument("ship")
@as_json_option
@common
def vessel(settings: Settings, ship: str, as_json: bool) -> None:
    """Print what is known of one SHIP (IMO number, MMSI or part of a name): identity, lists, events, alerts.

    Each event says what the lists said of the ship on its day. Ships that are only listed are found too; for them no
    home is needed.

    \b
    Examples:
      coalwatch vessel 8628597
      coalwatch vessel "hao fan" --home watch

    Next: `coalwatch alerts show ID` for one of her alerts, `coalwatch sql ship_history imo=…` for her events as rows.
    """
    from pipeline.show.ships import show_vessels
    from pipeline.steps.ships import vessel_report

    found = vessel_report(settings, ship)
    print_json(found) if as_json else show_vessels(found)


@main.command()
@click.option("--all", "every", is_flag=True, help="Every check, also those that hold.")
@click.option(
    "--map", "map_path", type=click.Path(path_type=Path, dir_okay=False), help="Draw the zones to this HTML file."
)
@as_json_option
@common
def zones(settings: Settings, every: bool, map_path: Path | None, as_json: bool) -> None:
    """Check the zones (nesting, overlaps, on water) and draw them to a map that works without a network.

    The zones are part of coalwatch and the same for every home. JSON gives every check.

    \b
    Example:
      coalwatch zones --map zones.html

    Next: open the map in a browser; an edited zone is taken up by the next `coalwatch run`.
    """
    from pipeline.show.warehouse import show_zones
    from pipeline.steps import reporting

    findings, count = reporting.zone_findings(map_path)
    print_json(findings) if as_json else show_zones(findings, count, map_path, every=every)


@main.command()
@click.argument("query", required=False)
@click.argument("parameters", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List the named queries with their parameters.")
@click.option("--dictionary", is_flag=True, help="Print the data dictionary (Markdown).")
@as_json_option
@common
def sql(
    settings: Settings, query: str | None, parameters: tuple[str, ...], listing: bool, dictionary: bool, as_json: bool
) -> None:
    """Ask the warehouse: QUERY is the name of a query of ours (PARAMETERS as name=value), or a select of your own.

    Nothing can be written this way, also while a run is writing.

    \b
    Examples:
      coalwatch sql --list
      coalwatch sql ship_history imo=8628597 --home watch
      coalwatch sql "select port, count(*) as calls from port_call group by port" --json --home watch

    Next: `coalwatch sql --dictionary` says what every table and column holds.
    """
    from pipeline.show.warehouse import show_queries, show_rows
    from pipeline.steps import reporting

    if dictionary:
        click.echo(reporting.data_dictionary(), nl=False)
    elif listing or query is None:
        queries = reporting.named_queries()
        print_json(queries) if as_json else show_queries(queries)
    else:
        rows = reporting.answer(settings, query, parameters)
        print_json(rows) if as_json else show_rows(rows)


if __name__ == "__main__":
    main()
