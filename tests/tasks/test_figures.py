"""Figures of providers: asked of a server one question at a time, kept with what was asked, and shown beside ours."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug import Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch import sources
from pipeline.publish.alert_words import missing, received_in_words
from pipeline.settings import Settings
from pipeline.show.ships import show_vessels
from pipeline.tasks import arrivals, fetch
from pipeline.tasks.answer import answer_article
from pipeline.tasks.land import ingest
from pipeline.tasks.reports import alert_report
from pipeline.tasks.vessel import vessel_report
from pipeline.warehouse.queries import run_query
from tests.tasks.gfw_world import MMSI, coal_voyage, visit, write_pages
from tests.tasks.world import CLOCK, DAYS, Installation, traffic, voyage, write_days

SECRETS = {"COALWATCH_GFW_TOKEN": "very/secret+token"}
NOW = datetime(2021, 3, 10, tzinfo=UTC)


class Api:
    """Counts visits at Nampo and knows how well the coal ship was received; `bodies` are what was asked."""

    def __init__(self):
        self.bodies, self.total = [], None
        self.visits = {"2020-12": 3, "2021-01": 2}  # and nothing in other months

    def stats(self, request):
        body = request.get_json()
        self.bodies.append(body)
        here = self.visits if body.get("portIds") == ["prk-nampo"] else {}
        total = sum(here.values()) if self.total is None else self.total
        series = [{"date": f"{month}-01T00:00:00.000Z", "value": value} for month, value in here.items()]
        return Response(
            json.dumps({"numEvents": total, "numFlags": 1, "numVessels": 4, "timeseries": series}, indent=1)
        )

    def insights(self, request):
        body = request.get_json()
        self.bodies.append(body)
        gap = {
            "datasets": ["public-global-gaps-events:v3.0"], "historicalCounters": {"events": 1, "eventsGapOff": 1},
            "periodSelectedCounters": {"events": 4, "eventsGapOff": 4}, "aisOff": ["5c08c6e146315b98d8569dd253681ace"],
        }  # fmt: skip
        coverage = {"blocks": "2000", "blocksWithPositions": "860", "percentage": 43.0}
        period = {"startDate": body["startDate"], "endDate": body["endDate"]}
        return Response(
            json.dumps({"period": period, "vesselIdsWithoutIdentity": None, "gap": gap, "coverage": coverage})
        )


@pytest.fixture
def api(httpserver, monkeypatch):
    """The fake, and the catalogue without a throttle."""
    found = Api()
    httpserver.expect_request("/v3/events/stats", method="POST").respond_with_handler(found.stats)
    httpserver.expect_request("/v3/insights/vessels", method="POST").respond_with_handler(found.insights)
    specs = {name: one.model_copy(update={"per_minute": None}) for name, one in sources.load_sources().items()}
    monkeypatch.setattr(sources, "load_sources", lambda *folder: specs)
    return found


def home_at(folder, httpserver):
    home = Installation(folder)
    address = httpserver.url_for("")
    home.settings = Settings(home=folder, source_urls={"gfw_counts": address, "gfw_reception": address})
    return home


@pytest.fixture
def home(tmp_path, httpserver, api):
    return home_at(tmp_path / "home", httpserver)


@pytest.fixture(scope="module")
def of_her(tmp_path_factory):
    """A home that was told of the coal voyage of December 2020 and of another visit, and was run; only to be read."""
    folder = tmp_path_factory.mktemp("told")
    home = Installation(folder / "home")
    more = [visit("w1", "kp-nampo-coal", "2020-12-20T06:00", "2020-12-21T08:00")]
    pages = write_pages(folder / "gfw.jsonl", [*coal_voyage(), *more])
    ingest(home.settings, [pages], "gfw", now=CLOCK, progress=lambda line: None)
    home.run()
    return home


@pytest.fixture
def told_home(of_her, tmp_path, httpserver, api):
    """The same, one's own."""
    return home_at(shutil.copytree(of_her.settings.home, tmp_path / "home"), httpserver)


def refresh(home, source, said=None, **more):
    told = [] if said is None else said
    return arrivals.refresh_particulars(
        home.settings, source, **({"secrets": SECRETS, "now": NOW} | more), progress=told.append
    )  # fmt: skip


def beside(home, port="Nampo"):
    rows = run_query(home.settings.database_url, "our_visits_beside_theirs")
    return {row["month"]: row for row in rows if row["port"] == port}


# ------------------------------------------------------------------------------------------------- visits by month


def test_each_port_is_asked_for_by_its_ids_or_its_box_over_whole_months_in_one_request(home, api):
    report = refresh(home, "gfw_counts")

    assert (report["asked"], report["rows_read"], report["rejected"]) == (9, 9, 0)
    nampo, box = api.bodies[0], next(body for body in api.bodies if "geometry" in body)
    assert nampo == {
        "datasets": ["public-global-port-visits-events:latest"], "startDate": "2017-01-01", "endDate": "2021-03-01",
        "portIds": ["prk-nampo"], "timeseriesInterval": "MONTH", "groupBy": "FLAG",
    }  # fmt: skip
    assert box["geometry"]["type"] == "Polygon"
    assert sorted(body["portIds"][0] for body in api.bodies if "portIds" in body) == [
        "prk-haeju", "prk-kimch'aek", "prk-nampo", "prk-wonsan",
    ]  # fmt: skip


def test_a_month_that_may_still_change_is_not_counted_yet(home, api):
    refresh(home, "gfw_counts", now=datetime(2021, 1, 3, tzinfo=UTC))

    assert {body["endDate"] for body in api.bodies} == {"2020-12-01"}


def test_theirs_stand_beside_ours_by_month_with_what_may_explain_a_difference(told_home, api):
    refresh(told_home, "gfw_counts")
    told_home.run()

    rows = beside(told_home)

    assert len(rows) == 50  # months from January 2017 to February 2021
    december = rows["2020-12"]
    assert (december["theirs"], december["bought_in"], december["ours"]) == (3, 2, None)
    assert december["difference"] == "We have no positions of this month: theirs stand alone."
    assert rows["2020-11"]["theirs"] == 0  # the series leaves it out
    assert "CC BY-NC 4.0" in december["licence"]
    assert december["note"] is None
    assert not december["synthetic"]


def test_a_total_that_is_not_the_sum_of_the_months_is_said(home, api, tmp_path):
    api.total = 10
    refresh(home, "gfw_counts")
    home.run()

    assert beside(home)["2020-12"]["note"] == "its months sum to 5, and it says 10 in all"


def test_the_file_fetched_last_counts_whole_though_it_landed_first(home, api):
    fetched = []
    for day, api.visits in ((9, {"2020-12": 9}), (10, {"2021-01": 1})):
        fetched += fetch.fetch_particulars(
            home.settings, "gfw_counts", secrets=SECRETS, now=NOW.replace(day=day), progress=lambda line: None
        )
    for file in reversed(fetched):
        ingest(home.settings, [Path(file["path"])], "gfw_counts", now=NOW, progress=lambda line: None)
    home.run()

    rows = beside(home)
    assert (rows["2020-12"]["theirs"], rows["2021-01"]["theirs"]) == (0, 1)


def test_a_port_that_the_server_does_not_take_is_said_and_the_others_are_counted(home, api, httpserver):
    def stats(request):
        if request.get_json().get("portIds") == ["prk-haeju", "prk-haejuhang"]:
            return Response(json.dumps({"error": "portIds"}), status=422)
        return api.stats(request)

    httpserver.clear()
    httpserver.expect_request("/v3/events/stats", method="POST").respond_with_handler(stats)
    said = []

    report = refresh(home, "gfw_counts", said)

    assert report["rows_read"] == 8
    assert any("422" in line and "left out: Haeju" in line for line in said)


def test_one_that_takes_no_question_is_an_error_and_leaves_nothing(home, httpserver):
    httpserver.clear()
    httpserver.expect_request("/v3/events/stats", method="POST").respond_with_data("gone", status=404)

    with pytest.raises(SourceUnavailable, match="404"):
        refresh(home, "gfw_counts")

    assert list((home.settings.landing / "gfw_counts").iterdir()) == []


def test_a_refused_token_is_said_at_once_and_never_shown(home, httpserver):
    httpserver.clear()
    httpserver.expect_request("/v3/events/stats", method="POST").respond_with_data("no", status=403)

    with pytest.raises(InputError, match="COALWATCH_GFW_TOKEN") as refused:
        refresh(home, "gfw_counts")

    assert len(httpserver.log) == 1
    assert SECRETS["COALWATCH_GFW_TOKEN"] not in str(refused.value)


def test_a_refresh_that_was_stopped_goes_on_where_it_was(home, api, httpserver):
    def stats(request):
        return Response("{}") if len(api.bodies) == 4 else api.stats(request)

    httpserver.clear()
    httpserver.expect_request("/v3/events/stats", method="POST").respond_with_handler(stats)
    with pytest.raises(SourceUnavailable, match="an answer about Songnim is none"):
        refresh(home, "gfw_counts")
    httpserver.clear()
    httpserver.expect_request("/v3/events/stats", method="POST").respond_with_handler(api.stats)

    report = refresh(home, "gfw_counts")

    assert report["rows_read"] == len(api.bodies) == 9


def test_a_home_of_generated_data_asks_nobody_and_says_so(home, api, tmp_path):
    home.land(*write_days(traffic(), tmp_path, DAYS[:1]).values())
    said = []

    report = refresh(home, "gfw_counts", said)

    assert report["asked"] == 0
    assert api.bodies == []
    assert said == [
        "gfw_counts: this home holds generated data, which real answers must not join; nothing was requested"
    ]  # fmt: skip


def test_every_counted_port_is_a_port_of_ours():
    from pipeline.tasks.home import read_zones

    ours = set(read_zones().frame.query("country == 'KP'")["port"].dropna())
    assert {one.port for one in sources.load_sources()["gfw_counts"].figures.ports} <= ours


def test_the_answer_to_the_article_tells_theirs_beside_ours(home, api, tmp_path):
    refresh(home, "gfw_counts")
    home.run()

    found = answer_article(home.settings, label="C16", secrets={}, now=CLOCK)

    windows = {row["window_id"]: {one["kind"]: one for one in row["evidence"]} for row in found["claims"][0]["windows"]}
    said = " ".join(kinds["visits of others"]["says"] for kinds in windows.values())
    assert "gfw counts" in said
    assert "at Nampo in" in said
    assert "we have positions of none of them" in said
    assert all(kinds["visits of others"]["for"] is None for kinds in windows.values())  # no weight in a verdict


def test_a_month_of_which_we_have_positions_tells_ours_too(home, api, tmp_path):
    later = voyage(MMSI, 2990027, "DEMO COAL")
    later = later.assign(hours=later["hours"] + 24 * 917)  # from 4 December 2020 on
    files = write_days(later, tmp_path / "days", None)
    ingest(home.settings, list(files.values()), "noaa", now=CLOCK, progress=lambda line: None)
    refresh(home, "gfw_counts")
    home.run()

    december, january = (beside(home)[month] for month in ("2020-12", "2021-01"))
    found = answer_article(home.settings, label="C16", secrets={}, now=CLOCK)
    said = [one["says"] for row in found["claims"][0]["windows"] for one in row["evidence"]]

    assert (december["theirs"], december["ours"], december["bought_in"]) == (3, 1, 0)
    assert december["difference"].startswith("They hear by satellite as well")
    assert december["difference"].endswith("Of theirs, 3 did not land here as events of this port.")
    assert january["ours"] is None
    assert any("of 1 month we have positions: 3 theirs, 1 ours" in one for one in said)


# ---------------------------------------------------------------------------------------------- reception of ships


def to_ask(home):
    return answer_article(home.settings, label="C16", secrets=SECRETS, now=NOW)["ask_next"]


def test_ships_in_alerts_are_asked_for_by_their_id_and_the_year_of_the_alert(told_home, api):
    planned = [row for row in to_ask(told_home) if row["source"] == "gfw_reception"]

    report = refresh(told_home, "gfw_reception")
    again = [row for row in to_ask(told_home) if row["source"] == "gfw_reception"]

    assert (report["asked"], report["rows_read"]) == (1, 1)
    assert [(row["requests"], row["minutes"], row["needs"]) for row in planned] == [(1, 1, [])]
    assert again == []  # the answers lie there
    assert api.bodies == [{
        "includes": ["COVERAGE", "GAP"], "startDate": "2020-01-01", "endDate": "2021-01-01",
        "vessels": [{"datasetId": "public-global-vessel-identity:latest", "vesselId": f"ship-{MMSI}"}],
    }]  # fmt: skip


def test_how_well_she_was_received_stands_beside_what_is_missing_and_with_the_ship(told_home, api, capsys):
    alerts = told_home.rows()["alert"]
    refresh(told_home, "gfw_reception")
    told_home.run()

    report = alert_report(told_home.settings, alerts["alert_id"][0])
    [ship] = vessel_report(told_home.settings, str(MMSI))
    show_vessels([ship])
    shown = " ".join(capsys.readouterr().out.split())

    words = (
        "gfw received her in 43% of the 2,000 hours of her voyages from 2020-01-01 to 2020-12-31; that says nothing of "
        "one hour or one place, and it is not our reception."
    )
    assert missing(report) == [report["alert"]["missing_evidence"], words]
    assert words in shown
    assert ship["reception"][0]["gaps"] == 4
    assert "CC BY-NC 4.0" in ship["reception"][0]["licence"]
    assert told_home.rows()["alert"].equals(alerts)  # it raises, drops and weighs nothing


def test_without_an_alert_nobody_is_asked_and_it_is_said(home, api):
    said = []

    report = refresh(home, "gfw_reception", said, secrets={})

    assert report["asked"] == 0
    assert api.bodies == []
    assert said == [
        "gfw_reception: no ship in an alert has an id at gfw that is known here; nothing was requested"
    ]  # fmt: skip


def test_a_ship_of_which_no_hour_is_told_has_no_share(told_home, api, httpserver):
    httpserver.clear()
    answer = {"vesselIdsWithoutIdentity": [f"ship-{MMSI}"], "coverage": {"blocks": "0", "blocksWithPositions": "0"}}
    httpserver.expect_request("/v3/insights/vessels", method="POST").respond_with_json(answer)
    refresh(told_home, "gfw_reception")
    told_home.run()

    [row] = vessel_report(told_home.settings, str(MMSI))[0]["reception"]

    assert (row["share"], row["gaps"]) == (None, None)
    assert received_in_words(row) == "gfw does not tell how well it received her from 2020-01-01 to 2020-12-31."


def test_an_answer_that_cannot_be_read_is_a_reject_with_its_reason(home, tmp_path):
    line = '{{"source":"gfw_reception","polled_at":"2021-03-10T00:00:00+00:00","asked":{},"body":{}}}\n'
    asked = json.dumps(
        {"ship": "s", "mmsi": MMSI, "imo": None, "dataset": "d", "from": "2020-01-01", "until": "2021-01-01"}
    )
    (tmp_path / "gfw_reception.jsonl").write_text(
        line.format(asked, '{"coverage":{"blocks":"10","blocksWithPositions":"12"}}')
        + line.format(asked, '{"coverage":{"blocks":"10","blocksWithPositions":"5"}}')
    )

    [landed] = ingest(
        home.settings, [tmp_path / "gfw_reception.jsonl"], "auto", now=CLOCK, progress=lambda line: None
    )  # fmt: skip

    assert (landed["rows_read"], landed["not_ships"], landed["rejected"]) == (2, 1, 1)
    assert "12 of 10 blocks" in landed["rejects"][0]["detail"]
