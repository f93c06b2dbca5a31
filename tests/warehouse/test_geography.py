"""Places in PostGIS: they follow the numbers, answer by an index, and come with the extension."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipeline.contracts import AIS_GAP, ALERT_TRACK, ENCOUNTER, PORT_CALL, ZONE
from pipeline.errors import ContractError, InputError
from pipeline.resources import ROOT
from pipeline.tasks.home import read_zones
from pipeline.warehouse.geography import PATHS, PLACES
from pipeline.warehouse.models import METADATA
from pipeline.warehouse.queries import ask_query, run_query
from pipeline.warehouse.store import Warehouse, open_warehouse
from tests.postgres import Server, left_out, name_of
from tests.warehouse.filled import fill
from tests.warehouse.rows import rows


@pytest.fixture(scope="module")
def template(postgres: Server) -> str:
    """A migrated warehouse in a database with PostGIS."""
    if not postgres.has_postgis:
        left_out("PostGIS")
    url = postgres.new()
    postgres.sql("create extension postgis", name_of(url))
    open_warehouse(url).close()
    return url


@pytest.fixture
def places(postgres: Server, template: str):
    url = postgres.new(name_of(template))
    yield url
    postgres.drop(url)


def ask(url: str, sql: str) -> list[dict]:
    with open_warehouse(url) as opened:
        return opened.rows(sql)


def put(url: str, table, *given: dict) -> None:
    with open_warehouse(url) as opened, opened.transaction():
        opened.sync(table, rows(table, *given))


NAMPO = {"longitude": 125.39, "latitude": 38.70}


def test_a_point_follows_its_numbers_through_every_change(places: str):
    where = "select st_astext(geog) as it from encounter"
    put(places, ENCOUNTER, {"encounter_id": "e", **NAMPO})
    before = ask(places, where)
    put(places, ENCOUNTER, {"encounter_id": "e", "longitude": 120.32, "latitude": 37.66})

    assert (before, ask(places, where)) == ([{"it": "POINT(125.39 38.7)"}], [{"it": "POINT(120.32 37.66)"}])


def test_a_place_that_is_not_known_is_null(places: str):
    put(places, PORT_CALL, {"port_call_id": "p"})
    put(places, AIS_GAP, {"ais_gap_id": "g", "off_longitude": 125.0, "off_latitude": 38.0})

    assert ask(places, "select geog is null as it from port_call") == [{"it": True}]
    assert ask(places, "select geog is null as a, geog_path is null as b from ais_gap") == [{"a": False, "b": True}]


def test_a_gap_is_a_line_from_where_she_fell_silent_to_where_she_was_heard_again(places: str):
    ends = {"off_longitude": 125.0, "off_latitude": 38.0, "on_longitude": 124.0, "on_latitude": 38.0}
    put(places, AIS_GAP, {"ais_gap_id": "g", **ends})

    (found,) = ask(places, "select round((st_length(geog_path) / 1852)::numeric, 1) as nm from ais_gap")
    assert found == {"nm": 47.4}


def test_who_was_within_five_miles_of_the_coal_berth_is_asked_by_the_index(places: str):
    zones = read_zones().frame
    with open_warehouse(places) as opened, opened.transaction():
        opened.sync(ZONE, ZONE.conform(zones.reindex(columns=ZONE.names)))
    near = [{"encounter_id": f"e{n}", "longitude": 125.39 + n / 10, "latitude": 38.70} for n in range(30)]
    put(places, ENCOUNTER, *near)
    within = (
        "select encounter_id from encounter join zone on st_dwithin(encounter.geog, zone.geog, 5 * 1852)"
        " where zone.zone_id = 'kp-nampo-coal' order by 1"
    )

    assert [row["encounter_id"] for row in ask(places, within)] == ["e0", "e1"]
    with open_warehouse(places) as opened, opened.transaction():
        opened._open_connection().exec_driver_sql("set local enable_seqscan = off")
        plan = opened.query(f"explain {within}").to_string()
    assert "ix_encounter_geog" in plan


NEAR = {"since": "2024-06-01", "until": "2024-06-02", "zone": "kp-nampo-coal"}


@pytest.fixture
def near(places: str) -> str:
    """Ships around the coal berth on 1 June: ever farther north, up its river, one unheard, one a day later."""
    zones = read_zones().frame
    berth = zones.set_index("zone_id").loc["kp-nampo-coal"]
    day = {"began_at": "2024-06-01 06:00", "ended_at": "2024-06-01 09:00"}
    away = {"longitude": berth["longitude"], "zone_id": None}
    with open_warehouse(places) as opened, opened.transaction():
        opened.sync(ZONE, ZONE.conform(zones.reindex(columns=ZONE.names)))
        met = [{"encounter_id": f"e{n}", **day, **away, "latitude": berth["latitude"] + n / 12} for n in range(1, 4)]
        opened.sync(ENCOUNTER, rows(ENCOUNTER, *({**one, "mmsi": 1, "other_mmsi": 2} for one in met)))
        call = {"arrived_by": "2024-06-01 03:00", "departed_by": None, "mmsi": 3}
        up_river = {
            "stop_longitude": 125.6,
            "stop_latitude": 38.75,
            "zone_id": "kp-taedong",
            "berth_zone_id": "kp-songnim",
        }
        unheard = {"stop_longitude": None, "stop_latitude": None, "zone_id": "kp-taedong", "berth_zone_id": None}
        calls = [{"port_call_id": "up river", **up_river}, {"port_call_id": "unheard", **unheard}]
        later = {"port_call_id": "later", **unheard, "arrived_by": "2024-06-02"}
        opened.sync(PORT_CALL, rows(PORT_CALL, *({**call, **one} for one in (*calls, later))))
    return places


def test_with_places_the_question_who_was_near_is_one_of_miles(near: str):
    found = run_query(near, "near_a_berth", NEAR)

    # A step north is 5 miles, less from the berth's area. Both parties are told; who has no place goes by zone.
    assert [(row["event_id"], row["mmsi"]) for row in found] == [("unheard", 3), ("e1", 1), ("e1", 2)]
    assert [row["distance_nm"] is None for row in found] == [True, False, False]
    assert 3 < found[1]["distance_nm"] < 5
    wider = run_query(near, "near_a_berth", {**NEAR, "nm": 12})
    assert sorted({row["event_id"] for row in wider}) == ["e1", "e2", "unheard", "up river"]
    _, plan = ask_query(near, "near_a_berth", NEAR, explain=True)
    assert "ix_encounter_geog" in str(plan)


def test_without_places_it_is_one_of_zones(near: str, tmp_path: Path):
    url = f"sqlite:///{tmp_path}/warehouse.sqlite"
    with open_warehouse(near) as origin, open_warehouse(url) as copy, copy.transaction():
        for table in (ZONE, ENCOUNTER, PORT_CALL):
            copy.sync(table, origin.read(table))

    found = run_query(url, "near_a_berth", NEAR)

    assert [(row["event_id"], row["zone_id"], row["distance_nm"]) for row in found] == [
        ("unheard", "kp-taedong", None), ("up river", "kp-songnim", None),
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"which is no zone; did you mean kp-nampo-coal"):
        run_query(url, "near_a_berth", {**NEAR, "zone": "kp-nampo-cole"})


def test_a_track_is_a_line_that_follows_its_fixes(postgres: Server, places: str):
    with open_warehouse(places) as opened:
        fill(opened)
    fixes = [{"alert_id": "direct-1b", "sequence": n, "longitude": 125.0 - n, "latitude": 38.0} for n in range(3)]
    line = "select round((st_length(geog) / 1852)::numeric, 1) as nm from alert_path where alert_id = 'direct-1b'"

    assert ask(places, line) == []  # one fix is no line
    put(places, ALERT_TRACK, *fixes)
    assert ask(places, line) == [{"nm": 94.9}]
    put(places, ALERT_TRACK, *fixes[:2])
    assert ask(places, line) == [{"nm": 47.4}]
    put(places, ALERT_TRACK, {**fixes[0], "longitude": 124.5}, fixes[1])
    assert ask(places, line) == [{"nm": 23.7}]
    put(places, ALERT_TRACK, fixes[0])
    assert ask(places, line) == []


def test_places_come_with_the_extension_at_the_next_opening(postgres: Server, template: str):
    url = postgres.new()
    put(url, ENCOUNTER, {"encounter_id": "e", **NAMPO})
    postgres.sql("create extension postgis", name_of(url))
    open_warehouse(url).close()

    assert ask(url, "select st_astext(geog) as it from encounter") == [{"it": "POINT(125.39 38.7)"}]
    indexes = "select count(*) from pg_indexes where indexdef like '%gist (geog%'"
    assert postgres.sql(indexes, name_of(url)) == str(len(PLACES) + 1)


def test_a_schema_of_its_own_finds_postgis_in_another(postgres: Server, template: str):
    url = postgres.new(name_of(template))
    postgres.sql("create schema ships", name_of(url))
    put(f"{url}&options=-csearch_path%3Dships", ENCOUNTER, {"encounter_id": "e", **NAMPO})

    assert postgres.sql("select st_astext(geog) from ships.encounter", name_of(url)) == "POINT(125.39 38.7)"


def test_the_questions_of_the_page_on_postgresql_run(places: str):
    page = (ROOT / "docs" / "postgresql.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    with open_warehouse(places) as opened:
        fill(opened)
    questions = [one for one in block.split(";") if one.strip()]

    assert len(questions) == 2
    for question in questions:
        assert ask(places, question) == []


@pytest.mark.parametrize("wrong", [{"longitude": 181.0}, {"latitude": 91.0}, {"longitude": 38.7, "latitude": 125.39}])
def test_a_place_nowhere_on_earth_is_refused_before_it_is_folded(warehouse: Warehouse, wrong: dict):
    with pytest.raises(ContractError, match=r"encounter: l.*itude of e is .*; expected"), warehouse.transaction():
        warehouse.sync(ENCOUNTER, rows(ENCOUNTER, {"encounter_id": "e", **NAMPO, **wrong}))


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_a_migrated_database_is_what_the_models_say_and_these_places(places: str):
    engine = sa.create_engine(places)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_ours})
        differences = compare_metadata(context, METADATA)
    engine.dispose()

    flat = [one for many in differences for one in (many if isinstance(many, list) else [many])]
    assert [one for one in flat if "comment" not in one[0]] == []  # sentences are in the dictionary


def _is_ours(thing, name: str, kind: str, reflected: bool, compared) -> bool:
    geographic = name in (PATHS, "spatial_ref_sys") or "geog" in name
    return not (reflected and geographic)
