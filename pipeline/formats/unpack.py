"""Opening a file whatever it is packed in (plain, .gz, .zip, .zst), recognised by its first bytes, not its name."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, cast

from pipeline.errors import InputError
from pipeline.formats.record import Head

_HEAD_BYTES = 1 << 16
_MAGIC = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"PAR1": "parquet"}


def read_head(path: Path) -> Head:
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
    if text[:1000].count("\0") > len(text[:1000]) / 50:  # a stray NUL in a text is no binary file
        raise InputError(f"{path}: binary content; expected CSV, NMEA or Parquet, plain or as .zip, .gz or .zst")
    lines = re.split("\r\n|\n|\r", text.lstrip("\r\n"))
    return Head(path.name, tuple(lines if len(start) < _HEAD_BYTES else lines[:-1] or lines), packing)


def torn_parquet(name: str, error: Exception) -> InputError:
    """What a library finds wrong with a Parquet file, reported as the file's fault."""
    words = (str(error).splitlines() or [""])[0]
    why = words.partition("Error: ")[2] or words
    return InputError(f"{name}: torn or damaged Parquet ({why[:150]}); fetch the file again")


class opened:
    """Context of (stream of the unpacked content, packing or None), with every failure reported as an InputError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: list[IO[bytes]] = []

    def __enter__(self) -> tuple[IO[bytes], str | None]:
        path = self.path
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except IsADirectoryError:
            raise InputError(f"{path}: is a folder; name the files in it, like {path}/*.csv") from None
        except PermissionError:
            raise InputError(f"{path}: no permission to read it") from None
        self._open.append(file)
        start = file.read(4)
        file.seek(0)
        packing = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
        try:
            return self._unpacked(file, packing), packing
        except BaseException:
            self.__exit__()
            raise

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
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX")]
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

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream, self._path = stream, path

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise InputError(f"{self._path}: torn archive ({error}); fetch the file again") from None
