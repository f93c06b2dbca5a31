"""What is read, checked and judged at length, kept while nothing that it follows from changes (see `geo.cache`).

What follows from the code, the files under `seeds/` and `geo/` and those of an installation's extensions is kept by
their content, and with it the editions of lists and the readings of imagery of a home. What follows from a home's
catalogue and warehouse too is kept by how these files lie on the disk, and only where that is certain: a warehouse on a
server is asked each time. Reading and hashing all of it takes hundredths of a second, so an edited file is noticed by
the next command. Whether a run would find nothing to do is asked by the same two rules (`pipeline.tasks.idle`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from geo.cache import hash_of, remembered
from pipeline.resources import ROOT, extensions

_FOLDERS = ("pipeline", "geo", "seeds", "sql")
_KEPT, _KEPT_ANSWERS = 8, 40  # files of a kind, up to some megabytes, and of answers, some kilobytes
_TICK_NS = 50_000_000  # file times are kept in steps of up to 10 ms: what changed this lately may change unseen


def from_files(kind: str, make: Callable[[], Any], home: Path | None = None) -> Any:
    """Plain values that follow from code and knowledge files, and from a home's editions of lists if it is given."""
    return remembered(kind, version_of_files(home), make, _KEPT)


def from_home(kind: str, question: str, make: Callable[[], Any], home: Path, database_url: str) -> Any:
    """Plain values that follow from a home with its warehouse, from code and from knowledge files.

    question      what of the kind is asked for
    database_url  SQLAlchemy URL of the warehouse
    """
    before = places(home, database_url)
    if before is None or max((max(place[-2:]) for place in before if place), default=0) >= time.time_ns() - _TICK_NS:
        return make()

    def still() -> bool:
        return places(home, database_url) == before

    asked = (question, str(home.absolute()), database_url, *before)
    return remembered(kind, version_of_files(home, *asked), make, _KEPT_ANSWERS, worth=still)


def version_of_files(home: Path | None, *more: object) -> str:
    """A hash of code, knowledge files, extensions and libraries, of a home's editions of lists if it is given, and of
    what else is named."""
    contents = {str(file): _content(file) for file in _files(home)}
    return hash_of(contents, sys.version, *_libraries(), *map(repr, more))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:  # such as an editor's lock, a link to nothing
        return repr(error).encode(errors="surrogateescape")


def _files(home: Path | None) -> Iterator[Path]:
    added = extensions()
    for folder in (*(ROOT / name for name in _FOLDERS), *([added] if added else [])):
        for at, folders, names in os.walk(folder):
            folders[:] = sorted(set(folders) - {"__pycache__"})
            yield from (Path(at, name) for name in sorted(names))
    if home:
        yield from sorted([*(home / "lists").glob("*/*.json"), *(home / "observations").glob("*.json")])


def _libraries() -> list[str]:
    """Name and version of what is installed, as its folders are named."""
    folders = [folder for folder in sys.path if os.path.basename(folder).endswith("-packages")]
    return sorted(name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder) if "-info" in name)


def places(home: Path, database_url: str) -> list[list[int]] | None:
    """How the catalogue, the warehouse, and what is to be written into them lie on the disk: inode, size, times of
    change in ns, nothing for what is not there; None if that does not show whether they change."""
    prefix = "sqlite:///"
    if not database_url.startswith(prefix) or "?" in database_url or ":memory:" in database_url:
        return None
    files = home / "lake" / "catalog.sqlite", Path(database_url.removeprefix(prefix))
    try:
        return [place for file in files for place in (_place(file), _journal(file))]
    except OSError:
        return None


def _place(file: Path) -> list[int]:
    """Nothing for a file that is not there."""
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _journal(file: Path) -> list[int]:
    """Nothing for one without content: SQLite makes and removes its journals when somebody only reads."""
    place = _place(file.with_name(f"{file.name}-wal"))
    return place if place and place[1] else []
