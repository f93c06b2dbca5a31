"""Shared fixtures: the samples of real data, where they are at hand, and homes that are made once for all tests.

Property tests draw the same examples everywhere and always, so that a change is not refused for a rare fault that was
there before it. New ones are drawn by `make explore` alone.
"""

import gc
import os
import shutil
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.internal.conjecture import providers

# Shared machines are slow at times: examples are counted, not timed.
settings.register_profile("coalwatch", deadline=None, max_examples=30, derandomize=True, database=None)
# The same examples; one that fails is not made smaller, which can take minutes: pytest without this profile does that.
settings.register_profile("gate", settings.get_profile("coalwatch"), phases=[Phase.explicit, Phase.generate])
# The first of them, for `make test`: a third (below); `make test-long` draws them all.
settings.register_profile("quick", settings.get_profile("gate"))
# Others every time, kept in .hypothesis/ once they fail, and told with the line that draws them again.
settings.register_profile("explore", deadline=None, max_examples=30, print_blob=True)
settings.load_profile("coalwatch")
# Those whose files take longest go first, so that workers end together.
ROOMS = ["dags", "tasks", "recipes", "upgrade", "judgement", "events", "cli", "warehouse", "desk", "pack"]
EXAMPLES = {"quick": 1 / 3, "explore": 10}  # times as many, by profile
# Zones are built once for all processes and runs of the tests, and nothing is left in the user's own cache.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).resolve().parents[1] / ".pytest_cache")
# Bytecode is kept, whatever the caller's environment says: else each worker, and each command that a test starts,
# compiles all it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(tryfirst=True)  # before those marked `long` are left out
def pytest_collection_modifyitems(items):
    of_test = Counter()
    for item in items:
        if quick := item.get_closest_marker("quick_cases"):
            of_test[test := item.nodeid.partition("[")[0]] += 1
            if of_test[test] > quick.args[0]:
                item.add_marker("long")
    items.sort(key=lambda item: ROOMS.index(room) if (room := item.path.parent.name) in ROOMS else len(ROOMS))
    profile = settings.get_current_profile_name()
    if profile in EXAMPLES:
        for test in {item.obj for item in items if getattr(item.obj, "is_hypothesis_test", False)}:
            own = test._hypothesis_internal_use_settings
            most = max(1, round(EXAMPLES[profile] * own.max_examples))
            test._hypothesis_internal_use_settings = settings(own, max_examples=most)
    if profile != "explore":
        # Constants in the modules that happen to be loaded are mixed into what is drawn: the same test would draw other
        # examples by itself, on another worker, or after an edit elsewhere.
        providers._get_local_constants = lambda: providers._local_constants


def pytest_generate_tests(metafunc):
    """Run tests of histories with their days derived at once and, among the long ones, day by day."""
    if "derive_history" in vars(metafunc.module) or "day_by_day" in metafunc.fixturenames:
        if "day_by_day" not in metafunc.fixturenames:
            metafunc.fixturenames.append("day_by_day")
        ways = [pytest.param(False, id="at once"), pytest.param(True, id="day by day", marks=pytest.mark.long)]
        metafunc.parametrize("day_by_day", ways, indirect=True, scope="module")


@pytest.fixture(scope="module")
def day_by_day(request):
    """Whether `tests.sea.derive_history` derives one day after another."""
    from tests import sea

    with sea.day_by_day() if request.param else nullcontext():
        yield request.param


def pytest_collection_finish():
    """Let the garbage collector leave alone what is imported: walking it again and again is a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def _what_all_need_is_made_once():
    from tests.template import migrate_once, one_desk

    shared = one_desk() if settings.get_current_profile_name() == "quick" else nullcontext()
    with pytest.MonkeyPatch.context() as patch, shared:
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
def postgres():
    """A private PostgreSQL server (tests.postgres.Server)."""
    from tests import postgres

    programs = postgres.programs()
    if programs is None:
        postgres.left_out("PostgreSQL")
    server = postgres.start(programs)
    yield server
    server.stop()


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


@pytest.fixture(scope="session")
def files_without(tmp_path_factory) -> dict[str, Path]:
    """The five days without their coal ship: one file a day, by day."""
    from tests.tasks.world import COAL, month, write_days

    rows = month()
    return write_days(rows[rows["MMSI"] != COAL], tmp_path_factory.mktemp("without-files"))


@pytest.fixture(scope="session")
def told_without(files_without, tmp_path_factory) -> Path:
    """A home with them derived in one run; copy it to change it."""
    from tests.tasks.world import Installation

    home = Installation(tmp_path_factory.mktemp("without"))
    home.land(*files_without.values())
    home.run()
    return home.settings.home


@pytest.fixture
def lake(tmp_path):
    """The lake of an empty home."""
    from pipeline.lake.lake import Lake

    return Lake(tmp_path / "home")
