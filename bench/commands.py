"""What a command costs before it has said anything: `python bench/commands.py`, or `make bench-commands`.

Each command runs on the demonstration month, in turns with its baseline, every one in a process of its own:

    full run   `coalwatch run` that looks at everything and finds nothing to do (its note on being idle is taken away)
    checkout   the same command of another checkout: --against FOLDER, such as a git worktree of the release before

Prints user and system CPU seconds (median), and as its last line the ratio of an idle run to its baseline.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TURNS = 5
ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    "idle run": ["run", "--quiet"], "alerts list": ["alerts", "list"], "vessel": ["vessel", "2990027"],
    "claims": ["claims"], "sql": ["sql", "select count(*) from alert"], "gate": ["gate"],
    "sources": ["sources"], "--version": ["--version"], "--help": ["--help"],
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="Another checkout, whose commands are the baseline.")
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coalwatch-bench-") as scratch:
        homes = {ROOT: Path(scratch) / "home"}
        if given.against:
            homes[given.against.resolve()] = Path(scratch) / "other"
        for checkout, home in homes.items():
            _cpu_s(checkout, home, ["demo", "--quiet"])
            _cpu_s(checkout, home, ["run", "--quiet"])
        baseline = "checkout" if given.against else "full run"
        print(f"CPU s, median of {given.turns}{'':<9}now  {baseline}  ratio")
        ratios = {name: _compare(name, homes, given.turns) for name in COMMANDS if given.against or name == "idle run"}
    print(f"ratio: {ratios['idle run']:.2f}")


def _compare(name: str, homes: dict[Path, Path], turns: int) -> float:
    costs: dict[str, list[float]] = {"now": [], "baseline": []}
    for _ in range(turns):
        for checkout, home in homes.items():
            costs["now" if checkout == ROOT else "baseline"].append(_cpu_s(checkout, home, COMMANDS[name]))
        if len(homes) == 1:
            (homes[ROOT] / "lake" / "idle.json").unlink()
            costs["baseline"].append(_cpu_s(ROOT, homes[ROOT], COMMANDS[name]))
    now, baseline = (statistics.median(of) for of in costs.values())
    print(f"{name:<24}{now:>8.2f}{baseline:>10.2f}{now / baseline:>7.2f}")
    return now / baseline


def _cpu_s(checkout: Path, home: Path, arguments: list[str]) -> float:
    """CPU seconds of one command of a checkout on a home, its interpreter's start included."""
    before = os.times()
    environment = {**os.environ, "PYTHONPATH": str(checkout), "COALWATCH_HOME": str(home)}
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"coalwatch {' '.join(arguments)} failed: {done.stderr.strip()}")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main()
