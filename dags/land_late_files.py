"""land_late_files: whatever lies in the landing folders and was not looked at yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task
from coalwatch_schedule import FIRST_DAY, POSITIONS, TAGS, defaults, label


@dag(
    description="Files that appeared in the landing folders, whatever days they hold",
    schedule="*/15 * * * *",
    start_date=FIRST_DAY,
    catchup=False,
    max_active_runs=1,
    default_args=defaults(delay=timedelta(minutes=2)),
    tags=[*TAGS, "land"],
    doc_md="""
### Files that come late, into the lake

**find** looks through the folders `{COALWATCH_HOME}/landing/<source>` for files that were not landed yet (by name, size
and time: no content is read, so a full folder costs nothing). **land** takes each of them in a task of its own, finds
out which UTC days it touches, and reports these as partitions of the asset `positions`; `watch_coal` derives them.

A file of no use fails its task once, with file, row and reason, and is not tried again until it changes. Files still
being written are named `….part`; give a file its name only when it is whole.
""",
)
def land_late_files() -> None:
    """Find, then land each file by itself."""

    @task
    def find() -> list[dict[str, str]]:
        """Files not looked at yet; none: the run ends here."""
        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.tasks.arrivals import late_files

        found = late_files(Settings())
        if not found:
            raise AirflowSkipException("no new files in the landing folders")
        return found

    @task(outlets=[POSITIONS], map_index_template="{{ path.rsplit('/', 1)[-1] }}", max_active_tis_per_dagrun=4)
    def land(source: str, path: str, *, outlet_events: Any) -> dict[str, object]:
        """Land one file and report the days it touches."""
        from dataclasses import asdict
        from datetime import UTC, datetime
        from pathlib import Path

        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.tasks.arrivals import land_late

        label("path", path)
        arrived = land_late(Settings(), source, Path(path), now=datetime.now(UTC), progress=print)
        if not arrived.days:
            raise AirflowSkipException(f"{path}: everything in it is in the lake already, or bears on no day")
        outlet_events[POSITIONS].add_partitions(arrived.days)
        return asdict(arrived)

    land.expand_kwargs(find())


land_late_files()
