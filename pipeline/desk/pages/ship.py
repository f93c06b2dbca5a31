"""One ship: who she was in time, where and with whom, and whether she was in North Korea before a day."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pandas import Timestamp

from pipeline.desk import calendar, network, timeline
from pipeline.desk.pages import Page
from pipeline.desk.pages.claims import day_of
from pipeline.desk.view import settings_of, show
from pipeline.judgement.screening import CALLED, MET, MET_POSSIBLE, POSSIBLE
from pipeline.pictures.timeline import Draught, Span
from pipeline.plain import Record
from pipeline.publish import alert_words
from pipeline.tasks.home import read_zones
from pipeline.tasks.one_ship import DAYS, ship_page

router = APIRouter()
PAGE = Page(router)
_AS_SPANS = {"port_call": "call", "loitering": "waiting", "identity_change": "doubt"}
_MARKED = {CALLED: "yes", MET: "yes", POSSIBLE: "perhaps", MET_POSSIBLE: "perhaps"}  # the style of an answer
_LONGEST = pd.Timedelta(days=400)
_MOST_EVENTS = 300


@router.get("/ships/{vessel_id}", name="ship")
def ship(
    request: Request,
    vessel_id: str,
    as_of: Annotated[str, Query(max_length=10)] = "",
    days: Annotated[int, Query(ge=1, le=36_525)] = DAYS,
    year: Annotated[int | None, Query(ge=1970, le=2200)] = None,
) -> Response:
    """One ship, screened as of a day."""
    page = ship_page(settings_of(request), vessel_id, day_of(as_of), days)
    last_day = page["searched"]["ais"]["to_day"] or page["vessel"]["to_at"][:10]
    years = calendar.years_of(page) or [int(last_day[:4])]
    chosen = year if year in years else years[0]
    window = _window(page)
    draughts = [Draught(Timestamp(one["changed_by"]), one["draught_after_m"]) for one in page["draughts"]]
    return show(
        request,
        "ship.html",
        ship=page,
        hull=page["vessel"],
        words=alert_words,
        screened=page["screened"],
        marked=_MARKED.get(page["screened"]["answer"], ""),
        as_of=page["as_of"],
        days=days,
        line=timeline.drawn(_spans(page), draughts, window),
        years=years,
        year=chosen,
        calendar=calendar.year_of(page, chosen, last_day),
        network=network.network_of(page["ties"]),
        events=page["events"][-_MOST_EVENTS:][::-1],
        more_events=max(0, len(page["events"]) - _MOST_EVENTS),
        data=page["searched"]["ais"],
    )


def _window(page: Record) -> tuple[Timestamp, Timestamp]:
    """All the time in which she was heard, of more than a year the last of it."""
    first, last = Timestamp(page["vessel"]["from_at"]), Timestamp(page["vessel"]["to_at"])
    return max(first, last - _LONGEST).floor("D"), (last + pd.Timedelta(seconds=1)).ceil("D")


def _spans(page: Record) -> list[Span]:
    zones = read_zones()
    names = dict(zip(zones.ids, zones.frame["name"], strict=True))
    spans = timeline.identity_spans(page["identities"])
    spans += [
        Span(_AS_SPANS[one["event_table"]], Timestamp(one["from_at"]), _end(one["to_at"]), _told(one, names))
        for one in page["events"]
        if one["event_table"] in _AS_SPANS and one["from_at"]
    ]
    spans += [
        Span("meeting", Timestamp(one["from_at"]), _end(one["to_at"]), one["other_name"] or f"MMSI {one['other_mmsi']}")
        for one in page["ties"]
        if one["tie"] == "met"
    ]
    spans += [
        Span(one["reception"], Timestamp(one["began_at"]), _end(one["ended_at"]), _hours(one)) for one in page["gaps"]
    ]
    return spans


def _told(event: Record, names: dict[str, str]) -> str:
    """Where an event was, or else what it was."""
    return str(names.get(event["place"], event["place"]) or event["sentence"])


def _hours(gap: Record) -> str:
    return f"{gap['hours']:.0f} h" if gap["hours"] is not None else "still silent"


def _end(moment: str | None) -> Timestamp | None:
    return Timestamp(moment) if moment else None
