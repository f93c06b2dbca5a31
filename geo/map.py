"""Draw the zones to one HTML file that works without a network: coast, zones and a small script are all inside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coast import ATTRIBUTION, EXTENT, land
from geo.zones import Zones

_TEMPLATE = Path(__file__).resolve().parent / "map.html"
_UNITS_A_DEGREE = 10_000
_SQUARE_DEG = 1.0
# Near zones, and elsewhere: how much the coast is simplified, and the smallest pond or islet drawn.
_NEAR, _FAR = (0.0004, 2e-6), (0.006, 1e-4)
_SHOWN = ("name", "kind", "parent_zone_id", "call_zone_id", "port", "country", "loads_coal", "receives_coal",
          "precision", "source")  # fmt: skip


Bounds = tuple[float, float, float, float]


def draw_map(zones: Zones, path: Path) -> None:
    """Write the map of zones, their margins and the coast of East Asia to one HTML file of about 2 MB."""
    data = {
        "units": _UNITS_A_DEGREE,
        "attribution": ATTRIBUTION,
        "extent": EXTENT,
        "land": _land(zones),
        "zones": _zones(zones),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    path.write_text(_TEMPLATE.read_text(encoding="utf-8").replace("/*DATA*/null", text), encoding="utf-8")


def _zones(zones: Zones) -> list[dict[str, Any]]:
    """Zones with rings, outermost first, so that what is drawn last and found first is innermost."""
    frame = zones.frame
    order = sorted(range(len(zones.ids)), key=zones.precedence.index, reverse=True)
    texts = frame[list(_SHOWN)].astype(object).where(frame.notna(), None).to_dict("records")
    at = frame[["longitude", "latitude"]].to_numpy().round(4).tolist()
    return [
        {
            "zone_id": zones.ids[code],
            **{field: texts[code][field] for field in _SHOWN},
            "at": at[code],
            "rings": _rings(zones.outlines[code], 0),
        }
        for code in order
    ]


def _land(zones: Zones) -> list[list[int]]:
    """Rings of the coast, square by square: detailed where zones are, coarse elsewhere."""
    near = shapely.STRtree([outline for outline, margin in zip(zones.outlines, zones.is_margin, strict=True) if margin])
    rings: list[list[int]] = []
    for square, pieces in _squares(np.array(land(), dtype=object), EXTENT):
        simplify_deg, least_deg2 = _NEAR if len(near.query(shapely.box(*square))) else _FAR
        rings += _rings(shapely.simplify(pieces, simplify_deg), least_deg2)
    return rings


def _squares(shapes: NDArray[np.object_], box: Bounds) -> Iterator[tuple[Bounds, NDArray[np.object_]]]:
    """Cut shapes into squares, by halves: cutting each square out of a whole continent takes far longer."""
    west, south, east, north = box
    bounds = shapely.bounds(shapes)
    near = (bounds[:, 0] < east) & (bounds[:, 2] > west) & (bounds[:, 1] < north) & (bounds[:, 3] > south)
    clipped = shapely.clip_by_rect(shapes[near], *box)
    clipped = clipped[~shapely.is_empty(clipped)]
    if not len(clipped):
        return
    if max(east - west, north - south) <= _SQUARE_DEG:
        yield box, clipped
    elif east - west >= north - south:
        middle = (west + east) / 2
        yield from _squares(clipped, (west, south, middle, north))
        yield from _squares(clipped, (middle, south, east, north))
    else:
        middle = (south + north) / 2
        yield from _squares(clipped, (west, south, east, middle))
        yield from _squares(clipped, (west, middle, east, north))


def _rings(shapes: BaseGeometry | NDArray[np.object_], least_deg2: float) -> list[list[int]]:
    """Rings as whole numbers: first corner, then steps from corner to corner (longitude, latitude in turn)."""
    parts = shapely.get_parts(shapes)
    rings = shapely.get_rings(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    rings = rings[shapely.area(shapely.polygons(rings)) > least_deg2] if len(rings) else rings
    corners = [np.round(shapely.get_coordinates(ring)[:-1] * _UNITS_A_DEGREE).astype(np.int64) for ring in rings]
    return [np.diff(ring, axis=0, prepend=0).ravel().tolist() for ring in corners]
