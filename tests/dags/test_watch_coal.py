"""The schedule runs the same steps and ends in the same warehouse."""

from pathlib import Path

import pytest

from tests.steps.test_orders import assert_same
from tests.steps.world import DAYS, Installation, month, write_days

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def dag(airflow_home):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(DAGS))
    assert bag.import_errors == {}
    return bag.dags["watch_coal"]


def test_the_dag_imports_without_our_libraries_or_a_warehouse(dag):
    assert sorted(dag.task_ids) == ["derive", "land"]
    assert "alerts and verdicts" in dag.doc_md


def run_day(dag, day):
    import pendulum

    run = dag.test(logical_date=pendulum.parse(day, tz="UTC"), run_conf={"synthetic": True})
    assert run.state == "success"


def test_days_a_rerun_and_a_late_day_end_as_the_command_line_does(dag, tmp_path, monkeypatch):
    files = write_days(month(), tmp_path / "files")
    by_hand = Installation(tmp_path / "by-hand")
    by_hand.land(*files.values())
    by_hand.run()
    home = tmp_path / "scheduled"
    landing = home / "landing"
    landing.mkdir(parents=True)
    monkeypatch.setenv("COALWATCH_HOME", str(home))
    late, on_time = DAYS[1], [day for day in DAYS if day != DAYS[1]]

    for day in on_time:
        (landing / files[day].name).write_bytes(files[day].read_bytes())
        run_day(dag, day)
    run_day(dag, on_time[-1])
    (landing / files[late].name).write_bytes(files[late].read_bytes())
    run_day(dag, late)

    assert_same(Installation(home).rows(), by_hand.rows())
