"""Opening a file whatever it is packed in (plain, .gz, .zip, .zst), recognised by its first bytes, not its name."""

from __future__ import annotations

import gzip
import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import IO, Protocol, cast

from pipeline.errors import InputError
from pipeline.formats.record import Head

_HEAD_BYTES = 1 << 16
_NO_TEXT = re.compile("[\\0-\\x08\\x0e-\\x1f\ufffd]")  # control characters, and what is no UTF-8
_ABOVE = re.compile(r"\s*(?:#|sep=.\s*$)", re.IGNORECASE)
_MOST_ABOVE = 100
_BLANK = " \t\r\n\v\f"  # as of bytes
_BESIDE = re.compile(r"^__MACOSX|(?:^|/)(?:\.[^/]*|Thumbs\.db)$")  # what systems put beside a file in an archive
_SPREADSHEET = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")  # a file in those of Excel, LibreOffice
_MAGIC = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"PAR1": "parquet"}


class Elsewhere(Protocol):
    """A file that lies on no disk of this machine; as text, its address."""

    @property
    def name(self) -> str:
        """Without its folder."""
        ...

    def stream(self) -> IO[bytes]:
        """Its bytes; can be sought.

        raises  FileNotFoundError
        """
        ...


def read_head(path: Path | Elsewhere) -> Head:
    """The beginning of a file, unpacked.

    raises  InputError for a missing, empty, unreadable or torn file, a folder, an archive of several files
    """
    with opened(path) as (stream, packing):
        if packing == "parquet":
            return Head(path.name, (), packing)
        start = stream.read(_HEAD_BYTES)
    if not start.strip():
        raise InputError(f"{path}: the file is empty; expected AIS data")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: text in UTF-16; expected UTF-8, save it so")
    if start.startswith(b"PAR1"):
        raise InputError(f"{path}: Parquet inside an archive; unpack it, Parquet is compressed in itself")
    text = start.decode("utf-8-sig", "replace")
    lines = re.split("\r\n|\n|\r", text.lstrip("\r\n"))
    if _is_binary(lines):
        raise InputError(f"{path}: binary content; expected CSV, NMEA or Parquet, plain or as .zip, .gz or .zst")
    lines = lines if len(start) < _HEAD_BYTES else lines[:-1] or lines
    above = _above_header(lines)
    filled = [number for number, line in enumerate(lines) if line.strip(_BLANK)]
    return Head(path.name, tuple(lines[filled[above] :] if above else lines), packing, above)


def _is_binary(lines: list[str]) -> bool:
    """Whether most of what lines say is no text. Some of them in a text make no binary file: a logger that loses its
    power leaves a run of NULs, which says nothing however long it is."""
    said = [re.sub("\0+", "\0", line) for line in lines]
    no_text = [line for line in said if "\0" in line or 0 < len(line) <= 4 * len(_NO_TEXT.findall(line))]
    return 2 * sum(map(len, no_text)) > sum(map(len, said))


def _above_header(lines: list[str]) -> int:
    """How many lines, blank ones not counted, stand above a table's header: comments, and what a spreadsheet is told of
    the delimiter (`sep=,`). The Danish header begins like a comment, but has about as many columns as most rows."""
    filled = [line for line in lines[:_MOST_ABOVE] if line.strip(_BLANK)]
    above = next((number for number, line in enumerate(filled) if not _ABOVE.match(line)), 0)
    widths = [_columns(line) for line in filled]
    usual = sorted(widths[above:])[len(widths[above:]) // 2] if filled else 0
    if not usual:
        return 0  # no table, or one of another delimiter, whose header may begin so
    return next((number for number in range(above) if 4 * widths[number] >= 3 * usual), above)


def _columns(line: str) -> int:
    return max(map(line.count, ",;\t|"))


def torn_parquet(name: str, error: Exception) -> InputError:
    """What a library finds wrong with a Parquet file, reported as the file's fault."""
    words = (str(error).splitlines() or [""])[0]
    why = words.partition("Error: ")[2] or words
    return InputError(f"{name}: torn or damaged Parquet ({why[:150]}); fetch the file again")


class opened:
    """Context of (stream of the unpacked content, packing or None), with every failure reported as an InputError."""

    def __init__(self, path: Path | Elsewhere) -> None:
        self.path = path
        self._open: list[IO[bytes]] = []

    def __enter__(self) -> tuple[IO[bytes], str | None]:
        path = self.path
        try:
            file = path.stream() if not isinstance(path, Path) else self._regular(path)
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except IsADirectoryError:
            raise InputError(f"{path}: is a folder; name the files in it, like {path}/*.csv") from None
        except PermissionError:
            raise InputError(f"{path}: no permission to read it") from None
        except OSError as error:  # a loop of links, a path through a file, a name that is too long
            raise InputError(f"{path}: {error.strerror}; give the path of a file") from None
        self._open.append(file)
        start = file.read(4)
        file.seek(0)
        packing = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
        try:
            return self._unpacked(file, packing), packing
        except BaseException:
            self.__exit__()
            raise

    def _regular(self, path: Path) -> IO[bytes]:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise InputError(f"{path}: no regular file (a pipe, socket or device); write its content to one first")
        return path.open("rb")

    def _unpacked(self, file: IO[bytes], packing: str | None) -> IO[bytes]:
        if packing == "gzip":
            stream = cast(IO[bytes], gzip.GzipFile(fileobj=file))
        elif packing == "zstd":
            import pyarrow as pa

            stream = cast(IO[bytes], pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd"))
        elif packing == "zip":
            stream = self._member(file)
        else:
            return file
        self._open.append(stream)
        return _Unpacked(stream, self.path)  # type: ignore[return-value]

    def _member(self, file: IO[bytes]) -> IO[bytes]:
        """The one file of a zip archive."""
        try:
            archive = zipfile.ZipFile(file)
            members = [m for m in archive.infolist() if not m.is_dir() and not _BESIDE.search(m.filename)]
            if any(m.filename in _SPREADSHEET for m in members):
                raise InputError(f"{self.path}: a spreadsheet; save it as CSV, with its times and numbers as they were")
            if len(members) != 1:
                names = ", ".join(m.filename for m in members[:3]) or "none"
                raise InputError(f"{self.path}: {len(members)} files in the archive ({names}); expected one, unpack it")
            return archive.open(members[0])
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise InputError(f"{self.path}: torn archive ({error}); fetch the file again") from None
        except RuntimeError as error:  # encrypted, or packed in a way that this library does not know
            why = str(error).partition("> is ")[2] or str(error).rstrip(".")
            raise InputError(f"{self.path}: the archive cannot be read ({why}); unpack it and give its file") from None

    def __exit__(self, *_: object) -> None:
        for stream in reversed(self._open):
            stream.close()


class _Unpacked:
    """A decompressing stream whose failures name the file."""

    def __init__(self, stream: IO[bytes], path: Path | Elsewhere) -> None:
        self._stream, self._path = stream, path

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise InputError(f"{self._path}: torn archive ({error}); fetch the file again") from None
