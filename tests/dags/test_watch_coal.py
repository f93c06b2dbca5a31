"""The schedule runs the same steps and ends in the same warehouse."""

from pathlib import Path

import pytest

from pipeline.scenarios.days import write_days
from pipeline.scenarios.script import load_scenario
from tests.steps.test_orders import assert_same
from tests.steps.world import Installation

DAYS = [f"2018-06-0{n}" for n in range(4, 9)]  # of the demo's month; a coal ship sails from Nampo to Longkou in them
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
    month = {path.stem[4:].replace("_", "-"): path for path in write_days(load_scenario(), tmp_path / "files")}
    files = {day: month[day] for day in DAYS}
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

    rows = Installation(home).rows()
    assert_same(rows, by_hand.rows())
    assert "cn-longkou" in rows["alert"]["destination_zone_id"].tolist()
