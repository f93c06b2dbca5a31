"""Ships that lists name: their ids by IMO number, then their events wherever they were, over a real socket."""

import json
from datetime import UTC, date, datetime

import pytest
from werkzeug import Response

from pipeline.errors import InputError
from pipeline.fetch import sources
from pipeline.settings import Settings
from pipeline.tasks import arrivals, fetch
from tests.tasks.gfw_world import MMSI, hull, identity, page

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRETS = {"COALWATCH_GFW_TOKEN": "t"}
LISTED = 8628597  # Hao Fan 6
DAY = date(2020, 12, 3)


class Api:
    """Knows one hull by her number, and no events."""

    def __init__(self):
        self.searched, self.bodies = [], []

    def search(self, request):
        self.searched.append(dict(request.args))
        found = [hull(identity(imo=str(LISTED)))] if request.args["where"] == f"imo='{LISTED}'" else []
        return Response(json.dumps({"entries": found, "total": len(found), "limit": 50, "since": None}))

    def events(self, request):
        self.bodies.append(request.get_json())
        return Response(json.dumps(page([])))


@pytest.fixture
def installed(httpserver, tmp_path, monkeypatch):
    api = Api()
    httpserver.expect_request("/v3/vessels/search").respond_with_handler(api.search)
    httpserver.expect_request("/v3/events", method="POST").respond_with_handler(api.events)
    address = httpserver.url_for("")
    specs = {name: one.model_copy(update={"per_minute": None}) for name, one in sources.load_sources().items()}
    monkeypatch.setattr(sources, "load_sources", lambda: specs)
    monkeypatch.setattr(fetch, "_listed_numbers", lambda settings: [LISTED, 8628602])
    settings = Settings(home=tmp_path, source_urls={"gfw": address, "gfw_listed": address})
    return settings, api


def refresh(settings, said):
    return arrivals.refresh_particulars(
        settings, "gfw_listed", secrets=SECRETS, now=NOW, progress=said.append
    )  # fmt: skip


def fetch_day(settings, said):
    return fetch.fetch_days(settings, "gfw", DAY, DAY, secrets=SECRETS, now=NOW, progress=said.append)


def test_listed_ships_are_searched_by_number_and_their_events_asked_for_by_the_ids_found(installed):
    settings, api = installed
    said = []
    report = refresh(settings, said)

    files = fetch_day(settings, said)

    assert (report["asked"], report["rows_read"], report["rejected"]) == (2, 1, 0)
    assert [one["where"] for one in api.searched] == [f"imo='{LISTED}'", "imo='8628602'"]
    of_ships = [body for body in api.bodies if "vessels" in body]
    assert [body["vessels"] for body in of_ships] == [[f"ship-{MMSI}"]] * 4
    assert all("geometry" not in body for body in of_ships)
    assert sum("listed-" in one["name"] for one in files) == 4


def test_where_no_listed_ship_is_known_to_the_provider_the_answer_lands_and_nothing_follows(installed, monkeypatch):
    settings, api = installed
    monkeypatch.setattr(fetch, "_listed_numbers", lambda settings: [8628602])

    report = refresh(settings, [])

    assert (report["asked"], report["rows_read"]) == (1, 0)
    fetch_day(settings, [])
    assert not [body for body in api.bodies if "vessels" in body]


def test_lists_without_a_number_ask_nobody_and_say_so(installed, monkeypatch):
    settings, api = installed
    monkeypatch.setattr(fetch, "_listed_numbers", lambda settings: [])

    report = refresh(settings, said := [])

    assert said == ["gfw_listed: no list names a ship with an IMO number; nothing was requested"]
    assert report["asked"] == 0
    assert api.searched == []


def test_a_refused_token_is_said_at_the_first_number(installed, httpserver):
    settings, _ = installed
    httpserver.clear()
    httpserver.expect_request("/v3/vessels/search").respond_with_data("no", status=403)

    with pytest.raises(InputError, match="COALWATCH_GFW_TOKEN"):
        refresh(settings, [])

    assert len(httpserver.log) == 1


def test_without_a_known_id_the_rest_is_asked_for_and_it_is_said_how_to_learn_them(installed):
    settings, api = installed
    said = []

    fetch_day(settings, said)

    assert not [body for body in api.bodies if "vessels" in body]
    assert any("coalwatch fetch gfw_listed" in line for line in said)
