"""Zones as they were built, kept by what they were built from: cutting margins and drawing the raster takes seconds.

A file of the cache (see `geo.cache`) holds the arrays of a `Zones`, under a hash of the zone files, of the code that
builds them and of the geometry library.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.cache import cache_folder, hash_of, write_kept
from geo.raster import Raster

_CODE = ("zones.py", "zone_file.py", "zone_cache.py", "cache.py", "plane.py", "raster.py", "distance.py")
_KEPT = 8  # files of other zones or versions, the newest; each takes a few megabytes
_ARRAYS = ("parents", "call_code", "is_margin", "precedence")


def cached_path(files: Mapping[str, bytes]) -> Path:
    """The file that holds the zones of zone files, given by name."""
    code = {f"code {name}": Path(__file__).with_name(name).read_bytes() for name in _CODE}
    key = hash_of({**code, **files}, shapely.__version__, shapely.geos_version_string, np.__version__)
    return cache_folder() / f"zones-{key}.npz"


def read_cached(path: Path) -> dict[str, Any] | None:
    """The fields of the `geo.zones.Zones` that a file holds; None if there is none, or it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            texts = json.loads(bytes(kept["texts"]))
            outlines, shapes = _shapes(kept, "outlines"), _shapes(kept, "shapes")
            ends = np.cumsum(kept["crossing_sizes"])[:-1]
            crossings = tuple(tuple(part.tolist()) for part in np.split(kept["crossings"], ends))
            shapely.prepare(list(outlines))
            raster = Raster(kept["squares"], kept["tiles"], crossings, outlines)
            parents, call_code, is_margin, precedence = (kept[name] for name in _ARRAYS)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, shapely.GEOSException):
        return None
    return {
        "ids": tuple(texts["ids"]),
        "outlines": outlines,
        "shapes": shapes,
        "parents": parents,
        "call_code": call_code,
        "is_margin": is_margin,
        "hash": texts["hash"],
        "precedence": tuple(precedence.tolist()),
        "raster": raster,
        "_properties": tuple(texts["properties"]),
    }


def write_cached(path: Path, zones: Mapping[str, Any]) -> None:
    """Keep the fields of zones in a file, or do without it; old files of the folder are removed."""
    raster: Raster = zones["raster"]
    texts = {"ids": zones["ids"], "properties": zones["_properties"], "hash": zones["hash"]}
    arrays = {
        "texts": np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8),
        "squares": raster.squares,
        "tiles": raster.tiles,
        "crossings": np.array([code for codes in raster.crossings for code in codes], dtype=np.int64),
        "crossing_sizes": np.array([len(codes) for codes in raster.crossings], dtype=np.int64),
        **{name: np.asarray(zones[name]) for name in _ARRAYS},
        **_as_bytes("outlines", zones["outlines"]),
        **_as_bytes("shapes", zones["shapes"]),
    }
    write_kept(path, lambda file: np.savez_compressed(file, **arrays), _KEPT)  # type: ignore[arg-type]  # its stubs take the names for the flag


def _as_bytes(name: str, shapes: Sequence[BaseGeometry]) -> dict[str, NDArray[Any]]:
    blobs = [shapely.to_wkb(shape, byte_order=1) for shape in shapes]
    sizes = np.array([len(blob) for blob in blobs], dtype=np.int64)
    return {name: np.frombuffer(b"".join(blobs), dtype=np.uint8), f"{name}_sizes": sizes}


def _shapes(kept: Mapping[str, NDArray[Any]], name: str) -> tuple[BaseGeometry, ...]:
    blob = bytes(kept[name])
    ends = np.cumsum(np.append(0, kept[f"{name}_sizes"])).tolist()
    return tuple(shapely.from_wkb([blob[start:end] for start, end in pairwise(ends)]).tolist())
