"""The command that writes files people open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.export.names import FORMAT_NAMES, SUBJECTS
from pipeline.options import DAY, as_json_option, common, print_json
from pipeline.tasks.reports import GRADES

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.command()
@click.argument("what", nargs=-1, type=click.Choice(SUBJECTS, case_sensitive=False), metavar="[WHAT]...")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="The file to write; its ending names the format."
)
@click.option(
    "--format", "form", type=click.Choice(FORMAT_NAMES, case_sensitive=False), help="The format, if not by the ending."
)
@click.option("--from", "first", type=DAY, help="Only what goes on on this UTC day or later.")
@click.option("--to", "last", type=DAY, help="Only what begins on this UTC day or earlier.")
@click.option(
    "--ship", multiple=True, help="Only this ship: IMO number, MMSI, call sign or part of a name; may be repeated."
)
@click.option("--alert", multiple=True, help="Only this alert, by its id or a beginning of it; may be repeated.")
@click.option("--pattern", multiple=True, help="Only alerts of this pattern, such as direct-call; may be repeated.")
@click.option(
    "--grade",
    multiple=True,
    type=click.Choice(GRADES, case_sensitive=False),
    help="Only alerts of this grade; may be repeated.",
)
@click.option("--claim", multiple=True, help="Only this claim, such as C16, and alerts on it; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Also alerts that are withdrawn or held back by the quality gate.")
@click.option("--overwrite", is_flag=True, hidden=True, expose_value=False)  # older scripts give it
@as_json_option
@common
def export(
    settings: Settings,
    what: tuple[str, ...],
    output: Path,
    form: str | None,
    first: datetime | None,
    last: datetime | None,
    ship: tuple[str, ...],
    alert: tuple[str, ...],
    pattern: tuple[str, ...],
    grade: tuple[str, ...],
    claim: tuple[str, ...],
    every: bool,
    as_json: bool,
) -> None:
    """Write alerts, ships, events, tracks, zones or claims (WHAT) to a file for QGIS, Google Earth, Aleph and others.

    \b
    By the ending of --output:
      .gpkg       GeoPackage: all layers, styles, and a QGIS project (.qgz) beside it
      .geojson    GeoJSON (RFC 7946), WGS 84
      .kml        Google Earth; its slider plays the tracks
      .parquet    GeoParquet, one WHAT
      .csv        a spreadsheet, one WHAT; texts that look like formulas do nothing
      .ftm.json   FollowTheMoney for Aleph: ships, events, listings, articles
      .jsonld     ClaimReview (schema.org): the verdicts on claims

    Without WHAT, everything that the format holds. --from, --to and --ship select what overlaps the days and is of the
    ship; --alert, --pattern, --grade and --claim select alerts, and of the other subjects what belongs to these: the
    events that are their evidence, their ships, tracks and claims. Tracks are those around alerts; with --ship alone,
    all that was heard of her. Zones are never selected. Times are UTC.

    Every file says whence its data is, under which terms, of which days, whether it is synthetic, and what AIS cannot
    prove; CSV and FollowTheMoney in a README beside it. Files that are there are replaced, once the new ones are whole.
    The same warehouse gives the same bytes.

    \b
    Examples:
      coalwatch export --output june.gpkg --home watch
      coalwatch export alerts tracks --grade strong --output strong.kml --home watch
      coalwatch export tracks --ship 8628597 --output her.geojson --home watch
      coalwatch export events --ship 8628597 --from 2018-06-01 --to 2018-06-30 --output june.csv --home watch
      coalwatch export alerts ships --output alerts.ftm.json --home watch
      coalwatch export claims --claim C16 --output c16.jsonld --home watch

    Next: open the file; docs/export.md shows how in each program. `coalwatch sql` answers what no file here holds.
    """
    from pipeline.show.exported import show_export
    from pipeline.tasks.export import Selection
    from pipeline.tasks.export import export as write

    wanted = Selection(
        first.date() if first else None, last.date() if last else None, ship, alert, pattern, grade, claim, every
    )
    done = write(settings, what, output, wanted, form=form)
    print_json(done) if as_json else show_export(done)
