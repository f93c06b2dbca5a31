"""The queue: what a person should read today. All of a view is in its address, so that it can be kept and sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from pipeline.desk.pages import Page
from pipeline.desk.view import path_of, settings_of, show
from pipeline.tasks.alert_pages import MOST, Asked, Remembered, alert_page, key_text, read_key
from pipeline.tasks.reports import waiting

router = APIRouter()
PAGE = Page(router, title="Queue", route="queue", order=10)

# What a row may show beside the headline, and what it shows unless a person chooses.
COLUMNS = {
    "ship": "Ship", "grade": "Grade", "score": "Score", "pattern": "Pattern", "began": "Began", "ended": "Ended",
    "from": "From", "to": "To", "claims": "Claims", "raised": "First raised", "decision": "Decision", "terms": "Terms",
}  # fmt: skip
SHOWN = ("ship", "grade", "score", "began", "claims", "decision")
_SEVERAL = ("pattern", "grade", "claim", "port", "source")
_SIZE = 50

Several = Annotated[list[str], Query()]


@router.get("/", name="queue")
def queue(
    request: Request,
    q: str = "",
    status: str = "waiting",
    pattern: Several = [],  # noqa: B006
    grade: Several = [],  # noqa: B006
    claim: Several = [],  # noqa: B006
    port: Several = [],  # noqa: B006
    source: Several = [],  # noqa: B006
    since: str = "",
    until: str = "",
    col: Several = [],  # noqa: B006
    after: str = "",
    decided: str = "",
) -> Response:
    """Alerts to be read today, or those that a person asks for, a page at a time."""
    settings = settings_of(request)
    several = {"pattern": pattern, "grade": grade, "claim": claim, "port": port, "source": source}
    chosen = {name: tuple(filter(None, values)) for name, values in several.items()}
    asked = Asked(status, q, **chosen, since=since, until=until)
    answer = alert_page(
        settings, asked, now=datetime.now(UTC), after=read_key(after), size=_SIZE, remembered=_remembered(request),
        decided=decided,
    )  # fmt: skip
    columns = [name for name in COLUMNS if name in (col or SHOWN)]
    view = _view(asked, columns if col else [])
    return show(
        request,
        "queue.html",
        asked=asked,
        answer=answer,
        columns={name: COLUMNS[name] for name in columns},
        every_column=COLUMNS,
        filters=[(name, name.capitalize(), answer.choices[name], chosen[name]) for name in _SEVERAL],
        is_filtered=bool(asked != Asked(status)),
        counts={name: f"{MOST}+" if count > MOST else str(count) for name, count in answer.counts.items()},
        view=view,
        next_page=_link(request, [*view, ("after", key_text(answer.page.after))]) if answer.page.after else None,
        first_page=_link(request, view) if after else None,
        waiting_days=waiting(settings),
        here_now=_link(request, view),
    )


def _view(asked: Asked, columns: list[str]) -> list[tuple[str, str]]:
    """What makes a view, as the address holds it; what nobody chose is left out."""
    one = {"status": "" if asked.status == "waiting" else asked.status, "q": asked.text.strip()}
    one |= {"since": asked.since, "until": asked.until}
    several = [(name, value) for name in _SEVERAL for value in getattr(asked, name)]
    return [*((name, value) for name, value in one.items() if value), *several, *(("col", name) for name in columns)]


def _link(request: Request, view: list[tuple[str, Any]]) -> str:
    return path_of(request, "queue") + (f"?{urlencode(view)}" if view else "")


def _remembered(request: Request) -> Remembered:
    state = request.app.state
    if not hasattr(state, "remembered"):
        state.remembered = Remembered()
    kept: Remembered = state.remembered
    return kept
