"""How zones are grown: from anchorage cells or rough outlines to the water around them, and over its banks.

A ship is never on land. So a strip of land belongs to the zone of the nearest water: quays reclaimed since the coast
was drawn, docks and rivers that its generalisation closed, and positions that err fall inside. A narrow spit between
two waters is cut along its middle. Shapes are in degrees (WGS 84).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.coast import land, land_within
from geo.plane import area_km2, buffer_m, close_m, polygonal, simplify_m, split_by_nearest

SHORE_M = 1200  # port cells lie nearer to land than this, anchorage cells further out
BANK_M = 2000  # World Port Index points are rounded to a minute (0.9 km either way) and stand in towns behind the quay
BERTH_REACH_M, BERTH_CLOSE_M = (
    1250,
    1250,
)  # a cell is 500 m wide; neighbouring berths and the water between make one harbour
ROADS_REACH_M, ROADS_CLOSE_M = 900, 2500  # ships swing and drag around their cell; gaps between them are filled
PORT_GAP_M = 50  # kept between neighbours, so that rounding makes no overlap
CORNER_M = 100  # outlines are simplified by this much
RIVER_CLOSE_M = 400  # the generalised river is broken here and there by less than 800 m
LEAST_KM2 = 0.4  # detached parts smaller than this are ponds, or one ship
HOLE_KM2 = 20  # harbour basins and gaps between anchored ships; a larger hole is a bay of its own
CELL_M = 500  # a cell and what its middle is inexact: there was water enough to lie in, whatever the coast says
_MARK_M = 50  # half a cell's mark, where water is shared out by the nearest cell
_STEP_M = 200
_PIECE = 50  # points of a coastline that are looked up together

Cells = NDArray[np.float64]
NO_CELLS: Cells = np.empty((0, 2))


@dataclass(frozen=True)
class Seed:
    """What a zone is grown from.

    kind    basin, port, anchorage, terminal or lock
    cells   longitude and latitude of anchorage cells, a row each; may be empty
    rough   outlines by hand; may be empty
    raw     true: the outline is taken as drawn, on land too
    """

    kind: str
    cells: Cells
    rough: BaseGeometry
    raw: bool = False

    def grown(self) -> BaseGeometry:
        """What lies around the cells, with the outline."""
        if not len(self.cells):
            return self.rough
        roads = self.kind == "anchorage"
        reach, gap = (ROADS_REACH_M, ROADS_CLOSE_M) if roads else (BERTH_REACH_M, BERTH_CLOSE_M)
        return shapely.union(close_m(buffer_m(shapely.MultiPoint(self.cells), reach), gap), self.rough)

    def marks(self) -> BaseGeometry:
        """What stands for the zone where water is shared out: its cells and outlines."""
        squares = shapely.buffer(shapely.points(self.cells), _MARK_M / 111_000, quad_segs=1)
        return shapely.union_all([*squares, self.rough])


def near_shore(cells: Cells, shore_m: float) -> NDArray[np.bool_]:
    """Whether each cell lies on land or no more than `shore_m` metres from it."""
    near = np.zeros(len(cells), dtype=bool)
    square = np.floor(cells)  # a degree at a time: a coast of 2,000 km is not buffered for one cell
    for corner in np.unique(square, axis=0):
        at = np.flatnonzero((square == corner).all(axis=1))
        shore = land_within(shapely.box(*corner, *(corner + 1)).buffer(0.1))
        if not shore.is_empty:
            near[at] = shapely.intersects_xy(buffer_m(shore, shore_m), *cells[at].T)
    return near


def at_sea(longitude: ArrayLike, latitude: ArrayLike, shore_m: float) -> NDArray[np.bool_]:
    """Whether each point (degrees) lies in the sea, or no more than about `shore_m` metres from it.

    A river counts as far as it is open to the sea in the coast; lakes, ponds and canals are land.
    """
    points = shapely.points(longitude, latitude)
    outer = _outer_land()
    wet = np.ones(len(points), dtype=bool)
    wet[shapely.STRtree(points).query(outer, predicate="intersects")[1]] = False
    pieces = [
        shapely.LineString(ring[start : start + _PIECE + 1])
        for ring in map(shapely.get_coordinates, outer)
        for start in range(0, len(ring) - 1, _PIECE)
    ]
    near, _ = shapely.STRtree(pieces).query(points, predicate="dwithin", distance=shore_m / 111_000)
    wet[near] = True
    return wet


def share_out(seeds: Mapping[str, Seed]) -> dict[str, BaseGeometry]:
    """What each seed grows to; what two would cover is cut where it is as near to the marks of one as of the other.

    Only seeds with cells are cut; outlines by hand stay as they are drawn.
    """
    grown = {name: seed.grown() for name, seed in seeds.items()}
    names = [name for name, seed in seeds.items() if len(seed.cells)]
    shapes = [grown[name] for name in names]
    pairs = shapely.STRtree(shapes).query(shapes, "intersects").T
    for one, other in ((names[a], names[b]) for a, b in pairs if a < b):
        shared = polygonal(shapely.intersection(grown[one], grown[other]))
        if shapely.area(shared) == 0:
            continue
        reach_m = ROADS_REACH_M + ROADS_CLOSE_M + BERTH_REACH_M
        marks = [seeds[name].marks() for name in (one, other)]
        of_one, of_other = split_by_nearest(shared, marks, reach_m, _STEP_M)
        grown[one] = polygonal(shapely.difference(grown[one], of_other))
        grown[other] = polygonal(shapely.difference(grown[other], of_one))
    return grown


def water_of(seed: Seed, grown: BaseGeometry, open_water: BaseGeometry) -> BaseGeometry:
    """The water inside what a seed has grown to, and its cells: rivers and docks that the coast has closed.

    Of a basin the largest connected part.
    """
    shore = shapely.difference(land_within(shapely.box(*grown.bounds).buffer(0.05)), open_water)
    water = polygonal(shapely.difference(grown, shore))
    if len(seed.cells):
        lain = shapely.intersection(buffer_m(shapely.MultiPoint(seed.cells), CELL_M), grown)
        water = polygonal(shapely.union(water, lain))
    if seed.kind == "basin":
        water = largest(close_m(water, RIVER_CLOSE_M))
    return simplify_m(tidy(water, seed.cells), CORNER_M)


def with_banks(seed: Seed, water: BaseGeometry, open_water: BaseGeometry) -> BaseGeometry:
    """A zone's water with the land around it that is nearer to it than to any other water, up to `BANK_M`.

    Ponds, lakes and docks without an opening in the generalised coast are land here: no ship comes there from the sea.
    """
    around = buffer_m(water, BANK_M)
    window = shapely.box(*around.bounds).buffer(0.05)
    shore = shapely.difference(dry_land(window.bounds), open_water)
    strip = polygonal(shapely.difference(shapely.intersection(around, shore), water))
    if strip.is_empty:
        return water
    others = _wide(polygonal(shapely.difference(shapely.difference(window, shore), water)))
    if not others.is_empty:
        strip = split_by_nearest(strip, [water, others], BANK_M + _STEP_M, _STEP_M)[0]
    # what is narrower than two corners between water and bank is an artefact of the cut
    whole = close_m(shapely.union_all([water, polygonal(strip)]), CORNER_M)
    return simplify_m(tidy(whole, seed.cells), CORNER_M)


def _wide(shape: BaseGeometry) -> BaseGeometry:
    """A shape without what is narrower than two corners: between an outline and the coast it was drawn along."""
    return close_m(shape, -2 * CORNER_M)


@lru_cache(maxsize=1)
def _outer_land() -> NDArray[np.object_]:
    """Land without what is enclosed in it."""
    return shapely.polygons(shapely.get_exterior_ring(list(land())))


def dry_land(bounds: Sequence[float]) -> BaseGeometry:
    """Land inside bounds, with the ponds and lakes in it."""
    pieces = _outer_land()
    west, south, east, north = bounds
    of = shapely.bounds(pieces)
    near = (of[:, 0] < east) & (of[:, 2] > west) & (of[:, 1] < north) & (of[:, 3] > south)
    return shapely.union_all(shapely.make_valid(shapely.clip_by_rect(pieces[near], west, south, east, north)))


def tidy(shape: BaseGeometry, cells: Cells = NO_CELLS) -> BaseGeometry:
    """A shape without parts and holes of less than `LEAST_KM2`; parts with one of the cells stay."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    held = shapely.STRtree(shapely.points(cells))
    filled = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if area_km2(shapely.Polygon(hole)) >= LEAST_KM2]
        )
        for part in parts
        if area_km2(part) >= LEAST_KM2 or len(held.query(part, predicate="contains"))
    ]
    return shapely.union_all(filled)


def filled(shape: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry:
    """A shape without holes of up to `HOLE_KM2` in which no other zone lies: who is enclosed by a port is in it."""
    tree = shapely.STRtree(others)
    rings = [ring for part in shapely.get_parts(shape) for ring in part.interiors]
    holes = [hole for hole in map(shapely.Polygon, rings) if area_km2(hole) <= HOLE_KM2]
    return shapely.union_all([shape, *(hole for hole in holes if not len(tree.query(hole, predicate="intersects")))])


def largest(shape: BaseGeometry) -> BaseGeometry:
    """The largest part of a shape."""
    return max(shapely.get_parts(shape), key=shapely.area)
