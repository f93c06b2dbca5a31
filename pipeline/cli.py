"""The command line: parse, make one call, print."""

from __future__ import annotations

import functools
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pipeline.errors import CoalwatchError
from pipeline.settings import Settings

DAY = click.DateTime(["%Y-%m-%d"])


class _Group(click.Group):
    """Turns our errors into one line on standard error and an exit code that means something."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CoalwatchError as error:
            click.echo(f"coalwatch: {error}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # the reader of a pipe has seen enough
            sys.stderr.close()
            ctx.exit(0)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add --home and --warehouse, handed on as `settings`."""

    @click.option("--home", type=click.Path(path_type=Path), help="Folder of this installation (COALWATCH_HOME).")
    @click.option("--warehouse", help="SQLAlchemy URL of the warehouse (COALWATCH_WAREHOUSE_URL).")
    @functools.wraps(command)
    def with_settings(home: Path | None, warehouse: str | None, **options: Any) -> None:
        given = {"home": home, "warehouse_url": warehouse}
        command(settings=Settings(**{name: value for name, value in given.items() if value}), **options)

    return with_settings


def _as_json(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _progress(line: str) -> None:
    click.echo(line, err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", is_flag=True, help="Log each step: day, source, rows.")
@click.version_option(package_name="coalwatch", message="%(prog)s %(version)s")
def main(verbose: bool) -> None:
    """Which ships' AIS-reported movements are consistent with North Korean coal leaving Nampo, and what speaks against it.

    \b
    First steps:
      coalwatch demo                     a synthetic month, from files to alerts
      coalwatch ingest auto FILE…        land AIS files of your own
      coalwatch run                      derive events, alerts and claims
      coalwatch alerts list              what to read today

    \b
    Exit codes: 0 done · 2 wrong input · 3 a disk or server failed, try again · 4 a fault of coalwatch · 130 interrupted
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(name)s %(message)s")


@main.command()
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--date", "base_date", type=DAY, help="UTC day the file begins on, for NMEA files without time stamps.")
@click.option("--synthetic", is_flag=True, help="The files hold generated data; every alert on them will say so.")
@click.option("--replaces", help="Name or source_file_id of the landed file that this one replaces.")
@click.option("--dry-run", is_flag=True, help="Recognise the files and say what would be landed; write nothing.")
@_as_json
@_common
def ingest(
    settings: Settings,
    source: str,
    files: tuple[Path, ...],
    base_date: datetime | None,
    synthetic: bool,
    replaces: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Land AIS FILES of a SOURCE in the lake.

    SOURCE is auto, noaa (MarineCadastre CSV), dma (Danish CSV), nmea (AIVDM/BSVDM sentences), or the name or path of a
    column mapping (YAML) for any other CSV or Parquet file. Compressed files (.zip, .gz, .zst) are read as they are.
    Landing a file twice changes nothing. `coalwatch run` derives what follows from the files.
    """
    from pipeline.show import show_landed, show_plan
    from pipeline.steps import landing

    if dry_run:
        planned = landing.plan(settings, files, source)
        _print_json(planned) if as_json else show_plan(planned)
        return
    day = base_date.strftime("%Y-%m-%d") if base_date else None
    landed = landing.ingest(
        settings, files, source, now=datetime.now(UTC), progress=_progress, base_date=day, synthetic=synthetic,
        replaces=replaces,
    )  # fmt: skip
    _print_json(landed) if as_json else show_landed(landed)


@main.command()
@click.option("--from", "first", type=DAY, help="First UTC day to derive.")
@click.option("--to", "last", type=DAY, help="Last UTC day to derive.")
@click.option("--rebuild", is_flag=True, help="Derive everything again.")
@click.option("--dry-run", is_flag=True, help="Say which days would be derived; write nothing.")
@_as_json
@_common
def run(
    settings: Settings, first: datetime | None, last: datetime | None, rebuild: bool, dry_run: bool, as_json: bool
) -> None:
    """Derive events, alerts and claims from what has landed: every day that is new or changed.

    A stopped run goes on where it was. A second run without new files changes nothing. Days that depend on a changed
    one follow by themselves; edited zones, limits and lists re-derive what they bear on.
    """
    from pipeline.show import show_run
    from pipeline.steps import running

    chosen = running.days_between(settings, first, last)
    if dry_run:
        waiting = running.waiting_days(settings, chosen, rebuild)
        _print_json(waiting) if as_json else click.echo("\n".join(waiting) or "nothing to derive")
        return
    report = running.run(settings, now=datetime.now(UTC), progress=_progress, days=chosen, rebuild=rebuild)
    _print_json(report.as_dict()) if as_json else show_run(report.as_dict())


@main.command()
@_as_json
@_common
def demo(settings: Settings, as_json: bool) -> None:
    """Run the whole path on a labelled synthetic month of Yellow Sea traffic.

    Writes the month as daily files, lands and derives them, and shows the alerts, each claim's verdict, and where the
    warehouse is. A second call changes nothing. Refuses a home that holds real positions.
    """
    from pipeline.show import show_demo
    from pipeline.steps.demo import run_demo

    report = run_demo(settings, now=datetime.now(UTC), progress=_progress)
    _print_json(report) if as_json else show_demo(report)


@main.group()
def alerts() -> None:
    """The alert queue: list it, read one alert, record a decision."""


@alerts.command("list")
@click.option("--all", "every", is_flag=True, help="Every alert, also reviewed and withdrawn ones.")
@_as_json
@_common
def alerts_list(settings: Settings, every: bool, as_json: bool) -> None:
    """List the alerts to be read today: new ones, and reviewed ones whose evidence has changed."""
    from pipeline.show import show_alerts
    from pipeline.steps import reporting

    rows = reporting.every_alert(settings) if every else reporting.alert_queue(settings)
    _print_json(rows) if as_json else show_alerts(rows)


@alerts.command()
@click.argument("alert_id")
@_as_json
@_common
def show(settings: Settings, alert_id: str, as_json: bool) -> None:
    """Print one alert: evidence for and against, what is missing, the law, the claims it bears on."""
    from pipeline.show import show_alert
    from pipeline.steps import reporting

    report = reporting.alert_report(settings, alert_id)
    _print_json(report) if as_json else show_alert(report)


@alerts.command()
@click.argument("alert_id")
@click.argument("decision", type=click.Choice(["confirmed", "dismissed", "escalated", "needs_more"]))
@click.option("--reviewer", required=True, envvar="USER", help="Who decides (default: the user name).")
@click.option("--note", help="Why.")
@_as_json
@_common
def review(settings: Settings, alert_id: str, decision: str, reviewer: str, note: str | None, as_json: bool) -> None:
    """Record a DECISION on an alert. Reviews are only ever added; no later run loses or alters one."""
    from pipeline.steps import reporting

    review_id = reporting.review_alert(settings, alert_id, reviewer, decision, note, datetime.now(UTC))
    _print_json({"review_id": review_id}) if as_json else click.echo(f"recorded {review_id}")


@main.command()
@click.option("--as-of", type=DAY, help="Judge by what was known at the end of this UTC day.")
@click.option("--article", help="Only claims of this article (article_id).")
@click.option("--claim", help="Only this claim (label, like C16), with its reasons in full.")
@_as_json
@_common
def claims(settings: Settings, as_of: datetime | None, article: str | None, claim: str | None, as_json: bool) -> None:
    """Print each claim's verdict in each of its time windows, and what would change it.

    Without positions the verdicts rest on documented observations alone, and say so.
    """
    from pipeline.show import show_claims
    from pipeline.steps import reporting

    rows = reporting.claim_windows(settings, as_of, article, claim)
    _print_json(rows) if as_json else show_claims(rows, in_full=claim is not None)


@main.command()
@click.argument("ship")
@_as_json
@_common
def vessel(settings: Settings, ship: str, as_json: bool) -> None:
    """Print what is known of one SHIP (IMO number, MMSI or part of a name): identity, lists, events, alerts."""
    from pipeline.show import show_vessels
    from pipeline.steps import reporting

    found = reporting.vessel_report(settings, ship)
    _print_json(found) if as_json else show_vessels(found)


@main.command()
@click.option(
    "--map", "map_path", type=click.Path(path_type=Path, dir_okay=False), help="Draw the zones to this HTML file."
)
@_as_json
def zones(map_path: Path | None, as_json: bool) -> None:
    """Check the zones (nesting, overlaps, on water) and draw them to a map that works without a network."""
    from pipeline.show import show_zones
    from pipeline.steps import reporting

    findings, count = reporting.zone_findings(map_path)
    _print_json(findings) if as_json else show_zones(findings, count, map_path)


@main.command()
@click.argument("query", required=False)
@click.argument("parameters", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List the named queries with their parameters.")
@click.option("--dictionary", is_flag=True, help="Print the data dictionary (Markdown).")
@_as_json
@_common
def sql(
    settings: Settings, query: str | None, parameters: tuple[str, ...], listing: bool, dictionary: bool, as_json: bool
) -> None:
    """Ask the warehouse: QUERY is the name of a query of ours (parameters as name=value), or a select of your own.

    \b
    coalwatch sql --list
    coalwatch sql ship_history imo=8905490
    coalwatch sql "select port, count(*) from port_call group by port"
    """
    from pipeline.show import show_queries, show_rows
    from pipeline.steps import reporting

    if dictionary:
        click.echo(reporting.data_dictionary())
    elif listing or query is None:
        show_queries(reporting.named_queries())
    else:
        rows = reporting.answer(settings, query, parameters)
        _print_json(rows) if as_json else show_rows(rows)


if __name__ == "__main__":
    main()
