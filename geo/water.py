"""Ways over water: how far a ship sails from a point to where coal is loaded, never across land.

A shortest way is straight between corners of the land, so it is found exactly on the graph of which corners see each
other (`water.json.gz`, made by `make_water`). A water behind a lock is land to everyone outside: the way into it leads
to the lock and from there straight to the berth. Ways are straight in longitude and latitude; each piece is measured on
the great circle, so no way is shorter than the great circle between its ends.

Of twenty ways from the Nampo berth that were measured by hand, most are 0 to 7 % longer, because a navigator keeps
clear of capes and lines on the sea. Why not a raster: a marching front is half a cell off at its source and takes
seconds where this takes a quarter of one, and steps from cell to cell are up to 8 % too long.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.coast import EXTENT
from geo.distance import EARTH_RADIUS_M, METRES_PER_NM, distance_m

if TYPE_CHECKING:
    from pandas import DataFrame

WATER = Path(__file__).resolve().parent / "water.json.gz"
AROUND = (
    80.0,
    -15.0,
    160.0,
    60.0,
)  # west, south, east, north: the seas of East Asia, from the Indian Ocean to Kamchatka
EDGE_DEG = 0.01  # what lies nearer to the edge of the coast's extent is where it was cut: no corner there is shipped
_SHRUNK_DEG = 1e-5  # about 1 m: a way along a shore, or round a corner, does not touch what is left of the land
_CHUNK = 256  # points worked on at once
_ASKED_AT_ONCE = 64  # corners of a point
_FOUND_ALONE = 64  # points; of more, a neighbour tells most of the way
_BESIDE_NM = 60.0  # of one further off the way tells little, and lines of degrees leave the great circle
_SLACK_NM = 0.1  # that a way of up to 60 nm, straight in degrees, is longer than the great circle, four times over
_EXACT_NM = 1e-3  # by less than that is `_arcs_nm` off
_RADIUS_NM = EARTH_RADIUS_M / METRES_PER_NM

Numbers = NDArray[np.float64]
Places = NDArray[np.float64]  # longitude and latitude, a row each
Found = tuple[Numbers, NDArray[np.int64]]  # nautical miles and the number of a corner: a row a point, a column a zone


@dataclass(frozen=True)
class WaterWays:
    """Ways over water to some zones.

    zone_ids  the zones
    corners   corners of land, then the point of each zone at which a way to it ends: longitude, latitude
    left_nm   zone, corner: what is left of the way from there
    land      what no way crosses: all land, a metre smaller all round
    shore     the edge of the land: no way from it touches `land` unless it crosses it
    """

    zone_ids: tuple[str, ...]
    corners: Places
    left_nm: Numbers
    land: BaseGeometry
    shore: BaseGeometry

    def distance_nm(self, longitude: ArrayLike, latitude: ArrayLike) -> Numbers:
        """Nautical miles over water from each point (degrees) to each zone: a row a point, a column a zone.

        A point on land counts as the nearest water, and the way there with it. Beyond the shipped coast
        (`geo.coast.EXTENT`) land is in nobody's way, so there a way is at most too short; outside `AROUND`, far inland
        (on a river, say), and where a coordinate is no number, nothing is known: NaN.
        """
        points = np.column_stack([np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)])
        found = np.full((len(points), len(self.zone_ids)), np.nan)
        west, south, east, north = AROUND
        x, y = points.T
        known = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
        afloat = self._afloat(points[known])
        found[known] = self._from_water(afloat)[0] + _apart_nm(points[known], afloat)[:, None]
        return np.where(np.isfinite(found), found, np.nan)

    def _afloat(self, points: Places) -> Places:
        """The points, those on land moved to the nearest water."""
        ashore = np.flatnonzero(shapely.intersects_xy(self.land, points[:, 0], points[:, 1]))
        if not len(ashore):
            return points
        lines = shapely.shortest_line(shapely.points(points[ashore]), self.shore)
        moved = points.copy()
        moved[ashore] = shapely.get_coordinates(lines).reshape(-1, 2, 2)[:, 1]
        return moved

    def _from_water(self, points: Places) -> Found:
        """Of points on water the nautical miles as `distance_nm`, and the first corner of each way (or its end).

        The first points are found each alone, of the others each beside its nearest neighbour that was found. At the
        edge of the shipped coast and beyond it corners are missing, so there a neighbour tells nothing.
        """
        shape = len(points), len(self.zone_ids)
        found, over = np.empty(shape), np.zeros(shape, dtype=np.int64)
        west, south, east, north = EXTENT
        x, y = points.T
        charted = (x > west + EDGE_DEG) & (x < east - EDGE_DEG) & (y > south + EDGE_DEG) & (y < north - EDGE_DEG)
        inside = np.flatnonzero(charted)
        for part in _chunks(np.r_[inside[:_FOUND_ALONE], np.flatnonzero(~charted)]):
            found[part], over[part] = self._alone(points[part])
        count = _FOUND_ALONE
        while count < len(inside):
            ready, following = inside[:count], inside[count : 2 * count]
            neighbours = shapely.STRtree(shapely.points(points[ready]))
            for part in _chunks(following):
                beside = ready[neighbours.nearest(shapely.points(points[part]))]
                found[part], over[part] = self._beside(points[part], points[beside], (found[beside], over[beside]))
            count *= 2
        return found, over

    def _beside(self, points: Places, others: Places, known: Found) -> Found:
        """As `_alone`, of points each beside another whose ways are known.

        Where the two see each other, their ways differ by no more than lies between them: a corner over which the way
        would be shorter still is hidden, and one over which it is longer than over the corner of the other's way is
        no better. Few are left to be asked.
        """
        known_nm, over = known
        apart = _apart_nm(points, others)
        near = np.flatnonzero((apart <= _BESIDE_NM) & np.isfinite(known_nm).all(axis=1) & self._sees(points, others))
        at, on = points[near], self.corners
        row, of_zone = (number.ravel() for number in np.indices((len(near), len(self.zone_ids))))
        corner = over[near].ravel()
        most = _apart_nm(at[row], on[corner]) + self.left_nm[of_zone, corner]
        same = self._sees(at[row], on[corner])
        # straight in degrees and measured on the globe, a way in pieces is longer: by L³ tan² φ / 24 R², φ up to 48°
        slack = apart[near, None] + known_nm[near] ** 3 * (1.25 / 24 / _RADIUS_NM**2) + _SLACK_NM
        least = known_nm[near] - slack
        most = np.minimum(known_nm[near] + slack, np.where(same, most, np.inf).reshape(least.shape) + _EXACT_NM)
        legs = _arcs_nm(at, on)
        ask = np.zeros(legs.shape, dtype=bool)
        for zone, left in enumerate(self.left_nm):
            whole = legs + left
            ask |= (whole >= least[:, zone, None]) & (whole <= most[:, zone, None])
        row, corner = np.nonzero(ask)
        sees = self._sees(at[row], on[corner])
        row, corner = row[sees], corner[sees]
        leg = _apart_nm(at[row], on[corner])
        found, first = np.full(over.shape, np.inf), np.zeros(over.shape, dtype=np.int64)
        for zone, left in enumerate(self.left_nm):
            way = leg + left[corner]
            order = np.lexsort((-way, row))  # the last to be written is the shortest
            found[near[row[order]], zone], first[near[row[order]], zone] = way[order], corner[order]
        lost = np.flatnonzero(np.isinf(found).any(axis=1))
        found[lost], first[lost] = self._alone(points[lost])
        return found, first

    def _alone(self, points: Places) -> Found:
        """The shortest of the ways over a corner that each point sees, and that corner: a row a point, a column a zone.

        The corner over which the way would be shortest is asked first whether the point sees it, then the next two,
        four and so on: for most points one or three need to be asked.
        """
        found = np.full((len(points), len(self.zone_ids)), np.inf)
        over = np.zeros(found.shape, dtype=np.int64)
        legs = _apart_nm(points[:, None, :], self.corners[None, :, :])
        seen = np.zeros(legs.shape, dtype=bool)
        for zone, left in enumerate(self.left_nm):
            whole = legs + left
            waiting, asked = np.arange(len(points)), 1
            while len(waiting):
                of_waiting = whole[waiting]
                corner = _least(of_waiting, asked)
                way = np.take_along_axis(of_waiting, corner, axis=1)
                row = np.broadcast_to(waiting[:, None], corner.shape)
                new = np.isfinite(way) & ~seen[row, corner]
                seen[row[new], corner[new]] = self._sees(points[row[new]], self.corners[corner[new]])
                sees = seen[row, corner]
                clear = np.where(sees, way, np.inf)
                best = clear.argmin(axis=1)[:, None]
                found[waiting, zone] = np.take_along_axis(clear, best, axis=1)[:, 0]
                over[waiting, zone] = np.take_along_axis(corner, best, axis=1)[:, 0]
                hidden = row[~sees], corner[~sees]
                whole[hidden] = legs[hidden] = np.inf
                waiting = waiting[~sees.any(axis=1) & np.isfinite(way).any(axis=1)]
                asked = min(2 * asked, _ASKED_AT_ONCE, len(left))
        return found, over

    def _sees(self, points: Places, others: Places) -> NDArray[np.bool_]:
        return np.asarray(~shapely.intersects(self.land, shapely.linestrings(np.stack([points, others], axis=1))))


def hash_of_water() -> str:
    """Identifies the land shipped, as ways are found round it."""
    return hashlib.sha256(WATER.read_bytes()).hexdigest()[:16]


def ways_to_coal(zones: DataFrame) -> WaterWays:
    """Ways to the ports and basins in which coal is loaded.

    zones    ZONE
    returns  a way ends at the nearest terminal that loads coal, or at the zone's point where it has none; into a zone
             with a lock that is its only way in it leads to the lock, and from there straight on
    """
    own = zones[(zones["call_zone_id"] == zones["zone_id"]) & (zones["kind"] != "margin")]
    loading = own[own["loads_coal"].astype(bool)]
    ends, closed = [], []
    for zone_id, point, outline in zip(
        loading["zone_id"], loading[["longitude", "latitude"]].to_numpy("float64"), loading["geometry"], strict=True
    ):
        of_zone = zones[zones["call_zone_id"] == zone_id]
        berths = of_zone[(of_zone["kind"] == "terminal") & of_zone["loads_coal"].astype(bool)]
        berth = berths[["longitude", "latitude"]].to_numpy("float64") if len(berths) else point[None, :]
        lock = of_zone.loc[of_zone["kind"] == "lock", ["longitude", "latitude"]].to_numpy("float64")
        if len(lock):
            closed.append(outline)
            further = _apart_nm(lock[:, None, :], berth[None, :, :]).min(axis=1)
        else:
            further = np.zeros(len(berth))
        ends.append(tuple(map(tuple, np.column_stack([lock if len(lock) else berth, further]).tolist())))
    return _ways(tuple(loading["zone_id"]), tuple(ends), tuple(closed))


@lru_cache(maxsize=4)
def _ways(zone_ids: tuple[str, ...], ends: Sequence[Sequence[tuple[float, ...]]], closed: tuple[str, ...]) -> WaterWays:
    """Ways to places; made in a quarter of a second, once in a process.

    ends    of each zone the places at which a way to it may end: longitude, latitude, and how many nautical miles it is
            from there on
    closed  waters (WKT) that are land to everyone outside
    """
    corners, pairs, polygons = _shipped()
    if closed:
        basins = shapely.get_parts(shapely.from_wkt(list(closed)))
        ways = shapely.linestrings(np.stack([corners[pairs[0]], corners[pairs[1]]], axis=1))
        pairs = pairs[:, ~shapely.intersects(shrunk(basins), ways)]
        polygons = np.append(polygons, basins)
    whole = shapely.get_parts(shapely.union_all(polygons))
    whole = np.asarray(shapely.polygons(shapely.get_exterior_ring(whole)))
    land, shore = shrunk(whole), shapely.union_all(shapely.boundary(whole))
    places = [np.array(of_zone) for of_zone in ends]
    every = np.concatenate([corners, *(of_zone[:, :2] for of_zone in places)])
    left = np.full((len(zone_ids), len(every)), np.inf)
    ways_to = WaterWays(zone_ids, every, left, land, shore)
    first = len(corners)
    for zone, of_zone in enumerate(places):
        own = slice(first, first + len(of_zone))
        afloat = ways_to._afloat(of_zone[:, :2])
        every[own], left[zone, own] = afloat, of_zone[:, 2] + _apart_nm(of_zone[:, :2], afloat)
        first = own.stop
    _spread(ways_to, pairs, len(corners))
    return ways_to


def passages_nm(longitude: ArrayLike, latitude: ArrayLike, to_longitude: ArrayLike, to_latitude: ArrayLike) -> Numbers:
    """Nautical miles over water from each point to the other of its pair (degrees), as `WaterWays.distance_nm` tells.

    Where the one sees the other it is the great circle; each other pair takes about a tenth of a second.
    """
    one, other = (
        np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
        for x, y in ((longitude, latitude), (to_longitude, to_latitude))
    )
    found = np.full(len(one), np.nan)
    west, south, east, north = AROUND
    x, y = np.stack([one.T, other.T], axis=2)
    known = np.flatnonzero(((x >= west) & (x <= east) & (y >= south) & (y <= north)).all(axis=1))
    if not len(known):
        return found
    sea = _ways((), (), ())
    afloat = sea._afloat(one[known]), sea._afloat(other[known])
    found[known] = _apart_nm(*afloat)
    for row in np.flatnonzero(~sea._sees(*afloat)):
        found[known[row]] = _ways_to(afloat[1][row])._alone(afloat[0][row : row + 1])[0][0, 0]
    found[known] += _apart_nm(one[known], afloat[0]) + _apart_nm(other[known], afloat[1])
    return found


def ways_from(place: tuple[float, float], longitude: ArrayLike, latitude: ArrayLike) -> Numbers:
    """Nautical miles over water from one place (degrees) to each of many points, as `WaterWays.distance_nm` tells; of
    a thousand points about half a second."""
    afloat = _ways((), (), ())._afloat(np.array([place], dtype=np.float64))
    return _ways_to(afloat[0]).distance_nm(longitude, latitude)[:, 0] + _apart_nm(np.array(place), afloat[0])


def _ways_to(place: Places) -> WaterWays:
    """Ways to one place at sea, with no water closed."""
    sea, pairs = _ways((), (), ()), _shipped()[1]
    every = np.vstack([sea.corners, place])
    left = np.full((1, len(every)), np.inf)
    left[0, -1] = 0.0
    ways_to = WaterWays(("",), every, left, sea.land, sea.shore)
    _spread(ways_to, pairs, len(sea.corners))
    return ways_to


def _spread(ways: WaterWays, pairs: NDArray[np.int64], count: int) -> None:
    """Fill what is left from the corners of land, the first `count`, from what is left at the ends of the ways."""
    every, left = ways.corners, ways.left_nm
    end, corner = (number.ravel() for number in np.meshgrid(np.arange(count, len(every)), np.arange(count)))
    free = ways._sees(every[end], every[corner])
    one = np.concatenate([pairs[0], pairs[1], end[free]])
    other = np.concatenate([pairs[1], pairs[0], corner[free]])
    length = _apart_nm(every[one], every[other])
    for of_zone in left:
        before = np.zeros(0)
        while not np.array_equal(before, of_zone):
            before = of_zone.copy()
            np.minimum.at(of_zone, other, before[one] + length)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Places, NDArray[np.int64], NDArray[np.object_]]:
    """Corners, pairs of them that see each other, and polygons of land; read once."""
    content = json.loads(gzip.decompress(WATER.read_bytes()))
    rings = [shapely.linearrings(ring) for ring in content["land"]]
    return np.array(content["corners"]), np.cumsum(content["sight"], axis=1), np.asarray(shapely.polygons(rings))


def shrunk(polygons: NDArray[np.object_]) -> BaseGeometry:
    """The polygons, each a metre smaller all round, as one geometry that is quick to ask."""
    land = shapely.union_all(shapely.buffer(polygons, -_SHRUNK_DEG, join_style="mitre"))
    shapely.prepare(land)
    return land


def _least(values: Numbers, count: int) -> NDArray[np.int64]:
    """Where the smallest values of each row are, in no order."""
    if count == 1:
        return np.argmin(values, axis=1)[:, None]
    return np.argpartition(values, count - 1, axis=1)[:, :count]


def _chunks(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _arcs_nm(points: Places, others: Places) -> Numbers:
    """Nautical miles on the great circle from each point to each of the others, to a few metres, and cheap."""
    one, other = (
        np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
        for x, y in (np.radians(places.T) for places in (points, others))
    )
    return np.arccos(np.clip(one @ other.T, -1, 1)) * _RADIUS_NM


def _apart_nm(one: Places, other: Places) -> Numbers:
    return np.asarray(distance_m(one[..., 0], one[..., 1], other[..., 0], other[..., 1]) / METRES_PER_NM)
