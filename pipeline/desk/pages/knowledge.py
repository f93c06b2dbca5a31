"""Who was heard where, and what this home judges by: coverage, zones, law, sources and lists, runs and the plan."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from pipeline.desk import alert_map
from pipeline.desk.pages import Page
from pipeline.desk.pages.claims import day_of
from pipeline.desk.view import settings_of, show
from pipeline.pictures.map import Box
from pipeline.plain import Record
from pipeline.tasks import shown_knowledge
from pipeline.tasks.home import read_zones

router = APIRouter()
PAGE = Page(router, title="Coverage", route="coverage", order=40)
_SEEN = Box(117.0, 32.0, 132.5, 43.0)  # the Yellow Sea and both coasts of Korea
_CELL = 13


@router.get("/coverage", name="coverage")
def coverage(request: Request, last: Annotated[str, Query(max_length=10)] = "") -> Response:
    """Who was heard where, day by day; outages of reception, and days held back."""
    day = day_of(last)
    page = shown_knowledge.coverage_page(settings_of(request), f"{day:%Y-%m-%d}" if day else None)
    held = {row["day"] for row in page["held_back"]}
    return show(request, "coverage.html", page=page, grid=_grid(page, held), held=held, last=last)


@router.get("/coverage/cells.json", name="coverage_cells")
def cells(request: Request, day: Annotated[str, Query(max_length=10)]) -> Response:
    """Who was heard where on a day, cell by cell."""
    asked = day_of(day)
    heard = shown_knowledge.heard_cells(settings_of(request), f"{asked:%Y-%m-%d}") if asked else []
    return JSONResponse(alert_map.cells_map(_SEEN, read_zones(), heard))


@router.get("/zones", name="zones")
def zones(request: Request) -> Response:
    """The partition of the sea, on a map and as a table."""
    return show(request, "zones.html", zones=shown_knowledge.zones_page(settings_of(request)))


@router.get("/zones/map.json", name="zones_map")
def zones_map(request: Request) -> Response:
    """What the map of zones draws."""
    loading = {one["zone_id"] for one in shown_knowledge.zones_page(settings_of(request)) if one["loads_coal"]}
    return JSONResponse(alert_map.zones_alone(_SEEN, read_zones(), loading))


@router.get("/law", name="law")
def law(request: Request) -> Response:
    """Each measure, and from when to when it was in force."""
    measures = shown_knowledge.law_page(settings_of(request))
    return show(request, "law.html", measures=measures, bars=_in_force(measures), years=_YEARS)


@router.get("/sources", name="sources")
def sources(request: Request) -> Response:
    """Where data comes from, sanctions lists and their editions."""
    return show(request, "sources.html", page=shown_knowledge.sources_page(settings_of(request)))


@router.get("/runs", name="runs")
def runs(request: Request) -> Response:
    """What was run, and what is left to do, with its reasons."""
    return show(request, "runs.html", page=shown_knowledge.runs_page(settings_of(request)))


def _grid(page: Record, held: set[str]) -> Record:
    """A row a zone, a square a day: `rows` (name, country, cells: x, shade, words), `ticks`, `width`."""
    place = {day: n * (_CELL + 2) for n, day in enumerate(page["days"])}
    rows = []
    for row in page["rows"]:
        cells = [
            {
                "x": place[day],
                "shade": min(4, int(share * 5)) if share else 0,
                "words": f"{row['name']}, {day}: heard in {share:.0%} of the hours, {row['ships'][day]} ships"
                + ("; held back" if day in held else ""),
            }
            for day, share in row["share"].items()
            if day in place
        ]
        rows.append({"name": row["name"], "country": row["country"], "cells": cells, "mean": _mean(row["share"])})
    ticks = [{"x": x, "label": f"{date.fromisoformat(day):%-d %b}"} for day, x in place.items()][::7]
    return {"rows": rows, "ticks": ticks, "width": len(place) * (_CELL + 2) + 30, "size": _CELL}


def _mean(shares: dict[str, float]) -> float:
    return sum(shares.values()) / len(shares)


_FIRST, _LAST = datetime(2006, 1, 1), datetime(2027, 1, 1)
_YEARS = [
    {"x": round(100 * (datetime(year, 1, 1) - _FIRST) / (_LAST - _FIRST), 2), "label": str(year)}
    for year in range(2006, 2027, 2)
]


def _in_force(measures: list[Record]) -> list[Record]:
    """Each measure as a bar from when to when it was in force, per cent of the years from 2006 on."""
    bars = []
    for n, one in enumerate(measures):
        began = max(_FIRST, datetime.fromisoformat(one["from_at"][:10]))
        ended = min(_LAST, datetime.fromisoformat(one["to_at"][:10])) if one["to_at"] else _LAST
        x, end = ((at - _FIRST) / (_LAST - _FIRST) for at in (began, ended))
        bars.append({
            "x": round(100 * max(0.0, x), 2), "width": round(100 * max(0.003, end - max(0.0, x)), 2), "y": 6 + 30 * n,
            "label": f"{one['authority']}: {one['measure_id']}", "effect": one["effect"], "late": x > 0.6,
            "words": f"{one['instrument']}: {one['title']}",
        })  # fmt: skip
    return bars
