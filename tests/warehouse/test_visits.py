"""Visits are rows that follow their calls, whoever changes these; tests/warehouse/test_views.py has what a visit is."""

from collections.abc import Iterator

import alembic.command
import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import PORT_CALL, PORT_VISIT, ZONE
from pipeline.warehouse import schema
from pipeline.warehouse.engine import writing_engine
from pipeline.warehouse.frames import to_columns, write
from pipeline.warehouse.models import model
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse, open_warehouse
from pipeline.warehouse.visits import visits_of
from tests.warehouse.rows import rows

ZONES = rows(ZONE, {"zone_id": "roads", "kind": "anchorage"}, {"zone_id": "basin", "kind": "basin"})
calls = st.dictionaries(
    st.integers(1, 9),
    st.fixed_dictionaries(
        {
            "visit": st.integers(1, 3),
            "zone_id": st.sampled_from(["roads", "basin", None]),
            "berth_zone_id": st.sampled_from(["coal", None]),
            "day": st.integers(1, 4),
            "stopped_hours": st.sampled_from([None, 0.1, 0.2, 7.0]),
            "implausible_stay": st.sampled_from([None, False, True]),
            "confidence": st.integers(2, 4),
        }
    ),
    max_size=9,
).map(
    lambda drawn: rows(
        PORT_CALL,
        *(
            {
                **{name: value for name, value in call.items() if name not in ("visit", "day")},
                "port_call_id": f"p{number}", "visit_id": f"p{call['visit']}", "mmsi": call["visit"],
                "arrived_by": f"2024-06-0{call['day']}", "known_at": f"2024-06-1{call['day']}",
                "draught_in_m": number / 10, "draught_out_m": call["day"] / 10,
                "departed_by": None if call["day"] == 4 else f"2024-06-0{call['day']} 12:00",
            }
            for number, call in drawn.items()
        ),
    )
)  # fmt: skip


def assert_in_step(warehouse: Warehouse):
    stored = warehouse.read(PORT_VISIT).sort_values("visit_id", ignore_index=True)

    assert_frame_equal(stored, visits_of(warehouse.read(PORT_CALL), {"roads"}))


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One warehouse for all examples: what an example finds there is another history."""
    with open_warehouse(f"sqlite:///{tmp_path_factory.mktemp('visits')}/warehouse.sqlite") as opened:
        opened.sync(ZONE, ZONES)
        yield opened


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls, st.sets(st.integers(1, 3), min_size=1))
def test_visits_are_those_of_the_calls_after_whatever_change_of_some_ships(one, some, ships):
    one.sync(PORT_CALL, some[some["mmsi"].isin(ships)], Among("mmsi", sorted(ships)))

    assert_in_step(one)


def test_a_call_that_joins_another_visit_leaves_its_own(warehouse):
    def told(second: str):
        return rows(
            PORT_CALL,
            {"port_call_id": "p1", "visit_id": "p1", "arrived_by": "2024-06-01"},
            {"port_call_id": "p2", "visit_id": second, "arrived_by": "2024-06-02"},
        )

    warehouse.sync(PORT_CALL, told("p2"))
    assert warehouse.rows("select visit_id, parts from port_visit order by visit_id") == [
        {"visit_id": "p1", "parts": 1},
        {"visit_id": "p2", "parts": 1},
    ]

    warehouse.sync(PORT_CALL, told("p1"))
    assert warehouse.rows("select visit_id, parts from port_visit") == [{"visit_id": "p1", "parts": 2}]

    warehouse.sync(PORT_CALL, PORT_CALL.empty())
    assert warehouse.rows("select visit_id from port_visit") == []


def test_a_zone_that_becomes_an_anchorage_is_no_longer_the_place_of_a_visit(warehouse):
    zones = [{"zone_id": "one", "kind": "port"}, {"zone_id": "other", "kind": "port"}]
    parts = [
        {"port_call_id": f"p{n}", "visit_id": "p1", "zone_id": zone["zone_id"], "arrived_by": f"2024-06-0{n}"}
        for n, zone in enumerate(zones, 1)
    ]
    warehouse.sync(ZONE, rows(ZONE, *zones))
    warehouse.sync(PORT_CALL, rows(PORT_CALL, *parts))
    assert warehouse.rows("select zone_id from port_visit") == [{"zone_id": "one"}]

    warehouse.sync(ZONE, rows(ZONE, {**zones[0], "kind": "anchorage"}, zones[1]))
    assert warehouse.rows("select zone_id from port_visit") == [{"zone_id": "other"}]


def test_a_sync_reads_no_visits_but_those_it_touches(warehouse, monkeypatch):
    ships = {n: {"port_call_id": f"p{n}", "mmsi": n, "visit_id": f"p{n}"} for n in range(1, 6)}
    warehouse.sync(PORT_CALL, rows(PORT_CALL, *ships.values()))
    read = []
    monkeypatch.setattr(
        "pipeline.warehouse.visits.visits_of", lambda *given: read.append(len(given[0])) or visits_of(*given)
    )

    warehouse.sync(PORT_CALL, rows(PORT_CALL, {**ships[2], "confidence": 4}), Among("mmsi", [2]))
    warehouse.sync(PORT_CALL, rows(PORT_CALL, {**ships[2], "confidence": 4}), Among("mmsi", [2]))

    assert read == [1]


def test_a_warehouse_of_the_schema_before_has_the_visits_of_its_calls_once_opened(warehouse, engine, tmp_path, request):
    parts = [
        {"port_call_id": "p1", "visit_id": "p1", "zone_id": "roads", "arrived_by": "2024-06-01", "stopped_hours": 0.1,
         "draught_in_m": 4.0, "departed_by": "2024-06-02", "confidence": 3, "known_at": "2024-06-03"},
        {"port_call_id": "p2", "visit_id": "p1", "zone_id": "basin", "arrived_by": "2024-06-03", "stopped_hours": 0.2,
         "berth_zone_id": "coal", "departed_by": "2024-06-04 01:02:03.25", "confidence": 4, "known_at": "2024-06-05"},
        {"port_call_id": "p3", "visit_id": "p1", "zone_id": "roads", "arrived_by": "2024-06-05", "draught_out_m": 8.2,
         "implausible_stay": True, "state": "open"},
        {"port_call_id": "p4", "visit_id": "p4", "imo": 8000003, "licence": "terms"},
    ]  # fmt: skip
    told = {ZONE: ZONES, PORT_CALL: rows(PORT_CALL, *parts)}
    older = f"sqlite:///{tmp_path}/older.sqlite" if engine == "sqlite" else request.getfixturevalue("postgres").new()
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    opened_engine = writing_engine(older, 1.0)
    with opened_engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0022")
        for table, frame in told.items():
            has = [column["name"] for column in sa.inspect(connection).get_columns(table.name)]
            columns = {name: column for name, column in to_columns(table, frame).items() if name in has}
            write(connection, model(table).insert(), columns)
    opened_engine.dispose()
    for table, frame in told.items():
        warehouse.sync(table, frame)

    with open_warehouse(older) as opened:
        found, made = (one.read(PORT_VISIT).sort_values("visit_id", ignore_index=True) for one in (opened, warehouse))
        assert_frame_equal(found, made)
        assert pd.isna(made.loc[0, "departed_by"])
        assert made["parts"].tolist() == [3, 1]
