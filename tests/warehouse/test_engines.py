"""SQLite and PostgreSQL: one warehouse, whatever the engine."""

import json

import pytest

from pipeline.contracts import PORT_CALL
from pipeline.plain import plain
from pipeline.warehouse.queries import ask_query, ask_sql, run_sql
from pipeline.warehouse.store import open_warehouse
from tests.postgres import Server, left_out, name_of
from tests.warehouse.engines import answers, assert_same_tables, examples
from tests.warehouse.rows import rows

pytestmark = pytest.mark.both_engines


def test_the_rows_are_equal_in_every_table(filled_file: str, filled_database: str):
    assert_same_tables(filled_file, filled_database)


def test_every_named_query_view_and_documented_example_answers_equally_and_in_one_order(
    filled_file: str, filled_database: str
):
    of_file, of_server = dict(answers(filled_file)), dict(answers(filled_database))

    assert len(examples()) > 5
    assert of_file.keys() == of_server.keys()
    for asked, rows_of_file in of_file.items():
        # as text: 0 is no false, and 2 is no 2.0
        assert json.dumps(of_server[asked], indent=1) == json.dumps(rows_of_file, indent=1), asked


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("min(known_at)", "2024-06-02T00:00:00Z"),
        ("max(arrived_by) as anything", "2024-06-20T00:00:00Z"),
        ("sum(mmsi)", 11),
        ("sum(stopped_hours)", 30.25),
        ("avg(confidence)", 2.8),
        ("round(cast(max(stopped_hours) as numeric), 1)", 30.3),
        ("max(cast(arrived_by as text)) like '2024-06-20 %'", True),
        ("'12:30' || ' 100 %'", "12:30 100 %"),
        ("null", None),
    ],
)
def test_a_value_has_one_type_in_json(filled: str, engine: str, select: str, expected):
    (row,) = plain(run_sql(filled, f"select {select} from port_call limit 1"))

    (value,) = row.values()
    if expected is True and engine == "sqlite":
        expected = 1  # it has no truth of its own, and no column that is known says so
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("max(departed_by) - min(arrived_by)", "8 days, 0:00:00"),
        ("array_agg(distinct port order by port)", ["longkou", "nampo", "rajin"]),
        ("min(arrived_by)::date", "2024-06-02"),
        ("count(*) filter (where port = 'nampo')", 3),
    ],
)
def test_what_only_postgresql_has_is_json_too(filled_database: str, select: str, expected):
    (row,) = plain(run_sql(filled_database, f"select {select} as it from port_call"))

    assert json.loads(json.dumps(row["it"])) == expected


def test_a_database_with_postgis_is_taken(postgres: Server):
    if not postgres.has_postgis:
        left_out("PostGIS")
    url = postgres.new()
    postgres.sql("create extension postgis", name_of(url))

    with open_warehouse(url) as opened:
        assert opened.read(PORT_CALL).empty


def test_text_of_any_kind_comes_back_as_it_was(warehouse):
    words = [
        'a "quote"',
        "a, comma",
        "back\\slash",
        "\\N",
        "",
        " ",
        "two\nlines",
        "tab\there",
        "대동강",
        "100 %",
        "NaN",
        "nan",
    ]
    given = rows(PORT_CALL, *({"port_call_id": f"p{n}", "port": word, "licence": word} for n, word in enumerate(words)))
    with warehouse.transaction():
        warehouse.sync(PORT_CALL, given)

    found = warehouse.read(PORT_CALL).set_index("port_call_id")

    assert [found.loc[f"p{n}", "port"] for n in range(len(words))] == words
    assert [found.loc[f"p{n}", "licence"] for n in range(len(words))] == words


def test_how_an_answer_is_found_is_told_by_either(filled: str):
    for names, rows_ in (
        ask_sql(filled, "select * from vessel_history where imo = 8000003 and place like '%a'", explain=True),
        ask_query(filled, "ship_history", {"imo": 8000003}, explain=True),
    ):
        assert names == ["plan"]
        assert any("vessel" in row["plan"] or "v" in row["plan"] for row in rows_)
