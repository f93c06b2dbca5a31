"""The command that lists rejected rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.options import as_json_option, common, print_json

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.command()
@click.argument("file", required=False)
@click.option("--reason", help="Only rows rejected for this reason, such as bad_mmsi.")
@as_json_option
@common
def rejects(settings: Settings, file: str | None, reason: str | None, as_json: bool) -> None:
    """List rejected rows with their line number, the reason and their text.

    Every row that is read becomes a position, a report, an event or a counted reject; this lists the rejects of all
    files, or of one FILE, given by its name or source_file_id.

    \b
    Examples:
      coalwatch rejects --home watch
      coalwatch rejects AIS_2023_01_11.zip --reason bad_time --home watch
      coalwatch rejects --json --home watch

    Next: correct the file and land it again: `coalwatch ingest SOURCE CORRECTED --replaces FILE`.
    """
    from pipeline.show.rejects import show_rejects
    from pipeline.tasks.land import list_rejects

    rows = list_rejects(settings, file, reason)
    print_json(rows) if as_json else show_rejects(rows)
