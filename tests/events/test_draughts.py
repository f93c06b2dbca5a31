"""Draught changes: when a track begins to report another draught, told day by day."""

import pandas as pd
import pytest

from tests.sea import derive_history, derive_stretches, draughts, positions, small_sea

SEA = small_sea()
BERTH, OUTSIDE = (125.4, 38.7167), (125.0, 38.7)
CALL = [(0, *OUTSIDE, 9), *[(1 + n / 2, *BERTH, 0.0) for n in range(60)], (31, *OUTSIDE, 9), (60, 124.0, 38.5, 9)]


def told(*typed):
    return derive_history(positions(CALL), SEA, draughts(list(typed)))


def test_a_change_lies_between_the_last_fix_with_the_old_draught_and_the_first_with_the_new():
    found = told((0, 4.0), (24, 4.0), (26.1, 8.2), (48, 8.2))

    change = found["draught_change"].iloc[0]

    assert len(found["draught_change"]) == 1
    assert (change["draught_before_m"], change["draught_after_m"], change["change_m"]) == (4.0, 8.2, 4.2)
    assert change["changed_after"] == pd.Timestamp("2018-06-02 02:00", tz="UTC")
    assert change["changed_by"] == pd.Timestamp("2018-06-02 02:30", tz="UTC")
    assert change["known_at"] == pd.Timestamp("2018-06-03", tz="UTC")
    assert change["zone_id"] == "nampo-coal"
    assert [change["port_call_id"]] == found["port_call"]["port_call_id"].tolist()


def test_a_first_draught_and_the_same_one_again_are_no_change():
    assert told((20, 4.0), (24, 4.0), (48, 4.0))["draught_change"].empty


def test_a_change_at_sea_belongs_to_no_call():
    change = told((0, 4.0), (24, 4.0), (59, 8.2))["draught_change"].iloc[0]

    assert pd.isna(change["port_call_id"])
    assert change["changed_after"] == pd.Timestamp("2018-06-02 07:00", tz="UTC")  # silent for a day since


@pytest.mark.parametrize(("stops_at", "of_the_call"), [(20, True), (25, False)], ids=["the same day", "the next day"])
def test_a_change_is_of_the_call_that_she_is_known_to_make_by_the_end_of_its_day(stops_at, of_the_call):
    slow = [(12 + n / 2, *BERTH, 0.0 if 12 + n / 2 >= stops_at else 1.0) for n in range(60)]
    fixes = positions([(0, *OUTSIDE, 9), *slow, (43, *OUTSIDE, 9)])
    reports = draughts([(0, 4.0), (14, 8.2)])

    by_day = derive_history(fixes, SEA, reports)
    at_once = derive_stretches(fixes, SEA, [["2018-06-01", "2018-06-02"]], reports)

    for found in (by_day, at_once):
        assert len(found["port_call"]) == 1
        assert found["draught_change"]["port_call_id"].notna().tolist() == [of_the_call]
