"""A warehouse's database: made once, looked at without writing, and each role with the rights it needs and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.contracts import PORT_CALL
from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.database import check_database, make_database, role_statements, upgrade_database
from pipeline.warehouse.sqlite_file import head
from pipeline.warehouse.store import open_for_reading, open_warehouse
from tests.postgres import Server, name_of
from tests.warehouse.rows import rows

pytestmark = pytest.mark.both_engines

NAMES = {"owner": None, "pipeline": "test_pipeline", "analyst": "test_analyst"}


def settings(url: str) -> Settings:
    return Settings(home="nowhere", warehouse_url=url)


def missing(url: str, kind: str) -> dict[str, str | None]:
    return {one["check"]: one["sql"] for one in check_database(settings(url), kind) if one["ok"] is False}


@pytest.fixture
def shared(postgres: Server, database: str) -> Iterator[dict[str, str]]:
    """A warehouse with the three roles: an address for each."""
    for statement in role_statements(settings(database), "public", NAMES):
        postgres.sql(statement, name_of(database))
    users = {"owner": "coalwatch", "pipeline": "test_pipeline", "analyst": "test_analyst", "stranger": "test_stranger"}
    postgres.sql("drop role if exists test_stranger; create role test_stranger login")
    yield {kind: postgres.url(name_of(database), user) for kind, user in users.items()}
    postgres.drop(database)
    postgres.sql("drop role test_pipeline; drop role test_analyst; drop role test_stranger")


def test_init_makes_database_schema_and_tables_once(postgres: Server):
    url = f"{postgres.url('made_by_init')}&options=-csearch_path%3Dships,public"
    planned = make_database(settings(url), dry_run=True)["done"]
    first, again = (make_database(settings(url))["done"] for _ in range(2))

    assert planned == [f"database made_by_init and schema {head()} would be made; nothing was written"]
    assert first[:2] == ["database made_by_init, C.UTF-8", "schema ships"]
    assert first[-1] == f"schema (none) to {head()}"
    assert again == [f"schema {head()} as it was"]
    assert missing(url, "owner") == {}
    assert postgres.sql("select count(*) from ships.vessel", "made_by_init") == "0"
    postgres.drop(url)


def test_init_and_upgrade_serve_a_file_too(tmp_path):
    url = f"sqlite:///{tmp_path}/new/warehouse.sqlite"

    assert make_database(settings(url), dry_run=True)["done"] == [f"schema (none) to {head()}; nothing was written"]
    assert not (tmp_path / "new").exists()
    assert make_database(settings(url))["done"] == [f"schema (none) to {head()}"]
    assert upgrade_database(settings(url))["done"] == [f"schema {head()} as it was"]
    assert [one["ok"] for one in check_database(settings(url), "owner")] == [True, True]


def test_upgrade_without_a_warehouse_names_init(postgres: Server):
    url = postgres.new()

    with pytest.raises(InputError, match="`coalwatch db init` makes it"):
        upgrade_database(settings(url))


def test_who_may_not_make_a_database_is_told_the_sql_for_somebody_who_may(postgres: Server, shared: dict[str, str]):
    url = postgres.url("not_there", "test_analyst")

    with pytest.raises(InputError, match=r'create database "not_there" template template0 .* owner "test_analyst"'):
        make_database(settings(url))


@pytest.mark.parametrize("kind", ["owner", "pipeline", "analyst"])
def test_each_role_has_what_it_needs(shared: dict[str, str], kind: str):
    assert missing(shared[kind], kind) == {}


@pytest.mark.parametrize(
    ("kind", "wanted", "lacking"),
    [
        ("analyst", "pipeline", {"pipeline: write"}),
        ("analyst", "owner", {"owner: make tables", "owner: own every table"}),
        ("pipeline", "owner", {"owner: make tables", "owner: own every table"}),
        ("stranger", "analyst", {"analyst: read", "schema"}),
    ],
)
def test_and_no_more_and_the_sql_that_is_said_grants_it(
    postgres: Server, shared: dict[str, str], kind: str, wanted: str, lacking: set[str]
):
    found = missing(shared[kind], wanted)

    assert found.keys() == lacking
    for sql in found.values():
        if sql:
            postgres.sql(sql, name_of(shared[kind]))
    assert missing(shared[kind], wanted) == {}


def test_the_pipeline_writes_and_the_analyst_reads_what_it_wrote(shared: dict[str, str]):
    with open_warehouse(shared["pipeline"]) as opened:
        for port in ("nampo", "haeju"):
            with opened.transaction():
                opened.sync(PORT_CALL, rows(PORT_CALL, {"port_call_id": "p", "port": port}))
    with open_for_reading(shared["analyst"]) as opened:
        assert opened.rows("select port from port_visit") == [{"port": "haeju"}]
    with (
        pytest.raises(InputError, match="does not allow this to the role; `coalwatch db check` says what is missing"),
        open_warehouse(shared["analyst"]) as opened,
        opened.transaction(),
    ):
        opened.sync(PORT_CALL, rows(PORT_CALL, {"port_call_id": "q"}))


def test_an_older_schema_is_upgraded_by_the_owner_alone_and_stays_readable_for_the_others(
    postgres: Server, shared: dict[str, str]
):
    postgres.sql("update view_text set text = 'older' where name = 'freshness'", name_of(shared["owner"]))

    assert missing(shared["analyst"], "analyst") == {"schema": "-- run by the owner: coalwatch db upgrade"}
    with pytest.raises(InputError, match="the owner of its tables should run `coalwatch db upgrade`"):
        open_warehouse(shared["pipeline"])
    upgrade_database(settings(shared["owner"]))
    assert missing(shared["analyst"], "analyst") == {}
    with open_for_reading(shared["analyst"]) as opened:
        assert opened.rows("select * from freshness") == []


def test_roles_are_no_matter_of_a_file(tmp_path):
    with pytest.raises(InputError, match="is a file"):
        role_statements(Settings(home=tmp_path), "public", NAMES)
