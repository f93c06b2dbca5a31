"""Bring a warehouse to the schema this code knows: migrations first, then views whose file changed."""

from __future__ import annotations

import logging
import re

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from pipeline.errors import InputError
from pipeline.resources import SQL
from pipeline.warehouse import geography, postgres
from pipeline.warehouse.models import VIEW_TEXT
from pipeline.warehouse.sqlite_file import MIGRATIONS, check_revision, head

VIEWS = SQL / "views"


def migrate(engine: Engine, place: str) -> None:
    """Migrate to the newest revision, make new or changed views, and add the places of a PostGIS that has come since;
    writes nothing when all is as it should be.

    All of it is one transaction: a warehouse is at the old schema or at the new one.

    raises  InputError when the schema is newer than this code, or the database holds something else
    """
    with engine.connect() as connection:
        found = revision(connection, place)
        stored = _stored_views(connection) if found else {}
        wanted = _view_texts()
        if found == head() and stored == wanted and not geography.missing(connection):
            return
        if found and connection.dialect.name == "postgresql" and not postgres.owns_tables(connection):
            older = f"has schema {found} and views of another version; this coalwatch knows schema {head()}"
            raise InputError(f"{place} {older}; the owner of its tables should run `coalwatch db upgrade`")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        found = revision(connection, place)  # another process may have been first
        if found != head():
            _replace_views(connection, {})  # a view must not stand in the way of a changed table
            _upgrade(connection)
        _replace_views(connection, wanted)
        if connection.dialect.name == "postgresql":
            geography.add(connection)


def revision(connection: Connection, place: str) -> str | None:
    """The revision a database is at; None when it is empty.

    raises  InputError when the revision is newer than this code, or the database holds tables of something else
    """
    is_postgresql = connection.dialect.name == "postgresql"
    tables = postgres.own_tables(connection) if is_postgresql else sa.inspect(connection).get_table_names()
    asked = (
        connection.exec_driver_sql("select version_num from alembic_version") if "alembic_version" in tables else None
    )
    return check_revision(place, tables, asked.scalar() if asked else None)


def has_old_views(connection: Connection) -> bool:
    """Whether views were made from other texts than those of this code."""
    return _stored_views(connection) != _view_texts()


def view_files() -> dict[str, str]:
    """Views by name, each after those it reads; the text of a file is the view's definition with its header."""
    return _in_order(_view_texts())


def _view_texts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in VIEWS.glob("*.sql")}


def _in_order(views: dict[str, str]) -> dict[str, str]:
    bodies = {name: re.sub(r"--.*", "", text) for name, text in sorted(views.items())}
    ordered: dict[str, str] = {}

    def place(name: str) -> None:
        for other in bodies:
            if other != name and other not in ordered and re.search(rf"\b{other}\b", bodies[name]):
                place(other)
        ordered[name] = views[name]

    for name in bodies:
        if name not in ordered:
            place(name)
    return ordered


def _upgrade(connection: Connection) -> None:
    # Imported here: it costs a fifth of a second, and most openings find the schema as it should be.
    import alembic.command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    logging.getLogger("alembic").setLevel(logging.WARNING)
    alembic.command.upgrade(config, "head")


def _stored_views(connection: Connection) -> dict[str, str]:
    return {row.name: row.text for row in connection.execute(sa.select(VIEW_TEXT))}


def _replace_views(connection: Connection, wanted: dict[str, str]) -> None:
    """Drop all views and make those wanted: one may read another, and a view holds no data."""
    if not sa.inspect(connection).has_table(VIEW_TEXT.name, schema=connection.dialect.default_schema_name):
        return
    for name in reversed(_in_order(_stored_views(connection))):
        connection.exec_driver_sql(f"drop view {name}")
    connection.execute(VIEW_TEXT.delete())
    for name, text in _in_order(wanted).items():
        connection.exec_driver_sql(text)
        connection.execute(VIEW_TEXT.insert().values(name=name, text=text))
