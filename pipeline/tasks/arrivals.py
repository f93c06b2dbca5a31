"""Task: what arrives for the schedule: files of a day, files that come late, particulars, and the days they touch."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import CoalwatchError, InputError
from pipeline.fetch.sources import find_source_spec, load_sources
from pipeline.lake.provider_parts import event_days
from pipeline.plain import Record
from pipeline.state.landing_manifest import landed_before, record_file, unrecorded_files
from pipeline.tasks.fetch import fetch_day, fetch_particulars, why_nothing_to_ask
from pipeline.tasks.home import Home
from pipeline.tasks.land import ingest, landing_files, refuse_useless
from pipeline.warehouse.run_log import note_failure

if TYPE_CHECKING:
    from pipeline.settings import Settings


log = logging.getLogger(__name__)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Arrived:
    """Files landed, their rows, and the UTC days that are to be derived because of them."""

    files: list[str]
    rows: int
    days: list[str]


def land_day(
    settings: Settings,
    source: str,
    day: str,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Callable[[str], None],
) -> Arrived:
    """Fetch and land one source's files of a UTC day; a rerun finds them there.

    secrets  environment variable to value, as the source's catalogue entry names them
    returns  `days` holds the day itself in any case: it was asked for
    raises   InputError for files of no use or a missing or refused token; SourceUnavailable where nothing is there yet
    """
    with _noted(settings, now):
        files = fetch_day(settings, source, day, secrets=secrets, now=now, progress=progress)
        landed = _land_files(settings, source, files, now=now, progress=progress)
    return Arrived([path.name for path in files], _rows(landed), sorted({day, *_days_to_derive(settings, landed)}))


def refresh_particulars(
    settings: Settings, source: str, *, secrets: Mapping[str, str], now: datetime, progress: Progress
) -> Record:
    """Ask for what a source tells that is of no day (particulars of the ships of the bought events of the home or of
    the lists, figures), and land the answers; the next run tells what they change.

    secrets  environment variable to value; others than the source's are ignored
    now      wall clock
    returns  source, asked (ships or ports; 0: there is none to ask for, `why` says why, and nobody was asked), file
             (its name), and of the file: rows_read, rejected, source_file_id
    raises   InputError for another source, a missing or refused token, answers of no use; SourceUnavailable if the
             server gave up. Why nothing was landed is noted in `pipeline_run`, where there is a warehouse
    """
    with _noted(settings, now):
        generated = Home(settings).lake.is_synthetic() and not find_source_spec(source).synthetic
        files = []
        if not generated:
            files = fetch_particulars(settings, source, secrets=secrets, now=now, progress=progress)
        if not files:
            why = "this home holds generated data, which real answers must not join" if generated else None
            why = why or why_nothing_to_ask(source)
            progress(f"{source}: {why}; nothing was requested")
            return {"source": source, "asked": 0, "file": None, "why": why}
        (landed,) = _land_files(settings, source, [Path(files[0]["path"])], now=now, progress=progress)
    counts = {name: landed[name] for name in ("rows_read", "rejected", "source_file_id")}
    log.info("refreshed particulars of %s: %d ships asked, %s", source, files[0]["ships"], counts)
    return {"source": source, "asked": files[0]["ships"], "file": files[0]["name"], **counts}


# Airflow maps a task over 1024 items at most, unless told otherwise ([core] max_map_length).
MOST_LATE_FILES = 500


def late_files(settings: Settings) -> list[dict[str, str]]:
    """Files of the landing folders that were not looked at yet, as `source` and `path`; no content is read.

    returns  in order of name, `MOST_LATE_FILES` at most: the next look finds the rest
    """
    home = Home(settings)
    home.lake.create()
    found: list[tuple[str, Path]] = []
    for source in load_sources():
        folder = settings.landing / source
        if folder.is_dir():
            found += [(source, path) for path in unrecorded_files(home.lake.catalog, landing_files(folder))]
    found.sort(key=lambda one: (one[1].name, one[0]))
    return [{"source": source, "path": str(path)} for source, path in found[:MOST_LATE_FILES]]


def land_late(
    settings: Settings, source: str, path: Path, *, now: datetime, progress: Callable[[str], None]
) -> Arrived:
    """Land one file of a landing folder, whatever days it holds.

    raises  InputError if it is of no use: said once, it is not tried again until it changes
    """
    try:
        with _noted(settings, now):
            landed = _land_files(settings, source, [path], now=now, progress=progress)
    except InputError as error:
        record_file(Home(settings).lake.catalog, path, refused=str(error))
        raise
    return Arrived([path.name], _rows(landed), _days_to_derive(settings, landed))


@contextmanager
def _noted(settings: Settings, now: datetime) -> Iterator[None]:
    """Why nothing could be landed stands in `pipeline_run` too, where there is a warehouse."""
    try:
        yield
    except CoalwatchError as error:
        note_failure(settings, "land", error, now)
        raise


def _land_files(
    settings: Settings, source: str, files: Sequence[Path], *, now: datetime, progress: Callable[[str], None]
) -> list[Record]:
    """Land files; each takes the place of what its path gave before, but only once it has proved of use.

    returns  as `ingest`; `days` are those whose content changed
    raises   as `ingest`; InputError for a file of no use
    """
    spec = find_source_spec(source)
    how = partial(ingest, settings, source=spec.reads_as, now=now, progress=progress, synthetic=spec.synthetic)
    lake = Home(settings).lake
    replaced = {path: before for path in files if (before := _standing_before(lake.catalog, path))}
    told_before = {path: event_days(lake.event_parts(before)) for path, before in replaced.items()}
    new = [path for path in files if path not in replaced]
    landed = dict(zip(new, how(new), strict=True)) if new else {}
    for path, before in replaced.items():
        (landed[path],) = how([path], replaces=before)
    refuse_useless([landed[path] for path in files])
    catalog, arrived = Home(settings).lake.catalog, []  # opened again: there may have been none before
    for path in files:
        file, days = landed[path], set(landed[path]["days"])
        if replaced.get(path, file["source_file_id"]) != file["source_file_id"]:
            days |= told_before[path]
        record_file(catalog, path, source_file_id=file["source_file_id"])
        arrived.append(file | {"days": sorted(days)})
    return arrived


def _standing_before(catalog: sqlite3.Connection, path: Path) -> str | None:
    """source_file_id of what a path gave before, if it stands and no other path gave the same."""
    before = landed_before(catalog, path)
    return before if before and _stands(catalog, before) else None


def _stands(catalog: sqlite3.Connection, source_file_id: str) -> bool:
    query = "select 1 from source_file where source_file_id = ? and replaced_by_source_file_id is null"
    return catalog.execute(query, [source_file_id]).fetchone() is not None


def _days_to_derive(settings: Settings, landed: Sequence[Record]) -> list[str]:
    """The days that the files changed, and those of them, or of what they replaced, that still wait: a landing that was
    stopped before it could say what it had changed says so when it is repeated."""
    from pipeline.tasks.plan import days_to_compress

    home = Home(settings)
    waiting = days_to_compress(home)
    days = {day for file in landed for day in file["days"]}
    for file in landed:
        concerned = home.lake.catalog.execute(
            "select source_file_id, substr(from_at, 1, 10), substr(to_at, 1, 10) from source_file "
            "where ? in (source_file_id, replaced_by_source_file_id)",
            [file["source_file_id"]],
        ).fetchall()
        days.update(day for _, first, last in concerned if first for day in waiting if first <= day <= last)
        days |= home.provider_events.waiting_days([source_file_id for source_file_id, _, _ in concerned])
    return sorted(days)


def _rows(landed: Sequence[Record]) -> int:
    return sum(file["rows_read"] for file in landed)
