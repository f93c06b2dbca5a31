"""MarineTraffic exports (JSON objects): tracks (PS01), fleets and areas (PS02 to PS06) and single ships (PS07).

Layout: recorded answers of github.com/amphinicy/marine-traffic-client-api; never seen live. Everything is text; SPEED
is in tenths of a knot, DRAUGHT in decimetres (a value with a fraction is in neither, and is not read); TIMESTAMP has no
zone, and is UTC by the provider's documentation. DSRC says whether a shore station or a satellite heard it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.json_lines import documents_of
from pipeline.formats.json_values import code, mmsi, number, tenths, text, utc, words
from pipeline.formats.polls import Answers, begins_with_keys, is_poll_of, read_answers
from pipeline.formats.record import Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "mmsi": mmsi("MMSI"),
    "timestamp": utc("TIMESTAMP"),
    "longitude": number("LON"),
    "latitude": number("LAT"),
    "sog_kn": tenths("SPEED"),
    "cog_deg": number("COURSE"),
    "heading_deg": number("HEADING"),
    "nav_status": code("STATUS"),
    "receiver": words("DSRC", {"ter": "terrestrial", "sat": "satellite"}),
    "imo": text("IMO"),
    "name": text("SHIPNAME"),
    "call_sign": text("CALLSIGN"),
    "ship_type": code("SHIPTYPE"),
    "length_m": number("LENGTH"),
    "width_m": number("WIDTH"),
    "draught_m": tenths("DRAUGHT"),
    "destination": text("DESTINATION"),
}
_ANSWERS = Answers(
    provider="MarineTraffic",
    records="""case when json_type(body) = 'ARRAY' then from_json(body, '["JSON"]')
        when json_type(body, '$.DATA') = 'ARRAY' then from_json(body -> 'DATA', '["JSON"]')
        when json_exists(body, '$.MMSI') then [body] end""",
    columns=_COLUMNS,
    placed="json_exists(record, '$.LAT') and json_exists(record, '$.LON')",
    error="json_extract_string(body, '$.errors[0].detail')",
)


def _recognises(head: Head) -> bool:
    return any(is_poll_of("marinetraffic", line) for line in head.lines) or begins_with_keys(
        head, '"MMSI"', '"LAT"', '"SPEED"', '"TIMESTAMP"'
    )


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_answers(con, content, documents_of(content.path), _ANSWERS)


SOURCE = Source(
    "marinetraffic",
    "MarineTraffic exports (JSON)",
    "MarineTraffic terms: as bought",
    _recognises,
    _read,
    remark="PS01 to PS07",
)
