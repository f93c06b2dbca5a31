"""Where a fetched file came from: a small JSON file beside it, so that the lake can keep it with the bytes.

The address never holds a secret: who writes it here has taken tokens and user names out.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from geo.files import write_whole

SUFFIX = ".origin.json"


def write_origin(path: Path, url: str, fetched_at: datetime) -> None:
    """Note beside a file where it came from.

    url         address without secrets
    fetched_at  wall clock, with time zone
    """
    note = json.dumps({"url": url, "fetched_at": fetched_at.isoformat()}) + "\n"
    write_whole(Path(f"{path}{SUFFIX}"), note, durable=True)


def read_origin(path: Path) -> dict[str, str | None]:
    """`url` and `fetched_at` (ISO 8601) of a file; both None for one that was handed in."""
    try:
        known = json.loads(Path(f"{path}{SUFFIX}").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    return {"url": known.get("url"), "fetched_at": known.get("fetched_at")}
