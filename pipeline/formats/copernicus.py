"""Images of Sentinel-1 as the catalogue of the Copernicus Data Space Ecosystem lists them (OData, `Products`).

Bare answers, or in lines of `source`, `polled_at`, `asked` and `body`, as `coalwatch fetch` keeps them.

`{"@odata.context": "$metadata#Products", "value": [{"Name", "ContentDate": {"Start", "End"}, "GeoFootprint", …}, …]}`.
An image is a slice of a pass, some 25 s long. The name tells satellite, mode, kind, times, orbit and data take, and
ends in four characters that change when the image is made anew:
`S1A_IW_GRDH_1SDV_<start>_<end>_<orbit>_<take>_<unique>.SAFE`; the same image in another form ends in `_COG.SAFE`. One
slice counts once, as it was published last. Images of another mode or kind than IW GRD, in which nobody looks for hulls
here, are rejected. Shapes: the published documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.contracts import PROVIDER_IMAGE
from pipeline.formats.gfw_pages import is_json, rows
from pipeline.formats.polls import is_poll_of
from pipeline.formats.record import Content, EventsReading, Head, Source

if TYPE_CHECKING:
    from pandas import Timestamp

NAME = "copernicus"
LICENCE = "Copernicus Sentinel data: free, full and open access, credit 'Contains Copernicus Sentinel data [year]'"
_CONTEXT = re.compile(r'"@odata\.context"\s*:\s*"[^"]*\$metadata#Products')
_IMAGE = re.compile(
    r"(?P<satellite>S1[A-Z])_IW_GRD[FHM]_1S(?:[SD][HV]|[HV]{2})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6})"
    r"_(?P<orbit>\d{6})_[0-9A-F]{6}_[0-9A-F]{4}(_COG)?(\.SAFE)?"
)
_FIRST = "2014-04-03"  # Sentinel-1A was launched
_LONGEST_S = 600  # a slice is some 25 s long, and no data take of the wide swath longer than this
_APART_S = 60  # by which the times of name and listing may differ: the name has whole seconds
_DETAILS = {
    "unreadable": "a document or line that lists no image; expected a page of the catalogue, or an image with its Name",
    "another_dataset": "an image of another mode or kind; expected Sentinel-1 IW GRD (S1A_IW_GRDH_…)",
    "bad_time": "expected ContentDate with Start and End as the name has them, from 2014 on, minutes apart at most",
    "future": "the time lies in the future",
    "ends_before_start": "the image ends before it begins",
    "bad_position": "expected GeoFootprint, a polygon of longitudes and latitudes in degrees",
}


def _recognises(head: Head) -> bool:
    beginning = "\n".join(head.lines)
    return any(is_poll_of(NAME, line) for line in head.lines[:1]) or (
        is_json(beginning) and bool(_CONTEXT.search(beginning))
    )


def read_images(content: Content, first_future: str) -> EventsReading:
    """Read a file of answers.

    first_future  times from here on (ISO 8601, UTC) are rejected
    returns       every image of every answer, or a duplicate (the same slice again), or a reject with its reason
    """
    from pandas import DataFrame, Timestamp

    until = Timestamp(first_future, tz="UTC")
    sent = [pair for row in rows(content.path) for pair in _listed(row.raw)]
    read = [_image(entry, until) for entry, _ in sent]
    rejects = [
        {"line": n + 1, "reason": found, "raw": raw, "detail": _DETAILS[found]}
        for n, (found, (_, raw)) in enumerate(zip(read, sent, strict=True))
        if isinstance(found, str)
    ]
    images = DataFrame([found for found in read if not isinstance(found, str)], columns=PROVIDER_IMAGE.names)
    images = PROVIDER_IMAGE.conform(images.assign(source_file_id=""))
    slices = images.sort_values(["published_at", "name"], kind="stable", na_position="first")
    kept = slices.drop_duplicates(["satellite", "orbit", "from_at"], keep="last")
    kept = kept.sort_values(["from_at", "name"], kind="stable", ignore_index=True)
    return EventsReading(
        events=kept.drop(columns="source_file_id"),
        rejects=DataFrame(rejects, columns=["line", "reason", "raw", "detail"]),
        rows_read=len(sent),
        duplicates=len(images) - len(kept),
    )


def _listed(raw: str) -> Iterator[tuple[Any, str]]:
    """Images of a document, each with its text; a document that lists none and is no page is one row."""
    try:
        page = json.loads(raw)
    except (ValueError, RecursionError):
        page = None
    body = page.get("body") if isinstance(page, dict) and "polled_at" in page else page
    listed = body.get("value") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        yield body, raw
        return
    for one in listed:
        yield one, json.dumps(one, ensure_ascii=False)


def _image(entry: Any, until: Timestamp) -> dict[str, Any] | str:
    """PROVIDER_IMAGE of an entry, or why it is none."""
    if not isinstance(entry, dict) or not isinstance(entry.get("Name"), str):
        return "unreadable"
    name = _IMAGE.fullmatch(entry["Name"])
    if name is None:
        return "another_dataset"
    taken = entry.get("ContentDate")
    begin, end = (_moment(taken.get(which)) if isinstance(taken, dict) else None for which in ("Start", "End"))
    if begin is None or end is None or begin < _utc(_FIRST) or _apart_s(begin, _utc(name["start"])) > _APART_S:
        return "bad_time"
    if begin >= until:
        return "future"
    if end <= begin:
        return "ends_before_start"
    if _apart_s(begin, end) > _LONGEST_S:
        return "bad_time"
    ground = _outline(entry.get("GeoFootprint"))
    if ground is None:
        return "bad_position"
    return {
        "provider": NAME, "name": entry["Name"], "satellite": name["satellite"], "orbit": int(name["orbit"]),
        "from_at": begin.floor("s"), "to_at": end.ceil("s"), "ground": ground,
        "published_at": _moment(entry.get("PublicationDate")),
    }  # fmt: skip


def _moment(said: Any) -> Timestamp | None:
    """The time that a text says (UTC where it names no zone, as the catalogue has it); None where it says none."""
    from pandas import NaT

    if not isinstance(said, str) or "T" not in said:
        return None
    try:
        found = _utc(said)
    except (ValueError, OverflowError):
        return None
    return None if found is NaT else found


def _utc(said: str) -> Timestamp:
    from pandas import Timestamp

    found = Timestamp(said)
    return found.tz_localize("UTC") if found.tzinfo is None else found.tz_convert("UTC")


def _apart_s(one: Timestamp, other: Timestamp) -> float:
    return float(abs((other - one).total_seconds()))


def _outline(shape: Any) -> str | None:
    """The polygon of GeoJSON as WKT, degrees to 0.0001; None if it is none, or lies across the 180th meridian."""
    from shapely import force_2d, from_geojson, to_wkt
    from shapely.errors import GEOSException

    if not isinstance(shape, dict) or shape.get("type") not in ("Polygon", "MultiPolygon"):
        return None
    try:
        found = force_2d(from_geojson(json.dumps(shape)))
    except (GEOSException, ValueError, TypeError):
        return None
    west, south, east, north = found.bounds if not found.is_empty else (0.0, 0.0, 0.0, 0.0)
    on_earth = -180 <= west < east <= 180 and -90 <= south < north <= 90 and east - west < 180
    return str(to_wkt(found, rounding_precision=4)) if on_earth and found.is_valid else None


SOURCE = Source(
    name=NAME,
    title="Catalogue of the Copernicus Data Space Ecosystem, images of Sentinel-1 (OData)",
    licence=LICENCE,
    recognises=_recognises,
    read_images=read_images,
)
