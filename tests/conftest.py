"""Shared fixtures: the samples of real data, where they are at hand, and homes that are made once for all tests."""

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# Shared machines are slow at times: examples are counted, not timed. CI runs the same number everywhere.
settings.register_profile("coalwatch", deadline=None, max_examples=30)
settings.load_profile("coalwatch")
# Zones are built once for all processes and runs of the tests, and nothing is left in the user's own cache.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).resolve().parents[1] / ".pytest_cache")


def pytest_collection_finish():
    """Let the garbage collector leave alone what is imported: walking it again and again is a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def _tables_are_made_once():
    from tests.template import migrate_once

    with pytest.MonkeyPatch.context() as patch:
        migrate_once(patch)
        yield


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of real data samples, named by COALWATCH_SAMPLES; a named folder that lacks a sample is a failure."""
    folder = os.environ.get("COALWATCH_SAMPLES")
    if not folder:
        pytest.skip("COALWATCH_SAMPLES is not set: the samples of real AIS data are not part of the project")
    return Path(folder)


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> dict[str, Path]:
    """The five days of `tests.tasks.world`: one file a day, by day."""
    from tests.tasks.world import month, write_days

    return write_days(month(), tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def landed(files, tmp_path_factory) -> Path:
    """A home in which the five days have landed at once, nothing more; copy it to change it."""
    from tests.tasks.world import Installation

    home = tmp_path_factory.mktemp("landed")
    Installation(home).land(*files.values())
    return home


@pytest.fixture(scope="session")
def told(landed, tmp_path_factory) -> Path:
    """A home with all of it derived in one run; copy it to change it."""
    from tests.tasks.world import Installation

    home = tmp_path_factory.mktemp("told") / "home"
    shutil.copytree(landed, home)
    Installation(home).run()
    return home


@pytest.fixture
def lake(tmp_path):
    """The lake of an empty home."""
    from pipeline.lake.lake import Lake

    return Lake(tmp_path / "home")
