"""The warehouse in Datasette, for those who would rather query: tables with their sentences, our questions as theirs.

Read-only: SQLite refuses every write, and no request changes anything. Only this machine is answered.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.desk.hosts import LOOPBACK, name_of
from pipeline.publish.notices import NOTE, SYNTHETIC_NOTE
from pipeline.warehouse.dictionary import described
from pipeline.warehouse.queries import list_queries, source_terms
from pipeline.warehouse.reader import Reader
from pipeline.warehouse.ships import is_synthetic

if TYPE_CHECKING:
    from pipeline.warehouse.queries import Query

_SETTINGS = {
    "default_page_size": 100,
    "max_returned_rows": 5000,
    "sql_time_limit_ms": 20_000,
    "default_cache_ttl": 0,  # a run may have written since
    "template_debug": False,
}


def create_app(path: Path) -> Any:
    """Datasette over the SQLite file of a warehouse, as an ASGI application for this machine alone."""
    import datasette.app  # first: the other module registers itself with it
    from datasette import handle_exception

    # With Rich at hand it prints a trace of every refusal with all its variables, and fails at an address that is none.
    handle_exception.rich = None
    served = datasette.app.Datasette([str(path)], metadata=metadata(path.stem, origin(path)), settings=_SETTINGS)
    return _of_this_machine(served.app())


def origin(path: Path) -> dict[str, str]:
    """What Datasette prints below every page: whether the data of a warehouse's SQLite file is synthetic (`source`),
    and whose terms it bears (`license`)."""
    with Reader(path) as warehouse:
        terms = [f"{one['source']}: {one['licence']}" for one in source_terms(warehouse)]
        source = SYNTHETIC_NOTE if is_synthetic(warehouse) else "AIS, as its sources published it"
    return {"source": source} | ({"license": "; ".join(terms)} if terms else {})


def metadata(database: str, of: dict[str, str]) -> dict[str, Any]:
    """What Datasette shows beside the data: from the data dictionary and the named queries.

    database  its name there: the stem of its file's name
    of        where its data is from (`origin`); pages of questions have it in their words, for Datasette prints no more
    """
    tables = {
        name: {"description": what, "columns": columns} for name, (what, columns) in described().items()
    }  # fmt: skip
    queries = {
        query.name: {
            "title": query.question,
            "description": f"{_read_as(query)} {of['source']}",
            "sql": with_defaults(query),
        }
        for query in list_queries()
    }
    return {
        "title": "coalwatch: the warehouse",
        "description": NOTE,
        **of,
        "databases": {database: {"description": NOTE, "tables": tables, "queries": queries}},
    }


def with_defaults(query: Query) -> str:
    """The SQL of a named query in which a parameter that was left empty, an empty text, is its default."""
    sql = query.sql.strip()
    for one in query.parameters:
        given = f"nullif(:{one.name}, '')"
        if one.type in ("int", "real"):
            given = f"cast({given} as {'integer' if one.type == 'int' else 'real'})"
        if one.default is not None:
            default = f"'{one.default}'" if isinstance(one.default, str) else str(one.default)
            given = f"coalesce({given}, {default})"
        sql = re.sub(rf":{one.name}\b", lambda _, given=given: given, sql)  # type: ignore[misc]
    return sql


def _read_as(query: Query) -> str:
    told = [
        f"{one.name}: {one.doc}{'' if one.required else ' (may be left empty)'}" for one in query.parameters
    ]  # fmt: skip
    reading = query.reading.replace("`", "")  # it is printed as it is
    return " ".join([reading, *(f"{one}." for one in told)])


def _of_this_machine(app: Any) -> Any:
    """The application, for whoever asks for this machine by its own name: no other site can read through a browser."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
            if name_of(host) not in LOOPBACK:
                head = {"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]}
                await send(head)
                await send({"type": "http.response.body", "body": b"This is not served under that name."})
                return
        await app(scope, receive, send)

    return guarded
