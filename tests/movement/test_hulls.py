"""A burst of false positions is no hull; a ship that shares her MMSI and is attested is one."""

import zipfile

import pandas as pd
import pytest

from tests.sea import derive_history, draughts, positions, small_sea

SEA = small_sea()
BERTH, DALIAN = (125.4, 38.7167), (121.7, 38.9)


def at_dalian(days=1):
    return positions([(0.5 * n, *DALIAN, 0.0) for n in range(48 * days)])


def burst(hour, minutes, place=BERTH):
    return positions([(hour + n / 60, *place, 0.0) for n in range(minutes + 1)])


def told(*parts, reports=None):
    fixes = pd.concat(parts).sort_values(["mmsi", "timestamp", "longitude"], kind="stable", ignore_index=True)
    return derive_history(fixes, SEA, reports)


@pytest.mark.parametrize(
    "hour", [0.01, 10.1, 23.8], ids=["before she is heard", "between her fixes", "across midnight"]
)
def test_minutes_of_false_positions_in_a_port_are_no_call_there(hour):
    history = told(at_dalian(3), burst(hour, 20))

    assert history["port_call"]["zone_id"].tolist() == ["dalian"]
    assert history["passage"].empty
    assert history["voyage"].empty
    assert set(history["position_anomaly"]["kind"]) == {"burst"}
    assert history["position_anomaly"]["fixes"].sum() == 21
    assert (history["position_anomaly"]["distance_nm"] > 150).all()


def test_the_same_positions_over_more_than_an_hour_are_another_hull():
    history = told(at_dalian(), burst(10.1, 61))

    assert sorted(history["port_call"]["zone_id"]) == ["dalian", "nampo"]
    assert history["position_anomaly"].empty


def test_two_bursts_ten_hours_apart_are_no_hull_of_ten_hours():
    history = told(at_dalian(), burst(8.1, 5), burst(18.1, 5))

    assert history["port_call"]["zone_id"].tolist() == ["dalian"]
    assert history["position_anomaly"]["fixes"].tolist() == [12]


def test_a_second_hull_of_which_a_thinned_feed_has_a_fix_every_three_hours_is_one():
    thin = positions([(1 + 3 * n, *BERTH, 0.0) for n in range(8)])

    assert sorted(told(at_dalian(), thin)["port_call"]["zone_id"]) == ["dalian", "nampo"]


def test_a_ship_heard_for_minutes_on_three_days_is_another_hull_since_the_first():
    history = told(at_dalian(4), *(burst(24 * day + 10.1, 5) for day in range(3)))

    nampo = history["port_call"].set_index("zone_id").loc["nampo"]
    assert nampo["arrived_by"] == pd.Timestamp("2018-06-01 10:06", tz="UTC")
    assert len(history["position_anomaly"]) == 2  # of the first two days: known then as bursts


@pytest.mark.parametrize("days", [(0, 1), (0, 9, 18)], ids=["two days", "more than a week apart"])
def test_bursts_on_two_days_or_weeks_apart_are_none(days):
    history = told(at_dalian(max(days) + 2), *(burst(24 * day + 10.1, 5) for day in days))

    assert set(history["port_call"]["zone_id"]) == {"dalian"}
    assert len(history["position_anomaly"]) == len(days)


@pytest.mark.parametrize(("other", "calls"), [(9074729, ["dalian", "nampo"]), (8814275, ["dalian"])])
def test_a_ship_of_minutes_with_an_imo_number_of_her_own_is_a_hull(other, calls):
    own = draughts([(0.5 * n, 5.0) for n in range(48)]).assign(imo=8814275, name="HERE")
    there = draughts([(10.1 + n / 60, 5.0) for n in range(6)]).assign(imo=other, name="THERE")
    reports = pd.concat([own, there]).astype(own.dtypes).sort_values("timestamp", ignore_index=True)

    history = told(at_dalian(), burst(10.1, 5), reports=reports)

    assert sorted(history["port_call"]["zone_id"]) == calls


def test_a_ship_of_minutes_alone_on_her_mmsi_is_a_ship():
    assert told(burst(10.1, 5))["port_call"]["zone_id"].tolist() == ["nampo"]


def test_no_segment_of_a_really_shared_mmsi_is_lost(samples):
    with zipfile.ZipFile(samples / "gfw" / "position-messages-2018.csv.zip") as archive:
        rows = pd.read_csv(archive.open(archive.namelist()[0]))
    rows = rows[rows["ssvid"] == 249014000].dropna(subset=["lat", "lon"])
    at = pd.to_datetime(rows["timestamp"], utc=True, format="mixed").dt.as_unit("us")
    start = pd.Timestamp("2018-01-01", tz="UTC")
    hours = (at - start).dt.total_seconds() / 3600
    fixes = positions(list(zip(hours, rows["lon"], rows["lat"], rows["speed"], strict=True)), 249014000, "2018-01-01")

    anomalies = told(fixes.drop_duplicates())["position_anomaly"]

    assert anomalies.empty
