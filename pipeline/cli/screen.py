"""The command that screens a list of ships."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, as_json_option, common

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.command()
@click.argument("file", metavar="SHIPS.csv", type=click.Path(path_type=Path))
@click.option("--as-of", type=DAY, required=True, help="UTC day: lists as of it, and the last day of the period.")
@click.option(
    "--days", type=int, default=180, show_default=True, help="Days before that day that the period holds too."
)
@click.option(
    "--format", "form", type=click.Choice(["csv", "json", "html"]), help="Format of the answer; html to print it."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the answer to this file.")
@as_json_option
@common
def screen(
    settings: Settings, file: Path, as_of: datetime, days: int, form: str | None, output: Path | None, as_json: bool
) -> None:
    """Screen a list of ships: listed by whom, called in North Korea, met whom, and how well each was heard.

    SHIPS.csv is any ordinary spreadsheet export: separated by semicolons, commas or tabs, with a column of IMO numbers
    (IMO, imo_number, IMO No. …); columns of names and MMSIs are used as hints. Ships are identified by IMO number
    alone. Every row has a row in the answer, in the same order: those without a valid number with the reason. Days are
    UTC days; the 180 days before an arrival are those of Executive Order 13810. What happened in the period counts
    whenever it became known; lists are read as of the day.

    \b
    Possible answers, the most serious first:
      called in North Korea                  AIS (or a provider) reported a stay in a port there
      possible call in North Korea           a silence left time for one, and no port fits it better
      met a ship that called there           within the period, at sea or at anchor, with no ordinary explanation
      met a ship that possibly called there
      none found                             read `rests_on`: days heard, longest silence, who else was heard
      not heard                              nothing is known of where she was
      not screened                           no valid IMO number: `reason` says why

    \b
    Examples:
      coalwatch screen ships.csv --as-of 2018-06-30 --home watch
      coalwatch screen ships.csv --as-of 2018-06-30 --days 365 --output screened.html --home watch

    Where names of ships need sign-off (review.yaml), files and pages leave out names that nobody signed off: the row
    number in the list tells which ship it is.

    Next: `coalwatch vessel IMO` for one ship in full, `coalwatch sql in_north_korea_before imo=…` for the events.
    """
    from geo.files import write_whole
    from pipeline.errors import InputError
    from pipeline.show.progress import Progress
    from pipeline.show.screen import form_of, show_sum, show_terms, written
    from pipeline.tasks.screen import screen_ships, to_hand_on
    from pipeline.tasks.sign_off import UNNAMED

    form = form_of(form, output, as_json=as_json)
    settings.refuse_own(output)
    if output and output.exists() and file.exists() and output.samefile(file):
        raise InputError(f"--output {output} is the list itself; give another name")
    progress = Progress(quiet=output is None)
    report = screen_ships(settings, file, as_of, days, progress)
    progress.close()
    unnamed = 0
    if output or form == "html":
        report, unnamed = to_hand_on(settings, report)
    content = written(form, report)
    if output:
        write_whole(output, content)
        show_sum(report, output)
    else:
        click.echo(content, nl=False)
    if not report["data"]["days_with_data"]:
        period = f"{report['from_day']} to {report['to_day']}"
        click.echo(f"No AIS of {period} is at hand in {settings.home}: lists alone were searched.", err=True)
    if unnamed:
        click.echo(f"Rows of {unnamed} ships hold none of their names and numbers: {UNNAMED}", err=True)
    show_terms(report)
