"""Zones made in memory for tests: circles around points, with every property given."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.coast import land
from geo.plane import circle


def on_water(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.bool_]:
    """Whether each point (degrees, inside the shipped coast's extent) lies on water; the line itself is land."""
    points = shapely.points(longitude, latitude)
    _, ashore = shapely.STRtree(points).query(list(land()), predicate="intersects")
    return ~np.isin(np.arange(len(points)), ashore)


def feature(name: str, longitude: float, latitude: float, radius_m: float, **properties: Any) -> dict[str, Any]:
    """A circular port, as a GeoJSON feature."""
    defaults = {
        "zone_id": name,
        "name": name,
        "kind": "port",
        "parent_zone_id": None,
        "port": name,
        "country": "KP",
        "loads_coal": False,
        "receives_coal": False,
        "margin_m": 1000,
        "precision": "estimated",
        "source": "made for a test",
        "valid_from": None,
        "valid_to": None,
    }
    geometry = circle(longitude, latitude, radius_m)
    return {"type": "Feature", "properties": defaults | properties, "geometry": geometry}
