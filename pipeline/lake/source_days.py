"""What the catalogue knows of days: how much each source gave for them, and which files hold data of them."""

from __future__ import annotations

import sqlite3

from pandas import DataFrame

from pipeline.contracts import SOURCE_DAY

_SOURCE_DAYS = """
select source_file.source, part.day, count(distinct part.source_file_id) as files,
       sum(case when part.kind = 'positions' then part.rows else 0 end) as fixes,
       sum(case when part.kind = 'vessel_reports' then part.rows else 0 end) as vessel_reports
from part
join source_file on source_file.source_file_id = part.source_file_id
where part.day is not null and source_file.replaced_by_source_file_id is null
group by source_file.source, part.day
order by source_file.source, part.day
"""
_FILE_DAYS = """
select distinct part.source_file_id, part.day
from part
join source_file on source_file.source_file_id = part.source_file_id
where part.day is not null and source_file.replaced_by_source_file_id is null
order by part.source_file_id, part.day
"""


def source_days(catalog: sqlite3.Connection) -> DataFrame:
    """SOURCE_DAY of all standing files; a file that was replaced does not count."""
    return SOURCE_DAY.conform(DataFrame(catalog.execute(_SOURCE_DAYS).fetchall(), columns=SOURCE_DAY.names))


def file_days(catalog: sqlite3.Connection) -> DataFrame:
    """source_file_id, day: the UTC days of which each standing file holds data."""
    return DataFrame(catalog.execute(_FILE_DAYS).fetchall(), columns=["source_file_id", "day"], dtype="str")
