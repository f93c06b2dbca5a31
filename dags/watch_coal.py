"""watch_coal: a UTC day whose positions changed, to events, alerts and verdicts, past the quality gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import PartitionedAssetTimetable, TriggerRule, dag, task
from coalwatch_schedule import ALERTS, CLAIMS, EVENTS, FIRST_DAY, POSITIONS, TAGS, WRITER_POOL, defaults


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
   another does nothing. A task that is killed leaves what it had finished, and its retry goes on from there.
2. **gate** decides whether the day is published: fixes against the day's habit, rejects, a changed file layout, a
   source older than its promise. A day that is held back fails here, with the reasons in the log, in the warehouse
   (`day_check`, `pipeline_run`) and in the notice; a day that is not over yet is skipped instead. What was derived
   stays as it is; the analysts' views leave the day out. When the days it was compared with change, it is judged
   again, and released by the run that changed them.
3. **publish** reports the day, days released by it, and other days whose alerts it changed, as partitions of the assets
   `events`, `alerts` and `claims`.
4. **notify** tells the mail server and web hook of the connections `coalwatch_mail` and `coalwatch_webhook`, held back
   or not; without either it is skipped.
""",
)
def watch_coal() -> None:
    """Derive, pass the gate, publish, notify."""

    @task(pool=WRITER_POOL, retries=5, retry_delay=timedelta(minutes=1))
    def derive(*, dag_run) -> dict[str, object]:  # type: ignore[no-untyped-def]
        """Bring the warehouse up to date for the day."""
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.steps import running

        report = running.run(Settings(), now=datetime.now(UTC), progress=print, days={dag_run.partition_key})
        return report.as_dict()

    @task(pool=WRITER_POOL, on_failure_callback=None)  # notify tells of a day held back
    def gate(report: dict[str, object], *, dag_run) -> dict[str, object]:  # type: ignore[no-untyped-def]
        """Say whether the day is published; a day held back fails with the reasons."""
        from dataclasses import asdict
        from datetime import UTC, datetime

        from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.steps import gating

        now, day = datetime.now(UTC), dag_run.partition_key
        publication = gating.publication(Settings(), day, now=now)
        if not publication.published:
            why = f"{day} is held back: {'; '.join(publication.reasons)}"
            if day >= now.strftime("%Y-%m-%d"):
                raise AirflowSkipException(f"the day is not over; {why}")
            raise AirflowFailException(why)
        return asdict(publication)

    @task(outlets=[EVENTS, ALERTS, CLAIMS])
    def publish(report: dict[str, Any], publication: dict[str, object], *, dag_run, outlet_events) -> None:  # type: ignore[no-untyped-def]
        """Report the day, days that it released, and other days whose alerts it changed, as partitions."""
        from pipeline.settings import Settings
        from pipeline.steps import gating

        elsewhere = gating.days_of_alerts(Settings(), report["pipeline_run_id"])
        days = sorted({dag_run.partition_key, *report["released"], *elsewhere})
        for asset in (EVENTS, ALERTS, CLAIMS):
            outlet_events[asset].add_partitions(days)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def notify(*, dag_run, ti) -> list[str]:  # type: ignore[no-untyped-def]
        """Tell whoever is to be told what is new, withdrawn or held back."""
        from airflow.sdk import get_current_context
        from airflow.sdk.exceptions import AirflowSkipException
        from coalwatch_schedule import tell

        from pipeline.settings import Settings
        from pipeline.steps import gating

        report = ti.xcom_pull(task_ids="derive")
        if report is None:
            raise AirflowSkipException("nothing was derived: the failure itself was told")
        notice = gating.notice(Settings(), dag_run.partition_key, report, since=dag_run.start_date)
        if notice is None:
            raise AirflowSkipException("nothing new, withdrawn or held back")
        print(notice.text)
        told = tell(notice, get_current_context())
        if not told:
            raise AirflowSkipException("no connection coalwatch_mail or coalwatch_webhook: nobody was told")
        return told

    derived = derive()
    passed = gate(derived)
    publish(derived, passed)
    passed >> notify()


watch_coal()
