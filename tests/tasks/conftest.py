"""Importing lists into a home of one's own."""

from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.tasks import lists
from tests.tasks.uk_lists import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a home that is not there yet."""
    return Settings(home=tmp_path / "home")


@pytest.fixture
def take(settings: Settings, tmp_path: Path):
    """Import a file."""

    def taken(data: bytes, list_id: str = "uk", name: str = "list.csv", **options: object) -> lists.ListReport:
        path = tmp_path / name
        path.write_bytes(data)
        given = {"published_on": None, "now": NOW, "progress": lambda line: None} | options
        return lists.import_list(settings, list_id, path, **given)  # type: ignore[arg-type]

    return taken
