"""NMEA 0183 with AIS sentences (AIVDM, BSVDM, ABVDM …): tag blocks, multi-part messages, suffixes, damaged lines.

The time of a sentence is its own (tag block c:, suffix, what a logger wrote in front), else the last time stamp before
it in the file (of another sentence, or of a receiver's clock: RMC, ZDA), else, with a base date, a clock that starts at
00:00 of that date and is moved on by the seconds that position reports carry.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.record import Content, Head, Reading, Source, parquet, select_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = (
    "longitude", "latitude", "sog_kn", "cog_deg", "heading_deg", "nav_status",
    "ship_type", "length_m", "width_m", "draught_m",
)  # fmt: skip
_SENTENCE = re.compile(r"![A-Z]{2}VD[MO],\d,\d,")


def _recognises(head: Head) -> bool:
    return any(_SENTENCE.search(line) for line in head.lines if not line.lstrip().startswith(("{", "[{")))


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_sentences(content.path, scratch, base_date)


def read_sentences(path: Path, scratch: Path, base_date: str | None) -> Reading:
    """What is made of a file of sentences; records are written below `scratch`.

    raises  InputError for a base date that is none
    """
    from pipeline.formats.nmea_records import write_records

    try:
        start = date.fromisoformat(base_date) if base_date else None
    except ValueError:
        raise InputError(f'date is "{base_date}"; expected a UTC day like 2024-06-01') from None
    folder = scratch / "nmea"
    write_records(path, folder, start)
    relation = parquet(*sorted(folder.glob("*.parquet")))
    expressions = {name: name for name in (*_NUMBERS, "name", "call_sign", "destination")} | {
        "hint": "nullif(hint, '')",
        "mmsi": "mmsi",
        "timestamp": "make_timestamp(time_us)",
        "transceiver_class": "nullif(transceiver_class, '')",
        "receiver": "case receiver when 1 then 'satellite' when 2 then 'terrestrial' end",
        "imo": "imo::bigint",
    }
    return Reading(
        select_record(expressions, relation),
        select_record(expressions, "row_read", "line, raw, "),
        rows=f"select * from {relation}",
    )


SOURCE = Source(
    "nmea",
    "NMEA 0183 (AIVDM)",
    None,
    _recognises,
    _read,
    version="2",
    takes_date=True,
    remark="BSVDM and others, also with a receiver's or logger's clock",
)
