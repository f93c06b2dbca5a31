"""Port calls and voyages of single ships, each case with a twin that differs in one thing."""

import pandas as pd
import pytest

from geo.zones import build_zones
from tests.geo.shapes import feature
from tests.sea import derive_history, draughts, positions, small_sea

SEA = small_sea()
BERTH = (125.4, 38.7167)
OUTSIDE = (125.0, 38.7)


def stay(begin, end, place=BERTH, speed=0.0, every=0.5):
    count = round((end - begin) / every)
    return [(begin + every * n, *place, speed) for n in range(count + 1)]


ARRIVAL = [(0, *OUTSIDE, 9), (0.5, 125.2, 38.71, 9)]
DEPARTURE = [(30.5, 125.2, 38.71, 9), (31, *OUTSIDE, 9)]


def calls_of(rows, **options):
    return derive_history(positions(rows), SEA, **options)["port_call"]


def test_a_call_runs_from_entering_to_leaving_across_midnight():
    call = calls_of([*ARRIVAL, *stay(1, 30), *DEPARTURE]).iloc[0]

    assert (call["zone_id"], call["berth_zone_id"], call["state"], call["confidence"]) == (
        "nampo",
        "nampo-coal",
        "closed",
        4,
    )
    assert call["arrived_by"] == pd.Timestamp("2018-06-01 01:00", tz="UTC")
    assert call["departed_by"] == pd.Timestamp("2018-06-02 06:30", tz="UTC")
    assert call["stopped_hours"] == 29.0
    assert call["known_at"] == pd.Timestamp("2018-06-03", tz="UTC")


def test_one_fix_of_1_2_knots_does_not_cost_the_call():
    rows = [*ARRIVAL, *stay(1, 12), (12.2, *BERTH, 1.2), *stay(12.5, 30), *DEPARTURE]

    calls = calls_of(rows)

    assert calls["confidence"].tolist() == [4]
    assert calls["stopped_hours"].iloc[0] == pytest.approx(28.7, abs=0.05)


def test_a_ship_that_sails_through_without_stopping_passes_and_calls_nowhere():
    through = derive_history(
        positions([*ARRIVAL, *stay(1, 1.5, speed=6.0), (2.5, 125.2, 38.71, 9), (3, *OUTSIDE, 9)]), SEA
    )

    assert through["port_call"].empty
    assert through["passage"][["zone_id", "state"]].to_numpy().tolist() == [["nampo", "closed"]]
    assert through["passage"]["entered_by"].iloc[0] == pd.Timestamp("2018-06-01 01:00", tz="UTC")


def test_the_same_ship_stopped_for_a_moment_calls_and_passes_nowhere():
    stopped = [*ARRIVAL, (1, *BERTH, 6), (1.2, *BERTH, 0), (1.5, *BERTH, 6), (2.5, 125.2, 38.71, 9), (3, *OUTSIDE, 9)]

    history = derive_history(positions(stopped), SEA)

    assert history["port_call"]["zone_id"].tolist() == ["nampo"]
    assert history["passage"].empty


def test_a_passage_that_ends_in_a_stop_after_midnight_was_a_call_all_along():
    late = [(22.5, 125.2, 38.71, 9), (23.5, *BERTH, 2), *stay(24.5, 30), *DEPARTURE]

    history = derive_history(positions(late), SEA)

    assert history["passage"].empty
    assert history["port_call"]["arrived_by"].tolist() == [pd.Timestamp("2018-06-01 23:30", tz="UTC")]


def test_a_call_still_open_says_so():
    call = calls_of([*ARRIVAL, *stay(1, 30)]).iloc[0]

    assert (call["state"], call["confidence"]) == ("open", 3)
    assert call[["departed_after", "departed_by", "stopped_hours", "draught_out_m"]].isna().all()


def test_a_ship_already_inside_when_the_data_begins_is_cut_at_the_start():
    call = calls_of([*stay(1, 30), *DEPARTURE]).iloc[0]

    assert call["cut_at_start"]
    assert pd.isna(call["arrived_after"])
    assert call["confidence"] == 3


def test_a_call_that_ends_in_silence_has_an_interval_and_no_exit():
    call = calls_of([*ARRIVAL, *stay(1, 10), (35, 121.0, 38.0, 9)]).iloc[0]

    assert call["state"] == "ended_in_silence"
    assert call["departed_after"] == pd.Timestamp("2018-06-01 10:00", tz="UTC")
    assert call["departed_by"] == pd.Timestamp("2018-06-02 11:00", tz="UTC")
    assert call["confidence"] == 3


def test_the_same_departure_heard_is_closed():
    call = calls_of([*ARRIVAL, *stay(1, 10), (10.5, 125.2, 38.71, 9), (35, 121.0, 38.0, 9)]).iloc[0]

    assert (call["state"], call["confidence"]) == ("closed", 4)


def test_silence_at_the_berth_is_part_of_the_call_and_is_named():
    call = calls_of([*ARRIVAL, *stay(1, 4), *stay(28, 30), *DEPARTURE]).iloc[0]

    assert call["max_silence_hours"] == 24.0
    assert call["stopped_hours"] == 5.0  # a day's silence is not time seen stopped


@pytest.mark.parametrize(("coal_hours", "berth"), [(20, "coal"), (6, "oil"), (32, "coal")])
def test_where_coal_is_handled_long_enough_is_the_berth_of_a_call_however_long_she_lay_elsewhere(coal_hours, berth):
    oil, coal = (125.38, 38.7167), (125.42, 38.7167)
    sea = build_zones(
        [
            feature("port", *BERTH, 5000, loads_coal=True),
            *(
                feature(
                    name,
                    *place,
                    500,
                    kind="terminal",
                    parent_zone_id="port",
                    port="port",
                    margin_m=None,
                    loads_coal=loads,
                )
                for name, place, loads in (("oil", oil, False), ("coal", coal, True))
            ),
        ]
    )
    rows = [*ARRIVAL, *stay(1, 31, oil), *stay(32, 32 + coal_hours, coal), (80, 125.2, 38.71, 9), (80.5, *OUTSIDE, 9)]

    call = derive_history(positions(rows), sea)["port_call"].iloc[0]

    assert call["berth_zone_id"] == berth


def test_the_margin_must_be_left_before_the_port_is():
    margin = (125.4 - 0.04, 38.7167)  # 3.5 km off: outside the port, inside its margin
    swinging = [*ARRIVAL, *stay(1, 5), (5.5, *margin, 3), *stay(6, 30), *DEPARTURE]

    assert len(calls_of(swinging)) == 1


def test_touching_only_the_margin_is_no_call():
    margin = (125.4 - 0.04, 38.7167)

    assert calls_of([*ARRIVAL, (1, *margin, 3), (2, *OUTSIDE, 9)]).empty


LADEN = [
    *ARRIVAL, *stay(1, 30), *DEPARTURE, *[(h, 125.0 - (h - 31) * 0.15, 38.7, 8) for h in range(32, 52)],
    *stay(53, 80, place=(121.7, 38.9)),
]  # fmt: skip


def voyages_of(rows, reports=None):
    return derive_history(positions(rows), SEA, reports)["voyage"]


def test_a_voyage_joins_two_calls_and_says_what_the_draught_did():
    voyage = voyages_of(LADEN, draughts([(0, 4.0), (24, 4.0), (31, 8.2), (48, 8.2), (72, 8.2)])).iloc[0]

    assert (voyage["origin_zone_id"], voyage["destination_zone_id"]) == ("nampo-coal", "dalian")
    assert (voyage["draught_before_m"], voyage["draught_m"], voyage["cargo_state"]) == (4.0, 8.2, "laden")
    assert voyage["departed_at"] == pd.Timestamp("2018-06-02 06:30", tz="UTC")
    assert voyage["arrived_at"] == pd.Timestamp("2018-06-03 05:00", tz="UTC")
    berth_to_last_fix_at_sea = (125.4 - 122.0) * 60 * 0.781  # degrees east times the cosine of 38.7 degrees north
    assert voyage["distance_nm"] == pytest.approx(berth_to_last_fix_at_sea, rel=0.02)


def test_without_a_change_of_draught_the_cargo_is_unknown():
    voyage = voyages_of(LADEN, draughts([(0, 4.0), (24, 4.0), (48, 4.0), (72, 4.0)])).iloc[0]

    assert (voyage["draught_change_m"], voyage["cargo_state"]) == (0.0, "unknown")


def test_waiting_in_the_roads_off_the_same_port_does_not_end_the_voyage():
    roads = [(32, 124.8, 38.7, 5), *stay(33, 40, place=(124.7, 38.7167)), (41, 124.4, 38.7, 9)]
    rows = [*ARRIVAL, *stay(1, 30), *DEPARTURE, *roads, *stay(60, 80, place=(121.7, 38.9))]

    history = derive_history(positions(rows), SEA)

    assert history["port_call"]["zone_id"].tolist() == ["nampo", "nampo-roads", "dalian"]
    assert history["voyage"]["origin_zone_id"].tolist() == ["nampo-coal"]
    assert history["voyage"]["dark_hours"].tolist() == [19.0]


def test_a_voyage_under_way_is_open():
    voyages = voyages_of([*ARRIVAL, *stay(1, 30), *DEPARTURE])

    assert voyages["origin_zone_id"].tolist() == ["nampo-coal"]
    assert voyages[["arrived_at", "destination_zone_id", "distance_nm"]].isna().all(axis=None)


def test_passing_a_port_without_a_stop_neither_ends_nor_begins_a_voyage():
    past = [(32, 124.8, 38.7, 8), (32.2, 124.7, 38.7167, 8), (32.4, 124.6, 38.7167, 8)]
    rows = [*ARRIVAL, *stay(1, 30), *DEPARTURE, *past, *stay(53, 80, place=(121.7, 38.9))]

    history = derive_history(positions(rows), SEA)
    voyages = history["voyage"]
    assert voyages[["origin_zone_id", "destination_zone_id"]].to_numpy().tolist() == [["nampo-coal", "dalian"]]
    assert voyages["passages"].tolist() == [0]  # the roads of the port she left are on her way out
    assert history["passage"]["zone_id"].tolist() == ["nampo-roads"]


ROADS_OF_NAMPO = [(0.0, 124.8, 38.7, 8), (0.2, 124.7, 38.7167, 8), (0.4, 124.6, 38.7167, 8)]
OFF_INCHON = [(0.0, 126.1, 37.3, 8), (0.2, 126.2, 37.3, 8), (0.4, 126.3, 37.3, 8)]
ROADS_OF_DALIAN = [(0.0, 121.9, 38.7, 8), (0.2, 122.0, 38.7, 8), (0.4, 122.1, 38.7, 8)]
WIDER_SEA = build_zones(
    [
        feature("nampo", *BERTH, 3000, loads_coal=True),
        feature("nampo-coal", *BERTH, 500, kind="terminal", parent_zone_id="nampo", port="nampo", margin_m=None),
        feature("nampo-roads", 124.7, 38.7167, 3000, kind="anchorage", port="nampo"),
        feature("dalian", 121.7, 38.9, 3000, country="CN", receives_coal=True),
        feature("inchon", 126.2, 37.3, 3000, country="KR"),
        feature("dalian-roads", 122.0, 38.7, 3000, kind="anchorage", port="dalian", country="CN"),
    ]
)


@pytest.mark.quick_cases(7)
@pytest.mark.parametrize(
    ("ways", "counted"),
    [
        ([ROADS_OF_NAMPO], 0),
        ([ROADS_OF_DALIAN], 0),
        ([ROADS_OF_NAMPO, ROADS_OF_NAMPO, ROADS_OF_DALIAN, ROADS_OF_DALIAN], 0),
        ([ROADS_OF_NAMPO, OFF_INCHON, ROADS_OF_DALIAN], 1),
        ([OFF_INCHON, ROADS_OF_NAMPO], 2),
        ([ROADS_OF_DALIAN, OFF_INCHON], 2),
        ([OFF_INCHON, OFF_INCHON], 2),
    ],
    ids=["out", "in", "out and in, twice", "past one between", "back past the first", "away from the last", "twice"],
)
@pytest.mark.parametrize("apart", [6, 30], ids=["in a day", "over days"])
def test_the_way_out_of_the_port_she_left_and_in_to_where_she_calls_is_no_passage(ways, counted, apart):
    rows = [*ARRIVAL, *stay(1, 30), *DEPARTURE]
    for number, way in enumerate(ways):
        rows += [(34 + apart * number + hour, *fix) for hour, *fix in way]
    end = 34 + apart * len(ways) + 20
    rows += stay(end, end + 20, place=(121.7, 38.9))

    voyages = derive_history(positions(rows), WIDER_SEA)["voyage"]

    assert voyages["passages"].tolist() == [counted]


def test_two_hulls_on_one_mmsi_stopped_at_the_same_second_are_two_calls():
    here, there = positions(stay(1, 10)), positions(stay(1, 10, place=(121.7, 38.9)))
    both = pd.concat([here, there]).sort_values(["timestamp", "longitude"], ignore_index=True)

    found = derive_history(both, SEA)

    assert sorted(found["port_call"]["zone_id"]) == ["dalian", "nampo"]
    for name, events in found.items():
        assert events[f"{name}_id"].is_unique


def silent_for(days):
    """A stay in Dalian, nothing for so many days, a stay at the berth."""
    return [*stay(1, 10, place=(121.7, 38.9)), *stay(10 + 24 * days, 30 + 24 * days)]


def test_there_is_no_voyage_over_a_silence_that_leaves_time_for_a_dozen_others():
    history = derive_history(positions(silent_for(100)), SEA)

    assert history["voyage"].empty
    assert history["port_call"]["zone_id"].tolist() == ["dalian", "nampo"]
    assert history["ais_gap"]["hours"].iloc[0] == 2400.0


def test_over_a_silence_of_eighty_days_there_is_one():
    assert voyages_of(silent_for(80))["longest_silence_hours"].tolist() == [1920.0]


def test_a_clock_that_was_twenty_years_slow_makes_neither_voyage_nor_stay_of_twenty_years():
    slow = positions(stay(1, 4), start="2000-01-01")

    history = derive_history(pd.concat([slow, positions(stay(1, 30))], ignore_index=True), SEA)

    assert history["voyage"].empty
    assert history["port_call"]["state"].tolist() == ["ended_in_silence", "open"]


def test_a_voyage_under_way_ends_nowhere_once_she_was_silent_for_too_long():
    silent = [*stay(1, 10), *DEPARTURE[:1], (31 + 24 * 100, *OUTSIDE, 9)]

    assert voyages_of(silent).empty


def test_a_voyage_of_ours_has_no_number_of_encounters_that_nobody_counted():
    assert voyages_of(LADEN)["encounters"].isna().all()


TWO_BERTHS = build_zones(
    [
        feature("basin", *BERTH, 9000, kind="basin", port="Taedong basin"),
        feature("nampo-coal", *BERTH, 500, kind="terminal", parent_zone_id="basin", port="Nampo", margin_m=None),
        feature(
            "songnim", 125.46, 38.7167, 500, kind="terminal", parent_zone_id="basin", port="Songnim", margin_m=None
        ),
        feature("roads", 124.7, 38.7167, 3000, kind="anchorage", port="Nampo"),
        feature("dalian", 121.7, 38.9, 3000, country="CN"),
    ]
)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(
    ("place", "port"), [((125.46, 38.7167), "Songnim"), (BERTH, "Nampo"), ((125.43, 38.7167), "Taedong basin")]
)
@pytest.mark.parametrize("left", [DEPARTURE, []], ids=["left", "still there"])
def test_a_stop_in_a_basin_of_several_ports_is_at_the_one_where_she_lay(place, port, left):
    history = derive_history(positions([*ARRIVAL, *stay(1, 30, place=place), *left]), TWO_BERTHS)

    assert history["port_call"]["port"].tolist() == [port]
    assert history["voyage"]["origin_port"].tolist() == [port] * (len(left) > 0)


def test_waiting_off_the_basin_that_several_ports_share_does_not_end_the_voyage():
    roads = [(32, 124.8, 38.7, 5), *stay(33, 40, place=(124.7, 38.7167)), (41, 124.4, 38.7, 9)]
    rows = [*ARRIVAL, *stay(1, 30, place=(125.46, 38.7167)), *DEPARTURE, *roads, *stay(60, 80, place=(121.7, 38.9))]

    voyages = derive_history(positions(rows), TWO_BERTHS)["voyage"]

    assert voyages[["origin_port", "destination_port"]].to_numpy().tolist() == [["Songnim", "dalian"]]


def test_anchorage_berth_and_anchorage_are_parts_of_one_visit():
    roads = (124.7, 38.7167)
    rows = [*stay(0, 5, place=roads), *stay(9, 30), *stay(34, 40, place=roads), *stay(60, 80, place=(121.7, 38.9))]

    calls = derive_history(positions(rows), SEA)["port_call"].sort_values("arrived_by")

    assert calls["zone_id"].tolist() == ["nampo-roads", "nampo", "nampo-roads", "dalian"]
    first, last = calls["port_call_id"].iloc[0], calls["port_call_id"].iloc[3]
    assert calls["visit_id"].tolist() == [first, first, first, last]


def test_back_at_the_same_port_after_more_than_a_day_is_another_visit():
    calls = calls_of([*stay(0, 5), (6, 125.2, 38.71, 9), *[(6 + n, *OUTSIDE, 9) for n in range(1, 26)], *stay(33, 40)])

    assert calls["visit_id"].tolist() == calls["port_call_id"].tolist()
    assert len(calls) == 2
