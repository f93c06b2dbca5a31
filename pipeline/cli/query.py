"""Commands that answer questions: claims, one ship, the zones, SQL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, as_json_option, common, print_json

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.command()
@click.option("--as-of", type=DAY, help="Judge by what was known at the end of this UTC day.")
@click.option("--article", help="Only claims of this article (article_id).")
@click.option("--claim", help="Only this claim (label, like C16), with its reasons in full.")
@as_json_option
@common
def claims(settings: Settings, as_of: datetime | None, article: str | None, claim: str | None, as_json: bool) -> None:
    """Print each claim's verdict in each of its time windows, and what would change it.

    Without positions the verdicts rest on documented observations alone, and say so; no home is needed, and none is
    created.

    \b
    Examples:
      coalwatch claims
      coalwatch claims --claim C16 --as-of 2021-01-31

    Next: `coalwatch claims --claim LABEL` prints the reasons, `coalwatch alerts list` the alerts that bear on claims.
    """
    from pipeline.show.claims import show_claims
    from pipeline.tasks import reports

    rows = reports.claim_windows(settings, as_of, article, claim)
    print_json(rows) if as_json else show_claims(rows, in_full=claim is not None)


@click.command()
@click.option("--claim", help="Only this claim (label, like C16).")
@click.option("--markdown", "as_markdown", is_flag=True, help="Markdown, for a note or a brief.")
@as_json_option
@common
def answer(settings: Settings, claim: str | None, as_markdown: bool, as_json: bool) -> None:
    """Print what each kind of evidence says of each claim of the article that open data can test, side by side.

    Exact AIS, presence, radar, visits of others, imagery, press and panel observations, law: each with what it says and
    how well it could see; then the verdict of each window, what would change it, and what to ask a provider next, with
    how many reports that is. Without a token or a home it prints the same page from observations alone.

    \b
    Examples:
      coalwatch answer
      coalwatch answer --claim C16 --markdown --home watch

    Next: run the commands under "What to ask next", `coalwatch ingest` what they fetched, then `coalwatch run`.
    """
    import os
    from datetime import UTC

    from pipeline.show.answer import markdown, show_answer
    from pipeline.tasks.answer import answer_article
    from pipeline.tasks.sign_off import withheld

    if as_markdown and as_json:
        raise click.UsageError("--markdown and --json exclude each other.")
    found = answer_article(settings, label=claim, secrets=os.environ, now=datetime.now(UTC))
    if as_json:
        print_json(found)
    elif as_markdown:  # is for handing on
        click.echo(markdown(withheld(settings).hide(found)), nl=False)
    else:
        show_answer(found)


@click.command()
@click.argument("ship")
@as_json_option
@common
def vessel(settings: Settings, ship: str, as_json: bool) -> None:
    """Print what is known of one SHIP (IMO number, MMSI, call sign or part of a name): identity, lists, events, alerts.

    She is looked up by every name, former ones included, that AIS, providers of events or any edition of a list gives
    her. The answer states what was searched, and suggests similar names. Each event shows what the lists said about the
    ship on that day. Ships that are only listed are found too; for them no home is needed.

    \b
    Examples:
      coalwatch vessel 8628597
      coalwatch vessel "chun kuan" --home watch

    Next: `coalwatch alerts show ID` for one of her alerts, `coalwatch sql ship_history imo=…` for her events as rows.
    """
    from pipeline.show.ships import show_vessels
    from pipeline.tasks.vessel import vessel_report

    found = vessel_report(settings, ship)
    print_json(found) if as_json else show_vessels(found)


@click.command()
@click.argument("ship")
@click.option(
    "--hours",
    type=click.FloatRange(0),
    default=48.0,
    show_default=True,
    help="Longest time for which a berth may have lain empty between two ships.",
)
@as_json_option
@common
def network(settings: Settings, ship: str, hours: float, as_json: bool) -> None:
    """Print what ties one SHIP (IMO number, MMSI, call sign or part of a name) to others.

    Whom she met, who lay at a berth right before or after her, who sent the same MMSI or IMO number, whom providers
    tell to have the same owner, each with its dates. A tie is a reason to look at the other ship, and no more.

    \b
    Examples:
      coalwatch network 8628597
      coalwatch network "chun kuan" --hours 12 --home watch

    Next: `coalwatch vessel MMSI` for one of the others, `coalwatch sql ties_of_a_ship imo=…` for the same as rows.
    """
    from pipeline.show.network import show_networks
    from pipeline.tasks.network import ship_network

    found = ship_network(settings, ship, hours)
    print_json(found) if as_json else show_networks(found)


@click.command()
@click.option("--all", "every", is_flag=True, help="Every check, including those that pass.")
@click.option(
    "--map", "map_path", type=click.Path(path_type=Path, dir_okay=False), help="Draw the zones to this HTML file."
)
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the zones to this .geojson, .gpkg or .parquet file.",
)
@click.option("--check", "labels", is_flag=True, help="Count the anchorages of each port that lie in its zones.")
@as_json_option
@common
def zones(
    settings: Settings, every: bool, map_path: Path | None, export: Path | None, labels: bool, as_json: bool
) -> None:
    """Check the zones (nesting, overlaps, on water) and draw them to a map that works without a network.

    The zones are part of coalwatch and the same for every home. `--json` prints every check. `--check` prints instead,
    for each port label of the anchorages that Global Fishing Watch publishes, how many lie in a zone of that port.

    \b
    Example:
      coalwatch zones --map zones.html
      coalwatch zones --export zones.gpkg
      coalwatch zones --check

    Next: open the map in a browser; the next `coalwatch run` uses an edited zone.
    """
    from pipeline.show.warehouse import show_zone_labels, show_zones
    from pipeline.tasks import reports

    settings.refuse_own(map_path, export)
    if export:
        reports.export_zones(export)
    if labels:
        rows = reports.zone_labels()
        return print_json(rows) if as_json else show_zone_labels(rows)
    findings, count = reports.zone_findings(map_path)
    print_json(findings) if as_json else show_zones(findings, count, map_path, export, every=every)


@click.command()
@click.argument("query", required=False)
@click.argument("parameters", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List the named queries with their parameters.")
@click.option("--dictionary", is_flag=True, help="Print the data dictionary (Markdown).")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "parquet", "markdown"]), help="Form of the rows."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows to this file.")
@click.option("--explain", is_flag=True, help="Print how the database would find the answer.")
@as_json_option
@common
def sql(
    settings: Settings,
    query: str | None,
    parameters: tuple[str, ...],
    listing: bool,
    dictionary: bool,
    form: str | None,
    output: Path | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Query the warehouse: QUERY is a named query (PARAMETERS as name=value), or a select statement of your own.

    The connection is read-only, and works while a run is writing. A file appears whole or not at all, in the form that
    its name ends in (.csv, .json, .parquet, .md) unless --format names another. The terms of data that is not free for
    any use, and kinds of event that are not derived from AIS, are printed on standard error; a provider's rows carry
    their terms in the column `licence`.

    \b
    Examples:
      coalwatch sql --list
      coalwatch sql ship_history imo=8628597 --home watch
      coalwatch sql "select port, count(*) as visits from port_visit group by port" --json --home watch
      coalwatch sql new_since_yesterday --output new.csv --home watch
      coalwatch sql ship_history imo=8628597 --explain --home watch

    Next: `coalwatch sql --dictionary` describes every table and column.
    """
    from geo.files import write_whole
    from pipeline.show.answers import format_of, written
    from pipeline.show.warehouse import show_queries, show_rows
    from pipeline.tasks import reports

    if dictionary:
        click.echo(reports.data_dictionary(), nl=False)
    elif listing or query is None:
        queries = reports.named_queries()
        print_json(queries) if as_json else show_queries(queries)
    else:
        form = format_of("json" if as_json and not form else form, output)
        settings.refuse_own(output)
        names, rows = reports.answer(settings, query, parameters, explain=explain)
        if output:
            from pipeline.tasks.sign_off import UNNAMED, withheld

            if hidden := withheld(settings):
                rows = hidden.hide_rows(rows)
                click.echo(f"Note: {UNNAMED}", err=True)
            write_whole(output, written(form, names, rows))
            click.echo(f"{len(rows)} rows in {output} ({form})", err=True)
        elif form == "table":
            show_rows(rows)
        else:
            click.echo(written(form, names, rows), nl=False)
        if missing := reports.not_derived_in(query):
            alone = "their rows come from providers only, so the absence of a row means nothing"
            click.echo(f"Not derived from AIS: {', '.join(missing)}; {alone}", err=True)
        for bound in reports.terms(settings):
            click.echo(f"Terms of the data from {bound['source']}: {bound['licence']}", err=True)
