"""Who was heard where and when."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.movement.coverage import add_up, cell_of, cover_zones, hear, widen, zone_hours
from tests.sea import as_fixes, positions

HERE, THERE = (124.1, 38.3), (124.4, 38.3)


def fixes_of(*ships):
    frame = pd.concat([positions(rows, mmsi=mmsi) for mmsi, rows in ships]).sort_values(["mmsi", "timestamp"])
    return as_fixes(frame.reset_index(drop=True))


def test_a_vessel_counts_once_per_cell_and_hour_however_often_it_is_heard():
    heard = hear(
        fixes_of((1, [(0.1, *HERE, 1), (0.2, *HERE, 1), (0.3, *THERE, 1), (0.4, *HERE, 1)]), (2, [(0.5, *HERE, 0)]))
    )

    by_cell = heard.set_index("cell")
    assert by_cell.loc[cell_of(*map(np.array, HERE)), ["vessels", "fixes"]].tolist() == [2, 4]
    assert by_cell.loc[cell_of(*map(np.array, THERE)), ["vessels", "fixes"]].tolist() == [1, 1]


def test_hours_are_kept_apart():
    heard = hear(fixes_of((1, [(0.9, *HERE, 1), (1.1, *HERE, 1)])))

    assert heard["hour"].dt.hour.tolist() == [0, 1]


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_wider_cell_holds_the_cells_within_it(points, degrees):
    longitude, latitude = (np.array(axis) for axis in zip(*points, strict=True))
    coverage = pd.DataFrame(
        {"cell": cell_of(longitude, latitude), "hour": pd.Timestamp(0, tz="UTC"), "vessels": 1, "fixes": 1}
    )

    wider = widen(coverage, degrees)

    assert set(wider["cell"]) == set(cell_of(longitude, latitude, degrees))
    assert wider["vessels"].sum() == len(points)


def test_a_zone_is_heard_with_all_that_lies_in_it_and_zones_unheard_are_named_too():
    parents = pd.DataFrame({"code": [0, 1, 1, 2], "zone_id": ["basin", "berth", "basin", "far"]})
    fixes = fixes_of((1, [(0.5, *HERE, 0), (1.5, *HERE, 0)]), (2, [(1.6, *HERE, 0)]))

    found = cover_zones(zone_hours(fixes, np.array([1, 0, 1], dtype=np.int16)), parents, ["2018-06-01"]).set_index(
        "zone_id"
    )

    assert found["hours_heard"].to_dict() == {"basin": 2, "berth": 2, "far": 0}
    assert found["vessels_heard"].to_dict() == {"basin": 2, "berth": 2, "far": 0}
    assert found.loc["basin", "coverage_share"] == 2 / 24


def test_coverage_of_parts_of_the_ships_adds_up_to_that_of_all():
    first = fixes_of((1, [(0.1, *HERE, 1), (1.2, *HERE, 1)]))
    second = fixes_of((2, [(0.3, *HERE, 1)]), (3, [(1.4, *HERE, 1), (1.5, *HERE, 1)]))
    together = fixes_of(
        (1, [(0.1, *HERE, 1), (1.2, *HERE, 1)]), (2, [(0.3, *HERE, 1)]), (3, [(1.4, *HERE, 1), (1.5, *HERE, 1)])
    )

    pd.testing.assert_frame_equal(add_up([hear(first), hear(second)]), hear(together))


def test_who_heard_whom_is_counted_by_kind_of_receiver():
    frame = pd.concat([positions([(0.1, *HERE, 1), (0.2, *HERE, 1)], mmsi=1), positions([(0.3, *HERE, 1)], mmsi=2)])
    frame["receiver"] = ["terrestrial", "satellite", "satellite"]

    found = hear(as_fixes(frame.reset_index(drop=True))).iloc[0]

    assert found[["vessels", "unknown_vessels", "terrestrial_vessels", "satellite_vessels"]].tolist() == [2, 0, 1, 2]
