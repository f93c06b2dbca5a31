"""The demo has a home of its own unless one is named, and never mixes with real positions."""

import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.demo import DEMO_HOME, FOLDER, plan_demo
from pipeline.tasks.land import ingest
from tests.tasks.world import CLOCK, DAYS


def test_its_plan_names_the_home_and_the_month_and_makes_nothing(tmp_path):
    settings = Settings(home=tmp_path / "home")

    plan = plan_demo(settings)

    assert (plan["home"], plan["folder"]) == (str(settings.home), str(settings.home / FOLDER))
    assert plan["files"] >= 28
    assert plan["from_at"] < plan["to_at"]
    assert not settings.home.exists()


def test_without_a_home_it_takes_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COALWATCH_HOME", raising=False)

    assert plan_demo(Settings())["home"] == str(DEMO_HOME)


def test_a_home_of_real_positions_is_refused(files, tmp_path):
    settings = Settings(home=tmp_path / "home")
    ingest(settings, [files[DAYS[0]]], "noaa", now=CLOCK, progress=lambda line: None)

    with pytest.raises(InputError, match="holds real positions, and synthetic traffic must never mix with them"):
        plan_demo(settings)
