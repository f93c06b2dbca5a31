"""Zones grown from cells, and over their banks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.check import check_labels
from geo.coast import land_within
from geo.grow import NO_CELLS, Seed, dry_land, share_out, with_banks
from geo.plane import gap_m
from geo.zones import Zones, build_zones, load_zones
from tests.geo.shapes import feature, on_water

NO_WATER = shapely.Polygon()


@pytest.fixture(scope="module")
def shipped() -> Zones:
    return load_zones()


def zone_at(zones: Zones, longitude: float, latitude: float) -> str | None:
    code = int(zones.locate([longitude], [latitude])[0])
    return zones.ids[code] if code >= 0 else None


@pytest.mark.parametrize(
    ("longitude", "latitude", "zone_id"),
    [
        (125.573, 38.80, "kp-taean"),  # on the coast file's land, 2 to 3 km wide of the narrow river
        (125.410, 38.739, "kp-nampo-coal"),  # Nampo's town behind the quay
        (125.617, 38.750, "kp-songnim"),
        (125.250, 38.645, "kp-taedong"),  # the basin's south bank
    ],
)
def test_a_ship_on_the_coast_files_land_is_in_the_zone_of_the_nearest_water(shipped, longitude, latitude, zone_id):
    assert not on_water([longitude], [latitude])[0]

    assert zone_at(shipped, longitude, latitude) == zone_id


@pytest.mark.parametrize(("longitude", "latitude"), [(125.135, 38.655), (125.140, 38.74), (125.10, 38.62)])
def test_land_seaward_of_the_barrage_is_not_in_the_basin(shipped, longitude, latitude):
    found = str(zone_at(shipped, longitude, latitude))

    assert not found.startswith(("kp-taedong", "kp-nampo-coal", "kp-taean"))


def test_land_far_from_any_zones_water_is_in_no_port(shipped):
    assert zone_at(shipped, 121.50, 38.95) is None  # 7 km from Dalian's quays


def test_land_beside_a_zone_belongs_to_the_nearest_water_wherever_two_are_not_as_near(shipped):
    rng = np.random.default_rng(3)
    codes = [code for code, call in enumerate(shipped.call_code) if call == code and not shipped.is_margin[code]]
    codes = [code for code in codes if shipped.ids[code].startswith(("cn-", "ru-vladivostok"))]
    wrong, tried = [], 0
    for code in rng.choice(codes, 25, replace=False):
        outline = shipped.outlines[code]
        part = max(shapely.get_parts(outline), key=shapely.area)
        box = shapely.box(*part.bounds).buffer(0.01)
        shore = dry_land(box.buffer(0.05).bounds)
        water = shapely.difference(box.buffer(0.04), shore)
        own, other = shapely.intersection(water, outline), shapely.difference(water, outline.buffer(0.002))
        west, south, east, north = box.bounds
        for x, y in zip(rng.uniform(west, east, 60), rng.uniform(south, north, 60), strict=True):
            if own.is_empty or not shapely.intersects_xy(shore, x, y):
                continue
            mine, others = gap_m(own, x, y), gap_m(other, x, y) if not other.is_empty else np.inf
            if mine < 1500 and mine + 700 < others:
                tried += 1
                if not shapely.intersects_xy(outline, x, y):
                    wrong.append((shipped.ids[code], x, y, mine, others))

    assert tried > 20
    assert not wrong


def test_a_spit_between_two_waters_is_cut_along_its_middle():
    # the tongue of Lüshun, 121.2E 38.8N: a zone in the bay on one side does not reach the sea on the other
    bay = shapely.difference(
        shapely.box(121.60, 38.92, 121.70, 38.96), land_within(shapely.box(121.5, 38.8, 121.8, 39.1))
    )
    seed = Seed("port", NO_CELLS, bay)

    grown = with_banks(seed, bay, NO_WATER)
    over = shapely.difference(grown, bay)

    sea = shapely.difference(
        shapely.box(121.55, 38.8, 121.78, 39.05), land_within(shapely.box(121.4, 38.7, 121.9, 39.2))
    )
    assert shapely.area(over) > 0
    assert shapely.area(shapely.intersection(over, shapely.difference(sea, bay.buffer(0.003)))) < 2e-5


def test_roads_of_two_ports_are_shared_out_so_that_each_cell_lies_in_its_ports_part():
    here = np.array([(122.0, 30.0), (122.01, 30.0), (122.02, 30.005)])
    there = here + np.array([0.03, 0.0])
    seeds = {"one": Seed("anchorage", here, NO_WATER), "other": Seed("anchorage", there, NO_WATER)}

    grown = share_out(seeds)

    assert shapely.intersects_xy(grown["one"], *here.T).all()
    assert shapely.intersects_xy(grown["other"], *there.T).all()
    assert shapely.area(shapely.intersection(grown["one"], grown["other"])) < 1e-9


def test_nineteen_in_twenty_anchorages_of_each_label_lie_in_a_zone_of_their_port(shipped):
    table = check_labels(shipped).set_index(["country", "label"])

    assert table["ok"].all(), table[~table["ok"]].to_string()
    assert {"HUANGHUA", "BINZHOU", "DONGYING", "JINZHOU", "PANJIN", "HULUDAO", "NANJING", "JIAXING", "WENZHOU"} <= set(
        table.loc["CN"].index
    )
    assert table.loc[("CN", "HUANGHUA"), "cells"] > 700
    assert table.loc[("RU", "NAKHODKA"), "inside"] > 100


def test_a_label_whose_port_has_no_zone_there_is_told(tmp_path):
    outlines = tmp_path / "outlines.yaml"
    outlines.write_text("files:\n  cn-x: {country: CN, port: Huanghua, at: [117.9, 38.3], labels: [HUANGHUA]}\n")
    zones = build_zones([feature("x", 118.24, 38.42, 5000, port="Huanghua"), feature("y", 118.4, 38.42, 3000)])

    row = check_labels(zones, outlines).iloc[0]

    assert 0 < row["inside"] < row["cells"]
    assert not row["ok"]
