"""BarentsWatch answers (JSON, GeoJSON, server-sent events): positions and static data of ships in Norwegian waters.

`combined` has the last position of each ship with the static data last heard of it (modelType=Full or Simple); `ais`
has each message by itself, of a `type`. Layout: https://live.ais.barentswatch.no (OpenAPI) and recorded answers of
github.com/ilder-as/go-barentswatch-ais. Draught is in decimetres there, which the documentation does not say. Times
carry their offset. Heard ashore or by satellite: only `stream` says so, where it is given. Data of the Norwegian
Coastal Administration.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.json_lines import documents_of
from pipeline.formats.json_values import code, first, mmsi, number, text, total, transceiver, utc, words
from pipeline.formats.polls import Answers, begins_with_keys, is_poll_of, read_answers
from pipeline.formats.record import NOT_SHIP, Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "mmsi": mmsi("mmsi"),
    "timestamp": utc("msgtime", naive=False),  # it always has its offset: one without is of another form
    "longitude": first(number("longitude"), number("geometry.coordinates[0]")),
    "latitude": first(number("latitude"), number("geometry.coordinates[1]")),
    "sog_kn": number("speedOverGround"),
    "cog_deg": number("courseOverGround"),
    "heading_deg": number("trueHeading"),
    "nav_status": code("navigationalStatus"),
    "transceiver_class": first(transceiver("aisClass"), transceiver("reportClass")),
    "receiver": words("stream", {"terr": "terrestrial", "sat": "satellite"}),
    "imo": text("imoNumber"),
    "name": text("name"),
    "call_sign": text("callSign"),
    "ship_type": code("shipType"),
    "length_m": first(number("shipLength"), total("dimensionA", "dimensionB")),
    "width_m": first(number("shipWidth"), total("dimensionC", "dimensionD")),
    "draught_m": number("draught", per_unit=10),
    "destination": text("destination"),
}
_TYPE = "coalesce(json_extract_string(record, '$.properties.type'), json_extract_string(record, '$.type'))"
_STATIC = "'Staticdata'"
_SHIPS = f"('Position', {_STATIC}, 'Feature')"  # a GeoJSON feature of `combined` has no type of its own
_OTHERS = "('Aton', 'SafetyRelated', 'BinaryBroadcastMetHyd')"
_ANSWERS = Answers(
    provider="BarentsWatch",
    records="""case when json_type(body) = 'ARRAY' then from_json(body, '["JSON"]')
        when json_type(body, '$.features') = 'ARRAY' then from_json(body -> 'features', '["JSON"]')
        when json_exists(body, '$.mmsi') or json_exists(body, '$.properties.mmsi') then [body] end""",
    columns=_COLUMNS,
    inside=("", "properties"),
    placed=f"""{_TYPE} = {_STATIC} or json_exists(record, '$.geometry')
        or (json_exists(record, '$.latitude') and json_exists(record, '$.longitude'))""",
    hint=f"""case when {_TYPE} in {_OTHERS} then '{NOT_SHIP}'
        when {_TYPE} not in {_SHIPS} then 'unsupported_message' end""",
    error="""case when json_type(body) = 'OBJECT' and json_exists(body, '$.title') and json_exists(body, '$.status')
        then concat_ws(' ',
        json_extract_string(body, '$.status'), json_extract_string(body, '$.title'),
        array_to_string(json_extract_string(body, '$.errors.*[*]'), ' ')) end""",
)


def _recognises(head: Head) -> bool:
    return (
        any(is_poll_of("barentswatch", line) for line in head.lines)
        or begins_with_keys(head, '"msgtime"')
        or begins_with_keys(head, '"title"', '"status"', '"traceId"')
    )


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    return read_answers(con, content, documents_of(content.path), _ANSWERS)


SOURCE = Source(
    "barentswatch",
    "BarentsWatch answers (JSON, GeoJSON, server-sent events)",
    "Norwegian Licence for Open Government Data (NLOD) 2.0; Norwegian Coastal Administration and BarentsWatch",
    _recognises,
    _read,
    version="2",
)
