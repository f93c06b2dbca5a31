"""Task: what people decide of alerts. Ask about strong ones, take decisions, close what needs none any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.publish import publication
from pipeline.publish.notices import ask_to_review
from pipeline.tasks.gate import stale_now
from pipeline.tasks.reports import alert_report
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import judged_days

if TYPE_CHECKING:
    from pipeline.settings import Settings


def review_alert(
    settings: Settings,
    alert_id: str,
    reviewer: str,
    decision: str,
    note: str | None,
    now: datetime,
    *,
    evidence_hash: str | None = None,
) -> str:
    """Append a review; give its id.

    evidence_hash  the evidence that the reviewer was asked about; None: as it is now
    raises         InputError for an unknown alert, decision or evidence, and where there is no warehouse
    """
    from pipeline.warehouse.review import add_review
    from pipeline.warehouse.store import open_warehouse

    ask_filled(settings).close()  # a review makes no warehouse where there is none
    with open_warehouse(settings.database_url) as warehouse:
        return add_review(warehouse, alert_id, reviewer, decision, note, now, evidence_hash)


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
