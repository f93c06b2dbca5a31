"""Danish Maritime Authority CSV (aisdk-*.csv): 26 columns, or 22 without the reference dimensions in files before about
2019.

Every transmission received by each shore station is in it, so most rows are exact duplicates. Times are UTC,
dd/mm/yyyy.
Layout: Danish Maritime Authority, "AIS data", web.ais.dk/aisdata (file "!_README_information_CSV_files.txt").
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats import cells
from pipeline.formats.cells import Cell, Column
from pipeline.formats.delimited import columns, find_column, read_delimited
from pipeline.formats.noaa import nav_status
from pipeline.formats.record import NOT_SHIP, Content, Head, Reading, Source, header_layout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TIME = ("# Timestamp", "Timestamp")
_TIME_FORM = "%d/%m/%Y %H:%M:%S"
_NEEDED = ("Type of mobile", "MMSI", "Latitude", "Longitude", "Navigational status", "SOG", "COG", "Heading", "IMO",
           "Callsign", "Name", "Ship type", "Width", "Length", "Draught", "Destination")  # fmt: skip

# Kinds of mobile that are no ships, lower case. A row of any other kind, known or not, is judged by its MMSI.
_NO_SHIPS = ("base station", "aton", "sar airborne", "search and rescue transponder", "man overboard device")
# Ship type is given in words; the code is the first of the ITU-R M.1371-5 range that the word stands for.
_SHIP_TYPE = {
    "wig": 20, "fishing": 30, "towing": 31, "towing long/wide": 32, "dredging": 33, "diving": 34, "military": 35,
    "sailing": 36, "pleasure": 37, "reserved": 38, "hsc": 40, "pilot": 50, "sar": 51, "tug": 52, "port tender": 53, "anti-pollution": 54,  # noqa: E501
    "law enforcement": 55, "spare 1": 56, "spare 2": 57, "medical": 58, "not party to conflict": 59, "passenger": 60, "cargo": 70, "tanker": 80, "other": 90,  # noqa: E501
}  # fmt: skip


def _recognises(head: Head) -> bool:
    return "Type of mobile" in head.columns and any(name in head.columns for name in _TIME)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    named = columns(head.columns)
    time = next((name for name in _TIME if name in head.columns), _TIME[0])
    of = {name: find_column(name, named, content.name) for name in (time, *_NEEDED)}
    mobile = f"lower(trim({of['Type of mobile'].sql}))"
    transceiver_class = f"case {mobile} when 'class a' then 'A' when 'class b' then 'B' end"
    fields = {
        "mmsi": cells.mmsi(of["MMSI"]),
        "timestamp": _time(of[time]),
        "longitude": cells.number(of["Longitude"], expected="degrees east"),
        "latitude": cells.number(of["Latitude"], expected="degrees north"),
        "sog_kn": cells.number(of["SOG"], expected="knots"),
        "cog_deg": cells.number(of["COG"], expected="degrees"),
        "heading_deg": cells.number(of["Heading"], expected="degrees"),
        "nav_status": nav_status(of["Navigational status"]),
        "transceiver_class": Cell(of["Type of mobile"], transceiver_class, "Class A, Class B or a kind of station"),
        "imo": cells.text(of["IMO"]),
        "name": cells.text(of["Name"]),
        "call_sign": cells.text(of["Callsign"]),
        "ship_type": cells.code(of["Ship type"], "smallint", _SHIP_TYPE, "a ship type in words"),
        "length_m": cells.number(of["Length"], expected="metres"),
        "width_m": cells.number(of["Width"], expected="metres"),
        "draught_m": cells.number(of["Draught"], expected="metres"),
        "destination": cells.text(of["Destination"]),
    }
    hint = f"(case when {mobile} in {_NO_SHIPS} then '{NOT_SHIP}' end)"
    return read_delimited(content, named, fields, {"receiver": "'terrestrial'"}, hint)


def _time(column: Column) -> Cell:
    """A time as published, or with the year first, as programs write it that read the file before."""
    published, iso = cells.time(column, _TIME_FORM), cells.time(column)
    year_first = f"ltrim({column.sql}) like '____-%'"
    return Cell(
        column, f"case when {year_first} then {iso.value} else {published.value} end",
        "a time like 01/06/2018 12:00:00, day first, or 2018-06-01T12:00:00",
    )  # fmt: skip


SOURCE = Source(
    "dma",
    "Danish Maritime Authority CSV",
    "Danish Maritime Authority, free use",
    _recognises,
    _read,
    layout=header_layout,
)
