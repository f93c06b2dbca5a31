"""Shared fixtures: the samples of real data, where they are at hand."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Shared machines are slow at times: examples are counted, not timed. CI runs the same number everywhere.
settings.register_profile("coalwatch", deadline=None, max_examples=40)
settings.load_profile("coalwatch")


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of real data samples, named by COALWATCH_SAMPLES; a named folder that lacks a sample is a failure."""
    folder = os.environ.get("COALWATCH_SAMPLES")
    if not folder:
        pytest.skip("COALWATCH_SAMPLES is not set: the samples of real AIS data are not part of the project")
    return Path(folder)
