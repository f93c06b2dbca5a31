"""A file that is still coming: its bytes end in `.part`, with a note beside them of the edition they belong to.

The note (`.note.part`) lets a later call go on where one was stopped, and only if the server still has that edition.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import atomic_write, settle, write_whole
from pipeline.errors import SourceUnavailable

if TYPE_CHECKING:
    from httpx import Response

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class Part:
    """What has come of `target` from `url` (without secrets)."""

    def __init__(self, target: Path, url: str) -> None:
        self.target, self.url = target, url
        self.path, self._note = Path(f"{target}.part"), Path(f"{target}.note.part")

    def size(self) -> int:
        """Bytes that have come."""
        return self.path.stat().st_size if self.path.exists() else 0

    def resume(self) -> tuple[int, dict[str, str]]:
        """Bytes to go on from, and headers that ask for the rest (or for all of it, if the edition is another now).

        Both empty where nothing has come, or nobody knows of which edition it is.
        """
        begun, edition = self.size(), self._noted().get("edition")
        return (begun, {"Range": f"bytes={begun}-", "If-Range": edition}) if begun and edition else (0, {})

    def place(self, answer: Response, begun: int) -> tuple[int, int | None] | None:
        """Where the bytes of an answer belong, and the length of the whole file if known.

        returns  None, with nothing kept, where the answer does not continue what was begun
        """
        edition, length = _edition(answer), answer.headers.get("content-length")
        if answer.status_code not in (206, 416):
            total = int(length) if length else None
            self._begin({"url": self.url, "edition": edition, "bytes": total} if edition else {})
            return 0, total
        noted, found = self._noted(), _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
        start, whole = found.groups() if found else (None, None)
        total = int(whole) if whole and whole != "*" else noted.get("bytes")
        fits = start == str(begun) if answer.status_code == 206 else total == begun
        if fits and edition in ("", noted.get("edition", edition)) and total == (noted.get("bytes") or total):
            return begun, total
        self._begin({})
        return None

    def unpack(self, name: str) -> None:
        """Take off the gzip that the server of source `name` put on for the journey.

        raises  SourceUnavailable, with nothing kept, if it is torn
        """
        try:
            with gzip.open(self.path) as packed, atomic_write(self.path) as plain, plain.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self._begin({})
            raise SourceUnavailable(f"{name}: {self.target.name} came packed and torn; try again") from None

    def drop(self) -> None:
        """Nothing is kept of what came."""
        self._begin({})

    def finish(self) -> None:
        """The part becomes the file."""
        settle(self.path, self.target)
        self._note.unlink(missing_ok=True)

    def _noted(self) -> dict[str, Any]:
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return noted if noted.get("url") == self.url else {}

    def _begin(self, note: dict[str, Any]) -> None:
        self.path.unlink(missing_ok=True)  # before the note: it must never name bytes of another edition
        self._note.unlink(missing_ok=True)
        if note:
            write_whole(self._note, json.dumps(note))


def _edition(answer: Response) -> str:
    """What identifies an edition of a file, strongly enough to join its bytes; empty if nothing does."""
    etag = str(answer.headers.get("etag", ""))
    return etag if etag and not etag.startswith("W/") else str(answer.headers.get("last-modified", ""))
