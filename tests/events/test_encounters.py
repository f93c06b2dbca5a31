"""Which pairs of ships met, and which were only near each other; each that fires beside one that stays silent."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo.zones import build_zones
from pipeline.contracts import CREEP, ENCOUNTER
from pipeline.events.attribution import attribute_pairs
from pipeline.events.encounters import Meetings, ships_to_read
from tests.geo.shapes import feature
from tests.meetings import encounters_of, lies, runs_of, sails
from tests.sea import LIMITS, NAMPO, known_anchorage, positions, small_sea

SEA = small_sea()
X, Y = 124.0, 38.0  # open sea
M = 1 / 111_195  # a metre in degrees of latitude
ONE, TWO, THREE = 441000001, 441000002, 441000003


def ships(*tracks):
    """POSITION of ships ONE, TWO … from lists of (hour, longitude, latitude, speed)."""
    return pd.concat([positions(track, mmsi=ONE + number) for number, track in enumerate(tracks)], ignore_index=True)


def comes_alongside(begin, end, metres=50.0, at=(X, Y), day=24.0):
    """A ship that comes from 20 nm east, lies so many metres north of a place, and sails on east."""
    x, y = at
    return [
        *sails([(begin - 3, x + 0.5, y), (begin, x, y + metres * M)]),
        *lies(x, y + metres * M, (begin, end + 0.01)),
        *sails([(end + 1 / 6, x + 0.1, y), (end + 3, x + 0.6, y)]),
    ]


def every(*tracks, zones=SEA, **options):
    return encounters_of(ships(*tracks), zones, **options)


def found(*tracks, **options):
    """Encounters of which nothing is known that would make them no transfer."""
    met = every(*tracks, **options)
    return met[met["context"].isna()].reset_index(drop=True)


def context(*tracks, **options):
    """What is known to make the one encounter no transfer."""
    (one,) = every(*tracks, **options)["context"]
    return one


@pytest.mark.parametrize("at_once", [True, False])
def test_two_that_meet_again_after_hours_unheard_met_twice(at_once):
    def stay(metres):
        return lies(X, Y + metres * M, (10, 13.01)) + lies(X, Y + (1000 + metres) * M, (18, 21))

    met = every(stay(0), stay(50), at_once=at_once)

    assert [f"{end:%H:%M}" for end in met["began_at"]] == ["10:00", "18:00"]
    assert met["ended_at"].notna().tolist() == [True, False]  # the second meeting ends the first


@pytest.mark.parametrize("at_once", [True, False])
def test_two_that_were_unheard_for_less_than_the_bridge_met_once(at_once):
    def stay(metres):
        return lies(X, Y + metres * M, (10, 13.01)) + lies(X, Y + (1000 + metres) * M, (16, 20))

    met = every(stay(0), stay(50), at_once=at_once)

    assert [f"{end:%H:%M}" for end in met["began_at"]] == ["10:00"]


def test_two_ships_side_by_side_at_sea_for_three_hours_met():
    met = found(lies(X, Y, (0, 24)), comes_alongside(9, 12))

    one = met.iloc[0]
    assert len(met) == 1
    assert (one["mmsi"], one["other_mmsi"]) == (ONE, TWO)
    assert [f"{one[end]:%H:%M}" for end in ("began_at", "ended_at")] == ["09:00", "12:00"]
    assert one["median_distance_m"] == pytest.approx(50, abs=1)
    assert one["median_speed_kn"] == pytest.approx(0, abs=0.05)
    assert (one["longitude"], one["latitude"]) == (pytest.approx(X), pytest.approx(Y + 25 * M, abs=M))
    assert pd.isna(one["zone_id"])
    assert not one["cut_at_start"]
    assert one["known_at"] == pd.Timestamp("2018-06-02", tz="UTC")
    assert one["heard_share"] == 1


@pytest.mark.parametrize(("hours", "count"), [(2.0, 1), (1.8, 0)])
def test_an_encounter_lasts_two_hours(hours, count):
    assert len(found(lies(X, Y, (0, 24)), comes_alongside(9, 9 + hours))) == count


@pytest.mark.parametrize(("metres", "count"), [(490, 1), (510, 0)])
def test_at_sea_two_ships_within_500_metres_are_together(metres, count):
    assert len(found(lies(X, Y, (0, 24)), comes_alongside(9, 12, metres))) == count


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("shift", [10.0, 13.0, 13.5, 14.0, 14.5, 15.0])
def test_a_meeting_of_two_hours_is_found_at_any_hour_of_the_day(shift):
    """Global Fishing Watch loses those that begin after 22:00 or end before 02:00 UTC (PIPELINE-2137)."""
    met = found(lies(X, Y, (0, 48)), comes_alongside(9 + shift, 11 + shift))

    assert len(met) == 1
    assert met["ended_at"].iloc[0] - met["began_at"].iloc[0] == pd.Timedelta(hours=2)


def test_its_id_is_the_same_whichever_of_the_two_is_first():
    waits, comes = lies(X, Y, (0, 24)), comes_alongside(9, 12)
    there = encounters_of(ships(waits, comes), SEA)
    back = encounters_of(ships(comes, waits), SEA)

    assert there["mmsi"].tolist() == back["mmsi"].tolist() == [ONE]
    assert there["began_at"].tolist() == back["began_at"].tolist()
    swapped = ships(waits, comes)[::-1].sort_values(["mmsi", "timestamp"], kind="stable")
    assert encounters_of(swapped, SEA)["encounter_id"].tolist() == there["encounter_id"].tolist()


def test_three_ships_at_one_place_are_three_pairs():
    met = found(lies(X, Y, (0, 24)), comes_alongside(6, 12), comes_alongside(8, 14, -50))

    assert met[["mmsi", "other_mmsi"]].to_numpy().tolist() == [[ONE, TWO], [ONE, THREE], [TWO, THREE]]
    assert met["began_at"].dt.hour.tolist() == [6, 8, 8]
    assert met["ended_at"].dt.hour.tolist() == [12, 14, 12]


def test_a_barge_that_comes_twice_met_twice():
    twice = comes_alongside(5, 8) + comes_alongside(16, 19)

    assert found(lies(X, Y, (0, 24)), sorted(twice))["began_at"].dt.hour.tolist() == [5, 16]


# ------------------------------------------------------------------------------- what stays silent, each with its twin


def test_ships_at_neighbouring_berths_did_not_meet():
    """Context first: at a quay strangers lie side by side, and their calls are told as calls."""
    berth, sea = NAMPO, (X, Y)

    def beside(at):
        return found(lies(*at, (0, 24)), comes_alongside(9, 15, 150, at))

    assert len(beside(sea)) == 1
    assert beside(berth).empty


def test_a_queue_at_an_anchorage_did_not_meet_and_a_barge_alongside_did():
    """In an anchorage ships lie some hundred metres apart for days; a transfer there is side by side. It is kept, with
    its zone: what a transfer there means is for a pattern to judge."""
    roads = (124.7, 38.7167)
    queue = [lies(roads[0], roads[1] + n * 300 * M, (0, 24)) for n in range(4)]

    assert found(*queue).empty
    met = found(*queue, comes_alongside(9, 12, 60, roads))
    assert met["zone_id"].tolist() == ["nampo-roads"]
    assert len(found(*[[(h, X, y - 38.7167 + Y, s) for h, _, y, s in ship] for ship in queue])) == 3


def test_ships_that_swing_at_their_own_anchors_close_to_each_other_did_not_meet():
    """The ships of a crowded anchorage may come as near as ships in a transfer, but these move as one."""
    roads, chance = (124.7, 38.7167), np.random.default_rng(1)

    def near(swing_m, at=roads, **options):
        comes = comes_alongside(5, 17, 100, at)
        swung = [(h, x, y + chance.normal(0, swing_m) * M, s) for h, x, y, s in comes]
        return len(found(lies(*at, (0, 24)), swung, **options))

    assert (near(45), near(8)) == (0, 1)
    assert near(45, at=(X, Y)) == 1
    assert near(45, at=(X, Y), anchorages=known_anchorage(X + 0.01, Y, "SOMEWHERE")) == 0


def test_a_queue_at_a_known_anchorage_outside_zones_did_not_meet():
    queue = lies(X, Y, (0, 24)), comes_alongside(9, 15, 300)

    assert len(found(*queue)) == 1
    assert found(*queue, anchorages=known_anchorage(X + 0.01, Y, "SOMEWHERE")).empty


def test_ships_that_pass_each_other_did_not_meet():
    assert found(sails([(0, X, Y), (6, X + 0.6, Y)]), sails([(0, X + 0.6, Y), (6, X, Y)])).empty
    assert found(sails([(0, X, Y), (24, X + 0.5, Y)]), sails([(0, X + 0.5, Y), (24, X, Y)])).empty  # slowly


def test_a_convoy_does_not_meet():
    way = [(0, X, Y), (12, X + 1.2, Y)]

    assert found(sails(way), [(h, x, y + 100 * M, s) for h, x, y, s in sails(way)]).empty


def trawl(north=0.0, apart=300.0):
    """Tows at 3 knots, hauls of an hour at 1 knot and a night adrift; a pair of such ships never parts."""
    way = [(0, X, Y), (3, X + 0.19, Y), (4, X + 0.2, Y), (8, X + 0.45, Y), (11, X + 0.46, Y), (15, X + 0.7, Y)]
    return [(h, x, y + north * apart * M, s) for h, x, y, s in sails(way)]


def test_pair_trawlers_that_tow_haul_and_drift_in_company_did_not_meet():
    """They came in company and left in company: three hours adrift together is no meeting."""
    assert found(trawl(), trawl(north=1)).empty


def test_a_ship_that_joins_one_adrift_did_meet():
    comes = comes_alongside(8.2, 10.8, 100, (X + 0.455, Y))

    assert len(found(trawl(), comes)) == 1


def test_two_mmsis_of_one_hull_did_not_meet():
    hull = [*sails([(0, X, Y), (5, X + 0.9, Y)]), *lies(X + 0.9, Y, (5, 12)), *sails([(12, X + 0.9, Y), (18, X, Y)])]

    assert found(hull, hull).empty
    assert len(found(hull, comes_alongside(6, 10, 50, (X + 0.9, Y)))) == 1


def test_two_tracks_of_one_hull_do_not_meet():
    met = found(lies(X, Y, (0, 24)), comes_alongside(9, 12))
    tracks = pd.DataFrame(
        {
            "mmsi": [ONE, TWO],
            "track": 1,
            "track_id": [f"{ONE}-1", f"{TWO}-1"],
            "vessel_id": ["imo-9074729", "imo-9321483"],
        }
    ).assign(imo=pd.array([9074729, 9321483], dtype="Int64"))

    event = attribute_pairs(met, tracks)
    assert list(event.columns) == ENCOUNTER.names
    assert event[["vessel_id", "other_vessel_id"]].iloc[0].tolist() == ["imo-9074729", "imo-9321483"]
    assert attribute_pairs(met, tracks.assign(vessel_id="imo-9074729")).empty


def reported(ship_type, length_m=30.0, other_type=70):
    day = pd.Timestamp("2018-06-01", tz="UTC")
    return pd.DataFrame(
        {
            "mmsi": [ONE, TWO], "track": 1, "first_at": pd.Series([day, day + pd.Timedelta(hours=9)]).dt.as_unit("us"),
            "ship_type": pd.array([other_type, ship_type], dtype="Int64"), "length_m": [140.0, length_m],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("identities", "count"),
    [
        (reported(52), 0),
        (reported(50, 15), 0),
        (reported(31, None), 0),
        (reported(70, 50), 1),
        (reported(52, 120), 1),
        (reported(30, 25, other_type=30), 0),
        (reported(30, 25), 1),
        (None, 1),
    ],
    ids=["tug", "pilot", "towing", "barge", "a tug of 120 m", "two fishing vessels", "one fishing vessel", "unknown"],
)
def test_tugs_pilots_and_fishing_pairs_do_not_meet(identities, count):
    """It is their work to lie beside ships, or each other. Only a ship's own word says so; one too long to be a tug is
    not believed, and who says nothing is kept."""
    assert len(found(lies(X, Y, (0, 24)), comes_alongside(9, 12), identities=identities)) == count


def test_a_pilot_boat_alongside_for_half_an_hour_did_not_meet():
    assert found(lies(X, Y, (0, 24)), comes_alongside(9, 9.5)).empty


def test_positions_that_stray_into_reach_now_and_then_are_no_meeting():
    strays = [(h, x, Y + (400 if n % 3 == 0 else 700) * M, s) for n, (h, x, _, s) in enumerate(lies(X, Y, (0, 24)))]

    assert found(lies(X, Y, (0, 24)), strays).empty


def test_a_stray_position_or_speed_does_not_part_two_ships():
    waits = lies(X, Y, (0, 24))
    comes = [
        (h, x, y + 600 * M, s) if abs(h - 10) < 0.01 else (h, x, y, 2.4 if abs(h - 10.5) < 0.01 else s)
        for h, x, y, s in comes_alongside(9, 12)
    ]

    met = found(waits, comes)
    assert [f"{met[end].iloc[0]:%H:%M}" for end in ("began_at", "ended_at")] == ["09:00", "12:00"]


# ------------------------------------------------------------------------------- silence, begin and end of data


def heard_but(begin, end, comes=None):
    tracks = lies(X, Y, (0, 24)), comes or comes_alongside(4, 20)
    return found(*([row for row in track if not begin < row[0] < end] for track in tracks))


def test_a_silence_after_which_both_lie_where_they_lay_does_not_part_two_ships():
    """Satellites hear these waters every two to eight hours; who lies where she lay has not been away."""
    assert heard_but(6, 9)["began_at"].dt.hour.tolist() == [4]
    assert heard_but(6, 16)["began_at"].dt.hour.tolist() == [4]
    assert heard_but(5, 17.5)["began_at"].dt.hour.tolist() == [17]


def test_a_silence_of_five_hours_after_which_one_lies_elsewhere_parts_them():
    comes = [(h, x, y + 450 * M * (h > 11), s) for h, x, y, s in comes_alongside(4, 20, -150)]

    assert heard_but(8, 11, comes)["began_at"].dt.hour.tolist() == [4]
    assert heard_but(8, 13, comes)["began_at"].dt.hour.tolist() == [4, 13]


@pytest.mark.parametrize(("minutes", "began"), [(50, ["04:00", "07:50"]), (20, ["04:00"])])
def test_ships_seen_apart_for_more_than_half_an_hour_met_twice(minutes, began):
    comes = comes_alongside(4, 11)
    away = [(h, x + 0.05 * (6.9 < h < 6.9 + minutes / 60), y, s) for h, x, y, s in comes]
    met = found(lies(X, Y, (0, 24)), away)

    assert met["began_at"].dt.strftime("%H:%M").tolist() == began


def test_ships_together_when_the_data_begin_may_have_met_before():
    beside = [row for row in comes_alongside(0, 5) if row[0] >= 0]

    assert found(lies(X, Y, (0, 24)), beside)["cut_at_start"].tolist() == [True]


def test_an_encounter_is_open_until_one_of_the_two_is_heard_elsewhere_or_later():
    waits = lies(X, Y, (0, 24))
    comes = [row for row in comes_alongside(20, 28) if row[0] < 24]
    open_ = found(waits, comes)

    assert open_["ended_at"].isna().tolist() == [True]
    assert open_["last_at"].dt.strftime("%H:%M").tolist() == ["23:50"]
    assert found(waits, comes, until=pd.Timestamp("2018-06-05", tz="UTC"))["ended_at"].isna().tolist() == [True]
    later = found([*waits, (24 + 16, X, Y, 0.1)], comes)
    assert later["ended_at"].dt.strftime("%d %H:%M").tolist() == ["01 23:50"]
    assert later["known_at"].tolist() == [pd.Timestamp("2018-06-03", tz="UTC")]


def test_hours_between_fixes_lower_the_share_really_heard():
    def every(nth):
        return found(lies(X, Y, (0, 24))[::nth], comes_alongside(9, 15)[::nth])["heard_share"].tolist()

    assert every(1) == [1.0]
    assert 0 < every(6)[0] < 0.5


def test_who_reports_no_speed_is_slow_where_her_positions_say_so():
    def mute(track):
        return [(h, x, y, None) for h, x, y, _ in track]

    assert len(found(mute(lies(X, Y, (0, 24))), mute(comes_alongside(9, 12)))) == 1
    assert found(mute(sails([(0, X, Y), (9, X + 1, Y)])), mute(sails([(0, X, Y + M), (9, X + 1, Y + M)]))).empty


def test_a_speed_of_nought_does_not_hide_that_two_ships_sail():
    way = [(0, X, Y), (9, X + 1, Y)]

    assert found(sails(way, sog=0.0), [(h, x, y + 30 * M, s) for h, x, y, s in sails(way, sog=0.0)]).empty


def test_two_ships_on_either_side_of_the_180th_meridian_met():
    comes = [(h, (x + 360) % 360 - 360 * (x >= 180), y, s) for h, x, y, s in comes_alongside(9, 12, 0, (180.0005, Y))]
    met = found(lies(179.9995, Y, (0, 24)), comes)

    assert len(met) == 1
    assert abs(met["longitude"].iloc[0]) > 179.9


def test_a_ship_in_port_and_one_outside_it_did_not_meet():
    sea = build_zones([feature("quay", X, Y, 100, margin_m=100)])

    assert found(lies(X, Y, (0, 24)), comes_alongside(9, 12, 400), zones=sea).empty
    assert len(found(lies(X, Y - 0.02, (0, 24)), comes_alongside(9, 12, 400, (X, Y - 0.02)), zones=sea)) == 1


def test_pairs_of_some_ships_only_are_what_all_pairs_say_of_them():
    """So a late file costs the pairs of its own ship, and the meetings of others are left alone."""
    fixes = ships(lies(X, Y, (0, 24)), comes_alongside(6, 12), comes_alongside(8, 14, -50))
    every = encounters_of(fixes, SEA)

    assert len(every) == 3
    some = encounters_of(fixes, SEA, of=np.array([THREE]))
    assert_frame_equal(some, every[every["other_mmsi"] == THREE].reset_index(drop=True))


# ----------------------------------------------------------------------------------------- whose fixes are read


def runs(*tracks):
    return pd.concat(runs_of(ships(*tracks), SEA).values(), ignore_index=True)


def test_fixes_are_read_only_of_ships_that_were_slow_near_each_other():
    alone = lies(X + 2, Y, (0, 24))
    elsewhen = lies(X, Y, (35, 47))  # so late that neither can have lain there unheard when the other did
    passing = sails([(0, X - 1, Y), (12, X + 1, Y)])

    chosen = ships_to_read(
        runs(lies(X, Y, (0, 12)), comes_alongside(5, 8), alone, elsewhen, passing),
        CREEP.empty(),
        Meetings.nothing(),
        LIMITS,
    )

    assert chosen["mmsi"].tolist() == [ONE, TWO]
