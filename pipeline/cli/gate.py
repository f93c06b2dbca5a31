"""The command that shows what the quality gate holds back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.options import DAY, as_json_option, common, print_json

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.command()
@click.argument("day", required=False, type=DAY)
@as_json_option
@common
def gate(settings: Settings, day: datetime | None, as_json: bool) -> None:
    """List the days that the quality gate holds back and why, and the sources that are later than promised.

    A day that is held back is processed like any other and stays in the tables; the analysts' views and the alert queue
    leave it out. With a DAY (UTC), list every check of that day.

    \b
    Examples:
      coalwatch gate --home watch
      coalwatch gate 2023-01-11 --json --home watch

    Next: land the missing or corrected file (`coalwatch ingest … --replaces FILE`); `coalwatch run` then judges the day
    again, and the days that were compared with it.
    """
    from pipeline.show.gate import show_day, show_gate
    from pipeline.tasks.gate import gate_report

    report = gate_report(settings, f"{day:%Y-%m-%d}" if day else None, now=datetime.now(UTC))
    if as_json:
        print_json(report)
    else:
        show_day(report) if day else show_gate(report)
