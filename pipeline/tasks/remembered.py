"""What commands print, kept while nothing that it follows from has changed (see `geo.cache`).

What follows from the code and the files under `seeds/` and `geo/` is kept by their content, and with it the editions of
lists of a home. What follows from a home's catalogue and warehouse too is kept by how these files lie on the disk, and
only where that is certain: a warehouse on a server is asked each time. Reading and hashing all of it takes hundredths
of a second, so an edited file is noticed by the next command.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.cache import remembered
from pipeline.resources import ROOT

if TYPE_CHECKING:
    from pipeline.settings import Settings

_FOLDERS = ("pipeline", "geo", "seeds", "sql")
_KEPT = 40  # files of a kind; most take a few kilobytes
_TICK_NS = 50_000_000  # file times are kept in steps of up to 10 ms: what changed this lately may change unseen


def from_files(kind: str, make: Callable[[], Any], settings: Settings | None = None) -> Any:
    """Plain values that follow from code and knowledge files, and from a home's editions of lists if it is given."""
    return remembered(kind, _hash(_files(settings)), make, _KEPT)


def from_home(kind: str, question: str, make: Callable[[], Any], settings: Settings) -> Any:
    """Plain values that follow from a home with its warehouse, from code and from knowledge files.

    question  what of the kind is asked for
    """
    before = _lies(settings)
    if before is None:
        return make()

    def still() -> bool:
        return _lies(settings) == before

    asked = (question, str(settings.home.absolute()), settings.database_url, *before)
    return remembered(kind, _hash(_files(settings), *asked), make, _KEPT, worth=still)


def _hash(files: Iterator[Path], *more: object) -> str:
    digest = hashlib.blake2b(repr((sys.version, _libraries(), more)).encode(errors="surrogateescape"))
    for file in files:
        content = file.read_bytes()
        digest.update(f" {file} {len(content)} ".encode(errors="surrogateescape"))
        digest.update(content)
    return digest.hexdigest()[:32]


def _files(settings: Settings | None) -> Iterator[Path]:
    for folder in _FOLDERS:
        for at, folders, names in os.walk(ROOT / folder):
            folders[:] = sorted(set(folders) - {"__pycache__"})
            yield from (Path(at, name) for name in sorted(names))
    if settings:
        yield from sorted((settings.home / "lists").glob("*/*.json"))


def _libraries() -> list[str]:
    """Name and version of what is installed, as its folders are named."""
    folders = [folder for folder in sys.path if os.path.basename(folder).endswith("-packages")]
    return sorted(name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder) if "-info" in name)


def _lies(settings: Settings) -> list[list[int]] | None:
    """How the catalogue, the warehouse, and what is to be written into them lie on the disk; None if that does not
    tell whether they change."""
    prefix, url = "sqlite:///", settings.database_url
    if not url.startswith(prefix) or "?" in url or ":memory:" in url:
        return None
    files = settings.home / "lake" / "catalog.sqlite", Path(url.removeprefix(prefix))
    try:
        places = [place for file in files for place in (_place(file), _journal(file))]
    except OSError:
        return None
    latest = max((max(place[-2:]) for place in places if place), default=0)
    return places if latest < time.time_ns() - _TICK_NS else None


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
