"""Lists fetched from their publishers: what changed is taken, what failed is told, and nothing is asked twice."""

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.errors import InputError
from pipeline.lake.editions import read_kept
from pipeline.settings import Settings
from pipeline.tasks import lists
from tests.tasks.uk_lists import NOW, uk_file, uk_ships


def at(server: HTTPServer, settings: Settings, *names: str) -> Settings:
    """Settings that send us to a server of our own for some lists; the others are not published there."""
    server.expect_request("/none.csv").respond_with_data("gone", status=404)
    addresses = {name: f"/{name if name in names else 'none'}.csv" for name in lists.lists_with_address()}
    return Settings(settings.home, source_urls={name: server.url_for(path) for name, path in addresses.items()})


def refreshed(settings: Settings) -> dict[str, lists.ListReport]:
    reports = lists.refresh_lists(settings, now=NOW, progress=lambda line: None)
    return {one.watchlist_id: one for one in reports}


def served(data: bytes, etag: str):
    """An answer that knows whether it has changed."""

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304)
        return Response(data, headers={"ETag": etag})

    return answer


def test_a_refresh_takes_what_changed_and_one_failing_list_stops_no_other(settings, httpserver: HTTPServer):
    httpserver.expect_request("/uk-dprk.csv").respond_with_handler(served(uk_file(uk_ships()), '"one"'))
    httpserver.expect_request("/ofac-sdn.csv").respond_with_data("<!doctype html><html>Maintenance</html>")
    mirror = at(httpserver, settings, "uk-dprk", "ofac-sdn")

    reports = refreshed(mirror)

    assert {name: one.outcome for name, one in reports.items()} == {
        "uk-dprk": "new", "ofac-sdn": "failed", "eu-fsf": "failed",
    }  # fmt: skip
    assert "it is a web page" in reports["ofac-sdn"].reason
    assert "404" in reports["eu-fsf"].reason
    kept = read_kept(settings.home)[0]
    assert (kept.url, kept.etag) == (mirror.source_urls["uk-dprk"], '"one"')
    with pytest.raises(Exception, match=r"eu-fsf, ofac-sdn: not refreshed"):
        lists.refuse_failed(list(reports.values()))


def test_a_list_that_did_not_change_is_asked_for_by_its_tag_and_not_sent_again(settings, httpserver: HTTPServer):
    httpserver.expect_request("/uk-dprk.csv").respond_with_handler(served(uk_file(uk_ships()), '"one"'))
    mirror = at(httpserver, settings, "uk-dprk")
    refreshed(mirror)

    assert refreshed(mirror)["uk-dprk"].outcome == "unchanged"
    assert [answer.status_code for request, answer in httpserver.log if "uk" in request.path] == [200, 304]
    assert len(read_kept(settings.home)) == 1


def test_a_changed_list_is_a_new_edition_of_the_day_it_states(settings, httpserver: HTTPServer):
    rows = uk_ships()
    for day, ships in (("30-Jun-2026", rows), ("31-Jul-2026", rows[1:])):
        httpserver.clear()
        mirror = at(httpserver, settings, "uk-dprk")
        httpserver.expect_request("/uk-dprk.csv").respond_with_handler(served(uk_file(ships, day), f'"{day}"'))
        report = refreshed(mirror)["uk-dprk"]

    assert (report.outcome, report.published_on) == ("new", "2026-07-31")
    assert report.vanished == ["Petrel 8 (IMO 9562233)"]


def test_a_list_that_lost_its_ships_on_the_way_is_not_taken(settings, httpserver: HTTPServer):
    httpserver.expect_request("/uk-dprk.csv").respond_with_data(uk_file(uk_ships()[:3]))

    assert "names 3 ships" in refreshed(at(httpserver, settings, "uk-dprk"))["uk-dprk"].reason
    assert read_kept(settings.home) == []


def test_a_list_without_an_address_is_not_fetched(settings):
    with pytest.raises(InputError, match="un-1718: no address is known; download the list and import it"):
        lists.refresh_list(settings, "un-1718", now=NOW, progress=lambda line: None)
    assert "un-1718" not in lists.lists_with_address()


@pytest.mark.parametrize("found", [True, False])
def test_a_mirrors_password_and_key_are_neither_told_nor_kept(settings, httpserver: HTTPServer, found: bool):
    answer = served(uk_file(uk_ships()), '"one"') if found else Response(status=404)
    httpserver.expect_request("/uk.csv").respond_with_handler(answer if found else lambda request: answer)
    url = httpserver.url_for("/uk.csv").replace("://", "://joe:xq7@zq8@") + "?key=topsecret"
    mirror = at(httpserver, settings)
    mirror = Settings(mirror.home, source_urls={**mirror.source_urls, "uk-dprk": url})
    told: list[str] = []

    reports = lists.refresh_lists(mirror, now=NOW, progress=told.append)

    report = next(one for one in reports if one.watchlist_id == "uk-dprk")
    assert report.outcome == ("new" if found else "failed")
    notes = [path.read_text(encoding="utf-8") for path in settings.home.glob("lists/*/*.edition.json")]
    assert len(notes) == found
    everything = "\n".join([*told, *notes, str(report)])
    assert "uk.csv" in everything
    assert not [secret for secret in ("joe", "xq7", "zq8", "topsecret") if secret in everything]
    if found:
        again = lists.refresh_list(mirror, "uk-dprk", now=NOW, progress=told.append)
        assert again["outcome"] == "unchanged"
        assert httpserver.log[-1][1].status_code == 304
