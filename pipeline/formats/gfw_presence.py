"""AIS presence of Global Fishing Watch: each ship heard, by hour and cell, as `coalwatch fetch` keeps the reports.

A line is `{"source", "polled_at", "asked", "body"}`, the body an answer of `POST /v3/4wings/report`. A row is a ship in
a cell of 0.01 degrees in an hour of UTC: read as a position at the middle of both, with the precision that follows. The
row's `entryTimestamp` is not taken for the moment of the position: what it means there was not seen to be said. Texts
are empty where nothing is known. `flag`, `vesselType` and `geartype` are the provider's own classes, no AIS field.
Shapes: GlobalFishingWatch/gfw-api-python-client and recorded answers of other data sets of the same endpoint.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.gfw_pages import LICENCE
from pipeline.formats.json_lines import documents_of
from pipeline.formats.json_values import Said, Value, constant, mmsi, number_sql, text, utc_sql
from pipeline.formats.polls import Answers, is_poll_of, read_answers
from pipeline.formats.record import Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NAME = "gfw_presence"
PRECISION_M = 800  # half the diagonal of a cell of 0.01 degrees at the equator, 786 m, rounded up
PRECISION_S = 1800  # half an hour
DATASET = "public-global-presence"
_OFF_GRID = 1e-4  # degrees: more than the noise of 32 bits
_ASKED = ('"temporal-resolution":"HOURLY"', '"spatial-resolution":"HIGH"')
_VERSION = re.compile(r'"body":.{0,200}?"(public-[\w-]+:[\w.]+)"\s*:')


def _middle_of_hour(path: str) -> Value:
    """The middle of an hour given as 2020-12-03 04:00; null for a day or a span, which tells no hour."""

    def sql(said: Said) -> str:
        tells_hour = f"regexp_full_match(trim({said(path)}), '\\d{{4}}-\\d\\d-\\d\\d[ T]\\d\\d:.*')"
        hour = f"case when {tells_hour} then {said(path)} end"
        return f"(date_trunc('hour', {utc_sql(hour, naive=True)}) + interval 30 minutes)"

    return sql


def _middle_of_cell(path: str) -> Value:
    """The middle of a cell: a multiple of 0.01 degrees, which comes with the noise of 32 bits; null for another number,
    which is no cell's middle, so that its precision is not known."""

    def sql(said: Said) -> str:
        degrees = number_sql(said(path))
        return f"case when abs({degrees} - round({degrees}, 2)) < {_OFF_GRID} then round({degrees}, 2) end"

    return sql


# An entry is null or holds rows, or null, under names of the data set; anything else is no answer about presence.
_UNFIT = f"""json_type(entry) <> 'NULL' and (json_type(entry) <> 'OBJECT'
    or len(list_filter(json_keys(entry), lambda key: not regexp_full_match(key, '{DATASET}(:.*)?'))) > 0
    or len(list_filter(json_extract(entry, '$.*'), lambda rows: json_type(rows) not in ('ARRAY', 'NULL'))) > 0)"""


_ANSWERS = Answers(
    provider="Global Fishing Watch",
    records=f"""case
        when json_type(body, '$.entries') = 'ARRAY'
            and len(list_filter(json_extract(body, '$.entries[*]'), lambda entry: {_UNFIT})) = 0
        then coalesce(list_filter(json_extract(body, '$.entries[*].*[*]'), lambda row: row is not null), [])
        when json_exists(body, '$.date') and json_exists(body, '$.lat') then [body] end""",  # whole, in a torn answer
    columns={
        "mmsi": mmsi("mmsi"),
        "timestamp": _middle_of_hour("date"),
        "longitude": _middle_of_cell("lon"),
        "latitude": _middle_of_cell("lat"),
        "precision_m": constant(str(PRECISION_M)),
        "precision_s": constant(str(PRECISION_S)),
        "imo": text("imo"),
        "name": text("shipName"),
        "call_sign": text("callsign"),
    },
    placed="json_exists(record, '$.lat') and json_exists(record, '$.lon')",
    error="""case when json_exists(body, '$.statusCode') and json_exists(body, '$.error')
        then concat_ws(' ', json_extract_string(body, '$.statusCode'), json_extract_string(body, '$.error')) end""",
)


def _recognises(head: Head) -> bool:
    return any(is_poll_of(NAME, line) for line in head.lines[:1])


def _layout(head: Head) -> str | None:
    """The data set and its version that answered: the gate says so where another answers."""
    found = _VERSION.search(head.lines[0]) if head.lines else None
    return found[1] if found else None


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    with content.path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            question = line.partition('"body":')[0]
            if is_poll_of(NAME, line.lstrip("\ufeff")) and (lacking := [one for one in _ASKED if one not in question]):
                raise InputError(
                    f"{content.name}:{number}: was not asked by hour and cell of 0.01 degrees ({lacking[0]} is not in "
                    "its question), so that its precision is another; mend seeds/sources/gfw_presence.yaml and fetch "
                    "it again"
                )
    return read_answers(con, content, documents_of(content.path), _ANSWERS)


SOURCE = Source(
    NAME,
    "Global Fishing Watch AIS presence by ship and hour (4Wings reports)",
    LICENCE,
    _recognises,
    _read,
    layout=_layout,
)
