"""Danish Maritime Authority CSV (aisdk-*.csv): 26 columns, or 22 without the reference dimensions in files before about
2019.

Every transmission received by each shore station is in it, so most rows are exact duplicates. Times are UTC,
dd/mm/yyyy.
Layout: Danish Maritime Authority, "AIS data", web.ais.dk/aisdata (file "!_README_information_CSV_files.txt").
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.sources.delimited import read_delimited
from pipeline.sources.noaa import nav_status_code
from pipeline.sources.record import NOT_SHIP, Content, Head, Reading, Source, header_layout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TIME = ("# Timestamp", "Timestamp")
_TYPES = {"MMSI": "BIGINT"} | dict.fromkeys(
    ("Latitude", "Longitude", "SOG", "COG", "Heading", "Width", "Length", "Draught"), "DOUBLE"
)
_TEXT = ("Type of mobile", "Navigational status", "IMO", "Callsign", "Name", "Ship type", "Destination")

# Ship type is given in words; the code is the first of the ITU-R M.1371-5 range that the word stands for.
_SHIP_TYPE = {
    "wig": 20, "fishing": 30, "towing": 31, "towing long/wide": 32, "dredging": 33, "diving": 34, "military": 35,
    "sailing": 36, "pleasure": 37, "hsc": 40, "pilot": 50, "sar": 51, "tug": 52, "port tender": 53, "anti-pollution": 54,  # noqa: E501
    "law enforcement": 55, "medical": 58, "not party to conflict": 59, "passenger": 60, "cargo": 70, "tanker": 80, "other": 90,  # noqa: E501
}  # fmt: skip


def _recognises(head: Head) -> bool:
    return "Type of mobile" in head.columns and any(name in head.columns for name in _TIME)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    time = next((name for name in _TIME if name in head.columns), None)
    missing = [name for name in (*_TYPES, *_TEXT) if name not in head.columns]
    if time is None or missing:
        lacking = missing[0] if missing else _TIME[0]
        raise InputError(
            f'{content.name}: no "{lacking}" column; expected a Danish Maritime Authority file of 22 or 26 columns'
        )
    ship_types = " ".join(f"when {word!r} then {code}" for word, code in _SHIP_TYPE.items())
    expressions = {
        "hint": f"case when \"Type of mobile\" not in ('Class A', 'Class B') then '{NOT_SHIP}' end",
        "mmsi": '"MMSI"',
        "timestamp": f'"{time}"',
        "longitude": '"Longitude"',
        "latitude": '"Latitude"',
        "sog_kn": '"SOG"',
        "cog_deg": '"COG"',
        "heading_deg": '"Heading"',
        "nav_status": nav_status_code('"Navigational status"'),
        "transceiver_class": "case \"Type of mobile\" when 'Class A' then 'A' when 'Class B' then 'B' end",
        "receiver": "'terrestrial'",
        "imo": '"IMO"',
        "name": '"Name"',
        "call_sign": '"Callsign"',
        "ship_type": f'case lower("Ship type") {ship_types} end',
        "length_m": '"Length"',
        "width_m": '"Width"',
        "draught_m": '"Draught"',
        "destination": '"Destination"',
    }
    return read_delimited(content, head.columns, _TYPES | {time: "TIMESTAMP"}, expressions, "%d/%m/%Y %H:%M:%S")


SOURCE = Source(
    "dma",
    "Danish Maritime Authority CSV",
    "Danish Maritime Authority, free use",
    _recognises,
    _read,
    layout=header_layout,
)
