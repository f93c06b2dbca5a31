"""The command line as users run it, and a home of one's own to run it on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.settings import Settings
from pipeline.tasks import reports
from pipeline.tasks.backup import make_backup
from pipeline.tasks.review import review_alert
from tests.cli.backups import moved_to_postgres, quiet
from tests.tasks.world import CLOCK, Installation

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "pipeline.cli"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("COALWATCH_")} | {
    "PYTHONPATH": str(ROOT),
    "COLUMNS": "80",
}


def coalwatch(*args, **options):
    """Run the command line in a process of its own; gives what subprocess.run gives."""
    options = {"env": ENVIRONMENT, "capture_output": True, "text": True, "timeout": 900} | options
    return subprocess.run([*COMMAND, *map(str, args)], **options)


@pytest.fixture
def invoke(monkeypatch):
    """Run the command line in this process: exit_code, stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("COALWATCH_HOME", raising=False)
    monkeypatch.delenv("COALWATCH_WAREHOUSE_URL", raising=False)
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def copied(landed, tmp_path):
    """A home of one's own in which the five days have landed."""
    shutil.copytree(landed, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def derived(told, tmp_path):
    """A home of one's own in which they were run as well."""
    shutil.copytree(told, tmp_path / "derived")
    return tmp_path / "derived"


@pytest.fixture(scope="session")
def reviewed(told, tmp_path_factory):
    """A home with an alert that somebody decided on, and a rule on who may."""
    home = tmp_path_factory.mktemp("reviewed") / "home"
    shutil.copytree(told, home)
    settings = Settings(home=home, warehouse_url="")
    alert = reports.every_alert(settings)[0]["alert_id"]
    review_alert(settings, alert, "kim", "confirmed", "seen in imagery, 2 m deeper", CLOCK)
    (home / "review.yaml").write_text("two_people: [strong]\n")
    Installation(home).run()
    return settings


@pytest.fixture(scope="session")
def made(reviewed, request, tmp_path_factory):
    """Installation and backup, by engine; for reading only."""
    found = {}

    def of(engine):
        if engine not in found:
            settings = reviewed
            if engine == "postgresql":
                settings = moved_to_postgres(reviewed, request.getfixturevalue("postgres").new())
            target = tmp_path_factory.mktemp(engine) / "to"
            found[engine] = settings, Path(make_backup(settings, target, now=CLOCK, progress=quiet)["backup"])
        return found[engine]

    return of


@pytest.fixture
def empty(request, tmp_path):
    """Where a backup of an engine may go: a home that is not there, and a database that does not exist or is empty."""

    def of(engine, *, exists=False):
        if engine == "sqlite":
            return Settings(home=tmp_path / "elsewhere", warehouse_url="")
        server = request.getfixturevalue("postgres")
        url = server.new()
        request.addfinalizer(lambda: server.drop(url))
        if not exists:
            server.drop(url)
        return Settings(home=tmp_path / "elsewhere", warehouse_url=url)

    return of


@pytest.fixture
def copy(made, tmp_path):
    """A backup of one's own, to be damaged."""

    def of(engine):
        shutil.copytree(made(engine)[1], tmp_path / "to" / "2026-01-01T000000Z")
        return tmp_path / "to" / "2026-01-01T000000Z"

    return of


def holds(home: Path) -> set[str]:
    """What lies in a home, by path, without locks and SQLite's own working files."""
    files = (path for path in home.rglob("*") if path.is_file())
    return {str(path.relative_to(home)) for path in files if path.suffix not in (".lock", ".sqlite-wal", ".sqlite-shm")}


def one_line(stderr: str) -> str:
    """The one line of an error, progress before it left out."""
    lines = [line for line in stderr.splitlines() if line.startswith("coalwatch: ")]
    assert len(lines) == 1, stderr
    assert stderr.splitlines()[-1] == lines[0], stderr
    assert "Traceback" not in stderr
    return lines[0]
