"""Step: files to the lake."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
