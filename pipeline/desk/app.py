"""The desk as an application: its pages, its files, and what every answer carries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from pipeline.desk.access import Access, local_access
from pipeline.desk.pages import Page
from pipeline.desk.security import Guard
from pipeline.desk.view import path_of, show
from pipeline.discovery import Room
from pipeline.errors import CoalwatchError, InputError, NotReady

if TYPE_CHECKING:
    from pipeline.settings import Settings

PAGES = Room("pipeline.desk.pages", "pages", "PAGE")
_STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings, access: Access | None = None) -> FastAPI:
    """The desk of a home, ready to be served or mounted.

    access  who may do what; None: whoever sits at this machine, everything
    """
    app = FastAPI(title="coalwatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.access = settings, access or local_access()
    pages: list[Page] = [PAGES.load(name) for name in PAGES.files()]
    for page in pages:
        app.include_router(page.router)
    app.state.navigation = sorted(
        (page for page in pages if page.title), key=lambda page: (page.order, page.title or "")
    )
    app.state.helpers = {name: help for page in pages for name, help in page.helpers.items()}
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_exception_handler(CoalwatchError, _refused)
    app.add_exception_handler(HTTPException, _not_answered)
    app.add_exception_handler(RequestValidationError, _not_meant)
    app.add_middleware(Guard, access=app.state.access)
    return app


def _refused(request: Request, error: Exception) -> Response:
    is_address = isinstance(error, InputError) and not isinstance(error, NotReady)
    if is_address:
        return _told(request, 404, str(error))
    query = request.url.query
    again = request.url.path + (f"?{query}" if query else "") if request.method == "GET" else path_of(request, "queue")
    return _told(request, 503, str(error), again=again)


def _not_answered(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(request, error.status_code, error.detail)


def _not_meant(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = [f"{one['loc'][-1]}: {one['msg'][:1].lower()}{one['msg'][1:]}" for one in error.errors()]
    return _told(request, 422, "; ".join(said))


def _told(request: Request, status: int, message: str, again: str | None = None) -> Response:
    return show(request, "error.html", status=status, message=message, again=again)
