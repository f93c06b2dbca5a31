"""Signing in and out, where the desk is reached from other machines."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.desk.access import Access
from pipeline.desk.pages import Page
from pipeline.desk.security import COOKIE, own_path, see_token
from pipeline.desk.sessions import Session
from pipeline.desk.users import LONGEST_NAME
from pipeline.desk.view import path_of, show

router = APIRouter()
PAGE = Page(router)
# A password costs 64 MB to check: many at once would cost as many times that, and be tried before the first has failed.
_ONE_BY_ONE = threading.Lock()
_DRAFT = ("alert_id", "decision", "reason", "note")
Text = Annotated[str, Form()]


@router.get("/sign-in", name="sign_in")
def form(request: Request, next: str = "") -> Response:
    """The form to sign in with."""
    if _access(request).users is None:
        return RedirectResponse(path_of(request, "queue"), 303)
    return show(request, "sign_in.html", next=next, draft={}, wrong=None)


@router.post("/sign-in")
def sign_in(
    request: Request, name: Text = "", password: Text = "", token: Text = "", next: Text = "", alert_id: Text = "",
    decision: Text = "", reason: Text = "", note: Text = "",
) -> Response:  # fmt: skip
    """Begin a session; a decision that was sent without one is kept for its form."""
    access, now = _access(request), datetime.now(UTC)
    see_token(request, token)
    draft = dict(zip(_DRAFT, (alert_id, decision, reason, note), strict=True)) if alert_id else {}
    address = request.client.host if request.client else ""
    tried_by = (f"name {name[:LONGEST_NAME]}", f"address {address}")
    if access.users is None:
        return RedirectResponse(path_of(request, "queue"), 303)
    with _ONE_BY_ONE:
        if not all(access.sessions.may_try(who, now) for who in tried_by):
            wrong = "Too many tries. Wait a quarter of an hour."
            return show(request, "sign_in.html", status=429, next=next, draft=draft, wrong=wrong)
        person = access.users.signs_in(name, password)
        if person is None:
            for who in tried_by:
                access.sessions.failed(who, now)
    if person is None:
        wrong = "That is no name and password of this desk."
        return show(request, "sign_in.html", status=401, next=next, draft=draft, wrong=wrong)
    answer, session = signed_in(request, person.name, own_path(next, request.scope.get("root_path", "")), now)
    if alert_id:
        session.drafts[alert_id] = draft
    return answer


def signed_in(request: Request, name: str, to: str, now: datetime) -> tuple[Response, Session]:
    """Begin a session in place of the one there was; the answer leads on, with its cookie."""
    sessions = _access(request).sessions
    sessions.end(request.cookies.get(COOKIE))
    key, session = sessions.begin(name, now)
    answer = RedirectResponse(to, 303)
    answer.set_cookie(
        COOKIE, key, httponly=True, samesite="lax", secure=request.url.scheme == "https",
        path=request.scope.get("root_path", "") or "/",
    )  # fmt: skip
    return answer, session


@router.post("/sign-out", name="sign_out")
def sign_out(request: Request, token: Text = "") -> Response:
    """End the session."""
    see_token(request, token)
    _access(request).sessions.end(request.cookies.get(COOKIE))
    answer = RedirectResponse(path_of(request, "sign_in"), 303)
    answer.delete_cookie(COOKIE, path=request.scope.get("root_path", "") or "/")
    return answer


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access
