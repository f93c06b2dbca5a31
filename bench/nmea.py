"""What decoding costs beside other decoders: `python bench/nmea.py FILE`, or `make bench-nmea FILE=…`.

FILE is an NMEA log; it is repeated to `--lines`. Each decoder reads the same copy in a process of its own, in turns:

    coalwatch  tag blocks, parts, times and fields to Parquet, every line accounted for
    pyais      `FileReaderStream`, each message decoded to its fields (pure Python)
    aiscat     `from_file`: AIS-catcher's decoder (C++), each message as a dict
    gpsdecode  of gpsd (C), JSON to a file

Of each that is installed (`--python` of an environment with pyais and aiscat, `--gpsdecode`) it prints CPU seconds, how
many of the positions of FILE both find, and `ratio: N.NN`: our CPU time in parts of its.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TURNS = 3

# Each reads argv[1], and prints "mmsi longitude latitude" of each position if there is an argv[2].
_OURS = """
import sys, tempfile
from pathlib import Path
from pipeline.formats.nmea_records import write_records
with tempfile.TemporaryDirectory() as folder:
    write_records(Path(sys.argv[1]), Path(folder), None)
    if len(sys.argv) > 2:
        import duckdb
        rows = duckdb.sql(f"select mmsi, longitude, latitude from '{folder}/*.parquet' where longitude is not null")
        for mmsi, x, y in rows.fetchall():
            print(mmsi, f"{x:.3f}", f"{y:.3f}")
"""
_PYAIS = """
import sys
from pyais.stream import FileReaderStream
for sentence in FileReaderStream(sys.argv[1]):
    try:
        found = sentence.decode()
    except Exception:
        continue
    if len(sys.argv) > 2 and abs(getattr(found, "lon", None) or 999) <= 180 and abs(found.lat) <= 90:
        print(found.mmsi, f"{found.lon:.3f}", f"{found.lat:.3f}")
"""
_AISCAT = """
import sys, aiscat
for found in aiscat.from_file(sys.argv[1]):
    if len(sys.argv) > 2 and abs(found.get("lon", 999)) <= 180 and abs(found.get("lat", 999)) <= 90:
        print(found["mmsi"], f"{found['lon']:.3f}", f"{found['lat']:.3f}")
"""
_GPSDECODE = """
import json, subprocess, sys
out = subprocess.PIPE if len(sys.argv) > 3 else subprocess.DEVNULL
done = subprocess.run([sys.argv[2], "-j"], stdin=open(sys.argv[1], "rb"), stdout=out)
for line in (done.stdout or b"").splitlines():
    found = json.loads(line)
    if abs(found.get("lon", 999)) <= 180 and abs(found.get("lat", 999)) <= 90:
        print(found["mmsi"], f"{found['lon']:.3f}", f"{found['lat']:.3f}")
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--python", default=sys.executable, help="Python with pyais and aiscat.")
    parser.add_argument("--gpsdecode", default=shutil.which("gpsdecode") or "")
    given = parser.parse_args()
    commands = {
        "pyais": [given.python, "-c", _PYAIS, "{}"],
        "aiscat": [given.python, "-c", _AISCAT, "{}"],
        "gpsdecode": [sys.executable, "-c", _GPSDECODE, "{}", given.gpsdecode],
    }
    ours = [sys.executable, "-c", _OURS, "{}"]
    there = {name: command for name, command in commands.items() if _answers(name, given)}
    with tempfile.TemporaryDirectory(prefix="coalwatch-bench-") as scratch:
        many = Path(scratch) / "many.nmea"
        _repeat(given.file, many, given.lines)
        costs: dict[str, list[float]] = {name: [] for name in ("coalwatch", *there)}
        for _ in range(given.turns):
            for name, command in {"coalwatch": ours, **there}.items():
                costs[name].append(_cpu_s(command, many))
        cpu_s = {name: statistics.median(of) for name, of in costs.items()}
        mine = _positions(ours, given.file)
        print(f"coalwatch  {cpu_s['coalwatch']:.2f} s for {given.lines:,} lines; {mine.total():,} positions in FILE")
        for name in commands:
            if name not in there:
                print(f"{name}  not installed: not measured")
                continue
            its = _positions(there[name], given.file)
            common = (mine & its).total()
            print(f"{name}  {cpu_s[name]:.2f} s; {common:,} positions alike, {(mine - its).total()} ours alone, "
                  f"{(its - mine).total()} its alone")  # fmt: skip
            print(f"ratio: {cpu_s['coalwatch'] / cpu_s[name]:.2f} {name}")


def _answers(name: str, given: argparse.Namespace) -> bool:
    if name == "gpsdecode":
        return bool(given.gpsdecode)
    return subprocess.run([given.python, "-c", f"import {name}"], capture_output=True).returncode == 0


def _repeat(file: Path, target: Path, lines: int) -> None:
    content = file.read_bytes().splitlines(keepends=True)
    with target.open("wb") as many:
        for first in range(0, lines, len(content)):
            many.writelines(content[: lines - first])


def _run(command: Sequence[str], file: Path, *more: str) -> bytes:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([str(file) if one == "{}" else one for one in command] + list(more), cwd=ROOT,
                          env=environment, capture_output=True)  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr.decode("utf-8", "replace"))
    return done.stdout


def _cpu_s(command: Sequence[str], file: Path) -> float:
    before = os.times()
    _run(command, file)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _positions(command: Sequence[str], file: Path) -> Counter[bytes]:
    return Counter(_run(command, file, "positions").splitlines())


if __name__ == "__main__":
    main()
