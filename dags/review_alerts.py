"""review_alerts: ask a person about each new strong alert, and keep the answer as a review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import PartitionedAssetTimetable, dag, task, task_group
from coalwatch_schedule import ALERTS, FIRST_DAY, TAGS, WRITER_POOL, day_of, defaults

NO_DECISION = "no decision"
WAITS = timedelta(days=30)
LOOKS_AGAIN = timedelta(minutes=15)
LETS_PASS = timedelta(minutes=1)


class AskReviewer(HITLOperator):
    """Puts an alert to a person for up to 30 days; looks now and then whether the question still stands, and closes it
    without a decision where the alert's evidence changed, the alert was withdrawn, or it was decided elsewhere.

    One question is open for an alert: while an earlier one, about other evidence, has not closed yet, this one is not
    put; but no longer than that takes, for its run may have been deleted. One that was decided elsewhere counts as
    closed at once, though its card goes only when it is looked at."""

    template_fields = (*HITLOperator.template_fields, "alert_id", "evidence_hash")

    def __init__(self, *, alert_id: str, evidence_hash: str, **kwargs: Any) -> None:
        super().__init__(response_timeout=LOOKS_AGAIN, **kwargs)
        self.alert_id = alert_id
        self.evidence_hash = evidence_hash

    def execute(self, context: Any) -> Any:
        """Put the question, once no other about the alert is open; none if it does not stand by then."""
        from airflow.sdk.exceptions import TaskAwaitingInput

        if not self._stands(context):
            return {"chosen_options": [NO_DECISION]}
        if self._is_behind_another(context):
            raise TaskAwaitingInput(method_name="execute_complete", timeout=LETS_PASS)  # without a card
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """A person's answer, or, where none came, the question again for as long as it stands."""
        if event.get("error_type") == "timeout":  # of a wait without a card
            return self.execute(context)
        if event.get("timedout") and self._stands(context):
            return super().execute(context)  # takes back the default that stands for no answer, and waits on
        return super().execute_complete(context, event)

    def _is_behind_another(self, context: Any) -> bool:
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.tasks import review

        if context["dag_run"].start_date + LOOKS_AGAIN + LETS_PASS <= datetime.now(UTC):
            return False
        return review.is_asked_otherwise(Settings(), self.alert_id, self.evidence_hash)

    def _stands(self, context: Any) -> bool:
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.tasks import review

        if context["dag_run"].start_date + WAITS <= datetime.now(UTC):
            return False
        why = review.why_closed(Settings(), self.alert_id, self.evidence_hash)
        if why:
            self.log.info("Closed without a decision: %s", why)
        return why is None


@dag(
    description="Ask a person for a decision on each new strong alert",
    schedule=PartitionedAssetTimetable(assets=ALERTS),
    start_date=FIRST_DAY,
    catchup=False,
    max_active_runs=500,
    default_args=defaults(),
    tags=[*TAGS, "review"],
    doc_md="""
### A person decides

One run for each published day. **find** looks for strong alerts of the day that nobody reviewed or was asked about;
**ask** puts each of them to a person under *Required Actions*, with what speaks for it and against it, and waits up to
30 days without holding a worker or a pool slot; **record** writes the answer as a review (`review`, reviewer
`airflow:<user>`), of the evidence as it was shown. Every quarter of an hour a question that waits is looked at again:
one whose alert was withdrawn, rests on other evidence now (which is asked about anew), or was decided on the command
line (`coalwatch alerts review`) or the desk is closed. A new question waits, at most 16 minutes, until the one before
it closed, so that one is open for an alert; only the card of what was decided elsewhere may stand beside the next for
up to a quarter of an hour, and while that decision stands an answer to it is not recorded. No answer is no decision:
after 30 days nothing is written, and the alert stays in the queue.
""",
)
def review_alerts() -> None:
    """Find what to ask, ask, record."""

    @task
    def find(*, dag_run: Any) -> list[dict[str, str]]:
        """Strong alerts of the day that nobody was asked about: alert_id, evidence_hash, subject, body."""
        import os
        from datetime import UTC, datetime

        from airflow.sdk.exceptions import AirflowSkipException

        from pipeline.settings import Settings
        from pipeline.tasks import review

        asked = review.alerts_to_ask(Settings(), day_of(dag_run), now=datetime.now(UTC))
        if not asked:
            raise AirflowSkipException("no new strong alert")
        if desk := os.environ.get("COALWATCH_DESK_URL", "").rstrip("/"):
            for one in asked:
                link = f"[Map, timeline and evidence on the review desk]({desk}/alerts/{one['alert_id']})"
                one["body"] = f"{one['body']}\n\n{link}"
        return asked

    @task(pool=WRITER_POOL)
    def note(asked: list[dict[str, str]]) -> None:
        """Remember what is being asked, so that no later run asks it again."""
        from datetime import UTC, datetime

        from pipeline.settings import Settings
        from pipeline.tasks import review

        review.note_asked(Settings(), asked, datetime.now(UTC))

    @task_group
    def decide(alert_id: str, evidence_hash: str, subject: str, body: str) -> None:
        """One alert: ask, then record."""
        from airflow.sdk import Param

        ask = AskReviewer(
            task_id="ask",
            alert_id=alert_id,
            evidence_hash=evidence_hash,
            subject=subject,
            body=body,
            options=["confirmed", "dismissed", "escalated", "needs_more", NO_DECISION],
            defaults=NO_DECISION,
            params={"note": Param("", type="string", description="Why; kept with the review.")},
        )

        @task(pool=WRITER_POOL)
        def record(alert_id: str, evidence_hash: str, answer: dict) -> str:
            """Write the decision as a review of the evidence that was shown."""
            from datetime import datetime

            from airflow.sdk.exceptions import AirflowSkipException

            from pipeline.settings import Settings
            from pipeline.tasks import review

            decision = answer["chosen_options"][0]
            if decision == NO_DECISION:
                why = review.close_question(Settings(), alert_id, evidence_hash)
                raise AirflowSkipException(f"no decision: {why or 'the alert stays in the queue'}")
            user = answer.get("responded_by_user") or {}
            note = (answer.get("params_input") or {}).get("note") or None
            answered_at = answer["responded_at"]  # a retry writes the same review again, which is one
            if isinstance(answered_at, str):
                answered_at = datetime.fromisoformat(answered_at)
            review_id, said = review.record_answer(
                Settings(),
                alert_id,
                evidence_hash,
                f"airflow:{user.get('name') or 'unknown'}",
                decision,
                note,
                answered_at,
            )
            if review_id is None:
                raise AirflowSkipException(f"no decision: {said}")
            return review_id

        record(alert_id, evidence_hash, ask.output)

    asked = find()
    note(asked)
    decide.expand_kwargs(asked)


review_alerts()
