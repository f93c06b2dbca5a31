"""Task: files to the lake, and what of them was rejected."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import REJECTED_ROW_COUNT, UNREAD_FIELD_COUNT
from pipeline.errors import InputError
from pipeline.origin import SUFFIX
from pipeline.plain import Record, plain, records
from pipeline.tasks.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.settings import Settings

log = logging.getLogger(__name__)
_NOT_DATA = (SUFFIX, ".part", ".lock", "status.json")


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
) -> list[Record]:
    """Land files; a file that is there already changes nothing.

    returns  per file its SOURCE_FILE row, with `days`: the UTC days whose content changed, `mended`: whether what the
             lake holds of it was gone or damaged, and is whole again, `rejects`: reason, meaning,
             rows, first_line, detail and example of its rejected rows, and `unread`: field, column_name, rows,
             first_line, example and expected of what could not be read of rows that stand
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


def _rejects(home: Home, source_file_id: str) -> list[Record]:
    from pipeline.lake.accounting import REASONS

    counts = home.lake.counts_of(REJECTED_ROW_COUNT, source_file_id)
    return [row | {"meaning": REASONS[row["reason"]]} for row in plain(counts)]


def _unread(home: Home, source_file_id: str) -> list[Record]:
    return plain(home.lake.counts_of(UNREAD_FIELD_COUNT, source_file_id))


def refuse_useless(landed: Sequence[Record]) -> None:
    """Say so when a landed file (as `ingest` gives it) holds no row of use.

    raises  InputError naming file, first row, reason and remedy
    """
    for file in landed:
        if not file["rows_read"] and _may_be_empty(file["source"]):
            continue
        if not file["rows_read"]:
            raise InputError(f"{file['name']}: no rows after the header; expected AIS data, fetch the file again")
        if _lacks_times(file):
            untimed = next(one for one in file["rejects"] if one["reason"] == "bad_time")
            raise InputError(
                f"{file['name']}:{untimed['first_line']}: none of its ships' messages can be used "
                f"({untimed['rows']:,}: {untimed['meaning']}); if the file has no times, give the UTC day of its "
                f"recording: coalwatch ingest {file['source']} {file['name']} --date YYYY-MM-DD"
            )
        if file["rejected"] == file["rows_read"] and not _is_answer(file):
            most = max(file["rejects"], key=lambda one: one["rows"])
            raise InputError(
                f"{file['name']}:{most['first_line']}: none of its {file['rows_read']:,} rows can be used "
                f"({most['rows']:,}: {most['meaning']}); check the file, SOURCE, --date and this machine's clock, then "
                "ingest it again"
            )


def _lacks_times(file: Record) -> bool:
    """Whether a file of a source that may come without times has nothing of use, most of it for want of a time."""
    from pipeline.formats.registry import formats

    found = formats().get(file["source"])
    if found is None or not found.takes_date:
        return False
    of_use = file["positions"] + file["vessel_reports"] + file["positions_with_report"]
    reasons = {one["reason"]: one["rows"] for one in file["rejects"]}
    return not of_use and "bad_time" in reasons and reasons["bad_time"] == max(reasons.values())


def _is_answer(file: Record) -> bool:
    """Whether a provider's file without a row of use is an answer all the same: one of events, all of which fail in
    something. A quiet day may hold a single one."""
    of_another_kind = {"unreadable", "no_event_id", "unknown_event"}
    return _may_be_empty(file["source"]) and any(one["reason"] not in of_another_kind for one in file["rejects"])


def _may_be_empty(source: str) -> bool:
    """Whether a file of the source without a row is an answer."""
    from pipeline.formats.registry import formats

    return source in formats() and formats()[source].may_be_empty


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
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.endswith(_NOT_DATA))


def plan(
    settings: Settings, paths: Sequence[Path], source: str, *, synthetic: bool = False, replaces: str | None = None
) -> list[Record]:
    """What `ingest` would do: name, source, bytes, source_file_id, already_landed; nothing is written.

    raises  InputError as `ingest`, as far as the beginnings of the files tell
    """
    from pipeline.lake.landing import plan as plan_landing

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
