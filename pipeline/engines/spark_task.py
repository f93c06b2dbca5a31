"""What a worker of Spark does with a piece of work: does it, lays what came of it down, and says under which name.

Data goes through the folder that driver and workers share, never through Spark: work and pieces into a file a job, each
result into a file of an attempt's own. An attempt that fails, is lost or is one of two leaves a file at most that
nobody is told of; the folder goes with the run.
"""

from __future__ import annotations

import pickle
import traceback
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.version import VERSION

_JOB = "job"
_AGAIN = (OSError, MemoryError, SourceUnavailable)  # what may go well elsewhere, or later
_FORM = 5  # of pickle: arrays without copies


def lay_down(folder: Path, do: Callable[[Any], Any], pieces: Sequence[Any]) -> None:
    """Write a job for workers: what to do, and with which pieces."""
    folder.mkdir(parents=True, mode=0o700)
    (folder / _JOB).write_bytes(pickle.dumps((VERSION, do, list(pieces)), _FORM))


def do_piece(folder: str, number: int) -> str:
    """Do a piece of a job; give the name of the file that holds what came of it.

    raises  what may go well elsewhere: OSError, MemoryError, SourceUnavailable
    """
    do, pieces = _job(folder)
    came: tuple[bool, Any]
    try:
        came = True, do(pieces[number])
    except _AGAIN:
        raise
    except CoalwatchError as error:  # would be the same anywhere
        came = False, error
    except Exception as error:
        came = False, RuntimeError(f"{type(error).__name__}: {error}")
        came[1].add_note(traceback.format_exc())
    name = f"{number}-{uuid.uuid4().hex}"
    with Path(folder, name).open("xb") as file:
        pickle.dump(came, file, _FORM)
    return name


def pick_up(folder: Path, name: str) -> Any:
    """What came of a piece; its file goes.

    raises  what the piece's work raised
    """
    with Path(folder, name).open("rb") as file:
        went_well, came = pickle.load(file)
    Path(folder, name).unlink()
    if not went_well:
        raise came
    return came


@lru_cache(maxsize=1)
def _job(folder: str) -> tuple[Callable[[Any], Any], Sequence[Any]]:
    try:
        content = Path(folder, _JOB).read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"{folder}: not seen by a worker; a home that Spark works on lies where every worker sees it under its path"
        ) from None
    version, do, pieces = pickle.loads(content)
    if version != VERSION:
        raise InputError(f"a worker has coalwatch {VERSION}, the run {version}; install the same everywhere")
    return do, pieces
