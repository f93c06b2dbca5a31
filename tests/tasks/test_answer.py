"""The article answered: every kind of evidence side by side, from whatever there is, and what to ask next."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import InputError
from pipeline.fetch.providers.gfw_figures import plan_figures
from pipeline.fetch.sources import load_sources
from pipeline.settings import Settings
from pipeline.show.answer import markdown, show_answer
from pipeline.tasks.answer import answer_article
from pipeline.tasks.observe import observe
from tests.tasks.radar_world import AT_SEA, passes, scene, write_report
from tests.tasks.test_radar import Home

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ["exact AIS", "presence", "radar", "visits of others", "imagery read", "press and panel", "law"]
TOKEN = {"COALWATCH_GFW_TOKEN": "very/secret+token"}


def asked(home, label="C16", secrets=None):
    return answer_article(Settings(home=home), label=label, secrets=secrets or {}, now=NOW)


def window(found, window_id="W0"):
    row = next(row for row in found["claims"][0]["windows"] if row["window_id"] == window_id)
    return row, {kind["kind"]: kind for kind in row["evidence"]}


@pytest.fixture(scope="module")
def nothing(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("none") / "home")


@pytest.fixture(scope="module")
def winter(tmp_path_factory):
    """A home with radar of a winter and two images of the coal berth."""
    folder = tmp_path_factory.mktemp("winter")
    home = Home(folder / "home")
    home.land(write_report(folder / "radar.jsonl", scene(passes(12), (AT_SEA,))))
    home.run()
    images = "place,at,sensor,by,link,licence,ships\n" + "".join(
        f"kp-nampo-coal,2021-01-{day},Planet,K. Han,https://images.example,Planet,0\n" for day in (10, 11)
    )
    (folder / "images.csv").write_text(images)
    observe(home.settings, folder / "images.csv", now=NOW)
    return home


def test_without_a_home_each_kind_says_what_it_lacks_and_the_verdict_rests_on_what_there_is(nothing):
    row, kinds = window(nothing)

    assert list(kinds) == KINDS
    assert row["verdict"] == "WEAKENED"
    assert kinds["exact AIS"]["reception"] == "no positions for this window"
    assert kinds["radar"]["reception"] == "no radar data for this window"
    assert kinds["press and panel"]["against"] == 0.81
    assert "UNSCR 2371 (2017), 8: forbidden" in kinds["law"]["says"]
    assert "Australia" not in str(row["evidence"])


def test_the_law_is_that_of_the_window_and_of_what_the_claim_speaks_of(nothing, tmp_path):
    assert "2321" in window(nothing, "Wbase-pre-ban")[1]["law"]["says"]
    assert "2397" in window(asked(tmp_path / "home", "C04"))[1]["law"]["says"]
    assert window(asked(tmp_path / "home", "C19"))[1]["law"]["says"] == "it is not about what a law forbids"


def test_radar_and_images_stand_beside_the_press_with_what_they_could_see(winter):
    row, kinds = window(asked(winter.settings.home))

    assert "12 known passes" in kinds["radar"]["reception"]
    assert kinds["radar"]["for"] == 0.3
    assert kinds["imagery read"]["against"] == 0.24
    assert row["observations_for"] == 2
    assert row["observations_against"] == 2


def test_what_radar_saw_bears_on_its_own_window_alone(winter):
    assert window(asked(winter.settings.home), "Wpre")[1]["radar"]["says"] == "no pass is known"


def test_the_plan_counts_reports_that_are_not_there_yet_for_whoever_has_a_token(nothing, tmp_path):
    radar = [row for row in nothing["ask_next"] if row["source"] == "gfw_radar"]

    assert nothing["ask_next"][0]["window_id"] == "W0"
    assert radar[0]["requests"] == 8  # October to January, matched and unmatched
    assert radar[0]["needs"] == ["COALWATCH_GFW_TOKEN"]
    with_token = asked(tmp_path / "home", secrets=TOKEN)
    assert {tuple(row["needs"]) for row in with_token["ask_next"]} == {()}
    assert "secret" not in str(with_token)


def test_every_source_that_could_tell_more_is_named_with_how_much_it_asks(nothing):
    of_window = {row["source"]: row for row in nothing["ask_next"] if row["window_id"] == "W0"}
    counts = next(row for row in nothing["ask_next"] if row["source"] == "gfw_counts")
    images = of_window["copernicus"]
    kinds = {spec.source for spec in load_sources().values() if spec.kind in ("reports", "passes", "events")}

    assert set(of_window) == kinds
    assert (images["requests"], images["at_least"], images["minutes"], images["needs"]) == (4, True, 1, [])
    assert not images["non_commercial"]
    assert of_window["gfw"]["at_least"]
    assert of_window["gfw"]["minutes"] >= of_window["gfw"]["requests"] * 40 / 60 - 1
    assert (counts["window_id"], counts["requests"], counts["minutes"]) == (None, 9, 6)  # a request a port
    assert counts["command"] == "coalwatch fetch gfw_counts"
    assert "gfw_reception" not in str(nothing["ask_next"])  # no ship is in an alert


def test_figures_that_lie_there_are_not_asked_for_until_a_month_more_can_be_counted(tmp_path):
    spec, home = load_sources()["gfw_counts"], tmp_path / "home"
    planned = plan_figures(spec, Settings(home=home), [], now=NOW)
    planned.file.path.parent.mkdir(parents=True)
    planned.file.path.write_text("{}\n")

    def sources(now):
        found = answer_article(Settings(home=home), label="C16", secrets={}, now=now)
        return {row["source"] for row in found["ask_next"]}

    assert "gfw_counts" not in sources(NOW + timedelta(days=3))
    assert "gfw_counts" in sources(NOW + timedelta(days=10))


OWN = """source: own
title: Events of our own
kind: events
reads_as: gfw
url: https://example.org
licence: CC0
commercial_use: true
coverage: some
speaks_of_nampo: {answer: weakly, reason: A test.}
blind_spots: {port_visit: none, gap: none, encounter: none, loitering: none, voyage: none}
history_from: 2017-01-01
latency_days: 3
promise_hours: 336
known_blind_spots: [none]
provenance: test
unverified: []
"""
WITHOUT_PLAN = """from pipeline.fetch.provider import Provider


def fetch_days(spec, settings, first, last, *, secrets, now, progress, again):
    return []


PROVIDER = Provider("events", fetch_days=fetch_days, at_once=True)
"""


def test_a_source_of_ones_own_that_plans_nothing_is_named_without_numbers(tmp_path, monkeypatch, capsys):
    for path, content in (("seeds/sources/own.yaml", OWN), ("providers/own.py", WITHOUT_PLAN)):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(content)
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(tmp_path))
    found = asked(tmp_path / "home")
    own = next(row for row in found["ask_next"] if row["source"] == "own")
    show_answer(found)

    assert (own["requests"], own["at_least"], own["minutes"]) == (None, None, None)
    assert {"gfw", "copernicus"} < {row["source"] for row in found["ask_next"] if row["requests"]}
    for printed in (capsys.readouterr().out, markdown(found)):
        told = f"{own['command']} (how many requests it takes is not known beforehand)"
        assert told in " ".join(printed.split())


def test_days_that_are_not_over_are_not_asked_for(tmp_path):
    early = answer_article(
        Settings(home=tmp_path / "home"), label="C16", secrets={}, now=datetime(2021, 2, 10, tzinfo=UTC)
    )

    assert {row["window_id"] for row in early["ask_next"]} >= {"W0"}
    assert all("2021-04-30" not in row["command"] for row in early["ask_next"])


def test_a_claim_that_open_data_cannot_test_is_refused_with_those_it_can(tmp_path):
    with pytest.raises(InputError, match="expected one of C04, C10"):
        asked(tmp_path / "home", "C02")


def test_the_page_prints_on_a_terminal_and_as_markdown_and_accuses_nobody(winter, capsys):
    found = asked(winter.settings.home)
    show_answer(found)
    printed, text = capsys.readouterr().out, markdown(found)

    assert "(8 requests, about 3 minutes; needs COALWATCH_GFW_TOKEN" in " ".join(printed.split())
    assert all(f"| {kind} |" in text for kind in KINDS)
    assert not [word for word in ("smuggled", "dark ship", "went dark") if word in printed + text]


def test_a_synthetic_home_answers_the_synthetic_article_and_says_so(told):
    found = answer_article(Settings(home=told), secrets={}, now=NOW)

    assert found["synthetic"]
    assert {claim["article_id"] for claim in found["claims"]} == {"demo-2018"}
    assert found["ask_next"] == []
    exact = next(k for k in found["claims"][0]["windows"][0]["evidence"] if k["kind"] == "exact AIS")
    assert "days with exact positions" in exact["reception"]
