"""The laws of runs: a day may be cut anywhere, and days joined in any grouping, without changing a single run."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.distance import distance_m
from pipeline.limits import load_limits
from pipeline.movement.runs import ShipFixes, compress, stitch

LIMITS = load_limits().run
ZONES = ["a", "b"]
START = pd.Timestamp("2018-06-01", tz="UTC").value // 1000
MINUTE = 60_000_000


def make_fixes(rows):
    """ShipFixes from (mmsi, minutes after START, longitude, latitude, sog, zone, draught_dm) tuples, sorted."""
    rows = sorted(rows, key=lambda row: (row[0], row[1], *(str(v) for v in row[2:])))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    mmsi, minute, longitude, latitude, sog, zone, draught = columns
    return ShipFixes(
        np.array(mmsi, np.int64),
        np.ones(len(rows), np.int16),
        np.array(minute, np.int64) * MINUTE + START,
        np.array(longitude, np.float64),
        np.array(latitude, np.float64),
        np.array([np.nan if v is None else v for v in sog], np.float64),
        np.array(zone, np.int16),
        np.array(draught, np.int16),
        (np.array(minute, np.int64) % 3).astype(np.int8),
        *(size * (np.array(minute, np.int64) // 30 % 2).astype(np.int32) for size in (800, 1800)),
    )


def rows(most=40):
    row = st.tuples(
        st.sampled_from([441000001, 441000002]),
        st.integers(0, 2000),
        st.sampled_from([124.0, 124.01, 125.3]),
        st.sampled_from([38.0, 38.02, 38.5]),
        st.sampled_from([0.0, 0.2, 0.3, 0.5, 1.9, 2.0, 11.0, None]),
        st.sampled_from([-1, 0, 1]),
        st.sampled_from([-1, 40, 85]),
    )
    return st.lists(row, max_size=most)


def split(fixes, minute):
    early = fixes.at < START + minute * MINUTE
    return (ShipFixes(*(a[early] for a in fixes)), ShipFixes(*(a[~early] for a in fixes)))


@given(rows(), st.integers(0, 2000))
@example([(441000001, 0, 124.0, 38.0, 0.0, 0, -1), (441000001, 120, 124.0, 38.0, 0.0, 0, -1)], 60)
@example([(441000001, 0, 124.0, 38.0, 0.0, 0, -1), (441000001, 121, 124.0, 38.0, 0.0, 0, -1)], 60)
def test_a_cut_in_time_changes_no_run(fixes, cut):
    whole = make_fixes(fixes)
    early, late = split(whole, cut)

    joined = stitch([compress(early, ZONES, LIMITS), compress(late, ZONES, LIMITS)], LIMITS)

    assert_frame_equal(joined, compress(whole, ZONES, LIMITS))


@given(rows(), st.integers(0, 2000), st.integers(0, 2000))
def test_joining_is_associative(fixes, one, two):
    first, rest = split(make_fixes(fixes), min(one, two))
    second, third = split(rest, max(one, two))
    a, b, c = (compress(part, ZONES, LIMITS) for part in (first, second, third))

    left = stitch([stitch([a, b], LIMITS), c], LIMITS)
    right = stitch([a, stitch([b, c], LIMITS)], LIMITS)

    assert_frame_equal(left, right)


@given(rows())
def test_every_fix_is_in_exactly_one_run_and_every_metre_counted_once(fixes):
    whole = make_fixes(fixes)

    runs = compress(whole, ZONES, LIMITS)

    same_ship = np.diff(whole.mmsi) == 0
    legs = distance_m(whole.longitude[:-1], whole.latitude[:-1], whole.longitude[1:], whole.latitude[1:])
    assert runs["fixes"].sum() == len(whole.at)
    assert runs["distance_m"].sum() == np.rint(legs)[same_ship].sum()


@pytest.mark.parametrize(("minutes", "silences"), [(120, 0), (121, 1)])
def test_a_hole_longer_than_the_break_is_a_silence_of_its_own(minutes, silences):
    fixes = make_fixes([(1, 0, 124.0, 38.0, 9.0, -1, -1), (1, minutes, 124.1, 38.0, 9.0, -1, -1)])

    runs = compress(fixes, ZONES, LIMITS)

    silent = runs[runs["motion"] == "silence"]
    assert len(silent) == silences
    assert runs["distance_m"].sum() == pytest.approx(8763, abs=2)
    if silences:
        assert silent["began_at"].iloc[0] == runs["ended_at"].iloc[0]
        assert silent["distance_m"].iloc[0] == runs["distance_m"].sum()


@pytest.mark.parametrize(
    ("sog", "motion"),
    [(0.2, "stopped"), (0.3, "slow"), (0.49, "slow"), (0.5, "drifting"), (2.0, "under_way"), (None, "unknown")],
)
def test_motion_follows_the_published_speeds(sog, motion):
    runs = compress(make_fixes([(1, 0, 124.0, 38.0, sog, -1, -1)]), ZONES, LIMITS)

    assert runs["motion"].tolist() == [motion]
