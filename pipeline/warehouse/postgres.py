"""A warehouse on PostgreSQL: how a session is set up, which tables are ours, and whose to mend an error is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable

INSTALL = 'pip install "coalwatch[postgres]"'
_DRIVER = "postgresql+psycopg"
_NAMES = ("postgresql", "postgres")  # the second is what many servers hand out
# Times as text, in views, are the same on every server, whatever it or the address has set.
_SESSION = (
    "set client_encoding = 'UTF8'; set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres'"
)
_WRITER = "select pg_advisory_xact_lock(hashtext('coalwatch ' || current_schema()))"
_OWN_TABLES = sa.text(
    "select relname from pg_class where relnamespace = to_regnamespace(quote_ident(current_schema()))"
    " and relkind in ('r', 'p') and not exists (select 1 from pg_depend where classid = 'pg_class'::regclass"
    " and objid = pg_class.oid and deptype = 'e') order by relname"
)
_OWN_COLUMNS = sa.text(
    "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
    " order by table_name, ordinal_position"
)
_FULL = "has no connection left; wait until others let go of theirs, and try again"
_LATER = {
    "53100": "could not be written: the server's disk is full; free some space there and run the same command again",
    "53300": _FULL,
    "55P03": "is locked by another process; wait until that run ends, or stop it, and try again",
    "57014": "cancelled the statement (its time limit, or an administrator); try again, or raise statement_timeout",
    "58030": "could not be read or written: the server's disk reports an error; check it and try again",
}
_NO_ROOM = re.compile("could not (extend|write)|disk quota", re.IGNORECASE)
_LATER_CLASSES = {
    "08": "lost the connection; nothing of this transaction was kept, run the same command again",
    "40": "could not finish beside another process; run the same command again",
    "53": "is out of resources; try again later",
    "57": "is shutting down or starting; nothing of this transaction was kept, try again later",
}
_GRANT = "`coalwatch db check` says what is missing, `coalwatch db roles` prints the SQL that grants it"
_MEND = {
    "25006": "is opened for reading only; expected a statement that reads (select …)",
    "42501": f"does not allow this to the role; {_GRANT}",
    "3F000": "has no such schema; expected a search_path that names one that exists",
    "3D000": "does not exist; `coalwatch db init` makes the database",
}


class NoDatabase(InputError):
    """The server has no such database yet."""


# While connecting there is no code, only words: the server's and those of its client library.
_CONNECTING: tuple[tuple[str, type[CoalwatchError], str], ...] = (
    ("password authentication failed", InputError, "refused the password of this user; correct the address"),
    ("no password supplied", InputError, "asks for a password; expected postgresql://USER:PASSWORD@HOST/DATABASE"),
    ("authentication failed", InputError, "refused this user; correct the user in the address, or its pg_hba.conf"),
    ("pg_hba.conf", InputError, "lets this user in from nowhere here; its pg_hba.conf says who may come from where"),
    ("permission denied for database", InputError, f"does not let this user connect; {_GRANT}"),
    ("not permitted to log in", InputError, "does not let this user log in; expected another user in the address"),
    ('database ".*" does not exist', NoDatabase, "has no such database; `coalwatch db init` makes it"),
    (
        'role ".*" does not exist',
        InputError,
        "knows no such user; correct the address (`coalwatch db roles` prints the SQL that makes users)",
    ),
    (
        "invalid (connection option|value|integer|port|command-line)|unrecognized configuration|requires a value",
        InputError,
        "has an address with an option that is not known; correct it",
    ),
    ("ssl|certificate", InputError, "and the address do not agree on encryption; correct sslmode and its certificates"),
    ("too many|remaining connection slots", SourceUnavailable, _FULL),
    ("starting up|shutting down|recovery", SourceUnavailable, "is starting or shutting down; try again in a moment"),
)
_NO_ANSWER = "does not answer; start the server, or correct host and port in the address, and try again"


def shown_address(address: URL) -> str:
    """An address without its password, which may stand among the options too."""
    hidden = {name: "***" for name in address.query if "password" in name}
    whole = address.update_query_dict(hidden).render_as_string(hide_password=True)
    return unquote(whole.replace(f"{_DRIVER}://", "postgresql://"))


def is_postgresql(address: URL) -> bool:
    """Whether an address names a PostgreSQL."""
    return address.drivername.partition("+")[0] in _NAMES


def create_engine(address: URL, busy_seconds: float, *, reads_only: bool) -> Engine:
    """An engine for PostgreSQL through psycopg 3; `?options=`, `sslmode` and the like of the address hold.

    busy_seconds  how long a writer waits for another
    reads_only    no statement can write, whatever it says; each transaction sees one moment
    raises        InputError for another driver
    """
    if address.drivername not in (*_NAMES, _DRIVER):
        raise InputError(
            f'warehouse driver "{address.drivername}" is not supported; expected postgresql:// (psycopg 3)'
        )
    waits = "connect_timeout" in address.query or "PGCONNECT_TIMEOUT" in os.environ
    own: dict[str, Any] = {} if waits else {"connect_timeout": 10}
    engine = sa.create_engine(address.set(drivername=_DRIVER), connect_args=own)
    if reads_only:
        engine = engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")

    @sa.event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy asks for versions
    def prepare(connection: Any, record: object) -> None:
        keeps = connection.info.parameter_status("server_encoding")
        if keeps != "UTF8":
            like = "create database … template template0 encoding 'UTF8' locale 'C.UTF-8'"
            raise InputError(f"warehouse {shown_address(address)} keeps text as {keeps}; expected UTF8: {like}")
        connection.autocommit = True
        connection.execute(_SESSION)
        connection.autocommit = False
        if reads_only:  # what is prepared is one statement: none can end the transaction and go on
            connection.prepare_threshold = 0
        connection.adapters.register_loader("numeric", _number())

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):  # one writer at a time, as in an SQLite file
            connection.exec_driver_sql(f"set local lock_timeout = {max(1, round(busy_seconds * 1000))}")
            connection.exec_driver_sql(_WRITER)

    return engine


def _number() -> type:
    """Loads `numeric` as int or float, as SQLite gives what is counted, added up or rounded."""
    from psycopg.adapt import Loader

    class Number(Loader):
        def load(self, data: Any) -> int | float:
            text = bytes(data)
            return int(text) if text.lstrip(b"-").isdigit() else float(text)

    return Number


def own_tables(connection: Connection) -> list[str]:
    """Tables in the first schema of the search path, without those of extensions (PostGIS brings some).

    raises  InputError when the search path begins with a schema that is not there: the next one would be taken silently
    """
    path, schema = connection.exec_driver_sql("select current_setting('search_path'), current_schema()").one()
    wanted = first_of(path)
    if schema is None or (wanted and schema not in (wanted, connection.engine.url.username)):
        where = f"warehouse {shown_address(connection.engine.url)}: search_path"
        raise InputError(
            f'{where} "{path}" begins with a schema that does not exist, or that this role may not use; '
            "`coalwatch db init` makes it"
        )
    return list(connection.execute(_OWN_TABLES).scalars())


def first_of(path: str) -> str | None:
    """The schema that a search path names first; one of the user's own name may be missing."""
    names = [name.strip().strip('"') for name in path.split(",")]
    return next((name for name in names if name and name != "$user"), None)


def owns_tables(connection: Connection) -> bool:
    """Whether the connected role may change our tables."""
    owner = "(select relowner from pg_class where oid = to_regclass('alembic_version'))"
    return bool(connection.exec_driver_sql(f"select pg_has_role({owner}, 'usage')").scalar())


def own_columns(connection: Connection) -> dict[str, list[str]]:
    """Columns of each table and view in the first schema of the search path."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(_OWN_COLUMNS):
        found.setdefault(table, []).append(column)
    return found


@contextmanager
def translated(connection: Connection) -> Iterator[None]:
    """What the driver raises inside, past SQLAlchemy, as `meaning` puts it; the rest as a database error."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        if connection.connection.driver_connection.broken:  # type: ignore[union-attr]
            connection.invalidate(error)
        place = f"warehouse {shown_address(connection.engine.url)}"
        raise meaning(place, error, connecting=False) or error from error


def meaning(place: str, error: BaseException, *, connecting: bool) -> CoalwatchError | None:
    """What an error of PostgreSQL means for whoever has to act; None if it is about the statement."""
    code = str(getattr(error, "sqlstate", None) or "")
    said = " ".join(str(error).split())
    if code:
        if code == "XX000" and _NO_ROOM.search(said):  # what a quota or a limit on files says has no code of its own
            code = "53100"
        if later := _LATER.get(code) or _LATER_CLASSES.get(code[:2]):
            return SourceUnavailable(f"{place} {later} ({said})")
        if code[:2] == "28":
            return InputError(f"{place} refused this user ({said})")
        return InputError(f"{place} {_MEND[code]} ({said})") if code in _MEND else None
    if connecting:
        for words, kind, what in _CONNECTING:
            if re.search(words, said, re.IGNORECASE):
                return kind(f"{place} {what} ({said})")
        return SourceUnavailable(f"{place} {_NO_ANSWER} ({said})")
    if type(error).__name__ == "OperationalError":  # without a code: the connection broke
        return SourceUnavailable(f"{place} {_LATER_CLASSES['08']} ({said})")
    return None
