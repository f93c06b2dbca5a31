"""Files of the lake that are gone or damaged: which one, whose rows it held, and what makes it whole again.

A part can be made again from the bytes that landed: landing them again mends it. What is derived from parts is made
again by `coalwatch run --rebuild`.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pipeline.errors import InputError
from pipeline.lake.bucket import Place, Stored, readable
from pipeline.lake.published import KINDS, bucket_of
from pipeline.sqlite_reading import open_for_reading

# What the system refuses, whatever the file holds; `disk_failures` reports it.
_OF_THE_SYSTEM = (errno.EACCES, errno.EPERM, errno.EIO, errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


@contextmanager
def reading(path: Place) -> Iterator[None]:
    """Read a Parquet file of the lake inside; errors say what is wrong and what to do.

    raises  InputError if it is gone or damaged
    """
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path} is gone; {_moved(path) or _remedy(path)}") from None
    except OSError as error:
        if error.errno in _OF_THE_SYSTEM:
            raise
        raise damaged(path, _words(error, path)) from None
    except pa.ArrowException as error:
        raise damaged(path, _words(error, path)) from None


def damaged(path: Place, why: str) -> InputError:
    """What to say of a file that does not hold what it should."""
    return InputError(f"{path} is damaged ({why}); {_remedy(path)}")


def is_whole(path: Place, rows: int | None = None) -> bool:
    """Whether a Parquet file of the lake is there, can be read to its end, and holds that many rows (None: any)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(readable(path)) as file:
            return rows in (None, sum(len(batch) for batch in file.iter_batches()))
    except (OSError, pa.ArrowException):
        return False


def _moved(path: Place) -> str:
    """What to say to who looks for a part in the home, while its lake lies in a bucket; empty where it does not."""
    lake = _lake_of(path) if isinstance(path, Path) else None
    if lake is None or not isinstance(path, Path) or path.relative_to(lake).parts[0] not in KINDS:
        return ""
    try:
        with closing(open_for_reading(lake / "catalog.sqlite")) as catalog:
            bucket = bucket_of(catalog)
    except sqlite3.Error:
        return ""
    return f"the lake moved to {bucket.url} meanwhile: run the same command again" if bucket else ""


def _lake_of(path: Path) -> Path | None:
    """The folder of the lake that a file lies in."""
    return next((folder for folder in path.parents if (folder / "catalog.sqlite").is_file()), None)


def _remedy(path: Place) -> str:
    if isinstance(path, Stored):
        file_id = _file_id(path)
        return f"it holds rows of file {file_id} (table source_file): land the same file again, and it is whole"
    lake = path.parent.with_name("lake") if path.parent.name == "raw" else _lake_of(path)
    found = _file_of(lake, _file_id(path)) if lake else None
    if lake is None or found is None:
        return "it is derived from what landed: `coalwatch run --rebuild` makes it again"
    name, source, sha256, synthetic = found
    kept = next((one for one in (lake.parent / "raw").glob(f"{sha256}*") if one != path), None)
    bytes_ = f"its bytes are kept as {kept}" if kept else f"SHA-256 {sha256}"
    again = f"coalwatch ingest {source} {name}{' --synthetic' if synthetic else ''}"
    return f"it holds rows of {name}: land the same file again, and it is whole: `{again}` ({bytes_})"


def _file_id(path: Place) -> str:
    """The source_file_id in the name of a part, or of raw bytes, whose SHA-256 begins with it."""
    return path.stem.partition("-")[0][:16]


def _file_of(lake: Path, source_file_id: str) -> tuple[str, str, str, bool] | None:
    """Name, source, SHA-256 of a file that landed, and whether it is synthetic; None where the id is none's."""
    ask = "select name, source, sha256, synthetic from source_file where source_file_id = ?"
    try:
        with closing(open_for_reading(lake / "catalog.sqlite")) as catalog:
            row: tuple[str, str, str, bool] | None = catalog.execute(ask, [source_file_id]).fetchone()
            return row
    except sqlite3.Error:
        return None


def _words(error: Exception, path: Place) -> str:
    words = " ".join(str(error).replace(f"'{path}'", "").split())
    return words if len(words) <= 120 else words[:120] + " …"
