"""Commands about the lake's positions: write some of them to a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress


@click.command()
@click.option("--mmsi", "mmsis", multiple=True, help="Positions sent under this MMSI; may be repeated.")
@click.option(
    "--imo",
    "imos",
    multiple=True,
    help="Positions of the ship with this IMO number, under each MMSI while it was hers.",
)
@click.option("--zone", help="Positions in this zone (zone_id), the zones that lie in it included.")
@click.option("--box", help="Positions from west,south,east,north, in degrees.")
@click.option("--from", "first", type=DAY, help="First UTC day.")
@click.option("--to", "last", type=DAY, help="Last UTC day.")
@click.option(
    "--format", "form", type=click.Choice(["parquet", "csv", "geoparquet"]), help="Form of the file, if not its ending."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@as_json_option
@working
@common
def positions(
    settings: Settings,
    mmsis: tuple[str, ...],
    imos: tuple[str, ...],
    zone: str | None,
    box: str | None,
    first: datetime | None,
    last: datetime | None,
    form: str | None,
    output: Path | None,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Write positions out of the lake to a file of any size: Parquet, GeoParquet or CSV.

    Everything that is given must hold; of several ships any. A ship named by --imo is found under every MMSI that she
    sent, for the time for which it was hers, as far as days are derived (`coalwatch run`). A zone holds the zones that
    lie in it; its margin is a zone of its own, ZONE~margin. Rows stand in order of UTC day, MMSI and time; MMSIs are
    text, times UTC. The file appears whole or not at all; a Parquet file carries what was asked, the licences and
    whether the data is generated as key-values (`coalwatch.…`). docs/lake.md describes the columns.

    \b
    Examples:
      coalwatch positions --imo 8628597 --output chun-kuan.parquet --home watch
      coalwatch positions --zone kp-nampo-coal --from 2018-06-01 --to 2018-06-30 --output berth.csv --home watch
      coalwatch positions --box 124,38,126,39.5 --mmsi 351990002 --output bay.geoparquet --home watch
      coalwatch positions --from 2018-06-01 --to 2018-06-07 --dry-run --home watch

    Next: open the file, or ask the lake itself: docs/lake.md has it in DuckDB, pandas, geopandas and Polars.
    """
    from pipeline.show.positions import show_positions
    from pipeline.tasks.positions import Asked, write_positions

    asked = Asked(mmsis, imos, zone, box, first, last)
    report = write_positions(settings, asked, output, form, dry_run=dry_run, progress=progress)
    progress.close()
    if as_json:
        print_json(report)
    show_positions(report, output, quiet=as_json)
