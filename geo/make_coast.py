"""Make `geo/coast.geojson.gz`, the land of East Asia, from OpenStreetMap land as npm ships it.

    npm pack @geo-maps/earth-lands-100m@0.6.0 && tar xzf geo-maps-earth-lands-100m-0.6.0.tgz
    python -m geo.make_coast package/map.geo.json

Input: one GeoJSON of 117 MB, land generalised to 100 m. Output: polygons clipped to `EXTENT`, coordinates as published
(4 decimals, about 10 m), one feature per polygon, largest first; the bytes depend on the input alone. Licence: see
COAST-LICENCE.md. Needs about 2 GB of memory and a minute.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coast import COAST, EXTENT
from geo.files import write_whole

_DECIMALS = 4
_SQUARE_DEG = 2.0
_SMALLEST_DEG2 = 1e-7  # about 1,000 m²: less is an artefact of generalisation


def make_coast(land: NDArray[np.object_]) -> NDArray[np.object_]:
    """The parts of land polygons inside `EXTENT`, valid, without specks, largest first.

    Mending is done square by square: on the whole of Eurasia it takes hours.
    """
    west, south, east, north = EXTENT
    bounds = shapely.bounds(land)
    squares = []
    for x in np.arange(west, east, _SQUARE_DEG):
        for y in np.arange(south, north, _SQUARE_DEG):
            x1, y1 = x + _SQUARE_DEG, y + _SQUARE_DEG
            near = (bounds[:, 0] < x1) & (bounds[:, 2] > x) & (bounds[:, 1] < y1) & (bounds[:, 3] > y)
            clipped = shapely.clip_by_rect(land[near], x, y, x1, y1)
            squares.append(shapely.union_all(shapely.make_valid(clipped), grid_size=10**-_DECIMALS))
    parts = shapely.get_parts(shapely.union_all(squares, grid_size=10**-_DECIMALS))
    kept = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > _SMALLEST_DEG2)]
    return kept[np.lexsort((shapely.to_wkb(kept), -shapely.area(kept)))]


def write_coast(land: NDArray[np.object_], path: Path = COAST) -> None:
    """Write polygons as gzipped GeoJSON, the same bytes for the same polygons."""
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": _rings(polygon)}}
        for polygon in land
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    write_whole(path, gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _rings(polygon: shapely.Polygon) -> list[list[list[float]]]:
    return [np.round(shapely.get_coordinates(ring), _DECIMALS).tolist() for ring in shapely.get_rings(polygon)]


if __name__ == "__main__":
    source = shapely.from_geojson(Path(sys.argv[1]).read_text(encoding="utf-8"))
    write_coast(make_coast(shapely.get_parts(shapely.get_parts(source))))
