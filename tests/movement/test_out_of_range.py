"""Positions that no shore station can have heard: who is heard alone among many fires, ordinary reception does not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import VESSEL_REPORT
from pipeline.movement.compress import compress_days
from pipeline.movement.coverage import add_up, hear
from pipeline.movement.out_of_range import find_out_of_range, heard_alone
from pipeline.movement.tracks import ship_day
from tests.sea import LIMITS, as_fixes, positions, small_sea

DAY = "2018-06-01"
HERS = 445000001
HOURS = np.arange(2, 14, 0.25)


def heard(mmsi, receiver, hours=HOURS, longitude=123.0, latitude=36.1, precision_m=None):
    rows = positions([(h, longitude + 0.002 * h, latitude, 1.0) for h in hours], mmsi=mmsi, start=DAY)
    return rows.assign(receiver=receiver, precision_m=precision_m)


def others(receiver="satellite", count=4, hours=HOURS[::4], **place):
    return [heard(412000000 + n, receiver, hours, **place) for n in range(count)]


def found(*ships, parts=1):
    rows = pd.concat(ships).sort_values(["mmsi", "timestamp"], kind="stable")
    of_part = np.searchsorted(np.unique(rows["mmsi"]), rows["mmsi"]) % parts
    told, coverage = [], []
    for number in np.unique(of_part):
        fixes = as_fixes(rows[of_part == number])
        told.append(heard_alone(fixes._replace(mmsi=ship_day(fixes.mmsi, fixes.at)), np.ones(len(fixes.at), np.int16)))
        coverage.append(hear(fixes._replace(precision_m=fixes.precision_m * 0)))
    return find_out_of_range(pd.concat(told, ignore_index=True), add_up(coverage), LIMITS.anomaly)


def test_whom_a_shore_station_hears_where_it_hears_none_of_the_ships_around_her_is_not_there():
    (one,) = found(heard(HERS, "terrestrial"), *others()).to_dict("records")

    assert (one["mmsi"], one["fixes"], one["interference"]) == (HERS, len(HOURS), False)
    assert str(one["began_at"]) == "2018-06-01 02:00:00+00:00"
    assert str(one["ended_at"]) == "2018-06-01 13:45:00+00:00"
    assert str(one["known_at"]) == "2018-06-02 00:00:00+00:00"
    assert found(heard(HERS, "terrestrial"), heard(HERS, "satellite", HOURS + 0.1), *others())["mmsi"].tolist() == [
        HERS
    ]


@pytest.mark.parametrize(
    "ships",
    [
        others("terrestrial"),  # a station is there, and hears the others as well
        [*others(), heard(413000001, "terrestrial", [20.0])],  # it heard one of them, hours later
        [*others(), heard(413000001, "terrestrial", [20.0], longitude=123.3, latitude=36.3)],  # or one near by
        [*others(), heard(413000001, "unknown", [20.0])],  # by whom one of them was heard is not known
        others("unknown"),
        others(count=3),  # few were there to be heard
        others(hours=np.arange(15, 23, 1.0)),  # they came when she was gone
        others(hours=HOURS[:5:4], count=12),  # many, but for two hours
        others(longitude=124.5),  # they were elsewhere
        [],
    ],
    ids=["heard", "later", "beside", "one unknown", "unknown", "few", "apart", "brief", "elsewhere", "nobody"],
)
def test_who_may_have_been_heard_there_is_not_told_of(ships):
    assert found(heard(HERS, "terrestrial"), *ships).empty


@pytest.mark.parametrize("receiver", ["satellite", "unknown"])
def test_only_who_is_known_to_be_heard_ashore_can_be_out_of_range_of_it(receiver):
    assert found(heard(HERS, receiver), *others()).empty


def test_coarse_positions_are_no_measure_of_who_hears():
    assert found(heard(HERS, "terrestrial", precision_m=800), *others()).empty


def test_two_that_are_heard_ashore_together_are_within_range_of_something():
    assert found(heard(HERS, "terrestrial"), heard(445000002, "terrestrial"), *others()).empty


def test_she_alone_does_not_stand_for_the_others_that_satellites_hear():
    assert found(heard(HERS, "terrestrial"), *(heard(HERS, "satellite", HOURS + 0.01 * n) for n in range(5))).empty


def test_one_ship_in_a_cell_beside_four_of_hers_is_one():
    corner = [(h, 123.25 + x, 36.25 + y, 0.0) for n, h in enumerate(HOURS) for x, y in [_CORNERS[n % 4]]]
    hers = positions(corner, mmsi=HERS, start=DAY).assign(receiver="terrestrial")

    assert found(hers, *others(count=1, longitude=123.27, latitude=36.27)).empty
    assert found(hers, *others(count=4, longitude=123.27, latitude=36.27))["mmsi"].tolist() == [HERS]


_CORNERS = [(0.001, 0.001), (-0.001, 0.001), (-0.001, -0.001), (0.001, -0.001)]


def test_near_midnight_nothing_is_said_of_who_was_heard_on_its_other_side():
    late = np.arange(22, 24, 0.25)

    assert found(heard(HERS, "terrestrial", late), *others(hours=late[::4])).empty
    assert found(heard(HERS, "terrestrial", late - 24 + 22), *others(hours=late[::4] - 2)).empty


def test_either_side_of_the_180th_meridian_is_near_by():
    there = [heard(412000000 + n, "satellite", HOURS[::4], longitude=-179.99) for n in range(4)]

    assert found(heard(HERS, "terrestrial", longitude=179.95), *there)["mmsi"].tolist() == [HERS]
    ashore = heard(413000001, "terrestrial", [20.0], longitude=-179.99)
    assert found(heard(HERS, "terrestrial", longitude=179.95), *there, ashore).empty


def test_it_lasts_until_her_last_fix_there_also_where_she_goes_to_and_fro():
    to_and_fro = [(h, 123.25 + 0.01 * (-1) ** n, 36.1, 3.0) for n, h in enumerate(HOURS)]
    hers = positions(to_and_fro, mmsi=HERS, start=DAY).assign(receiver="terrestrial")

    (one,) = found(hers, *others()).to_dict("records")
    assert str(one["ended_at"]) == "2018-06-01 13:45:00+00:00"
    assert one["fixes"] == len(HOURS)


def test_satellites_that_hear_her_sail_from_cell_to_cell_are_not_taken_for_others_there():
    way = [(h, 123.0 + 0.21 * h, 36.1, 10.0) for h in HOURS]
    hers = positions(way, mmsi=HERS, start=DAY)

    assert found(hers.assign(receiver="terrestrial"), hers.assign(receiver="satellite")).empty


def test_they_are_among_what_a_day_is_compressed_to():
    ships = pd.concat([heard(HERS, "terrestrial"), *others()]).sort_values(["mmsi", "timestamp"], kind="stable")

    done = compress_days([(as_fixes(ships), VESSEL_REPORT.empty())], small_sea(), LIMITS, [DAY])
    assert done.anomalies["kind"].tolist() == ["out_of_range"]


def test_a_way_through_several_cells_is_one_stretch_of_the_day():
    way = [(h, 123.0 + 0.1 * h, 36.1, 5.0) for h in HOURS]
    hers = positions(way, mmsi=HERS, start=DAY).assign(receiver="terrestrial")
    along = [
        positions([(h, x, 36.12, 5.0) for h, x, *_ in way], mmsi=412000000 + n, start=DAY).assign(receiver="satellite")
        for n in range(4)
    ]

    (one,) = found(hers, *along).to_dict("records")
    assert one["fixes"] == len(HOURS)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([HERS, 445000002, 412000000, 412000001, 412000002]),
            st.sampled_from(["terrestrial", "satellite", "unknown"]),
            st.integers(0, 20),
            st.integers(0, 6),
        ),
        min_size=1,
        max_size=14,
    ),
    st.integers(2, 4),
)
@settings(max_examples=30, deadline=None)
def test_in_how_many_parts_a_day_is_read_changes_nothing(told, parts):
    crowd = others(count=5)
    ships = [
        heard(m, kind, np.arange(begin, begin + 3, 0.5), longitude=123.0 + 0.2 * east) for m, kind, begin, east in told
    ]

    whole, cut = (found(*ships, *crowd, parts=number) for number in (1, parts))
    columns = ["position_anomaly_id", "mmsi", "began_at", "ended_at", "fixes"]
    assert whole[columns].to_numpy().tolist() == cut[columns].sort_values("mmsi").to_numpy().tolist()
