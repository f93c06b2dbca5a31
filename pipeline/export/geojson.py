"""GeoJSON (RFC 7946): one FeatureCollection, a feature a line; longitude before latitude, WGS 84, six decimals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.export.contents import Contents
from pipeline.export.layer import Layer, plain_rows

if TYPE_CHECKING:
    import numpy as np


def write_geojson(contents: Contents, path: Path) -> None:
    """Features of all layers, each with `layer` among its properties; a row without a place is a feature without one.

    What the file says of itself is its member `coalwatch` (a foreign member, section 6.1). There is no `crs` member
    (section 4). Exterior rings run counterclockwise (3.1.6); lines across the 180th meridian are cut in the layer
    (3.1.9).
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        about = _json({"type": "FeatureCollection", "coalwatch": contents.about.record()})
        file.write(f'{about[:-1]},"features":[')
        before = "\n"
        for layer in contents.layers:
            for feature in _features(layer):
                file.write(before + feature)
                before = ",\n"
        file.write("\n]}\n")


def _features(layer: Layer) -> Iterator[str]:
    rows, ids = plain_rows(layer), layer.id_of.tolist()
    for id_, row, place in zip(ids, rows, _as_json(layer.places), strict=True):
        properties = _json({"layer": layer.name, **row})
        yield f'{{"type":"Feature","id":{_json(f"{layer.name}/{id_}")},"geometry":{place},"properties":{properties}}}'


def _as_json(places: np.ndarray) -> list[str]:
    import shapely

    rounded = shapely.transform(shapely.orient_polygons(places), lambda corners: corners.round(6))
    return [text or "null" for text in shapely.to_geojson(rounded)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
