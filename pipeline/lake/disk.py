"""A home's disk: one writer at a time, and its errors (or Ctrl-C) reported in one way whichever library met them."""

from __future__ import annotations

import errno
import fcntl
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG)
# Words of DuckDB's where it was the disk that had no room for what memory could not hold.
_SPILLING = ("temp_directory", "offload", "No space left")
_LESS_AT_ONCE = "nothing was changed: end what else needs memory, or hand the file in as several smaller ones"
_FORBIDDEN_WORDS = ("readonly", "unable to open")  # SQLite's for the same


def not_writable(home: Path, error: OSError | sqlite3.OperationalError) -> CoalwatchError:
    """Why nothing can be written to a home: this user may not (InputError), or the disk failed (SourceUnavailable)."""
    if isinstance(error, OSError):
        forbidden = error.errno in _FORBIDDEN
    else:
        forbidden = any(words in str(error) for words in _FORBIDDEN_WORDS)
    if forbidden:
        why = error.strerror if isinstance(error, OSError) else error
        return InputError(f"{home}: cannot be written to ({why}); give another --home, or mend its permissions")
    return SourceUnavailable(f"{home}: {_why(error)}; free some space and try again")


@contextmanager
def one_writer(home: Path, lock: str, progress: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file `lake/<lock>` of a home; a second process says that it waits, and waits.

    raises  InputError if this user may not write there
    """
    path = home / "lake" / lock
    try:
        file = path.open("w")
    except OSError as error:
        raise not_writable(home, error) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting: another coalwatch is writing to {home}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def disk_failures(home: Path, remedy: str) -> Iterator[None]:
    """Tell what a disk refused meanwhile as SourceUnavailable, with what it means and what to do.

    DuckDB ends an interrupted query with a RuntimeError; it goes on as the KeyboardInterrupt that it was.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise SourceUnavailable(f"{home}: {_why(error)}; {remedy}") from None
    except Exception as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        duckdb = sys.modules.get("duckdb")  # not imported: most of what runs in here never needs it
        if duckdb is None or not isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException)):
            raise
        if isinstance(error, duckdb.OutOfMemoryException) and not any(word in str(error) for word in _SPILLING):
            raise SourceUnavailable(f"{home}: memory did not suffice ({_why(error)}); {_LESS_AT_ONCE}") from None
        raise SourceUnavailable(f"{home}: {_why(error)}; {remedy}") from None


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C takes effect at the end of this: inside DuckDB's loading it would bring the whole process down."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # Ctrl-C reaches the main thread alone, and whoever handles it in another way keeps doing so
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt


def _why(error: Exception) -> str:
    """The library's words on one line, not too many of them."""
    words = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        words = error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return words if len(words) <= 200 else words[:200] + " …"
