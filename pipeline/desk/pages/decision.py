"""Deciding on an alert: the form on its page, and what becomes of it. What was written is never lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from pipeline.desk.pages import Page
from pipeline.desk.people import Person
from pipeline.desk.security import COOKIE, own_path, see_token
from pipeline.desk.view import path_of, settings_of, show
from pipeline.errors import CoalwatchError
from pipeline.plain import Record
from pipeline.publish import alert_words
from pipeline.tasks.reports import alert_report
from pipeline.tasks.review import alert_meant, review_alert, seen_of
from pipeline.tasks.review_rules import reasons, rules_of

router = APIRouter()
# In the order of the form: key, decision, what its choice says.
CHOICES = (
    ("c", "confirmed", "Confirm"),
    ("d", "dismissed", "Dismiss"),
    ("m", "needs_more", "Needs more"),
    ("e", "escalated", "Escalate"),
)
_UNDO = ("u", "undone", "Undo the decision")
_LONGEST_NOTE = 10_000
Text = Annotated[str, Form()]


@router.post("/alerts/{alert_id}/decision", name="decide")
def decide(
    request: Request, alert_id: str, decision: Text = "", reason: Text = "", note: Text = "", token: Text = "",
    evidence_hash: Text = "", withdrawn: Text = "", review_id: Text = "", back: Text = "",
) -> Response:  # fmt: skip
    """Record a decision on an alert as it was shown, or say why not, with all that was written still in the form.

    alert_id  its id, or a beginning that no other alert has
    """
    draft = {"alert_id": alert_id, "decision": decision, "reason": reason, "note": note, "back": back}
    person: Person | None = request.state.person
    if person is None:
        to = path_of(request, "alert", alert_id=alert_id)
        return show(request, "sign_in.html", status=401, next=f"{to}#decision", draft=draft, wrong=None)
    if not person.may("reviewer"):
        raise HTTPException(403, f"{person.name} may read, and not decide. An admin can change that.")
    settings = settings_of(request)
    alert_id = draft["alert_id"] = alert_meant(settings, alert_id)
    try:
        see_token(request, token)
    except HTTPException:
        return _again(request, draft, 409, "The desk was started again since you opened this page.")
    if not decision:
        return _again(request, draft, 422, "Nothing was chosen: confirm, dismiss, needs more or escalate.")
    if len(note) > _LONGEST_NOTE:
        return _again(request, draft, 422, f"The note is longer than {_LONGEST_NOTE:,} characters.")
    seen = {"evidence_hash": evidence_hash, "withdrawn": withdrawn == "yes", "review_id": review_id or None}
    try:
        review_alert(
            settings, alert_id, person.name, decision, note.strip() or None, datetime.now(UTC),
            reason=reason or None, seen=seen,
        )  # fmt: skip
    except CoalwatchError as error:
        return _again(request, draft, 422, str(error), seen)
    to = own_path(back, request.scope.get("root_path", "")) if back else path_of(request, "queue")
    answer = RedirectResponse(f"{to}{'&' if '?' in to else '?'}decided={quote(alert_id)}", 303)
    _forget_draft(request, alert_id)
    return answer


@router.get("/alerts/{alert_id}/decision")
def look_again(request: Request, alert_id: str) -> Response:
    """The alert, for whoever loads again the address of a form that was sent."""
    return RedirectResponse(path_of(request, "alert", alert_id=alert_id), 303)


@router.get("/alerts/{alert_id}/state", name="alert_state")
def state(request: Request, alert_id: str) -> Response:
    """What tells one state of an alert from another (`review.seen_of`), for a page that is open."""
    report = alert_report(settings_of(request), alert_id)
    last = report["reviews"][-1] if report["reviews"] else None
    said = f"{last['reviewer']}: {last['decision'].replace('_', ' ')}" if last else None
    return JSONResponse(seen_of(report) | {"last": said}, headers={"cache-control": "no-store"})


def deciding(request: Request, report: Record, draft: Record | None = None) -> Record:
    """What the form of `decision.html` needs to know of an alert and of whoever looks at it."""
    person: Person | None = request.state.person
    alert, reviews = report["alert"], report["reviews"]
    counted = [one for one in reviews if not one["decision"].startswith("would_")]
    stands = counted[-1] if counted and counted[-1]["decision"] != "undone" else None
    known = {} if draft else _kept_draft(request, alert["alert_id"])
    wanted = request.query_params.get("decide", "")
    proposed = reviews[-1] if reviews and reviews[-1]["decision"].startswith("would_") else None
    two = alert["grade"] in rules_of(settings_of(request)).two_people
    return {
        "may": person is not None and person.may("reviewer"),
        "seen": seen_of(report),
        "choices": [*CHOICES, *([_UNDO] if stands or proposed else [])],
        "reasons": reasons(),
        "draft": {"decision": wanted, "reason": "", "note": ""} | known | (draft or {}),
        "stands": stands,
        "two_people": two,
        "proposed": proposed,
        "back": own_path(
            (draft or {}).get("back") or request.query_params.get("back", ""), request.scope.get("root_path", "")
        ),
    }


PAGE = Page(router, helpers={"deciding": deciding})


def _again(request: Request, draft: Record, status: int, why: str, seen: Record | None = None) -> Response:
    """The form once more, beside the alert as it is now: a conflict, if that is not what was seen."""
    report = alert_report(settings_of(request), draft["alert_id"])
    if seen is not None and seen_of(report) != seen:
        status = 409
    changed = alert_words.changed_since_decided(report)
    sections = [*([changed] if changed else []), *alert_words.evidence_sections(report)]
    values: dict[str, Any] = {"report": report, "alert": report["alert"], "sections": sections, "why": why}
    return show(request, "decide_again.html", status=status, draft=draft, **values)


def _kept_draft(request: Request, alert_id: str) -> dict[str, str]:
    session = request.app.state.access.sessions.find(request.cookies.get(COOKIE), datetime.now(UTC))
    return dict(session.drafts.get(alert_id, {})) if session else {}


def _forget_draft(request: Request, alert_id: str) -> None:
    session = request.app.state.access.sessions.find(request.cookies.get(COOKIE), datetime.now(UTC))
    if session:
        session.drafts.pop(alert_id, None)
