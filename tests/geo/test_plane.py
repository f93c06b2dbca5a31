"""Lengths on our plane, held against geodesics of the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.plane import area_km2, circle, gap_m

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize("latitude", [18.0, 31.0, 38.7, 48.0])  # what the shipped coast covers
@pytest.mark.parametrize("azimuth", [0, 45, 90, 200])
@pytest.mark.parametrize("metres", [100.0, 5_000.0, 50_000.0])
def test_a_length_is_that_of_the_ellipsoid_to_half_a_percent(latitude, azimuth, metres):
    x, y, _ = GEOD.fwd(125.0, latitude, azimuth, metres)

    assert gap_m(shapely.Point(x, y), 125.0, latitude) == pytest.approx(metres, rel=0.005)


@pytest.mark.parametrize("latitude", [18.0, 38.7, 48.0])
def test_a_circle_has_its_radius_and_its_area(latitude):
    ring = circle(125.0, latitude, 1000)

    corners = shapely.get_coordinates(ring)
    _, _, metres = GEOD.inv(np.full(len(corners), 125.0), np.full(len(corners), latitude), *corners.T)
    assert metres == pytest.approx(np.full(len(corners), 1000), rel=0.0052)
    assert area_km2(ring) == pytest.approx(abs(GEOD.geometry_area_perimeter(ring)[0]) / 1e6, rel=0.006)
