"""What the catalogue knows of days: how much each source gave for them, and which files hold data of them.

A listing of events holds data of every day that its name spans, also where nothing happened, and of the days that its
events belong to: those on which they ended, or on which an open one began.
"""

from __future__ import annotations

import re
import sqlite3
from datetime import date, timedelta

from pandas import DataFrame

from pipeline.contracts import SOURCE_DAY
from pipeline.formats.registry import formats

_DAY_IN_NAME = re.compile(r"(?<!\d)(\d{4})([-_]?)(\d{2})\2(\d{2})(?!\d)")
_LONGEST = 366  # days: two dates farther apart are no span
_OF_FILES = """
select source_file.source, part.source_file_id, part.day,
       sum(case when part.kind = 'positions' then part.rows else 0 end) as fixes,
       sum(case when part.kind = 'vessel_reports' then part.rows else 0 end) as vessel_reports
from part
join source_file on source_file.source_file_id = part.source_file_id
where part.day is not null and source_file.replaced_by_source_file_id is null
group by source_file.source, part.source_file_id, part.day
"""
_OF_EVENTS = """
select distinct source_file.source, provider_event.source_file_id,
       date(coalesce(ended_at, began_at) / 1000000, 'unixepoch') as day, 0, 0
from provider_event
join source_file on source_file.source_file_id = provider_event.source_file_id
where source_file.replaced_by_source_file_id is null
"""
_ANSWERS = """
select source, source_file_id, name
from source_file
where replaced_by_source_file_id is null and (rows_read = 0 or rejected < rows_read)
"""


def of_no_day() -> set[str]:
    """Readers whose files are of no day: they tell what ships are, whenever it was, or of long
    spans of time."""
    return {name for name, source in formats().items() if source.yields in ("particulars", "figures")}


def source_days(catalog: sqlite3.Connection) -> DataFrame:
    """SOURCE_DAY of all standing files; a file that was replaced does not count.

    catalog  with the tables of `state.provider_events`, as they were last brought up to date
    """
    days = _days(catalog).groupby(["source", "day"], as_index=False)
    told = days.agg(
        files=("source_file_id", "nunique"), fixes=("fixes", "sum"), vessel_reports=("vessel_reports", "sum")
    )
    return SOURCE_DAY.conform(told)


def file_days(catalog: sqlite3.Connection) -> DataFrame:
    """source_file_id, day: the UTC days of which each standing file holds data.

    catalog  as `source_days`
    """
    days = _days(catalog)[["source_file_id", "day"]].drop_duplicates()
    return days.sort_values(["source_file_id", "day"], ignore_index=True)


def days_in_name(name: str) -> list[str]:
    """The UTC days that a file's name tells: one, all from the first to the last of several, or none."""
    found = []
    for year, _, month, day in _DAY_IN_NAME.findall(name):
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    if not found or max(found) - min(found) >= timedelta(days=_LONGEST):
        return []
    return [(min(found) + timedelta(days=n)).isoformat() for n in range((max(found) - min(found)).days + 1)]


def _days(catalog: sqlite3.Connection) -> DataFrame:
    """source, source_file_id, day, fixes, vessel_reports; a file may have a day twice."""
    rows = catalog.execute(_OF_FILES).fetchall() + catalog.execute(_OF_EVENTS).fetchall()
    of_events = {name for name, source in formats().items() if source.yields in ("events", "detections", "images")}
    rows += [
        (source, source_file_id, day, 0, 0)
        for source, source_file_id, name in catalog.execute(_ANSWERS)
        if source in of_events
        for day in days_in_name(name)
    ]
    frame = DataFrame(rows, columns=["source", "source_file_id", "day", "fixes", "vessel_reports"])
    return frame.astype(
        {"source": "str", "source_file_id": "str", "day": "str", "fixes": "int64", "vessel_reports": "int64"}
    )
