"""How near two ships lay, whether they were side by side under way, and why an encounter is no transfer."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from geo.zones import build_zones
from tests.geo.shapes import feature
from tests.meetings import encounters_of, lies, sails
from tests.sea import NAMPO, known_anchorage, positions, small_sea

SEA = small_sea()
X, Y = 124.0, 38.0  # open sea
M = 1 / 111_195  # a metre in degrees of latitude
EAST = M / np.cos(np.radians(Y))
FIRST = 441000001
ROADS = (124.7, 38.7167)


def met(*tracks, zones=SEA, **options):
    """Encounters of ships from lists of (hour, longitude, latitude, speed)."""
    fixes = [positions(track, mmsi=FIRST + number) for number, track in enumerate(tracks)]
    return encounters_of(pd.concat(fixes, ignore_index=True), zones, **options)


def one(*tracks, **options):
    found = met(*tracks, **options)
    assert len(found) == 1
    return found.iloc[0]


def said(*ships, days=2):
    """What ships reported of themselves each day: (ship_type, length_m)."""
    rows = [
        {"mmsi": FIRST + number, "track": 1, "first_at": pd.Timestamp(f"2018-06-0{1 + day}", tz="UTC"),
         "ship_type": kind, "length_m": length}
        for number, (kind, length) in enumerate(ships)
        for day in range(days)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.assign(ship_type=frame["ship_type"].astype("Int64"), length_m=frame["length_m"].astype("float64"))


def comes(begin, end, north_m, at=(X, Y), swing_m=0.0, every=1 / 6):
    """A ship that comes from the east, lies so many metres north of a place, and sails on east."""
    x, y = at
    chance = np.random.default_rng(2)
    beside = lies(x, y + north_m * M, (begin, end + 0.01), every)
    swung = [(h, x, y + chance.normal(0, swing_m) * M if swing_m else y, s) for h, x, y, s in beside]
    return [
        *sails([(begin - 3, x + 0.5, y), (begin, x, y + north_m * M)], every),
        *swung,
        *sails([(end + 1 / 6, x + 0.1, y), (end + 3, x + 0.6, y)], every),
    ]


COASTERS = said((70, 120.0), (70, 80.0))


def test_two_ships_lay_alongside_no_further_apart_than_the_longer_one_is_long():
    found = one(lies(X, Y, (0, 24)), comes(9, 12, 60), identities=COASTERS)

    assert (found["length_m"], found["other_length_m"]) == (120, 80)
    assert found["beside_m"] == 160
    assert found["alongside"] == "yes"


@pytest.mark.parametrize(("metres", "alongside"), [(140, "yes"), (150, "no")])
def test_of_two_ships_well_heard_one_beyond_the_end_of_the_other_lies_at_an_anchor_of_her_own(metres, alongside):
    """120 m and 80 m long, so 18 and 12 m broad: more than 120 + 15 m apart, and 10 m for what the figures hide."""
    found = one(lies(X, Y, (0, 24)), comes(9, 12, metres), identities=COASTERS)

    assert found["beside_m"] == 160
    assert found["alongside"] == alongside


def test_the_same_two_ships_at_three_lengths_met_and_lay_not_alongside():
    assert one(lies(X, Y, (0, 24)), comes(9, 12, 360), identities=COASTERS)["alongside"] == "no"


@pytest.mark.parametrize(
    ("identities", "alongside"),
    [(said((70, 120.0), (None, None)), "unsure"), (None, "unsure")],
    ids=["a barge", "both"],
)
def test_where_a_length_was_not_reported_it_is_unsure(identities, alongside):
    assert one(lies(X, Y, (0, 24)), comes(9, 12, 60), identities=identities)["alongside"] == alongside


def test_two_barges_of_unknown_length_at_200_metres_lay_not_alongside():
    assert one(lies(X, Y, (0, 24)), comes(9, 12, 200))["alongside"] == "no"


def test_ships_hardly_heard_are_not_surely_alongside():
    every = slice(None, None, 6)
    found = one(lies(X, Y, (0, 24))[every], comes(9, 15, 60)[every], identities=COASTERS)

    assert found["heard_share"] < 0.5
    assert found["alongside"] == "unsure"


def heard_now_and_then(apart_m: float):
    """Both are heard for an hour, 100 m apart; then each in turn, for longer, so far apart."""
    one_ship = [*lies(X, Y, (0, 10)), *lies(X, Y, (17, 24))]
    comes_near = sails([(6.0, X + 0.5, Y), (9.0, X, Y + 100 * M)], 1 / 6)
    beside = [*lies(X, Y + 100 * M, (9.0, 9.95)), *lies(X, Y + apart_m * M, (10.2, 15.0))]
    return one(
        one_ship, [*comes_near, *beside, *sails([(15.2, X + 0.1, Y), (18, X + 0.6, Y)], 1 / 6)], identities=COASTERS
    )


def test_ships_that_lay_further_apart_for_most_of_the_time_are_not_alongside():
    far, near = heard_now_and_then(400), heard_now_and_then(120)

    assert far["alongside"] == "no"
    assert near["alongside"] == "unsure"
    assert far["heard_share"] < 0.5


def test_the_distance_told_is_the_one_that_alongside_is_judged_by():
    found = heard_now_and_then(120)

    assert found["lay_m"] == pytest.approx(100, abs=2)
    assert found["median_distance_m"] == pytest.approx(120, abs=2)
    assert found["lay_m"] <= found["beside_m"]


def test_a_length_reported_on_the_second_day_only_counts_for_the_whole_meeting():
    later = COASTERS[COASTERS["first_at"].dt.day == 2]
    found = one(lies(X, Y, (0, 48)), comes(20, 28, 60), identities=later)

    assert (found["length_m"], found["other_length_m"], found["alongside"]) == (120, 80, "yes")


# ------------------------------------------------------------------------------------------------------ under way


def way(hours, knots=4.0, north_m=0.0, ahead_m=0.0, every=1 / 20):
    """A ship on her way east from hour 0, so far north and ahead of it."""
    first, last = hours
    at = np.arange(first, last, every)
    x = X + (knots * 1852 * at + ahead_m) * EAST
    return [(h, lon, Y + north_m * M, knots) for h, lon in zip(at, x, strict=True)]


def joins(begin, end, north_m=40.0, knots=4.0, ahead_m=0.0, until=3.0):
    """A ship that comes from the north to one on her way east, keeps beside her, and leaves to the north."""
    beside = way((begin, end), knots, north_m, ahead_m)
    (_, x0, y0, _), (_, x1, y1, _) = beside[0], beside[-1]
    return [
        *sails([(begin - 3, x0, y0 + 0.5), (begin - 0.05, x0, y0 + 0.004)], 1 / 20),
        *beside,
        *sails([(end + 0.05, x1, y1 + 0.004), (end + until, x1, y1 + 0.5)], 1 / 20),
    ]


def test_two_ships_under_way_side_by_side_for_hours_met():
    found = one(way((0, 20)), joins(6, 11), identities=COASTERS)

    assert [found["began_at"].hour, found["ended_at"].hour] == [6, 10]
    assert found["alongside"] == "yes"
    assert found["under_way_share"] == 1
    assert found["median_speed_kn"] == pytest.approx(4, abs=0.1)
    assert pd.isna(found["context"])


def test_across_midnight_as_well_and_day_by_day_as_at_once():
    tracks = way((12, 36)), joins(22, 27)

    assert met(*tracks, identities=COASTERS)["ended_at"].dt.day.tolist() == [2]
    pd.testing.assert_frame_equal(met(*tracks, identities=COASTERS), met(*tracks, identities=COASTERS, at_once=True))


@pytest.mark.parametrize(("meanwhile_m", "heard", "found"), [(40, False, 1), (900, True, 0)], ids=["unheard", "apart"])
def test_who_turns_together_unheard_has_not_parted(meanwhile_m, heard, found):
    """Beside each other for an hour and a half, for 48 minutes in which they turn south, and for an hour and a half."""
    hour = 4 * 1852

    def at(h, off_m):
        return (h, X + (min(h, 8) * hour - off_m) * EAST, Y + (min(0, 8 - h) * hour - off_m) * M)

    her = sails([at(0, 0), at(8, 0), at(20, 0)], 1 / 20)
    met_at = [
        at(6.1, 30),
        at(7.6, 30),
        at(7.65, meanwhile_m),
        at(8, meanwhile_m),
        at(8.35, meanwhile_m),
        at(8.4, 30),
        at(9.9, 30),
    ]
    other = sails([(3, X, Y + 0.7), *met_at, (13, X, Y - 0.7)], 1 / 20)
    other = [fix for fix in other if heard or not 7.6 < fix[0] < 8.4]

    assert len(met(her, other, identities=COASTERS)) == found


def heard_by_satellite(rows, passes, late=0.0):
    """What satellites hear of a ship that is sampled every three minutes: two reports a pass."""
    wanted = [hour + late + more for hour in passes for more in (0.0, 0.07)]
    return [min(rows, key=lambda row: abs(row[0] - hour)) for hour in wanted if rows[0][0] <= hour <= rows[-1][0]]


@pytest.mark.parametrize(("missed", "count"), [((), 1), ((8.9,), 1), ((8.9, 10.2), 1), ((7.6, 8.9, 10.2), 0)])
def test_two_ships_under_way_that_satellites_alone_hear_met_though_a_pass_or_two_missed_one_of_them(missed, count):
    passes = [5.0 + 1.3 * n for n in range(8)]  # beside each other at 6.3, 7.6, 8.9, 10.2 and 11.5
    hers = heard_by_satellite(
        way((0, 20)), [one for one in passes if not any(abs(one - hour) < 0.1 for hour in missed)]
    )
    others = heard_by_satellite(joins(6, 12, until=6), passes, late=0.05)

    found = met(hers, others, identities=COASTERS)

    assert len(found) == count
    assert found["context"].isna().all()


def test_under_way_a_pair_is_read_that_no_slow_run_names():
    tracks = way((0, 20)), joins(6, 11), way((0, 20), north_m=9000.0), way((0, 20), knots=12.0)

    assert len(met(*tracks)) == len(met(*tracks, everyone=True)) == 1


@pytest.mark.parametrize("everyone", [True, False])
def test_a_ship_that_sends_a_speed_and_makes_no_way_is_not_under_way(everyone):
    """Her speed is wrong, or her position is frozen: of neither is she known to lie still beside the other."""
    still, sends_four = (
        [(h, X, Y + north_m * M, sog) for h in np.arange(0, 9, 1 / 15)] for north_m, sog in ((0, 0.0), (40, 4.0))
    )

    assert met(still, sends_four, everyone=everyone).empty


@pytest.mark.parametrize("knots", [4.6, 5.0, 5.8])
def test_a_ship_that_overtakes_does_not_meet(knots):
    assert met(way((0, 20)), way((0, 20), knots, north_m=60.0, ahead_m=-30000.0), identities=COASTERS).empty


def test_a_ship_on_the_other_course_does_not_meet():
    there = [(20 - h, x, y + 60 * M, s) for h, x, y, s in way((0, 20))][::-1]

    assert met(way((0, 20)), there, identities=COASTERS).empty


@pytest.mark.parametrize(("ahead_m", "north_m"), [(-400.0, 0.0), (-150.0, 0.0), (0.0, 300.0)])
def test_who_keeps_astern_or_well_off_for_hours_does_not_meet(ahead_m, north_m):
    """A convoy behind an icebreaker, a close tow, pair trawlers that came and left one by one."""
    assert met(way((0, 20)), joins(6, 14, north_m, ahead_m=ahead_m), identities=COASTERS).empty


def test_at_eight_knots_nobody_lies_alongside():
    assert met(way((0, 20), 8.0), joins(6, 11, knots=8.0), identities=COASTERS).empty


def test_two_transmitters_of_one_hull_on_her_slow_way_are_in_company():
    assert one(way((0, 20)), way((0, 20), north_m=20.0), identities=COASTERS)["context"] == "in_company"


def test_a_tug_beside_a_ship_under_way_is_service():
    identities = said((70, 120.0), (52, 30.0))

    assert one(way((0, 20)), joins(6, 11), identities=identities)["context"] == "service_craft"


def test_under_way_in_a_port_is_nothing():
    port = build_zones([feature("quay", X + 0.5, Y, 60000, margin_m=100)])

    assert met(way((0, 20)), joins(6, 11), zones=port, identities=COASTERS).empty


# ------------------------------------------------------------------------------------------------ why it is no transfer


@pytest.mark.parametrize(
    ("ships", "context"),
    [
        (((70, 120.0), (52, 30.0)), "service_craft"),
        (((70, 120.0), (50, 15.0)), "service_craft"),
        (((30, 40.0), (30, 35.0)), "fishing_boats"),
        (((70, 120.0), (80, 60.0)), "bunkering"),
        (((89, 120.0), (80, 60.0)), "tankers"),
        (((70, 120.0), (79, 60.0)), None),
        (((70, 120.0), (31, 80.0)), None),
        (((70, 120.0), (None, None)), None),
    ],
)
def test_the_work_of_ships_is_a_reason(ships, context):
    found = one(lies(X, Y, (0, 24)), comes(9, 12, 60), identities=said(*ships))["context"]

    assert pd.isna(found) if context is None else found == context


def test_side_by_side_in_a_port_is_a_berth_of_which_both_calls_tell_and_no_encounter():
    for metres in (60, 180):
        assert met(lies(*NAMPO, (0, 24)), comes(9, 12, metres, NAMPO), identities=COASTERS).empty


def test_ships_that_swing_at_their_own_anchors_are_a_queue():
    def beside(swing_m, at=ROADS, **options):
        tracks = lies(*at, (0, 24)), comes(5, 17, 100, at, swing_m)
        return one(*tracks, identities=COASTERS, **options)["context"]

    assert beside(45) == "own_anchors"
    assert pd.isna(beside(8))
    assert beside(45, at=(X, Y), anchorages=known_anchorage(X + 0.01, Y, "SOMEWHERE")) == "own_anchors"
    assert pd.isna(beside(45, at=(X, Y)))


def test_receivers_that_scatter_swing_no_ship():
    """What lies between two fixes a minute apart is noise; a ship swings in tens of minutes."""
    chance = np.random.default_rng(3)

    def noisy(track):
        return [(h, x + chance.normal(0, 14) * EAST, y + chance.normal(0, 14) * M, s) for h, x, y, s in track]

    tracks = noisy(lies(*ROADS, (0, 24), 1 / 30)), noisy(comes(5, 17, 60, ROADS, every=1 / 30))
    assert pd.isna(one(*tracks, identities=COASTERS)["context"])


def test_pair_trawlers_and_two_transmitters_of_one_hull_are_in_company():
    hull = [*sails([(0, X, Y), (5, X + 0.9, Y)]), *lies(X + 0.9, Y, (5, 12)), *sails([(12, X + 0.9, Y), (18, X, Y)])]

    assert one(hull, hull)["context"] == "in_company"


def test_a_convoy_that_waits_for_its_icebreaker_is_in_company():
    def ship(astern_m):
        track = [*sails([(0, X, Y), (5, X + 0.9, Y)]), *lies(X + 0.9, Y, (5, 9)), *sails([(9, X + 0.9, Y), (18, X, Y)])]
        return [(h, x - astern_m * EAST, y, s) for h, x, y, s in track]

    found = met(ship(0), ship(350), ship(700), identities=said((90, 100.0), (70, 120.0), (70, 120.0)))
    assert found["context"].tolist() == ["in_company", "in_company"]


def test_one_mother_ship_with_barges_on_both_sides_met_each_and_the_barges_each_other():
    barges = [comes(5 + n, 9 + n, side * 40, ROADS) for n, side in enumerate((1, -1, 1, -1, 1))]
    found = met(lies(*ROADS, (0, 24)), *barges, identities=said((70, 140.0), *[(79, 60.0)] * 5))

    with_mother = found[found["mmsi"] == FIRST]
    assert len(with_mother) == 5
    assert with_mother["alongside"].tolist() == ["yes"] * 5


# ----------------------------------------------------------------------------------------------------------- rafts


def raft(side, apart=60.0):
    """Ships of 50 metres at anchor for a day, in rows and columns."""
    tracks = [
        lies(ROADS[0] + n % side * apart * EAST, ROADS[1] + n // side * apart * M, (0, 24), 1 / 2)
        for n in range(side * side)
    ]
    return tracks, said(*[(79, 50.0)] * len(tracks), days=1)


def test_a_ship_of_a_raft_at_anchor_meets_those_within_her_own_length_only():
    tracks, identities = raft(side=6)

    assert len(met(*tracks, identities=identities)) < 8 * len(tracks)  # of 630 pairs, eight beside each of them


@pytest.mark.long
def test_a_raft_of_ships_at_anchor_for_a_day_costs_memory_by_ships_not_by_pairs():
    """Each has only so many others within her own length; and what is compared at once is bounded."""
    tracks, identities = raft(side=20)
    met(*tracks[:4], identities=identities)
    tracemalloc.start()

    found = met(*tracks, identities=identities)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) < 10 * len(tracks)  # of 79,800 pairs
    assert peak < 300e6
