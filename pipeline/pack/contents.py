"""What a pack holds, made of its tables: report, pictures, track. Verifying makes them again from recomputed tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pandas import Timestamp

from geo.zones import Zones
from pipeline import contracts as c
from pipeline.pack.drawings import pictures_of, with_silences
from pipeline.pack.manifest import sha256
from pipeline.pack.report import as_html, as_pdf
from pipeline.pack.tables import Subject, Tables, members_of
from pipeline.publish import alert_words

PAGE = "report.html"
PDF = "report.pdf"  # the one member whose bytes rest on the fonts of a machine too


def contents(
    subject: Subject, tables: Tables, stated: Tables, zones: Zones, facts: Mapping[str, Any]
) -> dict[str, bytes]:
    """The members of a pack but raw lines, lists and manifest.

    facts  `raw`, `derived_with`, `drawn_with`, `data` and `not_recomputed` of the manifest
    """
    sources = _sources(facts["raw"])
    pictures = {row["alert_id"]: pictures_of(tables, row, zones, sources) for row in tables[c.ALERT.name]}
    html = as_html(subject, tables, stated, pictures, facts)
    members = {picture.name: picture.content.encode() for drawn in pictures.values() for picture in drawn}
    members |= members_of(tables, "tables") | members_of(stated, "stated")
    members[PAGE] = html.encode("utf-8", "replace")
    members[PDF] = as_pdf(html, sha256(members[PAGE])[:32])
    members["track.geojson"] = _tracks(tables)
    members["README.txt"] = _README.encode()
    return members


def _sources(raw: Sequence[Mapping[str, Any]]) -> str:
    named = sorted({f"{row['source']} ({row['licence'] or 'no terms known'})" for row in raw})
    kind = "Generated positions (SYNTHETIC)" if any(row["synthetic"] for row in raw) else "Positions: AIS as received"
    return f"{kind}; files of {', '.join(named)}."


def _tracks(tables: Tables) -> bytes:
    """The tracks of the alerts as GeoJSON (RFC 7946): a line for each leg, heard or silent, and the points."""
    features: list[dict[str, Any]] = []
    for alert in sorted(tables[c.ALERT.name], key=lambda row: row["alert_id"]):
        track = with_silences(tables, alert)
        names = ("timestamp", "longitude", "latitude", "motion")
        points = list(zip(*(track[name].tolist() for name in names), strict=True))
        whose = {name: alert[name] for name in ("alert_id", "mmsi", "synthetic", "licence")}
        for (began, x, y, motion), (ended, to_x, to_y, _) in pairwise(points):
            heard = {"heard": motion != "silence", "from_at": _iso(began), "to_at": _iso(ended)}
            features.append(_feature("LineString", [[x, y], [to_x, to_y]], whose | heard))
        features += [
            _feature("Point", [x, y], whose | {"timestamp": _iso(at), "motion": motion}) for at, x, y, motion in points
        ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)
    return (text + "\n").encode("utf-8", "replace")


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _iso(moment: Timestamp) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


_README = f"""Evidence pack of coalwatch
==========================

report.html, report.pdf  the report: read this first
pictures/                its maps and timelines (SVG)
track.geojson            the simplified track; legs with "heard": false were silent
tables/                  what was derived, one CSV a table; verifying derives it again from raw/
stated/                  what verifying takes as it is: reviews, coverage of whole zones, counts of whole files
raw/                     raw lines or files, byte for byte as received; manifest.json names each file's SHA-256, and
                         the numbers of the lines that are held
lists/                   editions of sanctions lists that the home kept, if any
manifest.json            the SHA-256 of every other file, and the versions of everything that judged

To verify:  coalwatch verify PACK.zip
It checks every byte, derives the alert again from raw/ in a temporary folder, and says "equal" or shows each
difference. Compare the digest it prints with the one that was noted when the pack was written: whoever changes a pack
can change its manifest too, and then only the digest tells.

{chr(10).join(alert_words.CANNOT_PROVE)}
"""
