"""What the map of an alert is given, of tracks and names that no test home has by itself."""

import pytest

from pipeline.desk.alert_map import alert_layers
from pipeline.settings import Settings
from pipeline.tasks.home import read_zones
from pipeline.tasks.one_alert import alert_page
from pipeline.tasks.reports import alert_queue


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
