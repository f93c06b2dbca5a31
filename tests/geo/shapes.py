"""Zones made in memory for tests: circles around points, with every property given."""

from __future__ import annotations

from typing import Any

from geo.plane import circle


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
