"""Kystdatahuset answers (realtime GeoJSON): the last minutes' way and the static data of ships in Norwegian waters.

Layout: a recorded answer (https://kystdatahuset.no). The line's last point is the position; its other points carry no
time and are not read. `date_time_utc` has no zone, and is UTC; draught is in metres. Heard ashore or by satellite is
not given. Data of the Norwegian Coastal Administration.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.json_lines import documents_of
from pipeline.formats.json_values import code, first, mmsi, number, text, transceiver, utc
from pipeline.formats.polls import Answers, begins_with_keys, is_poll_of, read_answers
from pipeline.formats.record import Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "mmsi": mmsi("mmsi"),
    "timestamp": utc("date_time_utc"),
    "longitude": first(number("geometry.coordinates[#-1][0]"), number("geometry.coordinates[0]")),
    "latitude": first(number("geometry.coordinates[#-1][1]"), number("geometry.coordinates[1]")),
    "sog_kn": number("speed"),
    "cog_deg": number("cog"),
    "heading_deg": number("true_heading"),
    "nav_status": code("status"),
    "transceiver_class": transceiver("ais_class"),
    "imo": text("imo"),
    "name": text("ship_name"),
    "call_sign": text("callsign"),
    "ship_type": code("ship_type"),
    "length_m": number("length"),
    "width_m": number("breadth"),
    "draught_m": number("draught"),
    "destination": text("destination"),
}
_ANSWERS = Answers(
    provider="Kystdatahuset",
    records="""case when json_type(body, '$.features') = 'ARRAY' then from_json(body -> 'features', '["JSON"]')
        when json_type(body) = 'ARRAY' then from_json(body, '["JSON"]')
        when json_exists(body, '$.properties.mmsi') then [body] end""",
    columns=_COLUMNS,
    inside=("properties", ""),
    placed="json_exists(record, '$.geometry')",
)


def _recognises(head: Head) -> bool:
    return any(is_poll_of("kystdatahuset", line) for line in head.lines) or begins_with_keys(
        head, '"date_time_utc"', '"mmsi"', '"coordinates"'
    )


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_answers(con, content, documents_of(content.path), _ANSWERS)


SOURCE = Source(
    "kystdatahuset",
    "Kystdatahuset answers (GeoJSON)",
    "Norwegian Licence for Open Government Data (NLOD) 2.0; Norwegian Coastal Administration",
    _recognises,
    _read,
)
