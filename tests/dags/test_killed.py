"""A task killed in the middle and tried again leaves no trace."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.dags.airflow import Airflow
from tests.tasks.world import Installation, assert_same

DAYS = [f"2018-06-{n:02}" for n in range(3, 10)]


def kill_the_running(airflow, task_id, when):
    """SIGKILL the process of a running task once `when` holds."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        running = airflow.query(f"select pid from task_instance where task_id = '{task_id}' and state = 'running'")
        for (pid,) in running:
            if pid and when():
                os.kill(pid, signal.SIGKILL)
                return
        time.sleep(0.02)
    raise AssertionError(f"{task_id} was never seen running")


@pytest.mark.long  # a retry waits its minute
def test_a_run_killed_while_it_derives_and_one_while_it_lands_end_as_undisturbed(prepared, month, tmp_path):
    undisturbed = Installation(tmp_path / "by-hand")
    undisturbed.land(*(month[day] for day in DAYS))
    undisturbed.run()
    home = Installation(tmp_path / "home")
    landing = home.settings.landing / "demo"
    landing.mkdir(parents=True)
    for day in DAYS:
        shutil.copy(month[day], landing)
    warehouse = Path(home.settings.home) / "warehouse.sqlite"
    with Airflow(prepared, tmp_path / "airflow", COALWATCH_HOME=str(home.settings.home)) as airflow:
        airflow.unpause("land_late_files", "watch_coal")
        airflow.trigger("land_late_files")
        kill_the_running(airflow, "land", lambda: (Path(home.settings.home) / "lake" / "catalog.sqlite").exists())
        kill_the_running(airflow, "derive", warehouse.exists)
        airflow.wait(400)

        tries = dict(airflow.query("select task_id, max(try_number) from task_instance group by 1"))
        assert tries["land"] == 2
        assert tries["derive"] == 2
        assert {state for _, _, state in airflow.runs()} == {"success"}
        assert_same(home.rows(), undisturbed.rows())
