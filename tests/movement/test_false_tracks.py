"""Positions that no ship can have sent: each kind fires, and its ordinary twin stays silent."""

import numpy as np
import pandas as pd
import pytest

from pipeline.movement.false_tracks import find_false_tracks, mark_interference
from pipeline.movement.tracks import separate_ships, ship_day
from tests.sea import LIMITS, as_fixes, positions

HOURS = np.arange(0, 12, 1 / 12)


def found(rows):
    fixes = as_fixes(positions(list(rows)))
    fixes = fixes._replace(mmsi=ship_day(fixes.mmsi, fixes.at))
    return find_false_tracks(fixes, separate_ships(fixes, LIMITS.track), LIMITS.anomaly)


def kinds(rows):
    return found(rows)["kind"].tolist()


def sailing(hours=HOURS, knots=10.0, longitude=124.0, noise=0.0):
    scatter = np.random.default_rng(7).normal(0, noise, (2, len(hours))) if noise else np.zeros((2, len(hours)))
    return [
        (h, longitude + 0.0123457 * h + dx, 37.01234 + knots * h / 60 + dy, knots)
        for h, (dx, dy) in zip(hours, scatter.T, strict=True)
    ]


def circling(radius_nm, turns, knots=8.0, scatter=0.0):
    angle = np.linspace(0, 2 * np.pi * turns, len(HOURS))
    radius = radius_nm * (1 + np.random.default_rng(7).normal(0, scatter, len(HOURS)))
    return [
        (h, 124.0 + r * np.cos(a) / 60 / np.cos(np.radians(38)), 38.0 + r * np.sin(a) / 60, knots)
        for h, a, r in zip(HOURS, angle, radius, strict=True)
    ]


def test_an_ordinary_way_is_none():
    assert kinds(sailing()) == []
    assert kinds(sailing(noise=0.0002)) == []


def test_one_position_for_hours_at_ten_knots_is_frozen_and_a_berth_is_not():
    frozen = [*sailing(HOURS[:40]), *[(h, 124.1, 38.0, 10.0) for h in HOURS[40:70]]]

    (one,) = found(frozen).to_dict("records")
    assert (one["kind"], one["fixes"], one["ships"]) == ("frozen", 30, 1)
    assert one["ended_at"] - one["began_at"] > pd.Timedelta(hours=2)
    assert kinds([(h, 124.1, 38.0, 0.1) for h in HOURS]) == []
    assert kinds([*sailing(HOURS[:40]), *[(h, 124.1, 38.0, 10.0) for h in HOURS[40:45]]]) == []


def test_round_and_round_on_one_radius_is_a_circle_and_a_search_an_anchor_or_a_turn_is_not():
    assert kinds(circling(0.5, 12)) == ["circle"]
    assert kinds(circling(0.05, 12, knots=0.3)) == []
    assert kinds(circling(0.5, 12, scatter=0.4)) == []
    assert kinds(circling(0.5, 1.5)) == []


def test_whole_hundredths_of_a_degree_are_a_grid_and_five_digits_are_not():
    lattice = [(h, round(124 + 0.0123 * n, 2), round(37 + 0.0277 * n, 2), 10.0) for n, h in enumerate(HOURS)]

    assert kinds(lattice) == ["grid"]
    assert kinds([(h, x + 0.00341, y, s) for h, x, y, s in lattice]) == []


@pytest.mark.parametrize(("later", "kind"), [(3.0, "clock_off"), (3.4, "replayed")])
def test_her_own_way_once_more_later_is_a_replay_or_a_clock_by_whole_hours(later, kind):
    way = sailing(HOURS[:80], knots=14.0)

    assert kinds([*way, *[(h + later, x, y, s) for h, x, y, s in way]]) == [kind]


def test_another_ship_on_her_number_is_no_replay():
    assert kinds([*sailing(HOURS[:80]), *sailing(HOURS[:80] + 0.01, longitude=128.0)]) == []


def anomalies(*rows):
    at = pd.Timestamp("2018-06-01 10:00", tz="UTC")
    frame = pd.concat([found(circling(0.5, 12))] * len(rows), ignore_index=True)
    frame["mmsi"] = [mmsi for mmsi, *_ in rows]
    frame["began_at"] = [at + pd.Timedelta(minutes=m) for _, m, *_ in rows]
    frame["longitude"], frame["latitude"] = ([row[n] for row in rows] for n in (2, 3))
    return mark_interference(frame, LIMITS.anomaly)


def test_three_ships_thrown_off_at_one_time_and_place_are_interference_and_two_are_not():
    three = anomalies((1, 0, 124.0, 37.5), (2, 20, 124.1, 37.6), (3, 50, 124.0, 37.4))
    two = anomalies((1, 0, 124.0, 37.5), (2, 20, 124.1, 37.6), (1, 40, 124.0, 37.5))
    apart = anomalies((1, 0, 124.0, 37.5), (2, 200, 124.1, 37.6), (3, 50, 128.0, 37.4))

    assert (three["ships"].tolist(), three["interference"].all()) == ([3, 3, 3], True)
    assert (two["ships"].tolist(), two["interference"].any()) == ([2, 2, 2], False)
    assert apart["ships"].tolist() == [1, 1, 1]
