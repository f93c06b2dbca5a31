"""The command line as users run it, and a home of one's own to run it on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main

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
