"""A lake of an empty home."""

from pathlib import Path

import pytest

from pipeline.lake.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of an empty home."""
    return Lake(tmp_path / "home")
