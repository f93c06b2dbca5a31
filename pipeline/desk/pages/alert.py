"""One alert in full, on a map and along a line of time."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pandas import Timestamp

from pipeline import contracts as c
from pipeline.desk import alert_map, timeline, weights
from pipeline.desk.pages import Page
from pipeline.desk.view import settings_of, show
from pipeline.errors import InputError
from pipeline.pack.drawings import timeline_of
from pipeline.pack.report import coverage_of
from pipeline.pictures.map import Box
from pipeline.publish import alert_words
from pipeline.tasks import one_alert
from pipeline.tasks.home import read_zones
from pipeline.tasks.sign_off import signed_off
from pipeline.warehouse.around import NAMED

router = APIRouter()
PAGE = Page(router)
_KEYS = {table.name: table.key[0] for table in NAMED}
_CARGO = "What she may have carried, if it was coal"


@router.get("/alerts/{alert_id}", name="alert")
def alert(request: Request, alert_id: str) -> Response:
    """One alert: where she was, what happened when, what speaks for it and against it."""
    page = one_alert.alert_page(settings_of(request), alert_id)
    row, tables = page["alert"], page["tables"]
    line = timeline_of(tables, row)
    spans = [*timeline.identity_spans(tables[c.VESSEL_IDENTITY.name]), *line.spans]
    shaded = Timestamp(row["began_at"]), Timestamp(row["ended_at"])
    zones = {one["zone_id"]: one["name"] for one in tables[c.ZONE.name]}
    return show(
        request,
        "alert.html",
        report=page,
        alert=row,
        words=alert_words,
        calibrated=alert_words.calibrated(page["calibration"]),
        cargo=[one for one in alert_words.further_sections(page) if one.title == _CARGO],
        line=timeline.drawn(spans, line.draughts, line.window, shaded),
        weights=weights.weighed(page["evidence"], tables, _KEYS),
        verdicts=page["verdicts"],
        coverage=coverage_of(tables, row, zones),
        has_track=bool(page["track"]),
        track=page["track"],
        silences=alert_words.silences(tables[c.AIS_GAP.name], row),
        zone_names=zones,
        signed_off=signed_off(settings_of(request), row["alert_id"]),
    )


@router.get("/alerts/{alert_id}/map.json", name="alert_map")
def layers(request: Request, alert_id: str) -> Response:
    """What the map of an alert draws at first."""
    page = one_alert.alert_page(settings_of(request), alert_id)
    return JSONResponse(alert_map.alert_layers(page, read_zones()))


@router.get("/alerts/{alert_id}/areas.json", name="alert_areas")
def areas(request: Request, alert_id: str) -> Response:
    """The waters that her silences allow: they take a second to find."""
    page = one_alert.alert_page(settings_of(request), alert_id)
    silences = one_alert.possible_areas(page["tables"], page["alert"])
    return JSONResponse(alert_map.areas_layer((one, one_alert.moments_of(one)) for one in silences))


@router.get("/alerts/{alert_id}/others.json", name="alert_others")
def others(request: Request, alert_id: str) -> Response:
    """Who else was heard around her then."""
    settings = settings_of(request)
    page = one_alert.alert_page(settings, alert_id)
    row, tables = page["alert"], page["tables"]
    seen = alert_map.alert_view(page, read_zones())
    if seen is None:
        return JSONResponse({"ships": [], "own": [], "left_out": 0, "days": 0, "of_days": 0})
    first, last = one_alert.shown_hours(row, tables)
    heard = one_alert.heard_around(settings, row["mmsi"], _box(seen), first, last)
    return JSONResponse(alert_map.others_layer(heard) | {"days": len(heard["days"]), "of_days": len(heard["of_days"])})


@router.get("/alerts/{alert_id}/{name}.svg", name="alert_picture")
def picture(request: Request, alert_id: str, name: str) -> Response:
    """A picture of an alert for print: map, origin, destination or timeline."""
    return Response(_drawn(request, alert_id, name, png=False), media_type="image/svg+xml")


@router.get("/alerts/{alert_id}/{name}.png", name="alert_print")
def print_quality(request: Request, alert_id: str, name: str) -> Response:
    """The same as PNG, 300 dots an inch."""
    return Response(_drawn(request, alert_id, name, png=True), media_type="image/png")


def _drawn(request: Request, alert_id: str, name: str, *, png: bool) -> Any:
    settings = settings_of(request)
    pictures = one_alert.alert_pictures(settings, one_alert.alert_page(settings, alert_id), png=png)
    found = next((one for one in pictures if one.name.endswith(f"-{name}.svg")), None)
    if found is None:
        raise InputError(f"alert {alert_id} has no picture {name}; expected one of {_names(pictures)}")
    return found.content


def _names(pictures: Any) -> str:
    return ", ".join(one.name.rpartition("-")[2].removesuffix(".svg") for one in pictures)


def _box(view: Box) -> tuple[float, float, float, float]:
    return view.west, view.south, view.east, view.north
