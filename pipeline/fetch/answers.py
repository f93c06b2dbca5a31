"""Answers of a server as they come: a JSON document a line, in a file that is `.part` until it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from geo.files import write_whole
from pipeline.errors import InputError, SourceUnavailable


def answers_there(part: Path, read: Callable[[bytes], object]) -> list[bytes]:
    """Answers that came earlier; from the first line on that was cut off they are dropped, and asked for again.

    read  gives None for what is no answer
    """
    lines = part.read_bytes().splitlines(keepends=True) if part.exists() else []
    found = list(takewhile(lambda line: line.endswith(b"\n") and read(line) is not None, lines))
    if len(found) < len(lines):
        write_whole(part, b"".join(found), durable=True)
    return found


def keep_answer(part: Path, content: bytes) -> None:
    """Add an answer, on one line: line breaks in a JSON document are blank space, for inside of texts they are
    escaped."""
    with part.open("ab") as file:
        file.write(content.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def beginning(content: bytes) -> str:
    """How an answer begins, to be shown."""
    return 'begins "' + content[:60].decode("utf-8", "replace").replace("\n", " ") + '"'


@contextmanager
def keeping(part: Path) -> Iterator[None]:
    """Make the folder; report what the disk refuses while answers are kept.

    raises  InputError if this user may not write there, SourceUnavailable if the disk refuses: what came is kept
    """
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        yield
    except PermissionError as error:
        raise InputError(f"{error.filename or part}: cannot be written ({error.strerror})") from None
    except OSError as error:
        raise SourceUnavailable(
            f"{error.filename or part}: {error.strerror}; what came is kept: free some space and try again"
        ) from None
