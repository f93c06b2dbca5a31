"""SQLite files opened for reading alone, also where nothing may be written beside them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any


def open_for_reading(path: Path, **options: Any) -> sqlite3.Connection:
    """A connection that cannot write.

    Readers and writers of a file agree by one beside it (`-shm`), which the first of them makes. In a folder that may
    not be written to nobody can: where there is none, and no change waits beside the file, it is read as it lies.

    options  of `sqlite3.connect`
    raises   sqlite3.Error
    """
    path = path.resolve()  # beside which SQLite keeps the others
    log, shared = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    alone = not shared.exists() and not (log.exists() and log.stat().st_size) and not os.access(path.parent, os.W_OK)
    address = f"{path.as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    return sqlite3.connect(address, uri=True, **options)
