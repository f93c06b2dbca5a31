"""The catalogue of Copernicus over a real socket: what is asked, pages, a busy, broken or changing server, resuming."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from werkzeug import Request, Response

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.provider import Provider
from pipeline.fetch.providers import copernicus
from pipeline.fetch.registry import provider_of
from pipeline.fetch.sources import load_sources
from pipeline.fetch.web import NotPublished
from pipeline.settings import Settings
from tests.tasks.catalogue_world import image, page

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPEC = load_sources()["copernicus"]
FIRST = datetime(2020, 12, 3, 9, 28, 34, tzinfo=UTC)
IMAGES = [image(FIRST + timedelta(days=2 * n)) for n in range(5)]


class Catalogue:
    """Answers `Products` as documented, in pages; `answers` go before."""

    def __init__(self, images=IMAGES):
        self.images, self.answers, self.asked = images, [], []

    def __call__(self, request: Request) -> Response:
        self.asked.append(dict(request.args))
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        skip, top = int(request.args["$skip"]), int(request.args["$top"])
        found = page(self.images[skip : skip + top]) | {"@odata.count": len(self.images)}
        if skip + top < len(self.images):
            found["@odata.nextLink"] = (
                f"https://catalogue.dataspace.copernicus.eu/odata/v1/Products?%24skip={skip + top}"
            )
        return Response(json.dumps(found), content_type="application/json")


@pytest.fixture
def serve(httpserver, tmp_path):
    def start(catalogue, page_size=2):
        httpserver.expect_request("/odata/v1/Products", method="GET").respond_with_handler(catalogue)
        settings = Settings(home=tmp_path, source_urls={"copernicus": httpserver.url_for("")})
        asked = SPEC.passes.model_copy(update={"page_size": page_size})
        spec = SPEC.model_copy(update={"per_minute": None, "passes": asked})

        def fetch(first="2020-12-01", last="2020-12-31", *, again=False, now=NOW):
            days = date.fromisoformat(first), date.fromisoformat(last)
            return copernicus.fetch_days(
                spec, settings, *days, secrets={}, now=now, progress=lambda line: None, again=again
            )

        return fetch

    return start


def names(file):
    lines = [json.loads(line) for line in file.path.read_text().splitlines()]
    return [one["Name"] for line in lines for one in line["body"]["value"]]


def busy(status=429):
    return Response("try later", status, headers={"Retry-After": "0"})


def test_a_month_is_one_file_of_all_pages_with_the_question_beside_each(serve):
    catalogue = Catalogue()
    [file] = serve(catalogue)()

    assert file.state == "fetched"
    assert file.path.name.startswith("copernicus_nampo_2020-12-01_2020-12-31_")
    assert names(file) == [one["Name"] for one in IMAGES]
    assert [asked["$skip"] for asked in catalogue.asked] == ["0", "2", "4"]
    assert json.loads(file.path.read_text().splitlines()[1])["asked"]["$skip"] == "2"


def test_the_request_is_the_one_that_is_documented_and_carries_no_token(serve, httpserver):
    catalogue = Catalogue(IMAGES[:1])
    serve(catalogue)()

    assert catalogue.asked[0] == {
        "$filter": "Collection/Name eq 'SENTINEL-1' and contains(Name,'_IW_GRD') and "
        "OData.CSC.Intersects(area=geography'SRID=4326;"
        "POLYGON((123.6 37.7,125.7 37.7,125.7 39.4,123.6 39.4,123.6 37.7))')"
        " and ContentDate/Start ge 2020-12-01T00:00:00.000Z and ContentDate/Start lt 2021-01-01T00:00:00.000Z",
        "$orderby": "ContentDate/Start asc", "$top": "2", "$skip": "0", "$count": "True",
    }  # fmt: skip
    assert "Authorization" not in httpserver.log[0][0].headers


def test_spans_end_with_their_month_and_days_that_lie_there_are_not_asked_for(serve):
    catalogue = Catalogue([])
    fetch = serve(catalogue)
    fetch("2020-12-10", "2020-12-12")

    files = fetch("2020-11-29", "2020-12-31")

    assert [file.path.name[17:38] for file in files] == [
        "2020-11-29_2020-11-30", "2020-12-01_2020-12-09", "2020-12-10_2020-12-12", "2020-12-13_2020-12-31",
    ]  # fmt: skip
    assert [file.state for file in files] == ["fetched", "fetched", "there", "fetched"]


def test_a_span_without_images_is_an_answer(serve):
    [file] = serve(Catalogue([]))()

    assert names(file) == []
    assert file.path.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_server_is_waited_for(serve, status):
    catalogue = Catalogue()
    catalogue.answers = [None, busy(status)]

    assert len(names(serve(catalogue)()[0])) == 5
    assert [asked["$skip"] for asked in catalogue.asked] == ["0", "2", "2", "4"]


def test_a_call_goes_on_where_the_one_before_stopped(serve, tmp_path):
    catalogue = Catalogue()
    catalogue.answers = [None, *[busy(503)] * 5]
    fetch = serve(catalogue)
    with pytest.raises(SourceUnavailable, match=r"503.* after 5 attempts"):
        fetch()
    assert not list((tmp_path / "landing" / "copernicus").glob("*.jsonl"))
    catalogue.asked.clear()

    [file] = fetch()

    assert [asked["$skip"] for asked in catalogue.asked] == ["2", "4"]
    assert names(file) == [one["Name"] for one in IMAGES]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("<html>maintenance</html>", "is no page of the catalogue"),
        ('{"detail": "no"}', "is no page of the catalogue"),
        ('{"value": {}}', "is no page of the catalogue"),
        (json.dumps(page([image(FIRST + timedelta(days=90))])), "holds other days"),
        (json.dumps(page(IMAGES[:1]) | {"@odata.count": 3}), "1 images came, 3 were announced"),
    ],
)
def test_an_answer_that_is_none_leaves_no_file(serve, tmp_path, answer, said):
    catalogue = Catalogue()
    catalogue.answers = [Response(answer, content_type="application/json")]

    with pytest.raises(SourceUnavailable, match=said):
        serve(catalogue)()
    assert not list((tmp_path / "landing" / "copernicus").glob("*.jsonl"))


def test_a_listing_that_changes_while_it_is_read_is_read_anew(serve):
    catalogue, more = Catalogue(), page(IMAGES[2:4]) | {"@odata.count": 6}
    catalogue.answers = [None, Response(json.dumps(more), content_type="application/json")]
    fetch = serve(catalogue)
    with pytest.raises(SourceUnavailable, match=r"changed while it was read \(5 images, now 6\)"):
        fetch()

    assert len(names(fetch()[0])) == 5


def test_a_full_page_that_names_no_next_one_and_no_count_is_not_taken_for_the_last(serve):
    catalogue = Catalogue()
    bare = {"@odata.context": "$metadata#Products", "value": IMAGES[:2]}
    rest = {"@odata.context": "$metadata#Products", "value": IMAGES[2:3]}
    catalogue.answers = [Response(json.dumps(one), content_type="application/json") for one in (bare, rest)]

    assert len(names(serve(catalogue)()[0])) == 3


def test_what_a_question_does_not_suit_is_said_in_the_servers_words(serve):
    catalogue = Catalogue()
    catalogue.answers = [Response('{"detail": "Input should be less than or equal to 10000"}', 422)]

    with pytest.raises(InputError, match="less than or equal to 10000"):
        serve(catalogue)()


def test_days_that_are_not_settled_are_not_asked_for(serve):
    with pytest.raises(NotPublished, match="may still change until"):
        serve(Catalogue())(now=datetime(2021, 1, 2, tzinfo=UTC))


def test_another_edition_takes_the_place_of_the_first(serve):
    catalogue = Catalogue()
    fetch = serve(catalogue)
    fetch()
    catalogue.images = IMAGES[:4]

    [file] = fetch(again=True)

    assert file.state == "changed"
    assert len(names(file)) == 4


def test_it_plans_without_asking_and_is_asked_wherever_radar_is(tmp_path):
    provider: Provider = provider_of(SPEC)
    planned = provider.plan_days(SPEC, Settings(home=tmp_path), date(2020, 11, 20), date(2021, 1, 3))
    asked = {region.name: region.polygon for region in SPEC.passes.regions}

    assert [one.about_s for one in planned] == [5.0] * 3
    assert asked == {region.name: region.polygon for region in load_sources()["gfw_radar"].reports.regions}
