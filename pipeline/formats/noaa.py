"""NOAA MarineCadastre CSV, in both published forms: through 2024, and the snake_case form of 2025.

Layouts as published at https://marinecadastre.gov/ais and coast.noaa.gov (AIS Vessel Traffic data dictionary); times
are UTC,
one row per vessel and minute, with the last static report joined to each position. All of it was heard ashore.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats import cells
from pipeline.formats.cells import Cell, Column
from pipeline.formats.delimited import columns, read_delimited
from pipeline.formats.record import Content, Head, Reading, Source, header_layout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Our name of a column -> its names in the published forms, lower case.
_COLUMNS = {
    "mmsi": ("mmsi",),
    "time": ("basedatetime", "base_date_time"),
    "latitude": ("lat", "latitude"),
    "longitude": ("lon", "longitude"),
    "sog": ("sog",),
    "cog": ("cog",),
    "heading": ("heading",),
    "name": ("vesselname", "vessel_name"),
    "imo": ("imo",),
    "call_sign": ("callsign", "call_sign"),
    "ship_type": ("vesseltype", "vessel_type"),
    "status": ("status",),
    "length": ("length",),
    "width": ("width",),
    "draught": ("draft",),
    "class": ("transceiverclass", "transcieverclass", "transceiver", "transceiver_class"),
}
_OPTIONAL = ("status", "class")
# Courses of the older years are a signed misreading of twelve bits of tenths of a degree: -177.6 is 232.0.
_COURSE_WRAP_DEG = 409.6


def _recognises(head: Head) -> bool:
    return any(name.lower() in _COLUMNS["time"] for name in head.columns)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    named = columns(head.columns)
    found = {column: _find(named, column, content.name) for column in _COLUMNS if column not in _OPTIONAL}
    optional = {column: _find_optional(named, column, content.name) for column in _OPTIONAL}
    fields = {
        "mmsi": cells.mmsi(found["mmsi"]),
        "timestamp": cells.time(found["time"]),
        "longitude": cells.number(found["longitude"], expected="degrees east"),
        "latitude": cells.number(found["latitude"], expected="degrees north"),
        "sog_kn": cells.number(found["sog"], expected="knots"),
        "cog_deg": _course(found["cog"]),
        "heading_deg": cells.number(found["heading"], expected="degrees"),
        "imo": cells.text(found["imo"]),
        "name": cells.text(found["name"]),
        "call_sign": cells.text(found["call_sign"]),
        # The older years hold codes of NOAA's own, 1001 to 1025; they are no AIS codes, and not kept.
        "ship_type": cells.code(found["ship_type"], "smallint"),
        "length_m": cells.number(found["length"], expected="metres"),
        "width_m": cells.number(found["width"], expected="metres"),
        "draught_m": cells.number(found["draught"], expected="metres"),
    }
    if status := optional["status"]:
        fields["nav_status"] = nav_status(status)
    if transceiver := optional["class"]:
        fields["transceiver_class"] = cells.transceiver_class(transceiver)
    return read_delimited(content, named, fields, {"receiver": "'terrestrial'"})


def _find(named: list[Column], column: str, file: str) -> Column:
    """The file's column for one of ours, by its published names in any case.

    raises  InputError if it is not there, or if several columns could be meant
    """
    found = _find_optional(named, column, file)
    if found is None:
        forms = _COLUMNS[column]
        raise InputError(f"{file}: no {forms[0]} column; expected a MarineCadastre file with {', '.join(forms)}")
    return found


def _find_optional(named: list[Column], column: str, file: str) -> Column | None:
    """As `_find`; None if it is not there."""
    forms = _COLUMNS[column]
    found = [one for one in named if one.name.lower() in forms]
    if len(found) > 1:
        names = ", ".join(f'"{one.name}"' for one in found)
        raise InputError(f"{file}: columns {names} could each be {forms[0]}; keep one of them")
    return found[0] if found else None


def _course(column: Column) -> Cell:
    course = cells.number(column, expected="degrees")
    return replace(course, value=f"(case when {course.value} < 0 then round({course.value} + {_COURSE_WRAP_DEG}, 1) "
                   f"else {course.value} end)")  # fmt: skip


# ITU-R M.1371-5, table 45, as the files of 2015-2017 and the Danish files stay it.
_NAV_STATUS = {
    "under way using engine": 0,
    "at anchor": 1,
    "not under command": 2,
    "restricted manoeuverability": 3,
    "restricted maneuverability": 3,
    "constrained by her draught": 4,
    "constrained by draught": 4,
    "moored": 5,
    "aground": 6,
    "engaged in fishing": 7,
    "under way sailing": 8,
    "reserved for future amendment [hsc]": 9,
    "reserved for future amendment [wig]": 10,
    "power-driven vessel towing astern": 11,
    "power-driven vessel pushing ahead or towing alongside": 12,
    "reserved for future use": 13,
    "ais-sart is active": 14,
}


def nav_status(column: Column) -> Cell:
    """Navigational status: a number such as 5 or 5.0, or the words of the standard."""
    return cells.code(column, "tinyint", _NAV_STATUS, "a code from 0 to 15, or its words")


SOURCE = Source(
    "noaa", "NOAA MarineCadastre CSV", "US public domain (CC0 1.0)", _recognises, _read, layout=header_layout
)
