"""`coalwatch browse`: the warehouse in Datasette, on a real socket."""

import re
import shutil
import sqlite3

import httpx
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.desk.browse import create_app, origin, with_defaults
from pipeline.warehouse.queries import list_queries
from tests.desk.serving import on_a_socket
from tests.warehouse.engines import GIVEN


@pytest.fixture(scope="module")
def asks(told):
    pytest.importorskip("datasette", reason="Datasette is not installed: `make test` installs it")
    with (
        on_a_socket(create_app(told / "warehouse.sqlite")) as address,
        httpx.Client(timeout=60, base_url=address) as client,
    ):
        yield client


def test_tables_and_columns_carry_the_sentences_of_the_data_dictionary(asks):
    page = asks.get("/warehouse/port_call").text

    assert "One row per" in page
    assert "may be null" not in page.partition("<h1")[0]
    assert "AIS" in asks.get("/").text


@pytest.mark.parametrize("page", ["/", "/warehouse", "/warehouse/alert", "/warehouse/alerts_by_pattern_and_grade"])
def test_every_page_says_that_generated_data_is_synthetic(asks, page):
    assert "SYNTHETIC: rests on generated data" in asks.get(page).text


def test_terms_of_data_stand_on_every_page_and_real_data_is_not_called_synthetic(told, tmp_path):
    copy = shutil.copy(told / "warehouse.sqlite", tmp_path / "warehouse.sqlite")
    with sqlite3.connect(copy) as con:
        con.execute("update source_file set synthetic = 0, licence = 'for non-commercial use'")
        con.execute("update source set commercial_use = 0")
    con.close()

    assert origin(copy)["license"].endswith(": for non-commercial use")
    assert "SYNTHETIC" not in origin(copy)["source"]


def test_every_question_of_the_cookbook_is_answered_with_what_may_be_left_empty_left_empty(asks):
    for query in list_queries():
        needed = [one.name for one in query.parameters if one.required]
        given = {name: str(GIVEN[query.name][name]) for name in needed}
        answer = asks.get(f"/warehouse/{query.name}.json", params=given)

        assert answer.status_code == 200, (query.name, answer.text[:300])
        assert answer.json()["ok"], query.name


def test_a_parameter_is_bound_and_an_empty_one_is_its_default(told, asks):
    query = next(one for one in list_queries() if one.name == "ship_history")
    con = sqlite3.connect(told / "warehouse.sqlite")
    (imo,) = con.execute("select imo from vessel where imo is not null order by imo").fetchone()
    con.close()

    assert asks.get("/warehouse/ship_history.json", params={"imo": str(imo)}).json()["rows"]
    assert asks.get("/warehouse/ship_history.json", params={"imo": "1000007"}).json()["rows"] == []
    assert "cast(nullif(:imo, '') as integer)" in with_defaults(query)


@pytest.mark.parametrize("sql", ["delete from review", "update alert set score = 0", "create table x (y)"])
def test_nothing_can_be_written(asks, sql):
    answer = asks.get("/warehouse.json", params={"sql": sql})

    assert answer.status_code == 400
    assert asks.post("/warehouse", data={"sql": sql}).status_code in (400, 403, 404, 405)


def test_nothing_is_loaded_from_elsewhere_and_no_other_name_is_answered(asks):
    for path in ("/", "/warehouse", "/warehouse/alert", "/warehouse/new_since_yesterday"):
        page = asks.get(path).text
        assert not re.findall(r"(?:src|<link[^>]*href)=\"https?://(?!127\.0\.0\.1:)", page), path

    assert asks.get("/", headers={"host": "desk.example.org"}).status_code == 421


def test_an_address_that_is_none_is_answered_so(asks, capfd):
    for path in ("/nowhere", "/warehouse/no_such_table", "/warehouse/port_call/0"):
        assert asks.get(path).status_code == 404, path
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_warehouse_on_a_server_is_told_what_asks_it(told):
    words = ["browse", "--home", str(told), "--warehouse", "postgresql+psycopg://nobody@127.0.0.1:9/none"]
    answer = CliRunner().invoke(main, words)

    assert answer.exit_code in (2, 3)
    assert len(answer.stderr.splitlines()) == 1
