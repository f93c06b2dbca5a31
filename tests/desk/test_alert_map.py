"""What the map of an alert is given, of tracks and names that no test home has by itself."""

from contextlib import closing
from shutil import copytree

import pytest
from pandas import concat

from pipeline.desk.alert_map import alert_layers
from pipeline.lake.lake import Lake
from pipeline.settings import Settings
from pipeline.tasks.full_track import with_positions
from pipeline.tasks.home import read_zones
from pipeline.tasks.one_alert import alert_page
from pipeline.tasks.reports import alert_queue
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import COAL, place


@pytest.fixture
def page(told):
    settings = Settings(told, "")
    return alert_page(settings, alert_queue(settings)[0]["alert_id"])


def test_a_track_over_the_180th_meridian_is_one_line_on_a_map_of_its_own_size(page):
    for n, row in enumerate(page["tables"]["alert_track"]):
        row |= {"longitude": 179.9 if n % 2 else -179.8, "latitude": 10.0}

    layers = alert_layers(page, read_zones())

    west, _, east, _ = layers["view"]
    assert east - west < 5
    assert max(one[1] for one in layers["way"]) - min(one[1] for one in layers["way"]) == pytest.approx(0.3)


def test_an_alert_without_a_track_has_no_map(page):
    page["tables"]["alert_track"] = []

    assert alert_layers(page, read_zones()) == {"view": None}


def test_a_long_name_is_cut_beside_its_mark_and_whole_where_one_points_at_it(page):
    name = "W" * 180
    for row in page["tables"]["zone"]:
        row["name"] = name

    told = [one["properties"] for one in alert_layers(page, read_zones())["marks"]["features"]]

    assert any(name in one["words"] for one in told)
    assert max(len(one["label"]) for one in told) <= 40


def way_of(told, mmsi):
    """The way of the ship of an alert from two points of it alone, and where the lake has her."""
    settings = Settings(told, "")
    alert_id = next(row["alert_id"] for row in alert_queue(settings) if row["mmsi"] == mmsi)
    page = alert_page(settings, alert_id)
    kept = page["tables"]["alert_track"]
    ends = [kept[0] | {"motion": "under_way"}, kept[-1]]
    with open_for_reading(settings.database_url) as warehouse:
        tables = with_positions(settings, warehouse, page["tables"] | {"alert_track": ends}, page["alert"])
    with closing(Lake(told)) as lake:
        rows = concat([lake.positions(day) for day in lake.landed_days()])
    places = rows.loc[rows["mmsi"] == mmsi, ["longitude", "latitude"]]
    return ends, tables["alert_track"], set(places.itertuples(index=False, name=None))


def test_her_way_is_drawn_where_she_was_heard_between_the_points_that_are_kept(told):
    ends, way, heard = way_of(told, COAL)

    assert len(way) > len(ends)
    assert {(row["longitude"], row["latitude"]) for row in way} <= heard - {place("kp-rajin")}  # where no ship was
    assert place("kp-rajin") in heard
    assert [row["sequence"] for row in way] == list(range(1, len(way) + 1))
    assert [way[0]["timestamp"], way[-1]["timestamp"]] == [row["timestamp"] for row in ends]


def test_an_alert_is_shown_as_ever_where_a_part_of_the_lake_is_gone_and_the_log_says_so(told, tmp_path, caplog):
    copytree(told, tmp_path / "home")
    for part in (tmp_path / "home" / "lake" / "positions").rglob("*.parquet"):
        part.unlink()
    settings = Settings(tmp_path / "home", "")
    (alert_id, *_) = (row["alert_id"] for row in alert_queue(settings) if row["mmsi"] == COAL)

    page = alert_page(settings, alert_id)

    assert page["tables"]["alert_track"] == page["track"] != []
    assert "is gone" in caplog.text
    assert f"alert {alert_id}: her way is drawn by what is kept" in caplog.text


def test_where_several_ships_share_an_mmsi_no_position_is_taken_for_hers(told):
    ends, way, _ = way_of(told, 445990003)

    assert way == ends
