"""Water that a silence allows: on open sea an ellipse, cut by land and by ways that are too long."""

import numpy as np
import pytest
import shapely

from geo.coast import land_seen
from geo.detours import after_way, within_way
from geo.distance import METRES_PER_NM, distance_m
from geo.water import ways_from

OPEN_SEA, EAST_OF_IT = (123.0, 36.5), (123.5, 36.5)
KOREA_BAY, OFF_WEIHAI = (124.4, 38.6), (122.4, 37.7)


def test_on_open_sea_it_is_the_ellipse_around_both_ends():
    area = within_way(OPEN_SEA, EAST_OF_IT, 40.0)

    apart_nm = distance_m(*OPEN_SEA, *EAST_OF_IT) / METRES_PER_NM
    axes_nm2 = np.pi * 20.0 * np.sqrt(40.0**2 - apart_nm**2) / 2
    squeeze = np.cos(np.radians(36.5))
    assert area.area * squeeze * 3600 == pytest.approx(axes_nm2, rel=0.03)


def test_a_way_shorter_than_the_straight_one_leads_nowhere():
    assert within_way(OPEN_SEA, EAST_OF_IT, 20.0).is_empty


def test_it_holds_both_ends_and_no_land():
    area = within_way(KOREA_BAY, OFF_WEIHAI, 160.0)

    assert area.buffer(0.02).covers(shapely.points([KOREA_BAY, OFF_WEIHAI]).tolist()[0])
    inland = shapely.Point(125.75, 39.02)  # Pyongyang
    assert not area.contains(inland)


def test_a_bay_behind_a_cape_is_in_reach_only_by_the_way_round_it():
    behind, off = (121.5, 39.5), (122.6, 39.3)  # both sides of the Liaodong peninsula, some 50 nm apart on the chart
    way_nm = float(ways_from(off, [behind[0]], [behind[1]])[0])
    assert way_nm > 1.5 * distance_m(*off, *behind) / METRES_PER_NM

    assert not within_way(off, off, 1.2 * way_nm).buffer(0.01).covers(shapely.Point(behind))
    assert within_way(off, off, 2.4 * way_nm).buffer(0.03).covers(shapely.Point(behind))


def test_without_an_end_it_is_all_that_can_be_reached():
    from_there = within_way(OPEN_SEA, None, 30.0)

    assert from_there.buffer(0.05).covers(shapely.Point(123.0, 36.99))
    assert not from_there.covers(shapely.Point(123.0, 37.2))


def test_land_as_it_is_seen_has_no_more_corners_than_dots_can_show():
    coarse, fine = land_seen(119.0, 36.0, 126.0, 40.5, 0.02), land_seen(119.0, 36.0, 126.0, 40.5, 0.002)

    assert shapely.get_num_coordinates(coarse) < shapely.get_num_coordinates(fine) / 2
    assert coarse.is_valid
    assert coarse.symmetric_difference(fine).area < 0.05 * fine.area


def test_land_as_it_is_seen_is_sound_with_islands_in_lakes_that_are_too_small_to_be_seen():
    for seen_deg in (0.03, 0.014, 0.008):
        assert land_seen(107.0, 28.0, 143.0, 46.0, seen_deg).is_valid


def test_at_a_moment_she_can_only_be_where_she_came_in_time_and_from_where_she_comes_back_in_time():
    way_nm = 60.0
    early, late = (after_way(OPEN_SEA, EAST_OF_IT, way_nm, gone) for gone in (6.0, 54.0))

    whole = within_way(OPEN_SEA, EAST_OF_IT, way_nm)
    assert whole.buffer(0.02).covers(early)
    assert early.distance(shapely.Point(OPEN_SEA)) < 0.01
    assert not early.covers(shapely.Point(EAST_OF_IT))
    assert late.distance(shapely.Point(EAST_OF_IT)) < 0.01
    assert early.area < whole.area / 4
