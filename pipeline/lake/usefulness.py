"""Whether a landed file holds anything of use, told from the counts of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.errors import InputError
from pipeline.formats.registry import formats


def refuse_useless(landed: Sequence[Mapping[str, Any]]) -> None:
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


def _lacks_times(file: Mapping[str, Any]) -> bool:
    """Whether a file of a source that may come without times has nothing of use, most of it for want of a time."""
    found = formats().get(file["source"])
    if found is None or not found.takes_date:
        return False
    of_use = file["positions"] + file["vessel_reports"] + file["positions_with_report"]
    reasons = {one["reason"]: one["rows"] for one in file["rejects"]}
    return not of_use and "bad_time" in reasons and reasons["bad_time"] == max(reasons.values())


def _is_answer(file: Mapping[str, Any]) -> bool:
    """Whether a provider's file without a row of use is an answer all the same: one of events, all of which fail in
    something. A quiet day may hold a single one."""
    of_another_kind = {"unreadable", "no_event_id", "unknown_event"}
    return _may_be_empty(file["source"]) and any(one["reason"] not in of_another_kind for one in file["rejects"])


def _may_be_empty(source: str) -> bool:
    """Whether a file of the source without a row is an answer."""
    return source in formats() and formats()[source].may_be_empty
