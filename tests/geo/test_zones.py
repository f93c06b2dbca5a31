"""Zones: the partition, its margins, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.plane import gap_m
from geo.raster import first_covering
from geo.zones import ZoneError, Zones, build_zones, load_zones
from pipeline.contracts import ZONE
from tests.geo.shapes import feature

PORT = (125.4, 38.7167)
METRE_NORTH = 1 / 111_195.08  # degrees of latitude


def zone_at(zones: Zones, longitude: float, latitude: float) -> str | None:
    code = int(zones.locate([longitude], [latitude])[0])
    return zones.ids[code] if code >= 0 else None


@pytest.fixture(scope="module")
def shipped() -> Zones:
    return load_zones()


def south_of_port(metres: float) -> tuple[float, float]:
    return PORT[0], PORT[1] - metres * METRE_NORTH


def test_a_port_is_entered_within_3_km_and_left_beyond_4_km():
    zones = build_zones([feature("port", *PORT, 3000)])

    assert zone_at(zones, *south_of_port(2999.998)) == "port"
    assert zone_at(zones, *south_of_port(3001)) == "port~margin"
    assert zone_at(zones, *south_of_port(3999.997)) == "port~margin"
    assert zone_at(zones, *south_of_port(4006)) is None  # a margin is round to 0.5 % of its width


def test_a_stay_at_a_terminal_counts_for_its_port_and_in_the_margin_too():
    zones = build_zones(
        [feature("port", *PORT, 3000), feature("berth", *PORT, 500, kind="terminal", parent_zone_id="port")]
    )

    calls = {zone: zones.ids[call] for zone, call in zip(zones.ids, zones.call_code, strict=True)}

    assert calls == {"berth": "port", "port": "port", "port~margin": "port"}
    assert zone_at(zones, *PORT) == "berth"
    assert zones.ancestors(zones.ids.index("berth")) == [zones.ids.index("port")]


def test_a_harbour_inside_a_basin_is_no_call_of_its_own():
    zones = build_zones(
        [feature("basin", *PORT, 3000, kind="basin"), feature("harbour", *PORT, 900, parent_zone_id="basin")]
    )

    assert "harbour~margin" not in zones.ids
    assert zones.ids[zones.call_code[zones.ids.index("harbour")]] == "basin"


def test_passing_a_lock_gate_is_no_call():
    zones = build_zones([feature("gate", *PORT, 800, kind="lock", margin_m=None)])

    assert zones.ids == ("gate",)
    assert zones.call_code.tolist() == [-1]


def test_margins_of_neighbours_are_cut_at_the_middle():
    zones = build_zones([feature("west", 125.40, 38.7, 2000), feature("east", 125.46, 38.7, 1000)])
    x, y = np.meshgrid(np.linspace(125.36, 125.49, 200), np.linspace(38.66, 38.74, 200))

    codes = zones.locate(x.ravel(), y.ravel())

    for own, other in (("west", "east"), ("east", "west")):
        margin = codes == zones.ids.index(f"{own}~margin")
        assert margin.any()
        near, far = zones.outlines[zones.ids.index(own)], zones.outlines[zones.ids.index(other)]
        for lon, lat in list(zip(x.ravel()[margin], y.ravel()[margin], strict=True))[::25]:
            assert gap_m(near, lon, lat) <= gap_m(far, lon, lat) + 5


def test_a_margin_covers_no_other_zone():
    zones = build_zones(
        [feature("port", *PORT, 3000), feature("gate", 125.44, 38.7167, 400, kind="lock", margin_m=None)]
    )

    assert zone_at(zones, 125.44, 38.7167) == "gate"
    assert zone_at(zones, 125.4375, 38.7250) == "port~margin"


def test_the_hash_changes_with_a_shape_and_a_property_but_not_with_the_order():
    one, other = feature("one", *PORT, 3000), feature("other", 126, 38, 3000)

    base = build_zones([one, other]).hash

    assert build_zones([other, one]).hash == base
    assert build_zones([one, feature("other", 126, 38, 3001)]).hash != base
    assert build_zones([one, feature("other", 126, 38, 3000, loads_coal=True)]).hash != base


# ------------------------------------------------------------------------------------------------ refused


def test_siblings_that_overlap_are_refused_by_name():
    with pytest.raises(
        ZoneError, match=r"zones: one: overlaps zones: two near 125\.\d+E 38\.\d+N; expected zones that nest"
    ):
        build_zones([feature("one", *PORT, 3000), feature("two", 125.45, 38.7167, 3000)])


def test_siblings_that_lie_apart_are_not():
    zones = build_zones([feature("one", *PORT, 3000), feature("two", 125.50, 38.7167, 3000)])

    assert len(zones.ids) == 4


def test_a_zone_that_leaves_its_parent_is_refused():
    with pytest.raises(ZoneError, match=r"berth: \d+\.\d% of it lies outside its parent port"):
        build_zones(
            [
                feature("port", *PORT, 3000),
                feature("berth", 125.43, 38.7167, 1000, kind="terminal", parent_zone_id="port"),
            ]
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "harbour"}, 'kind is "harbour"; expected one of country, basin'),
        ({"country": "PRK"}, 'country is "PRK"; expected an ISO 3166 alpha-2 code'),
        ({"loads_coal": "yes"}, 'loads_coal is "yes"; expected true or false'),
        ({"margin_m": -5}, "margin_m is -5; expected metres"),
        ({"margin_m": None}, "margin_m is null; expected metres, as stays here are port calls"),
        ({"precision": "good"}, 'precision is "good"; expected one of surveyed'),
        ({"source": " "}, 'source is " "; expected where the shape comes from'),
        ({"valid_from": "5 Aug 2017"}, 'valid_from is "5 Aug 2017"; expected a date'),
        ({"valid_from": "2018-01-01", "valid_to": "2017-01-01"}, "valid_to is not after valid_from"),
        ({"parent_zone_id": "nowhere"}, 'parent_zone_id is "nowhere"; expected the zone_id of another zone'),
        ({"parent_zone_id": "port"}, "parent_zone_id leads back to itself"),
        ({"kind": "terminal"}, "terminal outside any basin, port or anchorage"),
        ({"zone_id": "Port 1"}, 'zone_id is "Port 1"; expected small letters'),
        ({"colour": "red"}, "colour is not a known field"),
    ],
)
def test_a_wrong_field_is_refused_with_what_was_found_and_expected(change, message):
    with pytest.raises(ZoneError) as caught:
        build_zones([feature("port", *PORT, 3000, **change)])

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_field_a_point_and_a_twisted_ring_are_refused(tmp_path: Path):
    good = feature("port", *PORT, 3000)
    without = {**good, "properties": {k: v for k, v in good["properties"].items() if k != "source"}}
    twisted = {**good, "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}}

    for broken, message in (
        (without, "port: source is missing"),
        ({**good, "geometry": shapely.Point(PORT)}, "port: geometry is Point; expected a Polygon"),
        (twisted, "port: geometry is not valid"),
    ):
        with pytest.raises(ZoneError, match=message):
            build_zones([broken])


def test_a_file_is_named_in_the_error(tmp_path: Path):
    (tmp_path / "kp-nowhere.geojson").write_text('{"type": "FeatureCollection",\n "features": [}')

    with pytest.raises(ZoneError, match=r"kp-nowhere\.geojson:2: .*expected valid JSON"):
        load_zones(tmp_path)


def test_zones_can_be_built_from_a_geodataframe():
    from geopandas import GeoDataFrame

    port = feature("port", *PORT, 3000)
    frame = GeoDataFrame.from_features([port | {"geometry": shapely.geometry.mapping(port["geometry"])}])

    assert build_zones(frame).ids == ("port", "port~margin")


# -------------------------------------------------------------------------------------------------- locate


circles = st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(300, 9000))


@settings(max_examples=40, deadline=None)
@example([(0.03106309860979084, 0.0, 300.0), (-0.011108434286326963, 0.0, 4028.0)], 0.0, 1.0, 0)
@example([(0.0, -0.09375, 8334.0), (0.0, -0.1875, 453.0)], 0.0, 0.0, 0)
@given(st.lists(circles, min_size=1, max_size=5), st.floats(-170, 170), st.floats(-60, 60), st.integers(0, 2**32 - 1))
def test_locate_answers_as_the_geometry_itself(rings, longitude, latitude, seed):
    features = []
    for number, (east, north, radius) in enumerate(rings):
        candidate = feature(f"z{number}", longitude + east, latitude + north, radius)
        if not any(shapely.intersects(candidate["geometry"], other["geometry"]) for other in features):
            features.append(candidate)
    zones = build_zones(features)
    x, y = points_around(zones, np.random.default_rng(seed), 400)

    found = zones.locate(x, y)

    assert (found == first_covering(zones.outlines, zones.precedence, x, y)).all()
    assert (found >= 0).any()


def points_around(zones: Zones, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points at random over each zone and close to its outline."""
    xs, ys = [], []
    for outline in zones.outlines:
        west, south, east, north = outline.bounds
        xs.append(rng.uniform(west, east, count))
        ys.append(rng.uniform(south, north, count))
        corners = shapely.get_coordinates(shapely.segmentize(outline, 0.01))
        near = corners[rng.integers(0, len(corners), count)] + rng.normal(0, 1e-4, (count, 2))
        xs.append(near[:, 0])
        ys.append(near[:, 1])
    return np.concatenate(xs), np.concatenate(ys)


def test_locate_answers_as_the_geometry_itself_for_the_shipped_zones(shipped: Zones):
    x, y = points_around(shipped, np.random.default_rng(7), 400)

    assert (shipped.locate(x, y) == first_covering(shipped.outlines, shipped.precedence, x, y)).all()


def test_positions_off_the_globe_are_in_no_zone(shipped: Zones):
    x = [np.nan, np.inf, 181.0, 1e300, 125.4, 125.4, 180.0, -180.0]
    y = [38.7, 38.7, 91.0, -1e300, np.nan, 91.0, 90.0, -90.0]

    assert (shipped.locate(x, y) == -1).all()
    assert len(shipped.locate([], [])) == 0


# ------------------------------------------------------------------------------------------- shipped zones


def test_the_shipped_zones_are_a_partition(shipped: Zones):
    parts = [shipped.shapes[code] for code in range(len(shipped.ids))]

    pairs = shapely.STRtree(parts).query(parts, predicate="intersects")
    pairs = [(parts[a], parts[b]) for a, b in pairs.T if a < b]
    shared = [shapely.area(shapely.intersection(a, b)) / min(shapely.length(a), shapely.length(b)) for a, b in pairs]

    assert max(shared) < 1e-7  # a centimetre along the outline: margins that were cut are rounded to it
    assert all(shapely.is_valid(parts))


def test_the_frame_is_the_warehouse_table(shipped: Zones):
    frame = shipped.frame

    assert list(frame.columns) == ZONE.names
    assert len(ZONE.conform(frame)) == len(shipped.ids)


def test_the_taedong_is_one_call_with_its_terminals_apart(shipped: Zones):
    frame = shipped.frame.set_index("zone_id")

    terminals = ["kp-nampo", "kp-nampo-coal", "kp-nampo-oil", "kp-taean", "kp-songnim"]

    assert (frame.loc[terminals, "call_zone_id"] == "kp-taedong").all()
    assert frame.loc[terminals, "loads_coal"].tolist() == [True, True, False, True, True]
    assert frame.loc["kp-taedong", "loads_coal"]
    assert frame.loc["kp-nampo-anchorage", "call_zone_id"] == "kp-nampo-anchorage"
    assert frame.loc["kp-nampo-anchorage", "port"] == frame.loc["kp-nampo-coal", "port"] == "Nampo"
    basin = frame.loc[["kp-taedong", "kp-songnim", "kp-taean"], "port"].tolist()
    assert basin == ["Taedong basin", "Songnim", "Taean"]
    assert frame.loc["kp-barrage", "call_zone_id"] == "kp-taedong"  # the only way into it


def test_at_least_twenty_chinese_ports_have_their_anchorage_apart(shipped: Zones):
    frame = shipped.frame[~shipped.is_margin]
    china = frame[frame["country"] == "CN"]

    kinds = china.groupby("port")["kind"].agg(set)

    assert sum({"port", "anchorage"} <= found for found in kinds) >= 20
    assert china["receives_coal"].all()
    assert not frame.loc[frame["country"] == "KP", "receives_coal"].any()


def test_lanshan_is_near_rizhao_and_binhai_is_tianjin(shipped: Zones):
    assert zone_at(shipped, 119.374, 35.096) == "cn-lanshan"
    assert zone_at(shipped, 119.37, 30.10) is None
    assert "Binhai" in str(shipped.frame.set_index("zone_id").loc["cn-tianjin", "name"])
    assert zone_at(shipped, 120.29, 34.29).startswith("cn-binhai")  # Binhai in Jiangsu is a port of its own


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        (
            {"kind": "lock", "only_way_into": "nowhere"},
            'only_way_into is "nowhere"; expected the zone_id of a basin or port',
        ),
        (
            {"kind": "anchorage", "only_way_into": "port"},
            "only_way_into is given, but kind is anchorage; expected lock",
        ),
        (
            {"kind": "lock", "only_way_into": 7},
            "only_way_into is 7; expected the zone_id of the enclosed basin or port",
        ),
    ],
)
def test_a_lock_that_leads_nowhere_is_refused(lock, message):
    with pytest.raises(ZoneError, match=re.escape(message)):
        build_zones([feature("port", *PORT, 3000), feature("gate", 125.3, 38.7, 500, **lock)])
