"""Radar detections as the Global Fishing Watch download portal gives them: one CSV file a month, all the world.

`scene_id,timestamp,lat,lon,presence_score,length_m,mmsi,matching_score,fishing_score,matched_category`, as two programs
that read the files of March and June 2026 describe them; older files may have fewer columns. Times end in " UTC". A row
whose category is `unmatched` may carry the MMSI of a candidate that the provider refused: it is unmatched; one whose
category begins with `matched` was matched, whether or not it says with whom. The portal gives one month in several
cuts, so the same row may come in two files. A file may have a header and no row. Table programs put semicolons or tabs
between cells, and lines above the header.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pipeline.errors import InputError
from pipeline.formats.gfw_pages import LICENCE
from pipeline.formats.radar_rows import SENT, sift
from pipeline.formats.record import Content, EventsReading, Head, Source, header_layout
from pipeline.no_value import no_value_or

_NEEDED = {"timestamp", "lat", "lon", "length_m", "matching_score", "mmsi"}
_LINES_ABOVE = 10  # a header stands among the first lines
_NAME = re.compile(r"sar_vessel_detections_pipe\w*?(?=_\d{6}|\.|$)")
_SAME = {
    "scene": "scene_id", "at": "timestamp", "hour": "timestamp", "longitude": "lon", "latitude": "lat",
    "mmsi": "mmsi", "ship_kind": "matched_category", "length_m": "length_m", "presence_score": "presence_score",
    "matching_score": "matching_score", "fishing_score": "fishing_score",
}  # fmt: skip


def _recognises(head: Head) -> bool:
    return any(_header(line) for line in head.lines[:_LINES_ABOVE])


def _header(line: str) -> tuple[str, list[str]] | None:
    """What stands between cells, and the names of the columns, if a line names all that are needed."""
    for between in (",", ";", "\t"):
        names = [name.strip().lower() for name in next(csv.reader([line], delimiter=between), [])]
        if set(names) >= _NEEDED:
            return between, names
    return None


def _rows(content: Content, lines: Iterator[str]) -> tuple[str, list[str]]:
    """The header, found among the first lines; what it leaves are the rows below it.

    raises  InputError if there is none, or if one of its columns is there twice
    """
    for line in islice(lines, _LINES_ABOVE):
        if (found := _header(line)) is not None:
            twice = sorted({name for name in _SAME.values() if found[1].count(name) > 1})
            if twice:
                raise InputError(f"{content.name}: two columns are named {twice[0]}; expected one, so delete the other")
            return found
    raise InputError(
        f"{content.name}: no header with the columns {', '.join(sorted(_NEEDED))}; expected the portal's file"
    )


def read_csv(content: Content, first_future: str) -> EventsReading:
    """Read a month.

    first_future  times from here on (ISO 8601, UTC) are rejected
    returns       every line as a detection, a duplicate or a reject with its reason
    """
    from pandas import DataFrame

    named = _NAME.search(content.name)
    dataset = named[0] if named else "sar_vessel_detections"
    found: list[dict[str, Any]] = []
    with content.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = (line for line in file if line.strip())
        between, header = _rows(content, lines)
        for line in lines:
            raw = line.rstrip("\r\n").replace("\0", "")
            cells = next(csv.reader([raw], delimiter=between), [])
            whole = len(cells) == len(header)
            found.append(
                (_sent(dict(zip(header, cells, strict=True))) if whole else {"told": "unreadable"}) | {"raw": raw}
            )
    rows = DataFrame(found, columns=list(SENT), dtype=object).assign(dataset=dataset)
    return sift(rows, first_future, precise=True)


def _sent(cells: dict[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {ours: no_value_or(cells.get(theirs)) or None for ours, theirs in _SAME.items()}
    category = (sent["ship_kind"] or "").lower()
    number = (sent["mmsi"] or "").strip("0.")
    matched = category != "unmatched" and bool(number or category.startswith("matched"))
    kind = sent["ship_kind"] if matched else None
    return sent | {"matched": matched, "mmsi": sent["mmsi"] if matched else None, "ship_kind": kind, "detections": 1}


SOURCE = Source(
    name="gfw_radar_csv",
    title="Global Fishing Watch radar detections (monthly CSV of the download portal)",
    licence=LICENCE,
    recognises=_recognises,
    layout=header_layout,
    read_detections=read_csv,
)
