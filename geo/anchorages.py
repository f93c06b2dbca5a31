"""Where ships lie still all over the world: anchorage cells of Global Fishing Watch, shipped in `anchorages.csv.gz`.

A cell is a place of about 500 m in which many ships lay still. It has the label of its port, or a number like CHN-395
where nobody named it. Licence: ANCHORAGES-LICENCE.md.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.distance import EARTH_RADIUS_M, distance_m

if TYPE_CHECKING:
    from geo.zones import Zones

ANCHORAGES = Path(__file__).resolve().parent / "anchorages.csv.gz"
COLUMNS = ("longitude", "latitude", "country", "label", "sublabel")
_NUMBERED = r"[A-Z]{3}-(?:\d+|NA)"  # a label that is no name

Reals = NDArray[np.float64]
Texts = NDArray[np.object_]


class Place(NamedTuple):
    """The nearest anchorage of each point asked for; null names and countries where none is near enough.

    number  place in `Anchorages`, -1 for none
    metres  distance to it, NaN for none
    """

    number: NDArray[np.int64]
    metres: Reals


class Anchorages(NamedTuple):
    """The anchorages, one a place in every array.

    longitude, latitude  degrees (WGS 84), middle of the cell
    country              ISO 3166 alpha-2, None where it is not known
    label, sublabel      as published; a sublabel may be empty
    """

    longitude: Reals
    latitude: Reals
    country: Texts
    label: Texts
    sublabel: Texts

    def name(self, number: int) -> str:
        """What to call one: its label; its sublabel where the label is a mere number."""
        label, sublabel = str(self.label[number]), str(self.sublabel[number])
        return sublabel if sublabel and re.fullmatch(_NUMBERED, label) else label

    def nearest(self, longitude: ArrayLike, latitude: ArrayLike, within_m: float) -> Place:
        """The nearest anchorage of each point (degrees) no further away than `within_m` metres.

        Of two equally near the one that stands first is taken. Not across the 180th meridian.
        """
        x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        north = np.degrees(within_m / EARTH_RADIUS_M)
        east = north / np.maximum(np.cos(np.radians(np.minimum(np.abs(y) + north, 89.9))), 1e-3)
        at, near = _tree(self).query(shapely.box(x - east, y - north, x + east, y + north))
        metres = distance_m(x[at], y[at], self.longitude[near], self.latitude[near])
        order = np.lexsort((near, metres, at))
        at, near, metres = at[order], near[order], metres[order]
        first = (np.diff(at, prepend=-1) != 0) & (metres <= within_m)
        number, away = np.full(len(x), -1, dtype=np.int64), np.full(len(x), np.nan)
        number[at[first]], away[at[first]] = near[first], metres[first]
        return Place(number, away)


class KnownAnchorages(NamedTuple):
    """Anchorages, and the zone whose port call a stay at each counts for; None for none."""

    cells: Anchorages
    zone_id: Texts


def hash_of_anchorages() -> str:
    """Identifies the anchorages shipped."""
    return hashlib.sha256(ANCHORAGES.read_bytes()).hexdigest()[:16]


def known_anchorages(zones: Zones) -> KnownAnchorages:
    """The shipped anchorages, each with the zone it lies in."""
    cells = anchorages()
    code = zones.locate(cells.longitude, cells.latitude)
    call = np.where((code >= 0) & ~zones.is_margin[code], zones.call_code[code], -1)
    return KnownAnchorages(cells, np.array([*zones.ids, None], dtype=object)[call])


@lru_cache(maxsize=1)
def anchorages() -> Anchorages:
    """The shipped anchorages, read once; some 60,000."""
    return read_anchorages(ANCHORAGES.read_bytes())


def read_anchorages(content: bytes) -> Anchorages:
    """Anchorages from gzipped CSV with `COLUMNS`."""
    import pyarrow as pa
    from pyarrow import csv

    types = {name: pa.float64() if name in ("longitude", "latitude") else pa.string() for name in COLUMNS}
    table = csv.read_csv(
        pa.BufferReader(gzip.decompress(content)),
        read_options=csv.ReadOptions(use_threads=False),
        convert_options=csv.ConvertOptions(column_types=types, include_columns=list(COLUMNS)),
    )
    longitude, latitude, country, label, sublabel = (table[name].to_numpy() for name in COLUMNS)
    known = np.array([code or None for code in country], dtype=object)
    return Anchorages(longitude, latitude, known, label, sublabel)


@lru_cache(maxsize=1)
def _shipped_tree() -> shapely.STRtree:
    return _points(anchorages())


def _tree(cells: Anchorages) -> shapely.STRtree:
    return _shipped_tree() if cells is anchorages() else _points(cells)


def _points(cells: Anchorages) -> shapely.STRtree:
    return shapely.STRtree(shapely.points(cells.longitude, cells.latitude))
