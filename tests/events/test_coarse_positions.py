"""What follows from cells and hours, and what does not: exact tracks beside the same tracks thinned."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import POSITION, VESSEL_REPORT
from pipeline.events.certain import surely_there
from pipeline.movement.compress import compress_days
from tests.coarse import thin
from tests.events.test_port_calls_and_voyages import BERTH, SEA
from tests.meetings import encounters_of, lies
from tests.sea import (
    LIMITS,
    NAMPO,
    as_fixes,
    build_zones,
    days_of,
    derive_history,
    derive_stretches,
    feature,
    positions,
)

ROADS = (124.6, 38.45)  # no zone
EVERY = 1 / 6  # hours from fix to fix
MMSI = 445000001


def sail(start, there, here, knots=9.0):
    """Fixes of a way from a place to another, and the hour at its end."""
    miles = 60 * np.hypot((there[0] - here[0]) * np.cos(np.radians(38.6)), there[1] - here[1])
    end = start + miles / knots
    hours = np.arange(start, end, EVERY)
    east, north = (np.interp(hours, [start, end], [a, b]) for a, b in zip(here, there, strict=True))
    return [(hour, x, y, knots) for hour, x, y in zip(hours, east, north, strict=True)], end


def call(begin, hours, knots=9.0):
    """In from the roads, alongside for some hours, and out again."""
    way_in, berthed = sail(begin, BERTH, ROADS, knots)
    stay = [(hour, *BERTH, 0.0) for hour in np.arange(berthed, berthed + hours, EVERY)]
    way_out, _ = sail(berthed + hours, ROADS, BERTH, knots)
    return [*way_in, *stay, *way_out]


def both(*ships, nth=0):
    """Events of exact tracks, and of the same tracks thinned."""
    return derive_history(tracks(*ships), SEA), thinned(*ships, nth=nth)


def thinned(*ships, nth=0):
    """Events of tracks of which there is a cell every hour."""
    return derive_history(thin(tracks(*ships), nth), SEA)


def tracks(*ships):
    frames = [positions(rows, mmsi=MMSI + number) for number, rows in enumerate(ships)]
    return pd.concat(frames, ignore_index=True)


def holds(coarse, exact, after, by):
    """Whether the interval of a coarse event holds a moment at which the exact one can have happened."""
    return (coarse[after] <= exact[by]) & (coarse[by] >= exact[after])


CALLS = st.lists(st.tuples(st.floats(0, 24), st.floats(4, 50), st.floats(5, 13)), min_size=4, max_size=8)


@settings(max_examples=6, deadline=None)
@given(CALLS, st.integers(0, 5))
def test_a_call_is_found_at_the_same_port_in_intervals_that_hold_arrival_and_departure(drawn, nth):
    exact, coarse = both(*(call(*one) for one in drawn), nth=nth)

    known, told = (found["port_call"].sort_values("mmsi", ignore_index=True) for found in (exact, coarse))
    same = ["mmsi", "zone_id", "berth_zone_id", "port", "state"]
    assert told[same].to_numpy().tolist() == known[same].to_numpy().tolist()
    wide = told.merge(known, on="mmsi", suffixes=("", "_exact"))
    for after, by in (("arrived_after", "arrived_by"), ("departed_after", "departed_by")):
        assert (wide[after] <= wide[f"{by}_exact"]).all()
        assert (wide[by] >= wide[f"{after}_exact"]).all()
        assert (wide[by] - wide[after] <= pd.Timedelta(hours=4)).all()
    assert (wide["confidence"] <= wide["confidence_exact"]).all()
    assert coarse["position_anomaly"].empty


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 24), st.floats(3, 13)), min_size=4, max_size=6), st.integers(0, 5))
def test_a_ship_that_sails_through_calls_nowhere_and_no_jump_between_cells_is_an_anomaly(drawn, nth):
    ships = []
    for begin, knots in drawn:
        way_in, inside = sail(begin, BERTH, ROADS, knots)
        ships.append([*way_in, *sail(inside, ROADS, BERTH, knots)[0]])
    coarse = thinned(*ships, nth=nth)

    assert coarse["port_call"].empty
    assert coarse["position_anomaly"].empty
    assert coarse["loitering"].empty


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 24), st.floats(1, 30)), min_size=4, max_size=6), st.integers(0, 5))
def test_a_silence_is_a_gap_only_where_the_exact_track_has_one_that_holds_it(drawn, nth):
    ships = []
    for begin, silent in drawn:
        rows = call(begin, 30)
        cut = rows[len(rows) // 2][0]
        ships.append([row for row in rows if not cut < row[0] < cut + silent])
    exact, coarse = both(*ships, nth=nth)

    told = coarse["ais_gap"].dropna(subset=["ended_at"])
    held = told.merge(exact["ais_gap"], on="mmsi", suffixes=("", "_exact"))
    held = held[(held["began_at_exact"] <= held["began_at"]) & (held["ended_at_exact"] >= held["ended_at"])]
    assert len(held) == len(told)


def test_hours_stopped_are_no_more_than_the_exact_track_lay_there():
    for nth in (0, 5):
        exact, coarse = both(*(call(begin, 11.5) for begin in (0.1, 0.4, 0.7)), nth=nth)

        known, told = (found["port_call"].set_index("mmsi") for found in (exact, coarse))
        lain = (known["departed_after"] - known["arrived_by"]).dt.total_seconds() / 3600
        assert (told["stopped_hours"] <= lain).all()
        assert (told["stopped_hours"] > 8).all()


def test_a_silence_of_just_more_than_the_threshold_is_told_of_exact_fixes_alone():
    for silent, exact_gaps, coarse_gaps in ((6.3, 1, 0), (12.0, 1, 1)):
        exact, coarse = both([row for row in call(0, 40) if not 20 <= row[0] < 20 + silent])

        assert exact["ais_gap"]["ended_at"].notna().sum() == exact_gaps
        assert coarse["ais_gap"]["ended_at"].notna().sum() == coarse_gaps


def test_two_ships_in_one_cell_are_no_encounter():
    pair = lies(124.0, 38.2, (0, 12))
    other = [(hours, x + 0.0005, y, sog) for hours, x, y, sog in pair]
    side_by_side = pd.concat([positions(pair), positions(other, mmsi=MMSI + 1)], ignore_index=True)

    assert len(encounters_of(side_by_side, SEA)) == 1
    assert encounters_of(thin(side_by_side), SEA).empty


def test_a_ferry_that_crosses_many_cells_an_hour_is_one_ship():
    rows, _ = sail(0.95, (124.9, 38.5), (121.9, 38.5), knots=35)
    coarse = thinned(rows, nth=3)

    assert coarse["position_anomaly"].empty


@pytest.mark.long
def test_days_one_by_one_come_to_the_same_as_all_at_once():
    exact = pd.concat([positions(call(5 + n, 20 + 9 * n), mmsi=MMSI + n) for n in range(4)], ignore_index=True)
    coarse = thin(exact, 2)
    hours = exact["timestamp"].dt.floor("h")
    known = exact[hours.dt.hour % 5 == 0]
    left = coarse[coarse["timestamp"].dt.hour % 5 != 0]
    mixed = POSITION.conform(pd.concat([known, left]).sort_values(["mmsi", "timestamp"], kind="stable"))

    for fixes in (coarse, mixed):
        days = days_of(fixes)
        once, daily = (derive_stretches(fixes, SEA, of)["port_call"] for of in ([days], [[day] for day in days]))
        assert len(once) == 4
        assert_frame_equal(*(found.sort_values("port_call_id", ignore_index=True) for found in (once, daily)))


def test_who_leaves_the_region_that_was_asked_for_is_not_said_to_be_silent_where_others_are_heard():
    exact = positions(lies(*BERTH, (0, 12)))
    fixes = [as_fixes(frame) for frame in (exact, thin(exact))]

    heard, told = (compress_days([(of, VESSEL_REPORT.empty())], SEA, LIMITS, ["2018-06-01"]) for of in fixes)

    assert len(heard.coverage) == 12
    assert told.coverage.empty
    for done in (heard, told):
        assert done.coverage_days.set_index("zone_id").loc["nampo", "hours_heard"] == 12


def test_of_an_hour_with_exact_positions_the_coarse_one_is_left_out():
    from pipeline.lake.reading import _exact_first

    hours = np.array([0.5, 0.9, 1.5, 2.5]) * 3_600_000_000
    fixes = {
        "mmsi": np.array([1, 1, 1, 1]), "at": hours.astype(np.int64),
        "precision_m": np.array([800, 0, 800, 800]), "precision_s": np.array([1800, 0, 1800, 1800]),
    }  # fmt: skip

    kept = _exact_first(fixes)

    assert kept["precision_m"].tolist() == [0, 800, 800]


ELSEWHERE = (125.0, 38.6)
AT_THE_EDGE = (125.4255, 38.7352)  # within the port, and the middle of its cell in the roads
BESIDE_ROADS = build_zones(
    [
        feature("nampo", *NAMPO, 3100, loads_coal=True),
        feature("nampo-roads", 125.44, 38.76, 2600, kind="anchorage", port="nampo"),
        feature("dalian", *ELSEWHERE, 3000, country="CN", receives_coal=True),
    ]
)


@pytest.mark.parametrize("heard", [lambda hour: hour % 7 < 4, lambda hour: hour % 5 == 0, lambda hour: hour == 9])
def test_hours_known_by_their_cells_alone_lie_in_the_port_of_the_exact_ones_beside_them(heard):
    """Cells and exact fixes in turns, as who buys some AIS and asks a provider for the rest has them."""
    _, lain = sail(0, AT_THE_EDGE, ROADS)
    track = tracks([(hour, *AT_THE_EDGE, 0.0) for hour in np.arange(lain, lain + 40, EVERY)])
    (call,) = mixed(track, heard, BESIDE_ROADS)["port_call"].itertuples()

    assert (call.zone_id, call.state) == ("nampo", "open")


def test_cells_beside_exact_fixes_that_lie_elsewhere_are_told_by_the_cells_alone():
    roads = [(hour, *ELSEWHERE, 0.0) for hour in np.arange(0, 4, EVERY)]
    way, lain = sail(4, AT_THE_EDGE, ELSEWHERE)
    rest = [(hour, *AT_THE_EDGE, 0.0) for hour in np.arange(lain, 23, EVERY)]
    calls = mixed(tracks([*roads, *way, *rest]), lambda hour: hour < 4, BESIDE_ROADS)["port_call"]

    assert calls["zone_id"].tolist() == ["dalian", "nampo-roads"]


def mixed(track, heard, sea=SEA):
    """Events of a track of which the exact fixes of some hours are known, and of the others a cell."""
    exact = track[heard(track["timestamp"].dt.hour)]
    both = pd.concat([exact, thin(track[~track.index.isin(exact.index)])])
    return derive_history(POSITION.conform(both.sort_values(["mmsi", "timestamp"])), sea)


MINUTES = st.lists(
    st.tuples(st.integers(1, 1200), st.sampled_from([0, 0, 1800, 5400]), st.booleans()), min_size=1, max_size=12
)


@given(MINUTES)
def test_of_runs_in_order_each_is_surely_entered_before_the_next_and_none_before_it_began(drawn):
    """Hours overlap, and so may what is known of two places; whoever was here and then there was here first."""
    at = pd.Timestamp("2018-06-01", tz="UTC") + pd.to_timedelta(np.cumsum([row[0] for row in drawn]), unit="m")
    steps = pd.DataFrame(
        {
            "began_at": at, "ended_at": at, "motion": "stopped", "precision_s": [row[1] for row in drawn],
            "first": [True, *(row[2] for row in drawn[1:])],
        }
    )  # fmt: skip
    first, last = surely_there(steps)
    same = (steps["first"].cumsum().diff() == 0).to_numpy()

    assert (first.diff()[same] > pd.Timedelta(0)).all()
    assert (first >= at).all()
    assert (last <= at).all()
    assert (first.dt.date == at.date).all()
    assert (first - at <= pd.to_timedelta(steps["precision_s"], unit="s")).all()
    assert (first == at)[steps["precision_s"] == 0].all()


@pytest.mark.parametrize(
    ("berth", "calls"), [((125.4285, 38.7352), ["nampo"]), ((125.4785, 38.7852), [])], ids=["touches", "does not"]
)
def test_an_unmoving_ship_lies_in_the_port_that_her_cell_touches(berth, calls):
    """The cell's middle, 125.43 and 38.74, is outside of the port and its south-west corner within."""
    way_in, lain = sail(0, berth, ROADS)
    rest = [(hour, *berth, 0.0) for hour in np.arange(lain, lain + 20, EVERY)]
    coarse = thinned([*way_in, *rest, *sail(lain + 20, ROADS, berth)[0]])

    assert coarse["port_call"]["zone_id"].tolist() == calls
