"""Raw files: bytes kept as received under their SHA-256, and their content unpacked where it is compressed."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError, SourceUnavailable
from pipeline.sources.record import Content
from pipeline.sources.unpack import opened

if TYPE_CHECKING:
    from pipeline.lake.lake import Lake

_BLOCK = 1 << 20  # one buffer, used again: a fresh one a block costs the kernel three times what hashing costs


@dataclass(frozen=True)
class RawFile:
    """A file kept: its identity, its unpacked content, and what one pass over that told (nothing for Parquet).

    lines     lines of the content, blank ones included
    is_utf8   False where bytes are not UTF-8; then a `cleaned` copy is to be read
    """

    sha256: str
    size: int
    content: Content
    lines: int
    is_utf8: bool


def keep_raw(lake: Lake, path: Path) -> RawFile:
    """Copy a file into the lake's raw folder under its SHA-256, unless it is there, and unpack it into staging.

    One pass over the bytes hashes, copies, counts lines and checks the encoding. Safe to run in a thread while the
    file is read.

    raises  InputError as `read_head`, or if the file changed meanwhile; SourceUnavailable if the disk is full
    """
    before = path.stat()
    incoming = lake.raw / f".incoming-{os.getpid()}"
    digest, text = hashlib.sha256(), _TextCheck()
    with opened(path) as (stream, packing), _disk(incoming), path.open("rb") as source, incoming.open("wb") as target:
        for block in _blocks(source):
            digest.update(block)
            target.write(block)
            if packing is None:
                text.update(block)
        content_path = path
        if packing in ("gzip", "zip", "zstd"):
            content_path = lake.staging / f"content-{os.getpid()}"
            with content_path.open("wb") as plain:
                while unpacked := stream.read(_BLOCK):
                    plain.write(unpacked)
                    text.update(unpacked)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        incoming.unlink()
        raise InputError(f"{path}: the file changed while it was read; wait until it is complete and ingest it again")
    suffixes = path.suffixes[-2:] if path.suffix in (".gz", ".zst", ".zip") else path.suffixes[-1:]
    stored = lake.raw / (digest.hexdigest() + "".join(suffixes))
    if stored.exists():
        incoming.unlink()
    else:
        incoming.rename(stored)
    return RawFile(digest.hexdigest(), before.st_size, Content(content_path, path.name), text.lines, text.is_utf8)


def cleaned(content: Content, target: Path) -> tuple[Content, int]:
    """A copy that can be read, and the number of its lines.

    Bytes of other encodings become U+FFFD; blank lines go. A line with an odd number of quotes would swallow the lines
    after it; it loses its quotes, so that it stands or falls alone.
    """
    lines = 0
    with _disk(target), content.path.open("rb") as source, target.open("wb") as plain:
        for line in source:
            if not line.strip():
                continue
            lines += 1
            if line.count(b'"') % 2:
                line = line.replace(b'"', b"")
            plain.write(line if line.isascii() else line.decode("utf-8", "replace").encode())
    return Content(target, content.name), lines


def _blocks(stream: BufferedReader) -> Iterator[bytearray]:
    """The stream's bytes block by block; a block holds only until the next one."""
    buffer = bytearray(_BLOCK)
    with memoryview(buffer) as view:
        while (size := stream.readinto(view)) == _BLOCK:
            yield buffer
        while size:  # short reads, and the end of the file
            yield bytearray(view[:size])
            size = stream.readinto(view)


class _TextCheck:
    """Counts lines and checks UTF-8, block by block."""

    def __init__(self) -> None:
        self.is_utf8 = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._newlines = 0
        self._last = b"\n"

    def update(self, block: bytes | bytearray) -> None:
        self._newlines += block.count(b"\n")
        self._last = bytes(block[-1:]) or self._last
        if self.is_utf8 and not (block.isascii() and not self._decoder.getstate()[0]):
            try:
                self._decoder.decode(block)
            except UnicodeDecodeError:
                self.is_utf8 = False

    @property
    def lines(self) -> int:
        return self._newlines + (self._last != b"\n")


class _disk:
    """Context that tells a failing disk as SourceUnavailable and removes what was half-written."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> None:
        self._target.parent.mkdir(parents=True, exist_ok=True)

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if error is not None:
            self._target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise SourceUnavailable(
                f"{self._target.parent}: {error.strerror}; nothing was landed, free some space and try again"
            ) from None
