"""Step: the rows that were rejected, as they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.plain import Record, records
from pipeline.tasks.home import Home

if TYPE_CHECKING:
    from pipeline.settings import Settings


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
