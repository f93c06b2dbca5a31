"""Signing in with an OpenID Connect provider: to it, and back."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from pipeline.desk.access import Access
from pipeline.desk.pages import Page
from pipeline.desk.pages.sign_in import signed_in
from pipeline.desk.provider import Provider, Refused
from pipeline.desk.security import own_path
from pipeline.desk.view import path_of, show

router = APIRouter()
PAGE = Page(router)
_COOKIE = "coalwatch_sign_in"


@router.get("/sign-in/provider", name="to_provider")
def go(request: Request, next: str = "") -> Response:
    """Send the browser to the provider."""
    provider = _provider(request)
    key, address = provider.begin(_callback(request), next, datetime.now(UTC))
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        _COOKIE, key, max_age=600, httponly=True, samesite="lax", secure=request.url.scheme == "https",
        path=path_of(request, "to_provider"),
    )  # fmt: skip
    return answer


@router.get("/sign-in/provider/back", name="from_provider")
def back(request: Request) -> Response:
    """Take the provider's answer, and begin a session for whoever is a user here."""
    access: Access = request.app.state.access
    provider, now = _provider(request), datetime.now(UTC)
    # Tries are not counted: there is nothing to guess, and other sites could use up those of whoever visits them.
    try:
        given = dict(request.query_params)
        name, to = provider.finish(request.cookies.get(_COOKIE), given, _callback(request), now)
        person = access.users.of_provider(name) if access.users else None
        if person is None:
            raise Refused(f"{name[:64]} is no user of this desk. An admin can add you.")
    except Refused as error:
        answer = show(request, "sign_in.html", status=401, next="", draft={}, wrong=str(error))
    else:
        answer, _ = signed_in(request, person.name, own_path(to, request.scope.get("root_path", "")), now)
    answer.delete_cookie(_COOKIE, path=path_of(request, "to_provider"))
    return answer


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.access.provider
    if provider is None:
        raise HTTPException(404, "Nobody signs in here with a provider.")
    return provider


def _callback(request: Request) -> str:
    """Where the provider sends browsers back to: under a name of ours, as `security.Guard` has seen."""
    return f"{request.url.scheme}://{request.headers['host']}{path_of(request, 'from_provider')}"
