"""Zones for other programs: a GeoDataFrame, or a file that QGIS, PostGIS and DuckDB read."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from geo.files import atomic_write
from geo.zones import Zones

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SUFFIXES = (".geojson", ".gpkg", ".parquet")


def zone_frame(zones: Zones) -> GeoDataFrame:
    """One row per zone and margin: the columns of the warehouse's `zone`, with outlines (WGS 84) as `geometry`.

    Zones lie in one another; a margin's outline is a ring around its zone's.
    """
    from geopandas import GeoDataFrame

    return GeoDataFrame(zones.frame.drop(columns="geometry"), geometry=list(zones.outlines), crs="EPSG:4326")


def export_zones(zones: Zones, path: Path) -> None:
    """Write zones and margins to a GeoJSON (RFC 7946), GeoPackage (layer `zone`) or GeoParquet file, by its name.

    raises  ValueError for another ending than `SUFFIXES`; OSError if it cannot be written
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise ValueError(f"{path}: no kind of file that zones are written as; expected {', '.join(SUFFIXES)}")
    with atomic_write(path) as draft:
        draft.touch()  # a path that cannot be written is reported first, in the system's words
        frame = zone_frame(zones)
        if kind == ".parquet":
            frame.to_parquet(draft, index=False)
            return
        draft.unlink()
        if kind == ".gpkg":
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "The filename extension should", RuntimeWarning)  # that of the draft
                frame.to_file(draft, driver="GPKG", layer="zone")
        else:
            frame.to_file(draft, driver="GeoJSON", layer="zone", RFC7946="YES", COORDINATE_PRECISION="6")
