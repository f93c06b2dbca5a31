"""Airflow plugin: the note of a run says which day of data it is for.

A run that an asset starts bears the time it was made at in its id, whatever its timetable would call it (Airflow 3.3),
so the columns of `watch_coal` in the grid could not be distinguished. The scheduler loads this from its plugins folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


class DayInNote:
    """Notes the UTC day of a run of coalwatch's when it begins, unless its id names the day or it has a note."""

    @hookimpl
    def on_dag_run_running(self, dag_run: DagRun, msg: str) -> None:
        """Set the note; the scheduler stores it together with the state of the run."""
        day = dag_run.partition_key
        if not day or day in dag_run.run_id or dag_run.note:
            return
        if dag_run.dag is not None and "coalwatch" in dag_run.dag.tags:
            dag_run.note = f"Data of {day}"


class CoalwatchDataDay(AirflowPlugin):
    """Hands the listener to Airflow."""

    name = "coalwatch_data_day"
    listeners = [DayInNote()]
