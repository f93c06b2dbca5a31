"""Step: files to the lake."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.steps.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.settings import Settings

log = logging.getLogger(__name__)


def ingest(
    settings: Settings,
    paths: Sequence[Path],
    source: str,
    *,
    now: datetime,
    progress: Callable[[str], None],
    base_date: str | None = None,
    synthetic: bool = False,
    replaces: str | None = None,
) -> list[dict[str, Any]]:
    """Land files; a file that is there already changes nothing.

    returns  per file its SOURCE_FILE row, with `days`: the UTC days whose content changed
    raises   InputError, SourceUnavailable as `pipeline.lake.landing.land`
    """
    from pipeline.lake.landing import land

    home = Home(settings)
    landed = land(
        home.lake,
        paths,
        source,
        now=now,
        base_date=base_date,
        synthetic=synthetic,
        replaces=replaces,
        progress=progress,
    )
    for file in landed:
        row = file.source_file
        log.info("landed %s as %s: %d rows, %d days", row["name"], row["source"], row["rows_read"], len(file.days))
    return [{**file.source_file, "days": list(file.days)} for file in landed]


def waiting_files(folder: Path, day: str) -> list[Path]:
    """Files of a folder whose names hold a UTC day, as 2018-06-01, 2018_06_01 or 20180601, in order of name.

    raises  InputError if the folder does not exist
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; put the day's files there, or name another landing folder")
    forms = (day, day.replace("-", "_"), day.replace("-", ""))
    return sorted(path for path in folder.iterdir() if path.is_file() and any(form in path.name for form in forms))


def plan(settings: Settings, paths: Sequence[Path], source: str) -> list[dict[str, Any]]:
    """What `ingest` would do: name, source, bytes, source_file_id, already_landed; nothing is written."""
    from pipeline.lake.landing import plan as plan_landing

    return [
        {
            "name": one.path.name,
            "source": one.source,
            "bytes": one.bytes,
            "source_file_id": one.source_file_id,
            "already_landed": one.already_landed,
        }
        for one in plan_landing(Home(settings).lake, paths, source)
    ]
