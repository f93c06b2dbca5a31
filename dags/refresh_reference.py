"""refresh_reference: once a week, the lists and the rest of what alerts are judged by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, dag, task
from coalwatch_schedule import ALERTS, CHANNELS, CLAIMS, FIRST_DAY, TAGS, WRITER_POOL, defaults, label

from pipeline.tasks.sources import weekly_sources


@dag(
    description="Sanctions lists, measures and vessel particulars; what a change affects is judged again",
    schedule="0 3 * * 1",
    start_date=FIRST_DAY,
    catchup=False,
    max_active_runs=1,
    default_args=defaults(delay=timedelta(minutes=15)),
    tags=[*TAGS, "reference"],
    doc_md="""
### What alerts are judged by

**lists** names the sanctions lists whose address is known; **refresh** fetches each in a task of its own, keeps the
bytes, and imports a changed list as a new edition (an entry that disappeared is closed, never deleted; a list that lost
most of its entries is refused). **particulars** requests what providers tell that is of no day, each source in a task
of its own: particulars of the ships that events name (IMO number, call sign, owner), so that lists can be matched by
number; the provider's ids of the ships that lists name, so that their events can be requested wherever they were; and
its figures, visits to ports by month and how much of the voyages of ships in alerts it received.
Without a token, or with nothing to ask about, a source is skipped and says so. **judge** checks every knowledge file,
measures and zones as well, derives again the events of ships whose particulars changed, and judges again what a change
affects, and nothing else; a file that does not validate stops it with file, line and field, and nothing is written. One
dead address does not stop the others.
""",
)
def refresh_reference() -> None:
    """Refresh each list and what providers tell of no day, then judge what changed."""

    @task
    def lists() -> list[str]:
        """The lists that can be fetched."""
        from pipeline.settings import Settings
        from pipeline.tasks.lists import lists_with_address

        return lists_with_address(Settings())

    @task(map_index_template="{{ list_id }}", max_active_tis_per_dagrun=2)
    def refresh(list_id: str) -> dict[str, object]:
        """Fetch one list; a changed one becomes an edition."""
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.tasks.lists import refresh_list

        label("list_id", list_id)
        return refresh_list(Settings(), list_id, now=datetime.now(UTC), progress=print)

    @task(map_index_template="{{ source }}")
    def particulars(source: str) -> dict[str, object]:
        """Request what a source tells that is of no day, and land the answers."""
        from datetime import UTC, datetime

        from airflow.sdk.exceptions import AirflowSkipException
        from coalwatch_schedule import secrets_of

        from pipeline.settings import Settings
        from pipeline.tasks.arrivals import refresh_particulars
        from pipeline.tasks.sources import find_source_spec

        label("source", source)
        spec = find_source_spec(source)
        secrets = secrets_of(spec)
        if missing := [name for name in spec.secrets if name not in secrets]:
            raise AirflowSkipException(
                f"{source}: no token; set {' and '.join(missing)}, or the connection coalwatch_{spec.provider}"
            )
        report = refresh_particulars(Settings(), source, secrets=secrets, now=datetime.now(UTC), progress=print)
        if not report["asked"]:
            raise AirflowSkipException(f"{source}: {report['why']}; nothing was asked")
        return report

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def everything_was_taken() -> None:
        """Fails with any of the lists or particulars, so that the run does."""

    @task(pool=WRITER_POOL, trigger_rule=TriggerRule.ALL_DONE, outlets=[ALERTS, CLAIMS])
    def judge(*, outlet_events: Any) -> dict[str, object]:
        """Judge again what the knowledge files affect."""
        from datetime import UTC, datetime

        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.tasks import gate, run

        settings, now = Settings(), datetime.now(UTC)
        report = run.run(settings, now=now, progress=print, days=set())
        if not report.changed:
            raise AirflowSkipException("nothing changed")
        pending = gate.days_to_announce(settings, now=now)
        for asset in (ALERTS, CLAIMS) if pending else ():
            outlet_events[asset].add_partitions(sorted(pending))
        if not pending:
            raise AirflowSkipException("no published day changed")
        gate.note_announced(settings, pending)
        return report.as_dict() | {"day": max(pending)}

    @task(map_index_template="{{ channel }}")
    def notify(report: dict[str, Any], channel: str) -> str:
        """Send notice of alerts that the change raised, altered or withdrew."""
        from airflow.sdk import get_current_context
        from airflow.sdk.exceptions import AirflowSkipException
        from coalwatch_schedule import send

        from pipeline.settings import Settings
        from pipeline.tasks import gate

        label("channel", channel)
        notice = gate.notice(Settings(), report["day"], report)
        if notice is None or not send(notice, channel, get_current_context()):
            raise AirflowSkipException(f"nothing to report, or no connection {channel}")
        return notice.subject

    refreshed = refresh.expand(list_id=lists())
    asked = particulars.expand(source=[spec.source for spec in weekly_sources()])
    judged = judge()
    [refreshed, asked] >> everything_was_taken()
    [refreshed, asked] >> judged
    notify.partial(report=judged).expand(channel=CHANNELS)


refresh_reference()
