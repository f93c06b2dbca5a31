"""The warehouse that questions are timed on: as many events as asked for, of ships over years, marked as made up."""

import shutil
import sqlite3
from contextlib import closing

from bench.queries import multiply, questions, timed
from pipeline.warehouse.queries import list_queries
from pipeline.warehouse.schema import view_files


def test_events_are_multiplied_to_other_ships_and_months_and_stay_marked_as_made_up(told, tmp_path):
    shutil.copy(told / "warehouse.sqlite", tmp_path / "warehouse.sqlite")
    ask = (
        "select count(*), count(distinct vessel_id), count(distinct substr(arrived_by, 1, 7)),"
        " (select count(*) from alert where not synthetic) + (select count(*) from source_file where not synthetic)"
        " from port_call"
    )
    with closing(sqlite3.connect(tmp_path / "warehouse.sqlite")) as con:
        (before,) = con.execute(ask).fetchall()
    made = multiply(f"sqlite:///{tmp_path}/warehouse.sqlite", 4000, 1)
    with closing(sqlite3.connect(tmp_path / "warehouse.sqlite")) as con:
        (after,) = con.execute(ask).fetchall()
        visits = "select (select count(*) from port_visit), count(distinct visit_id) from port_call"
        (made_of_calls, of_calls), *_ = con.execute(visits).fetchall()
        assert con.execute("pragma integrity_check").fetchone() == ("ok",)
        assert con.execute("pragma foreign_key_check").fetchall() == []

    assert abs(made - 4000) < 50
    assert made_of_calls == of_calls
    assert after[0] > 50 * before[0]
    assert after[1] > before[1]
    assert after[2] > 90  # eight years by steps of thirty days
    assert after[3] == before[3] == 0


def test_every_named_query_and_view_is_timed(told):
    asked = dict(questions(places=True))

    assert set(asked) == {one.name for one in list_queries()} | {f"view {name}" for name in view_files()}
    assert ["st_dwithin" in sql for sql in asked["near_a_berth"][0]] == [False, True]
    (on_sqlite, _), given = asked["view alert_queue"]
    seconds, rows = timed(f"sqlite:///{told}/warehouse.sqlite", on_sqlite, given)
    assert (0 < seconds < 10, rows) == (True, 2)
