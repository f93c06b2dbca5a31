"""Particulars of ships from Global Fishing Watch over a real socket: batches, cuts, refusals, and what is kept."""

import json
from datetime import UTC, datetime

import pytest
from werkzeug import Request, Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.providers.gfw_vessels import fetch_by_id
from pipeline.fetch.sources import load_sources
from pipeline.formats.gfw_vessels import SOURCE
from pipeline.settings import Settings
from tests.lake.files import format_of
from tests.tasks.gfw_world import hull, identity, ships_page

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
TOKEN = "eyJhbGciOi.secret"
SPEC = load_sources()["gfw_vessels"]
SHIPS = [f"ship-35199000{n}" for n in range(1, 6)]


class Api:
    """Every ship, as the documentation shapes an answer; `answers` go before them, one a request."""

    def __init__(self):
        self.answers = []
        self.asked = []
        self.headers = []

    def __call__(self, request: Request) -> Response:
        ids = [value for name, value in request.args.items() if name.startswith("ids[")]
        self.asked.append(ids)
        self.headers.append((dict(request.args), dict(request.headers)))
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        entries = [hull(identity(int(ship.removeprefix("ship-")))) for ship in ids]
        return Response(json.dumps(ships_page(entries), indent=1), content_type="application/json")


@pytest.fixture
def serve(httpserver, tmp_path):
    def start(api):
        httpserver.expect_request("/v3/vessels", method="GET").respond_with_handler(api)
        settings = Settings(home=tmp_path, source_urls={"gfw_vessels": httpserver.url_for("")})
        two = SPEC.vessels.model_copy(update={"ids_per_request": 2})
        spec = SPEC.model_copy(update={"per_minute": None, "vessels": two})

        def fetch(ships=SHIPS, now=NOW, **options):
            secrets = {"COALWATCH_GFW_TOKEN": TOKEN}
            return fetch_by_id(
                spec, settings, ships, secrets=secrets, now=now, **{"progress": lambda line: None} | options
            ).path

        fetch.folder = settings.landing / "gfw_vessels"
        return fetch

    return start


def ships_in(path):
    pages = [json.loads(line) for line in path.read_text().splitlines()]
    return [[entry["selfReportedInfo"][0]["id"] for entry in one["entries"]] for one in pages]


def test_ships_are_asked_for_in_batches_and_each_answer_is_a_line(serve):
    api = Api()

    path = serve(api)()

    assert api.asked == [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]
    assert ships_in(path) == api.asked
    assert path.name.startswith("gfw_vessels_2026-01-05_")
    assert not list(path.parent.glob("*.part"))


def test_the_request_names_dataset_registries_and_token(serve):
    api = Api()
    serve(api)()
    query, headers = api.headers[0]

    assert query["datasets[0]"] == "public-global-vessel-identity:latest"
    assert query["registries-info-data"] == "ALL"
    assert (query["ids[0]"], query["ids[1]"]) == tuple(SHIPS[:2])
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_where_it_came_from_is_noted_without_the_token(serve):
    path = serve(Api())()

    origin = json.loads((path.parent / f"{path.name}.origin.json").read_text())

    assert origin["fetched_at"] == NOW.isoformat()
    assert "public-global-vessel-identity" in origin["url"]
    assert "5 ships" in origin["url"]
    assert TOKEN not in "".join(one.read_text() for one in path.parent.iterdir())


def test_what_lies_there_is_not_asked_for_again_unless_it_is_wanted(serve):
    api = Api()
    fetch = serve(api)
    path = fetch()

    assert fetch() == path
    assert len(api.asked) == 3
    assert fetch(again=True) == path
    assert len(api.asked) == 6


@pytest.mark.parametrize(
    ("change", "files"),
    [({}, 1), ({"ships": SHIPS[:4]}, 2), ({"now": datetime(2026, 1, 12, 3, tzinfo=UTC)}, 2)],
)
def test_other_ships_or_another_day_are_another_file(serve, change, files):
    fetch = serve(Api())

    assert len({fetch(), fetch(**change)}) == files


def test_too_many_requests_are_waited_for_and_the_answer_comes(serve):
    api = Api()
    api.answers = [None, Response(status=429, headers={"Retry-After": "0"})]

    path = serve(api)()

    assert ships_in(path) == [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]
    assert api.asked == [SHIPS[:2], SHIPS[2:4], SHIPS[2:4], SHIPS[4:]]


def test_answers_that_came_before_a_failure_are_not_asked_for_again(serve):
    api = Api()
    api.answers = [None, Response("<html>maintenance</html>")]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable, match=r'no whole page of ships \(begins "<html>'):
        fetch()

    path = fetch()

    assert api.asked == [SHIPS[:2], SHIPS[2:4], SHIPS[2:4], SHIPS[4:]]
    assert ships_in(path) == [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]


def test_an_answer_torn_on_disk_is_asked_for_again(serve):
    api = Api()
    api.answers = [None, None, Response("<html>maintenance</html>")]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable):
        fetch()
    part = next(fetch.folder.glob("*.part"))
    part.write_bytes(part.read_bytes()[:-20])

    path = fetch()

    assert api.asked[3:] == [SHIPS[2:4], SHIPS[4:]]
    assert ships_in(path) == [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]


def test_what_an_earlier_day_left_is_begun_anew(serve):
    api = Api()
    api.answers = [None, Response("<html>maintenance</html>")]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable):
        fetch()

    path = fetch(now=datetime(2026, 1, 6, tzinfo=UTC))

    assert api.asked[2:] == [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]
    assert [one.name for one in path.parent.glob("*.jsonl*")].count(path.name) == 1
    assert not list(path.parent.glob("*.part"))


@pytest.mark.parametrize("answer", ["[]", "{}", '{"entries": null}', '{"entries": [], "total": 2}', '{"entries": [{}'])
def test_an_answer_that_is_not_whole_is_not_kept(serve, answer):
    api = Api()
    api.answers = [Response(answer)]
    fetch = serve(api)

    with pytest.raises(SourceUnavailable, match="no whole page of ships"):
        fetch()
    assert not list(fetch.folder.glob("*.jsonl"))


@pytest.mark.parametrize("unknown", [0, 1, 2])
def test_a_batch_that_the_server_does_not_know_is_said_and_the_others_come(serve, unknown):
    api, said = Api(), []
    api.answers = [None] * unknown + [Response("not here", 404)]

    path = serve(api)(progress=said.append)

    batches = [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]
    assert api.asked == batches
    assert ships_in(path) == batches[:unknown] + batches[unknown + 1 :]
    of = len(batches[unknown])
    assert f"gfw_vessels: the server knows none of {of} ships, like {batches[unknown][0]} (404); going on" in said
    assert format_of(path) == "gfw_vessels"


def test_a_refresh_goes_on_behind_a_batch_that_the_server_does_not_know(serve):
    api = Api()
    api.answers = [Response("not here", 404), None, Response("<html>maintenance</html>")]
    fetch = serve(api)
    with pytest.raises(SourceUnavailable, match="no whole page"):
        fetch()

    path = fetch()

    assert api.asked == [SHIPS[:2], SHIPS[2:4], SHIPS[4:], SHIPS[4:]]
    assert ships_in(path) == [SHIPS[2:4], SHIPS[4:]]


def test_a_server_that_knows_none_of_all_ships_is_said_and_asked_again(serve):
    api = Api()
    api.answers = [Response("not here", 404)] * 3
    fetch = serve(api)
    with pytest.raises(SourceUnavailable, match="404 for all of 5 ships, like ship-351990001"):
        fetch()
    assert not list(fetch.folder.glob("*.jsonl*"))

    assert ships_in(fetch()) == [SHIPS[:2], SHIPS[2:4], SHIPS[4:]]


def test_what_another_refresh_of_the_day_is_writing_is_left_alone(serve):
    fetch = serve(Api())
    fetch.folder.mkdir(parents=True)
    today, before = (fetch.folder / f"gfw_vessels_2026-01-0{day}_abcdef01.jsonl.part" for day in (5, 4))
    for left in (today, before):
        left.write_text("{}\n")

    fetch()

    assert list(fetch.folder.glob("*.part")) == [today]


def test_an_expired_token_is_said_by_its_name_and_not_shown(serve):
    api = Api()
    api.answers = [Response(json.dumps({"statusCode": 401, "error": f"Unauthorized {TOKEN}"}), 401)]

    with pytest.raises(InputError, match="COALWATCH_GFW_TOKEN is wrong or expired") as caught:
        serve(api)()
    assert TOKEN not in str(caught.value)


def test_a_request_that_does_not_suit_the_server_says_why(serve):
    api = Api()
    api.answers = [Response('{"messages": [{"detail": "too many ids"}]}', 422)]

    with pytest.raises(InputError, match="too many ids"):
        serve(api)()


def test_it_asks_for_ships_and_of_that_source_alone(tmp_path):
    options = {"secrets": {}, "now": NOW, "progress": lambda line: None}
    with pytest.raises(InputError, match="no ship to ask for"):
        fetch_by_id(SPEC, Settings(home=tmp_path), [], **options)
    with pytest.raises(InputError, match="gives no particulars of ships"):
        fetch_by_id(load_sources()["gfw"], Settings(home=tmp_path), SHIPS, **options)


def test_the_terms_travel_with_the_files_as_the_catalogue_states_them():
    assert SOURCE.licence == SPEC.licence
    assert SPEC.commercial_use is False
