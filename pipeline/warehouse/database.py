"""The database that a warehouse is in: made, looked at, brought to the newest schema."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.errors import InputError
from pipeline.warehouse import postgres, roles, schema
from pipeline.warehouse.engine import address, is_sqlite, place_of, reading_engine, sqlite_path, writing_engine
from pipeline.warehouse.sqlite_file import head
from pipeline.warehouse.store import open_warehouse

OLDEST = 13  # of PostgreSQL: older ones get no mending any more
ABOUT = sa.text(
    "select current_setting('server_version_num')::int / 10000 as version,"
    " datcollate as collation, (select extversion from pg_extension where extname = 'postgis') as postgis,"
    " exists (select 1 from pg_available_extensions where name = 'postgis') as available,"
    " current_setting('search_path') as path, current_schema() as schema"
    " from pg_database where datname = current_database()"
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `ok` is None for what is good to know and stops nothing."""

    check: str
    ok: bool | None
    finding: str
    sql: str | None = None


def make(url: str) -> list[str]:
    """Make the database where there is none, its schema, PostGIS if it is installed, and the tables; say what was done.

    raises  InputError when the role may not, with the SQL that somebody else may run
    """
    done: list[str] = []
    if not is_sqlite(address(url)):
        done += make_place(url)
    return done + upgrade(url)


def make_place(url: str) -> list[str]:
    """Make what tables on PostgreSQL need where it is missing: the database, its schema, PostGIS; say what was done.

    raises  InputError as `make`
    """
    return _make_database(url) + _make_schema_and_postgis(url)


def plan(url: str) -> list[str]:
    """What `make` would do."""
    try:
        found = revision(url)
    except postgres.NoDatabase:
        return [f"database {address(url).database} and schema {head()} would be made; nothing was written"]
    if found == head():
        return [f"nothing: schema {found} is the newest"]
    return [f"schema {found or '(none)'} to {head()}; nothing was written"]


def upgrade(url: str) -> list[str]:
    """Bring the schema to the newest revision; say from where to where."""
    before = revision(url)
    open_warehouse(url).close()
    return [f"schema {head()} as it was" if before == head() else f"schema {before or '(none)'} to {head()}"]


def revision(url: str) -> str | None:
    """The revision that a warehouse is at; None for an empty database, or an SQLite file that is not there."""
    path = sqlite_path(address(url))
    if path and not path.is_file():
        return None
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The revision of the warehouse that a connection leads to; None for an empty database."""
    return schema.revision(connection, place_of(connection.engine))


def look(url: str, kind: str) -> list[Check]:
    """What a warehouse needs from its database, and a role of a kind (`roles.ROLES`) in it; nothing is written.

    raises  InputError or SourceUnavailable when it cannot be opened at all
    """
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            if is_sqlite(engine.url):
                sound = connection.exec_driver_sql("pragma quick_check").scalar()
                return [Check("file", sound == "ok", str(sound)), _of_schema(connection)]
            before = [
                *_of_server(connection),
                *_of_role(connection, kind),
            ]  # an error ends the transaction
            return [*before, _of_schema(connection)]
    finally:
        engine.dispose()


def _of_schema(connection: Connection) -> Check:
    try:
        found = schema.revision(connection, place_of(connection.engine))
        newest = found == head() and not schema.has_old_views(connection)
    except InputError as error:
        return Check("schema", False, str(error))
    views = " with views of another version" if found == head() and not newest else ""
    said = f"{found or 'empty'}{views}, newest {head()}"
    return Check("schema", newest, said, None if newest else "-- run by the owner: coalwatch db upgrade")


def _of_server(connection: Connection) -> list[Check]:
    about = connection.execute(ABOUT).one()
    name = connection.engine.url.database
    like_sqlite = about.collation in ("C", "C.UTF-8", "C.utf8", "POSIX")
    postgis = about.postgis or (
        "can be added: places are numbers until then" if about.available else "not installed: places are numbers"
    )
    return [
        Check("server", about.version >= OLDEST, f"PostgreSQL {about.version}, expected {OLDEST} or newer"),
        Check(
            "order of text",
            True if like_sqlite else None,
            about.collation if like_sqlite else f"{about.collation}: names sort otherwise than in SQLite (C.UTF-8)",
            None if like_sqlite else f"create database … template template0 locale 'C.UTF-8'; -- instead of {name}",
        ),
        Check(
            "PostGIS",
            True if about.postgis else None,
            postgis,
            None if about.postgis or not about.available else "create extension postgis; -- then coalwatch db upgrade",
        ),
    ]


def _of_role(connection: Connection, kind: str) -> list[Check]:
    return [Check(f"{kind}: {one.name}", one.held, one.finding, one.sql) for one in roles.rights(connection, kind)]


def _make_database(url: str) -> list[str]:
    place = address(url)
    name, user = str(place.database or place.username or ""), place.username
    beside = place.set(database="postgres").difference_update_query(["options"])
    engine = writing_engine(beside.render_as_string(hide_password=False), 10.0)
    words = f"create database {_quoted(name)} template template0 encoding 'UTF8' locale 'C.UTF-8'"
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.execute(sa.text("select 1 from pg_database where datname = :name"), {"name": name}).first():
                return []
            may = connection.exec_driver_sql(
                "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
            ).scalar()
            if not may:
                who = f"{user} may not make a database; somebody who may should run"
                raise InputError(f"{place_of(engine)}: {who}: {words} owner {_quoted(user or '')};")
            connection.exec_driver_sql(words)
            return [f"database {name}, C.UTF-8"]
    finally:
        engine.dispose()


def _make_schema_and_postgis(url: str) -> list[str]:
    engine, done = writing_engine(url, 10.0), []
    try:
        with engine.connect() as connection, connection.begin():
            about = connection.execute(ABOUT).one()
            first = postgres.first_of(about.path)
            if first and about.schema not in (first, engine.url.username):
                connection.exec_driver_sql(f"create schema {_quoted(first)}")
                done.append(f"schema {first}")
        with engine.connect() as connection:
            try:
                if about.available and not about.postgis:
                    connection.exec_driver_sql("create extension postgis with schema public")
                    connection.commit()
                    done.append("PostGIS")
            except InputError:
                done.append(
                    "no PostGIS: somebody who may should run: create extension postgis; then coalwatch db upgrade"
                )
    finally:
        engine.dispose()
    return done


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
