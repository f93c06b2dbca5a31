"""Claims of published articles: the sentences, their verdicts, and what speaks for and against each."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from pipeline.days import FIRST_YEAR, LAST_YEAR
from pipeline.desk.pages import Page
from pipeline.desk.view import settings_of, show
from pipeline.desk.windows import axis_of
from pipeline.errors import InputError
from pipeline.tasks.one_claim import claim_page, claims_page

router = APIRouter()
PAGE = Page(router, title="Claims", route="claims", order=30)
_ADDRESS = re.compile(r"https?://[^\s,;()]+")
AsOf = Annotated[str, Query(max_length=10)]


@router.get("/claims", name="claims")
def claims(request: Request, as_of: AsOf = "") -> Response:
    """Every claim with its verdict in each window."""
    return show(request, "claims.html", articles=claims_page(settings_of(request), day_of(as_of)), as_of=as_of)


@router.get("/claims/{claim_id:path}", name="claim")
def claim(request: Request, claim_id: str, as_of: AsOf = "") -> Response:
    """One claim in full."""
    page = claim_page(settings_of(request), claim_id, day_of(as_of))
    addresses = {one["observation_id"]: _ADDRESS.findall(one["source"]) for one in page["observations"]}
    return show(request, "claim.html", page=page, axis=axis_of(page), as_of=as_of, addresses=addresses)


def day_of(text: str) -> datetime | None:
    """The UTC day that was asked for; None where none was.

    raises  InputError for what is no day, or one of a year that nothing here can speak of
    """
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        day = datetime.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        wanted = f"expected a UTC day of the years {FIRST_YEAR} to {LAST_YEAR}, like 2018-06-30"
        raise InputError(f'as of "{text[:20]}": {wanted}')
    return day
