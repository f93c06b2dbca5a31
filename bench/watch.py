"""What a command costs: CPU, wall time and memory of its whole tree of processes, Java and workers included.

CPU seconds are the measure: wall time depends on what else the machine does. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ADOPT_ORPHANS = 36  # prctl: PR_SET_CHILD_SUBREAPER


class Cost(NamedTuple):
    """What a command printed, and what it took."""

    told: str
    cpu_s: float
    wall_s: float
    peak_mb: float


def cost_of(command: Sequence[object]) -> Cost:
    """Do a command once, in a process below one that watches it; processes that outlive their parents count.

    raises  CalledProcessError if it fails
    """
    watcher = [sys.executable, "-m", "bench.watch", *map(str, command)]
    said = subprocess.run(watcher, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    told, _, figures = said.rstrip().rpartition("\n")
    cpu_s, wall_s, peak_mb = map(float, figures.split())
    return Cost(told, cpu_s, wall_s, peak_mb)


def main() -> None:
    """Do the command of the arguments; print what it prints, then CPU seconds, wall seconds and the most memory, MB."""
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    began, watch = time.perf_counter(), _Watch()
    subprocess.run(sys.argv[1:], cwd=ROOT, check=True)
    wall = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # What is charged for children lacks those that nobody waited for; what was seen lacks each one's last moment.
    cpu_s = max(used.ru_utime + used.ru_stime, sum(watch.cpu_s.values()))
    print(f"{cpu_s:.2f} {wall:.2f} {watch.peak_kb / 1024:.0f}")


class _Watch(threading.Thread):
    """Looks at all processes below this one, again and again: `peak_kb` is the most memory that was seen, `cpu_s` by
    process what it had used when it was seen last."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_kb = 0
        self.cpu_s: dict[int, float] = {}
        self.start()

    def run(self) -> None:
        """Look four times a second."""
        while True:
            pids = _below(os.getpid())
            self.peak_kb = max(self.peak_kb, sum(_shared_once_kb(pid) for pid in pids))
            self.cpu_s |= {pid: used for pid in pids if (used := _cpu_s(pid))}
            time.sleep(0.25)


def _cpu_s(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _below(top: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                parent = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found, waiting = [], [top]
    while waiting:
        waiting += (new := children.get(waiting.pop(), []))
        found += new
    return found


def _shared_once_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main()
