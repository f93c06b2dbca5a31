"""The analysts' questions: named queries of sql/queries, and SQL of one's own, on a connection that cannot write.

A query file opens with its question, how to read the answer, and a line for each parameter:

    -- ship_history: What did the ship with this IMO number do?
    -- …
    -- :imo int  IMO number, seven digits, like 8628597
    -- :since time = null  first day to look at, YYYY-MM-DD

A question of distances has its SQL for PostGIS beside it, in NAME.postgis.sql, with the same parameters and columns.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.contracts import NOT_DERIVED
from pipeline.errors import ContractError, InputError
from pipeline.plain import plain
from pipeline.resources import SQL
from pipeline.warehouse.reader import open_reader
from pipeline.warehouse.times import kept_form, refuse_other_times

if TYPE_CHECKING:
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

Rows = list[dict[str, Any]]
Answer = tuple[list[str], Rows]  # names of the columns, rows
QUERIES = SQL / "queries"


def _time(value: Any) -> str:
    form = kept_form(str(value))
    if form is None:
        raise ValueError
    return form


_KINDS: dict[str, Callable[[Any], int | float | str]] = {
    "int": int,
    "real": float,
    "text": str,
    "time": _time,
    "port": str,
    "zone": str,
}
_PORTS = "select port from zone union select port from port_visit union select port from passage"
_PLACES = (
    "select 1 as it from information_schema.columns"
    " where table_schema = current_schema() and table_name = 'zone' and udt_name = 'geography'"
)
_ON_POSTGIS = ".postgis"
_PARAMETER = re.compile(r":(\w+) (int|real|text|time|port|zone)(?: = (\S+))?  (\S.*)")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a query; without `default` it must be given (a default `null` is None)."""

    name: str
    type: str
    doc: str
    required: bool
    default: int | float | str | None = None


@dataclass(frozen=True)
class Query:
    """A named query: its question, how to read its answer, its parameters, and its SQL without the header; `on_postgis`
    is another SQL for warehouses with PostGIS, where there is one."""

    name: str
    question: str
    reading: str
    parameters: tuple[Parameter, ...]
    sql: str
    on_postgis: str | None = None


def list_queries() -> list[Query]:
    """All named queries, by name."""
    return [_load(path) for path in sorted(QUERIES.glob("*.sql")) if not path.stem.endswith(_ON_POSTGIS)]


def run_query(url: str, name: str, given: Mapping[str, Any] | None = None) -> Rows:
    """The answer of a named query; times are text in SQLite.

    given   values of its parameters, as text or as they are
    raises  InputError for an unknown name, an unknown, missing or ill-formed parameter, or no warehouse
    """
    return ask_query(url, name, given)[1]


def ask_query(url: str, name: str, given: Mapping[str, Any] | None = None, *, explain: bool = False) -> Answer:
    """As `run_query`, with the names of the columns; or how the database would find the answer (`explain`)."""
    queries = {query.name: query for query in list_queries()}
    if name not in queries:
        raise InputError(f'query "{name}" does not exist; {_hint(name, queries)}')
    query = queries[name]
    params = _bind(query, dict(given or {}))
    for parameter in query.parameters:
        if parameter.type == "port" and params[parameter.name] != parameter.default:
            _see_that_port_is_known(url, query, parameter, str(params[parameter.name]))
        if parameter.type == "zone":
            _see_that_zone_is_known(url, query, parameter, str(params[parameter.name]))
    has_places = query.on_postgis is not None and not url.startswith("sqlite") and _answer(url, _PLACES, {})[1]
    return _answer(url, str(query.on_postgis) if has_places else query.sql, params, explain)


def run_sql(url: str, sql: str) -> Rows:
    """The rows of one select of the user's own.

    raises  InputError with the database's words when it is wrong (and what resembles an unknown table or column), when
            it is not a select, and when a time is written so that SQLite would compare it wrongly
    """
    return ask_sql(url, sql)[1]


def ask_sql(url: str, sql: str, *, explain: bool = False) -> Answer:
    """As `run_sql`, with the names of the columns; or how the database would find the answer (`explain`)."""
    if not sql.strip():
        raise InputError("SQL is empty; expected a select (`coalwatch sql --list` shows the named queries)")
    if url.startswith("sqlite"):
        refuse_other_times(sql)
    return _answer(url, sql, {}, explain)


def not_derived_in(query: str) -> list[str]:
    """Tables and columns of events that a question reads and that are not derived from AIS: that it finds none there
    says nothing.

    query  a select, or the name of a named query
    """
    text = next((one.sql for one in list_queries() if one.name == query.strip()), query)
    words = set(re.findall(r"\w+", text.lower()))
    names = [table.name for table in NOT_DERIVED]
    found = [name for name in names if "vessel_history" in words or {name, f"{name}s"} & words]
    return found + ["voyage.encounters"] * ({"voyage", "encounters"} <= words)


def source_terms(warehouse: Reader | Warehouse) -> Rows:
    """What binds whoever passes on what this warehouse says: `source`, `licence`."""
    return plain(warehouse.rows("select * from source_terms order by source, licence"))


def _answer(url: str, sql: str, params: Mapping[str, Any], explain: bool = False) -> Answer:
    with open_reader(url) as warehouse:
        if not explain:
            return warehouse.answer(sql, params)
        if not url.startswith("sqlite"):
            _, rows = warehouse.answer(f"explain {sql}", params)
            return ["plan"], [{"plan": line} for row in rows for line in row.values()]
        _, rows = warehouse.answer(f"explain query plan {sql}", params)
        depth = {0: -1}
        for row in rows:
            depth[row["id"]] = depth.get(row["parent"], -1) + 1
        return ["plan"], [{"plan": "  " * depth[row["id"]] + row["detail"]} for row in rows]


def _see_that_port_is_known(url: str, query: Query, parameter: Parameter, port: str) -> None:
    """A port that no zone and no call names has no rows, which would read like a port where nobody was."""
    ports = {row["port"].lower(): row["port"] for row in _answer(url, _PORTS, {})[1] if row["port"]}
    if ports and port.lower() not in ports:
        meant = _labelled(port, ports) or [ports[one] for one in difflib.get_close_matches(port.lower(), ports, n=3)]
        hint = f"did you mean {' or '.join(meant)}? " if meant else ""
        raise InputError(
            f'query {query.name}: parameter {parameter.name} is "{port}", which no zone and no call here names; {hint}'
            "`coalwatch zones --check` lists ports with the names that others give them"
        )


def _see_that_zone_is_known(url: str, query: Query, parameter: Parameter, zone: str) -> None:
    zones = [row["zone_id"] for row in _answer(url, "select zone_id from zone order by zone_id", {})[1]]
    if zones and zone not in zones:
        near = difflib.get_close_matches(zone, zones, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise InputError(
            f'query {query.name}: parameter {parameter.name} is "{zone}", which is no zone; {hint}'
            '`coalwatch sql "select zone_id, name from zone"` lists them'
        )


def _labelled(port: str, ports: Mapping[str, str]) -> list[str]:
    """The ports here that others know by this name or one spelt like it: Jiaxing's anchorages are port Zhapu."""
    from geo.check import label_ports

    labels: dict[str, set[str]] = {}
    for (_, label), named in label_ports().items():
        labels.setdefault(label.lower(), set()).update(ports[one.lower()] for one in named if one.lower() in ports)
    labels = {label: named for label, named in labels.items() if named}
    near = [port.lower()] if port.lower() in labels else []
    if not near and not difflib.get_close_matches(port.lower(), ports, n=1):
        near = difflib.get_close_matches(port.lower(), labels, n=1, cutoff=0.8)
    return sorted(set().union(*(labels[one] for one in near)))


def _load(path: Path) -> Query:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = [line[2:].strip() for line in lines if line.startswith("--")]
    name, colon, question = header[0].partition(": ") if header else ("", "", "")
    if name != path.stem or not colon:
        raise ContractError(f"{path.name}:1: expected a header like -- {path.stem}: question?")
    parameters = [_parameter(path, line) for line in header[1:] if line.startswith(":")]
    reading = " ".join(line for line in header[1:] if not line.startswith(":"))
    body = "\n".join(line for line in lines if not line.startswith("--"))
    beside = path.with_name(f"{path.stem}{_ON_POSTGIS}.sql")
    on_postgis = beside.read_text(encoding="utf-8") if beside.exists() else None
    return Query(name, question, reading, tuple(parameters), body, on_postgis)


def _parameter(path: Path, line: str) -> Parameter:
    found = _PARAMETER.fullmatch(line)
    if found is None:
        raise ContractError(
            f'{path.name}: parameter line "{line}"; expected :name int|real|text|time|port|zone [= default]  sentence'
        )
    name, kind, default, doc = found.groups()
    value = None if default in (None, "null") else _KINDS[kind](default)
    return Parameter(name, kind, doc, required=default is None, default=value)


def _hint(name: str, queries: Mapping[str, Query]) -> str:
    """What somebody may have meant who asked for a named query that there is none of."""
    from pipeline.warehouse.models import METADATA
    from pipeline.warehouse.schema import view_files

    if name in METADATA.tables or name in view_files():
        return f'{name} is a table or view: `coalwatch sql "select * from {name}"`'
    near = difflib.get_close_matches(name, queries, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(queries)}"


def _bind(query: Query, given: dict[str, Any]) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in list(given):
        meant = [one for one in known if one.endswith(f"_{name}")]
        if name not in known and len(meant) == 1:  # since=… is raised_since=…
            given[meant[0]] = given.pop(name)
    for name in given:
        if name not in known:
            expected = f"expected {', '.join(known)}" if known else "it takes none"
            raise InputError(f'query {query.name}: unknown parameter "{name}"; {expected}')
    return {name: _value(query, parameter, given) for name, parameter in known.items()}


def _value(query: Query, parameter: Parameter, given: Mapping[str, Any]) -> int | float | str | None:
    if given.get(parameter.name) is None:
        if parameter.required:
            raise InputError(f"query {query.name}: parameter {parameter.name} is missing; expected {parameter.doc}")
        return parameter.default
    try:
        return _KINDS[parameter.type](given[parameter.name])
    except ValueError:
        found = f'parameter {parameter.name} is "{given[parameter.name]}"'
        raise InputError(f"query {query.name}: {found}; expected {parameter.doc}") from None
