"""Which zone a point lies in, by one raster look-up; exact geometry only in cells that a boundary crosses.

Half-degree squares over the whole world say "no zone", "this zone throughout" or "see tile"; a tile has cells of 0.005
degrees (about 500 m), each with its zone or with the short list of zones whose boundaries cross it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

_SQUARES_A_DEGREE = 2
_CELLS_A_SQUARE = 100
_CELLS_A_DEGREE = _SQUARES_A_DEGREE * _CELLS_A_SQUARE
_SQUARES_EAST, _SQUARES_NORTH = 360 * _SQUARES_A_DEGREE, 180 * _SQUARES_A_DEGREE
_CELLS_EAST = 360 * _CELLS_A_DEGREE
_CHUNK = 1 << 16  # points worked on at once, so that temporaries stay in the processor's cache
_NONE = -1
_SAMPLE_DEG = 0.3 / _CELLS_A_DEGREE  # distance of samples along a boundary

Codes = NDArray[np.int16]
Integers = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Raster:
    """Index of zone shapes; make it with `build_raster`.

    squares      world grid of half degrees, row by row from the south-west: tile number, -1 (no zone) or -2 - code
    tiles        tile, row, column: zone code, -1 (no zone) or -2 - number of a list in `crossings`
    crossings    lists of zone codes, innermost first: the zones that share a cell
    shapes       shape of each zone code
    """

    squares: Codes
    tiles: Codes
    crossings: tuple[tuple[int, ...], ...]
    shapes: tuple[BaseGeometry, ...]

    def locate(self, longitude: ArrayLike, latitude: ArrayLike) -> Codes:
        """Code of the innermost zone of each point (degrees); -1 where there is none or a coordinate is no number."""
        x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        codes = np.full(x.shape, _NONE, dtype=np.int16)
        with np.errstate(invalid="ignore"):
            for start in range(0, len(x), _CHUNK):
                part = slice(start, start + _CHUNK)
                self._locate(x[part], y[part], codes[part])
        return codes

    def _locate(self, x: Reals, y: Reals, codes: Codes) -> None:
        """Fill the codes of one chunk."""
        east = ((x + 180) * _SQUARES_A_DEGREE).astype(np.int32)
        north = ((y + 90) * _SQUARES_A_DEGREE).astype(np.int32)
        square = self.squares.take(north * _SQUARES_EAST + east, mode="clip")
        near = np.flatnonzero(square != _NONE)
        if not len(near):
            return
        x, y, square = x[near], y[near], square[near]
        on_globe = (np.abs(x) < 180) & (np.abs(y) < 90)
        if not on_globe.all():  # what is off the globe may have been given any square
            near, x, y, square = near[on_globe], x[on_globe], y[on_globe], square[on_globe]
        found = np.where(square < _NONE, -2 - square, _NONE).astype(np.int16)
        tiled = np.flatnonzero(square >= 0)
        cell = self._cells(x[tiled], y[tiled], square[tiled])
        found[tiled] = np.maximum(cell, _NONE)
        crossed = np.flatnonzero(cell < _NONE)
        if len(crossed):
            at = tiled[crossed]
            found[at] = self._ask(x[at], y[at], -2 - cell[crossed])
        codes[near] = found

    def _cells(self, x: Reals, y: Reals, tile: Codes) -> Codes:
        column = ((x + 180) * _CELLS_A_DEGREE).astype(np.int64) % _CELLS_A_SQUARE
        row = ((y + 90) * _CELLS_A_DEGREE).astype(np.int64) % _CELLS_A_SQUARE
        return self.tiles.ravel().take((tile.astype(np.int64) * _CELLS_A_SQUARE + row) * _CELLS_A_SQUARE + column)

    def _ask(self, x: Reals, y: Reals, crossing: Codes) -> Codes:
        """Exact answer for points in crossed cells, one list of zones after the other."""
        found = np.full(len(x), _NONE, dtype=np.int16)
        order = np.argsort(crossing, kind="stable")
        starts = np.flatnonzero(np.diff(crossing[order], prepend=-1))
        for at in np.split(order, starts[1:]):
            for code in self.crossings[crossing[at[0]]]:
                inside = shapely.intersects_xy(self.shapes[code], x[at], y[at])
                found[at[inside]] = code
                at = at[~inside]
                if not len(at):
                    break
        return found


def build_raster(shapes: Sequence[BaseGeometry], cells: Sequence[BaseGeometry], precedence: Sequence[int]) -> Raster:
    """Index zone shapes.

    shapes      shape of each code, with all that is nested in it
    cells       part of each shape that is its own: without what is nested in it
    precedence  codes, innermost first: a point belongs to the first shape that covers it (its edge included)
    """
    shapely.prepare(list(shapes))
    rank = np.empty(len(shapes), dtype=np.int64)
    rank[list(precedence)] = np.arange(len(shapes))
    places, ranks = _crossed_cells(cells, rank)
    distinct = np.unique(places)
    around, around_ranks = _cells_inside(distinct, shapes, rank)
    lists, places, list_of = _lists(np.append(places, around), np.append(ranks, around_ranks), precedence)

    squares = np.full(_SQUARES_NORTH * _SQUARES_EAST, _NONE, dtype=np.int16)
    row, column = np.divmod(places, _CELLS_EAST)
    square = (row // _CELLS_A_SQUARE) * _SQUARES_EAST + column // _CELLS_A_SQUARE
    tiled = np.unique(square)
    squares[tiled] = np.arange(len(tiled))
    tiles = np.zeros((len(tiled), _CELLS_A_SQUARE, _CELLS_A_SQUARE), dtype=np.int16)
    tiles[squares[square], row % _CELLS_A_SQUARE, column % _CELLS_A_SQUARE] = -2 - list_of
    _fill_runs(tiles, tiled, shapes, precedence)
    _fill_squares(squares, shapes, precedence)
    return Raster(squares, tiles, lists, tuple(shapes))


def _crossed_cells(cells: Sequence[BaseGeometry], rank: Integers) -> tuple[Integers, Integers]:
    """Every raster cell that a boundary crosses, with the rank of the zone: sorted pairs, each once.

    Boundaries are sampled; the cells under the corners of a square around each sample, as wide as the samples are
    apart, hold all the boundary between samples.
    """
    parts, owner = shapely.get_parts(np.asarray(cells, dtype=object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, leg = points[:-1][same], np.diff(points, axis=0)[same]
    steps = np.ceil(np.abs(leg).max(axis=1, initial=0) / _SAMPLE_DEG).astype(np.int64) + 1
    leg_of = np.repeat(np.arange(len(leg)), steps)
    share = (np.arange(len(leg_of)) - np.repeat(np.cumsum(steps) - steps, steps)) / np.maximum(steps - 1, 1)[leg_of]
    sample = start[leg_of] + leg[leg_of] * share[:, None]
    ranks = rank[owner[part[ring[:-1][same]]]][leg_of]
    pairs = []
    for dx in (-0.51, 0.51):
        for dy in (-0.51, 0.51):
            column = ((sample[:, 0] + 180 + dx * _SAMPLE_DEG) * _CELLS_A_DEGREE).astype(np.int64)
            row = ((sample[:, 1] + 90 + dy * _SAMPLE_DEG) * _CELLS_A_DEGREE).astype(np.int64)
            pairs.append((row * _CELLS_EAST + column) * len(rank) + ranks)
    places, ranks = np.divmod(np.unique(np.concatenate(pairs)), len(rank))
    return places, ranks


def _cells_inside(places: Integers, shapes: Sequence[BaseGeometry], rank: Integers) -> tuple[Integers, Integers]:
    """Crossed cells with the rank of each zone that covers their middle: it may cover them without crossing them."""
    row, column = np.divmod(places, _CELLS_EAST)
    x, y = (column + 0.5) / _CELLS_A_DEGREE - 180, (row + 0.5) / _CELLS_A_DEGREE - 90
    inside, ranks = [], []
    for code, (west, south, east, north) in enumerate(shapely.bounds(list(shapes))):
        at = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
        at = at[shapely.intersects_xy(shapes[code], x[at], y[at])]
        inside.append(places[at])
        ranks.append(np.full(len(at), rank[code]))
    return np.concatenate(inside), np.concatenate(ranks)


def _lists(
    places: Integers, ranks: Integers, precedence: Sequence[int]
) -> tuple[tuple[tuple[int, ...], ...], Integers, Integers]:
    """The distinct lists of zone codes that share a cell, the distinct cells, and for each the number of its list."""
    width = len(precedence)
    cells, ranks = np.divmod(np.unique(places * width + ranks), width)
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    sizes = np.diff(starts, append=len(cells))
    table = np.full((len(starts), sizes.max(initial=1)), -1, dtype=np.int64)
    table[np.repeat(np.arange(len(starts)), sizes), np.arange(len(cells)) - np.repeat(starts, sizes)] = ranks
    distinct, list_of = np.unique(table, axis=0, return_inverse=True)
    lists = tuple(tuple(int(precedence[rank]) for rank in row if rank >= 0) for row in distinct)
    return lists, cells[starts], list_of.ravel()


def _fill_runs(tiles: Codes, tiled: Integers, shapes: Sequence[BaseGeometry], precedence: Sequence[int]) -> None:
    """Give the cells between boundaries their zone: along a row it cannot change before the next crossed cell."""
    free = tiles == 0
    starts = free.copy()
    starts[:, :, 1:] &= ~free[:, :, :-1]
    tile, row, column = np.nonzero(starts)
    north, east = np.divmod(tiled[tile], _SQUARES_EAST)
    x = (east * _CELLS_A_SQUARE + column + 0.5) / _CELLS_A_DEGREE - 180
    y = (north * _CELLS_A_SQUARE + row + 0.5) / _CELLS_A_DEGREE - 90
    codes = first_covering(shapes, precedence, x, y)
    run = np.cumsum(starts.ravel()) - 1
    tiles[free] = codes[run[free.ravel()]]


def _fill_squares(squares: Codes, shapes: Sequence[BaseGeometry], precedence: Sequence[int]) -> None:
    """Give squares that no boundary crosses the zone that covers them, if any."""
    inside = np.zeros((_SQUARES_NORTH, _SQUARES_EAST), dtype=bool)
    for west, south, east, north in shapely.bounds(list(shapes)):
        rows = slice(int((south + 90) * _SQUARES_A_DEGREE), int((north + 90) * _SQUARES_A_DEGREE) + 1)
        inside[rows, int((west + 180) * _SQUARES_A_DEGREE) : int((east + 180) * _SQUARES_A_DEGREE) + 1] = True
    open_squares = np.flatnonzero(inside.ravel() & (squares == _NONE))
    north, east = np.divmod(open_squares, _SQUARES_EAST)
    x, y = (east + 0.5) / _SQUARES_A_DEGREE - 180, (north + 0.5) / _SQUARES_A_DEGREE - 90
    codes = first_covering(shapes, precedence, x, y)
    squares[open_squares] = np.where(codes == _NONE, _NONE, -2 - codes)


def first_covering(shapes: Sequence[BaseGeometry], precedence: Sequence[int], x: Reals, y: Reals) -> Codes:
    """Code of the first shape, in order of precedence, that covers each point, asked of the geometry; -1 if none."""
    found = np.full(len(x), _NONE, dtype=np.int16)
    bounds = shapely.bounds(list(shapes))
    for code in precedence:
        west, south, east, north = bounds[code]
        at = np.flatnonzero((found == _NONE) & (x >= west) & (x <= east) & (y >= south) & (y <= north))
        found[at[shapely.intersects_xy(shapes[code], x[at], y[at])]] = code
    return found
