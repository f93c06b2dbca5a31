"""Laws of encounters: day by day is all at once, no order matters, only whoever is named need be read."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.distance import METRES_PER_NM, distance_m
from tests.meetings import encounters_of, runs_of
from tests.sea import LIMITS, positions, small_sea

SEA = small_sea()
FIRST = 441000001
M = 1 / 111_195
KNOTS = 15.0  # a ship that were faster than ships are would be two of one number, and which is which depends on the day
# Places at sea within and beyond reach of each other, in roads, at a berth; metres north of the first.
PLACES = {
    "here": (124.0, 38.0), "beside": (124.0, 38.0 + 40 * M), "near": (124.0, 38.0 + 350 * M),
    "off": (124.0, 38.0 + 800 * M), "away": (124.1, 38.0),
    "roads": (124.7, 38.7167), "roads 2": (124.7, 38.7167 + 300 * M),
    "berth": (125.4, 38.7167), "berth 2": (125.4, 38.7167 + 40 * M),
}  # fmt: skip
stays = st.tuples(
    st.sampled_from([*sorted(PLACES), "here", "beside", "beside"]),
    st.integers(1, 60),  # tens of minutes
    st.sampled_from([0.0, 1.5, 1.5, 0.1, 4.0, None]),
    st.sampled_from([4, 10, 10, 17, 55, 130]),  # minutes between fixes
)
ways = st.tuples(st.integers(0, 150), st.lists(stays, min_size=1, max_size=5))
worlds = st.lists(ways, min_size=2, max_size=3)


def sail(number, way):
    """POSITION of a ship that begins some tens of minutes after the start, and stays here and there."""
    begin, visits = way
    minute, rows = begin * 10.0 + number, []
    for (place, wait, sog, every), (then, *_) in zip(visits, [*visits[1:], visits[-1]], strict=True):
        rows += [(at / 60, *PLACES[place], sog) for at in np.arange(minute, minute + wait * 10, every)]
        minute += wait * 10 + max(5, distance_m(*PLACES[place], *PLACES[then]) / METRES_PER_NM / KNOTS * 60)
    return positions(rows, mmsi=FIRST + number)


def world(ways):
    return pd.concat([sail(number, way) for number, way in enumerate(ways)], ignore_index=True)


def told(fixes, **options):
    return encounters_of(fixes, SEA, **options)


@settings(max_examples=4)
@given(worlds, st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([30, 30, 52, 70])), max_size=4))
def test_day_by_day_is_all_at_once(ways, said):
    fixes = world(ways)
    ship, day, kind = (list(column) for column in zip(*said, (0, 9, 70), strict=True))
    identities = pd.DataFrame({"mmsi": [FIRST + n for n in ship], "track": 1, "ship_type": kind, "length_m": 20.0})
    identities["first_at"] = pd.Timestamp("2018-06-01 12:00", tz="UTC") + pd.to_timedelta(day, unit="D")

    assert_frame_equal(told(fixes, identities=identities), told(fixes, identities=identities, at_once=True))


@settings(max_examples=4)
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(ways, chance):
    from pipeline.events.encounters import Meetings, find_encounters
    from tests.meetings import DAY, fixes_of

    fixes = world(ways)
    runs, places = pd.concat(runs_of(fixes, SEA).values()), fixes_of(fixes)
    begin, end = fixes["timestamp"].min().floor("D"), fixes["timestamp"].max().floor("D") + DAY
    results = []
    for of_runs, of_fixes in ((runs, places), (runs.sample(frac=1, random_state=chance.randint(0, 9)), places[::-1])):
        results.append(find_encounters(of_runs, of_fixes, Meetings.nothing(), begin, end, SEA.frame, LIMITS))

    assert_frame_equal(results[0].encounters, results[1].encounters)
    for one, other in zip(results[0].meetings, results[1].meetings, strict=True):
        assert_frame_equal(one, other)


@settings(max_examples=4)
@given(worlds)
def test_only_the_ships_to_read_need_be_read(ways):
    fixes = world(ways)

    assert_frame_equal(told(fixes), told(fixes, everyone=True))


@settings(max_examples=4)
@given(worlds, st.integers(1, 143))
def test_the_hour_of_the_day_does_not_matter(ways, tens):
    """Whatever happens, happens as well some tens of minutes later. Only where the data ends while two are together may
    its last ten minutes fall on a day that has too little of them to decide."""
    fixes = world(ways)
    later = fixes.assign(timestamp=fixes["timestamp"] + pd.Timedelta(minutes=10 * tens))
    moment = pd.Timedelta(minutes=LIMITS.encounter.moment_minutes)
    same = ["mmsi", "other_mmsi", "median_distance_m", "median_speed_kn", "cut_at_start", "zone_id"]

    one, other = told(fixes), told(later)

    assert_frame_equal(one[same], other[same])
    moved = (other[["began_at", "last_at"]] - one[["began_at", "last_at"]]) - pd.Timedelta(minutes=10 * tens)
    assert (moved["began_at"] == pd.Timedelta(0)).all()
    assert (moved["last_at"].abs() <= moment).all()
    assert (moved.loc[one["ended_at"].notna(), "last_at"] == pd.Timedelta(0)).all()
