"""Commands about where data comes from: list the sources, and fetch from them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, NamingCommand, as_json_option, common, print_json, working

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.show.progress import Progress


@click.command()
@as_json_option
@common
def sources(settings: Settings, as_json: bool) -> None:
    """List the sources: terms of use, history, delay, and whether each covers Nampo at all.

    Tokens are read from the environment; the list shows whether one is set, never its value. LAST DATA
    is the time of the last position, report or event that landed in this home.

    \b
    Examples:
      coalwatch sources
      coalwatch sources --json

    Next: `coalwatch fetch SOURCE --from DAY` fetches a source's files of a day.
    """
    from pipeline.show.sources import show_sources
    from pipeline.tasks.sources import list_sources

    rows = list_sources(settings, os.environ)
    print_json(rows) if as_json else show_sources(rows)


@click.command(cls=NamingCommand)
@click.argument("source")
@click.option("--from", "first", type=DAY, help="First UTC day to fetch; not for what is of no day.")
@click.option("--to", "last", type=DAY, help="Last UTC day to fetch (default: the first).")
@click.option("--again", is_flag=True, help="Fetch daily files again even if present; a new edition replaces the old.")
@as_json_option
@working
@common
def fetch(
    settings: Settings,
    source: str,
    first: datetime | None,
    last: datetime | None,
    again: bool,
    dry_run: bool,
    progress: Progress,
    as_json: bool,
) -> None:
    """Fetch a SOURCE's files of UTC days into its landing folder, `landing/SOURCE` in the home.

    Particulars of ships ({particulars}) have no day: they describe the ships named in the home's events (IMO number,
    call sign, owner), so that these can be matched to lists. Fetch and ingest events first. Ids of listed ships, and
    figures of a provider (visits by month, reception of ships), are not dated either.

    A file that is already there is not fetched again, an interrupted transfer resumes, and a file gets its name only
    when it is complete. A token is read from the environment (`coalwatch sources` names the variable).

    \b
    Sources:
    {asked}

    \b
    Examples:
      coalwatch fetch {daily} --from {day} --home watch
      coalwatch fetch {daily} --from {day} --to {last_day} --dry-run --home watch
      coalwatch fetch {particulars} --home watch

    Next: `coalwatch ingest SOURCE FILE…` lands them; the exact command is printed.
    """
    from pipeline.show.sources import show_fetch_plan, show_fetched
    from pipeline.tasks import fetch
    from pipeline.tasks.sources import find_source_spec

    if not find_source_spec(source).by_day:
        if first or last:
            raise click.UsageError(f"{source} is of no day; leave --from and --to out.")
        _fetch_ships(settings, source, again, dry_run, progress, as_json)
        return
    if first is None:
        raise click.MissingParameter(param_hint="'--from'", param_type="option")
    days = first.date(), (last or first).date()
    if dry_run:
        planned = fetch.plan_days(settings, source, *days)
        print_json(planned) if as_json else show_fetch_plan(planned)
        return
    files = fetch.fetch_days(
        settings, source, *days, secrets=os.environ, now=datetime.now(UTC), progress=progress, again=again
    )
    progress.close()
    print_json(files) if as_json else show_fetched(files, settings.home)
    fetch.refuse_missing(files)


def _fetch_ships(
    settings: Settings, source: str, again: bool, dry_run: bool, progress: Progress, as_json: bool
) -> None:
    """Fetch what is of no day: particulars of ships, ids of listed ships, figures."""
    from pipeline.show.sources import show_fetched, show_no_ships, show_ships_plan
    from pipeline.tasks import fetch
    from pipeline.tasks.sources import find_source_spec

    if dry_run:
        planned = fetch.plan_particulars(settings, source)
        print_json(planned) if as_json else show_ships_plan(planned)
        return
    files = fetch.fetch_particulars(
        settings, source, secrets=os.environ, now=datetime.now(UTC), progress=progress, again=again
    )
    progress.close()
    if as_json:
        print_json(files)
    elif files:
        show_fetched(files, settings.home)
    else:
        show_no_ships(source, find_source_spec(source).provider, fetch.why_nothing_to_ask(source))
