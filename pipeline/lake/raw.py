"""Raw files: bytes kept as received under their SHA-256, and their content unpacked where it is compressed."""

from __future__ import annotations

import codecs
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from geo.files import settle
from pipeline.errors import InputError, SourceUnavailable
from pipeline.formats.record import Content
from pipeline.formats.unpack import opened

_BLOCK = 1 << 20  # one buffer, used again: a fresh one a block costs the kernel three times what hashing costs


@dataclass(frozen=True)
class RawFile:
    """A file kept: its identity, its unpacked content, and what one pass over that found (nothing for Parquet).

    lines     lines of the content, but for blank ones at its end
    is_tidy   whether text can be read as it is: UTF-8, one kind of line end, no blank line first and no NUL;
              else a tidy copy of a table is to be read. (Blank lines between others show as lines without a row.)
    """

    sha256: str
    size: int
    content: Content
    lines: int
    is_tidy: bool


def keep_raw(raw: Path, staging: Path, path: Path) -> RawFile:
    """Copy a file into the folder of raw bytes under its SHA-256, and unpack it into staging.

    One pass over the bytes hashes, copies, counts lines and checks the encoding. Safe to run in a thread while the
    file is read.

    raises  InputError as `read_head`, or if the file changed meanwhile; SourceUnavailable if the disk is full
    """
    before = path.stat()
    incoming = raw / f".incoming-{uuid.uuid4().hex}"  # unique among machines
    digest, text = hashlib.sha256(), _TextCheck()
    with opened(path) as (stream, packing), _disk(incoming), path.open("rb") as source, incoming.open("wb") as target:
        for block in _blocks(source, before.st_size):
            digest.update(block)
            target.write(block)
            if packing is None:
                text.update(block)
        content_path = path
        if packing in ("gzip", "zip", "zstd"):
            content_path = staging / f"content-{os.getpid()}"
            with content_path.open("wb") as plain:
                while unpacked := stream.read(_BLOCK):
                    plain.write(unpacked)
                    text.update(unpacked)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        incoming.unlink()
        raise InputError(f"{path}: the file changed while it was read; wait until it is complete and ingest it again")
    suffixes = path.suffixes[-2:] if path.suffix in (".gz", ".zst", ".zip") else path.suffixes[-1:]
    stored = raw / (digest.hexdigest() + "".join(suffixes))
    settle(incoming, stored)  # a copy that is there may be damaged
    return RawFile(digest.hexdigest(), before.st_size, Content(content_path, path.name), text.lines, text.is_tidy)


def _blocks(stream: BufferedReader, size: int) -> Iterator[bytearray]:
    """The stream's bytes block by block; a block holds only until the next one. `size`: about how many will come."""
    buffer = bytearray(min(_BLOCK, size + 1))
    with memoryview(buffer) as view:
        while (read := stream.readinto(view)) == len(buffer):
            yield buffer
        while read:  # short reads, and the end of the file
            yield bytearray(view[:read])
            read = stream.readinto(view)


class _TextCheck:
    """Counts lines and looks for what makes a table's text untidy, block by block."""

    def __init__(self) -> None:
        self.lines = 0
        self._tidy = True
        self._feeds = self._returns = self._pairs = 0  # line feeds, carriage returns, both together
        self._waiting = 1  # line feeds since the last content, as if one stood before the first
        self._last = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def update(self, block: bytes | bytearray) -> None:
        feeds = block.count(b"\n")
        self._feeds += feeds
        if b"\r" in block:
            self._returns += block.count(b"\r")
            self._pairs += block.count(b"\r\n")
        self._pairs += self._last == b"\r" and block[:1] == b"\n"
        self._tidy &= b"\0" not in block and self._is_utf8(block)
        self._tidy &= self._last != b"" or block[:1] not in (b"\r", b"\n")  # a blank line is no header
        self._last = bytes(block[-1:])
        content = len(block.rstrip(b"\r\n"))
        trailing = block.count(b"\n", content)
        if content:
            self.lines += self._waiting + feeds - trailing
            self._waiting = 0
        self._waiting += trailing

    def _is_utf8(self, block: bytes | bytearray) -> bool:
        if block.isascii() and not self._decoder.getstate()[0]:
            return True
        try:
            self._decoder.decode(block)
        except UnicodeDecodeError:
            return False
        return True

    @property
    def is_tidy(self) -> bool:
        return self._tidy and (self._returns == 0 or self._returns == self._pairs == self._feeds)


class _disk:
    """Context that reports a failing disk as SourceUnavailable and removes what was half-written."""

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
