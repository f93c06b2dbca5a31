"""Landing files by UTC hour: what a live source sends, a line each as it came, kept before anything is made of it.

`SOURCE_2026-11-26T05.jsonl.part` grows while its hour lasts, then becomes `SOURCE_2026-11-26T05.jsonl` and is never
touched again: what a later session hears in the same hour goes to a file of its own (`…T05_2.jsonl`). Which hour a line
belongs to is that of our clock when it came.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from geo.files import settle
from pipeline.origin import write_origin

_HOUR = "%Y-%m-%dT%H"
_ONE_LINE = str.maketrans({"\n": " ", "\r": " ", "\0": "\ufffd"})


class HourlyFile:
    """The landing file of the running hour. One writer per folder and source (see `pipeline.tasks.listen`).

    folder   landing folder of the source; made when the first line comes
    url      where the lines come from, without secrets; noted as each file's origin
    fsync_s  most seconds that a power cut can cost; a killed process loses nothing
    """

    def __init__(self, folder: Path, source: str, url: str, *, fsync_s: float = 5.0) -> None:
        self._folder, self._source, self._url = folder, source, url
        self._fsync_after = timedelta(seconds=fsync_s)
        self._hour = ""
        self._file: BinaryIO | None = None
        self._synced_at = self._written_at = datetime.min.replace(tzinfo=UTC)

    @property
    def name(self) -> str | None:
        """Name of the file being written; None between files."""
        return self._part(self._hour).name if self._file else None

    def adopt(self, at: datetime) -> list[str]:
        """Take over what a session that was killed left: parts of earlier hours are closed, the running hour goes on.
        A part without a line is removed.

        at       now, with time zone
        returns  names of the files closed
        """
        running, closed = _hour_of(at), []
        for part in sorted(self._folder.glob(f"{self._source}_*.jsonl.part")):
            hour = _hour_in(part, self._source)
            if hour and not part.stat().st_size:
                part.unlink()
            elif hour == running:
                self._open(at)
            elif hour:
                closed.append(self._finish(hour, _modified(part)).name)
        return closed

    def write(self, line: str, at: datetime) -> None:
        """Append a line as it came; line breaks in it, which JSON allows between values alone, become blanks."""
        text = line.translate(_ONE_LINE)
        if not text.strip():
            return
        self.tick(at)
        if self._file is None:
            self._open(at)
        assert self._file is not None
        _write(self._file, text.encode("utf-8", "replace") + b"\n")
        self._written_at = at

    def tick(self, at: datetime) -> None:
        """Close the file when its hour is over, also if nothing comes; else see to it that it reaches the disk.

        A clock that is set back does not reopen an hour: its lines go on in the running file.
        """
        if self._file is None:
            return
        if _hour_of(at) > self._hour:
            self.close()
        elif self._written_at > self._synced_at and not timedelta(0) <= at - self._synced_at < self._fsync_after:
            os.fsync(self._file.fileno())
            self._synced_at = at

    def close(self) -> None:
        """End the running file: it appears under its final name, whole."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        self._finish(self._hour, self._written_at)

    def _open(self, at: datetime) -> None:
        self._hour = max(_hour_of(at), self._hour)
        part = self._part(self._hour)
        part.parent.mkdir(parents=True, exist_ok=True)
        self._file = part.open("ab", buffering=0)  # a line given is a line in the system's hands
        if self._file.tell() and not _ends_whole(part):
            self._file.write(b"\n")  # a line torn by a power cut stands alone, and is counted as unreadable
        self._synced_at = at

    def _finish(self, hour: str, last_at: datetime) -> Path:
        part, n = self._part(hour), 1
        final = part.with_suffix("")
        while final.exists():
            n += 1
            final = part.with_name(f"{self._source}_{hour}_{n}.jsonl")
        write_origin(final, self._url, last_at)
        settle(part, final)
        return final

    def _part(self, hour: str) -> Path:
        return self._folder / f"{self._source}_{hour}.jsonl.part"


def _write(file: BinaryIO, line: bytes) -> None:
    """Write all of a line; a disk that is nearly full takes a part of it first, and only then says so."""
    while line:
        line = line[file.write(line) :]


def _hour_of(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_HOUR)


def _hour_in(part: Path, source: str) -> str | None:
    """The hour in a part's name; None for a file that is not ours."""
    hour = part.name.removeprefix(f"{source}_").removesuffix(".jsonl.part")
    try:
        return hour if datetime.strptime(hour, _HOUR).strftime(_HOUR) == hour else None
    except ValueError:
        return None


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
