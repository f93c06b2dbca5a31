"""Global Fishing Watch over a real socket: pages, cuts, refusals, and what is kept of them."""

import json
from datetime import UTC, date, datetime

import pytest
from werkzeug import Request, Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.providers import gfw
from pipeline.fetch.sources import load_sources
from pipeline.fetch.web import NotPublished, Web
from pipeline.formats.gfw_events import SOURCE
from pipeline.settings import Settings
from tests.tasks.gfw_world import page, visit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "eyJhbGciOi.secret"
SPEC = load_sources()["gfw"]
VISITS_OF = "public-global-port-visits-events:latest"
VISITS = [visit(f"p{n}", "kp-nampo-coal", f"2020-12-0{n}T06:00", f"2020-12-0{n}T20:00") for n in range(1, 6)]


class Api:
    """The events of one dataset, two a page; `answers` go before them, one a request. Ports by their ids have none of
    them, and are answered by `of_ports` if that is set; nor have the small waters of ports without an id."""

    def __init__(self, events=(), size=2):
        self.events, self.size = {VISITS_OF: list(events)}, size
        self.version = "v5.0"
        self.answers = []
        self.asked = []
        self.asked_of_ports = []
        self.asked_of_waters = []
        self.of_ports = None

    def __call__(self, request: Request) -> Response:
        body, offset = request.get_json(), int(request.args["offset"])
        if "portIds" in body:
            self.asked_of_ports.append(body)
            return self.of_ports or self.page([], 0)
        if body["geometry"]["type"] == "MultiPolygon":
            self.asked_of_waters.append(body)
            return self.page([], 0)
        self.asked.append((body["datasets"][0], offset, dict(request.args), body, dict(request.headers)))
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        return self.page(self.events.get(body["datasets"][0], []), offset)

    def page(self, events, offset):
        following = offset + self.size if offset + self.size < len(events) else None
        found = page(events[offset : offset + self.size], len(events), offset, following)
        found |= {"metadata": {"datasets": [f"visits:{self.version}"]}}
        return Response(json.dumps(found, indent=1), content_type="application/json")

    def offsets(self):
        return [offset for dataset, offset, *_ in self.asked if dataset == VISITS_OF]


@pytest.fixture
def serve(httpserver, tmp_path):
    def start(api, **changes):
        httpserver.expect_request("/v3/events", method="POST").respond_with_handler(api)
        settings = Settings(home=tmp_path, source_urls={"gfw": httpserver.url_for("")})
        spec = SPEC.model_copy(update={"per_minute": None} | changes)
        secrets = {"COALWATCH_GFW_TOKEN": TOKEN}

        def fetch(day="2020-12-03", now=NOW, told=lambda line: None):
            only = date.fromisoformat(day)
            files = gfw.fetch_days(spec, settings, only, only, secrets=secrets, now=now, progress=told)
            return [file.path for file in files]

        fetch.settings, fetch.spec = settings, spec
        return fetch

    return start


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_day_is_one_file_a_dataset_with_every_page_on_a_line(serve):
    api = Api(VISITS)

    paths = serve(api)()

    names = ("port-visits-kp", "port-visits-kp-unnamed", "port-visits", "gaps", "encounters", "loitering")
    assert [path.name for path in paths] == [f"gfw_{name}_2020-12-03_2020-12-03.jsonl" for name in names]
    assert [len(one["entries"]) for one in lines(paths[2])] == [2, 2, 1]
    assert [one["id"] for found in lines(paths[2]) for one in found["entries"]] == ["p1", "p2", "p3", "p4", "p5"]
    assert [one["entries"] for one in lines(paths[3])] == [[]]
    assert lines(paths[2])[0]["metadata"] == {"datasets": ["visits:v5.0"]}


def test_the_request_names_days_region_order_and_token(serve):
    api = Api(VISITS)
    serve(api)()
    _, _, query, body, headers = api.asked[0]

    assert (body["startDate"], body["endDate"]) == ("2020-12-03", "2020-12-04")
    assert body["geometry"]["type"] == "Polygon"
    assert body["geometry"]["coordinates"][0][0] == body["geometry"]["coordinates"][0][-1]
    assert query["sort"] == "+start"
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_where_it_came_from_is_noted_without_the_token(serve):
    path = serve(Api(VISITS))()[2]

    origin = json.loads((path.parent / f"{path.name}.origin.json").read_text())

    assert origin["fetched_at"] == NOW.isoformat()
    assert "public-global-port-visits-events" in origin["url"]
    kept = "".join(one.read_text() for one in path.parent.iterdir())
    assert TOKEN not in kept


def test_a_day_that_lies_there_is_not_asked_for_again(serve):
    api = Api(VISITS)
    fetch = serve(api)
    fetch()
    asked = len(api.asked)

    fetch()

    assert len(api.asked) == asked


def test_too_many_requests_are_waited_for_and_the_page_comes(serve):
    api = Api(VISITS)
    api.answers = [None, Response(status=429, headers={"Retry-After": "0"})]

    paths = serve(api)()

    assert len(lines(paths[2])) == 3
    assert api.offsets() == [0, 2, 2, 4]


def test_pages_that_came_before_a_failure_are_not_asked_for_again(serve):
    api = Api(VISITS)
    api.answers = [None, None, Response("not here", 404)]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable):
        fetch()

    paths = fetch()

    assert api.offsets() == [0, 2, 4, 4]
    assert [len(one["entries"]) for one in lines(paths[2])] == [2, 2, 1]


def test_a_page_torn_on_disk_is_asked_for_again(serve):
    api = Api(VISITS)
    api.answers = [None, None, Response("not here", 404)]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable):
        fetch()
    part = next((fetch.settings.landing / "gfw").glob("*.part"))
    part.write_bytes(part.read_bytes()[:-20])

    paths = fetch()

    assert api.offsets() == [0, 2, 4, 2, 4]
    assert [one["id"] for found in lines(paths[2]) for one in found["entries"]] == ["p1", "p2", "p3", "p4", "p5"]


def test_a_listing_that_moved_meanwhile_is_begun_anew(serve):
    api = Api(VISITS)
    api.answers = [None, None, Response("not here", 404)]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable):
        fetch()
    api.events[VISITS_OF].append(VISITS[0] | {"id": "p6"})

    paths = fetch()

    assert [one["total"] for one in lines(paths[2])] == [6, 6, 6]


def test_fewer_events_than_announced_are_no_whole_listing(serve):
    api = Api()
    api.answers = [Response(json.dumps(page(VISITS[:2], total=5)), content_type="application/json")]
    fetch = serve(api)

    with pytest.raises(SourceUnavailable, match="2 events came, 5 were announced"):
        fetch()
    assert not list((fetch.settings.landing / "gfw").glob("gfw_port-visits_*.jsonl"))


def test_an_expired_token_is_said_by_its_name_and_not_shown(serve):
    api = Api()
    api.answers = [Response(json.dumps({"statusCode": 401, "error": f"Unauthorized {TOKEN}"}), 401)]

    with pytest.raises(InputError, match="COALWATCH_GFW_TOKEN is wrong or expired") as caught:
        serve(api)()
    assert TOKEN not in str(caught.value)


def test_a_request_that_does_not_suit_the_server_says_why(serve):
    api = Api()
    api.answers = [Response('{"messages": [{"detail": "geometry is not supported"}]}', 422)]

    with pytest.raises(InputError, match="geometry is not supported"):
        serve(api)()


def test_an_answer_that_is_no_page_is_not_kept(serve):
    api = Api()
    api.answers = [Response("<html>maintenance</html>")]

    with pytest.raises(SourceUnavailable, match="no page of events"):
        serve(api)()


def test_a_day_that_may_still_change_is_not_asked_for(serve):
    api = Api(VISITS)
    fetch = serve(api)

    with pytest.raises(NotPublished, match="2020-12-09"):
        fetch(now=datetime(2020, 12, 8, 23, tzinfo=UTC))
    assert api.asked == []

    fetch(now=datetime(2020, 12, 9, tzinfo=UTC))
    assert api.asked


def test_a_long_range_is_cut_into_files(serve):
    fetch = serve(Api(VISITS))

    files = gfw.fetch_days(
        fetch.spec, fetch.settings, date(2020, 11, 1), date(2020, 12, 5), secrets={"T": TOKEN}, now=NOW,
        progress=lambda line: None,
    )  # fmt: skip

    spans = {}
    for file in files:
        _, dataset, first, last = file.path.stem.split("_")
        assert file.day.isoformat() == first
        spans.setdefault(dataset, []).append((first, last))
    assert spans["port-visits-kp"] == [("2020-11-01", "2020-12-05")]
    assert spans["gaps"][:2] == [("2020-11-01", "2020-11-07"), ("2020-11-08", "2020-11-14")]
    assert spans["port-visits"][-1] == ("2020-12-05", "2020-12-05")
    assert len(spans["port-visits"]) == 35


def test_ports_of_north_korea_are_asked_for_by_their_ids_and_not_by_the_sea_around_them(serve):
    api = Api(VISITS)
    serve(api)()

    (body,) = api.asked_of_ports
    assert {"prk-nampo", "prk-haeju", "prk-haejuhang", "prk-wonsan"} <= set(body["portIds"])
    assert "geometry" not in body
    assert all("geometry" in asked and "portIds" not in asked for *_, asked, _ in api.asked)


def test_ports_without_an_id_are_asked_for_by_small_waters_before_the_whole_sea(serve):
    api = Api(VISITS)
    serve(api)()

    (body,) = api.asked_of_waters
    assert body["datasets"] == [VISITS_OF]
    songnim = (125.63, 38.75)
    boxes = [(ring[0], ring[2]) for (ring,) in body["geometry"]["coordinates"]]
    assert any(a[0] < songnim[0] < b[0] and a[1] < songnim[1] < b[1] for a, b in boxes)


def test_a_server_that_takes_no_port_ids_is_asked_for_the_rest_and_it_is_said(serve):
    api, said = Api(VISITS), []
    api.of_ports = Response('{"messages": [{"detail": "property portIds should not exist"}]}', 422)

    paths = serve(api)(told=said.append)

    assert [path.name.split("_")[1] for path in paths] == [
        "port-visits-kp-unnamed", "port-visits", "gaps", "encounters", "loitering",
    ]  # fmt: skip
    assert any("portIds should not exist" in line and "the sea around them is" in line for line in said)


def test_a_token_that_is_refused_for_ports_too_ends_the_fetch(serve):
    api = Api(VISITS)
    api.of_ports = Response("Unauthorized", 401)

    with pytest.raises(InputError, match="COALWATCH_GFW_TOKEN is wrong or expired"):
        serve(api)()
    assert api.asked == []


def test_a_listing_of_a_new_version_of_the_data_is_begun_anew(serve):
    api = Api(VISITS)
    api.answers = [None, None, Response("not here", 404)]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable):
        fetch()
    api.version = "v6.0"

    paths = fetch()

    assert {one["metadata"]["datasets"][0] for one in lines(paths[2])} == {"visits:v6.0"}


def test_an_answer_is_waited_for_as_long_as_a_busy_sea_takes(serve, monkeypatch):
    waits, as_it_is = [], Web.__init__
    monkeypatch.setattr(
        Web, "__init__", lambda self, *a, **k: (waits.append(k["timeout_s"]), as_it_is(self, *a, **k))[1]
    )

    serve(Api(VISITS))()

    assert waits == [SPEC.requests.timeout_s]
    assert waits[0] > 100  # its server gives up after 100 s


def test_the_terms_travel_with_the_files_as_the_catalogue_states_them():
    assert SOURCE.licence == SPEC.licence
    assert SPEC.commercial_use is False
