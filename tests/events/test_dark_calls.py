"""Dark calls: what a silence leaves time for, and what it does not."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo.zones import build_zones, load_zones
from tests.geo.shapes import feature
from tests.sea import derive_history, derive_stretches, positions, small_sea

SEA = small_sea()  # Nampo behind a lock, its roads 30 nm off, Dalian
KOREA = load_zones()


def out(longitude=121.8, latitude=38.8, speed=9.5, hours=4, until=0.0):
    """Hourly fixes of a ship that sails east until an hour, and the longitude she ends at."""
    step = speed / 60 / 0.78  # degrees of longitude an hour, at 39 N
    return [(until - hours + n, longitude + step * n, latitude, speed) for n in range(hours + 1)]


def back(at, longitude=122.4, latitude=38.8, speed=9.5, hours=4):
    """Hourly fixes of a ship that is heard again at an hour, sailing west."""
    step = speed / 60 / 0.78
    return [(at + n, longitude - step * n, latitude, speed) for n in range(hours + 1)]


def dark_calls(*parts, zones=SEA, until=None):
    """Of silences that have ended; with `until`, of the one that has not by the end of that day."""
    rows = [(hour + 10, *rest) for part in parts for hour, *rest in part]
    found = derive_history(positions(rows), zones, until=until)["dark_call"]
    return found[found["ended_at"].isna() == (until is not None)].reset_index(drop=True)


def hours_between(earlier, later):
    return (later - earlier).total_seconds() / 3600


def test_a_silence_that_leaves_time_to_sail_there_to_load_and_to_come_back_is_one():
    (call,) = dark_calls(out(), back(48)).to_dict("records")

    assert (call["zone_id"], call["country"], call["rank"], call["ports_in_reach"]) == ("nampo", "KP", 1, 1)
    assert call["began_at"] == pd.Timestamp("2018-06-01 10:00", tz="UTC")
    assert call["ended_at"] == pd.Timestamp("2018-06-03 10:00", tz="UTC")
    sailed = call["distance_in_nm"] / call["speed_kn"], call["distance_out_nm"] / call["speed_kn"]
    assert (call["earliest_arrival_at"] - call["began_at"]).total_seconds() / 3600 == pytest.approx(
        sailed[0] + 2, abs=0.02
    )
    assert (call["ended_at"] - call["latest_departure_at"]).total_seconds() / 3600 == pytest.approx(
        sailed[1] + 2, abs=0.02
    )
    assert call["longest_stay_hours"] == pytest.approx(48 - sum(sailed) - 4, abs=0.1)
    assert (call["speed_kn"], call["speed_from"]) == (pytest.approx(9.5, abs=0.1), "sustained")
    assert (call["approach_share"], call["speed_before_kn"]) == (1.0, pytest.approx(9.5, abs=0.1))


@pytest.mark.parametrize(("hours", "found"), [(38, 0), (44, 1)])
def test_a_silence_too_short_to_pass_the_lock_and_load_is_none(hours, found):
    assert len(dark_calls(out(), back(hours))) == found


def test_what_is_left_depends_on_how_fast_she_is_known_to_sail():
    fast, slow = dark_calls(out(speed=13), back(40)), dark_calls(out(speed=9.5), back(40))

    assert (len(fast), len(slow)) == (1, 0)


def test_a_ship_that_was_only_seen_to_drift_is_taken_to_sail_at_the_least():
    calls = dark_calls(out(speed=3), back(60, speed=3))

    assert calls[["speed_kn", "speed_from"]].to_numpy().tolist() == [[8.0, "least"]]


def test_a_speed_that_a_false_position_makes_is_not_hers():
    calls = dark_calls(out(speed=20), back(44))

    assert calls[["speed_kn", "speed_from"]].to_numpy().tolist() == [[14.0, "most"]]


def test_a_drift_without_room_to_go_there_is_none():
    drifting = [(n / 2, 122.6 + n * 0.01, 38.4, 1.5) for n in range(6)]

    assert dark_calls(drifting, [(33, 122.8, 38.4, 1.5), (34, 122.81, 38.4, 1.5)]).empty


def test_a_passage_at_her_own_speed_is_none():
    on = out(longitude=121.8, latitude=38.6)

    assert dark_calls(on, [(24, 126.0, 37.3, 9.5), (25, 126.1, 37.25, 9.5)]).empty  # Dalian to Incheon


def test_a_silence_with_an_end_in_such_a_port_is_a_call_already():
    berth = [(50 + n, 125.4, 38.7167, 0.0) for n in range(5)]

    found = derive_history(positions([(hour + 10, *rest) for hour, *rest in out() + berth]), SEA)

    assert found["dark_call"].empty
    assert found["port_call"]["zone_id"].tolist() == ["nampo"]


@pytest.mark.parametrize(("speed", "calls", "dark"), [(9.0, 0, 1), (0.0, 1, 0)], ids=["passing", "stopped"])
def test_who_was_last_heard_on_her_way_through_such_a_port_has_no_call_there_that_the_silence_belongs_to(
    speed, calls, dark
):
    open_port = build_zones([feature("nampo", 125.2, 38.7167, 6000, loads_coal=True)])
    inward = [(n / 10 - 0.5, 125.06 + 0.02 * n, 38.7167, 9.0) for n in range(5)]
    last = [(n / 10, 125.16 + 0.02 * n * (speed > 0), 38.7167, speed) for n in range(3)]

    found = derive_history(positions([(hour + 10, *rest) for hour, *rest in inward + last + back(60)]), open_port)

    assert len(found["port_call"]) == calls
    assert len(found["dark_call"]) == dark


def test_a_silence_inside_the_berths_port_is_that_call():
    berth = [(n, 125.4, 38.7167, 0.0) for n in (0, 1, 2, 50, 51)]

    assert dark_calls(berth).empty


def test_who_is_unheard_between_two_passages_of_the_lock_made_a_call_there_and_no_dark_one():
    lock = [(n, 125.33, 38.7167, 3.0) for n in (0, 0.5, 24, 24.5)]
    rows = [(hour + 10, *rest) for hour, *rest in [(-3, 124.9, 38.7, 9.0), *lock, (27, 124.9, 38.7, 9.0)]]

    found = derive_history(positions(rows), SEA)

    assert found["port_call"]["zone_id"].tolist() == ["nampo"]
    assert found["dark_call"].empty


@pytest.mark.parametrize(("hours", "found"), [(15, 0), (24, 1)])
def test_from_the_anchorage_off_the_lock_there_is_time_for_one_too(hours, found):
    roads = [(n, 124.7, 38.7167, 0.1) for n in (0, 1, 2)]

    assert len(dark_calls(roads, [(2 + hours + n, 124.72, 38.7167, 0.1) for n in range(3)])) == found


def test_while_the_silence_is_open_one_is_possible_from_when_she_could_have_loaded():
    assert dark_calls(out(), until="2018-06-01").empty

    calls = dark_calls(out(), until="2018-06-02")
    assert calls[["ended_at", "latest_departure_at", "longest_stay_hours"]].isna().all(axis=None)
    assert calls["known_at"].tolist() == [pd.Timestamp("2018-06-03", tz="UTC")]
    assert_frame_equal(dark_calls(out(), until="2018-06-20"), calls)  # it grows in that nothing ends it


def test_it_is_the_same_call_when_the_silence_has_ended():
    assert (
        dark_calls(out(), until="2018-06-02")["dark_call_id"].iloc[0]
        == dark_calls(out(), back(60))["dark_call_id"].iloc[0]
    )


def test_a_ship_heard_twice_only_does_not_fall_silent():
    assert dark_calls(out(hours=1), until="2018-06-20").empty


def test_every_port_that_a_silence_leaves_time_for_is_named_the_one_with_most_time_first():
    off_hungnam = [(n, 128.4 + n * 0.2, 39.6, 9.5) for n in range(4)]

    calls = dark_calls(off_hungnam, [(63 + n, 129.3, 39.6, 9.5) for n in range(3)], zones=KOREA)

    assert calls["zone_id"].tolist() == ["kp-wonsan", "kp-chongjin", "kp-rajin"]
    assert calls["rank"].tolist() == [1, 2, 3]
    assert calls["longest_stay_hours"].is_monotonic_decreasing
    assert (calls["ports_in_reach"] == 3).all()


def test_no_port_is_reached_across_the_land():
    korea_bay = dark_calls(out(longitude=123.0), back(70, longitude=123.6), zones=KOREA)

    assert korea_bay["zone_id"].tolist() == ["kp-taedong"]  # Wonsan lies 140 nm off, and 700 by sea


def test_far_away_no_silence_says_anything():
    baltic = [(n, 12.0 + n * 0.1, 55.5, 9.5) for n in range(4)]

    assert dark_calls(baltic, [(2000 + n, 12.5, 55.5, 9.5) for n in range(3)]).empty


def test_a_silence_that_ends_far_up_a_river_leaves_no_way_that_is_known():
    assert dark_calls(out(), back(400, longitude=111.3, latitude=30.7), zones=KOREA).empty  # Yichang on the Yangtze
    assert len(dark_calls(out(), back(400), zones=KOREA))


def test_a_ship_bound_elsewhere_is_said_to_be():
    west = [(hour, 124.0 - (longitude - 121.8), latitude, speed) for hour, longitude, latitude, speed in out()]

    (call,) = dark_calls(west, back(60)).to_dict("records")

    assert call["approach_share"] == -1.0


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("at_once", [1, 2, 4], ids="{} days at once".format)
def test_how_she_was_bound_is_known_of_a_silence_that_begins_soon_after_midnight(at_once):
    way = out()
    late = [(-0.5, (way[-2][1] + way[-1][1]) / 2, *way[-1][2:])]  # at 23:54, less than an hour before
    fixes = positions([(hour + 24.4, *rest) for part in (way, late, back(60)) for hour, *rest in part])  # last at 00:24
    days = sorted(fixes["timestamp"].dt.strftime("%Y-%m-%d").unique())
    stretches = [days[n : n + at_once] for n in range(0, len(days), at_once)]

    found = derive_stretches(fixes, SEA, stretches)["dark_call"].dropna(subset=["ended_at"])

    assert found["approach_share"].tolist() == [1.0]
    assert found["speed_before_kn"].tolist() == [pytest.approx(9.5, abs=0.1)]


def test_a_ship_at_rest_is_bound_nowhere():
    waiting = [(n / 2, 123.0, 38.5, 0.1) for n in range(8)]

    (call,) = dark_calls(waiting, [(60, 123.0, 38.5, 0.1), (61, 123.0, 38.5, 0.1)]).to_dict("records")

    assert pd.isna(call["approach_share"])
    assert call["speed_before_kn"] == 0.0


def test_a_home_whose_zones_load_no_coal_has_none():

    quiet = build_zones([feature("nampo", 125.4, 38.7167, 3000)])

    assert dark_calls(out(), back(60), zones=quiet).empty


def test_the_gap_names_the_port_that_it_left_most_time_for():
    def gap(*parts):
        rows = [(hour + 10, *rest) for part in parts for hour, *rest in part]
        found = derive_history(positions(rows), SEA)["ais_gap"]
        return found.loc[found["ended_at"].notna(), ["feasible_zone_id", "feasible_stay_hours"]].iloc[0]

    named, none = gap(out(), back(48)), gap(out(), back(20))

    assert named["feasible_zone_id"] == "nampo"
    assert named["feasible_stay_hours"] > 8
    assert none.isna().all()
