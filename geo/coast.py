"""The coast of East Asia: OpenStreetMap land generalised to 100 m, as shipped in `coast.geojson.gz`.

The Taedong is open up to Pyongyang; the West Sea Barrage is no land here. Small inland waters are flat-sided, an
artefact of the generalisation. Licence: COAST-LICENCE.md.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

COAST = Path(__file__).resolve().parent / "coast.geojson.gz"
EXTENT = (105.0, 18.0, 145.0, 48.0)  # west, south, east, north: beyond it nothing is known
_LAKE_DOTS = 12  # smaller lakes are specks on a map of the sea
_LEAST_LAKE_DEG2 = 3e-4  # about 3 km²
ATTRIBUTION = "Coastline © OpenStreetMap contributors (ODbL), via @geo-maps/earth-lands-100m"


@lru_cache(maxsize=1)
def land() -> tuple[BaseGeometry, ...]:
    """Land polygons inside `EXTENT`, largest first, WGS 84 degrees; read once."""
    content = shapely.from_geojson(gzip.decompress(COAST.read_bytes()).decode())
    return tuple(shapely.get_parts(content).tolist())


@lru_cache(maxsize=64)
def land_seen(west: float, south: float, east: float, north: float, seen_deg: float) -> BaseGeometry:
    """The land of a box (degrees) as a map shows it on which `seen_deg` degrees are about a dot: shores simplified to
    that, without ponds, and islets that would be no larger than a few dots; cut at the box."""
    whole = _without_ponds()
    bounds = shapely.bounds(whole)
    near = (bounds[:, 0] < east) & (bounds[:, 2] > west) & (bounds[:, 1] < north) & (bounds[:, 3] > south)
    parts = shapely.get_parts(shapely.clip_by_rect(whole[near], west, south, east, north))
    is_land = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts = parts[is_land & (shapely.area(parts) > (3 * seen_deg) ** 2)]
    shown = shapely.union_all(shapely.make_valid(shapely.simplify(parts, seen_deg)))
    least_deg2 = (_LAKE_DOTS * seen_deg) ** 2
    polygons = [part for part in shapely.get_parts(shown) if part.geom_type == "Polygon"]
    filled = [_with_lakes(part, least_deg2) for part in polygons]
    return shapely.union_all(filled) if filled else shapely.MultiPolygon()  # an island of a lake that is gone is none


def _with_lakes(part: shapely.Polygon, least_deg2: float) -> shapely.Polygon:
    return shapely.Polygon(part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > least_deg2])


@lru_cache(maxsize=1)
def _without_ponds() -> NDArray[np.object_]:
    """Land polygons without inland waters of less than a few square kilometres: cutting out thousands takes long."""
    parts = np.array(land(), dtype=object)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    first = np.r_[True, np.diff(of_part) != 0]
    lakes = ~first & (shapely.area(shapely.polygons(rings)) > _LEAST_LAKE_DEG2)
    shores = rings[first]
    whole = shapely.polygons(shores)
    for part in np.unique(of_part[lakes]).tolist():
        whole[part] = shapely.polygons(shores[part], holes=rings[lakes & (of_part == part)])
    return np.asarray(whole)


def land_within(shape: BaseGeometry) -> BaseGeometry:
    """All land inside a shape's bounds, as one geometry."""
    west, south, east, north = shape.bounds
    bounds = shapely.bounds(list(land()))
    near = (bounds[:, 0] < east) & (bounds[:, 2] > west) & (bounds[:, 1] < north) & (bounds[:, 3] > south)
    pieces = shapely.clip_by_rect([land()[number] for number in np.flatnonzero(near)], west, south, east, north)
    return shapely.union_all(shapely.make_valid(pieces))
