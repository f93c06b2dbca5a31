"""Images of Sentinel-1 as the catalogue's documentation shows them, and questions about radar that were answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.origin import write_origin

BOX = [[123.6, 37.7], [125.7, 37.7], [125.7, 39.4], [123.6, 39.4], [123.6, 37.7]]  # as seeds/sources/gfw_radar.yaml
LOW = [[123.0, 37.2], [126.2, 37.6], [125.9, 38.7], [122.7, 38.3], [123.0, 37.2]]  # two slices of a pass, aslant
HIGH = [[122.7, 38.3], [125.9, 38.7], [125.5, 40.2], [122.3, 39.8], [122.7, 38.3]]
_DAY_0 = datetime(2014, 4, 3, tzinfo=UTC)


def image(start: datetime, ring=LOW, kind="IW_GRDH", unique="4A2B", form=".SAFE", satellite="S1A", published_days=1):
    """An image as `Products` lists it."""
    end = start + timedelta(seconds=25)
    orbit = (start - _DAY_0) // timedelta(minutes=100)
    name = f"{satellite}_{kind}_1SDV_{start:%Y%m%dT%H%M%S}_{end:%Y%m%dT%H%M%S}_{orbit:06}_04B1C2_{unique}{form}"
    published = start + timedelta(days=published_days)
    return {
        "@odata.mediaContentType": "application/octet-stream", "Id": "72ac8773-c55d-526a-a9a9-22ddb9b595ef",
        "Name": name, "ContentType": "application/octet-stream", "ContentLength": 0, "Online": True,
        "OriginDate": f"{published:%Y-%m-%dT%H:%M:%S.110Z}", "Checksum": [],
        "PublicationDate": f"{published:%Y-%m-%dT%H:%M:%S.446000Z}", "EvictionDate": "9999-12-31T23:59:59.999999Z",
        "S3Path": f"/eodata/Sentinel-1/SAR/IW_GRDH_1S/{name}",
        "ContentDate": {"Start": f"{start:%Y-%m-%dT%H:%M:%S.171000Z}", "End": f"{end:%Y-%m-%dT%H:%M:%S.112000Z}"},
        "Footprint": "geography'SRID=4326;POLYGON ((…))'", "GeoFootprint": {"type": "Polygon", "coordinates": [ring]},
    }  # fmt: skip


def pass_over(start: datetime) -> list[dict[str, object]]:
    """The images of a pass: two slices, each in the two forms in which the catalogue keeps it."""
    found = []
    for begin, ring in ((start, LOW), (start + timedelta(seconds=25), HIGH)):
        found += [image(begin, ring), image(begin, ring, unique="9F00", form="_COG.SAFE")]
    return found


def page(images: list[dict[str, object]], **others: object) -> dict[str, object]:
    """An answer."""
    return {"@odata.context": "$metadata#Products", "@odata.count": len(images), "value": images, **others}


def write_catalogue(path: Path, images: list[dict[str, object]], fetched_at: datetime | None = None) -> Path:
    """A file of one answer, as it is kept."""
    line = {"source": "copernicus", "polled_at": "2026-01-01T00:00:00+00:00", "asked": {"$skip": "0"}}
    path.write_text(json.dumps(line | {"body": page(images)}, separators=(",", ":")) + "\n")
    if fetched_at:
        write_origin(path, "https://catalogue.dataspace.copernicus.eu/odata/v1/Products", fetched_at)
    return path


def write_answers(path: Path, month: str, rows: list[dict[str, object]], which: str, ring: object = None) -> Path:
    """A file of one report of radar, with the question: a month (YYYY-MM) of one of matched and unmatched."""
    first = datetime.fromisoformat(f"{month}-01")
    until = (first + timedelta(days=32)).replace(day=1)
    dataset = "public-global-sar-presence:v5.0"
    asked = {
        "datasets[0]": dataset, "filters[0]": f"matched='{'true' if which == 'matched' else 'false'}'",
        "spatial-resolution": "HIGH", "temporal-resolution": "HOURLY", "group-by": "VESSEL_ID",
        "date-range": f"{first:%Y-%m-%d},{until:%Y-%m-%d}", "region": "nampo", "polygon": ring or BOX,
    }  # fmt: skip
    mine = [row for row in rows if bool(row["mmsi"]) == (which == "matched") and str(row["date"]).startswith(month)]
    body = {"entries": [{dataset: mine or None}], "total": 1, "nextOffset": None}
    line = {"source": "gfw_radar", "polled_at": "2026-01-01T00:00:00+00:00", "asked": asked, "body": body}
    path.write_text(json.dumps(line, separators=(",", ":")) + "\n")
    return path
