"""Documented cases replayed: each story of `seeds/scenarios/replay` is found where its pattern is in the catalogue, and
nobody else is accused. Positions in, alerts out."""

import json

import pytest

from bench.scoring import RIGHT, TOLERATED, score
from pipeline.resources import SEEDS
from pipeline.scenarios.days import write_days
from pipeline.scenarios.script import FOLDER, load_scenario, stories
from pipeline.settings import Settings
from pipeline.tasks.land import ingest
from pipeline.tasks.run import run
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import CLOCK

REPLAYED = sorted(path.stem for path in (FOLDER / "replay").glob("*.yaml"))
QUICK = {"n01-sevastopol", "r18-koti"}
# Stories that are not found yet, and why; whoever mends one takes it from here.
NOT_YET: dict[str, set[str]] = {}
CATALOGUE = {path.stem for path in (SEEDS / "patterns").glob("*.yaml")}


def replayed(name):
    return load_scenario(FOLDER / "replay" / f"{name}.yaml")


@pytest.mark.parametrize("name", REPLAYED)
def test_a_replay_says_what_is_documented_and_that_all_else_is_invented(name):
    path = FOLDER / "replay" / f"{name}.yaml"
    scenario = load_scenario(path)

    assert scenario.synthetic
    assert "Synthetic: only" in path.read_text(encoding="utf-8")
    assert scenario.scenario_id == name
    for story in scenario.stories:
        assert scenario.from_at <= story.to_at, story.story_id


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in REPLAYED]
)
def test_a_replayed_case_raises_what_is_due_and_nothing_else(name, tmp_path):
    scenario, settings = replayed(name), Settings(home=tmp_path / "home")
    files = write_days(scenario, tmp_path / "files")

    ingest(settings, files, "noaa", now=CLOCK, progress=lambda line: None, synthetic=True)
    run(settings, now=CLOCK, progress=lambda line: None)

    scored = score({"stories": told(scenario), "alerts": alerts(settings)})
    missed = [story for story in scored["stories"] if story["alert"] == "expected" and not story["found"]]
    wrong = [alert for alert in scored["alerts"] if alert["verdict"] not in (RIGHT, TOLERATED)]
    assert {story["story_id"] for story in missed if story["kind"] in CATALOGUE} == NOT_YET.get(name, set())
    assert [(alert["pattern_id"], alert["vessel_name"], alert["grade"], alert["verdict"]) for alert in wrong] == []


def told(scenario):
    return json.loads(stories(scenario).to_json(orient="records", date_format="iso"))


def alerts(settings):
    from pipeline.contracts import ALERT

    with open_for_reading(settings.database_url) as warehouse:
        rows = warehouse.read(ALERT)
    rows = rows[rows["withdrawn_at"].isna()]
    return [
        {
            "pattern_id": row.pattern_id,
            "mmsi": int(row.mmsi),
            "imo": None if row.imo != row.imo or row.imo is None else int(row.imo),
            "vessel_name": row.vessel_name,
            "began_at": row.began_at.isoformat(),
            "ended_at": row.ended_at.isoformat(),
            "grade": row.grade,
            "origin_zone_id": row.origin_zone_id,
            "destination_zone_id": row.destination_zone_id,
        }
        for row in rows.astype({"imo": "object"}).where(lambda frame: frame.notna(), None).itertuples()
    ]
