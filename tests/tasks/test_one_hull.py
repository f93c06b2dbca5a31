"""Two numbers, one hull: files of positions in, pairs of tracks in the warehouse out, in whatever order days come."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.tasks.world import ARRIVALS, DAYS, Installation, place, traffic, write_days

OLD, NEW = 445990003, 657000001
SIZE = {"Length": 104, "Width": 16}
SEA = (124.7, 38.5)
IMO, OTHER_IMO = "IMO2990027", "IMO2990039"


def ship(mmsi, fixes, **identity):
    """A ship's rows from (hour, longitude, latitude, speed)."""
    frame = pd.DataFrame(fixes, columns=["hours", "LON", "LAT", "SOG"])
    return frame.assign(MMSI=mmsi, **{"VesselType": 70, **SIZE, **identity})


def loads(until=42.0):
    """Ever Glory at the coal berth on days 1 and 2, then out through the lock to the open sea, and silent."""
    berth = place("kp-nampo-coal")
    rows = [(2.0, 125.0, 38.6, 9.0), (3.0, 125.17, 38.68, 5.0), *[(5 + 0.5 * n, *berth, 0.0) for n in range(60)]]
    rows += [(36.5, 125.17, 38.68, 5.0), (37.5, 125.0, 38.6, 9.0), (39.0, *SEA, 10.0)]
    rows += [(39.5 + 0.5 * n, 124.7 - 0.09 * n, 38.5, 9.0) for n in range(round((until - 39.5) * 2))]
    return ship(OLD, rows, VesselName="EVER GLORY", IMO=IMO, CallSign="HMZL", Draft=7.0)


def lands(mmsi=NEW, start=50.0, at=SEA, **identity):
    """Another number, first heard at sea, then at Longkou."""
    longkou = place("cn-longkou")
    rows = [(start + 0.5 * n, at[0] - 0.1013 * n, at[1] - 0.0207 * n, 9.0) for n in range(20)]
    rows += [(start + 22, *longkou, 1.0), *[(start + 23 + n, *longkou, 0.1) for n in range(30)]]
    return ship(mmsi, rows, **{"VesselName": "GE", "CallSign": "5NGE", "Draft": 7.0, **identity})


def derived(folder, *ships, parts=(DAYS,)):
    """A home in which each part of the days was landed and run."""
    home, files = Installation(folder / "home"), write_days(pd.concat([*ships, traffic()]), folder / "files")
    for part in parts:
        home.land(*(files[day] for day in part))
        home.run()
    return home


def pairs(home):
    rows = home.rows()["identity_change"]
    return rows[rows["kind"] != "value"]


def numbered(mmsi, start, at, **more):
    return lands(mmsi, start, at, IMO=IMO, VesselName="EVER GLORY", **more)


BACK = [(118.0, 124.0, 38.4, 9.0), (119.0, 123.9, 38.4, 9.0)]
AGAIN = ship(OLD, BACK, IMO=IMO, VesselName="EVER GLORY")
MEANWHILE = ship(OLD, [(60.0, 123.0, 38.0, 9.0), (60.5, 122.9, 38.0, 9.0)])
SECOND = loads().assign(MMSI=OLD + 1, IMO=OTHER_IMO, VesselName="EVER GLORY 2", LAT=lambda rows: rows["LAT"] + 0.03)
BESIDE = loads().assign(MMSI=NEW, LON=lambda rows: rows["LON"] + 0.001)
# 40 and 57 nm from where the other fell silent: as far as she sails in four to six hours, beyond any station's reach.
SAILED_ON, FURTHER = (123.55, 38.4), (123.1, 38.4)
TWINS = {
    "another size": [loads(), lands(Length=250)],
    "small": [loads(), lands(Length=40, Width=9)],
    "far off": [loads(), lands(at=(125.9, 37.3))],
    "heard before": [loads(), lands(start=20.0)],
    "not silent": [loads(until=80.0), lands()],
    "heard for minutes": [loads(), lands().iloc[:2]],
    "back while she is heard": [loads(), MEANWHILE, lands()],
}
STORIES = TWINS | {
    "another number": [loads(), lands()],
    "back later": [loads(), AGAIN, lands()],
    "own number soon": [loads(), lands(IMO=OTHER_IMO)],
    "own number late": [loads(), lands(IMO=OTHER_IMO, start=70.0)],
    "several silent": [loads(), SECOND, lands()],
    "sold": [loads(), numbered(NEW, 50.0, SEA)],
    "sold and back": [loads(), AGAIN, numbered(NEW, 50.0, SEA)],
    "two places": [loads(), numbered(NEW, 20.0, (122.0, 36.0))],
    "other ship": [loads(), numbered(NEW, 50.0, (122.0, 36.0), Length=30)],
    "two sets": [loads(), BESIDE],
    "sailed on soon": [loads(), lands(start=46.0, at=SAILED_ON)],
    "sailed on after a wait": [loads(), lands(start=53.0, at=SAILED_ON)],  # 11.5 hours: for a lock, say
    "sailed on late": [loads(), lands(start=54.0, at=SAILED_ON)],
    "sailed on too fast": [loads(), lands(start=43.0, at=SAILED_ON)],
    "sailed on further": [loads(), lands(start=47.0, at=FURTHER)],
}


def imo_number(n):
    """A valid IMO number of its own for each n below 100."""
    digits = str(299100 + n)
    return f"IMO{digits}{sum(int(digit) * (7 - at) for at, digit in enumerate(digits)) % 10}"


def of_their_own(n, story):
    """The ships of story n with MMSIs, IMO numbers and lengths that are nobody else's."""
    rows = pd.concat(story)
    numbers = {IMO: imo_number(2 * n), OTHER_IMO: imo_number(2 * n + 1)}
    return rows.assign(MMSI=rows["MMSI"] + 10 * n, Length=rows["Length"] + 5 * n, IMO=rows["IMO"].map(numbers))


def in_one_sea(folder, stories):
    """A home in which all of the stories happened."""
    return derived(folder, *map(of_their_own, range(100), stories.values()))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The pairs found of each story."""
    rows = pairs(in_one_sea(tmp_path_factory.mktemp("sea"), STORIES))
    story, other = (
        (rows[name] - NEW).where(rows[name] >= NEW, rows[name] - OLD) // 10 for name in ("mmsi", "other_mmsi")
    )
    assert rows[story != other].empty
    return {name: rows[story == n].to_dict("records") for n, name in enumerate(STORIES)}


def added(name, stories=STORIES):
    """What is added to the MMSIs of a story."""
    return 10 * list(stories).index(name)


def test_a_number_first_heard_where_a_ship_of_its_size_fell_silent_is_a_succession(found):
    (one,) = found["another number"]
    old, new = OLD + added("another number"), NEW + added("another number")

    assert (one["kind"], one["mmsi"], one["other_mmsi"], one["candidates"]) == ("succession", new, old, 1)
    assert (one["value_before"], one["value_after"]) == (f"{old} EVER GLORY", f"{new} GE")
    assert one["changed_after"] == pd.Timestamp("2018-06-02 17:30", tz="UTC")
    assert one["changed_by"] == pd.Timestamp("2018-06-03 02:00", tz="UTC")
    assert one["distance_nm"] < 25
    assert one["vessel_id"] == f"mmsi-{new}"
    assert one["other_vessel_id"] == f"imo-{imo_number(2 * list(STORIES).index('another number'))[3:]}"
    assert one["known_at"] == pd.Timestamp("2018-06-04", tz="UTC")
    assert pd.isna(one["ordinary"])
    assert pd.isna(one["other_back_at"])


@pytest.mark.long
def test_one_that_sends_no_size_is_one_for_a_day_only(tmp_path):
    nameless = {"Length": None, "Width": None, "VesselName": None}
    soon, late = lands(**nameless), lands(NEW + 1, start=70.0, **nameless)

    assert pairs(derived(tmp_path, loads(), soon, late))["mmsi"].tolist() == [NEW]


def test_one_that_satellites_hear_first_when_she_has_sailed_on_is_one_for_some_hours_only(found):
    (soon,), (waited,), (further,) = (found[f"sailed on {how}"] for how in ("soon", "after a wait", "further"))

    assert 35 < soon["distance_nm"] < 45
    assert 11 < waited["hours"] < 12
    assert 55 < further["distance_nm"] < 60
    assert found["sailed on late"] == found["sailed on too fast"] == []


@pytest.mark.parametrize("twin", TWINS)
def test_its_twins_are_none(found, twin):
    assert found[twin] == []


def test_a_ship_that_comes_back_once_the_other_number_is_silent_is_told_with_when(found):
    (one,) = found["back later"]

    assert one["other_back_at"] == pd.Timestamp("2018-06-05 22:00", tz="UTC")


def test_a_new_number_with_an_imo_number_of_its_own_is_told_as_such_after_a_day(found):
    (soon,), (late,) = found["own number soon"], found["own number late"]

    assert pd.isna(soon["ordinary"])
    assert late["ordinary"] == "own_number"


def test_where_several_fell_silent_each_pair_says_so(found):
    assert [one["candidates"] for one in found["several silent"]] == [2, 2]


@pytest.mark.parametrize("parts", ARRIVALS)
def test_the_order_of_arrival_makes_no_difference(tmp_path, parts):
    ships = [pd.concat([loads(), ship(OLD, BACK, IMO="IMO2990027")]), lands(), lands(mmsi=NEW + 1, start=60.0)]
    at_once = derived(tmp_path / "at once", *ships).rows()

    found = derived(tmp_path / "otherwise", *ships, parts=parts).rows()

    assert len(at_once["identity_change"]) == 2
    for name in ("identity_change", "loitering", "ais_gap", "vessel"):
        assert_frame_equal(found[name], at_once[name], obj=name)


def test_one_imo_number_under_another_mmsi_is_a_sale_if_the_old_one_is_heard_no_more(found):
    (one,) = found["sold"]

    assert (one["kind"], one["ordinary"]) == ("same_number", "reflagged")
    assert (one["mmsi"], one["other_mmsi"]) == (NEW + added("sold"), OLD + added("sold"))
    assert one["vessel_id"] == one["other_vessel_id"]
    assert one["vessel_id"].startswith("imo-")


def test_and_none_if_the_old_one_comes_back(found):
    (one,) = found["sold and back"]

    assert (one["kind"], pd.isna(one["ordinary"])) == ("same_number", True)


def test_one_imo_number_at_two_places_at_once_or_on_a_ship_of_another_size_is_said_to_be(found):
    (far,), (other,) = found["two places"], found["other ship"]

    assert (far["kind"], pd.isna(far["ordinary"])) == ("two_places", True)
    assert far["distance_nm"] > 100
    assert other["kind"] == "other_ship"


def test_two_transponders_of_one_ship_are_two_sets(found):
    (one,) = found["two sets"]

    assert (one["kind"], one["ordinary"]) == ("same_number", "two_sets")
