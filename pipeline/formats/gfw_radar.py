"""Radar presence of the Global Fishing Watch API v3: answers of `POST /v3/4wings/report`.

Bare, or in lines of `source`, `polled_at`, `asked` and `body`, as `coalwatch fetch` keeps them.

`{"entries": [{"public-global-sar-presence:v4.0": [row, …]}]}`: the key names the data set and its version. A row is a
cell of 0.01° and an hour in which the provider's model saw hulls; asked by ship, a matched row names hers, and of an
unmatched one her texts are empty. There is no field that says which it is: matched and unmatched are asked apart, and
read apart by whether a ship is named. Where a matched row's first and last time agree, they are the moment of the pass;
of other rows they are of the whole region and say nothing. Shapes: recorded rows of 2025 and 2026.

A line also tells what was asked: days, ground and which of the two. What a file without rejects does not hold of that,
the provider did not tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.contracts import PROVIDER_ANSWER
from pipeline.formats.gfw_pages import LICENCE, PROVIDER, is_json, rows
from pipeline.formats.polls import is_poll_of
from pipeline.formats.radar_rows import SENT, named, sift
from pipeline.formats.record import Content, EventsReading, Head, Source
from pipeline.no_value import no_value_or

if TYPE_CHECKING:
    from pandas import DataFrame, Timestamp

NAME = "gfw_radar"
DATASET = "public-global-sar-presence"
_KEY = re.compile(rf'"{DATASET}(:[^"]*)?"\s*:')
_NAMED = re.compile(rf'"report_dataset"\s*:\s*"{DATASET}')
_ASKED_OF = {"matched='true'": "matched", "matched='false'": "unmatched"}
_SAME = (
    "hour", "date", "longitude", "lon", "latitude", "lat", "detections", "detections", "ship", "vesselId", "mmsi",
    "mmsi", "imo", "imo", "name", "shipName", "flag", "flag", "ship_kind", "vesselType",
)  # fmt: skip


def _recognises(head: Head) -> bool:
    beginning = "\n".join(head.lines)
    if any(is_poll_of(NAME, line) for line in head.lines[:1]):
        return True
    return is_json(beginning) and bool(_KEY.search(beginning) or _NAMED.search(beginning))


def read_report(content: Content, first_future: str) -> EventsReading:
    """Read a file of answers.

    first_future  times from here on (ISO 8601, UTC) are rejected
    returns       every row of every answer as a detection, a duplicate or a reject with its reason
    """
    from pandas import DataFrame

    pages = list(rows(content.path))
    found = [
        _sent(dataset, entry) | {"raw": raw} for row in pages for dataset, entry, raw in _entries(row.entry, row.raw)
    ]
    reading = sift(DataFrame(found, columns=list(SENT), dtype=object), first_future, precise=False)
    if len(reading.rejects):
        return reading
    asked = [question for row in pages if row.entry is None and (question := _asked(row.raw))]
    return replace(reading, answers=_answers(asked, reading.events))


def _entries(page: dict[str, Any] | None, raw: str) -> Iterator[tuple[str, Any, str]]:
    """Data set, row and its text: the rows of an entry of an answer, or one that stands by itself."""
    if page is None:
        try:
            page = json.loads(raw)
        except (ValueError, RecursionError):
            page = None
        alone = page if isinstance(page, dict) else {}
        if "polled_at" in alone:
            yield from _of_poll(alone.get("body"), raw)
        else:
            yield str(alone.get("report_dataset") or ""), page, raw
        return
    for dataset, of_dataset in page.items():
        if of_dataset is None:
            continue  # a data set that holds nothing of the region
        for one in of_dataset if isinstance(of_dataset, list) else [of_dataset]:
            yield str(dataset), one, json.dumps(one, ensure_ascii=False)


def _of_poll(body: Any, raw: str) -> Iterator[tuple[str, Any, str]]:
    """As `_entries`, of the answer that a line holds; one without rows has no row."""
    pages = body.get("entries") if isinstance(body, dict) else None
    if not isinstance(pages, list) or not all(page is None or isinstance(page, dict) for page in pages):
        yield "", None, raw  # such as the server's error
        return
    for page in pages:
        if page is not None:  # in place of no rows
            yield from _entries(page, raw)


def _asked(raw: str) -> dict[str, Any] | None:
    """What a line says was asked, as PROVIDER_ANSWER has it; None where it says nothing that can be used."""
    from pandas import Timestamp
    from shapely import Polygon, to_wkt

    try:
        asked = json.loads(raw)["asked"]
        first, _, until = asked["date-range"].partition(",")
        ground = Polygon(asked["polygon"])
        filters = [value for name, value in asked.items() if name.startswith("filters[")]
        hourly = (asked["temporal-resolution"], asked["spatial-resolution"]) == ("HOURLY", "HIGH")
        begin, end = Timestamp(first, tz="UTC"), Timestamp(until, tz="UTC")
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not hourly or not ground.is_valid or not begin < end or len(filters) > 1:
        return None
    of = _ASKED_OF.get(filters[0]) if filters else "both"
    if of is None:  # a part of them, of which nothing follows for the rest
        return None
    return {
        "provider": PROVIDER, "asked_of": of, "from_at": begin, "to_at": end,
        "ground": to_wkt(ground, rounding_precision=4),
    }  # fmt: skip


def _answers(asked: list[dict[str, Any]], detections: DataFrame) -> DataFrame:
    """PROVIDER_ANSWER without source_file_id: what was asked, by UTC month, with how many detections came of it."""
    from pandas import DataFrame

    hour, found = detections["hour"], []
    for one in asked:
        for begin, end in _by_month(one["from_at"], one["to_at"]):
            told = int(((hour >= begin) & (hour < end)).sum())
            found.append(one | {"from_at": begin, "to_at": end, "detections": told})
    answers = PROVIDER_ANSWER.conform(DataFrame(found, columns=PROVIDER_ANSWER.names).assign(source_file_id=""))
    return answers.drop(columns="source_file_id")


def _by_month(begin: Timestamp, end: Timestamp) -> Iterator[tuple[Timestamp, Timestamp]]:
    """The parts of a time that lie in each UTC month: days are matched with the questions of their month."""
    from pandas.tseries.offsets import MonthBegin

    while begin < end:
        until = min((begin + MonthBegin()).normalize(), end)
        yield begin, until
        begin = until


def _sent(dataset: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        return {"told": "unreadable"}
    if not dataset.startswith(DATASET):
        return {"told": "another_dataset" if dataset else "unreadable"}
    matched = any(no_value_or(entry.get(name)).strip("0") for name in ("vesselId", "mmsi", "imo", "shipName"))
    of_whom = {"vesselId", "mmsi"} & entry.keys()
    first, last = entry.get("entryTimestamp"), entry.get("exitTimestamp")
    # A flag without a ship: the rows were grouped by flag, and a matched one looks like one that is not.
    aside = "not_by_ship" if not of_whom or (not matched and no_value_or(entry.get("flag"))) else ""
    return named(entry, _SAME) | {
        "dataset": dataset, "at": first if matched and first == last else None, "matched": matched, "told": aside,
    }  # fmt: skip


SOURCE = Source(
    name=NAME,
    title="Global Fishing Watch radar presence (4Wings report of API v3)",
    licence=LICENCE,
    recognises=_recognises,
    version="2",
    read_detections=read_report,
)
