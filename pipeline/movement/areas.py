"""Areas of the sea: cells of one size side by side, found one from the other, and the box around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame


def neighbours(cells: NDArray[np.int64], degrees: float, rings: int = 1) -> NDArray[np.int64]:
    """The cells around some, as many rings of them as said: those of the first have an edge or a corner in common."""
    columns = round(360 / degrees)
    row, column = cells // columns, cells % columns
    near = range(-rings, rings + 1)
    around = [(row + up) * columns + (column + right) % columns for up in near for right in near]
    return np.setdiff1d(np.concatenate(around), cells)


def grow(cells: Sequence[int], degrees: float, alike: Callable[[int, int], bool]) -> list[list[int]]:
    """Rows in areas: each area grows from its first row over rows in cells near by that are like that first one, over
    at most one cell between them, in which traffic may be too thin to tell.

    cells    the cell of each row (several rows may lie in one), the rows that areas begin with first
    alike    whether a row belongs to an area by its first row (both as positions in `cells`)
    returns  positions, one list an area; each row is in one
    """
    columns = round(360 / degrees)
    at: dict[int, list[int]] = {}
    for position, cell in enumerate(cells):
        at.setdefault(int(cell), []).append(position)
    free = set(range(len(cells)))
    areas: list[list[int]] = []
    for seed in range(len(cells)):
        if seed not in free:
            continue
        free.discard(seed)
        area, edge = [seed], [seed]
        while edge:
            row, column = divmod(int(cells[edge.pop()]), columns)
            for up in range(-2, 3):
                for right in range(-2, 3):
                    beside = at.get((row + up) * columns + (column + right) % columns, ())
                    more = [one for one in beside if one in free and alike(seed, one)]
                    free.difference_update(more)
                    area += more
                    edge += more
        areas.append(sorted(area))
    return areas


def boxes(areas: Sequence[NDArray[np.int64]], degrees: float) -> DataFrame:
    """The box around each area, and the middle of its cells.

    returns  west, south, east, north, longitude, latitude (degrees; of an area across the 180th meridian east is beyond
             180), cells (their numbers, in order, as text)
    """
    columns = round(360 / degrees)
    rows = []
    for cells in areas:
        south, west = (cells // columns) * degrees - 90, (cells % columns) * degrees - 180
        if np.ptp(west) > 180:
            west = np.where(west < 0, west + 360, west)
        rows.append(
            {
                "west": west.min(), "south": south.min(), "east": west.max() + degrees, "north": south.max() + degrees,
                "longitude": (west.mean() + degrees / 2 + 180) % 360 - 180, "latitude": south.mean() + degrees / 2,
                "cells": " ".join(map(str, np.sort(cells))),
            }
        )  # fmt: skip
    return DataFrame(rows, columns=["west", "south", "east", "north", "longitude", "latitude", "cells"])
