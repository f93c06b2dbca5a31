"""Zones of the sea, with their outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.contracts import ZONE
from pipeline.export.layer import Layer, typed

if TYPE_CHECKING:
    from geo.zones import Zones


def zone_layer(zones: Zones) -> Layer:
    """The columns of ZONE with outlines; zones lie in one another, and a margin is a ring around its zone."""
    import shapely

    from pipeline.plain import records

    names = [name for name in ZONE.names if name != "geometry"]
    shapes = np.array([_multi(one) for one in zones.outlines], dtype=object)
    rows = typed(names, records(zones.frame[names]))
    order = rows["zone_id"].argsort(kind="stable").to_numpy()
    return Layer(
        "zones",
        rows.iloc[order].reset_index(drop=True),
        ("zone_id",),
        "name",
        shapely.orient_polygons(shapes[order]),
        "MultiPolygon",
        None,
        "kind",
    )


def _multi(shape: object) -> object:
    from shapely import MultiPolygon, Polygon

    return MultiPolygon([shape]) if isinstance(shape, Polygon) else shape
