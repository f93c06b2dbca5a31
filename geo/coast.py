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
from shapely.geometry.base import BaseGeometry

COAST = Path(__file__).resolve().parent / "coast.geojson.gz"
EXTENT = (105.0, 18.0, 145.0, 48.0)  # west, south, east, north: beyond it nothing is known
ATTRIBUTION = "Coastline © OpenStreetMap contributors (ODbL), via @geo-maps/earth-lands-100m"


@lru_cache(maxsize=1)
def land() -> tuple[BaseGeometry, ...]:
    """Land polygons inside `EXTENT`, largest first, WGS 84 degrees; read once."""
    content = shapely.from_geojson(gzip.decompress(COAST.read_bytes()).decode())
    return tuple(shapely.get_parts(content).tolist())


def land_within(shape: BaseGeometry) -> BaseGeometry:
    """All land inside a shape's bounds, as one geometry."""
    west, south, east, north = shape.bounds
    bounds = shapely.bounds(list(land()))
    near = (bounds[:, 0] < east) & (bounds[:, 2] > west) & (bounds[:, 1] < north) & (bounds[:, 3] > south)
    pieces = shapely.clip_by_rect([land()[number] for number in np.flatnonzero(near)], west, south, east, north)
    return shapely.union_all(shapely.make_valid(pieces))
