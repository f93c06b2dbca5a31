"""land_positions_<source>: one UTC day of one source into the lake."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.sdk import CronPartitionTimetable, dag, task
from coalwatch_schedule import DAY_KEY, FIRST_DAY, POSITIONS, TAGS, day_of, defaults

from pipeline.tasks.sources import scheduled_sources

if TYPE_CHECKING:
    from pipeline.tasks.sources import SourceSpec

_DOC = """
### {title}: a UTC day into the lake

**land** fetches the day's files (or takes them from the landing folder `{{COALWATCH_HOME}}/landing/{source}`), keeps
the raw bytes with their hash, accounts for every row, and reports the days they touch as partitions of the asset
`positions`. A rerun finds the files there and changes nothing.

- **Can it speak about Nampo?** {speaks}
- **Coverage:** {coverage}
- **Licence:** {licence}
- **Secrets:** {secrets}

Backfill: `airflow backfill create --dag-id land_positions_{source} --from-date 2018-06-01 --to-date 2018-06-30`
(`--run-backwards` for newest first); each day that changed is then derived by `watch_coal`.
A source that is down or late is tried again for a day; what must be mended (a refused token, a file of another format)
fails at once with the reason. When it lasts: the page *A dead source* of the documentation.
"""


def _midnight(day: date | None) -> pendulum.DateTime | None:
    return pendulum.datetime(day.year, day.month, day.day, tz="UTC") if day else None


def _where_secrets_come_from(spec: SourceSpec) -> str:
    if not spec.secrets:
        return "none"
    return f"{', '.join(spec.secrets)} in the environment, or the Airflow connection `coalwatch_{spec.source}`"


def land_positions(spec: SourceSpec) -> None:
    """The DAG of one source."""

    @dag(
        dag_id=f"land_positions_{spec.source}",
        dag_display_name=f"land_positions · {spec.source}",
        description=f"{spec.title}: one UTC day into the lake",
        # midnight UTC, for the day that the source should have by then
        schedule=CronPartitionTimetable(
            "0 0 * * *", timezone="UTC", run_offset=-1 - ceil(spec.latency_days or 0), key_format=DAY_KEY
        ),
        start_date=_midnight(spec.history_from) or FIRST_DAY,
        end_date=_midnight(spec.history_to),
        catchup=False,
        max_active_runs=4,
        default_args=defaults(retries=8, delay=timedelta(minutes=10)),
        tags=[*TAGS, "land"],
        doc_md=_DOC.format(
            title=spec.title,
            source=spec.source,
            speaks=f"{spec.speaks_of_nampo.answer}. {spec.speaks_of_nampo.reason}",
            coverage=spec.coverage,
            licence=spec.licence,
            secrets=_where_secrets_come_from(spec),
        ),
    )
    def of_source() -> None:
        @task(outlets=[POSITIONS])
        def land(*, dag_run: Any, outlet_events: Any) -> dict[str, object]:
            """Fetch and land the partition's day."""
            from dataclasses import asdict
            from datetime import UTC, datetime

            from coalwatch_schedule import secrets_of

            from pipeline.settings import Settings
            from pipeline.tasks.arrivals import land_day

            arrived = land_day(
                Settings(), spec.source, day_of(dag_run), secrets=secrets_of(spec), now=datetime.now(UTC),
                progress=print,
            )  # fmt: skip
            outlet_events[POSITIONS].add_partitions(arrived.days)
            return asdict(arrived)

        land()

    of_source()


for _spec in scheduled_sources():
    land_positions(_spec)
