"""A file that a provider was asked for: where it lies, and what became of the request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

State = Literal["fetched", "there", "unchanged", "changed"]


@dataclass(frozen=True)
class FetchedFile:
    """A file in a landing folder, and what became of it.

    day       the UTC day it is of; the first, of several
    path      where it lies or will lie
    url       the address that is asked for it, which may hold the password of a mirror
    state     fetched, there (from before), unchanged (fetched again, the same), changed (fetched again, another);
              None: nobody asked yet
    replaces  source_file_id of the edition that was there before, if changed
    """

    day: date
    path: Path
    url: str
    state: State | None
    replaces: str | None = None


def fetched_file(day: date, path: Path, url: str, before: str | None) -> FetchedFile:
    """A file that has just come.

    before  SHA-256 of what lay there before; None: nothing did
    """
    if before is None:
        return FetchedFile(day, path, url, "fetched")
    if sha256(path) == before:
        return FetchedFile(day, path, url, "unchanged")
    return FetchedFile(day, path, url, "changed", replaces=before[:16])


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes; its first 16 digits are the source_file_id it has once it is landed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
