"""What the DAGs share: assets, the writer's pool, how failures are retried, where secrets come from, who is notified.

Nothing here reads a database while a DAG file is parsed, and nothing imports pandas: the scheduler reads DAG files
often.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.sdk import Asset, BaseNotifier, ExceptionRetryPolicy, RetryAction, RetryRule, WeightRule

if TYPE_CHECKING:
    from airflow.sdk import Context

    from pipeline.tasks.gate import Notice
    from pipeline.tasks.sources import SourceSpec

# A UTC day, written 2018-06-01, is a partition of each of these.
POSITIONS = Asset("positions", uri="x-coalwatch://positions", group="coalwatch")
EVENTS = Asset("events", uri="x-coalwatch://events", group="coalwatch")
ALERTS = Asset("alerts", uri="x-coalwatch://alerts", group="coalwatch")
CLAIMS = Asset("claims", uri="x-coalwatch://claims", group="coalwatch")
DAY_KEY = "%Y-%m-%d"

# One slot: one run writes derived rows at a time (dags/pools.json).
WRITER_POOL = "coalwatch_writer"

# Before any source begins.
FIRST_DAY = pendulum.datetime(2009, 1, 1, tz="UTC")
TAGS = ["coalwatch"]

# What someone must correct fails at once; what a later attempt may cure is tried again.
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule("pipeline.errors.InputError", RetryAction.FAIL, reason="the input is wrong: see the message"),
        RetryRule("pipeline.errors.ContractError", RetryAction.FAIL, reason="a fault of coalwatch: please report it"),
    ]
)


def defaults(retries: int = 3, delay: timedelta = timedelta(minutes=5)) -> dict[str, Any]:
    """Default arguments of tasks: back-off from `delay` up to six hours, a notice on failure, and a run that has begun
    finishes before another begins."""
    return {
        "retries": retries,
        "retry_delay": delay,
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(hours=6),
        "retry_policy": RETRY_POLICY,
        "on_failure_callback": [NotifyOfFailure()],
        "weight_rule": WeightRule.UPSTREAM,
    }


def secrets_of(spec: SourceSpec) -> Mapping[str, str]:
    """A source's secrets: from the environment, else from the Airflow connection `coalwatch_<provider>` (the last
    secret is its password, the one before its login). Absent ones are left out; who needs them says so."""
    import os

    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {name: os.environ[name] for name in spec.secrets if os.environ.get(name)}
    if len(found) < len(spec.secrets):
        try:
            connection = _connection(f"coalwatch_{spec.provider}")
        except AirflowNotFoundException:
            return found
        held = [value for value in (connection.login, connection.password) if value]
        found = dict(zip(reversed(spec.secrets), reversed(held), strict=False)) | found
    return found


def _connection(connection_id: str) -> Any:
    from airflow.sdk import Connection

    return Connection.get(connection_id)


def label(name: str, value: str) -> None:
    """Give a mapped task the value that its `map_index_template` shows in the grid."""
    from airflow.sdk import get_current_context

    context: Any = get_current_context()
    context[name] = value


CHANNELS = ["coalwatch_mail", "coalwatch_webhook"]


def send(notice: Notice, channel: str, context: Context) -> bool:
    """Send a notice by one channel, which is an Airflow connection: a mail server (extra: `to`) or a web hook.

    returns  False if there is no such connection
    raises   what the notifiers raise: a mail server that is down is a visible failure
    """
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection = _connection(channel)
    except AirflowNotFoundException:
        return False
    if channel == "coalwatch_mail":
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        notifier: BaseNotifier = SmtpNotifier(
            smtp_conn_id=channel,
            to=connection.extra_dejson.get("to") or connection.login,
            subject=notice.subject,
            html_content=notice.html,
            mime_subtype="alternative",
        )
    else:
        from airflow.providers.http.notifications import HttpNotifier

        notifier = HttpNotifier(http_conn_id=channel, json=notice.payload)
    notifier.notify(context)
    return True


def day_of(dag_run: Any) -> str:
    """The UTC day that a run is for.

    raises  AirflowFailException for a run that was triggered without one
    """
    from airflow.sdk.exceptions import AirflowFailException

    if not dag_run.partition_key:
        raise AirflowFailException("this run has no day; trigger it with a partition key like 2018-06-01")
    return str(dag_run.partition_key)


class NotifyOfFailure(BaseNotifier):
    """Sends notice of a task that failed for good, with its reason."""

    def notify(self, context: Context) -> None:
        """Compose the notice from the context and send it."""
        from pipeline.tasks.gate import failure_notice

        instance = context["ti"]
        notice = failure_notice(
            dag_id=instance.dag_id,
            task_id=instance.task_id,
            day=context["dag_run"].partition_key,
            error=str(context.get("exception") or "no reason given"),
        )
        for channel in CHANNELS:
            try:
                sent = send(notice, channel, context)
            except Exception:  # one dead channel must not silence the other
                self.log.exception("%s: could not notify %s", notice.subject, channel)
            else:
                self.log.info("%s: %s", notice.subject, f"sent to {channel}" if sent else f"no connection {channel}")
