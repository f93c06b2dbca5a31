"""Ways over water: as navigators measure them, never across land, and never shorter than the great circle."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.distance import METRES_PER_NM, distance_m
from geo.make_water import corners, sight
from geo.water import WATER, passages_nm, ways_to_coal
from geo.zones import load_zones

FRAME = load_zones().frame
WAYS = ways_to_coal(FRAME)
BASIN = WAYS.zone_ids.index("kp-taedong")
BERTHS = FRAME.set_index("zone_id")[["longitude", "latitude"]]
# From the Nampo berth through the lock, waypointed by hand: port, longitude, latitude (World Port Index; for anchorages
# the middle of Global Fishing Watch's cells), nautical miles.
MEASURED = [
    ("Donggang", 124.150, 39.817, 103), ("Dalian anchorage", 121.999, 38.885, 163), ("Weihai", 122.144, 37.517, 169),
    ("Shidao", 122.457, 36.847, 185), ("Yantai", 121.517, 37.663, 196), ("Penglai", 120.820, 37.837, 225),
    ("Longkou", 120.221, 37.674, 261), ("Qingdao", 120.267, 36.033, 294), ("Qinhuangdao", 119.617, 39.933, 300),
    ("Jingtang", 119.017, 39.2, 305), ("Caofeidian", 118.412, 38.882, 318), ("Weifang", 119.253, 37.377, 319),
    ("Bayuquan", 122.083, 40.300, 326), ("Tianjin", 117.833, 38.967, 351), ("Rizhao", 119.567, 35.383, 368),
    ("Lianyungang", 119.450, 34.733, 376), ("Yangtze mouth", 122.4, 31.1, 527), ("Zhoushan", 122.525, 29.756, 608),
    ("Guangzhou", 113.688, 22.639, 1312), ("Cam Pha", 107.367, 21.033, 1728),
]  # fmt: skip
seas = st.tuples(st.floats(117.5, 132), st.floats(28, 42))


def to_basin(longitude: float, latitude: float) -> float:
    return float(WAYS.distance_nm([longitude], [latitude])[0, BASIN])


def straight(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(distance_m(*one, *other) / METRES_PER_NM)


@pytest.mark.parametrize(("port", "longitude", "latitude", "measured"), MEASURED, ids=[leg[0] for leg in MEASURED])
def test_a_way_is_as_long_as_measured_by_hand(port, longitude, latitude, measured):
    assert to_basin(longitude, latitude) == pytest.approx(measured, rel=0.081)


def test_hand_and_machine_agree_in_the_middle():
    found = WAYS.distance_nm([leg[1] for leg in MEASURED], [leg[2] for leg in MEASURED])[:, BASIN]

    assert -0.04 < np.median(found / [leg[3] for leg in MEASURED] - 1) < 0


@settings(max_examples=60)
@given(seas)
def test_no_way_is_shorter_than_the_great_circle_to_the_berth(point):
    found = WAYS.distance_nm([point[0]], [point[1]])[0]

    terminals = FRAME[FRAME["loads_coal"].astype(bool) & (FRAME["kind"] != "margin")]
    for zone_id, way in zip(WAYS.zone_ids, found, strict=True):
        ends = terminals[terminals["call_zone_id"] == zone_id]
        least = min(straight(point, end) for end in ends[["longitude", "latitude"]].itertuples(index=False))
        assert least * 0.999 <= way < 3000


@settings(max_examples=60)
@given(seas, st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)))
def test_whoever_sees_another_point_is_no_further_than_over_it(point, step):
    other = point[0] + step[0], point[1] + step[1]
    between = shapely.LineString([point, other])
    if shapely.intersects(WAYS.land, between):
        return

    ways = WAYS.distance_nm(*np.transpose([point, other]))

    assert (np.abs(ways[0] - ways[1]) <= straight(point, other) * 1.0001 + 1e-6).all()


@settings(max_examples=8, deadline=None)
@given(st.lists(seas, min_size=80, max_size=120), st.tuples(st.floats(121, 131), st.floats(32, 41)))
def test_in_company_a_way_is_as_long_as_alone(scattered, middle):
    """Far apart, and close together off a coast of islands: a neighbour spares work and changes nothing."""
    near = [(middle[0] + (x - 125) / 20, middle[1] + (y - 35) / 20) for x, y in scattered]
    points = [*scattered, *near, *scattered[:3]]

    together = WAYS.distance_nm(*np.transpose(points))

    alone = [WAYS.distance_nm([x], [y])[0] for x, y in points[64::9]]
    np.testing.assert_array_equal(together[64::9], alone)


def test_where_the_shipped_coast_ends_a_neighbour_across_the_land_tells_nothing():
    """On the line at which Sakhalin was cut, one side of it sees the other past the corners that are missing."""
    west, east = (142.0, 48.0), (142.6, 48.0)

    together = WAYS.distance_nm(*np.transpose([east] * 65 + [west]))

    np.testing.assert_array_equal(together[-1], WAYS.distance_nm(*np.transpose([west]))[0])


def test_a_way_back_is_as_long():
    open_ports = [name for name in WAYS.zone_ids if name != "kp-taedong"]
    places = BERTHS.loc[open_ports].to_numpy().T
    table = pd.DataFrame(WAYS.distance_nm(*places), index=open_ports, columns=WAYS.zone_ids)[open_ports]

    np.testing.assert_allclose(table, table.T, atol=3)  # a port's own point is not its berth
    lock = BERTHS.loc["kp-barrage"]
    inside = to_basin(*lock)
    out = WAYS.distance_nm(*lock.to_numpy()[:, None])[0, WAYS.zone_ids.index("kp-wonsan")]
    assert to_basin(*places[:, open_ports.index("kp-wonsan")]) == pytest.approx(out + inside, abs=3)


def test_no_way_crosses_korea():
    korea_bay = (124.5, 38.6)

    way = WAYS.distance_nm(*np.transpose([korea_bay]))[0]

    assert straight(korea_bay, tuple(BERTHS.loc["kp-wonsan"])) < 150
    assert way[WAYS.zone_ids.index("kp-wonsan")] > 700  # round the south coast


def test_into_the_basin_there_is_one_way_the_lock():
    lock = tuple(BERTHS.loc["kp-barrage"])
    south, north = (125.12, 38.60), (125.14, 38.78)  # on either side of it, both near the dam

    for point in (south, north):
        assert to_basin(*point) >= straight(point, lock) + to_basin(*lock) - 0.5
    assert 10 < to_basin(*lock) < 13


def test_without_a_lock_the_way_leads_to_the_berth_itself():
    open_basin = ways_to_coal(FRAME[FRAME["kind"] != "lock"])
    at_lock = BERTHS.loc["kp-barrage"].to_numpy()[:, None]

    assert open_basin.distance_nm(*at_lock)[0, BASIN] < to_basin(*at_lock[:, 0]) + 3


def test_a_point_on_land_counts_as_the_nearest_water():
    quay, off = (121.66, 38.93), (121.75, 38.95)  # in the city of Dalian, and in its bay

    assert abs(to_basin(*quay) - to_basin(*off)) < straight(quay, off) + 8


def test_beyond_the_shipped_coast_a_way_is_at_most_too_short():
    balikpapan = (116.9, -1.3)

    assert straight(balikpapan, (125.41, 38.72)) <= to_basin(*balikpapan) < 2700


def test_in_other_seas_nothing_is_known():
    found = WAYS.distance_nm([12.0, 170.0, np.nan, 124.0], [56.0, 10.0, 38.0, 38.0])

    assert np.isnan(found[:3]).all()
    assert np.isfinite(found[3]).all()


def test_far_up_a_river_nothing_is_known():
    found = WAYS.distance_nm([111.3, 124.0], [30.7, 38.0])  # Yichang, a thousand miles up the Yangtze; the Yellow Sea

    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


def test_zones_that_load_no_coal_have_no_way():
    none = ways_to_coal(FRAME.assign(loads_coal=False))

    assert none.zone_ids == ()
    assert none.distance_nm([124.0], [38.0]).shape == (1, 0)


def test_what_is_shipped_sees_what_the_code_that_makes_it_does():
    content = json.loads(gzip.decompress(WATER.read_bytes()))
    near = [ring for ring in content["land"] if shapely.Polygon(ring).distance(shapely.Point(126.2, 34.3)) < 0.7][1:]
    small = shapely.polygons([shapely.linearrings(ring) for ring in near])

    at, before, after = corners(small)
    pairs = sight(small, at, before, after)

    known = ways(np.array(content["corners"]), np.cumsum(content["sight"], axis=1))
    land = shapely.polygons([shapely.linearrings(ring) for ring in content["land"]])
    tree = shapely.STRtree(shapely.buffer(land, -1e-5))
    clear = {way for way in ways(at, pairs) if not len(tree.query(shapely.LineString(way), "intersects"))}
    assert len(clear) > 20
    assert clear <= known


def ways(at: np.ndarray, pairs: np.ndarray) -> set[frozenset[tuple[float, float]]]:
    """Pairs of places, whichever comes first."""
    places = [tuple(place) for place in np.round(at, 4).tolist()]
    return {frozenset((places[one], places[other])) for one, other in pairs.T.tolist()}


def passage(one, other):
    return float(passages_nm([one[0]], [one[1]], [other[0]], [other[1]])[0])


@pytest.mark.parametrize(("one", "other", "nm"), [
    ((119.253, 37.377), (119.567, 35.383), 387),  # Weifang to Rizhao, round Shandong
    ((122.083, 40.300), (120.267, 36.033), 350),  # Bayuquan to Qingdao
    ((122.144, 37.517), (124.150, 39.817), 167),  # Weihai to Donggang, straight
], ids=["Weifang-Rizhao", "Bayuquan-Qingdao", "Weihai-Donggang"])  # fmt: skip
def test_a_passage_between_any_two_places_goes_round_the_land(one, other, nm):
    assert passage(one, other) == pytest.approx(nm, rel=0.081)


@settings(max_examples=15)
@given(seas, seas)
def test_a_passage_is_as_long_back_and_no_shorter_than_the_great_circle(one, other):
    there, back = passage(one, other), passage(other, one)

    assert there >= straight(one, other) - 1e-6
    assert there == pytest.approx(back, rel=1e-6)


def test_of_a_place_that_is_not_known_or_far_away_no_passage_is():
    assert np.isnan(passages_nm([120, 120], [38, 38], [np.nan, 10], [38, 55])).all()
    assert passages_nm([], [], [], []).tolist() == []
