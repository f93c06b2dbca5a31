"""Waits at sea and paper calls: each fires, and its twin that differs in one thing stays silent."""

import pandas as pd
import pytest

from geo.zones import build_zones
from tests.geo.shapes import feature
from tests.meetings import lies, sails
from tests.sea import derive_history, derive_stretches, draughts, known_anchorage, positions, small_sea

SEA = small_sea()
ROADS = (124.7, 38.7167)
DALIAN = (121.7, 38.9)
OPEN = (124.0, 38.0)


def waits(rows, **more):
    return derive_history(positions(rows), SEA, **more)["loitering"]


def drift(hours, at=OPEN, knots=1.0, every=1 / 6):
    """Northwards at so many knots."""
    begin, end = hours
    return [
        (begin + n * every, at[0], at[1] + n * every * knots / 60, knots)
        for n in range(round((end - begin) / every) + 1)
    ]


def around(rows):
    """Comes from the south before, and sails on north after."""
    begin, end = rows[0], rows[-1]
    came = [(begin[0] - 1 + n / 6, begin[1], begin[2] - (6 - n) / 6 * 10 / 60, 10.0) for n in range(6)]
    goes = [(end[0] + n / 6, end[1], end[2] + n / 6 * 10 / 60, 10.0) for n in range(1, 7)]
    return [*came, *rows, *goes]


def test_a_ship_that_drifts_at_sea_for_half_a_day_loiters():
    (wait,) = waits(around(drift((5, 17)))).to_dict("records")

    assert (wait["kind"], wait["hours"], wait["distance_nm"]) == (
        "at_sea",
        pytest.approx(12.17),
        pytest.approx(12.0, abs=2),
    )
    assert wait["began_at"] == pd.Timestamp("2018-06-01 04:50", tz="UTC")
    assert wait["ended_at"] == pd.Timestamp("2018-06-01 17:00", tz="UTC")
    assert wait["known_at"] == pd.Timestamp("2018-06-02", tz="UTC")
    assert not wait["cut_at_start"]


@pytest.mark.parametrize(
    "rows",
    [around(drift((5, 17), knots=2.5)), around(drift((5, 12)))],
    ids=["too fast", "not for long enough"],
)
def test_whoever_makes_way_or_pauses_for_some_hours_does_not(rows):
    assert waits(rows).empty


def test_at_a_known_anchorage_or_in_a_port_it_is_a_queue_or_a_call_and_no_loitering():
    queue = known_anchorage(*OPEN, "SOMEWHERE")

    assert len(waits(around(lies(*OPEN, (5, 30))))) == 1
    assert waits(around(lies(*OPEN, (5, 30))), anchorages=queue).empty
    assert waits(around(lies(*ROADS, (5, 30)))).empty
    assert waits(around(lies(*DALIAN, (5, 30)))).empty


def test_a_moment_under_way_is_a_pause_and_an_hour_of_it_is_not():
    first, second = drift((5, 11)), drift((11.5, 18), at=(124.0, 38.11))
    moment = [(11.2, 124.0, 38.105, 2.6)]
    away = [(11 + n / 6, 124.0, 38.1 + n * 0.03, 10.0) for n in range(1, 8)]

    assert waits(around([*first, *moment, *second]))["hours"].tolist() == [pytest.approx(13.2, abs=0.2)]
    assert waits(around([*first, *away, *drift((12.4, 18), at=(124.0, 38.35))])).empty


def test_a_silence_in_which_she_made_no_way_is_part_of_it_and_one_in_which_she_may_have_sailed_is_not():
    first, second = drift((5, 10)), drift((14, 19), at=(124.0, 38.15))
    assert len(waits(around([*first, *second]))) == 1
    assert waits(around([*first, *drift((14, 19), at=(124.0, 38.9))])).empty
    assert waits(around([*first, *drift((20, 25), at=(124.0, 38.15))])).empty


def test_a_wait_is_open_until_she_sails_on_and_over_midnight_one():
    rows = around(drift((20, 40)))

    (open_,) = waits(rows[:-6]).to_dict("records")
    (closed,) = waits(rows).to_dict("records")

    assert pd.isna(open_["ended_at"])
    assert pd.isna(open_["hours"])
    assert open_["loitering_id"] == closed["loitering_id"]
    assert closed["hours"] == pytest.approx(20.17)
    assert closed["distance_nm"] == pytest.approx(21.5, abs=0.3)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("pause", [0.1, 1.0])
def test_days_one_by_one_and_at_once_tell_the_same_waits(pause):
    rows = [*drift((3, 23.9)), *[(23.9 + pause * n / 4, 124.0, 38.35 + pause * n / 24, 9.0) for n in (1, 2, 3, 4)]]
    rows += drift((24.2 + pause, 60), at=(124.0, 38.35 + pause / 6))
    rows += [(61 + n / 6, 124.0, 39.0 + n / 30, 12.0) for n in range(6)]
    fixes = positions(rows)
    days = sorted(fixes["timestamp"].dt.strftime("%Y-%m-%d").unique())

    by_day = derive_history(fixes, SEA)["loitering"].sort_values("began_at", ignore_index=True)
    at_once = derive_stretches(fixes, SEA, [days])["loitering"].sort_values("began_at", ignore_index=True)

    pd.testing.assert_frame_equal(by_day, at_once, check_dtype=False)
    assert len(by_day) == (1 if pause < 0.5 else 2)


TWO_PORTS = build_zones(
    [
        feature("dalian", *DALIAN, 3000, country="CN", receives_coal=True),
        feature("dalian-roads", 121.9, 38.6, 4000, kind="anchorage", port="dalian", country="CN"),
        feature("longkou", 120.3, 37.7, 4000, country="CN", receives_coal=True),
    ]
)


def call_after_wait(hours, berth=False, there=(120.3, 37.7)):
    rows = sails([(0, 123.5, 38.0), (8, 121.9, 38.6)]) + lies(121.9, 38.6, (8, 8 + hours))
    at = 8 + hours
    if berth:
        rows += sails([(at, 121.9, 38.6), (at + 2, *DALIAN)]) + lies(*DALIAN, (at + 2, at + 20))
        rows += sails([(at + 20, *DALIAN), (at + 22, 121.9, 38.5)])
        at += 22
    return rows + sails([(at + 0.5, 121.9, 38.5), (at + 12, *there)]) + lies(*there, (at + 12, at + 16))


def paper(rows):
    found = derive_history(positions(rows), TWO_PORTS, reports=draughts([(0, 8.0)]))["loitering"]
    return found[found["kind"] == "paper_call"]


def test_a_day_off_a_port_without_a_berth_and_then_another_port_is_a_paper_call():
    (one,) = paper(call_after_wait(30)).to_dict("records")

    assert (one["port"], one["next_port"], one["next_country"]) == ("dalian", "longkou", "CN")
    assert one["stopped_hours"] == pytest.approx(30, abs=0.5)
    assert one["draught_change_m"] == 0.0


def test_a_shorter_wait_or_one_that_ends_at_the_berth_is_none():
    assert paper(call_after_wait(12)).empty
    assert paper(call_after_wait(30, berth=True)).empty
    assert paper(call_after_wait(30, there=DALIAN)).empty
