"""Task: what people decide of alerts. Ask about strong ones, take decisions, close what needs none any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.publish import publication
from pipeline.publish.notices import ask_to_review
from pipeline.tasks.gate import stale_now
from pipeline.tasks.reports import alert_report
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import judged_days
from pipeline.warehouse.alert_ids import find_alert

if TYPE_CHECKING:
    from pipeline.plain import Record
    from pipeline.settings import Settings


def alert_meant(settings: Settings, given: str) -> str:
    """The id of an alert, of which its beginning may be given, where no other alert has it.

    raises  InputError for an unknown alert, naming near ones, or a beginning that several have
    """
    with ask_filled(settings) as warehouse:
        return find_alert(warehouse, given)


def review_alert(
    settings: Settings,
    alert_id: str,
    reviewer: str,
    decision: str,
    note: str | None,
    now: datetime,
    *,
    evidence_hash: str | None = None,
    reason: str | None = None,
    seen: Mapping[str, Any] | None = None,
) -> str:
    """Append a review; give its id. All decisions come this way, wherever they are made.

    evidence_hash  the evidence that the reviewer was asked about; None: as it is now
    reason         from the short list (`review_rules.reasons`), if one was chosen
    seen           the alert as the reviewer had it before them (`seen_of`), if that must be what it still is
    raises         InputError for an unknown alert, decision, reason or evidence, and where there is no warehouse;
                   ReviewConflict, which is one, if the alert is no longer what was seen
    """
    from pipeline.tasks.review_rules import rules_of, see_reason
    from pipeline.warehouse.review import Seen, add_review
    from pipeline.warehouse.store import open_warehouse

    see_reason(decision, reason)
    two_people = rules_of(settings).two_people
    ask_filled(settings).close()  # a review makes no warehouse where there is none
    with open_warehouse(settings.database_url) as warehouse:
        return add_review(
            warehouse, alert_id, reviewer, decision, note, now, evidence_hash,
            reason=reason, seen=Seen(**seen) if seen is not None else None, two_people=two_people,
        )  # fmt: skip


def record_answer(
    settings: Settings, alert_id: str, evidence_hash: str, reviewer: str, decision: str, note: str | None,
    answered_at: datetime,
) -> tuple[str | None, str]:  # fmt: skip
    """Append what a person answered to a question, of the evidence that was put to them.

    returns  id of the review, and what to say; None where somebody decided since it was asked: nothing is recorded
    raises   InputError as `review_alert` does
    """
    from pipeline.warehouse.review import ReviewConflict

    try:
        done = review_alert(settings, alert_id, reviewer, decision, note, answered_at, evidence_hash=evidence_hash)
    except ReviewConflict as conflict:
        return None, str(conflict)
    return done, f"recorded {done}"


def planned_review(
    settings: Settings, alert_id: str, reviewer: str, decision: str, note: str | None, now: datetime,
    *, reason: str | None = None,
) -> Record:  # fmt: skip
    """What `review_alert` would record, as a row of REVIEW, and the alert's `headline`; nothing is written.

    raises  InputError as `review_alert` does
    """
    from pipeline.plain import plain
    from pipeline.tasks.review_rules import rules_of, see_reason
    from pipeline.tasks.warehouse_stamp import open_filled
    from pipeline.warehouse.review import next_review

    see_reason(decision, reason)
    two_people = rules_of(settings).two_people
    with open_filled(settings) as warehouse:
        row = next_review(warehouse, alert_id, reviewer, decision, note, now, reason=reason, two_people=two_people)
    headline = alert_report(settings, row["alert_id"])["alert"]["headline"]
    return plain([row])[0] | {"headline": headline}


def seen_of(report: Record) -> Record:
    """What tells one state of an alert from another: evidence_hash, withdrawn, review_id of its last review.

    report  as `reports.alert_report` gives it
    """
    reviews, alert = report["reviews"], report["alert"]
    return {
        "evidence_hash": alert["evidence_hash"],
        "withdrawn": alert["withdrawn_at"] is not None,
        "review_id": reviews[-1]["review_id"] if reviews else None,
    }


def alerts_to_ask(settings: Settings, day: str | None = None, *, now: datetime) -> list[dict[str, str]]:
    """Strong alerts that a person should decide on: of published days, in the queue (new, or with other evidence than
    was reviewed), and not asked about with this evidence.

    day      only alerts that the data of this UTC day established; None: all
    now      wall clock, with time zone: a source that broke its promise keeps the days it owes from being asked about
    returns  alert_id, evidence_hash, subject and body (Markdown), strongest first
    """
    with ask_filled(settings) as warehouse:
        stale = stale_now(warehouse, now)
        asked = judged_days.alerts_to_ask_about(warehouse, day)
    return [
        {
            "alert_id": one["alert_id"],
            "evidence_hash": one["evidence_hash"],
            **ask_to_review(alert_report(settings, one["alert_id"])),
        }
        for one in asked
        if not any(late.holds_back(one["day"]) for late in stale)
    ]


def note_asked(settings: Settings, asked: Sequence[Mapping[str, str]], now: datetime) -> None:
    """Remember what a person was asked, as `alerts_to_ask` gave it; asked twice is noted once.

    now  wall clock, with time zone
    """
    from pipeline.warehouse.review import add_requests
    from pipeline.warehouse.store import open_warehouse

    with open_warehouse(settings.database_url) as warehouse:
        add_requests(warehouse, asked, now)


def why_closed(settings: Settings, alert_id: str, evidence_hash: str) -> str | None:
    """Why a person need no longer decide on an alert with the evidence that was put to them: it rests on other evidence
    now, was withdrawn, or was decided elsewhere; None while the question stands."""
    with ask_filled(settings) as warehouse:
        now = judged_days.evidence_now(warehouse, alert_id)
        decided = judged_days.is_decided(warehouse, alert_id, evidence_hash)
    return publication.why_closed(now, evidence_hash, decided=decided)


def is_asked_otherwise(settings: Settings, alert_id: str, evidence_hash: str) -> bool:
    """Whether a person was asked about an alert with other evidence, and neither answered nor was the question closed
    because that changed (`close_question`)."""
    with ask_filled(settings) as warehouse:
        return judged_days.is_asked_otherwise(warehouse, alert_id, evidence_hash)


def close_question(settings: Settings, alert_id: str, evidence_hash: str) -> str | None:
    """Note that a question ended without an answer; give why, as `why_closed` does.

    Where its alert was withdrawn or rests on other evidence, the question counts as never asked: should the alert rest
    on this evidence again, it is asked again.
    """
    why = why_closed(settings, alert_id, evidence_hash)
    if why in (publication.WITHDRAWN, publication.CHANGED):
        from pipeline.warehouse.review import remove_request
        from pipeline.warehouse.store import open_warehouse

        with open_warehouse(settings.database_url) as warehouse:
            remove_request(warehouse, alert_id, evidence_hash)
    return why
