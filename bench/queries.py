"""How long the analysts' questions take on a large warehouse, on both engines: `python -m bench.queries`.

The rows are those of the demonstration month (synthetic, and marked so), multiplied inside each database by bulk
inserts: fleet after fleet of the same ships under other numbers, each over eight years of months. Events are multiplied
to --rows; alerts stop at a few thousand, as a person has read them. Every named query and view is then asked as an
analyst would, of one ship, one week or everything that it sums up; the middle of several times counts, with opening and
fetching. At last the pages of the desk are opened, the first time and again. Goal: under one second each. PostgreSQL is
a private server with small memory, unless --postgres names an empty database.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.warehouse import demo_rows, server_at
from pipeline import contracts as c
from pipeline.contracts import Table
from pipeline.errors import CoalwatchError
from pipeline.warehouse.queries import list_queries
from pipeline.warehouse.reader import Reader, open_reader
from pipeline.warehouse.store import open_warehouse
from tests.desk.serving import served

GOAL_S, PATIENCE_S = 1.0, 20.0
MONTHS, ALERTS = 96, 5000  # eight years; as many alerts as somebody may have read in that time
SHIPS = (c.VESSEL, c.VESSEL_IDENTITY, c.TRACK)
MONTHLY = (c.SOURCE_FILE, c.SOURCE_DAY, c.DAY_CHECK, c.COVERAGE_DAY, c.RECEPTION_OUTAGE)
JUDGED = (c.ALERT, c.ALERT_EVIDENCE, c.ALERT_CLAIM, c.ALERT_TRACK, c.ALERT_CARGO, c.LEGAL_ASSESSMENT)
EVENTS = (*c.EVENTS, c.POSITION_ANOMALY)
MADE_OF_EVENTS = (c.PORT_VISIT,)
_OF_SHIP = {"vessel_id", "track_id", "other_vessel_id", "other_track_id", "vessel_identity_id"}
_OF_MONTH = {"source_file_id", "reception_outage_id"}
_OF_EVENT = {"visit_id", "ais_gap_id", "origin_port_call_id", "destination_port_call_id", "port_call_id", "voyage_id",
             "alert_id", "event_id", "subject_id"}  # fmt: skip
_REVIEWS = (
    "insert into review (review_id, alert_id, reviewer, decided_at, decision, note, evidence_hash)"
    " select 'bench-' || alert_id, alert_id, 'bench', known_at, 'dismissed', 'by make bench-queries', evidence_hash"
    " from alert where alert_id like '%-%1' or alert_id like '%-%2' or alert_id like '%-%3'"
)
SHIP, LATER = {"imo": 2990027}, {"since": "2018-06-05", "until": "2018-06-12"}
GIVEN: dict[str, dict[str, Any]] = {
    "ship_history": SHIP, "names_of_a_ship": SHIP, "ties_of_a_ship": SHIP, "in_north_korea_before": {**SHIP, **LATER},
    "at_coal_berths": LATER, "near_a_berth": LATER, "who_met_whom": LATER, "law_on_a_day": {"day": "2018-06-06"},
    "alerts_on_a_claim_by_month": {"claim": "D01"}, "verdicts_and_why": {"claim": "D01"},
}  # fmt: skip
VIEWS = {
    "alert_queue": "", "alert_law": "", "alert_decision": "", "claim_scoreboard": "", "coal_tonnage_monthly": "",
    "coverage_by_source": "", "coverage_by_zone": "where zone_id = 'kp-nampo-coal'", "freshness": "", "held_back": "",
    "held_back_alert": "", "judged_day": "", "lineage_review": "", "nampo_calls_monthly": "",
    "north_korea_stay": "where vessel_id = 'imo-2990027'",
    "outage_of_reception": "", "passenger_calls_monthly": "", "published_day": "", "radar_monthly": "",
    "source_terms": "",
    "synthetic_span": "", "vessel_history": "where vessel_id = 'imo-2990027'",
    "vessel_link": "where vessel_id = 'imo-2990027'", "visits_counted_monthly": "",
    "voyage_meeting": "where vessel_id = 'imo-2990027'",
}  # fmt: skip
PAGES = ("/ships/imo-2990027", "/claims", "/claims/demo-2018/D01", "/coverage", "/zones", "/law", "/sources", "/runs")


def main() -> None:
    """Print what was made, then a line for each question: seconds on either engine, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many events (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the hours that fleets differ by")
    parser.add_argument("--home", type=Path, help="home whose warehouse gives the rows; otherwise the demonstration")
    parser.add_argument("--postgres", help="address of an empty database; otherwise a private server")
    parser.add_argument("--places", action="store_true", help="with PostGIS, which must be installed there")
    parser.add_argument("--folder", type=Path, help="where the SQLite file goes; otherwise a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder, server_at(given.postgres) as server:
        rows = demo_rows(given.home, Path(folder))
        urls = {"SQLite": f"sqlite:///{folder}/bench.sqlite", "PostgreSQL": server}
        for name, url in urls.items():
            began = time.perf_counter()
            if given.places and name == "PostgreSQL":
                _run(url, "create extension if not exists postgis")
            with open_warehouse(url) as warehouse, warehouse.transaction():
                for table, frame in rows.items():
                    warehouse.sync(table, frame)
            made = multiply(url, given.rows, given.seed)
            size = f"{Path(folder, 'bench.sqlite').stat().st_size / 1e9:.1f} GB, " if name == "SQLite" else ""
            print(f"{name}: {made:,} events, {size}{time.perf_counter() - began:.0f} s to make", flush=True)
        show(dict(questions(places=given.places)), urls)
        pages(urls, Path(folder))


def multiply(url: str, wanted: int, seed: int) -> int:
    """Multiply the events of a warehouse to about `wanted`; their number."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection, connection.begin():
        have = {table: _count(connection, table) for table in (*EVENTS, c.ALERT)}
        times = max(1, round(wanted / sum(have[table] for table in EVENTS)))
        _copies(connection, times, seed)
        indexes = _indexes(connection)
        for name in indexes:
            connection.exec_driver_sql(f"drop index {name}")
        judged = max(1, ALERTS // max(1, have[c.ALERT]))
        for tables, which in (
            (SHIPS, "month = ''"), (MONTHLY, "ship = ''"), (JUDGED, f"n < {judged}"),
            ((*EVENTS, *MADE_OF_EVENTS), "true"),
        ):  # fmt: skip
            for table in tables:
                _multiply(connection, table, which, by_ship=tables is SHIPS, by_month=tables is MONTHLY)
        connection.execute(sa.text(_REVIEWS))
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("set constraints all immediate")  # no index is made before they are checked
        for definition in indexes.values():
            connection.exec_driver_sql(definition)
        connection.exec_driver_sql("drop table copies")
        found = sum(_count(connection, table) for table in EVENTS)
    _run(url, "analyze")
    engine.dispose()
    return found


def show(asked: Mapping[str, tuple[tuple[str, str], dict[str, Any]]], urls: Mapping[str, str]) -> None:
    """Ask each question, in the SQL of either engine; print seconds, ratio, and how many miss the goal."""
    print(f"{'question':38}{'rows':>8}{'SQLite':>10}{'PostgreSQL':>12}{'ratio':>8}")
    slow = 0
    for name, (texts, params) in asked.items():
        answered = (timed(url, sql, params) for url, sql in zip(urls.values(), texts, strict=True))
        times, rows = zip(*answered, strict=True)
        slow += max(times) >= GOAL_S
        ratio = f"{times[1] / times[0]:8.2f}" if max(times) < PATIENCE_S else " " * 8
        mark = "  <-- over the goal" if max(times) >= GOAL_S else ""
        print(f"{name:38}{rows[0]:8,}{times[0]:9.3f}s{times[1]:11.3f}s{ratio}{mark}", flush=True)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{slow} of {len(asked)} take {GOAL_S:g} s or longer on one of the engines; load of this machine: {load}")


def pages(urls: Mapping[str, str], folder: Path) -> None:
    """Open the pages of the desk on either engine; print seconds, first and again."""
    for name, url in urls.items():
        with served(folder / "empty", warehouse_url=url) as address, httpx.Client(timeout=120) as client:
            queue = client.get(f"{address}/?status=standing").text
            for page in ("/", "/?status=standing", re.findall(r'href="(/alerts/[^"?]+)', queue)[0], *PAGES):
                clock = []
                for _ in range(3):
                    began = time.perf_counter()
                    answer = client.get(address + page, follow_redirects=True)
                    clock.append(time.perf_counter() - began)
                    assert answer.status_code == 200, answer.text
                mark = "  <-- over the goal" if clock[0] >= GOAL_S else ""
                print(f"desk on {name:12}{page:28}{clock[0]:9.3f}s{min(clock[1:]):9.3f}s{mark}", flush=True)


def questions(*, places: bool) -> Iterator[tuple[str, tuple[tuple[str, str], dict[str, Any]]]]:
    """Each named query and view with its SQL for SQLite and for PostgreSQL, and its parameters.

    places  PostgreSQL has PostGIS
    """
    for query in list_queries():
        given = {one.name: one.default for one in query.parameters} | GIVEN.get(query.name, {})
        on_postgresql = query.on_postgis if places and query.on_postgis else query.sql
        yield query.name, ((query.sql, on_postgresql), given)
    for view, of_what in VIEWS.items():
        yield f"view {view}", ((f"select * from {view} {of_what}",) * 2, {})


def timed(url: str, sql: str, params: dict[str, Any]) -> tuple[float, int]:
    """The middle of up to five times in seconds, and the rows; `PATIENCE_S` for what takes longer."""
    found: list[float] = []
    count = 0
    while len(found) < 5 and sum(found) < 3:
        began = time.perf_counter()
        try:
            count = len(_ask(url, sql, params))
        except CoalwatchError:
            if time.perf_counter() - began < PATIENCE_S:
                raise
            return PATIENCE_S, 0
        found.append(time.perf_counter() - began)
    return statistics.median(found), count


# ------------------------------------------------------------------------------------------------------------ inside


def _ask(url: str, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    limit = f"&options=-cstatement_timeout%3D{PATIENCE_S * 1000:.0f}" if url.startswith("postgres") else ""
    with open_reader(url + limit) as reader:
        if not isinstance(reader, Reader):
            return reader.rows(sql, params)
        alarm = threading.Timer(PATIENCE_S, reader._connection.interrupt)
        alarm.start()
        try:
            return reader.rows(sql, params)
        finally:
            alarm.cancel()


def _copies(connection: Connection, times: int, seed: int) -> None:
    """A row per copy: what is put after ids of events, ships and months, what is added to numbers and hours."""
    hours = random.Random(seed)
    own = [hours.randrange(24) for _ in range(times // MONTHS + 1)]
    connection.exec_driver_sql(
        "create temporary table copies (n integer, ship text, month text, fleet bigint, hours integer, days integer)"
    )
    rows = [
        {
            "n": n, "ship": f"-{n // MONTHS}" if n >= MONTHS else "", "month": f"-{n % MONTHS}" if n % MONTHS else "",
            "fleet": n // MONTHS, "hours": n % MONTHS * 720 + own[n // MONTHS] * (n >= MONTHS), "days": n % MONTHS * 30,
        }
        for n in range(1, times)
    ]  # fmt: skip
    if rows:
        connection.execute(sa.text("insert into copies values (:n, :ship, :month, :fleet, :hours, :days)"), rows)


def _multiply(connection: Connection, table: Table, which: str, *, by_ship: bool, by_month: bool) -> None:
    is_sqlite = connection.dialect.name == "sqlite"

    def value(name: str, kind: str) -> str:
        column = f"origin.{name}"
        if name in _OF_SHIP:
            return f"{column} || ship"
        if name in _OF_MONTH:
            return f"{column} || month"
        if name in _OF_EVENT or (name in table.key and name.endswith("_id") and not (by_ship or by_month)
                                 and name not in ("zone_id", "measure_id", "claim_id")):  # fmt: skip
            return f"{column} || '-' || n"
        if name in ("mmsi", "other_mmsi"):
            return f"{column} + fleet * 1000000000"
        if name in ("imo", "other_imo"):
            return f"{column} + fleet * 10000000"
        if kind == "time":
            moved = f"datetime({column}, '+' || copies.hours || ' hours')"
            return moved if is_sqlite else f"{column} + copies.hours * interval '1 hour'"
        if kind == "date":
            return f"date({column}, '+' || copies.days || ' days')" if is_sqlite else f"{column} + copies.days"
        return column

    names = ", ".join(column.name for column in table.columns)
    values = ", ".join(value(column.name, column.type) for column in table.columns)
    made = f"select {values} from copies cross join {table.name} as origin where {which}"
    connection.exec_driver_sql(f"insert into {table.name} ({names}) {made}")


def _indexes(connection: Connection) -> dict[str, str]:
    """Our own indexes with what makes them: made again after a load, they take a third of the time."""
    if connection.dialect.name == "sqlite":
        ask = "select name, sql from sqlite_master where type = 'index' and sql is not null"
    else:
        ask = "select indexname, indexdef from pg_indexes where schemaname = current_schema() and indexname ~ '^ix_'"
    return {name: definition for name, definition in connection.exec_driver_sql(ask)}


def _count(connection: Connection, table: Table) -> int:
    return int(connection.exec_driver_sql(f"select count(*) from {table.name}").scalar() or 0)


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


if __name__ == "__main__":
    main()
