"""Commands that keep what coalwatch holds: backup, restore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress


@click.command()
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
@click.option("--with-lake", is_flag=True, help="Also keep positions, reports and raw files, not only their manifest.")
@as_json_option
@working
@common
def backup(settings: Settings, target: Path, with_lake: bool, dry_run: bool, progress: Progress, as_json: bool) -> None:
    """Add a backup of the home and its warehouse to the folder TARGET: reviews, alerts, what runs know, lists.

    A run or a landing under way is waited for, and one that begins meanwhile waits, so that home and warehouse belong
    together; reviews and queries go on. Each backup is a folder named by its time (UTC), whole in itself, with a
    manifest of every file and its SHA-256. Of positions and raw files it holds the manifest alone: landing them again
    restores them. --with-lake keeps them too; files that have not changed are linked to those of the backup before. A
    warehouse on PostgreSQL is kept by pg_dump, which must be installed here.

    \b
    Examples:
      coalwatch backup /backups/coalwatch --home watch
      coalwatch backup /backups/coalwatch --with-lake --home watch

    Next: `coalwatch restore /backups/coalwatch --verify` reads it and compares; docs/backup.md has a nightly job.
    """
    from pipeline.show.backup import show_backup, show_backup_plan
    from pipeline.tasks.backup import make_backup, plan_backup

    if dry_run:
        planned = plan_backup(settings, target, with_lake=with_lake)
        print_json(planned) if as_json else show_backup_plan(planned)
        return
    made = make_backup(settings, target, now=datetime.now(UTC), progress=progress, with_lake=with_lake)
    progress.close()
    print_json(made) if as_json else show_backup(made)


@click.command()
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Only compare the backup with its manifest; needs no home.")
@as_json_option
@working
@common
def restore(settings: Settings, backup: Path, verify: bool, dry_run: bool, progress: Progress, as_json: bool) -> None:
    """Make a home and its warehouse from a BACKUP: its folder, or a folder of backups, of which the newest is taken.

    Every file is compared with the manifest before anything is written. The home must be empty or not there yet, and so
    must the warehouse: a file in the home, or the database that --warehouse names, which is made if need be. All of it
    is restored or nothing. If the backup is without positions and raw files, the commands that land them again are
    printed; until then every answer of the warehouse is there, and runs that need those days say which file they lack.
    --dry-run compares, and says whether there is room; --verify only compares.

    \b
    Examples:
      coalwatch restore /backups/coalwatch --verify
      coalwatch restore /backups/coalwatch/2026-11-29T023000Z --home watch
      coalwatch restore /backups/coalwatch --home watch --warehouse postgresql://owner@db.example/coalwatch

    Next: `coalwatch run` finds nothing to do, `coalwatch alerts list` answers as on the day of the backup.
    """
    from pipeline.show.backup import show_restored, show_verified
    from pipeline.tasks.restore import plan_restore, restore, verify_backup

    if verify or dry_run:
        found = verify_backup(backup, progress) if verify else plan_restore(settings, backup, progress)
        progress.close()
        print_json(found) if as_json else show_verified(found)
        return
    made = restore(settings, backup, progress)
    progress.close()
    print_json(made) if as_json else show_restored(made)
