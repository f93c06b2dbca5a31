"""The boundary between what is computed and where: here, one piece of work after the other, or on Spark.

A *piece* of work is plain data that names files which never change (parts of the lake, raw files); what is done with it
is a function of a module, which reads these files, gives a result and writes nothing that anybody else reads. So a
piece may be done twice, half, or by two at once without harm; only who asked for the results commits them. Which engine
it is, and that there are others, no such function knows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

ENGINES = ("embedded", "spark")
_P = TypeVar("_P")
_R = TypeVar("_R")


class Engine(Protocol):
    """Something that does pieces of work.

    fixes_of_piece  positions that a piece may hold, about 200 bytes of work each
    """

    fixes_of_piece: int

    def each(self, do: Callable[[_P], _R], pieces: Sequence[_P]) -> Iterator[_R]:
        """What a function makes of each piece, in the order of the pieces.

        raises  what the function raises; SourceUnavailable where the engine cannot do its part
        """
        ...


class Embedded:
    """This process: a piece at a time."""

    fixes_of_piece = 1_000_000  # of arrays three times as large the system clears each anew, a third of the cost

    def each(self, do: Callable[[_P], _R], pieces: Sequence[_P]) -> Iterator[_R]:
        """As `Engine.each`."""
        return map(do, pieces)


def fixes_of_batch(engine: str) -> int:
    """How many positions are worked on before their results are committed: as many as keep every worker busy, and as
    have results that fit into memory."""
    return 50_000_000 if engine == "spark" else 1_000_000


@contextmanager
def open_engine(name: str, spark_master: str, folder: Path) -> Iterator[Engine]:
    """An engine by its name; what it starts, it starts with the first piece.

    folder  for what is handed to workers and back, seen by all of them under this path; what is in it goes
    raises  InputError if what the engine needs is not installed
    """
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    if name != "spark":
        yield Embedded()
        return
    from pipeline.engines.spark import Spark

    try:
        yield Spark(spark_master, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
