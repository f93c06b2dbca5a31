"""The same days, run into an SQLite file and into PostgreSQL: every row is the same, and so is every answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.tasks import reports
from pipeline.tasks.demo import run_demo
from pipeline.tasks.network import ship_network
from pipeline.tasks.review import review_alert
from pipeline.tasks.vessel import vessel_report
from tests.postgres import Server
from tests.tasks.test_late_data import IMO, called_at_haeju, replace_days
from tests.tasks.world import CLOCK, COAL, Installation, month
from tests.warehouse.engines import answers, assert_same_tables

pytestmark = pytest.mark.long  # whole homes, run again and again

RANDOM = frozenset({"pipeline_run_id", "ended_at"})  # of runs: an id that is drawn, and the wall clock


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    url = postgres.new()
    yield url
    postgres.drop(url)


def said(settings: Settings) -> list[tuple[str, str]]:
    """What commands answer, as JSON."""
    asked = {
        "queue": reports.alert_queue(settings),
        "every": reports.every_alert(settings),
        "report": [reports.alert_report(settings, one["alert_id"]) for one in reports.every_alert(settings)],
        "held": reports.held_back(settings),
        "claims": reports.claim_windows(settings, None),
        "claims as of": reports.claim_windows(settings, CLOCK.replace(year=2019)),
        "vessel": vessel_report(settings, str(IMO)),
        "by name": vessel_report(settings, "demo coal"),
        "network": ship_network(settings, str(IMO), 48.0),
    }
    for rows in asked["report"]:
        rows["alert"]["pipeline_run_id"] = None
    rows = {
        name: [{key: None if key in RANDOM else value for key, value in row.items()} for row in found]
        if name == "withdrawn_alerts"
        else found
        for name, found in answers(settings.database_url)
    }
    return [(name, json.dumps(value, indent=1, default=str)) for name, value in {**asked, **rows}.items()]


@pytest.mark.parametrize("late", [False, pytest.param(True, marks=pytest.mark.long)], ids=["at once", "late days"])
def test_the_days_and_a_review_leave_the_same_rows_on_both(
    files: dict[str, Path], landed: Path, told: Path, database: str, tmp_path: Path, late: bool
):
    shutil.copytree(told, tmp_path / "file")  # the same days, run already
    shutil.copytree(landed, tmp_path / "server")
    homes = [Installation(tmp_path / "file"), Installation(tmp_path / "server")]
    homes[1].settings = Settings(home=tmp_path / "server", warehouse_url=database)
    homes[1].run()
    for number, home in enumerate(homes):
        alert = reports.alert_queue(home.settings)[0]
        review_alert(home.settings, alert["alert_id"], "kim", "confirmed", "100 % sure", CLOCK)
        if late:
            replace_days(home, files, called_at_haeju(month(), COAL), tmp_path / f"late-{number}")
    assert homes[1].run().changed == (not late)  # the review bears on claims
    assert homes[0].run().changed == (not late)

    assert_same_tables(*(home.settings.database_url for home in homes), apart_from=RANDOM | {"review_id"})
    for (name, of_file), (_, of_server) in zip(*(said(home.settings) for home in homes), strict=True):
        assert of_server == of_file, name
    assert not homes[1].run().changed


@pytest.mark.long
def test_the_demonstration_month_is_the_same_on_both(database: str, tmp_path: Path):
    both = [Settings(home=tmp_path / "file"), Settings(home=tmp_path / "server", warehouse_url=database)]
    found = [run_demo(settings, now=CLOCK, progress=lambda line: None) for settings in both]

    assert [one["alerts"] for one in found[:1]] == [one["alerts"] for one in found[1:]]
    assert_same_tables(*(settings.database_url for settings in both), apart_from=RANDOM)
    for (name, of_file), (_, of_server) in zip(*(said(settings) for settings in both), strict=True):
        assert of_server == of_file, name
