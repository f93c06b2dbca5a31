"""Make `geo/water.json.gz` from the shipped coast: the land that ships sail round, and which of its corners see which.

    python -m geo.make_water

A shortest way over water is straight but for corners of land where it bends, so all that such a way needs is the
corners and which pairs of them see each other. The coast is taken with bays and channels narrower than 4.5 km filled,
lakes and islets left out, and corners moved by no more than 1.7 km: on ways of 100 to 1,700 nm it makes a difference
below that of two navigators. Output: JSON of `corners` (longitude, latitude), `sight` (pairs of them, each with the
difference to the pair before) and `land` (rings); the bytes depend on the coast and the geometry library alone. Takes
a quarter of a minute. Licence: as the coast's, see COAST-LICENCE.md.
"""

from __future__ import annotations

import gzip
import json

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coast import EXTENT, land
from geo.files import write_whole
from geo.water import EDGE_DEG, WATER, shrunk

_FILLED_DEG = 0.02  # half the width of what is filled
_MOVED_DEG = 0.015
_ISLET_DEG2 = 5e-4  # about 5 km²
_DECIMALS = 4

Shapes = NDArray[np.object_]
Corners = NDArray[np.float64]


def simple_land() -> Shapes:
    """The land without what no way of hundreds of miles bends round: polygons without holes."""
    whole = _filled(np.array(land()))
    grown = shapely.union_all(shapely.buffer(whole, _FILLED_DEG, quad_segs=2))
    closed = _filled(shapely.get_parts(shapely.buffer(grown, -_FILLED_DEG, join_style="mitre")))
    kept = shapely.simplify(closed[shapely.area(closed) > _ISLET_DEG2], _MOVED_DEG)
    return _filled(shapely.get_parts(shapely.union_all(kept, grid_size=10**-_DECIMALS)))


def _filled(polygons: Shapes) -> Shapes:
    return np.asarray(shapely.polygons(shapely.get_exterior_ring(polygons)))


def corners(polygons: Shapes) -> tuple[Corners, Corners, Corners]:
    """The corners at which land juts out, with the corners before and after them on its shore (degrees)."""
    found: list[tuple[Corners, Corners, Corners]] = []
    for ring in shapely.get_exterior_ring(shapely.orient_polygons(polygons)):
        corner = shapely.get_coordinates(ring)[:-1]
        last, following = np.roll(corner, 1, 0), np.roll(corner, -1, 0)
        juts = _side(last, corner, following) > 0
        found.append((corner[juts], last[juts], following[juts]))
    every = [np.concatenate(values) for values in zip(*found, strict=True)]
    west, south, east, north = EXTENT
    x, y = every[0].T
    inside = (x > west + EDGE_DEG) & (x < east - EDGE_DEG) & (y > south + EDGE_DEG) & (y < north - EDGE_DEG)
    return every[0][inside], every[1][inside], every[2][inside]


def sight(polygons: Shapes, at: Corners, before: Corners, after: Corners) -> NDArray[np.int64]:
    """The pairs of corners between which a shortest way may lead straight: over water, and past the land at both."""
    one, other = np.triu_indices(len(at), 1)
    for here, there in ((0, 1), (1, 0)):
        pair = one, other
        from_, to = at[pair[here]], at[pair[there]]
        past = _side(from_, to, before[pair[here]]) * _side(from_, to, after[pair[here]]) >= 0
        one, other = one[past], other[past]
    walls = shrunk(polygons)
    free = ~shapely.intersects(walls, shapely.linestrings(np.stack([at[one], at[other]], axis=1)))
    return np.stack([one[free], other[free]])


def _side(start: Corners, end: Corners, point: Corners) -> Corners:
    """Above 0 where a point lies to the left of the way from a start to an end."""
    way, away = end - start, point - start
    return np.asarray(way[:, 0] * away[:, 1] - way[:, 1] * away[:, 0])


def write_water() -> None:
    """Write the file."""
    polygons = simple_land()
    found = corners(polygons)
    pairs = sight(polygons, *found)
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_exterior_ring(polygons)]
    content = {
        "corners": np.round(found[0], _DECIMALS).tolist(),
        "sight": np.diff(pairs, axis=1, prepend=0).tolist(),
        "land": [np.round(ring, _DECIMALS).tolist() for ring in rings],
    }
    write_whole(WATER, gzip.compress(json.dumps(content, separators=(",", ":")).encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    write_water()
