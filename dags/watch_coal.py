"""watch_coal: a UTC day whose positions changed, to events, alerts and verdicts, past the quality gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import PartitionedAssetTimetable, TriggerRule, dag, task
from coalwatch_schedule import (
    ALERTS,
    CHANNELS,
    CLAIMS,
    EVENTS,
    FIRST_DAY,
    POSITIONS,
    TAGS,
    WRITER_POOL,
    day_of,
    defaults,
    label,
)  # fmt: skip


@dag(
    description="A day whose positions changed: events, alerts and verdicts, past the quality gate",
    schedule=PartitionedAssetTimetable(assets=POSITIONS),
    start_date=FIRST_DAY,
    catchup=False,
    max_active_runs=16,
    default_args=defaults(),
    tags=[*TAGS, "derive"],
    doc_md="""
### From a changed day to what an analyst reads

One run for each UTC day that a source reported as landed or changed.

1. **derive** brings events, alerts and claims in the warehouse up to date for the day, and for later days that depend
   on it. One run writes at a time (pool `coalwatch_writer`, one slot); a run that finds its day derived already by
   another does nothing. A task that is killed keeps what it had finished, and its retry continues from there.
2. **gate** decides whether the day is published: fixes against the day's habit, rejects, a changed file layout, a
   source later than promised. A day that is held back fails here, with the reasons in the log, in the warehouse
   (`day_check`, `pipeline_run`) and in the notice; a day that is not over yet is skipped instead. What was derived
   stays as it is; the analysts' views leave the day out. When the days it was compared with change, it is judged
   again, and released by the run that changed them.
3. **publish** reports the pending days that pass the gate as partitions of the assets `events`, `alerts` and
   `claims`: this day, days it released, other days whose alerts it changed, days that were withheld before.
4. **notify** sends the notice to the mail server and the web hook of the connections `coalwatch_mail` and
   `coalwatch_webhook`, one task each, whether the day is held back or not; without a connection it is skipped.
""",
)
def watch_coal() -> None:
    """Derive, pass the gate, publish, notify."""

    @task(pool=WRITER_POOL, retries=5, retry_delay=timedelta(minutes=1))
    def derive(*, dag_run: Any) -> dict[str, object]:
        """Bring the warehouse up to date for the day."""
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.tasks import run

        report = run.run(Settings(), now=datetime.now(UTC), progress=print, days={day_of(dag_run)})
        return report.as_dict()

    @task(pool=WRITER_POOL, on_failure_callback=None)  # notify reports a day held back
    def gate(report: dict[str, object], *, dag_run: Any) -> dict[str, object]:
        """Say whether the day is published; a day held back fails with the reasons."""
        from dataclasses import asdict
        from datetime import UTC, datetime

        from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.tasks import gate

        now, day = datetime.now(UTC), day_of(dag_run)
        publication = gate.publication(Settings(), day, now=now)
        if not publication.published:
            why = f"{day} is held back: {'; '.join(publication.reasons)}"
            if day >= now.strftime("%Y-%m-%d"):
                raise AirflowSkipException(f"the day is not over; {why}")
            raise AirflowFailException(why)
        return asdict(publication)

    @task(outlets=[EVENTS, ALERTS, CLAIMS], pool=WRITER_POOL)
    def publish(report: dict[str, object], *, outlet_events: Any) -> list[str]:
        """Report the pending days that pass the gate."""
        from datetime import UTC, datetime

        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.tasks import gate

        pending = gate.days_to_announce(Settings(), now=datetime.now(UTC))
        if not pending:
            raise AirflowSkipException("no day to report: what changed is held back, not over, or is already reported")
        for asset in (EVENTS, ALERTS, CLAIMS):
            outlet_events[asset].add_partitions(sorted(pending))
        gate.note_announced(Settings(), pending)
        return sorted(pending)

    @task(trigger_rule=TriggerRule.ALL_DONE, map_index_template="{{ channel }}")
    def notify(channel: str, *, dag_run: Any, ti: Any) -> str:
        """Send notice of what is new, withdrawn or held back."""
        from airflow.sdk import get_current_context
        from airflow.sdk.exceptions import AirflowSkipException
        from coalwatch_schedule import send

        from pipeline.settings import Settings
        from pipeline.tasks import gate

        label("channel", channel)
        report = ti.xcom_pull(task_ids="derive")
        if report is None:
            raise AirflowSkipException("nothing was derived: the failure itself was reported")
        notice = gate.notice(Settings(), day_of(dag_run), report, since=dag_run.start_date)
        if notice is None:
            raise AirflowSkipException("nothing new, withdrawn or held back")
        print(notice.text)
        if not send(notice, channel, get_current_context()):
            raise AirflowSkipException(f"no connection {channel}: no notice was sent to it")
        return notice.subject

    derived = derive()
    gate(derived)  # a leaf: a day held back shows as a failed run
    derived >> notify.expand(channel=CHANNELS)
    publish(derived)


watch_coal()
