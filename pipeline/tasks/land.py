"""Task: files to the lake, and what of them was rejected."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import REJECTED_ROW_COUNT, UNREAD_FIELD_COUNT
from pipeline.engines.engine import Engine, open_engine
from pipeline.errors import InputError
from pipeline.lake.handed_in import NOT_DATA
from pipeline.lake.usefulness import refuse_useless
from pipeline.plain import Record, plain, records
from pipeline.tasks.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.lake.bucket import Place
    from pipeline.settings import Settings

__all__ = ["ingest", "landing_files", "list_rejects", "plan", "refuse_useless", "waiting_files"]

log = logging.getLogger(__name__)


def ingest(
    settings: Settings,
    files: Sequence[Path | str],
    source: str,
    *,
    now: datetime,
    progress: Callable[[str], None],
    base_date: str | None = None,
    synthetic: bool = False,
    replaces: str | None = None,
) -> list[Record]:
    """Land files; a file that is there already changes nothing.

    files    paths, and addresses in a bucket (`pipeline.lake.handed_in.find_files`)
    returns  per file its SOURCE_FILE row, with `days`: the UTC days whose content changed, `mended`: whether what the
             lake holds of it was gone or damaged, and is whole again, `rejects`: reason, meaning,
             rows, first_line, detail and example of its rejected rows, and `unread`: field, column_name, rows,
             first_line, example and expected of what could not be read of rows that stand
    raises   InputError, SourceUnavailable as `pipeline.lake.landing.land`
    """
    from pipeline.lake.handed_in import find_files
    from pipeline.lake.landing import land

    home, paths = Home(settings), find_files(files)
    with _elsewhere(settings, home, paths) as engine:
        landed = land(
            home.lake,
            paths,
            source,
            now=now,
            base_date=base_date,
            synthetic=synthetic,
            replaces=replaces,
            progress=progress,
            engine=engine,
        )
    for file in landed:
        row = file.source_file
        log.info("landed %s as %s: %d rows, %d days", row["name"], row["source"], row["rows_read"], len(file.days))
    return [
        {
            **row,
            "days": list(file.days),
            "mended": file.mended,
            "rejects": _rejects(home, file_id),
            "unread": _unread(home, file_id),
        }
        for file, row in zip(landed, plain(file.source_file for file in landed), strict=True)
        for file_id in (row["source_file_id"],)
    ]


@contextmanager
def _elsewhere(settings: Settings, home: Home, paths: Sequence[Place]) -> Iterator[Engine | None]:
    """Spark, if it is the engine and there are files to divide among its workers: a file is never divided."""
    if settings.engine != "spark" or len(paths) < 2:
        yield None
        return
    with open_engine(settings.engine, settings.spark_master, home.lake.incoming) as engine:
        yield engine


def _rejects(home: Home, source_file_id: str) -> list[Record]:
    from pipeline.lake.accounting import REASONS

    counts = home.lake.counts_of(REJECTED_ROW_COUNT, source_file_id)
    return [row | {"meaning": REASONS[row["reason"]]} for row in plain(counts)]


def _unread(home: Home, source_file_id: str) -> list[Record]:
    return plain(home.lake.counts_of(UNREAD_FIELD_COUNT, source_file_id))


def waiting_files(folder: Path, day: str) -> list[Path]:
    """Files of a folder whose names hold a UTC day, as 2018-06-01, 2018_06_01 or 20180601, in order of name.

    raises  InputError if the folder does not exist
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; put the day's files there, or name another landing folder")
    forms = (day, day.replace("-", "_"), day.replace("-", ""))
    return [path for path in landing_files(folder) if any(form in path.name for form in forms)]


def landing_files(folder: Path) -> list[Path]:
    """The files of a landing folder in order of name: not what is being written, nor a listener's or origin's note."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.endswith(NOT_DATA))


def plan(
    settings: Settings,
    files: Sequence[Path | str],
    source: str,
    *,
    synthetic: bool = False,
    replaces: str | None = None,
) -> list[Record]:
    """What `ingest` would do: name, source, bytes, source_file_id, already_landed; nothing is written.

    raises  InputError as `ingest`, as far as the beginnings of the files show
    """
    from pipeline.lake.handed_in import find_files
    from pipeline.lake.landing import plan as plan_landing

    paths = find_files(files)
    return [
        {
            "name": one.path.name,
            "source": one.source,
            "bytes": one.bytes,
            "source_file_id": one.source_file_id,
            "already_landed": one.already_landed,
        }
        for one in plan_landing(Home(settings).lake, paths, source, synthetic=synthetic, replaces=replaces)
    ]


def list_rejects(settings: Settings, file: str | None, reason: str | None) -> list[Record]:
    """Rejected rows of every standing file, or of one (by name or source_file_id), or of one reason.

    returns  file, source_file_id, line, reason, detail, raw, in order of landing and of lines
    raises   InputError for a file that has not landed, or a reason that there is not
    """
    from pipeline.lake.accounting import REASONS

    if reason is not None and reason not in REASONS:
        raise InputError(f"no reason {reason}; expected one of {', '.join(REASONS)}")
    lake = Home(settings).lake
    files = lake.source_files()
    chosen = files[files["replaced_by_source_file_id"].isna()]
    if file is not None:
        chosen = files[(files["name"] == file) | (files["source_file_id"] == file)]
        if chosen.empty:
            raise InputError(f"{file}: no such file has landed in {settings.home}; expected its name or source_file_id")
    rejected: list[Record] = []
    for name, source_file_id, count in zip(chosen["name"], chosen["source_file_id"], chosen["rejected"], strict=True):
        if count:
            rows = lake.rejects(source_file_id)
            rejected += [
                {"file": name, **row} for row in records(rows if reason is None else rows[rows["reason"] == reason])
            ]
    return rejected
