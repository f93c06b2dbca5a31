"""What workers are made to do in tests; they import nothing else for it."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.engines.engine import Engine
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


def slowly_once(attempts: Path, do: Callable[[Any], Any], numbered: tuple[int, Any]) -> Any:
    """A machine that does its work and is slow to say so, the first time; each attempt leaves a file."""
    number, piece = numbered
    came = do(piece)
    if number == 2:
        first = not any(attempts.iterdir())
        (attempts / uuid.uuid4().hex).touch()
        time.sleep(1000 if first else 0)
    return came


class OneIsSlow:
    """An engine of which one machine is slow, once."""

    def __init__(self, engine: Engine, attempts: Path) -> None:
        self._engine, self._attempts = engine, attempts
        self.fixes_of_piece = engine.fixes_of_piece

    def each(self, do: Callable[[Any], Any], pieces: Sequence[Any]) -> Iterator[Any]:
        """As `Engine.each`."""
        return self._engine.each(partial(slowly_once, self._attempts, do), list(enumerate(pieces)))
