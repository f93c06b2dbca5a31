"""watch_coal: one UTC day of AIS files to alerts and claims, with the steps that the command line calls.

Imports stay inside tasks: the scheduler reads this file often and must not pay for pandas each time.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import Param, dag, task


@dag(
    schedule="@daily",
    start_date=pendulum.datetime(2018, 6, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
    params={
        "landing": Param("landing", type="string", description="Folder of waiting files; relative to COALWATCH_HOME."),
        "source": Param("auto", type="string", description="auto, noaa, dma, nmea or a column mapping."),
        "synthetic": Param(False, type="boolean", description="The files hold generated data."),
    },
    tags=["coalwatch"],
    doc_md="""
### AIS files of one UTC day to alerts and verdicts

**land** takes the files of the day from the landing folder into the lake; a file that is there already changes nothing.
**derive** brings events, alerts and claims in the warehouse up to date for the days that the files touched, and for
later days that depend on them.

A rerun changes nothing. A day whose files come late: run that day again (`airflow dags trigger watch_coal -l DAY`).
""",
)
def watch_coal() -> None:
    """Wire the steps of one day."""

    @task
    def land(params: dict[str, object], data_interval_start: pendulum.DateTime) -> list[str]:
        """Land the day's waiting files; give the UTC days they touched."""
        from datetime import UTC, datetime
        from pathlib import Path

        from pipeline.settings import Settings
        from pipeline.steps import landing

        settings = Settings()
        folder = settings.home / Path(str(params["landing"]))
        files = landing.waiting_files(folder, data_interval_start.in_timezone("UTC").to_date_string())
        landed = landing.ingest(
            settings, files, str(params["source"]), now=datetime.now(UTC), progress=print,
            synthetic=bool(params["synthetic"]),
        )  # fmt: skip
        landing.refuse_useless(landed)
        return sorted({day for file in landed for day in file["days"]})

    @task
    def derive(days: list[str]) -> dict[str, object]:
        """Derive the days that were touched; with none, only what an earlier run left undone."""
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.steps import running

        return running.run(Settings(), now=datetime.now(UTC), progress=print, days=set(days)).as_dict()

    derive(land())


watch_coal()
