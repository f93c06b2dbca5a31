"""Reports of Global Fishing Watch over a real socket: slices, a busy or slow server, polygons too large, versions."""

import json
from datetime import UTC, date, datetime

import pytest
from werkzeug import Request, Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.providers import gfw_reports
from pipeline.fetch.sources import load_sources
from pipeline.fetch.web import NotPublished
from pipeline.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "eyJhbGciOi.secret"
SPEC = load_sources()["gfw_presence"]
V5 = "public-global-presence:v5.0"
DAY = "2020-12-03"


def row(day=DAY, hour=4, lon=125.19999694824219, lat=38.65, **others):
    """As recorded: texts are empty where nothing is known, and cells have float noise."""
    return {
        "callsign": "", "dataset": "public-global-vessel-identity:v5.0", "date": f"{day} {hour:02}:00", "hours": 1,
        "detections": 1, "entryTimestamp": f"{day}T{hour:02}:00:00Z", "exitTimestamp": f"{day}T{hour:02}:00:00Z",
        "firstTransmissionDate": "2018-10-14T12:26:31Z", "flag": "PRK", "geartype": "CARGO", "imo": "8628597",
        "lastTransmissionDate": "2026-03-22T23:59:00Z", "lat": lat, "lon": lon, "mmsi": "445123000",
        "shipName": "TAE YANG", "vesselId": "43c5ec9e1-1026-c273-d280-f0c34b520f53", "vesselType": "CARGO", **others,
    }  # fmt: skip


def report(*rows, version=V5, **others):
    found = {"entries": [{version: list(rows) or None}], "limit": None, "metadata": {}, "nextOffset": None}
    return Response(json.dumps(found | {"offset": 0, "total": 1} | others), content_type="application/json")


class Api:
    """Answers reports with the rows inside the polygon; `answers` go before them, `lasts` before a 404."""

    def __init__(self, *rows):
        self.rows, self.answers, self.lasts, self.asked, self.looked = rows, [], [], [], 0

    def __call__(self, request: Request) -> Response:
        self.asked.append((dict(request.args), request.get_json()["geojson"], dict(request.headers)))
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        ring = self.asked[-1][1]["coordinates"][0]
        xs, ys = zip(*ring, strict=True)
        begin, end = request.args["date-range"].split(",")
        of_days = [one for one in self.rows if begin <= one["date"] < end]
        found = [one for one in of_days if min(xs) < one["lon"] < max(xs) and min(ys) < one["lat"] < max(ys)]
        return report(*found)

    def last(self, request: Request) -> Response:
        self.looked += 1
        return self.lasts.pop(0) if self.lasts else Response("no report", 404)

    @property
    def spans(self):
        return [query["date-range"] for query, *_ in self.asked]


@pytest.fixture
def serve(httpserver, tmp_path):
    def start(api, regions=("nampo",), **changes):
        httpserver.expect_request("/v3/4wings/report", method="POST").respond_with_handler(api)
        httpserver.expect_request("/v3/4wings/last-report", method="GET").respond_with_handler(api.last)
        settings = Settings(home=tmp_path, source_urls={"gfw_presence": httpserver.url_for("")})
        only = tuple(one for one in SPEC.reports.regions if one.name in regions)
        asked = SPEC.reports.model_copy(update={"regions": only, "wait_s": 0, "looks": 3, "attempts": 3} | changes)
        spec = SPEC.model_copy(update={"per_minute": None, "reports": asked})

        def fetch(first=DAY, last=None, *, now=NOW, again=False, told=lambda line: None):
            days = date.fromisoformat(first), date.fromisoformat(last or first)
            secrets = {"COALWATCH_GFW_TOKEN": TOKEN}
            return gfw_reports.fetch_days(spec, settings, *days, secrets=secrets, now=now, progress=told, again=again)

        return fetch

    return start


def lines(file):
    return [json.loads(line) for line in file.path.read_text().splitlines()]


def test_a_slice_is_one_file_that_holds_question_and_answer(serve):
    [file] = serve(Api(row()))()
    [line] = lines(file)

    assert file.state == "fetched"
    assert file.path.name.startswith("gfw_presence_nampo_hours_2020-12-03_2020-12-03_")
    assert line["source"] == "gfw_presence"
    assert line["asked"]["datasets[0]"] == V5
    assert line["asked"]["date-range"] == "2020-12-03,2020-12-04"
    assert line["body"]["entries"][0][V5][0]["mmsi"] == "445123000"


def test_the_request_is_the_one_the_provider_documents(serve):
    api = Api(row())
    serve(api)()
    query, polygon, headers = api.asked[0]

    assert query == {
        "datasets[0]": V5, "date-range": "2020-12-03,2020-12-04", "spatial-resolution": "HIGH", "format": "JSON",
        "temporal-resolution": "HOURLY", "group-by": "VESSEL_ID", "spatial-aggregation": "false",
    }  # fmt: skip
    assert polygon["type"] == "Polygon"
    assert polygon["coordinates"][0][0] == polygon["coordinates"][0][-1] == [124.4, 38.2]
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_slices_end_with_their_month_and_days_that_lie_there_are_not_asked_for(serve):
    api = Api(row())
    fetch = serve(api)
    fetch("2020-12-10", "2020-12-12")

    files = fetch("2020-11-29", "2021-01-02")

    assert api.spans == ["2020-12-10,2020-12-13", "2020-11-29,2020-12-01", "2020-12-01,2020-12-10",
                         "2020-12-13,2021-01-01", "2021-01-01,2021-01-03"]  # fmt: skip
    assert [file.state for file in files] == ["fetched", "fetched", "there", "fetched", "fetched"]


def test_a_busy_port_is_asked_for_by_the_week(serve):
    api = Api()
    serve(api, regions=("dandong",))("2020-12-05", "2020-12-16")

    assert api.spans == ["2020-12-05,2020-12-08", "2020-12-08,2020-12-15", "2020-12-15,2020-12-17"]


def test_a_stopped_fetch_goes_on_with_the_slices_that_are_missing(serve):
    api = Api(row())
    api.answers = [None, Response("bad", 422)]
    fetch = serve(api)
    with pytest.raises(InputError):
        fetch("2020-11-30", "2020-12-01")

    fetch("2020-11-30", "2020-12-01")

    assert api.spans == ["2020-11-30,2020-12-01", "2020-12-01,2020-12-02", "2020-12-01,2020-12-02"]


def test_a_busy_server_is_waited_for(serve):
    api = Api(row())
    api.answers = [Response(status=429), Response(status=429)]

    [file] = serve(api)()

    assert len(api.asked) == 3
    assert len(lines(file)) == 1


def test_a_report_that_takes_too_long_is_had_as_the_last_report(serve):
    api = Api()
    api.answers = [Response(status=524)]
    api.lasts = [Response(json.dumps({"status": "running"})), report(row())]

    [file] = serve(api)()

    assert api.looked == 2
    assert lines(file)[0]["body"]["entries"][0][V5][0]["shipName"] == "TAE YANG"


@pytest.mark.parametrize(
    "last",
    [
        report(row(day="2019-01-01")),
        report(row(lon=119.5, lat=35.0)),
        report(row(), version="public-global-sar-presence:v5.0"),
        report(),
        Response("gone", 404),
    ],
    ids=["of other days", "of another sea", "of another data set", "empty", "none"],
)
def test_a_last_report_that_is_not_ours_is_not_taken_and_halves_are_asked_for(serve, last):
    api = Api(row(), row(lon=124.9))
    api.answers, api.lasts = [Response(status=524)], [last]

    [file] = serve(api)()

    assert len(api.asked) == 3
    assert [one["lon"] for line in lines(file) for one in line["body"]["entries"][0][V5]] == [
        124.9,
        125.19999694824219,
    ]


def test_a_polygon_too_large_is_asked_for_in_halves_between_two_rows_of_cells(serve):
    api = Api(row(), row(lon=124.9))
    api.answers = [Response("too large", 413)]

    [file] = serve(api)()

    assert len(lines(file)) == 2
    assert max(x for x, _ in api.asked[1][1]["coordinates"][0]) == 125.055
    assert sum(len(line["body"]["entries"][0][V5]) for line in lines(file)) == 2


def test_halves_that_came_before_a_failure_are_not_asked_for_again(serve):
    api = Api(row(), row(lon=124.9))
    api.answers = [Response("too large", 413), None, Response("bad", 422)]
    fetch = serve(api)
    with pytest.raises(InputError):
        fetch()

    [file] = fetch()

    assert len(api.asked) == 4
    assert len(lines(file)) == 2


def test_a_polygon_too_large_in_every_part_says_what_to_do(serve):
    api = Api()
    api.answers = [Response("too large", 413)] * 20

    with pytest.raises(
        InputError, match=r"nampo: the polygon is too large.*days_per_report in seeds/sources/gfw_presence"
    ):
        serve(api)()


def test_a_question_the_server_does_not_take_shows_its_words(serve):
    api = Api()
    api.answers = [Response('{"messages":[{"detail":"Not found dataset public-global-presence:v9"}]}', 422)]

    with pytest.raises(InputError, match=r"422.*does not suit it.*Not found dataset"):
        serve(api)()


def test_a_version_that_changes_between_two_halves_begins_anew(serve):
    api = Api()
    api.answers = [
        Response("too large", 413),
        report(row(lon=124.9)),
        report(row(), version="public-global-presence:v6.0"),
    ]
    fetch = serve(api)

    with pytest.raises(SourceUnavailable, match=r"made anew meanwhile \(public-global-presence:v6.0\)"):
        fetch()

    assert not list(fetch()[0].path.parent.glob("*.part"))


def test_another_version_than_the_one_asked_for_is_said_and_kept(serve):
    api, told = Api(), []
    api.answers = [report(row(), version="public-global-presence:v6.0")]

    [file] = serve(api)(told=told.append)

    assert any(
        "answered from public-global-presence:v6.0, asked of public-global-presence:v5.0" in line for line in told
    )
    assert list(lines(file)[0]["body"]["entries"][0]) == ["public-global-presence:v6.0"]


def test_another_version_in_the_catalogue_is_asked_anew_and_takes_the_place_of_the_old(serve):
    [old] = serve(Api(row()))()

    [new] = serve(Api(row()), dataset="public-global-presence:v6.0")()

    assert new.state == "changed"
    assert new.replaces is not None
    assert not old.path.exists()


def test_null_in_place_of_rows_is_an_answer(serve):
    [file] = serve(Api())()

    assert lines(file)[0]["body"]["entries"] == [{V5: None}]


@pytest.mark.parametrize("body", ["<html>", '{"entries": 3}', "[]", '{"entries": [[]]}'])
def test_an_answer_that_is_no_report_is_not_kept(serve, body):
    api = Api()
    api.answers = [Response(body)] * 3

    with pytest.raises(SourceUnavailable, match="is no report"):
        serve(api)()


def test_an_answer_in_pages_is_not_taken_for_a_whole_one(serve):
    api = Api()
    api.answers = [report(row(), nextOffset=1000)]

    with pytest.raises(SourceUnavailable, match="comes in pages"):
        serve(api)()


def test_days_that_may_still_change_and_days_before_the_history_are_not_asked_for(serve):
    api = Api()
    fetch = serve(api)
    with pytest.raises(NotPublished, match="2020-12-03 may still change until 2020-12-09 00:00 UTC"):
        fetch(now=datetime(2020, 12, 8, tzinfo=UTC))
    with pytest.raises(InputError, match="before its history"):
        fetch("2011-12-31")

    assert not api.asked


def test_the_token_is_kept_nowhere(serve):
    [file] = serve(Api(row()))()

    assert all(TOKEN not in path.read_text() for path in file.path.parent.iterdir())
