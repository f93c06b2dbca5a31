"""What the map of an alert draws, as plain values for its script: land, zones, her way, what happened where.

Coordinates are longitude and latitude in degrees, rounded to about ten metres; times are seconds since 1970.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pandas import DataFrame, Timestamp

from geo.coast import ATTRIBUTION, EXTENT, land_seen
from pipeline.pack.drawings import marks_of, shown_box, spoken_of, with_silences
from pipeline.pictures.canvas import short
from pipeline.plain import one_line, plain_text

if TYPE_CHECKING:
    from geo.zones import Zones
    from pipeline.pictures.map import Box, Mark
    from pipeline.plain import Record

Feature = dict[str, Any]
MOST_POINTS = 20_000  # a map of more is slow to move without a graphics processor
_DIGITS = 4
_LABEL = 40  # letters that stand beside a mark; all of it shows where one points at it
_DOTS = 2200  # across the land that is sent, which is wider than the view
_AROUND = 0.8  # of the view's size, on each side: so far can the map be moved
_WIDEST_ZONE_DEG2 = 3.0  # the waters of a whole country would hide what lies in them


def alert_layers(page: Record, zones: Zones) -> Record:
    """Everything that the map of an alert shows at first.

    page     as `tasks.one_alert.alert_page` gives it
    returns  `view` and `most` (west, south, east, north: what is seen at first, and how far the map can be moved),
             `land`, `zones`, `names`, `legs`, `points`, `marks` (GeoJSON), `way` (seconds, longitude, latitude, whether
             she is silent from there on), `attribution`; `view` is None where there is no track
    """
    alert, tables = page["alert"], page["tables"]
    track = with_silences(tables, alert)
    if track.empty:
        return {"view": None}
    view = shown_box(track, alert, zones)
    most = wider(view)
    spoken = spoken_of(tables, alert)
    return {
        "view": list(view),
        "most": list(most),
        "land": land_layer(most),
        "zones": zone_layer(zones, most, spoken),
        "names": names_layer(zones, spoken - {None}),
        "legs": _collected(_legs(track)),
        "points": _collected(_points(track)),
        "marks": _collected(_marks(marks_of(tables, alert, track))),
        "way": [
            [_seconds(at), _round(x), _round(y), motion == "silence"]
            for at, x, y, motion in track[["timestamp", "longitude", "latitude", "motion"]].itertuples(index=False)
        ],
        "attribution": ATTRIBUTION,
    }


def zones_alone(view: Box, zones: Zones, marked: Iterable[str]) -> Record:
    """What a map of zones shows, those marked more strongly; like `alert_layers`, without a track."""
    most = wider(view)
    shown = {"land": land_layer(most), "zones": zone_layer(zones, most, marked), "names": names_layer(zones, marked)}
    return {"view": list(view), "most": list(most), "attribution": ATTRIBUTION} | shown


def cells_map(view: Box, zones: Zones, cells: Iterable[Record]) -> Record:
    """What a map of who was heard where shows: cells by the hours in which anybody was."""
    shown = []
    for one in cells:
        west, south, size = one["west"], one["south"], one["size"]
        words = f"heard in {one['hours']} of 24 hours, at most {one['vessels']} ships an hour"
        cell = shapely.box(west, south, west + size, south + size)
        shown.append(_feature(cell, {"hours": one["hours"], "words": words}))
    return zones_alone(view, zones, set()) | {"cells": _collected(shown)}


def alert_view(page: Record, zones: Zones) -> Box | None:
    """What the map of an alert shows at first; None without a track."""
    track = with_silences(page["tables"], page["alert"])
    return None if track.empty else shown_box(track, page["alert"], zones)


def areas_layer(areas: Iterable[tuple[Record, list[Record]]]) -> list[Record]:
    """The waters that silences allow.

    areas    each of `tasks.one_alert.possible_areas` with its `moments_of`
    returns  `from` and `to` (seconds; None while open), `whole` (a feature), `moments`: `at` (seconds) and `area`
    """
    return [
        {
            "from": _seconds(Timestamp(one["from_at"])),
            "to": _seconds(Timestamp(one["to_at"])) if one["to_at"] else None,
            "whole": _feature(one["area"], {"words": _allowed(one)}),
            "moments": [
                {"at": _seconds(Timestamp(at["at"])), "area": _feature(at["area"], {"words": _then(one, at)})}
                for at in moments
                if not at["area"].is_empty
            ],
        }
        for one, moments in areas
        if not one["area"].is_empty
    ]


def _then(one: Record, at: Record) -> str:
    return f"{plain_text(at['at'])} UTC: at {one['speed_kn']:.1f} kn she can have been anywhere in this water"


def _allowed(one: Record) -> str:
    silent = f"Silent for {one['hours']:.0f} h" if one["to_at"] else f"The first {one['hours']:.0f} h of her silence"
    return f"{silent}: at {one['speed_kn']:.1f} kn she can have been anywhere in this water"


def others_layer(heard: Record) -> Record:
    """Who else was heard, ship by ship: `ships` (name or MMSI, and her way as seconds, longitude, latitude), at most
    `MOST_POINTS` points in all; `left_out`, how many ships that leaves; `own`, her own way likewise."""
    points, ships, drawn = heard["points"], [], 0
    by_ship = [(mmsi, rows) for mmsi, rows in points.groupby("mmsi", sort=True)]
    for mmsi, rows in by_ship:
        if drawn + len(rows) > MOST_POINTS:
            break
        drawn += len(rows)
        ships.append(
            {"name": one_line(heard["names"].get(mmsi)) or f"MMSI {mmsi}", "mmsi": int(mmsi), "way": _way(rows)}
        )
    return {"ships": ships, "left_out": len(by_ship) - len(ships), "own": _way(heard["own"].iloc[:MOST_POINTS])}


def wider(view: Box) -> tuple[float, float, float, float]:
    """How far a map can be moved: around its first view, inside the coast that is known."""
    wide, high = _AROUND * (view.east - view.west), _AROUND * (view.north - view.south)
    west, south, east, north = EXTENT
    return (
        max(view.west - wide, min(west, view.west)),
        max(view.south - high, min(south, view.south)),
        min(view.east + wide, max(east, view.east)),
        min(view.north + high, max(north, view.north)),
    )


@lru_cache(maxsize=64)
def land_layer(box: tuple[float, float, float, float]) -> Feature:
    """The land of a box as one feature."""
    seen = (box[2] - box[0]) / _DOTS
    return _feature(land_seen(*box, seen), {})


def zone_layer(zones: Zones, box: tuple[float, float, float, float], spoken: Iterable[str | None]) -> Feature:
    """The zones of a box without their margins; those spoken of are marked."""
    named, outlines = set(spoken), np.array(zones.outlines, dtype=object)
    seen = shapely.intersects(shapely.box(*box), outlines) & (shapely.area(outlines) < _WIDEST_ZONE_DEG2)
    chosen = np.flatnonzero(seen & ~np.asarray(zones.is_margin))
    told = zones.frame.iloc[chosen][["zone_id", "name", "kind", "country"]].to_dict("records")
    shown = shapely.simplify(outlines[chosen], (box[2] - box[0]) / (2 * _DOTS))
    return _collected(
        _feature(outline, row | {"spoken": row["zone_id"] in named}) for row, outline in zip(told, shown, strict=True)
    )


def names_layer(zones: Zones, named: Iterable[str | None]) -> Feature:
    """Where the names of zones stand: once each, whatever a map cuts its outline into."""
    frame = zones.frame.set_index("zone_id")
    known = [one for one in sorted(filter(None, named)) if one in frame.index]
    at = frame.loc[known, ["name", "longitude", "latitude"]]
    return _collected(_feature(shapely.Point(x, y), {"name": name}) for name, x, y in at.itertuples(index=False))


def _legs(track: DataFrame) -> Iterable[Feature]:
    """Her way as lines, each as long as she was heard, or silent, in one."""
    rows = list(track[["longitude", "latitude", "motion"]].itertuples(index=False))
    line: list[tuple[float, float]] = []
    for one, other in pairwise(rows):
        silent = one.motion == "silence"
        if silent:
            if len(line) > 1:
                yield _feature(shapely.LineString(line), {"silent": False})
            yield _feature(shapely.LineString([one[:2], other[:2]]), {"silent": True})
            line = []
        else:
            line = [*(line or [one[:2]]), other[:2]]
    if len(line) > 1:
        yield _feature(shapely.LineString(line), {"silent": False})


def _points(track: DataFrame) -> Iterable[Feature]:
    for at, x, y in track[["timestamp", "longitude", "latitude"]].itertuples(index=False):
        yield _feature(shapely.Point(x, y), {"at": f"{at:%Y-%m-%d %H:%M}"})


def _marks(marks: Iterable[Mark]) -> Iterable[Feature]:
    for mark in marks:
        words = one_line(mark.label)
        told = {"kind": mark.kind, "label": short(words, _LABEL), "words": words}
        yield _feature(shapely.Point(mark.longitude, mark.latitude), told)


def _way(rows: DataFrame) -> list[list[float]]:
    return [
        [_seconds(at), _round(x), _round(y)]
        for at, x, y in rows[["timestamp", "longitude", "latitude"]].itertuples(index=False)
    ]


def _collected(features: Iterable[Feature]) -> Feature:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(shape: Any, properties: dict[str, Any]) -> Feature:
    rounded = shapely.set_precision(shape, 10**-_DIGITS, mode="pointwise")
    return {"type": "Feature", "geometry": json.loads(shapely.to_geojson(rounded)), "properties": properties}


def _round(number: float) -> float:
    return round(float(number), _DIGITS)


def _seconds(moment: Any) -> int:
    return int(moment.timestamp())
