"""Zones written for other programs are the zones."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
import shapely

from geo.export import export_zones, zone_frame
from geo.zones import Zones, build_zones
from tests.geo.shapes import feature


@pytest.fixture(scope="module")
def zones() -> Zones:
    harbour = feature("harbour", 125.4, 38.7, 3000)
    quay = feature("quay", 125.4, 38.7, 500, kind="terminal", parent_zone_id="harbour", margin_m=None)
    return build_zones([harbour, quay])


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_every_kind_of_file_holds_every_zone_with_its_outline(zones: Zones, tmp_path: Path, suffix: str):
    import geopandas

    path = tmp_path / f"zones{suffix}"
    path.write_text("what was there before")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        export_zones(zones, path)

    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    read = geopandas.read_parquet(path) if suffix == ".parquet" else geopandas.read_file(path)
    assert read.crs.to_epsg() == 4326
    assert read["zone_id"].tolist() == list(zones.ids)
    assert read["kind"].tolist() == ["port", "terminal", "margin"]
    for found, outline in zip(read.geometry, zones.outlines, strict=True):
        assert shapely.hausdorff_distance(found, outline) < 1e-5  # a metre


def test_geojson_can_be_read_without_geopandas(zones: Zones, tmp_path: Path):
    export_zones(zones, tmp_path / "zones.geojson")

    features = json.loads((tmp_path / "zones.geojson").read_text())["features"]
    assert [one["properties"]["parent_zone_id"] for one in features] == [None, "harbour", None]


def test_another_kind_of_file_is_refused_with_the_kinds_there_are(zones: Zones, tmp_path: Path):
    with pytest.raises(ValueError, match=r"zones\.shp: .*expected \.geojson, \.gpkg, \.parquet"):
        export_zones(zones, tmp_path / "zones.shp")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told_by_the_system(zones: Zones, tmp_path: Path):
    path = tmp_path / "nowhere" / "zones.gpkg"

    with pytest.raises(FileNotFoundError) as told:
        export_zones(zones, path)

    assert told.value.filename == str(path)  # not the draft, of which nobody knows


def test_exported_zones_can_be_joined_with_points(zones: Zones):
    import geopandas

    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy([125.4, 125.42], [38.7, 38.7]), crs="EPSG:4326")

    found = points.sjoin(zone_frame(zones), predicate="within")

    assert sorted(found.loc[0, "zone_id"]) == ["harbour", "quay"]
    assert found.loc[[1], "zone_id"].tolist() == ["harbour"]
