"""Homes as earlier versions of coalwatch left them: `python tests/upgrade/make_homes.py`, in a checkout with history.

No version has been tagged yet; those that people may have installed are the ones that closed a chapter of CHANGELOG.md.
Each is taken from its commit, lands and runs the five days of its own tests, and decides on its alerts. The zones are
left out of the warehouse, whose largest part they are: every run compares them with its own and writes what differs.
"""

from __future__ import annotations

import io
import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VERSIONS = {
    "1-main-job": "4aa58ad",  # tables 0001
    "2-schedule": "0432c18",  # tables 0006
    "3-right-calls": "f3b7e95",  # the last before one plan decided
    "4-detection": "2c69457",  # tables 0021
}
WRITE = """
import importlib.util, sys
from pathlib import Path
name = "tests.tasks.world" if importlib.util.find_spec("tests.tasks") else "tests.steps.world"
world = __import__(name, fromlist=["month"])
world.write_days(world.month(), Path(sys.argv[1]))
"""


def main() -> None:
    """Make the archive of each version beside this file."""
    for name, commit in VERSIONS.items():
        with tempfile.TemporaryDirectory() as folder:
            home = make(commit, Path(folder))
            data = packed(home)
        (HERE / f"{name}.tar.xz").write_bytes(data)
        print(f"{name}: {len(data):,} bytes")


def make(commit: str, folder: Path) -> Path:
    """A home that the code of a commit made."""
    code, files, home = folder / "code", folder / "files", folder / "home"
    code.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(code, filter="data")
    environment = {**os.environ, "PYTHONPATH": str(code), "USER": "kim", "XDG_CACHE_HOME": str(folder / "cache")}

    def run(*words: object) -> str:
        command = [sys.executable, *map(str, words)]
        return subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True, check=True).stdout

    run("-c", WRITE, files)
    coalwatch = ("-m", "pipeline.cli")
    run(*coalwatch, "ingest", "noaa", *sorted(files.glob("*.csv")), "--synthetic", "--home", home)
    run(*coalwatch, "run", "--home", home)
    for alert in json.loads(run(*coalwatch, "alerts", "list", "--all", "--json", "--home", home)):
        review = ("alerts", "review", alert["alert_id"], "confirmed", "--note", "seen in imagery", "--reviewer", "kim")
        run(*coalwatch, *review, "--home", home)
    run(*coalwatch, "run", "--home", home)
    return home


def packed(home: Path) -> bytes:
    """The home without zones, locks and notes for the machine, as small as it gets."""
    for path in (home / "warehouse.sqlite", home / "lake" / "catalog.sqlite"):
        with closing(sqlite3.connect(path, isolation_level=None)) as con:
            if path.name == "warehouse.sqlite":
                con.execute("delete from zone")
            con.execute("pragma journal_mode = delete")
            con.execute("vacuum")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(home.rglob("*")):
            if path.is_file() and path.suffix != ".lock" and path.name != "idle.json":
                about = archive.gettarinfo(path, path.relative_to(home).as_posix())
                about.mtime, about.uid, about.gid, about.uname, about.gname = 0, 0, 0, "", ""
                archive.addfile(about, path.open("rb"))
    return lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    main()
