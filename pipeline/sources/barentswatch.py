"""BarentsWatch answers (`latest/combined`, JSON) as polled: the last position of each ship in Norwegian waters, with
the static data last heard of it (modelType=Full).

Layout: https://live.ais.barentswatch.no (OpenAPI) and recorded answers of github.com/ilder-as/go-barentswatch-ais.
Draught is in decimetres there, which the documentation does not say. Times carry their offset. Heard ashore or by
satellite: only `stream` tells, where it is given. Data of the Norwegian Coastal Administration.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.sources.json_lines import TEXT, no_number, number, utc
from pipeline.sources.polls import is_poll_of, read_polls
from pipeline.sources.record import Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = (
    "mmsi", "longitude", "latitude", "speedOverGround", "courseOverGround", "trueHeading", "navigationalStatus",
    "imoNumber", "shipType", "shipLength", "shipWidth", "dimensionA", "dimensionB", "dimensionC", "dimensionD",
    "draught",
)  # fmt: skip
_TEXTS = ("msgtime", "name", "callSign", "destination", "reportClass", "stream")
_RECORD = dict.fromkeys((*_NUMBERS, *_TEXTS), TEXT)
_KEY = '"msgtime"'
_IS_ANSWER = "json_type(body) = 'ARRAY' or (json_type(body) = 'OBJECT' and json_exists(body, '$.mmsi'))"
_RECORDS = "case json_type(body) when 'ARRAY' then from_json(body, '[\"JSON\"]') else [body] end"


def _size(whole: str, first: str, second: str) -> str:
    return (
        f"coalesce({number(f'said.{whole}')}, {number(f'said.dimension{first}')} + {number(f'said.dimension{second}')})"
    )


_EXPRESSIONS = {
    "hint": f"case when not (json_exists(record, '$.latitude') and json_exists(record, '$.longitude')) "
    f"or {no_number(f'said.{name}' for name in _NUMBERS if name != 'mmsi')} then 'unreadable' end",
    "mmsi": "said.mmsi",
    "timestamp": utc("said.msgtime"),
    "longitude": number("said.longitude"),
    "latitude": number("said.latitude"),
    "sog_kn": number("said.speedOverGround"),
    "cog_deg": number("said.courseOverGround"),
    "heading_deg": number("said.trueHeading"),
    "nav_status": "said.navigationalStatus",
    "transceiver_class": "case when said.reportClass in ('A', 'B') then said.reportClass end",
    "receiver": "case when lower(said.stream) like 'terr%' then 'terrestrial' "
    "when lower(said.stream) like 'sat%' then 'satellite' end",
    "imo": "said.imoNumber",
    "name": "said.name",
    "call_sign": "said.callSign",
    "ship_type": "said.shipType",
    "length_m": _size("shipLength", "A", "B"),
    "width_m": _size("shipWidth", "C", "D"),
    "draught_m": f"{number('said.draught')} / 10",
    "destination": "said.destination",
}


def _recognises(head: Head) -> bool:
    return any(is_poll_of("barentswatch", line) or (line[:1] in ("[", "{") and _KEY in line) for line in head.lines)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_polls(con, content, _IS_ANSWER, _RECORDS, _RECORD, _EXPRESSIONS)


SOURCE = Source(
    "barentswatch",
    "BarentsWatch answers (JSON lines)",
    "Norwegian Licence for Open Government Data (NLOD) 2.0; Norwegian Coastal Administration and BarentsWatch",
    _recognises,
    _read,
)
