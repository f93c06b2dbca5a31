"""Step: what arrives for the schedule: a source's files of a day, files that come late, and the days they touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import CoalwatchError, InputError
from pipeline.fetch.catalogue import find_source_spec, load_sources
from pipeline.lake.taken import not_taken, note_taken
from pipeline.steps.fetching import fetch_day
from pipeline.steps.home import Home
from pipeline.steps.landing import ingest, landing_files, refuse_useless
from pipeline.steps.plain import Record
from pipeline.steps.runlog import note_failure

if TYPE_CHECKING:
    from pipeline.settings import Settings


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
        landed = _land(settings, source, files, now, progress)
    return Arrived([path.name for path in files], _rows(landed), sorted({day, *_days_to_derive(settings, landed)}))


def late_files(settings: Settings) -> list[dict[str, str]]:
    """Files of the landing folders that were not looked at yet, as `source` and `path`; no content is read."""
    home = Home(settings)
    home.lake.create()
    found = []
    for source in load_sources():
        folder = settings.landing / source
        if folder.is_dir():
            found += [
                {"source": source, "path": str(path)} for path in not_taken(home.lake.catalog, landing_files(folder))
            ]
    return found


def land_late(
    settings: Settings, source: str, path: Path, *, now: datetime, progress: Callable[[str], None]
) -> Arrived:
    """Land one file of a landing folder, whatever days it holds.

    raises  InputError if it is of no use: said once, it is not tried again until it changes
    """
    try:
        with _noted(settings, now):
            landed = _land(settings, source, [path], now, progress)
    except InputError as error:
        note_taken(Home(settings).lake.catalog, path, refused=str(error))
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


def _land(
    settings: Settings, source: str, files: Sequence[Path], now: datetime, progress: Callable[[str], None]
) -> list[Record]:
    spec = find_source_spec(source)
    landed = ingest(settings, files, spec.reads_as, now=now, progress=progress, synthetic=spec.synthetic)
    refuse_useless(landed)
    catalog = Home(settings).lake.catalog
    for path in files:
        note_taken(catalog, path)
    return landed


def _rows(landed: Sequence[Record]) -> int:
    return sum(file["rows_read"] for file in landed)


def _days_to_derive(settings: Settings, landed: Sequence[Record]) -> list[str]:
    """The days that the files changed, and those they hold that still wait: a landing that was stopped before it could
    say what it had changed says so when it is repeated."""
    from pipeline.steps.running import waiting_days

    waiting = waiting_days(settings, None, rebuild=False)
    held = {day for day in waiting for file in landed if _holds(file, day)}
    return sorted(held.union(*(file["days"] for file in landed)))


def _holds(file: Record, day: str) -> bool:
    return file["from_at"] is not None and file["from_at"][:10] <= day <= file["to_at"][:10]
