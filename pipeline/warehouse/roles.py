"""Who may do what in a warehouse on PostgreSQL: which right a role lacks, and the SQL that grants it.

owner     makes and changes the tables (`coalwatch db init`, `db upgrade`)
pipeline  reads and writes rows: every run, reviews
analyst   reads
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

ROLES = ("owner", "pipeline", "analyst")
_BOOKS = ("alembic_version", "view_text")  # what only the owner writes
_HERE = sa.text(
    "select current_database() as database, current_schema() as schema, current_user as role,"
    " has_database_privilege(current_database(), 'temporary') as temporary,"
    " has_schema_privilege(current_schema(), 'usage') as usage,"
    " has_schema_privilege(current_schema(), 'create') as create,"
    " pg_has_role((select nspowner from pg_namespace where nspname = current_schema()), 'usage') as owns_schema"
)
_TABLES = sa.text(
    "select relname as name, relkind = 'v' as is_view, has_table_privilege(oid, 'select') as select,"
    " has_table_privilege(oid, 'insert') as insert, has_table_privilege(oid, 'update') as update,"
    " has_table_privilege(oid, 'delete') as delete, pg_has_role(relowner, 'usage') as owns,"
    " pg_get_userbyid(relowner) as owner"
    " from pg_class where relnamespace = to_regnamespace(quote_ident(current_schema())) and relkind in ('r', 'p', 'v')"
    " and not exists (select 1 from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid"
    " and deptype = 'e') order by relname"
)


@dataclass(frozen=True)
class Right:
    """One right that a kind of role needs: whether it is held, what lacks it, and the SQL that grants it."""

    name: str
    held: bool
    finding: str
    sql: str | None


def rights(connection: Connection, kind: str) -> list[Right]:
    """What the connected role needs to be an owner, a pipeline or an analyst (`kind`), and whether it may."""
    here = connection.execute(_HERE).one()
    tables = connection.execute(_TABLES).all()
    role, schema, database = (_quoted(name) for name in (here.role, here.schema, here.database))
    found = [_right("use the schema", here.usage, here.schema, f"grant usage on schema {schema} to {role};")]
    if kind == "owner":
        by = sorted({row.owner for row in tables if not row.owns})
        found.append(
            _right("make tables", here.create, here.schema, f"grant usage, create on schema {schema} to {role};")
        )
        found.append(
            _right(
                "own every table",
                not by,
                f"those of {', '.join(by)}",
                " ".join(f"grant {_quoted(owner)} to {role};" for owner in by),
            )
        )
        return found
    unread = [row.name for row in tables if not row.select]
    found.append(_right("read", not unread, _some(unread), f"grant select on all tables in schema {schema} to {role};"))
    if kind == "pipeline":
        unwritten = [
            row.name
            for row in tables
            if not (row.is_view or row.name in _BOOKS or (row.insert and row.update and row.delete))
        ]
        grant = f"grant insert, update, delete on all tables in schema {schema} to {role};"
        found.append(_right("write", not unwritten, _some(unwritten), grant))
        temporary = f"grant temporary on database {database} to {role};"
        found.append(_right("stage rows", here.temporary, here.database, temporary))
    return found


def grants(database: str, schema: str, names: dict[str, str]) -> list[str]:
    """The statements that make the three roles and give each its rights, on what is there and on what will be made.

    names  of the roles, by owner, pipeline and analyst
    """
    place, base = _quoted(schema), _quoted(database)
    owner, pipeline, analyst = (_quoted(names[kind]) for kind in ROLES)
    made = [_make(names[kind]) for kind in ROLES]
    both = f"{pipeline}, {analyst}"
    default = f"alter default privileges for role {owner} in schema {place}"
    return [
        *made,
        f"grant connect on database {base} to {owner}, {both};",
        f"grant temporary on database {base} to {pipeline};",
        f"grant usage, create on schema {place} to {owner};",
        f"grant usage on schema {place} to {both};",
        f"grant select on all tables in schema {place} to {both};",
        f"grant insert, update, delete on all tables in schema {place} to {pipeline};",
        f"{default} grant select on tables to {both};",
        f"{default} grant insert, update, delete on tables to {pipeline};",
    ]


def _make(role: str) -> str:
    text = role.replace("'", "''")
    return (
        f"do $$ begin if not exists (select 1 from pg_roles where rolname = '{text}') then "
        f"create role {_quoted(role)} login; end if; end $$;"
    )


def _right(name: str, held: bool, lacking: str, sql: str) -> Right:
    return Right(name, held, "held" if held else f"missing: {lacking}", None if held else sql)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
