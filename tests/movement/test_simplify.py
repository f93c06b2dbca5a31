"""The simplified track that outlives the lake."""

import pandas as pd
from pandas.testing import assert_frame_equal

from pipeline.contracts import VESSEL_REPORT
from pipeline.movement.compress import compress_days
from pipeline.movement.simplify import along, simplify
from tests.sea import LIMITS, as_fixes, positions, small_sea

SEA = small_sea()


def simplified(rows):
    runs = compress_days([(as_fixes(positions(rows)), VESSEL_REPORT.empty())], SEA, LIMITS, ["2018-06-01"]).runs
    both = pd.concat([runs.assign(line="a"), runs.assign(line="b")])  # lines do not disturb each other
    points = simplify(both, "line")
    of_a, of_b = (points[points["line"] == line].drop(columns="line").reset_index(drop=True) for line in "ab")
    assert_frame_equal(of_a, of_b)
    return of_a


def test_a_straight_leg_at_changing_speeds_keeps_its_ends_only():
    points = simplified([(h / 10, 124.0 + h / 100, 38.3, 9.0 if h % 2 else 1.0) for h in range(40)])

    assert points["longitude"].tolist() == [124.0, 124.39]


def test_a_turn_and_a_stop_in_a_zone_stay():
    points = simplified(
        [(0, 125.0, 38.7, 9), (1, 125.2, 38.5, 9), (2, 125.4, 38.7167, 0), (3, 125.4, 38.7167, 0), (4, 125.0, 38.7, 9)]
    )

    assert (125.2, 38.5) in set(zip(points["longitude"], points["latitude"], strict=True))
    assert "nampo-coal" in points["zone_id"].tolist()
    assert points["timestamp"].is_monotonic_increasing


def test_a_silence_keeps_both_its_ends():
    points = simplified([(0, 124.0, 38.3, 9), (0.5, 124.1, 38.3, 9), (10, 124.9, 38.3, 9), (10.5, 125.0, 38.3, 9)])

    assert points.loc[points["motion"] == "silence", "longitude"].tolist()[:1] == [124.1]
    assert 124.9 in points["longitude"].tolist()


def line(*points):
    """hour, longitude, latitude, motion of the points of a line."""
    frame = pd.DataFrame(points, columns=["hour", "longitude", "latitude", "motion"])
    return frame.assign(timestamp=pd.Timestamp("2018-06-01", tz="UTC") + pd.to_timedelta(frame.pop("hour"), "h"))


def drawn(points, *positions):
    """Places of `along`, of points in no zone."""
    heard = line(*((*one, "-") for one in positions)).drop(columns="motion")
    found = along(line(*points).assign(zone_id=None), heard)
    assert found["timestamp"].is_monotonic_increasing
    return list(zip(found["longitude"], found["latitude"], strict=True))


ROUND_THE_CAPE = [(0, 122.0, 38.0), (2, 122.5, 37.6), (4, 123.0, 37.2), (4.1, 123.02, 37.18), (8, 122.0, 36.0)]


def test_between_two_points_a_ship_under_way_is_drawn_where_she_was_heard():
    ends = [(0, 122.0, 38.0, "under_way"), (8, 122.0, 36.0, "under_way")]

    assert drawn(ends, *ROUND_THE_CAPE) == [(122.0, 38.0), (123.02, 37.18), (122.0, 36.0)]
    assert drawn(ends) == [(122.0, 38.0), (122.0, 36.0)]


def test_over_the_180th_meridian_all_her_corners_stay_and_little_more():
    east = [(n / 10, 179.0 + n / 10, 50.0 + n / 100) for n in range(10)]
    west = [(1 + n / 10, -180.0 + n / 10, 50.1 - n / 100) for n in range(11)]
    ends = [(*east[0], "under_way"), (*west[-1], "under_way")]

    places = drawn(ends, *east, *west)

    assert {east[0][1:], west[0][1:], west[-1][1:]} <= set(places)
    assert len(places) <= 5


def test_nothing_is_added_to_a_stop_or_a_silence_or_beyond_the_ends():
    for motion in ("stopped", "silence"):
        ends = [(0, 122.0, 38.0, motion), (8, 122.0, 36.0, "under_way")]
        assert drawn(ends, *ROUND_THE_CAPE, (9, 140.0, 10.0)) == [(122.0, 38.0), (122.0, 36.0)]
