"""The demonstration with every kind of evidence: generated, marked so, and never mixed with readings of real images."""

import json
from datetime import timedelta

import pytest

from pipeline.errors import InputError
from pipeline.formats.imagery import read_readings
from pipeline.scenarios.provided import RADAR_BOX
from pipeline.scenarios.script import load_scenario
from pipeline.settings import Settings
from pipeline.tasks.answer import answer_article
from pipeline.tasks.demo import run_demo
from pipeline.tasks.demo_kinds import FIRST_PASS, write_kinds
from pipeline.tasks.land import ingest
from pipeline.tasks.observe import observe
from tests.tasks.world import CLOCK, DAYS


def quiet(line):
    pass


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What is written of the first two days."""
    scenario = load_scenario()
    short = scenario.model_copy(update={"to_at": scenario.from_at + timedelta(days=2)})
    return write_kinds(short, tmp_path_factory.mktemp("kinds"), quiet)


def rows(path):
    [entry] = json.loads(path.read_text())["body"]["entries"]
    return next(iter(entry.values())) or []


def test_presence_is_by_cell_and_hour_of_the_region_that_is_asked_for(written):
    (presence, *_), _ = written
    west, south, east, north = RADAR_BOX

    found = rows(presence)

    assert len(found) > 50
    assert all(west <= row["lon"] <= east and south <= row["lat"] <= north for row in found)
    assert len({(row["mmsi"], row["date"]) for row in found}) == len(found)


def test_radar_sees_what_is_there_at_the_moment_of_the_pass_and_nothing_behind_the_barrage(written):
    (_, *radar), _ = written
    found = [row for path in radar for row in rows(path)]

    assert {row["date"] for row in found} == {f"{FIRST_PASS:%Y-%m-%d %H}:00"}
    assert not [row for row in found if row["lon"] > 125.2 and 38.5 < row["lat"] < 38.9]


def test_each_reading_of_its_images_says_that_it_is_synthetic(written):
    _, images = written
    found = read_readings(images, CLOCK)

    assert len(found) == 2
    assert {row.reason for row in found} == {None}
    assert all("SYNTHETIC" in row.said["read_by"] and "SYNTHETIC" in row.said["sensor"] for row in found)


def test_readings_of_real_images_and_generated_positions_do_not_share_a_home(files, tmp_path, written):
    settings = Settings(home=tmp_path / "home")
    real = tmp_path / "real.csv"
    real.write_text("place,at,sensor,by,link,licence,ships\nkp-nampo-coal,2018-06-01,Planet,K. Han,-,-,0\n")
    observe(settings, real, now=CLOCK)

    with pytest.raises(InputError, match=r"synthetic data, but .* holds real data"):
        ingest(settings, [files[DAYS[0]]], "noaa", now=CLOCK, progress=quiet, synthetic=True)
    with pytest.raises(InputError, match="holds real data, and readings of synthetic images must never mix"):
        observe(settings, written[1], now=CLOCK, synthetic=True)


@pytest.mark.long
def test_the_answer_on_the_demonstration_shows_what_all_kinds_look_like(tmp_path):
    settings = Settings(home=tmp_path / "home")
    run_demo(settings, now=CLOCK, progress=quiet, all_kinds=True)

    answered = answer_article(settings, label="D01", secrets={}, now=CLOCK)

    assert answered["synthetic"]
    kinds = {kind["kind"]: kind for kind in answered["claims"][0]["windows"][0]["evidence"]}
    assert "30 days with rows" in kinds["presence"]["reception"]
    assert "5 known passes" in kinds["radar"]["reception"]
    assert "2 on which readers disagree" in kinds["imagery read"]["says"]
    assert kinds["exact AIS"]["for"] >= 3
