"""The commands on sanctions lists, as people use them."""

import json

import pytest

from pipeline.cli import main
from tests.cli.conftest import one_line
from tests.tasks.uk_lists import uk_file, uk_ships


@pytest.fixture
def file(tmp_path):
    """A report of the UK Sanctions List in which the first ship of the seeds' edition is missing."""
    path = tmp_path / "UK-Sanctions-List.csv"
    path.write_bytes(uk_file(uk_ships()[1:]))
    return path


def test_lists_need_no_home_and_make_none(invoke, tmp_path):
    shown = invoke("lists", "--home", tmp_path / "home")

    assert shown.exit_code == 0
    assert "2026-04-29  seeds" in shown.stdout
    assert "(not tried)" in " ".join(shown.stdout.split())
    assert not (tmp_path / "home").exists()


def test_an_import_says_what_vanished_and_the_list_shows_it(invoke, tmp_path, file):
    home = tmp_path / "home"

    imported = invoke("lists", "import", "uk", file, "--home", home)
    shown = invoke("lists", "--home", home)
    ship = invoke("lists", "show", "IMO 9562233", "--home", home)

    assert imported.exit_code == 0, imported.stderr
    assert "new edition of 2026-06-30: 36 ships" in imported.stdout
    assert "1: Petrel 8 (IMO 9562233)" in imported.stdout
    assert any(line.split()[:2] == ["2026-06-30", "uk-csv"] for line in shown.stdout.splitlines())
    assert "gone by the edition of 2026-06-30" in " ".join(ship.stdout.split())


def test_json_is_one_object_and_a_try_writes_nothing(invoke, tmp_path, file):
    home = tmp_path / "home"

    tried = invoke("lists", "import", "uk", file, "--dry-run", "--json", "--home", home)
    shown = json.loads(invoke("lists", "--json", "--home", home).stdout)

    report = json.loads(tried.stdout)
    assert (report["outcome"], report["imo_unread"]) == ("new", 0)
    assert {one["watchlist_id"] for one in shown} >= {"un-1718", "uk-dprk", "ofac-sdn", "eu-fsf"}
    assert not home.exists()


def test_a_wrong_list_is_one_line_and_exit_code_2(invoke, tmp_path, file):
    done = invoke("lists", "import", "ofac", file, "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "looks like the UK Sanctions List as CSV (uk-dprk)" in one_line(done.stderr)


def test_a_file_that_is_not_there_is_one_line(invoke, tmp_path):
    done = invoke("lists", "import", "uk", tmp_path / "none.csv", "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "none.csv" in one_line(done.stderr)


def test_a_refresh_tells_each_list_and_fails_if_one_did(invoke, tmp_path, monkeypatch, httpserver):
    from pipeline.tasks.lists import lists_with_address

    httpserver.expect_request("/uk-dprk.csv").respond_with_data(uk_file(uk_ships()[1:]))
    httpserver.expect_request("/none.csv").respond_with_data("gone", status=404)
    urls = {name: httpserver.url_for("/none.csv") for name in lists_with_address()}
    urls["uk-dprk"] = httpserver.url_for("/uk-dprk.csv")
    monkeypatch.setenv("COALWATCH_SOURCE_URLS", json.dumps(urls))

    done = invoke("lists", "refresh", "--home", tmp_path / "home")

    assert done.exit_code == 3
    assert "uk-dprk  new edition of 2026-06-30: 36 ships" in done.stdout
    assert done.stdout.count("failed") == len(urls) - 1
    assert "not refreshed" in one_line(done.stderr)


def test_every_command_on_lists_is_there():
    assert set(main.commands["lists"].commands) == {"show", "import", "refresh"}
