"""Step: what the ships are that bought events name: asked of their provider once a week, and landed like any file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.fetch.redaction import Redaction
from pipeline.fetch.registry import provider_of
from pipeline.fetch.sources import SourceSpec, find_source_spec
from pipeline.plain import Record
from pipeline.tasks.arrivals import land_files, noted
from pipeline.tasks.fetch import fetched_record
from pipeline.tasks.home import Home

if TYPE_CHECKING:
    from pipeline.settings import Settings

log = logging.getLogger(__name__)
Progress = Callable[[str], None]


def refresh_particulars(
    settings: Settings, source: str, *, secrets: Mapping[str, str], now: datetime, progress: Progress
) -> Record:
    """Ask for the ships of the bought events of the home, and land the answers; the next run tells what they change.

    secrets  environment variable to value; others than the source's are ignored
    now      wall clock
    returns  source, asked (ships; 0: there is none to ask for, and nobody was asked), file (its name), and of the file:
             rows_read, rejected, source_file_id
    raises   InputError for another source, a missing or refused token, answers of no use; SourceUnavailable if the
             server gave up. Why nothing was landed is noted in `pipeline_run`, where there is a warehouse
    """
    with noted(settings, now):
        files = fetch_particulars(settings, source, secrets=secrets, now=now, progress=progress)
        if not files:
            progress(f"{source}: no event that names a ship has landed here; nothing was asked")
            return {"source": source, "asked": 0, "file": None}
        (landed,) = land_files(settings, source, [Path(files[0]["path"])], now=now, progress=progress)
    counts = {name: landed[name] for name in ("rows_read", "rejected", "source_file_id")}
    log.info("refreshed particulars of %s: %d ships asked, %s", source, files[0]["ships"], counts)
    return {"source": source, "asked": files[0]["ships"], "file": files[0]["name"], **counts}


def fetch_particulars(
    settings: Settings,
    source: str,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> list[Record]:
    """Ask for the ships of the bought events of the home; the answers lie in the source's landing folder.

    again    ask although the answers of today for these ships lie there
    returns  the file as `fetching.fetch_days` tells it, with `ships`, how many were asked for; nothing if there is no
             ship to ask for: then nobody is asked
    raises   as `refresh_particulars`
    """
    spec = _spec(source)
    fetch_ships = provider_of(spec).fetch_ships
    assert fetch_ships is not None  # as its kind says
    ships = _ships(settings, spec)
    if not ships:
        return []
    token = spec.take_secrets(secrets)
    file = fetch_ships(spec, settings, ships, secrets=token, now=now, progress=progress, again=again)
    log.info("fetched %s: %s, %d ships, %s", source, file.path.name, len(ships), file.state)
    told = fetched_record(file)
    return [told | {"path": str(file.path), "reads_as": spec.reads_as, "ships": len(ships)}]


def plan_particulars(settings: Settings, source: str) -> Record:
    """What `fetch_particulars` would do: source, ships, url; no server is asked.

    raises  InputError for another source
    """
    spec = _spec(source)
    return {
        "source": source,
        "ships": len(_ships(settings, spec)),
        "url": Redaction()(spec.address(settings)),
    }


def _spec(source: str) -> SourceSpec:
    spec = find_source_spec(source)
    if spec.vessels is None:
        raise InputError(f"{source}: tells of days, not of ships; give the day: coalwatch fetch {source} --from DAY")
    return spec


def _ships(settings: Settings, spec: SourceSpec) -> list[str]:
    """Ids of the ships of the bought events of the home."""
    from pipeline.state.particulars import ships_of_events

    lake = Home(settings).lake
    return ships_of_events(lake.catalog, lake.root, spec.provider)
