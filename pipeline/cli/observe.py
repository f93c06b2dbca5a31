"""The command that takes readings of imagery."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import as_json_option, common, print_json

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.command()
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print what would be kept and what rejected; write nothing.")
@as_json_option
@common
def observe(settings: Settings, file: Path, dry_run: bool, as_json: bool) -> None:
    """Record what you saw on dated satellite images: FILE is YAML (a list of readings) or CSV (one a row).

    A reading has place (name, zone_id, or longitude and latitude), at (day or time, UTC), sensor, by, link, licence,
    and what is seen: ships_under_80m, ships_80_to_130m, ships_over_130m, ships (of any length), holds_open, cargo_heaps
    (yes, no), ice (none, some, closed); visible (yes, partly, no), note, known. Readings stay in the home; claims
    weigh them as one observation a window. Several readers of one image are all kept; where they disagree, the
    image counts as inconclusive. Rows without place, time, reader, link or licence are rejected, with the reason.

    \b
    A file readings.yaml:
      - {place: kp-nampo-coal, at: 2021-02-08, sensor: PlanetScope, by: K. Han, ships_over_130m: 1,
         link: "https://www.planet.com/…", licence: Planet education licence}

    \b
    Examples:
      coalwatch observe readings.yaml --dry-run --home watch
      coalwatch observe readings.csv --json --home watch

    Next: `coalwatch claims --claim C16` weighs them; `coalwatch answer --claim C16` shows them beside all else.
    """
    from pipeline.show.observe import show_observed
    from pipeline.tasks.observe import observe

    found = observe(settings, file, now=datetime.now(UTC), dry_run=dry_run)
    print_json(found) if as_json else show_observed(found)
