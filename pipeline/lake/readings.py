"""Readings of imagery that a home keeps: what its users read off images, one file a reading.

    <home>/observations/<reading_id>.json

They are knowledge of the user, made by nothing else: no run changes them, and every backup holds them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import write_whole
from pipeline.contracts import READING
from pipeline.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame

FOLDER = "observations"


def read_readings_kept(home: Path | None) -> DataFrame:
    """READING of a home, in order of their ids; empty where there is no home.

    raises  InputError for a file that is no reading
    """
    from pandas import DataFrame, to_datetime

    rows: list[dict[str, Any]] = []
    for path in sorted((home / FOLDER).glob("*.json")) if home else ():
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            rows.append({name: row[name] for name in READING.names})
            to_datetime([row[name] for name in ("from_at", "to_at", "known_at")], utc=True, format="ISO8601")
            if row["reading_id"] != path.stem:
                raise ValueError("its reading_id is not its name")
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = " ".join(str(error).split())
            raise InputError(
                f"{path}: no reading ({why}); remove it and give its file to `coalwatch observe` again"
            ) from None
    frame = DataFrame(rows, columns=READING.names)
    for name in ("from_at", "to_at", "known_at"):
        frame[name] = to_datetime(frame[name], utc=True, format="ISO8601")
    return READING.conform(frame)


def has_readings(home: Path) -> bool:
    """Whether a home keeps any."""
    return any((home / FOLDER).glob("*.json"))


def keep_readings(home: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write readings, each whole; times in ISO 8601."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        content = json.dumps(row, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_whole(folder / f"{row['reading_id']}.json", content, durable=True)
