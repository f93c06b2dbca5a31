"""Filling templates: addresses, moments, and texts from outside that must do nothing on a page."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.publish.alert_words import NOTE

if TYPE_CHECKING:
    from pipeline.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"


def show(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page from a template of `templates/`.

    Beside `values` a template has `person`, `token`, `navigation`, `path_to(route, **parameters)`, `static(name)` and
    the helpers of pages; every text is escaped, and control and direction marks in it are blanks.
    """

    def path_to(route: str, **parameters: Any) -> str:
        return path_of(request, route, **parameters)

    html = _environment().get_template(template).render(
        person=getattr(request.state, "person", None),
        signs_in=request.app.state.access.users is not None,
        provider=request.app.state.access.provider,
        token=getattr(request.state, "token", ""),
        navigation=request.app.state.navigation,
        here=request.url.path,
        path_to=path_to,
        static=lambda name: path_of(request, "static", path=name),
        **{name: partial(help, request) for name, help in request.app.state.helpers.items()},
        **values,
    )  # fmt: skip
    return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def path_of(request: Request, route: str, **parameters: Any) -> str:
    """The path of a named route, wherever the desk is mounted."""
    path = request.app.url_path_for(route, **parameters)
    return f"{request.scope.get('root_path', '').rstrip('/')}{path}"


def settings_of(request: Request) -> Settings:
    """The settings of the home that this desk shows."""
    settings: Settings = request.app.state.settings
    return settings


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"], environment.filters["day"] = _moment, _day
    environment.globals["NOTE"] = NOTE
    return environment


def _harmless(value: Any) -> Any:
    """A text without control characters and marks that turn the direction of what follows; null is nothing."""
    if value is None:
        return ""
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in value)


def _day(value: str | None) -> Markup:
    """The day of a time of `pipeline.plain`, as an element that does not break."""
    return Markup("<time>{}</time>").format(value[:10]) if value else Markup("")


def _moment(value: str | None) -> Markup:
    """A time of `pipeline.plain` to the minute, as an element that says it in full."""
    if not value:
        return Markup("")
    shown = value[:16].replace("T", " ")
    return Markup('<time datetime="{}">{}</time>').format(value, shown)
