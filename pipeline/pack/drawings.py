"""From the tables of a pack to its pictures: a map and a timeline of each alert, and close-ups of both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from pandas import DataFrame, Timestamp

from geo.coast import ATTRIBUTION, land_within
from geo.zones import Zones
from pipeline import contracts as c
from pipeline.pack.tables import Tables
from pipeline.pictures.canvas import as_svg
from pipeline.pictures.map import Box, Mark, Shape, box_around, draw_map
from pipeline.pictures.timeline import Draught, Span, draw_timeline
from pipeline.plain import Record
from pipeline.publish.notices import NOTE

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Render = Callable[[Any, str, str], Any]
_CLOSE_DEG = 0.22
_FAR_DEG = 20.0
_COAST = f"{ATTRIBUTION}."
_ROOM = pd.Timedelta(days=3)
_WIDEST_ZONE_DEG2 = 3.0  # waters of a whole country would hide what lies in them


class Picture(NamedTuple):
    """A picture: its name in the pack, what it is called, and what it is drawn as: the text of an SVG, or bytes of a
    PNG."""

    name: str
    caption: str
    content: Any


def pictures_of(
    tables: Tables,
    alert: Record,
    zones: Zones,
    sources: str,
    areas: Sequence[BaseGeometry] = (),
    render: Render = as_svg,
) -> list[Picture]:
    """The pictures of one alert.

    sources  where positions come from, a sentence
    areas    waters that her silences allow, shaded on the map
    render   what they are drawn as: SVG, or `canvas.as_png`
    """
    track = with_silences(tables, alert)
    foot = [_COAST, sources, NOTE]
    ship = alert["vessel_name"] or f"MMSI {alert['mmsi']}"
    name = f"pictures/{alert['alert_id']}"

    def mapped(which: str, title: str, box: Box) -> Picture:
        return _map(f"{name}-{which}.svg", title, box, tables, alert, track, zones, foot, areas, render)

    drawn = []
    if len(track):
        drawn.append(mapped("map", f"AIS-reported track of {ship}", shown_box(track, alert, zones)))
        for which, zone_id in (("origin", alert["origin_zone_id"]), ("destination", alert["destination_zone_id"])):
            place = _middle(zones, zone_id)
            if place is not None and _near(track, place):
                close = box_around([place[0]], [place[1]], _CLOSE_DEG)
                drawn.append(mapped(which, f"{_called(tables, zone_id)}: {ship}, close up", close))
    drawn.append(_timeline(f"{name}-timeline.svg", f"Timeline of {ship}", tables, alert, [sources, NOTE], render))
    return drawn


def shown_box(track: DataFrame, alert: Record, zones: Zones) -> Box:
    """What the map of an alert shows: its track, and the ports that it names where they are near enough."""
    ends = [_middle(zones, alert[name]) for name in ("origin_zone_id", "destination_zone_id")]
    shown = [
        *zip(track["longitude"], track["latitude"], strict=True),
        *(one for one in ends if one and _is_within(track, one)),
    ]
    return box_around([x for x, _ in shown], [y for _, y in shown])


def with_silences(tables: Tables, alert: Record) -> DataFrame:
    """The points of an alert's track in order of time (timestamp, longitude, latitude, motion, zone_id); those between
    which she was silent for as long as a gap lasts have the motion `silence`. A track over the 180th meridian goes on
    beyond 180 degrees, so that it is one line on a map."""
    rows = [row for row in tables[c.ALERT_TRACK.name] if row["alert_id"] == alert["alert_id"]]
    track = DataFrame(rows, columns=c.ALERT_TRACK.names).sort_values("sequence", ignore_index=True)
    track["timestamp"] = pd.to_datetime(track["timestamp"], utc=True, format="ISO8601")
    track["longitude"] = np.unwrap(track["longitude"].to_numpy("float64"), period=360)
    until = track["timestamp"].shift(-1)
    for gap in _of_ship(tables, c.AIS_GAP, alert):
        began, ended = Timestamp(gap["began_at"]), Timestamp(gap["ended_at"]) if gap["ended_at"] else None
        held = (track["timestamp"] < (ended or until.max())) & (until > began)
        both = pd.concat([track["timestamp"].clip(lower=began), until.clip(upper=ended) if ended else until], axis=1)
        share = (both.iloc[:, 1] - both.iloc[:, 0]) / (until - track["timestamp"])
        track.loc[held & (share > 0.5), "motion"] = "silence"
    return track


def _map(
    name: str,
    title: str,
    box: Box,
    tables: Tables,
    alert: Record,
    track: DataFrame,
    zones: Zones,
    foot: list[str],
    areas: Sequence[BaseGeometry],
    render: Render,
) -> Picture:
    seen = shapely.box(*box)
    spoken = spoken_of(tables, alert)
    shapes = [
        Shape(outline, _called(tables, zone_id), zone_id in spoken)
        for zone_id, outline, margin in zip(zones.ids, zones.outlines, zones.is_margin, strict=True)
        if not margin and outline.area < _WIDEST_ZONE_DEG2 and outline.intersects(seen)
    ]
    marks = [
        one
        for one in marks_of(tables, alert, track)
        if box.west < one.longitude < box.east and box.south < one.latitude < box.north
    ]
    svg = draw_map(box, track, land_within(seen), shapes, marks, title=title, foot=foot, areas=areas, render=render)
    return Picture(name, title, svg)


def spoken_of(tables: Tables, alert: Record) -> set[str | None]:
    """The zones that an alert names, and those of its ship's calls."""
    return {alert["origin_zone_id"], alert["destination_zone_id"]} | {
        row[column]
        for row in _of_ship(tables, c.PORT_CALL, alert)
        for column in ("zone_id", "berth_zone_id")
    }  # fmt: skip


def marks_of(tables: Tables, alert: Record, track: DataFrame) -> Iterable[Mark]:
    """Calls, silences and meetings of the alert's own time, and what its evidence rests on."""
    evidence = {row["event_id"] for row in tables[c.ALERT_EVIDENCE.name] if row["alert_id"] == alert["alert_id"]}
    first, last = (Timestamp(alert[name]) for name in ("began_at", "ended_at"))
    first = min([first, *track["timestamp"]])

    def happened(table: c.Table) -> Iterable[Record]:
        for row in _of_ship(tables, table, alert):
            began, ended = (row[name] for name in table.span)
            meanwhile = Timestamp(began) <= last and (ended is None or Timestamp(ended) >= first)
            if meanwhile or row[table.key[0]] in evidence:
                yield row

    for row in happened(c.PORT_CALL):
        if row["stop_longitude"] is not None:
            where = _called(tables, row["berth_zone_id"] or row["zone_id"]) or row["port"]
            yield Mark(row["stop_longitude"], row["stop_latitude"], f"{where}, {_day(row['arrived_by'])}", "call")
    for row in happened(c.AIS_GAP):
        yield Mark(row["off_longitude"], row["off_latitude"], f"silent from {_moment(row['began_at'])}", "silence")
        if row["on_longitude"] is not None:
            yield Mark(row["on_longitude"], row["on_latitude"], f"heard again {_moment(row['ended_at'])}", "silence")
    for row in happened(c.ENCOUNTER):
        if row["longitude"] is not None:
            yield Mark(row["longitude"], row["latitude"], f"met MMSI {_other(row, alert)}", "meeting")


def _timeline(name: str, title: str, tables: Tables, alert: Record, foot: list[str], render: Render) -> Picture:
    line = timeline_of(tables, alert)
    shaded = Timestamp(alert["began_at"]), Timestamp(alert["ended_at"])
    drawn = draw_timeline(line.spans, line.draughts, line.window, shaded, title=title, foot=foot, render=render)
    return Picture(name, title, drawn)


class Timeline(NamedTuple):
    """What a timeline shows, and from when to when, [begin, end) in UTC."""

    spans: list[Span]
    draughts: list[Draught]
    window: tuple[Timestamp, Timestamp]


def timeline_of(tables: Tables, alert: Record) -> Timeline:
    """Calls, silences, meetings and draughts of an alert's ship around it."""
    began, ended = Timestamp(alert["began_at"]), Timestamp(alert["ended_at"])
    calls = _of_ship(tables, c.PORT_CALL, alert)
    spans = [
        Span("call", Timestamp(row["arrived_by"]), _end(row["departed_by"]),
             _called(tables, row["berth_zone_id"] or row["zone_id"]) or row["port"])
        for row in calls
    ]  # fmt: skip
    spans += [
        Span(row["reception"], Timestamp(row["began_at"]), _end(row["ended_at"]), _silence(row))
        for row in _of_ship(tables, c.AIS_GAP, alert)
    ]
    spans += [
        Span("meeting", Timestamp(row["began_at"]), _end(row["ended_at"]), _met(row, alert))
        for row in _of_ship(tables, c.ENCOUNTER, alert)
    ]
    draughts = [
        Draught(Timestamp(row["changed_by"]), row["draught_after_m"])
        for row in _of_ship(tables, c.DRAUGHT_CHANGE, alert)
    ]
    draughts += [
        Draught(max(Timestamp(row["arrived_by"]), began - _ROOM), row["draught_in_m"])
        for row in calls
        if row["draught_in_m"] is not None
    ]
    rests_from, rests_to = _rests_on(tables, alert)
    last = max(ended + _ROOM, min(rests_to, ended + 4 * _ROOM))
    shown = [one.began_at for one in spans if one.began_at < last]
    first = max(min([began, rests_from, *shown]) - pd.Timedelta(hours=12), began - 4 * _ROOM)
    return Timeline(spans, draughts, (first.floor("D"), last.ceil("D")))


def _rests_on(tables: Tables, alert: Record) -> tuple[Timestamp, Timestamp]:
    """Begin and end of what the evidence of an alert rests on: she may land her cargo days after she arrived."""
    named = {(row["event_table"], row["event_id"]) for row in tables[c.ALERT_EVIDENCE.name]
             if row["alert_id"] == alert["alert_id"]}  # fmt: skip
    moments = [
        Timestamp(row[name])
        for table in c.EVENTS
        for row in tables[table.name]
        if (table.name, row[table.key[0]]) in named
        for name in table.span
        if row[name] is not None
    ]
    moments += [Timestamp(alert["began_at"]), Timestamp(alert["ended_at"])]
    return min(moments), max(moments)


def _met(row: Record, alert: Record) -> str:
    """The other ship of a meeting, and the ordinary cause that it had, if one is known."""
    context = f" ({row['context'].replace('_', ' ')})" if row["context"] else ""
    return f"MMSI {_other(row, alert)}{context}"


def _silence(row: Record) -> str:
    hours = "still silent" if row["hours"] is None else f"{row['hours']:.0f} h"
    if not row["hours_tested"]:
        return f"{hours}; reception not tested"
    return f"{hours}; others heard in {row['hours_heard']} of {row['hours_tested']} h tested"


def _of_ship(tables: Tables, table: c.Table, alert: Record) -> list[Record]:
    """Rows of events in which the alert's own ship is a party, in order of time."""
    rows = [row for row in tables[table.name] if alert["mmsi"] in [row[name] for name in table.ships]]
    return sorted(rows, key=lambda row: (row[table.span[0]], row[table.key[0]]))


def _other(row: Record, alert: Record) -> int | None:
    return row["other_mmsi"] if row["mmsi"] == alert["mmsi"] else row["mmsi"]


def _called(tables: Tables, zone_id: str | None) -> str:
    return next((row["name"] for row in tables[c.ZONE.name] if row["zone_id"] == zone_id), zone_id or "")


def _middle(zones: Zones, zone_id: str | None) -> tuple[float, float] | None:
    if zone_id not in zones.ids:
        return None
    place = zones.outlines[zones.ids.index(zone_id)].representative_point()
    return place.x, place.y


def _is_within(track: DataFrame, place: tuple[float, float]) -> bool:
    """Whether a port that the alert names, and where she was perhaps not seen, is near enough to be on one map."""
    x, y = track["longitude"], track["latitude"]
    return bool(max(x.max(), place[0]) - min(x.min(), place[0]) < _FAR_DEG
                and max(y.max(), place[1]) - min(y.min(), place[1]) < _FAR_DEG)  # fmt: skip


def _near(track: DataFrame, place: tuple[float, float]) -> bool:
    return bool(((track["longitude"] - place[0]).abs() < _CLOSE_DEG).to_numpy().any()
                and ((track["latitude"] - place[1]).abs() < _CLOSE_DEG).to_numpy().any())  # fmt: skip


def _end(moment: str | None) -> Timestamp | None:
    return Timestamp(moment) if moment else None


def _day(moment: str) -> str:
    return f"{Timestamp(moment):%-d %b}"


def _moment(moment: str) -> str:
    return f"{Timestamp(moment):%-d %b %H:%M}"
