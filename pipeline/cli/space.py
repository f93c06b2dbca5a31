"""Commands about the room that a home takes: what there is, and what of it can go."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress


@click.command()
@as_json_option
@common
def status(settings: Settings, as_json: bool) -> None:
    """Print what a home holds: days landed, derived, waiting and pruned, and the space it takes by kind.

    \b
    Example:
      coalwatch status --home watch

    Next: `coalwatch run` derives days that wait, `coalwatch prune --before DAY --dry-run` says what can go.
    """
    from pipeline.show.space import show_status
    from pipeline.tasks.space import home_status

    found = home_status(settings)
    print_json(found) if as_json else show_status(found)


@click.command()
@click.option("--before", type=DAY, required=True, help="Prune what lies before this UTC day.")
@as_json_option
@working
@common
def prune(settings: Settings, before: datetime, dry_run: bool, progress: Progress, as_json: bool) -> None:
    """Delete raw files and positions of fully derived days; no row of the warehouse changes.

    Everything must be derived first (`coalwatch run`). What stays of these days: runs and coverage, from which events
    are derived; the positions of ships that were near others, and of ships of alerts while these lasted; rejected rows;
    what providers sent; and the whole of the last day before DAY, on which the next one rests.

    What is lost: these days cannot be compressed again. From then on a file that would change them is refused and not
    landed, and a run that would have to make them again (edited zones or limits, a new version, --rebuild, a lost
    warehouse) stops and says so, with nothing changed. Landing the same files again makes the days whole. Raw lines
    are gone: keep a backup, or the files, if alerts of these days are to be proved line by line.

    \b
    Examples:
      coalwatch prune --before 2018-06-15 --dry-run --home watch
      coalwatch prune --before 2018-06-15 --home watch

    Next: `coalwatch status` says what is pruned and what the home holds now.
    """
    from pipeline.show.space import show_pruned
    from pipeline.tasks.prune import prune as prune_home

    report = prune_home(settings, before, dry_run=dry_run, progress=progress)
    progress.close()
    print_json(report) if as_json else show_pruned(report)


@click.command()
@click.argument("target")
@as_json_option
@working
@common
def move(settings: Settings, target: str, dry_run: bool, progress: Progress, as_json: bool) -> None:
    """Move the lake to TARGET: s3://BUCKET/FOLDER, or `home`, the home's folder.

    Raw files, positions and vessel reports are copied and compared one by one; then, at once, the home knows that they
    lie there. A command that was stopped goes on where it was. What lay in the home's folder is removed from it; a
    bucket keeps what it holds, for others may be reading it. No row of the warehouse changes, and nothing is derived
    again.

    \b
    Examples:
      coalwatch move s3://watch/ais --dry-run --home watch
      coalwatch move s3://watch/ais --home watch
      coalwatch move home --home watch

    Next: `coalwatch status` says where the lake lies.
    """
    from pipeline.show.space import show_moved
    from pipeline.tasks.move import move as move_lake

    report = move_lake(settings, target, dry_run=dry_run, progress=progress)
    progress.close()
    print_json(report) if as_json else show_moved(report)
