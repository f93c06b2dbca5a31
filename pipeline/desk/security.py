"""What stands before every page: for whom a request is, where it comes from, who asks, how long it may be; and what a
browser may do with the answer. A page that forgets to ask is guarded all the same."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.desk.access import Access
from pipeline.desk.hosts import name_of
from pipeline.desk.people import Person
from pipeline.errors import CoalwatchError

COOKIE = "coalwatch_desk"
LONGEST = 65_536  # bytes of a request: a note is the longest thing anybody sends
_SAFE = ("GET", "HEAD")
_OPEN = re.compile(r"/sign-in(/provider(/back)?)?|/static/.*")  # without signing in
# Says itself that the session is over, with the note in its form.
_KEEPS_A_DRAFT = re.compile(r"/alerts/[^/]+/decision")


class Guard:
    """Refuses what is for another host, from another site or too long, finds the person behind a request, and adds to
    every answer what browsers must keep to."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access
        self._headers = _headers(access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        begun, is_head = False, scope["method"] == "HEAD"
        if is_head:  # is answered as GET would be, but for the body
            scope = {**scope, "method": "GET"}

        async def guarded(message: Message) -> None:
            nonlocal begun
            begun = True
            if is_head and message["type"] == "http.response.body":
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        try:
            await (self._refusal(scope) or self._app)(scope, receive, guarded)
        except CoalwatchError as error:  # of what is asked before every page, such as who may sign in
            await PlainTextResponse(str(error), 503)(scope, receive, guarded)
        except Exception:
            if not begun:
                await PlainTextResponse("A fault of coalwatch; its log says more. Please report it.", 500)(
                    scope, receive, guarded
                )
            raise

    def _refusal(self, scope: Scope) -> Response | None:
        headers, method = Headers(scope=scope), scope["method"]
        host = headers.get("host", "")
        if name_of(host) not in self._access.hosts:
            return PlainTextResponse("This desk is not served under that name.", 421)
        if method not in (*_SAFE, "POST"):
            return PlainTextResponse("This is not done here.", 405)
        if method == "POST" and not _from_here(headers, host):
            return PlainTextResponse("A form of another site was sent; nothing was done.", 403)
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):  # in no name, and PostgreSQL takes none
            return PlainTextResponse("That is no address of this desk; expected one without a null character.", 400)
        length = headers.get("content-length", "" if method == "POST" else "0")
        if not re.fullmatch("[0-9]{1,9}", length) or "transfer-encoding" in headers:
            return PlainTextResponse("That does not say how long it is; nothing was done.", 411)
        if int(length) > LONGEST:
            return PlainTextResponse("That is too long; nothing was done.", 413)
        state = scope.setdefault("state", {})
        person, token = self._who(headers, state)
        state.update(person=person, token=token)
        root = scope.get("root_path", "")
        path = scope["path"].removeprefix(root)
        if person is None and self._access.identify is not None:
            return PlainTextResponse("Sign in first; you may not see this otherwise.", 401)
        if person is None and not _OPEN.fullmatch(path):
            if method == "POST" and _KEEPS_A_DRAFT.fullmatch(path):
                return None
            query = scope.get("query_string", b"").decode("latin-1")
            wanted = scope["path"] + (f"?{query}" if query else "")
            return RedirectResponse(f"{root}/sign-in?next={quote(wanted if method in _SAFE else root + '/')}", 303)
        return None

    def _who(self, headers: Headers, state: Mapping[str, Any]) -> tuple[Person | None, str]:
        access = self._access
        if access.identify is not None:
            return access.identify(state), access.token
        key = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        session = access.sessions.find(key, datetime.now(UTC)) if access.users else None
        person = access.users.person(session.name) if session and access.users else None
        if session and person:
            return person, session.token
        return access.everyone, access.token


def see_token(request: Request, token: str) -> None:
    """Refuse a form that did not send back the token it was given.

    raises  HTTPException (403)
    """
    if not secrets.compare_digest(token.encode(), request.state.token.encode()):
        raise HTTPException(403, "The form is older than this session; nothing was done. Load the page again.")


def own_path(path: str, root: str) -> str:
    """A path of the desk to go on to; its first page for anything else, so that no link leads away from it."""
    plain = path.startswith("/") and not path.startswith("//")
    return path if plain and path.isprintable() and "\\" not in path else f"{root}/"


def _headers(access: Access) -> list[tuple[bytes, bytes]]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
        f" worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {access.framed}"
    )
    said = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    return [(name.encode(), value.encode()) for name, value in said.items()]


def _from_here(headers: Headers, host: str) -> bool:
    """Whether a form is one of ours, by what browsers say of where it was; programs that say nothing have the token."""
    if "origin" in headers:
        scheme, _, place = headers["origin"].lower().partition("://")
        return scheme in ("http", "https") and place == host.lower()
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
