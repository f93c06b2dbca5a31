"""The law that lets a day cost a day, and a year a few: a history derived day by day is the history derived at once."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import RECEIVERS
from tests.sea import days_of, derive_stretches, known_anchorage, positions, small_sea

SEA = small_sea()
ROADS = known_anchorage(124.0, 38.3, "SOMEWHERE")
PLACES = {
    "berth": (125.4, 38.7167), "quay": (125.38, 38.7167), "margin": (125.36, 38.7167), "lock": (125.33, 38.7167),
    "roads": (124.7, 38.7167),
    "dalian": (121.7, 38.9), "sea": (124.0, 38.3),
}  # fmt: skip
NOBODY = pd.DataFrame(columns=["mmsi", "ship", "imo"])
stops = st.tuples(
    st.sampled_from(sorted(PLACES)), st.floats(0.1, 24), st.sampled_from([0.0, 0.3, 0.6, 9.0, None]), st.integers(1, 4)
)
journeys = st.lists(stops, min_size=1, max_size=7)


FOUND = [
    # at rest on the sea between two passages through Nampo: no stop in Nampo
    [
        ("dalian", 23.963796541108948, 0.0, 3), ("sea", 0.7, 0.0, 4), ("lock", 2.1557283839831114, 0.0, 2),
        ("berth", 1.1, 9.0, 4), ("sea", 2.0, 0.0, 1), ("berth", 7.391315729284891, 0.6, 3),
    ],
    # from the berth to the roads, and there once more a day later: one visit
    [
        ("quay", 20.0, 0.0, 4), ("roads", 23.2, None, 2), ("margin", 4.2, 0.0, 4), ("roads", 12.0, 0.0, 3),
        ("sea", 1.0, 9.0, 1),
    ],
    # at rest until midnight, a call by the night's silence
    [("dalian", 3.0, 0.0, 3), ("sea", 32.0, 0.0, 4)],
    # through Dalian between two calls of a visit to Nampo, and later to Dalian: a passage, no way in
    [("quay", 1.0, 0.0, 2), ("dalian", 0.5, 9.0, 2), ("roads", 1.0, 0.0, 2), ("dalian", 2.0, 0.0, 2)],
    # in port behind the lock, from where nobody knows
    [("lock", 82.2, None, 3), ("berth", 12.0, 0.3, 2)],
    # at rest at the lock overnight
    [("lock", 12.0, 0.0, 4), ("lock", 20.2, 0.3, 2), ("sea", 24.0, 0.6, 1)],
]  # fmt: skip


@settings(max_examples=2)
@given(st.lists(journeys, min_size=2, max_size=8), st.integers(1, 3))
@example(FOUND, 1)
def test_days_one_by_one_are_all_at_once_and_any_stretches_of_them(ships, length):
    fixes = pd.concat([sail(journey, mmsi=mmsi) for mmsi, journey in enumerate(ships, start=445000001)])
    assert_days_add_up(fixes.reset_index(drop=True), length)


@pytest.mark.long
@settings(max_examples=2)
@given(st.lists(st.tuples(journeys, journeys, st.floats(0, 90)), min_size=3, max_size=6), st.integers(1, 3))
def test_days_of_ships_that_share_a_number_do_so_too(pairs, length):
    rows = []
    for mmsi, (one, other, later) in enumerate(pairs, start=445000001):
        rows += [sail(one, mmsi=mmsi), sail(other, later, mmsi=mmsi)]
    fixes = pd.concat(rows).sort_values(["mmsi", "timestamp"], kind="stable")
    assert_days_add_up(fixes.drop_duplicates(["mmsi", "timestamp"], ignore_index=True), length)


def sail(journey, hour=0.0, **ship):
    rows = []
    for place, wait, speed, fixes in journey:
        rows += [(hour + wait * n / fixes, *PLACES[place], speed) for n in range(fixes)]
        hour += wait + 8  # time to sail anywhere at less than the limit
    return positions(rows, **ship)


def assert_days_add_up(fixes, length):
    fixes["receiver"] = [RECEIVERS[hour % 7 % 3] for hour in fixes["timestamp"].dt.hour]
    days = days_of(fixes)
    stretches = [days[at : at + length] for at in range(0, len(days), length)]

    by_day = derive_stretches(fixes, SEA, [[day] for day in days], anchorages=ROADS)

    for others in ([days], stretches):
        at_once = derive_stretches(fixes, SEA, others, anchorages=ROADS)
        for name, events in at_once.items():
            key = f"{name}_id"
            assert_frame_equal(
                by_day[name].sort_values(key, ignore_index=True),
                events.sort_values(key, ignore_index=True),
                check_dtype=False,
            )


@pytest.mark.long
@settings(max_examples=2)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["dalian", "sea", "roads", "lock", "nearer"]), st.floats(6, 90), st.floats(-1.5, 9),
            st.integers(1, 5),
        ),
        min_size=2, max_size=6,
    ),
    st.integers(1, 3), st.integers(0, 6),
)  # fmt: skip
def test_dark_calls_do_so_too_by_what_was_known_of_her_before(journey, length, later):
    places, hour, rows = PLACES | {"nearer": (124.4, 38.5)}, 0.0, []
    for place, wait, drift, fixes in journey:
        longitude, latitude = places[place]
        rows += [(hour + n, longitude + drift * n / 60, latitude, abs(drift)) for n in range(fixes)]
        hour += fixes + wait
    fixes = positions(rows)
    days = days_of(fixes)
    until = str((pd.Timestamp(days[-1]) + pd.Timedelta(days=later)).date())

    by_day = derive_stretches(fixes, SEA, [[day] for day in days], until=until)["dark_call"]

    for others in ([days], [days[at : at + length] for at in range(0, len(days), length)]):
        at_once = derive_stretches(fixes, SEA, others, until=until)["dark_call"]
        key = "dark_call_id"
        assert_frame_equal(
            by_day.sort_values(key, ignore_index=True), at_once.sort_values(key, ignore_index=True), check_dtype=False
        )
    assert (by_day["known_at"] <= pd.Timestamp(until, tz="UTC") + pd.Timedelta(days=1)).all()
