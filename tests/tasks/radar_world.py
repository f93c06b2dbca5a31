"""Radar passes off Nampo as the provider would tell of them, one file a kind of question."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.origin import write_origin

AT_SEA = (124.93, 38.60)  # in the outer anchorage of Nampo
FAR = ((124.03, 38.01), (125.02, 39.24), (124.03, 39.22), (124.85, 38.02))  # others in the same scene, around it
DATASET = "public-global-sar-presence:v5.0"
FIRST = datetime(2020, 11, 3, 9, 28, 34, tzinfo=UTC)


def passes(number: int, first: datetime = FIRST, days: int = 6) -> list[datetime]:
    """Moments of passes of one orbit."""
    return [first + timedelta(days=days * n) for n in range(number)]


def unmatched(moment: datetime, longitude: float, latitude: float, detections: int = 1) -> dict[str, object]:
    """A row of the answer to matched='false'."""
    nobody = dict.fromkeys(("vesselId", "mmsi", "imo", "shipName", "flag", "vesselType"), "")
    place = {"lat": round(latitude, 2), "lon": round(longitude, 2), "detections": detections}
    return {"date": f"{moment:%Y-%m-%d %H}:00", **place, **nobody}


def matched(moment: datetime, longitude: float, latitude: float, mmsi: int = 412000009) -> dict[str, object]:
    """A row of the answer to matched='true': its times are the moment of the pass."""
    seen = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    ship = {"vesselId": f"ship-{mmsi}", "mmsi": str(mmsi), "shipName": "DEMO", "flag": "CHN", "vesselType": "CARGO"}
    return unmatched(moment, longitude, latitude) | ship | {"entryTimestamp": seen, "exitTimestamp": seen}


def scene(moments: list[datetime], echoes: tuple[tuple[float, float], ...] = ()) -> list[dict[str, object]]:
    """Rows of passes: matched ships around the anchorage, and unmatched echoes (moved by a cell from pass to pass)."""
    rows = [matched(moment, *place, mmsi=412000001 + n) for moment in moments for n, place in enumerate(FAR)]
    return rows + [
        unmatched(moment, x + 0.02 * (n % 5), y + 0.01 * (n % 3)) for n, moment in enumerate(moments) for x, y in echoes
    ]


def write_report(
    path: Path, rows: list[dict[str, object]], dataset: str = DATASET, fetched_at: datetime | None = None
) -> Path:
    """A file of one answer."""
    path.write_text(json.dumps({"entries": [{dataset: rows}], "total": 1, "nextOffset": None}) + "\n")
    if fetched_at:
        write_origin(path, "https://gateway.api.globalfishingwatch.org/v3/4wings/report", fetched_at)
    return path
