"""A home whose lake lies in a bucket, and what an error may say of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import CoalwatchError
from pipeline.lake.bucket import Bucket
from pipeline.settings import Settings
from pipeline.tasks.home import Home
from tests.tasks.world import Installation

SECRET = "not-to-be-shown-to-anybody"


class InBucket(Installation):
    def __init__(self, home: Path, url: str) -> None:
        self.settings = Settings(home, lake_url=url)
        self.bucket = Bucket(url)

    @property
    def lake(self):
        return Home(self.settings).lake

    def manifest(self, day: str) -> dict[str, Any] | None:
        found = self.bucket.read(f"days/{day}.json")
        return json.loads(found.content) if found else None


def said(error: pytest.ExceptionInfo[CoalwatchError]) -> str:
    """A message: one line, without a word of any key."""
    words = str(error.value)
    assert "\n" not in words
    assert SECRET not in words
    assert "AKIATEST" not in words
    return words
