"""Places in PostGIS: they follow the numbers, answer by an index, and come with the extension."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipeline.contracts import AIS_GAP, ALERT_TRACK, ENCOUNTER, PORT_CALL, ZONE
from pipeline.errors import ContractError
from pipeline.resources import ROOT
from pipeline.tasks.home import read_zones
from pipeline.warehouse.geography import PATHS, PLACES
from pipeline.warehouse.models import METADATA
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
