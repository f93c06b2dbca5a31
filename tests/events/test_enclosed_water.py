"""An enclosed water has one way in: who passed its lock inwards and later outwards was inside between, heard or not."""

import pandas as pd
import pytest

from tests.sea import derive_history, draughts, positions, small_sea

SEA = small_sea()
LOCK, OUTSIDE, BERTH, DALIAN = (125.33, 38.7167), (125.0, 38.7), (125.4, 38.7167), (121.7, 38.9)


def through(silent, before=LOCK, after=LOCK, out=OUTSIDE):
    """From the sea to `before`, silent for so many hours, heard again at `after`, then out and to Dalian."""
    back = 2 + silent
    rows = [(0, *OUTSIDE, 9), (1.9, 125.28, 38.71, 6), (2, *before, 4), (back, *after, 4), (back + 1, *out, 9)]
    return positions([*rows, *[(back + 24 + 0.5 * n, *DALIAN, 0.0) for n in range(20)]])


def at(hours):
    return pd.Timestamp("2018-06-01", tz="UTC") + pd.Timedelta(hours=hours)


@pytest.mark.parametrize("silent", [13, 40, 24 * 20])
def test_unheard_between_lock_and_lock_she_was_in_the_basin(silent):
    reports = draughts([(1, 4.0), (2 + silent, 8.2), (26 + silent, 8.2)])

    history = derive_history(through(silent), SEA, reports)

    call = history["port_call"].iloc[0]
    assert (call["zone_id"], call["state"], call["confidence"]) == ("nampo", "closed", 2)
    assert (call["arrived_after"], call["arrived_by"]) == (at(2), at(2 + silent))
    assert (call["departed_after"], call["departed_by"]) == (at(2 + silent), at(3 + silent))
    assert call["max_silence_hours"] == silent
    assert pd.isna(call["stopped_hours"])
    assert pd.isna(call["berth_zone_id"])
    assert (call["draught_in_m"], call["draught_out_m"]) == (4.0, 8.2)
    voyage = history["voyage"].iloc[0]
    assert (voyage["origin_zone_id"], voyage["destination_zone_id"], voyage["cargo_state"]) == (
        "nampo",
        "dalian",
        "laden",
    )


@pytest.mark.parametrize(
    "fixes",
    [
        through(11),
        through(24 * 100),
        through(40, before=(125.28, 38.71)),
        through(40, before=DALIAN, after=DALIAN),
    ],
    ids=["for a lock's waiting time", "for a season", "not seen at the lock", "elsewhere"],
)
def test_otherwise_unheard_she_was_not(fixes):
    assert "nampo" not in derive_history(fixes, SEA)["port_call"]["zone_id"].tolist()


def test_seen_at_the_lock_inwards_and_next_outside_she_left_in_the_silence():
    call = derive_history(through(40, after=(125.28, 38.71)), SEA)["port_call"].iloc[0]

    assert (call["zone_id"], call["state"], call["confidence"]) == ("nampo", "ended_in_silence", 2)
    assert (call["arrived_after"], call["departed_by"]) == (at(2), at(42))


@pytest.mark.parametrize(("silent", "called"), [(20, False), (26, True)])
def test_the_way_to_where_she_is_heard_next_leaves_no_time_inside(silent, called):
    rows = [(0, *OUTSIDE, 9), (2, *LOCK, 4), *[(2 + silent + 0.5 * n, *DALIAN, 0.0) for n in range(20)]]  # 170 nm

    events = derive_history(positions(rows), SEA)

    assert ("nampo" in events["port_call"]["zone_id"].tolist()) is called
    assert len(events["voyage"]) == called


def test_who_came_out_to_the_lock_and_fell_silent_there_was_not_in_again():
    rows = [(0, *BERTH, 0), (5, *BERTH, 0), (6, *LOCK, 4), (46, *OUTSIDE, 9), (47, *OUTSIDE, 9)]

    calls = derive_history(positions(rows), SEA)["port_call"]

    assert calls["departed_after"].tolist() == [at(6)]
    assert calls["state"].tolist() == ["ended_in_silence"]


def test_heard_at_the_lock_all_the_while_she_waited_outside():
    waiting = [(2 + n, *LOCK, 0.1) for n in range(30)]

    assert derive_history(positions([(0, *OUTSIDE, 9), *waiting, (33, *OUTSIDE, 9)]), SEA)["port_call"].empty


def test_who_waited_unheard_and_then_went_in_makes_one_call():
    inside = [(31 + 0.5 * n, *BERTH, 0.0) for n in range(20)]
    rows = [(0, *OUTSIDE, 9), (2, *LOCK, 4), (30, *LOCK, 4), *inside, (42, *LOCK, 4), (43, *OUTSIDE, 9)]

    calls = derive_history(positions(rows), SEA)["port_call"]

    assert calls["berth_zone_id"].tolist() == ["nampo-coal"]


def test_a_fix_inside_and_the_lock_again_after_a_long_silence_is_a_call_of_that_length():
    rows = [(0, *OUTSIDE, 9), (2, *LOCK, 4), (3, 125.39, 38.7167, 5), (43, *LOCK, 4), (44, *OUTSIDE, 9)]

    call = derive_history(positions(rows), SEA)["port_call"].iloc[0]

    assert (call["arrived_by"], call["departed_by"], call["confidence"]) == (at(3), at(44), 4)
    assert pd.isna(call["stopped_hours"])  # whether she stopped, the silence hides


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    "heard",
    [[(0, *LOCK, 4)], [(0, *LOCK, 0.1), (9, *LOCK, 0.1), (20, *LOCK, 0.1), (29, *LOCK, 4)]],
    ids=["once", "for long"],
)
@pytest.mark.parametrize("after", [LOCK, OUTSIDE], ids=["at the lock", "outside"])
def test_data_that_begins_at_the_lock_does_not_tell_when_she_went_in(heard, after):
    back = heard[-1][0] + 40
    rows = [*heard, (back, *after, 4), (back + 1, *OUTSIDE, 9), (back + 2, *OUTSIDE, 9)]

    call = derive_history(positions(rows), SEA, draughts([(0, 4.0), (back, 8.2)]))["port_call"].iloc[0]

    assert call["zone_id"] == "nampo"
    assert call["cut_at_start"]
    assert pd.isna(call["arrived_after"])
    assert call["draught_in_m"] == 4.0


@pytest.mark.parametrize("coming", [[(0, *OUTSIDE, 9)], [(0, *BERTH, 0), (40, *BERTH, 0), (41, *OUTSIDE, 9)]])
def test_who_was_seen_elsewhere_before_the_lock_is_not_cut(coming):
    at_ = coming[-1][0] + 3
    rows = [*coming, (at_, *LOCK, 4), (at_ + 40, *LOCK, 4), (at_ + 41, *OUTSIDE, 9), (at_ + 42, *OUTSIDE, 9)]

    call = derive_history(positions(rows), SEA)["port_call"].iloc[-1]

    assert (call["cut_at_start"], call["arrived_after"]) == (False, at(at_))
