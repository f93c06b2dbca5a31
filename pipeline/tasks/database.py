"""Tasks: the warehouse's database made, looked at, brought to the newest schema; the SQL of its roles."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record
from pipeline.warehouse import database, roles
from pipeline.warehouse.engine import address, is_sqlite
from pipeline.warehouse.postgres import shown_address
from pipeline.warehouse.sqlite_file import head

if TYPE_CHECKING:
    from pipeline.settings import Settings

KINDS = roles.ROLES


def make_database(settings: Settings, *, dry_run: bool = False) -> Record:
    """Make the warehouse's database and tables where they are missing: `warehouse` (its address), `done`; with
    `dry_run` only say what would be."""
    make = database.plan if dry_run else database.make
    return {"warehouse": _shown(settings), "done": make(settings.database_url)}


def upgrade_database(settings: Settings, *, dry_run: bool = False) -> Record:
    """Bring the schema to the newest revision: `warehouse`, `done`; with `dry_run` only say what would be.

    raises  InputError where there is no warehouse
    """
    before = database.revision(settings.database_url)
    if before is None:
        raise InputError(f"warehouse {_shown(settings)} is empty or not there; `coalwatch db init` makes it")
    if dry_run:
        return {"warehouse": _shown(settings), "done": [f"schema {before}, newest {head()}; nothing was written"]}
    return {"warehouse": _shown(settings), "done": database.upgrade(settings.database_url)}


def check_database(settings: Settings, kind: str) -> list[Record]:
    """What the warehouse needs from its database and a role in it: check, ok (null: good to know), finding, sql."""
    return [asdict(one) for one in database.look(settings.database_url, kind)]


def role_statements(settings: Settings, schema: str, names: dict[str, str | None]) -> list[str]:
    """The SQL that makes owner, pipeline and analyst and gives each its rights.

    names   by kind of role; an owner without one is the user of the address
    raises  InputError for an SQLite warehouse, whose rights are those of its file
    """
    place = address(settings.database_url)
    if is_sqlite(place):
        raise InputError(
            f"warehouse {_shown(settings)} is a file: who may read or write it, may read or write the warehouse; "
            "expected postgresql://… (--warehouse)"
        )
    known = {kind: name or place.username or f"coalwatch_{kind}" for kind, name in names.items()}
    return roles.grants(str(place.database), schema, known)


def _shown(settings: Settings) -> str:
    return shown_address(address(settings.database_url))
