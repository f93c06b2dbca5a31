"""Stops outside every named zone: calls at known anchorages, and what is none."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.sea import days_of, derive_history, derive_stretches, known_anchorage, positions, small_sea

SEA = small_sea()
BERTH, OUTSIDE = (125.4, 38.7167), (125.0, 38.7)
ROADS, OPEN_SEA = (122.0, 37.0), (123.2, 37.8)
HUANGHUA = known_anchorage(122.01, 37.0, "HUANGHUA")


def stay(begin, end, place, speed=0.0, every=0.5):
    return [(begin + every * n, *place, speed) for n in range(round((end - begin) / every) + 1)]


LEAVES_NAMPO = [*stay(0, 20, BERTH), (20.5, 125.2, 38.71, 9), (21, *OUTSIDE, 9), (40, 122.3, 37.1, 9)]


def told(rows, anchorages=HUANGHUA):
    return derive_history(positions(rows), SEA, anchorages=anchorages)


def test_a_ship_that_lies_at_a_known_anchorage_outside_every_zone_called_there():
    events = told([*LEAVES_NAMPO, *stay(41, 60, ROADS), (61, 122.3, 37.2, 9)])

    call = events["port_call"].iloc[-1]
    assert (call["port"], call["country"], call["state"]) == ("HUANGHUA", "CN", "closed")
    assert pd.isna(call["zone_id"])
    assert call["stopped_hours"] == pytest.approx(19, abs=1)
    voyage = events["voyage"].dropna(subset=["arrived_at"]).iloc[0]
    assert (voyage["origin_port"], voyage["destination_port"], voyage["destination_country"]) == (
        "nampo", "HUANGHUA", "CN",
    )  # fmt: skip
    assert pd.isna(voyage["destination_zone_id"])


@pytest.mark.parametrize(
    ("rows", "anchorages"),
    [
        (stay(41, 60, OPEN_SEA), HUANGHUA),  # fishing boats, pilots, ships that wait at sea
        (stay(41, 50, ROADS), HUANGHUA),  # nine hours only
        (stay(41, 60, ROADS, speed=1.0), HUANGHUA),  # drifting
        (stay(41, 60, ROADS), None),
    ],
    ids=["far from any anchorage", "shortly", "under way slowly", "none known"],
)
def test_a_stop_elsewhere_or_too_short_is_no_call(rows, anchorages):
    events = told([*LEAVES_NAMPO, *rows, (62, 122.9, 37.6, 9)], anchorages)

    assert set(events["port_call"]["port"]) == {"nampo"}
    assert set(events["passage"]["zone_id"]) <= {"nampo"}
    assert events["voyage"]["arrived_at"].isna().all()


def test_a_stop_beside_a_zone_is_a_call_at_that_zone():
    beside = known_anchorage(122.01, 37.0, "DALIAN", zone_id="dalian")

    call = told([*LEAVES_NAMPO, *stay(41, 60, ROADS), (61, 122.3, 37.2, 9)], beside)["port_call"].iloc[-1]

    assert call["zone_id"] == "dalian"


def test_swinging_at_anchor_and_a_silence_of_a_night_make_no_second_call():
    rows = [*stay(41, 48, ROADS), (48.5, 122.001, 37.001, 0.9), *stay(56, 70, ROADS), (71, 122.3, 37.2, 9)]

    assert (told([*LEAVES_NAMPO, *rows])["port_call"]["port"] == "HUANGHUA").sum() == 1


def test_two_stops_with_a_way_between_are_two():
    rows = [
        *stay(41, 60, ROADS),
        (61, 122.3, 37.2, 9),
        (90, 122.3, 37.2, 9),
        *stay(92, 110, ROADS),
        (111, 122.3, 37.2, 9),
    ]

    assert (told([*LEAVES_NAMPO, *rows])["port_call"]["port"] == "HUANGHUA").sum() == 2


def test_a_long_stop_far_from_every_anchorage_is_a_stop_at_bare_coordinates_and_her_voyage_goes_on():
    events = told([*LEAVES_NAMPO, *stay(41, 60, OPEN_SEA), (61, 123.0, 37.6, 9)])

    (stop,) = events["stop"].to_dict("records")
    assert (stop["longitude"], stop["latitude"]) == pytest.approx(OPEN_SEA)
    assert stop["stopped_hours"] == pytest.approx(19, abs=1)
    assert stop["ended_at"] == pd.Timestamp("2018-06-03T13:00Z")
    assert pd.isna(stop["country"])  # too far out to tell whose waters they are
    assert events["voyage"]["arrived_at"].isna().all()


@pytest.mark.parametrize(
    "rows",
    [stay(41, 50, OPEN_SEA), stay(41, 60, OPEN_SEA, speed=1.0), stay(41, 60, ROADS)],
    ids=["shortly", "drifting", "at a known anchorage: a call"],
)
def test_what_is_short_under_way_or_a_call_is_no_such_stop(rows):
    assert told([*LEAVES_NAMPO, *rows, (61, 122.3, 37.2, 9)])["stop"].empty


def test_a_stop_within_twelve_nautical_miles_of_a_known_anchorage_is_in_the_waters_of_its_country():
    off = (ROADS[0], ROADS[1] + 0.1)  # 11 km: too far for a call

    (stop,) = told([*LEAVES_NAMPO, *stay(41, 60, off), (61, 122.3, 37.3, 9)])["stop"].to_dict("records")

    assert stop["country"] == "CN"


def test_a_stop_that_goes_on_is_open_until_she_leaves():
    (still,) = told([*LEAVES_NAMPO, *stay(41, 60, OPEN_SEA)])["stop"].to_dict("records")
    (later,) = told([*LEAVES_NAMPO, *stay(41, 90, OPEN_SEA), (91, 123.0, 37.6, 9)])["stop"].to_dict("records")

    assert pd.isna(still["ended_at"])
    assert pd.isna(still["stopped_hours"])
    assert later["stop_id"] == still["stop_id"]
    assert later["stopped_hours"] == pytest.approx(49, abs=1)


@pytest.mark.parametrize("begin", [30, 34.5, 36, 40, 47], ids=str)
def test_by_when_she_has_lain_for_long_enough_is_the_same_whichever_days_are_derived_together(begin):
    """Twelve hours of rest that go on over midnight: known at the end of the day on which they were full."""
    fixes = positions([*LEAVES_NAMPO[:-1], (begin - 1, 122.3, 37.1, 9), *stay(begin, 70, ROADS), (71, 122.3, 37.2, 9)])
    days = days_of(fixes)

    at_once, by_day = (
        derive_stretches(fixes, SEA, stretches, anchorages=HUANGHUA)["voyage"].dropna(subset=["arrived_at"])
        for stretches in ([days], [[day] for day in days])
    )
    full = fixes["timestamp"].min().floor("D") + pd.Timedelta(hours=begin + 12)
    assert at_once["known_at"].tolist() == [full.floor("D") + pd.Timedelta(days=1)]
    assert_frame_equal(at_once.reset_index(drop=True), by_day.reset_index(drop=True))
