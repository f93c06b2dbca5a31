"""Signing off: an admin lets the name of an alert's ship leave the home."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.desk.pages import Page
from pipeline.desk.people import Asking, see_may
from pipeline.desk.security import see_token
from pipeline.desk.view import path_of, settings_of
from pipeline.tasks.sign_off import sign_off

router = APIRouter()
PAGE = Page(router)
Text = Annotated[str, Form()]


@router.post("/alerts/{alert_id}/sign-off", name="sign_off")
def sign(
    request: Request, person: Asking, alert_id: str, granted: Text = "", token: Text = "", evidence_hash: Text = ""
) -> Response:
    """Sign an alert off as it was shown, or take that back."""
    see_may(person, "admin")
    see_token(request, token)
    sign_off(
        settings_of(request), alert_id, person.name, datetime.now(UTC), granted=granted == "yes",
        evidence_hash=evidence_hash,
    )  # fmt: skip
    return RedirectResponse(path_of(request, "alert", alert_id=alert_id) + "#signed", 303)
