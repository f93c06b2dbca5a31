"""NOAA MarineCadastre CSV, in both published forms: through 2024, and the snake_case form of 2025.

Layouts as published at https://marinecadastre.gov/ais and coast.noaa.gov (AIS Vessel Traffic data dictionary); times
are UTC,
one row per vessel and minute, with the last static report joined to each position. All of it was heard ashore.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.sources.delimited import read_delimited
from pipeline.sources.record import Content, Head, Reading, Source, header_layout, identifier

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
_OPTIONAL = {"status", "class"}
_TYPES = {"mmsi": "BIGINT", "time": "TIMESTAMP"} | dict.fromkeys(
    ("latitude", "longitude", "sog", "cog", "heading", "ship_type", "length", "width", "draught"), "DOUBLE"
)


def _recognises(head: Head) -> bool:
    return _find(head.columns, "time") is not None


def _find(header: list[str], column: str) -> str | None:
    return next((name for name in header if name.lower() in _COLUMNS[column]), None)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    names = {}
    for column, forms in _COLUMNS.items():
        found = _find(head.columns, column)
        if found is not None:
            names[column] = found
        elif column not in _OPTIONAL:
            raise InputError(
                f"{content.name}: no {forms[0]} column; expected a MarineCadastre file with {', '.join(forms)}"
            )
    sql = {column: identifier(name) for column, name in names.items()}
    expressions = {
        "mmsi": sql["mmsi"],
        "timestamp": sql["time"],
        "longitude": sql["longitude"],
        "latitude": sql["latitude"],
        "sog_kn": sql["sog"],
        "cog_deg": sql["cog"],
        "heading_deg": sql["heading"],
        "receiver": "'terrestrial'",
        "imo": sql["imo"],
        "name": sql["name"],
        "call_sign": sql["call_sign"],
        "ship_type": sql["ship_type"],
        "length_m": sql["length"],
        "width_m": sql["width"],
        "draught_m": sql["draught"],
    }
    if "status" in sql:
        expressions["nav_status"] = nav_status_code(sql["status"])
    if "class" in sql:
        expressions["transceiver_class"] = f"nullif({sql['class']}, '')"
    types = {names[column]: kind for column, kind in _TYPES.items()}
    return read_delimited(content, head.columns, types, expressions)


# ITU-R M.1371-5, table 45, as the files of 2015-2017 and the Danish files spell it.
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
}


def nav_status_code(column: str) -> str:
    """SQL: navigational status code of a column that holds numbers (such as 5 or 5.0) or the words of the standard."""
    words = " ".join(f"when {word!r} then {code}" for word, code in _NAV_STATUS.items())
    return (
        f"case when {column} is null or {column} = '' then null when {column}[1] between '0' and '9' "
        f"then try_cast({column} as double)::integer else case lower({column}) {words} end end"
    )


SOURCE = Source(
    "noaa", "NOAA MarineCadastre CSV", "US public domain (CC0 1.0)", _recognises, _read, layout=header_layout
)
