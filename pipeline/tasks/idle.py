"""Whether a run would find nothing to do, judged by the files that it would read, without loading what it derives with.

A run that has derived everything notes in `lake/idle.json` what it read (code, knowledge, editions of lists, address of
the warehouse) and how the catalogue and the warehouse lay on the disk when it ended. While all of that is the same, the
next run is over before it began. Anything else, a note that cannot be read among it, means a run as ever.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import write_whole
from pipeline.remembered import places, version_of_files

if TYPE_CHECKING:
    from pipeline.settings import Settings

_TICK_S = 0.02  # file times are kept in steps of up to 10 ms: what is written after that has another one
# What such a run reports, as `run.RunReport.as_dict` does.
NOTHING: dict[str, Any] = {
    "days": [], "ships": 0, "alerts": {"raised": 0, "changed": 0, "withdrawn": 0, "reinstated": 0}, "changed": False,
    "judged": 0, "released": [], "held_back": [], "pipeline_run_id": "",
}  # fmt: skip


def is_idle(settings: Settings) -> bool:
    """Whether a run without options would change nothing; false wherever that is not certain."""
    with suppress(OSError, ValueError):
        noted = json.loads(_note(settings).read_text(encoding="utf-8"))
        return bool(noted == [read_by_run(settings), places(settings.home, settings.database_url)])
    return False


def read_by_run(settings: Settings) -> str:
    """A hash of what a run reads besides the lake and the warehouse: code, knowledge and what the installation adds to
    them, lists, readings of imagery, where the warehouse is."""
    return version_of_files(settings.home, str(settings.home.absolute()), settings.database_url)


def version_of(catalog: sqlite3.Connection) -> int:
    """A number that is another one once anybody else has written to the catalogue."""
    return int(catalog.execute("pragma data_version").fetchone()[0])


def note_idle(settings: Settings, read: str, catalog: sqlite3.Connection, version: int) -> None:
    """Note at the end of a run that it left nothing to do, unless that is uncertain.

    read     `read_by_run` before it read anything
    version  `version_of` the catalogue before that: a file that landed meanwhile was perhaps not seen
    """
    with suppress(OSError, sqlite3.OperationalError):
        _note(settings).unlink(missing_ok=True)
        catalog.execute("pragma wal_checkpoint(truncate)").close()
        time.sleep(_TICK_S)
        lie = places(settings.home, settings.database_url)
        if lie is not None and version_of(catalog) == version:
            write_whole(_note(settings), json.dumps([read, lie]))


def _note(settings: Settings) -> Path:
    return settings.home / "lake" / "idle.json"
