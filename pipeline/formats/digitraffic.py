"""Digitraffic: AIS of Fintraffic from digitraffic.fi, positions and static data of ships in and around Finnish waters.

`/api/ais/v1/locations` (GeoJSON), `/api/ais/v1/vessels` (JSON) and MQTT messages of the topics `vessels-v2/<mmsi>/
location` and `/metadata`, one a line: as `{"topic": …, "payload": …}`, or as `mosquitto_sub -v` prints them (the topic,
a blank, the payload). Layout: https://www.digitraffic.fi/en/marine-traffic/ and recorded answers. The time is
`timestampExternal` (a `timestamp` beside it is a second of the minute), `time` or `timestamp` of static data. Draught
is in decimetres. Unknown values are those of ITU-R M.1371. Whether a shore station or a satellite heard it is not
given.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.json_lines import documents_of
from pipeline.formats.json_values import Said, code, first, mmsi, number, text, total, unix
from pipeline.formats.polls import Answers, begins_with_keys, is_poll_of, read_answers
from pipeline.formats.record import NOT_SHIP, Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PRINTED = re.compile(r"(vessels-v2/\S+)\s+(\{.*\})\s*")


def _mmsi_of_topic(said: Said) -> str:
    return mmsi("topic")(lambda path: f"regexp_extract({said(path)}, '^vessels-v2/(\\d+)/', 1)")


_COLUMNS = {
    "mmsi": first(mmsi("mmsi"), _mmsi_of_topic),
    "timestamp": first(unix("timestampExternal", per_second=1000), unix("time"), unix("timestamp", per_second=1000)),
    "longitude": first(number("lon"), number("geometry.coordinates[0]")),
    "latitude": first(number("lat"), number("geometry.coordinates[1]")),
    "sog_kn": number("sog"),
    "cog_deg": number("cog"),
    "heading_deg": number("heading"),
    "nav_status": code("navStat"),
    "imo": text("imo"),
    "name": text("name"),
    "call_sign": text("callSign"),
    "ship_type": first(code("shipType"), code("payload.type")),  # "type" beside a geometry is a word of GeoJSON
    "length_m": first(total("referencePointA", "referencePointB"), total("refA", "refB")),
    "width_m": first(total("referencePointC", "referencePointD"), total("refC", "refD")),
    "draught_m": number("draught", per_unit=10),
    "destination": text("destination"),
}
_TOPIC = "json_extract_string(record, '$.topic')"
_RECORDS = """case when json_type(body) = 'ARRAY' then from_json(body, '["JSON"]')
    when json_type(body, '$.features') = 'ARRAY' then from_json(body -> 'features', '["JSON"]')
    when json_exists(body, '$.mmsi') or json_exists(body, '$.properties.mmsi') or json_exists(body, '$.topic')
    then [body] end"""
# Programs that receive MQTT write the payload as JSON or as text.
_PAYLOAD = "try_cast(json_extract_string(record, '$.payload') as json)"
_UNWRAPPED = f"""case when json_type(record, '$.payload') = 'VARCHAR' and {_PAYLOAD} is not null
    then json_object('topic', record -> 'topic', 'payload', {_PAYLOAD}) else record end"""
_ANSWERS = Answers(
    provider="Digitraffic",
    records=f"list_transform({_RECORDS}, lambda record: {_UNWRAPPED})",
    columns=_COLUMNS,
    inside=("", "properties", "payload"),
    placed=f"""json_exists(record, '$.geometry')
        or (json_exists(record, '$.payload.lat') and json_exists(record, '$.payload.lon'))
        or ({_TOPIC} like '%/metadata' and json_type(record, '$.payload') = 'OBJECT')
        or json_exists(record, '$.callSign') or json_exists(record, '$.imo') or json_exists(record, '$.name')""",
    hint=f"case when not regexp_full_match({_TOPIC}, 'vessels-v2/\\d+/(location|metadata)') then '{NOT_SHIP}' end",
    key='"m',
)


def _recognises(head: Head) -> bool:
    return (
        any(is_poll_of("digitraffic", line) or _PRINTED.fullmatch(line) for line in head.lines)
        or begins_with_keys(head, '"timestampExternal"')
        or begins_with_keys(head, '"topic"', "vessels-v2/")
        or begins_with_keys(head, '"mmsi"', '"referencePointA"')
    )


def _as_object(line: str) -> str:
    """A message that was printed behind its topic, as an object of both."""
    if printed := _PRINTED.fullmatch(line):
        return f'{{"topic":{json.dumps(printed.group(1))},"payload":{printed.group(2)}}}'
    return line


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_answers(con, content, documents_of(content.path, _as_object), _ANSWERS)


SOURCE = Source(
    "digitraffic",
    "Digitraffic answers (JSON, MQTT lines)",
    "Creative Commons BY 4.0; source: Fintraffic / digitraffic.fi",
    _recognises,
    _read,
)
