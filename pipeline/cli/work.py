"""Commands that do the work: land files, derive, and do both on the demonstration month."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.options import DAY, NamingCommand, as_json_option, common, engine_options, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress


class FileOrAddress(click.Path):
    """A path, or the address of files in a bucket, which is no path."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As `click.Path`; an address stays text."""
        return value if str(value).startswith("s3://") else super().convert(value, param, ctx)


@click.command(cls=NamingCommand)
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=FileOrAddress(readable=False, path_type=Path))
@click.option("--date", "base_date", type=DAY, help="UTC day the file begins on, for NMEA files without timestamps.")
@click.option("--synthetic", is_flag=True, help="The files hold generated data; every alert based on them will say so.")
@click.option("--replaces", help="Name or source_file_id of the landed file that this one replaces.")
@as_json_option
@working
@engine_options
@common
def ingest(
    settings: Settings,
    source: str,
    files: tuple[Path | str, ...],
    base_date: datetime | None,
    synthetic: bool,
    replaces: str | None,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Land AIS FILES of a SOURCE in the lake.

    SOURCE is auto, or one of the formats below, or the name or path of a column mapping (YAML) for any other CSV or
    Parquet file (docs/sources.md). Compressed files (.zip, .gz, .zst) are read directly. A file lands whole or not
    at all; landing it twice changes nothing. Every row read is accounted for: `coalwatch rejects` lists the rows that
    could not be used. Files may lie in a bucket: s3://BUCKET/FOLDER/FILE, where FILE may hold * and ?.

    \b
    Formats:
    {formats}

    \b
    Examples:
      coalwatch ingest auto AIS_2023_01_11.zip --home watch
      coalwatch ingest auto 's3://archive/2023/AIS_2023_01_*.zip' --home watch
      coalwatch ingest nmea port.nmea --date 2024-06-01 --home watch
      coalwatch ingest auto corrected.csv --replaces AIS_2023_01_11.zip --home watch

    Next: `coalwatch run` derives events and alerts from them.
    """
    from pipeline.show.work import show_landed, show_plan
    from pipeline.tasks import land

    if dry_run:
        planned = land.plan(settings, files, source, synthetic=synthetic, replaces=replaces)
        print_json(planned) if as_json else show_plan(planned)
        return
    day = base_date.strftime("%Y-%m-%d") if base_date else None
    landed = land.ingest(
        settings, files, source, now=datetime.now(UTC), progress=progress, base_date=day, synthetic=synthetic,
        replaces=replaces,
    )  # fmt: skip
    progress.close()
    print_json(landed) if as_json else show_landed(landed)
    land.refuse_useless(landed)


@click.command()
@click.option("--from", "first", type=DAY, help="First UTC day to derive.")
@click.option("--to", "last", type=DAY, help="Last UTC day to derive.")
@click.option("--rebuild", is_flag=True, help="Derive everything again.")
@as_json_option
@working
@engine_options
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

    A run that was stopped continues where it left off; a second run without new files changes nothing. Days that depend
    on a changed day are derived again, and so is everything that edited zones, limits or lists affect.

    \b
    Examples:
      coalwatch run --home watch
      coalwatch run --from 2023-01-01 --to 2023-01-31 --home watch
      coalwatch run --engine spark --master spark://host:7077 --home /shared/watch

    Next: `coalwatch alerts list` shows what to read today, `coalwatch claims` what it means for the claims.
    """
    from pipeline.show.work import show_run, show_run_plan
    from pipeline.tasks import idle

    if not (first or last or rebuild or dry_run) and idle.is_idle(settings):
        print_json(idle.NOTHING) if as_json else show_run(idle.NOTHING)
        return
    from pipeline.tasks import run

    chosen = run.days_between(settings, first, last)
    if dry_run:
        from pipeline.tasks.plan import planned

        plan = [work.as_dict() for work in planned(settings, chosen, rebuild=rebuild)]
        print_json(plan) if as_json else show_run_plan(plan)
        return
    report = run.run(settings, now=datetime.now(UTC), progress=progress, days=chosen, rebuild=rebuild).as_dict()
    progress.close()
    print_json(report) if as_json else show_run(report)


@click.command()
@click.option(
    "--files-only",
    type=click.Path(path_type=Path, file_okay=False),
    help="Only write the month's daily files to this folder, for a schedule to land.",
)
@click.option("--all-kinds", is_flag=True, help="With synthetic AIS presence, radar and readings of images as well.")
@as_json_option
@working
@common
def demo(
    settings: Settings, files_only: Path | None, all_kinds: bool, dry_run: bool, progress: Progress, as_json: bool
) -> None:
    """Run everything on a labelled synthetic month of Yellow Sea traffic.

    Writes the month as daily files, lands and derives them, and shows the alerts, each claim's verdict, and where the
    warehouse is. The home is ./coalwatch-demo unless one is named; one that holds real positions is refused. A second
    call changes nothing.

    \b
    Examples:
      coalwatch demo
      coalwatch demo --files-only watch/landing/demo
      coalwatch demo --all-kinds --home demo-all

    Next: `coalwatch alerts show ID --home coalwatch-demo` prints one alert with the evidence for and against it;
    with all kinds, `coalwatch answer --claim D01 --home demo-all`.
    """
    from pipeline.show.demo import show_demo, show_demo_plan
    from pipeline.tasks.demo import plan_demo, run_demo, write_demo_files

    if files_only and not dry_run:
        files = [str(path) for path in write_demo_files(files_only, progress)]
        progress.close()
        print_json(files) if as_json else click.echo(f"{len(files)} synthetic files in {files_only}")
        return
    if dry_run:
        planned = plan_demo(settings)
        print_json(planned) if as_json else show_demo_plan(planned)
        return
    report = run_demo(settings, now=datetime.now(UTC), progress=progress, all_kinds=all_kinds)
    progress.close()
    print_json(report) if as_json else show_demo(report)
