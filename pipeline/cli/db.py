"""Commands about the warehouse's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.options import as_json_option, common, print_json, shared

if TYPE_CHECKING:
    from pipeline.settings import Settings


@click.group()
@shared
def db() -> None:
    """Make, check and upgrade the warehouse's database: an SQLite file, or a database on PostgreSQL.

    \b
    Examples:
      coalwatch db init --warehouse postgresql://owner@db.example/coalwatch
      coalwatch db check --as analyst --warehouse postgresql://ann@db.example/coalwatch

    Next: `coalwatch run` fills it, `coalwatch sql --list` shows what to ask.
    """


@db.command()
@click.option("--dry-run", is_flag=True, help="Print what would be made; write nothing.")
@as_json_option
@common
def init(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Make the database, its schema, PostGIS where the server has it, and the tables; what is there is left alone.

    A new database sorts text as SQLite does (C.UTF-8).

    \b
    Example:
      coalwatch db init --warehouse postgresql://owner@db.example/coalwatch

    Next: `coalwatch db roles` prints the SQL for a pipeline and for analysts.
    """
    from pipeline.show.database import show_done
    from pipeline.tasks.database import make_database

    done = make_database(settings, dry_run=dry_run)
    print_json(done) if as_json else show_done(done)


@db.command()
@click.option(
    "--as",
    "kind",
    type=click.Choice(["owner", "pipeline", "analyst"]),
    default="pipeline",
    show_default=True,
    help="What the user of the address is to do.",
)
@as_json_option
@common
def check(settings: Settings, kind: str, as_json: bool) -> None:
    """Check server, encoding, PostGIS, schema and the rights of the user; print the SQL that grants what is missing.

    Exit code 2 when anything that is needed is missing. Nothing is written.

    \b
    Example:
      coalwatch db check --as analyst --warehouse postgresql://ann@db.example/coalwatch

    Next: run the SQL that it prints, as the owner of the database.
    """
    from pipeline.show.database import show_checks
    from pipeline.tasks.database import check_database

    found = check_database(settings, kind)
    print_json(found) if as_json else show_checks(found)
    if any(one["ok"] is False for one in found):
        click.get_current_context().exit(2)


@db.command()
@click.option("--dry-run", is_flag=True, help="Print the schema that is there and the newest; write nothing.")
@as_json_option
@common
def upgrade(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Bring the warehouse to the newest schema, in one transaction, as the owner of its tables.

    `coalwatch run` does the same where its user owns the tables.

    \b
    Example:
      coalwatch db upgrade --warehouse postgresql://owner@db.example/coalwatch

    Next: `coalwatch run` derives what the new columns hold.
    """
    from pipeline.show.database import show_done
    from pipeline.tasks.database import upgrade_database

    done = upgrade_database(settings, dry_run=dry_run)
    print_json(done) if as_json else show_done(done)


@db.command()
@click.option("--schema", default="public", show_default=True, help="Schema of the warehouse.")
@click.option("--owner", help="Who makes and changes the tables; otherwise the user of the address.")
@click.option("--pipeline", default="coalwatch_pipeline", show_default=True, help="Who runs coalwatch.")
@click.option("--analyst", default="coalwatch_analyst", show_default=True, help="Who reads.")
@as_json_option
@common
def roles(settings: Settings, schema: str, owner: str | None, pipeline: str, analyst: str, as_json: bool) -> None:
    """Print the SQL that makes an owner, a pipeline and a read-only analyst, with the rights that each needs.

    It may run again, and covers tables that later upgrades make. Passwords are yours to set (`alter role … password`).

    \b
    Example:
      coalwatch db roles --warehouse postgresql://localhost/coalwatch | psql coalwatch

    Next: `coalwatch db init` as the owner, `coalwatch db check --as analyst` as the analyst.
    """
    from pipeline.tasks.database import role_statements

    names = {"owner": owner, "pipeline": pipeline, "analyst": analyst}
    statements = role_statements(settings, schema, names)
    print_json(statements) if as_json else click.echo("\n".join(statements))
