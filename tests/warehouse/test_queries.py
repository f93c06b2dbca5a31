import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import contracts as c
from pipeline.errors import InputError
from pipeline.tasks import shown_knowledge
from pipeline.warehouse.queries import list_queries, run_query, run_sql
from pipeline.warehouse.reader import open_reader
from pipeline.warehouse.store import open_warehouse
from tests.warehouse.engines import GIVEN, JUNE
from tests.warehouse.rows import rows


def test_there_are_thirty_questions_each_with_a_way_to_read_its_answer():
    queries = list_queries()

    assert len(queries) >= 30
    for query in queries:
        assert query.question.endswith("?")
        assert len(query.reading) > 40


@pytest.mark.parametrize("query", list_queries(), ids=lambda query: query.name)
def test_every_question_has_an_answer_in_a_filled_warehouse(filled: str, query):
    answer = run_query(filled, query.name, GIVEN.get(query.name))

    assert answer


def test_a_port_that_is_misspelt_is_no_port_where_nobody_was(filled: str):
    with pytest.raises(InputError, match=r'second is "longku", which no zone .* did you mean longkou'):
        run_query(filled, "one_port_then_another", {"second": "longku"})


@pytest.mark.parametrize("name", ["Jiaxing", "JIAXING", "Jiaxin"])
def test_a_name_that_others_give_a_port_is_told_with_the_port(empty_file: Path, tmp_path: Path, name):
    (tmp_path / "warehouse.sqlite").write_bytes(empty_file.read_bytes())
    url = f"sqlite:///{tmp_path / 'warehouse.sqlite'}"
    zone = {"country": "CN", "kind": "port"}
    zones = [{**zone, "zone_id": "cn-zhapu", "port": "Zhapu"}, {**zone, "zone_id": "cn-dalian", "port": "Dalian"}]
    with open_warehouse(url) as warehouse, warehouse.transaction():
        warehouse.sync(c.ZONE, rows(c.ZONE, *zones))

    with pytest.raises(InputError, match=rf'second is "{name}", which no zone .* did you mean Zhapu\? '):
        run_query(url, "one_port_then_another", {"second": name})
    with pytest.raises(InputError) as none:
        run_query(url, "one_port_then_another", {"second": "Xxxxxx"})
    assert "did you mean" not in str(none.value)


@pytest.mark.parametrize("query", list_queries(), ids=lambda query: query.name)
def test_every_question_can_be_asked_of_an_empty_warehouse(empty_file: Path, query):
    assert run_query(f"sqlite:///{empty_file}", query.name, GIVEN.get(query.name)) == []


@pytest.mark.parametrize(
    ("name", "given", "column", "expected"),
    [
        ("new_since_yesterday", {}, "alert_id", ["direct-1b"]),
        ("new_since_yesterday", {"since": "2024-07-01"}, "alert_id", ["listed-2", "direct-1b"]),
        ("new_since_yesterday", {"raised_since": "2024-07-01"}, "alert_id", ["listed-2", "direct-1b"]),
        ("one_port_then_another", {}, "calls_between", [0]),
        ("one_port_then_another", {"first": "LONGKOU", "second": "nampo"}, "vessel_id", []),
        ("monthly_calls_and_coverage", {}, "calls", [0, 1, 1]),
        ("alerts_by_legal_answer", {}, "alerts", [2]),
        ("verdicts_on_thin_coverage", {}, "window_id", ["W0", "W0"]),
        ("verdicts_on_thin_coverage", {"share": "0.95"}, "window_id", ["W0", "W0", "W1"]),
        ("silences_where_others_were_heard", {}, "vessel_id", ["imo-8000003"]),
        ("silences_where_others_were_heard", {"south": 39.5}, "vessel_id", []),
        ("listed_vessels_last_seen", {}, "last_port", ["nampo", None]),
        ("rejected_rows_by_source", {}, "rows_rejected", [7, 3]),
        ("withdrawn_alerts", {}, "successor_alert_id", ["direct-1b"]),
        ("withdrawn_alerts", {}, "last_decision", ["confirmed"]),
        ("days_held_back", {}, "alerts_waiting", [1, 1]),
        ("days_held_back", {"since": "2024-06-16"}, "day", []),
        ("fixes_and_habit", {}, "share", [None, None, None, 0.03, None]),
        ("fixes_and_habit", {"source": "noaa"}, "day", ["2024-06-15"]),
        ("ship_history", {"imo": "8000003"}, "event_id", ["p1", "v1", "g1", "e1", "p2"]),
        ("ship_history", {"imo": 9999999}, "event_id", []),
        ("voyages_from_one_country_to_another", {}, "voyage_id", ["v1"]),
        ("voyages_from_one_country_to_another", {"hours": 95}, "voyage_id", []),
        ("voyages_from_one_country_to_another", {"origin": "cn", "destination": "kp"}, "voyage_id", []),
        ("in_north_korea_before", {"imo": 8000003, **JUNE}, "what", ["call"]),
        ("in_north_korea_before", {"imo": 8000015, **JUNE}, "what", ["call", "possible call"]),
        ("in_north_korea_before", {"imo": 8000003, **JUNE, "since": "2024-06-05"}, "event_id", ["p1"]),
        ("in_north_korea_before", {"imo": 8000003, **JUNE, "since": "2024-06-06"}, "event_id", []),
        ("in_north_korea_before", {"imo": 8000003, **JUNE, "until": "2024-06-03"}, "event_id", []),
        ("who_met_whom", {}, "other_name", ["STAR"]),
        ("who_met_whom", {"since": "2024-06-07"}, "encounter_id", []),
        ("who_met_whom", {"until": "2024-06-06"}, "encounter_id", []),
        ("at_coal_berths", JUNE, "port_call_id", ["p1", "p4"]),
        ("at_coal_berths", {"since": "2024-06-06", "until": "2024-06-14"}, "port_call_id", []),
        ("near_a_berth", {**JUNE, "zone": "kp-nampo-coal"}, "event_id", ["p1", "p4"]),
        ("alerts_on_a_claim_by_month", {"claim": "c1"}, "alerts", [3]),
        ("alerts_on_a_claim_by_month", {"claim": "C2"}, "month", []),
        ("verdicts_and_why", {}, "window_id", ["W0", "W1", "W0"]),
        ("verdicts_and_why", {"claim": "C2"}, "verdict", ["INCONCLUSIVE_COVERAGE"]),
        ("decisions_by_reviewer", {}, "withdrawn", [1]),
        ("alerts_by_pattern_and_grade", {}, "alerts", [1, 1, 1]),
        ("tonnage_by_month", {}, "high_t", [7000.0]),
        ("tonnage_against_a_claim", {}, "window_id", ["W1"]),
        ("possible_calls", {}, "port", ["chongjin"]),
        ("names_of_a_ship", {"imo": 8000003}, "name", ["STAR"]),
        ("names_of_a_ship", {"imo": 8000015}, "name", []),
        ("numbers_shared", {}, "identity_change_id", ["i2"]),
        ("renamed_ships", {}, "identity_change_id", ["i1"]),
        ("renamed_ships", {"since": "2024-06-02"}, "identity_change_id", []),
        ("waits_at_sea", {}, "loitering_id", ["l1"]),
        ("outages", {}, "reception_outage_id", ["o1"]),
        ("law_on_a_day", {"day": "2024-06-09"}, "measure_id", ["un-2371-coal"]),
        ("law_on_a_day", {"day": "2017-08-05"}, "measure_id", ["un-2321-coal", "un-2371-coal"]),
        ("law_on_a_day", {"day": "2017-08-04"}, "measure_id", ["un-2321-coal"]),
        ("law_on_a_day", {"day": "2016-11-29"}, "measure_id", []),
        ("law_on_a_day", {"day": "2024-06-09", "subject": "labour"}, "measure_id", []),
        ("calls_of_listed_ships", {}, "visit_id", ["p3"]),
        ("calls_of_listed_ships", {"country": "cn"}, "visit_id", []),
        ("flags_at_ports", {}, "visits", [3, 1]),
        ("passenger_calls", {}, "visits", [1]),
        ("radar_by_month", {}, "unexplained", [1]),
        ("our_visits_beside_theirs", {}, "ours", [None, 2, 1]),
        ("our_visits_beside_theirs", {}, "theirs", [4, 5, 1]),
        ("flags_at_ports", {"country": "RU"}, "visits", []),
        ("draught_changes_in_port", {}, "change_m", [3.4]),
        ("draught_changes_in_port", {"metres": 3.5}, "change_m", []),
        ("where_ships_go_next", {}, "destination_port", ["longkou"]),
        ("calls_beside_what_others_counted", {}, "month", ["2024-05", "2024-06"]),
        ("interference_by_day", {}, "stretches", [1]),
        ("sources_at_a_glance", {}, "source", ["dma", "noaa"]),
    ],
)
def test_the_answers_are_right(filled: str, name: str, given, column: str, expected):
    assert [row[column] for row in run_query(filled, name, given)] == expected


LICENSED = ["one_port_then_another", "silences_where_others_were_heard", "listed_vessels_last_seen"]


@pytest.mark.parametrize("name", LICENSED)
def test_what_is_ours_is_under_no_terms(filled: str, name: str):
    assert {row["licence"] for row in run_query(filled, name)} == {None}


@pytest.mark.parametrize("name", LICENSED)
def test_what_was_bought_in_is_under_its_terms(path: Path, name: str):
    ship = {"vessel_id": "gfw-1", "mmsi": 1, "imo": 8000015, "source": "gfw", "licence": "CC BY-NC 4.0"}
    off = {"off_latitude": 39.0, "off_longitude": 124.0, "reception": "heard_others"}
    given = {
        c.WATCHLIST: [{"watchlist_id": "un-1718"}],
        c.WATCHLIST_VESSEL: [{"watchlist_id": "un-1718", "entry_id": "1", "imo": 8000015}],
        c.VESSEL: [{"vessel_id": "gfw-1", "imo": 8000015, "mmsi": 1, "licence": "CC BY-NC 4.0"}],
        c.PORT_CALL: [
            {**ship, "port_call_id": port, "port": port, "arrived_by": f"2024-06-0{day}"}
            for day, port in ((1, "nampo"), (3, "longkou"))
        ],
        c.AIS_GAP: [{**ship, **off, "ais_gap_id": "g1"}],
    }
    with open_warehouse(f"sqlite:///{path}") as warehouse, warehouse.transaction():
        for table, of_table in given.items():
            warehouse.sync(table, rows(table, *of_table))

    assert [row["licence"] for row in run_query(f"sqlite:///{path}", name)] == ["CC BY-NC 4.0"]


@pytest.mark.parametrize("url", ["postgresql://joe:hun@ter2@127.0.0.1:port/db", "sqlite:///a.sqlite?timeout=long"])
def test_a_malformed_address_is_said_without_its_password(url: str):
    with pytest.raises(InputError) as caught:
        run_sql(url, "select 1")

    assert "warehouse" in str(caught.value)
    assert "hun" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("ship_histroy", {}, r'query "ship_histroy" does not exist; did you mean ship_history\?'),
        ("alert_queue", {}, r'alert_queue is a table or view: `coalwatch sql "select \* from alert_queue"`'),
        ("port_call", {}, "port_call is a table or view"),
        ("zzz", {}, "expected one of alerts_by_legal_answer, "),
        ("ship_history", {}, "parameter imo is missing; expected IMO number, seven digits"),
        ("ship_history", {"imo": "STAR"}, 'parameter imo is "STAR"; expected IMO number'),
        ("ship_history", {"mmsi": 1}, 'unknown parameter "mmsi"; expected imo'),
        ("withdrawn_alerts", {"imo": 1}, 'unknown parameter "imo"; it takes none'),
    ],
)
def test_a_question_asked_wrongly_is_answered_with_what_was_expected(filled: str, name: str, given, said: str):
    with pytest.raises(InputError, match=said):
        run_query(filled, name, given)


def test_sql_of_ones_own_runs_with_colons_and_comments(filled: str):
    answer = run_sql(filled, "select '12:30' as time, name -- :name\nfrom vessel where imo = 8000003")

    assert answer == [{"time": "12:30", "name": "STAR"}]


def test_a_name_that_comes_again_is_numbered(filled: str):
    assert run_sql(filled, "select 1 as a, 2 as b, 3 as a, 4 as a") == [{"a": 1, "b": 2, "a_2": 3, "a_3": 4}]


@pytest.mark.parametrize("sql", ["select * from alert_queue order by alert_id", "select 1 as a, null as a, x'00' as b"])
def test_an_address_with_options_gives_the_same_rows(filled: str, sqlite_file: None, sql: str):
    plain, through_sqlalchemy = open_reader(filled), open_reader(f"{filled}?timeout=5")

    assert type(plain) is not type(through_sqlalchemy)
    with plain, through_sqlalchemy:
        assert plain.rows(sql) == through_sqlalchemy.rows(sql)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_a_number_that_no_column_holds_is_answered_in_one_line(filled: str, sqlite_file: None, number: int):
    with pytest.raises(InputError, match=r"SQL: .*too large"):
        run_query(filled, "ship_history", {"imo": str(number)})


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", 'SQL: (near "selec": syntax error|syntax error at or near "selec")'),
        ("select tonnage from vessel", 'SQL: (no such column: tonnage|column "tonnage" does not exist)'),
        (
            "select * from ships",
            'SQL: (no such table: ships|relation "ships" does not exist.*); `coalwatch sql --dictionary` lists',
        ),
        ("select * from port_calls", r"port_calls.*; .*; did you mean port_call"),
        ("select * from calls", "did you mean .*port_call"),
        ("select * from Vesel", r"did you mean vessel"),
        ("select arived_by from port_call", r"arived_by.*; .*; did you mean arrived_by"),
        ("select p.vesel_id from port_call p", r"did you mean vessel_id"),
        ("select call_sign from port_call", r"call_sign is a column of vessel, "),
        ("select zzz from port_call", r"zzz.*; `coalwatch sql --dictionary` lists tables and columns$"),
        ("select 1; select 2", "one statement at a time|cannot insert multiple commands"),
        ("  ", "SQL is empty"),
    ],
)
def test_wrong_sql_is_answered_in_one_line(filled: str, sql: str, said: str):
    with pytest.raises(InputError, match=said) as caught:
        run_sql(filled, sql)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from vessel",
        "insert into view_text values ('a', 'b')",
        "drop table vessel",
        "create table mine (a integer)",
        "pragma user_version = 7",
        "with gone as (select 1) delete from vessel",
        "commit; delete from vessel; commit",
        "select 1; commit; create table mine (a integer)",
        "set transaction read write; delete from vessel; commit",
    ],
)
def test_nothing_can_be_written(filled: str, sql: str):
    def everything() -> object:
        if filled.startswith("sqlite"):
            return Path(filled.removeprefix("sqlite:///")).read_bytes()
        counts = "select (select count(*) from vessel), (select count(*) from view_text), count(*) from pg_tables"
        return run_sql(filled, counts)

    before = everything()

    with pytest.raises(InputError):
        run_sql(filled, sql)

    assert everything() == before


def test_another_file_cannot_be_written_either(filled: str, sqlite_file: None, tmp_path: Path):
    with pytest.raises(InputError):
        run_sql(filled, f"attach '{tmp_path}/new.sqlite' as other")

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "asked", ["alerts list", "alerts list --all", "sql rejected_rows_by_source", "alerts show direct-1b"]
)
def test_asking_an_sqlite_warehouse_loads_no_heavy_library(filled: str, sqlite_file: None, asked: str):
    code = f"""
import sys
from click.testing import CliRunner
from pipeline.cli import main
result = CliRunner().invoke(main, {[*asked.split(), "--warehouse", filled, "--json"]})
assert result.exit_code == 0, result.output
print(*sorted({{"pandas", "numpy", "duckdb", "sqlalchemy", "pydantic", "pyarrow", "yaml"}} & sys.modules.keys()))
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded.split() == []


OF_ONE_SHIP = {
    view: f"select * from {view} where vessel_id = 'imo-8000001'"
    for view in ("vessel_history", "vessel_link", "voyage_meeting", "north_korea_stay")
} | {
    query.name: query.sql.replace(":imo", "8000001")
    for query in list_queries()
    if query.name in ("ship_history", "ties_of_a_ship", "in_north_korea_before")
}


@pytest.mark.parametrize("question", OF_ONE_SHIP)
def test_a_question_about_one_ship_reads_no_other_ship_s_events(empty_file: Path, question: str):
    days = {"since": "2024-06-01", "until": "2024-06-02"}
    with open_reader(f"sqlite:///{empty_file}") as reader:
        plan = {row["detail"] for row in reader.rows(f"explain query plan {OF_ONE_SHIP[question]}", days)}

    events = {table.name for table in (*c.EVENTS, c.PORT_VISIT, c.VESSEL_IDENTITY)}
    assert not {step for step in plan if step.split()[0] == "SCAN" and step.split()[1] in events}
    assert any(step.startswith("SEARCH") and "vessel_id=?" in step for step in plan)


def test_days_and_ships_of_a_page_are_found_by_indexes(empty_file: Path):
    with open_reader(f"sqlite:///{empty_file}") as reader:

        def steps(sql: str, **given: str) -> str:
            return " ".join(row["detail"] for row in reader.rows(f"explain query plan {sql}", given))

        assert "(day>? AND day<?)" in steps(shown_knowledge._COVERAGE, first="2024-06-01", last="2024-06-30")
        assert "SCAN coverage_day" not in steps(shown_knowledge._LAST)
        for table in ("port_call", "voyage"):
            assert f"INDEX ix_{table}_bought" in steps(f"select distinct mmsi from {table} where source <> 'ais'")
