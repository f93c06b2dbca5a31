"""What workers are made to do in tests; they import nothing else for it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from pipeline.errors import InputError


def refuse_two(piece: int) -> int:
    """A file that is wrong."""
    if piece == 2:
        raise InputError("row 2: no such thing")
    return piece


def divide(piece: int) -> float:
    """A fault of ours."""
    return 1 / piece


def die_once(died: Path, piece: int) -> int:
    """A worker that the system kills, the first time."""
    if piece == 2 and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return piece


def fill_the_disk(piece: int) -> int:
    """A disk without room, on every machine."""
    raise OSError(28, "No space left on device")


def lose_the_executor_once(lost: Path, piece: int) -> int:
    """A machine that goes away with everything on it, the first time."""
    if piece == 2 and not lost.exists():
        lost.touch()
        pid = os.getppid()
        while "java" not in Path(f"/proc/{pid}/comm").read_text():
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(pid, signal.SIGKILL)
    return piece
