"""Two numbers, one hull: files of positions in, pairs of tracks in the warehouse out, in whatever order days come."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.tasks.world import ARRIVALS, DAYS, Installation, place, traffic, write_days

OLD, NEW = 445990003, 657000001
SIZE = {"Length": 104, "Width": 16}
SEA = (124.7, 38.5)


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
    return ship(OLD, rows, VesselName="EVER GLORY", IMO="IMO2990027", CallSign="HMZL", Draft=7.0)


def lands(mmsi=NEW, start=50.0, at=SEA, **identity):
    """Another number, first heard at sea, then at Longkou."""
    longkou = place("cn-longkou")
    rows = [(start + 0.5 * n, at[0] - 0.1 * n, at[1] - 0.02 * n, 9.0) for n in range(20)]
    rows += [(start + 22, *longkou, 1.0), *[(start + 23 + n, *longkou, 0.1) for n in range(30)]]
    return ship(mmsi, rows, **{"VesselName": "GE", "CallSign": "5NGE", "Draft": 7.0, **identity})


def derived(folder, *ships, parts=(DAYS,)):
    """A home in which each part of the days was landed and run."""
    home, files = Installation(folder / "home"), write_days(pd.concat([*ships, traffic()]), folder / "files")
    for part in parts:
        home.land(*(files[day] for day in part))
        home.run()
    return home


def pairs(folder, *ships, **how):
    rows = derived(folder, *ships, **how).rows()["identity_change"]
    return rows[rows["kind"] != "value"]


def test_a_number_first_heard_where_a_ship_of_its_size_fell_silent_is_a_succession(tmp_path):
    (one,) = pairs(tmp_path, loads(), lands()).to_dict("records")

    assert (one["kind"], one["mmsi"], one["other_mmsi"], one["candidates"]) == ("succession", NEW, OLD, 1)
    assert (one["value_before"], one["value_after"]) == (f"{OLD} EVER GLORY", f"{NEW} GE")
    assert one["changed_after"] == pd.Timestamp("2018-06-02 17:30", tz="UTC")
    assert one["changed_by"] == pd.Timestamp("2018-06-03 02:00", tz="UTC")
    assert one["distance_nm"] < 25
    assert (one["vessel_id"], one["other_vessel_id"]) == (f"mmsi-{NEW}", "imo-2990027")
    assert one["known_at"] == pd.Timestamp("2018-06-04", tz="UTC")
    assert pd.isna(one["ordinary"])
    assert pd.isna(one["other_back_at"])


def test_one_that_sends_no_size_is_one_for_a_day_only(tmp_path):
    nameless = {"Length": None, "Width": None, "VesselName": None}

    assert len(pairs(tmp_path / "soon", loads(), lands(**nameless))) == 1
    assert pairs(tmp_path / "late", loads(), lands(start=70.0, **nameless)).empty


def test_one_that_satellites_hear_first_when_she_has_sailed_on_is_one_for_some_hours_only(tmp_path):
    """40 nm from where the other fell silent: as far as she sails in four hours, and beyond any station's reach."""
    sailed_on = (123.55, 38.4)

    (soon,) = pairs(tmp_path / "soon", loads(), lands(start=46.0, at=sailed_on)).to_dict("records")
    assert 35 < soon["distance_nm"] < 45
    assert pairs(tmp_path / "late", loads(), lands(start=52.0, at=sailed_on)).empty
    assert pairs(tmp_path / "too fast", loads(), lands(start=43.0, at=sailed_on)).empty


BACK = [(118.0, 124.0, 38.4, 9.0), (119.0, 123.9, 38.4, 9.0)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (loads(), lands(Length=150)),
        (loads(), lands(Length=40, Width=9)),
        (loads(), lands(at=(125.9, 37.3))),
        (loads(), lands(start=20.0)),
        (loads(until=80.0), lands()),
        (loads(), lands().iloc[:2]),
        (pd.concat([loads(), ship(OLD, [(60.0, 123.0, 38.0, 9.0), (60.5, 122.9, 38.0, 9.0)])]), lands()),
    ],
    ids=[
        "another size",
        "small",
        "far off",
        "heard before",
        "not silent",
        "heard for minutes",
        "back while she is heard",
    ],
)
def test_its_twins_are_none(tmp_path, old, new):
    assert pairs(tmp_path, old, new).empty


def test_a_ship_that_comes_back_once_the_other_number_is_silent_is_told_with_when(tmp_path):
    old = pd.concat([loads(), ship(OLD, BACK, IMO="IMO2990027", VesselName="EVER GLORY")])
    (one,) = pairs(tmp_path, old, lands()).to_dict("records")

    assert one["other_back_at"] == pd.Timestamp("2018-06-05 22:00", tz="UTC")


def test_a_new_number_with_an_imo_number_of_its_own_is_told_as_such_after_a_day(tmp_path):
    (soon,) = pairs(tmp_path / "soon", loads(), lands(IMO="IMO2990039")).to_dict("records")
    (late,) = pairs(tmp_path / "late", loads(), lands(IMO="IMO2990039", start=70.0)).to_dict("records")

    assert pd.isna(soon["ordinary"])
    assert late["ordinary"] == "own_number"


def test_where_several_fell_silent_each_pair_says_so(tmp_path):
    second = loads().assign(MMSI=OLD + 1, IMO="IMO2990039", VesselName="EVER GLORY 2")
    second["LAT"] += 0.03

    assert pairs(tmp_path, loads(), second, lands())["candidates"].tolist() == [2, 2]


@pytest.mark.parametrize("parts", ARRIVALS)
def test_the_order_of_arrival_makes_no_difference(tmp_path, parts):
    ships = [pd.concat([loads(), ship(OLD, BACK, IMO="IMO2990027")]), lands(), lands(mmsi=NEW + 1, start=60.0)]
    at_once = derived(tmp_path / "at once", *ships).rows()

    found = derived(tmp_path / "otherwise", *ships, parts=parts).rows()

    assert len(at_once["identity_change"]) == 2
    for name in ("identity_change", "loitering", "ais_gap", "vessel"):
        assert_frame_equal(found[name], at_once[name], obj=name)


def test_late_data_that_shows_her_elsewhere_takes_the_pair_back(tmp_path):
    home = derived(tmp_path, loads(), lands())
    heard = pd.concat([loads(), ship(OLD, [(60.0, 123.0, 38.0, 9.0), (60.5, 122.9, 38.0, 9.0)]), lands(), traffic()])
    late = write_days(heard, tmp_path / "late")[DAYS[2]]
    home.land(late.rename(tmp_path / "late.csv"), replaces=f"AIS_{DAYS[2]}.csv")
    home.run()

    assert home.rows()["identity_change"].empty


def numbered(mmsi, start, at, **more):
    return lands(mmsi, start, at, IMO="IMO2990027", VesselName="EVER GLORY", **more)


def test_one_imo_number_under_another_mmsi_is_a_sale_if_the_old_one_is_heard_no_more(tmp_path):
    (one,) = pairs(tmp_path, loads(), numbered(NEW, 50.0, SEA)).to_dict("records")

    assert (one["kind"], one["ordinary"], one["mmsi"], one["other_mmsi"]) == ("same_number", "reflagged", NEW, OLD)
    assert one["vessel_id"] == one["other_vessel_id"] == "imo-2990027"


def test_and_none_if_the_old_one_comes_back(tmp_path):
    old = pd.concat([loads(), ship(OLD, BACK, IMO="IMO2990027", VesselName="EVER GLORY")])
    (one,) = pairs(tmp_path, old, numbered(NEW, 50.0, SEA)).to_dict("records")

    assert (one["kind"], one["ordinary"]) == ("same_number", None) or pd.isna(one["ordinary"])


def test_one_imo_number_at_two_places_at_once_or_on_a_ship_of_another_size_is_said_to_be(tmp_path):
    (far,) = pairs(tmp_path / "far", loads(), numbered(NEW, 20.0, (122.0, 36.0))).to_dict("records")
    (other,) = pairs(tmp_path / "other", loads(), numbered(NEW, 50.0, (122.0, 36.0), Length=30)).to_dict("records")

    assert (far["kind"], far["ordinary"] is None or pd.isna(far["ordinary"])) == ("two_places", True)
    assert far["distance_nm"] > 100
    assert other["kind"] == "other_ship"


def test_two_transponders_of_one_ship_are_two_sets(tmp_path):
    beside = loads().assign(MMSI=NEW)
    beside["LON"] += 0.001

    (one,) = pairs(tmp_path, loads(), beside).to_dict("records")
    assert (one["kind"], one["ordinary"]) == ("same_number", "two_sets")
