"""The track kept with an alert: of her own hull, from where the voyage began to where it ended, simplified."""

import pandas as pd
import pytest

from pipeline.contracts import AIS_GAP, ALERT, ALERT_TRACK, PORT_CALL, TRACK, VOYAGE
from pipeline.tasks.alert_tracks import number_of_track, tracks_between
from pipeline.tasks.home import Home
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import Installation


@pytest.fixture(scope="module")
def tables(told):
    with open_for_reading(Installation(told).settings.database_url) as warehouse:
        return {table: warehouse.read(table) for table in (ALERT, ALERT_TRACK, PORT_CALL, VOYAGE)}


def test_every_alert_has_a_track_numbered_in_order_of_time(tables):
    tracks = tables[ALERT_TRACK].sort_values(["alert_id", "sequence"])

    assert set(tracks["alert_id"]) == set(tables[ALERT]["alert_id"])
    for _, points in tracks.groupby("alert_id"):
        assert points["sequence"].tolist() == list(range(1, len(points) + 1))
        assert points["timestamp"].is_monotonic_increasing


def test_it_reaches_from_the_arrival_before_the_voyage_to_its_end_and_not_beyond(tables):
    origin = tables[VOYAGE].set_index("voyage_id")["origin_port_call_id"]
    arrived = tables[PORT_CALL].set_index("port_call_id")["arrived_by"]
    alerts = tables[ALERT].set_index("alert_id")
    times = tables[ALERT_TRACK].groupby("alert_id")["timestamp"].agg(["min", "max"])

    for alert_id, alert in alerts.iterrows():
        first, last = times.loc[alert_id]
        assert abs(first - arrived[origin[alert["voyage_id"]]]) < pd.Timedelta(hours=12)
        assert first < alert["began_at"]
        assert last <= alert["ended_at"] + pd.Timedelta(days=1)


def test_a_silence_is_a_leg_of_it_and_not_a_gap_in_it(tables):
    assert "silence" in set(tables[ALERT_TRACK]["motion"])


def test_a_silence_over_midnight_is_one_too(tables, told):
    with open_for_reading(Installation(told).settings.database_url) as warehouse:
        gaps = warehouse.read(AIS_GAP).dropna(subset=["ended_at"])
    gaps = gaps[gaps["began_at"].dt.floor("D") < gaps["ended_at"].dt.floor("D")]
    alerts = tables[ALERT].dropna(subset=["ended_at"])
    within = alerts[["alert_id", "vessel_id", "began_at", "ended_at"]].merge(
        gaps[["vessel_id", "began_at", "ended_at"]], on="vessel_id", suffixes=("", "_of_gap")
    )
    inside = (within["began_at_of_gap"] >= within["began_at"]) & (within["ended_at_of_gap"] <= within["ended_at"])
    points = tables[ALERT_TRACK].set_index(["alert_id", "timestamp"])["motion"]

    assert inside.any()
    for one in within[inside].to_dict("records"):
        of_gap = points[one["alert_id"]].loc[one["began_at_of_gap"] : one["ended_at_of_gap"]]
        assert of_gap.iloc[0] == "silence", one


def test_a_line_is_the_same_whatever_else_is_asked_of_the_ship(tables, told):
    """What is stored must not depend on which other alerts of hers were judged in the same run."""
    home = Home(Installation(told).settings)
    with open_for_reading(Installation(told).settings.database_url) as warehouse:
        tracks = number_of_track(warehouse.read(TRACK))
    call = tables[PORT_CALL].dropna(subset=["departed_by"])
    midnight = call["arrived_by"].dt.ceil("D")
    call = call[call["departed_by"] > midnight + pd.Timedelta(hours=4)].iloc[0]
    hers = tracks[tracks["track_id"] == call["track_id"]].iloc[0]
    amid = call["arrived_by"].ceil("D") + pd.Timedelta(hours=2)  # she lies there since the day before
    line = {"mmsi": hers["mmsi"], "track": hers["track"]}
    asked = pd.DataFrame([
        {"alert_id": "hers", **line, "from_at": amid, "ended_at": amid + pd.Timedelta(hours=30)},
        {"alert_id": "longer", **line, "from_at": amid - pd.Timedelta(days=3), "ended_at": amid + pd.Timedelta(days=5)},
    ])  # fmt: skip

    alone, beside = tracks_between(home, asked[:1]), tracks_between(home, asked)

    assert len(alone) >= 2
    assert alone["timestamp"].min() < amid
    pd.testing.assert_frame_equal(alone, beside[beside["alert_id"] == "hers"].reset_index(drop=True))
    assert set(beside["alert_id"]) == {"hers", "longer"}
