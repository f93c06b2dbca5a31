"""Who gives data is named where it is declared, and nowhere that work is done."""

import re
from pathlib import Path

import pytest

from pipeline.fetch.sources import PROVIDERS, load_sources
from pipeline.resources import ROOT

NAMES = {*PROVIDERS.files(), *(name for name, spec in load_sources().items() if spec.asked_by)}
PLACES = ("pipeline/tasks", "pipeline/cli", "pipeline/show", "pipeline/lake", "dags")
FILES = [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))]


def test_there_are_names_to_look_for():
    assert {"gfw", "gfw_vessels", "aisstream", "noaa", "daily_files"} <= NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: Path(path).relative_to(ROOT).as_posix())
def test_no_step_command_or_schedule_names_a_provider(path):
    found = re.search(rf"\b({'|'.join(sorted(NAMES))})\b", path.read_text(encoding="utf-8"))

    assert found is None, found
