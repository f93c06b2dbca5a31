"""A UTC day compressed: draughts put to fixes, identities put to ships."""

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import VESSEL_REPORT
from pipeline.movement.compress import compress_days, draught_in_force
from tests.sea import LIMITS, as_fixes, draughts, positions, small_sea

SEA = small_sea()
SAILING = [(hour, 124.0 + hour / 20, 38.3, 9.0) for hour in range(6)]


def draught_of(fixes, reports):
    return draught_in_force(
        fixes.mmsi, np.ones(len(fixes.at), np.int16), fixes.at, reports.assign(ship=1), LIMITS.draught
    )


def test_a_draught_holds_from_its_report_until_the_next():
    fixes = as_fixes(positions(SAILING))

    found = draught_of(fixes, draughts([(1.5, 4.0), (4, 8.2)]))

    assert found.tolist() == [-1, -1, 40, 40, 82, 82]


def test_the_draught_of_one_ship_is_not_that_of_the_next():
    both = pd.concat([positions(SAILING, mmsi=1), positions(SAILING, mmsi=2)], ignore_index=True)

    found = draught_of(as_fixes(both), draughts([(0, 4.0)], mmsi=1))

    assert found.tolist() == [40] * 6 + [-1] * 6


@pytest.mark.parametrize(("typed", "in_force"), [(25.5, 40), (25.4, 254)])
def test_a_draught_that_no_ship_here_can_have_leaves_the_one_before_in_force(typed, in_force):
    found = draught_of(as_fixes(positions(SAILING)), draughts([(0, 4.0), (2, typed), (4, 8.2)]))

    assert found.tolist() == [40, 40, in_force, in_force, 82, 82]


def test_a_draught_reported_after_the_last_fix_changes_nothing():
    assert set(draught_of(as_fixes(positions(SAILING)), draughts([(9, 4.0)]))) == {-1}


def named(hours, name, mmsi=445000001):
    report = draughts([(hour, np.nan) for hour in hours], mmsi).assign(name=name, imo=None, call_sign=None)
    return VESSEL_REPORT.conform(report)


def test_a_report_sent_with_a_position_belongs_to_the_ship_that_sent_it():
    two = sorted([*SAILING, *[(hour + 0.5, 10.0, 50.0, 9.0) for hour in range(6)]])
    reports = pd.concat([named([0], "HERE"), named([0.5], "THERE")], ignore_index=True)

    found = compress_days([(as_fixes(positions(two)), reports)], SEA, LIMITS, ["2018-06-01"])

    assert found.identities.set_index("name")["ship"].to_dict() == {"HERE": 1, "THERE": 2}
    assert found.runs.groupby("ship")["fixes"].sum().to_dict() == {1: 6, 2: 6}


def test_stray_positions_are_kept_as_anomalies_and_not_as_runs():
    stray = sorted([*SAILING, (2.5, 10.0, 50.0, 9.0)])

    found = compress_days([(as_fixes(positions(stray)), VESSEL_REPORT.empty())], SEA, LIMITS, ["2018-06-01"])

    assert found.runs["fixes"].sum() == 6
    assert found.anomalies["fixes"].tolist() == [1]


TWO = sorted([*SAILING, *[(hour + 0.5, 10.0, 50.0, 9.0) for hour in range(6)]])


def test_a_hull_does_not_get_the_draught_of_another_on_its_mmsi():
    reports = draughts([(0, 4.0), (0.5, 8.0), (3, 4.0), (3.5, 8.0)])

    runs = compress_days([(as_fixes(positions(TWO)), reports)], SEA, LIMITS, ["2018-06-01"]).runs

    assert runs.groupby("ship")["draught_dm"].unique().map(list).to_dict() == {1: [40], 2: [80]}


def test_a_report_that_came_without_a_position_is_held_against_neither_of_two_hulls():
    reports = pd.concat([named([0.25], "WHOSE"), draughts([(0.25, 8.0)])], ignore_index=True)

    found = compress_days([(as_fixes(positions(TWO)), reports)], SEA, LIMITS, ["2018-06-01"])

    assert found.identities.empty
    assert found.runs["draught_dm"].isna().all()


def test_the_same_report_is_the_ships_where_she_is_alone():
    found = compress_days([(as_fixes(positions(SAILING)), named([0.25], "HERS"))], SEA, LIMITS, ["2018-06-01"])

    assert found.identities["name"].tolist() == ["HERS"]
