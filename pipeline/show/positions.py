"""What became of a question for positions: how many, what was read for them, and under which terms they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def show_positions(report: dict[str, Any], output: Path | None, *, quiet: bool) -> None:
    """Print the report (unless `quiet`: it was printed as JSON), and what a reader must know on standard error."""
    read = report["read"]
    days = read["from_day"] if read["days"] == 1 else f"{read['days']} days ({read['from_day']} to {read['to_day']})"
    of = f"{_counted(read['rows'], 'position')} in {_counted(read['files'], 'file')} of {days}"
    if not quiet and report["rows"] is None:
        click.echo(f"Would read {of}.\nNothing was written (--dry-run).")
    elif not quiet:
        click.echo(f"{_counted(report['rows'], 'position')} in {output}, from {of}")
    if not quiet and report["rows"] == 0:
        click.echo(
            "No row is no proof that no ship was there: `coalwatch sql monthly_calls_and_coverage` says what was heard."
        )
    if report["synthetic"]:
        click.echo("SYNTHETIC: these positions are generated.", err=True)
    for note in report["notes"]:
        click.echo(f"Note: {note}", err=True)
    for one in report["terms"]:
        click.echo(f"Licence of the data from {one['source']}: {one['licence']}", err=True)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
