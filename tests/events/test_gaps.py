"""Silences, and who else was heard meanwhile."""

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import COVERAGE
from pipeline.events.gaps import judge_reception, reception_days
from pipeline.movement.coverage import cell_of
from tests.sea import LIMITS, derive_history, positions, small_sea

SEA = small_sea()
NOON = pd.Timestamp("2018-06-02 12:00", tz="UTC")
AT_SEA = (124.1, 38.3)


def gaps_of(rows, **options):
    return derive_history(positions(rows), SEA, **options)["ais_gap"]


@pytest.mark.parametrize(("hours", "found"), [(6.0, 0), (6.1, 1)])
def test_a_gap_is_longer_than_the_limit(hours, found):
    assert len(gaps_of([(15, *AT_SEA, 9), (16, 124.2, 38.3, 9), (16 + hours, 124.3, 38.3, 9)])) == found


def test_a_gap_across_midnight_is_one_gap():
    gap = gaps_of([(20, *AT_SEA, 9), (30, 124.3, 38.3, 9)]).iloc[0]

    assert (gap["hours"], gap["known_at"]) == (10.0, pd.Timestamp("2018-06-03", tz="UTC"))


def test_a_silence_with_no_end_is_an_open_gap_once_it_is_long_enough():
    rows = [(1, *AT_SEA, 9), (2, *AT_SEA, 9), (17, *AT_SEA, 9)]

    assert gaps_of(rows)["ended_at"].isna().tolist() == [False, True]


def test_a_silence_of_five_hours_at_the_end_of_the_data_is_none_yet():
    assert gaps_of([(17, *AT_SEA, 9), (18, *AT_SEA, 9), (19, *AT_SEA, 9)]).empty


def test_a_ship_heard_twice_only_does_not_go_silent():
    assert gaps_of([(1, *AT_SEA, 9), (2, *AT_SEA, 9)]).empty


def silence(hours=30.0, ended=True):
    return pd.DataFrame(
        {
            "began_at": [NOON],
            "ended_at": pd.Series([NOON + pd.Timedelta(hours=hours) if ended else pd.NaT], dtype="datetime64[us, UTC]"),
            "off_longitude": [AT_SEA[0]], "off_latitude": [AT_SEA[1]],
            "on_longitude": [AT_SEA[0] if ended else np.nan], "on_latitude": [AT_SEA[1] if ended else np.nan],
        }
    ).astype({"began_at": "datetime64[us, UTC]"})  # fmt: skip


def heard(begin, end, vessels=3, at=AT_SEA):
    """COVERAGE of one cell for hours [begin, end) relative to NOON."""
    hours = pd.date_range(NOON + pd.Timedelta(hours=begin), NOON + pd.Timedelta(hours=end), freq="h", inclusive="left")
    cell = int(cell_of(np.array([at[0]]), np.array([at[1]]))[0])
    return COVERAGE.conform(pd.DataFrame({"cell": cell, "hour": hours, "vessels": vessels, "fixes": vessels * 10}))


def reception(coverage, gap=None):
    gap = silence() if gap is None else gap
    return judge_reception(gap, coverage, NOON + pd.Timedelta(days=3), LIMITS.gap).iloc[0]


def test_others_heard_all_along_means_she_could_have_been():
    found = reception(heard(-24, 40))

    assert (found["reception"], found["hours_tested"], found["hours_heard"]) == ("heard_others", 30, 30)
    assert found["reception_cell_deg"] == 0.25


def test_a_busy_cell_gone_silent_altogether_is_an_outage():
    assert reception(heard(-24, 0))["reception"] == "not_heard"


def test_too_little_traffic_even_in_the_widest_cell_is_unknown():
    found = reception(heard(-24, 40, vessels=1))  # nobody but herself

    assert (found["reception"], found["hours_tested"]) == ("unknown", 0)
    assert np.isnan(found["reception_cell_deg"])


def test_the_cell_widens_where_traffic_is_thin():
    found = reception(heard(-24, 40, at=(AT_SEA[0] + 0.3, AT_SEA[1])))

    assert found["reception"] == "heard_others"
    assert found["reception_cell_deg"] > 0.25


def test_others_heard_for_a_few_hours_only_is_unknown():
    assert reception(heard(-24, 9))["reception"] == "unknown"


def test_an_open_silence_is_tested_after_it_began_only():
    found = reception(heard(-24, 60), silence(ended=False))

    assert (found["reception"], found["hours_tested"]) == ("heard_others", 24)


def test_reception_rests_on_the_days_around_both_ends():
    gap = silence(hours=24 * 10)

    days = reception_days(gap, LIMITS.gap)["day"].dt.strftime("%m-%d").tolist()

    assert sorted(days) == ["06-01", "06-02", "06-03", "06-11", "06-12"]


def test_a_ship_that_sails_out_of_reception_is_not_taken_for_one_that_hides():
    away = silence(hours=20).assign(on_longitude=AT_SEA[0], on_latitude=AT_SEA[1] - 3)  # through a hole, 180 nm south
    others = heard(-24, 20)

    found = reception(others, away)

    assert found["reception"] == "not_heard"
    assert reception(others, silence(hours=20))["reception"] == "heard_others"


def test_the_way_across_the_180th_meridian_is_the_short_one():
    across = silence(hours=20).assign(off_longitude=179.9, on_longitude=-179.9, off_latitude=0.1, on_latitude=0.1)
    others = pd.concat([heard(-24, 20, at=(179.9, 0.1)), heard(-24, 20, at=(-179.9, 0.1))])

    assert reception(others, across)["reception"] == "heard_others"
