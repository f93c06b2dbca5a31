"""Packs of every kind of alert: each is derived again from the lines in it, whatever its evidence rests on."""

import html
from pathlib import Path

import pytest

from pipeline.pack.archive import read_archive
from pipeline.tasks.pack import pack
from pipeline.tasks.reports import alert_queue, every_alert
from tests.pack.conftest import again, quiet
from tests.tasks.gfw_world import LATER, Home, coal_voyage, encounter, gap, vessel, write_pages
from tests.tasks.test_transfers import barge, loaded_at_nampo, run_of
from tests.tasks.world import CLOCK

pytestmark = pytest.mark.long


def packed_again(settings, folder: Path, **asked):
    """A pack of the home, and what verifying it found; once more with whole files."""
    for name, more in (("lines.zip", {"small": 0}), ("whole.zip", {"whole": True})):
        packed = pack(settings, folder / name, now=CLOCK, progress=quiet, **asked, **more)
        found = again(folder / name, settings)
        assert found.equal, found.differences
        assert (found.stated, packed.not_recomputed) == ([], [])
        assert found.in_lake == packed.raw_files
    return read_archive(folder / "lines.zip")


def test_of_two_ships_that_met_the_lines_of_both_are_held(tmp_path):
    home = run_of(tmp_path, loaded_at_nampo(), barge())
    (alert,) = every_alert(home.settings)

    members = packed_again(home.settings, tmp_path, alert=alert["alert_id"])

    assert alert["pattern_id"] == "transfer-off-nampo"
    raw = b"".join(content for name, content in members.items() if name.startswith("raw/"))
    assert b"445990051" in raw
    assert b"413990052" in raw
    assert b"meeting" in members[f"pictures/{alert['alert_id']}-map.svg"]


def test_events_of_a_provider_are_held_whole_with_their_terms(tmp_path):
    home = Home(tmp_path / "home")
    beside = [
        gap("g1", "2020-12-05T20:00", "2020-12-06T10:15"),
        encounter("e1", vessel(412000009, "BUNKER ONE"), "2020-12-05T12:00", "2020-12-05T15:00"),
    ]
    home.land_events(write_pages(tmp_path / "gfw.jsonl", coal_voyage(), beside, fetched_at=LATER))
    home.run()
    (alert,) = alert_queue(home.settings)

    members = packed_again(home.settings, tmp_path, alert=alert["alert_id"])

    assert alert["licence"]
    assert alert["licence"] in html.unescape(members["report.html"].decode())


@pytest.mark.parametrize("asked", [{"ship": "2990091"}, {"ship": "620990009"}, {"claim": ("D01", "W0")}])
def test_a_ship_and_a_claim_are_packed_with_all_their_alerts(demo, tmp_path, asked):
    packed = pack(demo, tmp_path / "pack.zip", now=CLOCK, progress=quiet, **asked)

    found = again(tmp_path / "pack.zip")
    assert found.equal, found.differences
    assert packed.not_recomputed == []
    assert len(packed.alerts) == (4 if "claim" in asked else 1)


@pytest.mark.parametrize("pattern", ["dark-call", "dprk-flag-at-receiving-port"])
def test_of_a_silence_it_is_held_who_else_was_heard(demo, tmp_path, pattern):
    alert = next(row for row in every_alert(demo) if row["pattern_id"] == pattern)
    packed = pack(demo, tmp_path / "pack.zip", alert=alert["alert_id"], now=CLOCK, progress=quiet)

    found = again(tmp_path / "pack.zip")
    assert found.equal, found.differences
    assert packed.not_recomputed == []
    members = read_archive(tmp_path / "pack.zip")
    assert (b"heard_others" in members["tables/ais_gap.csv"]) is (pattern == "dark-call")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The home of the demonstration, derived once."""
    from pipeline.settings import Settings
    from pipeline.tasks.demo import run_demo

    settings = Settings(home=tmp_path_factory.mktemp("demo") / "home", warehouse_url="")
    run_demo(settings, now=CLOCK, progress=quiet)
    return settings
