"""Where a silence may have led: the places on a way over water, of at most some length, from one point to another.

On open sea this is the ellipse with the two points as its foci; land cuts pieces out of it, and bays to which the way
round a cape is too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from geo.coast import land_seen
from geo.distance import METRES_PER_NM, distance_m
from geo.water import ways_from

_ACROSS = 26  # cells on the longer side: the set errs by half of one, always outwards
_LAP = 1.001  # cells overlap by that much, so that no seam is left between them
_NM_A_DEGREE = 60.0
_CORNERS = 96

Point = tuple[float, float]  # longitude, latitude, degrees


@dataclass(frozen=True)
class _Field:
    """Cells of water around both ends, with the way from the one and to the other; `slack_nm`, how much nearer a place
    in a cell can be to an end than its middle."""

    outline: BaseGeometry
    cells: NDArray[np.object_]
    there_nm: NDArray[np.float64]
    back_nm: NDArray[np.float64]
    slack_nm: float
    land: BaseGeometry


@lru_cache(maxsize=256)
def within_way(start: Point, end: Point | None, way_nm: float) -> BaseGeometry:
    """The water that lies on ways of at most `way_nm` nautical miles from `start` to `end`, or to anywhere (None).

    returns  polygons in degrees, empty where even the shortest way is longer. It holds every such place and errs
             outwards by at most a cell: of the box around it, a twenty-sixth of the longer side
    """
    field = _field(start, end, way_nm)
    if field is None:
        return shapely.Polygon()
    slack_nm = field.slack_nm * (2 if end else 1)
    return _water(field, field.there_nm + field.back_nm <= way_nm + slack_nm, field.outline)


def after_way(start: Point, end: Point, way_nm: float, gone_nm: float) -> BaseGeometry:
    """Of the water `within_way`, that which can be reached on the first `gone_nm` nautical miles, and from which what
    is left of the way suffices to the end; likewise, errs outwards."""
    field = _field(start, end, way_nm)
    if field is None:
        return shapely.Polygon()
    left_nm = way_nm - gone_nm
    reached = (field.there_nm <= gone_nm + field.slack_nm) & (field.back_nm <= left_nm + field.slack_nm)
    both = shapely.intersection(_ellipse(start, start, 2 * gone_nm), _ellipse(end, end, 2 * left_nm))
    return _water(field, reached, both)


def _water(field: _Field, reached: NDArray[np.bool_], outline: BaseGeometry) -> BaseGeometry:
    return shapely.difference(shapely.intersection(outline, shapely.union_all(field.cells[reached])), field.land)


@lru_cache(maxsize=64)
def _field(start: Point, end: Point | None, way_nm: float) -> _Field | None:
    outline = _ellipse(start, end or start, way_nm if end else 2 * way_nm)
    if outline.is_empty:
        return None
    west, south, east, north = outline.bounds
    squeeze = cos(radians((south + north) / 2))
    size = max(north - south, (east - west) * squeeze) / _ACROSS
    wide, high = size / squeeze, size
    middles = np.arange(west, east, wide) + wide / 2, np.arange(south, north, high) + high / 2
    x, y = (at.ravel() for at in np.meshgrid(*middles))
    half_x, half_y = _LAP * wide / 2, _LAP * high / 2
    cells = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
    land = land_seen(west, south, east, north, size / 40)
    shapely.prepare(land)
    wet = shapely.intersects(outline, cells) & ~shapely.covers(land, cells)
    x, y = x[wet], y[wet]
    there = ways_from(start, x, y)
    back = ways_from(end, x, y) if end else np.zeros_like(there)
    return _Field(outline, cells[wet], there, back, float(np.hypot(size / 2, size / 2)) * _NM_A_DEGREE, land)


def _ellipse(start: Point, end: Point, way_nm: float) -> BaseGeometry:
    """All points from which the two are together at most `way_nm` away, on a plane that is true at their middle."""
    apart_nm = float(distance_m(start[0], start[1], end[0], end[1])) / METRES_PER_NM
    if way_nm <= max(apart_nm, 1e-6):
        return shapely.Polygon()
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    squeeze = max(0.05, cos(radians(middle[1])))
    turn = np.arctan2(end[1] - start[1], (end[0] - start[0]) * squeeze)
    long, short = way_nm / 2, np.sqrt(way_nm**2 - apart_nm**2) / 2
    at = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    around = shapely.Polygon(np.column_stack([long * np.cos(at), short * np.sin(at)]) / _NM_A_DEGREE)
    turned = affinity.rotate(around, turn, origin=(0, 0), use_radians=True)
    return affinity.translate(affinity.scale(turned, 1 / squeeze, 1, origin=(0, 0)), *middle)
