"""Reports to hand on: self-contained, the same bytes twice, with sources, date and what AIS cannot prove in each."""

import json
import re

import pytest

from pipeline.publish.alert_words import CANNOT_PROVE

ALL = [("claim", "D01"), ("claims",), ("weekly",)]


@pytest.fixture(scope="module")
def alert(invoke_once, told):
    return json.loads(invoke_once("alerts", "list", "--all", "--json", "--home", told).stdout)[0]


@pytest.fixture(scope="module")
def invoke_once():
    from click.testing import CliRunner

    from pipeline.cli import main

    def invoked(*words):
        found = CliRunner().invoke(main, [str(word) for word in words])
        assert found.exit_code == 0, found.output
        return found

    return invoked


def written(invoke_once, told, path, *words):
    invoke_once("report", *words, "--html", path, "--home", told)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_report_says_where_it_is_from_and_what_ais_cannot_prove(words, invoke_once, told, tmp_path):
    page = written(invoke_once, told, tmp_path / "page.html", *words)

    assert CANNOT_PROVE[0] in page
    assert "data to 20" in page
    assert "All times are UTC" in page


def test_the_report_of_an_alert_needs_no_other_file_and_runs_no_script(invoke_once, told, alert, tmp_path):
    page = written(invoke_once, told, tmp_path / "alert.html", "alert", alert["alert_id"])

    assert alert["headline"] in page.replace("&#39;", "'")
    assert "Best innocent explanation" in page
    assert "data:image/svg+xml" in page
    assert not re.search(r"<script|(?:src|href)=\"(?!data:)", page)


def test_the_report_of_a_ship_says_what_a_no_rests_on(invoke_once, told, alert, tmp_path):
    page = written(invoke_once, told, tmp_path / "ship.html", "ship", alert["imo"] or alert["mmsi"])

    assert "days is at hand" in page
    assert CANNOT_PROVE[0] in page


def test_a_report_as_pdf_is_the_same_twice(invoke_once, told, tmp_path):
    for name in ("one.pdf", "other.pdf"):
        invoke_once("report", "claim", "D01", "--pdf", tmp_path / name, "--home", told)

    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "other.pdf").read_bytes()


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("name", "begins"), [("map.html", b"<!doctype html>"), ("map.svg", b"<?xml"), ("map.png", b"\x89PNG")]
)
def test_the_map_of_an_alert_is_one_file(name, begins, invoke_once, told, alert, tmp_path):
    invoke_once("alerts", "show", alert["alert_id"], "--map", tmp_path / name, "--home", told)

    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_timeline_of_an_alert_is_drawn_for_print(invoke_once, told, alert, tmp_path):
    invoke_once("alerts", "show", alert["alert_id"], "--timeline", tmp_path / "line.png", "--home", told)

    assert (tmp_path / "line.png").read_bytes().startswith(b"\x89PNG")


def test_a_map_of_another_form_is_refused(invoke, told, alert, tmp_path):
    found = invoke("alerts", "show", alert["alert_id"], "--map", tmp_path / "map.pdf", "--home", told)

    assert found.exit_code == 2
    assert "expected a name that ends in .html, .svg or .png" in found.output


def test_two_forms_in_one_file_are_refused(invoke, told, tmp_path):
    found = invoke("report", "claim", "D01", "--pdf", tmp_path / "one", "--html", tmp_path / "one", "--home", told)

    assert found.exit_code == 2
    assert not (tmp_path / "one").exists()


def test_a_name_that_means_no_ship_is_refused(invoke, told, tmp_path):
    found = invoke("report", "ship", "no such ship", "--pdf", tmp_path / "ship.pdf", "--home", told)

    assert found.exit_code == 2
    assert not (tmp_path / "ship.pdf").exists()
