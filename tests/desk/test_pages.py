"""What the pages of an alert, a ship, claims and knowledge show, asked without a browser."""

import re

import httpx
import pytest
import shapely
import shapely.geometry

from pipeline.settings import Settings
from pipeline.tasks.reports import every_alert
from tests.desk.serving import served

PAGES = ("/claims", "/coverage", "/zones", "/law", "/sources", "/runs")


@pytest.fixture(scope="module")
def alerts(told):
    return every_alert(Settings(told, ""))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_knowledge_answers_without_anything_inline(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert " style=" not in answer.text
    assert not re.search(r"<script(?![^>]* src=)", answer.text)


FAR = ("0001-01-01", "9999-12-31", "1899-12-31", "2018-02-30", "x" * 300)


@pytest.mark.parametrize(
    "address",
    [*(f"{path}?{name}={day}" for path, name in (("/claims", "as_of"), ("/claims/demo-2018/D01", "as_of"),
                                                ("/coverage", "last"), ("/ships/imo-2990027", "as_of")) for day in FAR),
     "/ships/imo-2990027?days=many", "/ships/imo-2990027?year=0", "/coverage/cells.json"],
)  # fmt: skip
def test_what_cannot_be_asked_is_answered_by_a_page_that_says_so(client, address):
    answer = client.get(address)

    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"].startswith("text/html")
    assert "expected" in answer.text or "should" in answer.text or "required" in answer.text


def test_that_the_text_of_a_measure_was_not_seen_can_be_read(client):
    page = client.get("/law").text

    assert "<td>not seen</td>" in page  # a class of the desk hides what is for screen readers alone


def test_the_page_of_an_alert_says_for_against_missing_and_innocent(client, alerts):
    for alert in alerts:
        page = client.get(f"/alerts/{alert['alert_id']}").text

        assert "Best innocent explanation" in page
        assert "What is missing" in page
        assert "Evidence for and against" in page


def test_the_map_of_an_alert_holds_its_way_in_order_of_time_inside_its_view(client, alerts):
    layers = client.get(f"/alerts/{alerts[0]['alert_id']}/map.json").json()

    west, south, east, north = layers["view"]
    assert [point[0] for point in layers["way"]] == sorted(point[0] for point in layers["way"])
    assert all(west <= x <= east and south <= y <= north for _, x, y, _ in layers["way"])
    assert layers["land"]["geometry"]["coordinates"]
    assert "OpenStreetMap" in layers["attribution"]


def test_others_heard_around_an_alert_are_thinned_and_are_not_the_ship_herself(client, alerts):
    alert = alerts[0]
    heard = client.get(f"/alerts/{alert['alert_id']}/others.json").json()

    assert alert["mmsi"] not in {ship["mmsi"] for ship in heard["ships"]}
    for ship in heard["ships"]:
        moments = [point[0] for point in ship["way"]]
        assert len({moment // 1200 for moment in moments}) == len(moments)


def test_an_unknown_alert_ship_or_claim_is_a_page_that_says_so(client):
    for path in ("/alerts/nosuch", "/ships/imo-1", "/claims/nosuch/C1", "/alerts/nosuch/map.json"):
        assert client.get(path).status_code == 404


def test_the_page_of_a_ship_answers_whether_she_was_in_north_korea_and_what_a_no_rests_on(client, alerts):
    page = client.get(f"/ships/{alerts[0]['vessel_id']}").text
    long_before = client.get(f"/ships/{alerts[0]['vessel_id']}?as_of=2017-01-01").text

    assert "Was she in North Korea" in page
    assert "days is at hand" in page
    assert 'class="card screened yes"' in page
    assert "Called in North Korea" in page
    assert 'class="card screened "' in long_before


def test_a_day_that_is_none_is_refused_in_words(client, alerts):
    answer = client.get(f"/ships/{alerts[0]['vessel_id']}", params={"as_of": "yesterday"})

    assert answer.status_code == 404
    assert "expected a UTC day" in answer.text


def test_a_claim_shows_its_windows_what_moved_it_and_its_sources(client):
    page = client.get("/claims/dailynk-2021/C16").text

    assert "weakened" in page.lower()
    assert "What moved it" in page
    assert "publication seen" in page


def test_who_cannot_see_the_drawings_reads_the_same_in_tables(client, alerts):
    page = client.get(f"/alerts/{alerts[0]['alert_id']}").text

    assert "Her track as a table" in page
    assert "The same as a table" in page


def test_cells_in_which_somebody_was_heard_are_told_with_their_hours(client):
    day = client.get("/coverage").text.split("cells.json?day=")[1][:10]
    cells = client.get("/coverage/cells.json", params={"day": day}).json()["cells"]["features"]

    assert cells
    assert all(1 <= one["properties"]["hours"] <= 24 for one in cells)
    assert client.get("/coverage/cells.json", params={"day": "2001-01-01"}).json()["cells"]["features"] == []


def test_water_of_a_moment_lies_in_the_water_of_the_whole_silence(client, alerts):
    for alert in alerts:
        for silence in client.get(f"/alerts/{alert['alert_id']}/areas.json").json():
            whole = polygons(silence["whole"]).buffer(0.05)
            assert all(whole.covers(polygons(one["area"])) for one in silence["moments"])


def polygons(feature):
    """The shape of a feature, whose corners were rounded."""
    return shapely.make_valid(shapely.geometry.shape(feature["geometry"]))


def test_a_name_from_outside_is_text_on_every_page_and_report(own_home, tmp_path):
    import sqlite3
    from contextlib import closing

    from pipeline.show.brief import alert_html, ship_html
    from pipeline.tasks.briefs import alert_brief, ship_brief

    bad = "<script>alert(1)</script>{{7*7}}\u202eELTTAB\x07"
    with closing(sqlite3.connect(own_home / "warehouse.sqlite")) as warehouse:
        for table, column in (("alert", "vessel_name"), ("vessel", "name"), ("vessel_identity", "name")):
            warehouse.execute(f"update {table} set {column} = ?", (bad,))
        warehouse.commit()
    settings = Settings(own_home, "")
    alert = every_alert(settings)[0]
    with served(own_home) as address:
        pages = [
            httpx.get(f"{address}/{path}").text
            for path in (f"alerts/{alert['alert_id']}", f"ships/{alert['vessel_id']}")
        ]
    pages.append(alert_html(alert_brief(settings, alert["alert_id"])))
    pages.append(ship_html(ship_brief(settings, str(alert["mmsi"]), None)))

    for page in pages:
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "\x07" not in page
        assert "{{7*7}}" in page
