"""AISHub answers (ws.php, JSON or XML): the last record of each ship, in words (format=1) or as sent (format=0).

Layout: https://www.aishub.net/api, read without an account at hand. The header gives the format: HUMAN has degrees,
knots, metres and times like "2026-03-28 16:50:52 GMT"; AIS has 1/600 000 degree, tenths and Unix seconds. A record
without header (XML has none) is recognised by its time. All of it was heard by volunteers' shore stations. The class of
a transceiver is not given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.json_lines import Document, documents_of
from pipeline.formats.json_values import Said, Value, code, constant, first, mmsi, number, text, total, unix, utc
from pipeline.formats.polls import Answers, begins_with_keys, is_poll_of, read_answers
from pipeline.formats.record import Content, Head, Reading, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BLOCK = 1 << 20  # characters of XML read at a time
_VESSEL = re.compile(r"""<vessel\s((?:[^<>"']+|"[^<"]*"|'[^<']*')*+)>|<vessel\s[^<]*""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def _scaled(path: str, as_sent: int) -> Value:
    """A number in our unit, or `as_sent` to the unit in format=0."""

    def sql(said: Said) -> str:
        is_as_sent = f"coalesce(header = 'AIS', regexp_full_match({said('TIME')}, '\\d+'))"
        return f"{number(path)(said)} / case when {is_as_sent} then {as_sent} else 1 end"

    return sql


_COLUMNS = {
    "mmsi": mmsi("MMSI"),
    "timestamp": first(utc("TIME"), unix("TIME")),
    "longitude": _scaled("LONGITUDE", 600_000),
    "latitude": _scaled("LATITUDE", 600_000),
    "sog_kn": _scaled("SOG", 10),
    "cog_deg": _scaled("COG", 10),
    "heading_deg": number("HEADING"),
    "nav_status": code("NAVSTAT"),
    "receiver": constant("terrestrial"),
    "imo": text("IMO"),
    "name": text("NAME"),
    "call_sign": text("CALLSIGN"),
    "ship_type": code("TYPE"),
    "length_m": total("A", "B"),
    "width_m": total("C", "D"),
    "draught_m": _scaled("DRAUGHT", 10),
    "destination": text("DEST"),
}
_ANSWERS = Answers(
    provider="AISHub",
    records="""case
        when json_type(body) = 'ARRAY' and json_exists(body, '$[0].ERROR')
        then from_json(case when json_type(body, '$[1]') = 'ARRAY' then body -> 1 else '[]' end, '["JSON"]')
        when json_exists(body, '$[0].MMSI') then from_json(body, '["JSON"]')
        when json_exists(body, '$.MMSI') and json_exists(body, '$.TIME') then [body] end""",
    columns=_COLUMNS,
    placed="json_exists(record, '$.LATITUDE') and json_exists(record, '$.LONGITUDE')",
    error="""case when lower(json_extract_string(body, '$[0].ERROR')) not in ('false', '0')
        then coalesce(json_extract_string(body, '$[0].ERROR_MESSAGE'), 'no reason given') end""",
    header="json_extract_string(body, '$[0].FORMAT')",
)


def _recognises(head: Head) -> bool:
    return (
        any(is_poll_of("aishub", line) for line in head.lines)
        or begins_with_keys(head, '"ERROR"')
        or begins_with_keys(head, '"MMSI"', '"TIME"', '"NAVSTAT"')
        or _is_xml(head)
    )


def _is_xml(head: Head) -> bool:
    beginning = "\n".join(head.lines).lstrip()
    known = all(word in beginning for word in ("<vessel", "NAVSTAT=", "TIME="))
    return beginning.startswith("<") and (known or "<VESSELS" in beginning)


def _read(con: DuckDBPyConnection, content: Content, head: Head, scratch: Path, base_date: str | None) -> Reading:
    documents = _vessels(content.path) if _is_xml(head) else documents_of(content.path)
    return read_answers(con, content, documents, _ANSWERS)


def _vessels(path: Path) -> Iterator[Document]:
    """The elements of XML that are ships, each as a record in JSON; one that is torn as it stands, and so is an answer
    without ships."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        if not _VESSEL.search(start := file.read(_BLOCK)):
            yield 1, start
        file.seek(0)
        line, rest = 1, ""
        while block := file.read(_BLOCK):
            rest += block
            end = max(rest.lower().rfind("<vessel"), 0)
            yield from _vessels_in(rest[:end], line)
            line += rest.count("\n", 0, end)
            rest = rest[end:]
        yield from _vessels_in(rest, line)


def _vessels_in(xml: str, line: int) -> Iterator[Document]:
    before = 0
    for found in _VESSEL.finditer(xml):
        line += xml.count("\n", before, found.start())
        before = found.start()
        if found.group(1) is None:
            yield line, found.group()
        else:
            said = {name.upper(): unescape(a or b) for name, a, b in _ATTRIBUTE.findall(found.group(1))}
            yield line, json.dumps(said)


SOURCE = Source(
    "aishub",
    "AISHub answers (JSON or XML)",
    "AISHub terms: for members who share a receiver",
    _recognises,
    _read,
    version="2",
)
