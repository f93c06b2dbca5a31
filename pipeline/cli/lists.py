"""Commands on sanctions lists: which are available, one ship in them, importing and fetching."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress


@click.group(invoke_without_command=True)
@as_json_option
@common
def lists(settings: Settings, as_json: bool) -> None:
    """List sanctions lists with their editions: entries, and what changed from one edition to the next.

    Editions from `seeds` come with coalwatch; those you import or fetch are in `lists` in the home.

    \b
    Examples:
      coalwatch lists
      coalwatch lists --json --home watch

    Next: `coalwatch lists show IMO` shows one ship as each edition describes her; `coalwatch lists refresh` fetches.
    """
    from pipeline.show.lists import show_lists
    from pipeline.tasks.lists import list_editions

    context = click.get_current_context()
    if command := context.invoked_subcommand:
        given = [name for name in context.params if context.get_parameter_source(name).name == "COMMANDLINE"]  # type: ignore[union-attr]
        if given:
            raise click.UsageError(f"--{given[0].replace('as_', '')} must come after {command}.")
        return
    found = list_editions(settings)
    print_json(found) if as_json else show_lists(found)


@lists.command()
@click.argument("ship")
@as_json_option
@common
def show(settings: Settings, ship: str, as_json: bool) -> None:
    """Print what each list says, and said, about one SHIP (IMO number, id of an entry, or part of a name).

    \b
    Examples:
      coalwatch lists show 8628597
      coalwatch lists show "IMO 8628597" --home watch

    Next: `coalwatch vessel IMO` shows what she did, and what the lists said on each day.
    """
    from pipeline.show.lists import show_listed
    from pipeline.tasks.lists import listed_ship

    found = listed_ship(settings, ship)
    print_json(found) if as_json else show_listed(found)


@lists.command("import")
@click.argument("list_id", metavar="LIST")
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--published", type=DAY, help="Day of publication; needed where the file states none.")
@click.option("--accept-shrunken", is_flag=True, help="Accept an edition that lacks most of the ships.")
@as_json_option
@working
@common
def import_(
    settings: Settings,
    list_id: str,
    file: Path,
    published: datetime | None,
    accept_shrunken: bool,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Import a published FILE as an edition of a LIST: un, uk, eu or ofac (or the id of one list).

    The file's bytes are kept. An entry that disappears is closed on the day of the first edition without it, never
    deleted. Import files as they were published: a spreadsheet turns the ship "7-28" into a date. OFAC's CSV files go
    in one .zip. The UN's ships are in its 1718 Designated Vessels List (as HTML), none in its consolidated list.

    \b
    Examples:
      coalwatch lists import uk UK-Sanctions-List.csv --home watch
      coalwatch lists import ofac sdn.xml --home watch
      coalwatch lists import ofac sdn.zip --published 2024-05-31 --home watch

    Next: `coalwatch run` judges the ships whose entries changed again, and no others.
    """
    from pipeline.show.lists import show_reports
    from pipeline.tasks.lists import import_list

    report = import_list(
        settings, list_id, file, published_on=published.date() if published else None, now=datetime.now(UTC),
        progress=progress, accept_shrunken=accept_shrunken, dry_run=dry_run,
    )  # fmt: skip
    progress.close()
    print_json(report.as_dict()) if as_json else show_reports([report.as_dict()], dry_run=dry_run)


@lists.command()
@as_json_option
@working
@common
def refresh(settings: Settings, dry_run: bool, progress: Progress, as_json: bool) -> None:
    """Fetch every list whose address is known; a list that has changed becomes a new edition.

    A list that fails does not stop the others. We have not tried the addresses; COALWATCH_SOURCE_URLS gives others, as
    JSON by list.

    \b
    Examples:
      coalwatch lists refresh --home watch
      coalwatch lists refresh --dry-run --home watch

    Next: `coalwatch run` judges the ships whose entries changed again, and no others.
    """
    from pipeline.show.lists import show_reports
    from pipeline.tasks.lists import refresh_lists, refuse_failed

    reports = refresh_lists(settings, now=datetime.now(UTC), progress=progress, dry_run=dry_run)
    progress.close()
    rows = [report.as_dict() for report in reports]
    print_json(rows) if as_json else show_reports(rows, dry_run=dry_run)
    refuse_failed(reports)
