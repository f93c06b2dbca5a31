"""AISHub answers (ws.php, JSON) as polled: a header, then the last record of each ship, in words (format=1) or as sent
(format=0).

Layout: https://www.aishub.net/api, read without an account at hand. The header tells the format: HUMAN has degrees,
knots, metres and times like "2026-03-28 16:50:52 GMT"; AIS has 1/600 000 degree, tenths and Unix seconds. All of it
was heard by volunteers' shore stations. Which class a transceiver is of is not told.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.sources.json_lines import TEXT, no_number, number
from pipeline.sources.polls import is_poll_of, read_polls
from pipeline.sources.record import Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = (
    "MMSI", "LONGITUDE", "LATITUDE", "COG", "SOG", "HEADING", "NAVSTAT", "IMO", "TYPE", "A", "B", "C", "D", "DRAUGHT",
)  # fmt: skip
_RECORD = dict.fromkeys((*_NUMBERS, "TIME", "NAME", "CALLSIGN", "DEST"), TEXT)
_HEADER = '"ERROR"'
_IS_ANSWER = "json_type(body) = 'ARRAY' and json_exists(body, '$[0].ERROR')"
_RECORDS = "from_json(case when json_type(body, '$[1]') = 'ARRAY' then body -> 1 end, '[\"JSON\"]')"
_FORMAT = "json_extract_string(body, '$[0].FORMAT')"


def _scaled(name: str, per_unit: int) -> str:
    return f"{number(f'said.{name}')} / case when header = 'AIS' then {per_unit} else 1 end"


_EXPRESSIONS = {
    "hint": f"case when not (json_exists(record, '$.LATITUDE') and json_exists(record, '$.LONGITUDE')) "
    f"or {no_number(f'said.{name}' for name in _NUMBERS if name != 'MMSI')} then 'unreadable' end",
    "mmsi": "said.MMSI",
    "timestamp": "case when regexp_full_match(said.TIME, '\\d{1,10}') then make_timestamp(said.TIME::bigint * 1000000) "
    "else try_strptime(said.TIME, ['%Y-%m-%d %H:%M:%S GMT', '%Y-%m-%d %H:%M:%S UTC']) end",
    "longitude": _scaled("LONGITUDE", 600_000),
    "latitude": _scaled("LATITUDE", 600_000),
    "sog_kn": _scaled("SOG", 10),
    "cog_deg": _scaled("COG", 10),
    "heading_deg": number("said.HEADING"),
    "nav_status": "said.NAVSTAT",
    "receiver": "'terrestrial'",
    "imo": "said.IMO",
    "name": "said.NAME",
    "call_sign": "said.CALLSIGN",
    "ship_type": "said.TYPE",
    "length_m": f"{number('said.A')} + {number('said.B')}",
    "width_m": f"{number('said.C')} + {number('said.D')}",
    "draught_m": _scaled("DRAUGHT", 10),
    "destination": "said.DEST",
}


def _recognises(head: Head) -> bool:
    return any(is_poll_of("aishub", line) or (line[:1] in ("[", "{") and _HEADER in line[:1000]) for line in head.lines)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_polls(con, content, _IS_ANSWER, _RECORDS, _RECORD, _EXPRESSIONS, _FORMAT)


SOURCE = Source(
    "aishub",
    "AISHub answers (JSON lines)",
    "AISHub terms: for members who share a receiver",
    _recognises,
    _read,
)
