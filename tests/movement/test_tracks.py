"""Several ships on one MMSI, stray positions, and the joining of days."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.limits import load_limits
from pipeline.movement.tracks import Fixes, find_position_anomalies, link_ships, separate_ships

LIMITS = load_limits().track
START = pd.Timestamp("2018-06-01", tz="UTC").value // 1000
MINUTE = 60_000_000


def fixes(*rows):
    """Fixes of one MMSI from (minute, longitude, latitude)."""
    minute, longitude, latitude = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    order = np.argsort(minute, kind="stable")
    return Fixes(
        np.full(len(rows), 445000001),
        (START + minute[order] * MINUTE).astype(np.int64),
        longitude[order],
        latitude[order],
        np.full(len(rows), np.nan),
        np.zeros(len(rows), dtype=np.int8),
        *np.zeros((2, len(rows)), dtype=np.int32),
    )


NAMPO = [(10 * i, 125.2 - 0.01 * i, 38.6) for i in range(20)]
DALIAN = [(10 * i + 5, 121.9, 38.9) for i in range(20)]


def test_one_ship_is_one_ship():
    assert separate_ships(fixes(*NAMPO), LIMITS).tolist() == [1] * 20


def test_two_hulls_sending_in_turn_under_one_mmsi_are_two_ships():
    ships = separate_ships(fixes(*NAMPO, *DALIAN), LIMITS)

    assert ships.tolist() == [1, 2] * 20


def test_a_single_leap_and_back_is_a_stray_position_and_is_kept_as_one():
    leap = fixes(*NAMPO, (55, 2.0, 48.0))

    ships = separate_ships(leap, LIMITS)
    strays = find_position_anomalies(leap, ships)

    assert ships.tolist() == [1] * 6 + [0] + [1] * 14
    assert strays[["longitude", "latitude", "fixes"]].to_numpy().tolist() == [[2.0, 48.0, 1]]
    assert strays["implied_speed_kn"].iloc[0] > 10_000


def test_a_fast_but_possible_leg_is_no_stray_position():
    ferry = fixes(*NAMPO, (260, 125.01 - 0.6, 38.6))

    assert set(separate_ships(ferry, LIMITS)) == {1}
    assert find_position_anomalies(ferry, separate_ships(ferry, LIMITS)).empty


FIX = st.tuples(st.integers(0, 1439), st.sampled_from([2.0, 125.2]), st.sampled_from([38.6, 38.7]))


@given(st.lists(FIX, min_size=1))
def test_every_fix_is_either_a_ships_or_an_anomaly(rows):
    day = fixes(*sorted(set(rows)))

    ships = separate_ships(day, LIMITS)

    assert find_position_anomalies(day, ships)["fixes"].sum() == (ships == 0).sum()
    assert set(ships) - {0} == set(range(1, ships.max() + 1))


def ends(*rows):
    frame = pd.DataFrame(rows, columns=["mmsi", "number", "hour", "longitude", "latitude"])
    frame["at"] = pd.to_datetime(frame.pop("hour").astype("float64"), unit="h", origin="2018-06-01", utc=True)
    return frame


def test_the_next_day_continues_the_nearest_track_that_can_have_sailed_there():
    tracks = (
        ends((1, 1, 20, 125.0, 38.6), (1, 2, 20, 121.9, 38.9))
        .rename(columns={"number": "track"})
        .assign(attested=True, days=0)
    )
    ships = (
        ends((1, 1, 25, 121.9, 38.9), (1, 2, 25, 125.0, 38.6)).rename(columns={"number": "ship"}).assign(attested=True)
    )

    links = link_ships(tracks, ships, LIMITS)

    assert links.set_index("ship")["track"].to_dict() == {1: 2, 2: 1}


@pytest.mark.parametrize(("hour", "track"), [(21, 2), (30, 1)])
def test_a_leap_that_no_ship_can_sail_begins_a_new_track(hour, track):
    tracks = ends((1, 1, 20, 125.0, 38.6)).rename(columns={"number": "track"}).assign(attested=True, days=0)
    ships = ends((1, 1, hour, 121.0, 38.6)).rename(columns={"number": "ship"}).assign(attested=True)

    assert link_ships(tracks, ships, LIMITS)["track"].tolist() == [track]


def test_ships_never_heard_before_are_numbered_by_first_fix():
    tracks = ends().rename(columns={"number": "track"}).assign(attested=True, days=0)
    ships = (
        ends((1, 1, 30, 125.0, 38.6), (1, 2, 25, 121.9, 38.9), (7, 1, 25, 1, 1))
        .rename(columns={"number": "ship"})
        .assign(attested=True)
    )

    links = link_ships(tracks.astype({"mmsi": "int64", "track": "int64", "attested": bool}), ships, LIMITS)

    assert links["track"].tolist() == [2, 1, 1]
