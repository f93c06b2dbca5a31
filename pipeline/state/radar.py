"""Radar detections in the lake: which UTC days there are any of, as they count, and what each day was matched from.

Several files may tell of the same pass: a month in two cuts, the same week asked again under a new version of the data
set, the report and the portal's file. Of one hour and square degree the detections of one data set count: positions
before cells, then what was fetched last (`source_file.fetched_at`; a file without note of its origin counts as fetched
before all others), then the greater name and source_file_id. So the order of landing does not matter, and an echo is
not counted twice because two versions place it differently.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import PROVIDER_DETECTION
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import reading
from pipeline.lake.provider_parts import DETECTIONS, detection_days
from pipeline.state.processed_parts import read_part, standing

if TYPE_CHECKING:
    from pandas import DataFrame

_SCHEMA = """
create table if not exists detection_day (path text, day text, primary key (path, day)) without rowid;
create table if not exists radar_day (day text primary key, made_from text not null) without rowid;
"""
_SQUARE = ["hour", "square_x", "square_y"]


class Radar:
    """Radar detections of a home.

    catalog  connection to the lake's catalogue
    folder   the lake's folder
    """

    def __init__(self, catalog: sqlite3.Connection, folder: Path) -> None:
        self.catalog = catalog
        self.folder = folder
        catalog.executescript(_SCHEMA)

    def wanted(self, landed: Mapping[str, str], rules: str) -> dict[str, str]:
        """UTC day with detections to hash of what it is to be matched from: files, positions around it, and rules.

        landed  UTC day to hash of its positions and vessel reports
        """
        of_day: dict[str, list[str]] = {}
        for part in sorted(standing(self.catalog, DETECTIONS)):
            for day in self._days(part.path):
                of_day.setdefault(day, []).append(f"{part.source_file_id} {part.fetched_at}")
        return {
            day: hashlib.sha256("\n".join([rules, *files, *_around(day, landed)]).encode()).hexdigest()[:16]
            for day, files in of_day.items()
        }

    def made_from(self) -> dict[str, str]:
        """UTC day to hash of what it was matched from."""
        return dict(self.catalog.execute("select day, made_from from radar_day"))

    def note(self, made_from: Mapping[str, str]) -> None:
        """Note what every day was matched from."""
        with transaction(self.catalog):
            self.catalog.execute("delete from radar_day")
            self.catalog.executemany("insert into radar_day values (?, ?)", sorted(made_from.items()))

    def forget(self) -> None:
        """Let every day be matched again."""
        self.note({})

    def detections(self, days: Iterable[str]) -> DataFrame:
        """PROVIDER_DETECTION of UTC days, as they count, in a fixed order."""
        from pandas import DataFrame, concat

        wanted, frames = set(days), list[DataFrame]()
        for part in sorted(standing(self.catalog, DETECTIONS)):
            if wanted.intersection(self._days(part.path)):
                frame = read_part(self.folder / part.path, PROVIDER_DETECTION, part.source_file_id)
                frame = frame[frame["hour"].dt.strftime("%Y-%m-%d").isin(wanted)]
                frames.append(frame.assign(fetched=part.fetched_at))
        if not frames:
            return PROVIDER_DETECTION.empty()
        return PROVIDER_DETECTION.conform(_counting(concat(frames, ignore_index=True)))

    def _days(self, path: str) -> list[str]:
        """UTC days of a part, read from it once."""
        known = [day for (day,) in self.catalog.execute("select day from detection_day where path = ?", [path])]
        if not known:
            with reading(self.folder / path):
                known = sorted(detection_days(self.folder / path))
            with transaction(self.catalog):
                rows = [(path, day) for day in known]
                self.catalog.executemany("insert or ignore into detection_day values (?, ?)", rows)
        return sorted(known)


def _around(day: str, landed: Mapping[str, str]) -> list[str]:
    """Hashes of the positions of a UTC day and of those before and after it: a pass near midnight needs both."""
    middle = date.fromisoformat(day)
    return [landed.get((middle + timedelta(days=n)).isoformat(), "") for n in (-1, 0, 1)]


def _counting(rows: DataFrame) -> DataFrame:
    """Of each hour and square degree the detections of the data set that counts, each once."""
    from numpy import floor

    rows = rows.assign(square_x=floor(rows["longitude"]), square_y=floor(rows["latitude"]))
    order = ["precise", "fetched", "dataset", "source_file_id"]
    rows = rows.assign(dataset_name=rows["dataset"].fillna("")).sort_values(order, ascending=False, kind="stable")
    first = rows.groupby(_SQUARE)["dataset_name"].transform("first")
    precise = rows.groupby(_SQUARE)["precise"].transform("first")
    rows = rows[(rows["dataset_name"] == first) & (rows["precise"] == precise)]
    same = [name for name in PROVIDER_DETECTION.names if name not in ("source_file_id", "dataset", "scene", "name")]
    rows = rows.drop_duplicates(["hour", "longitude", "latitude", "matched", "ship", "mmsi", "at"], keep="first")
    return rows.sort_values([name for name in same if name in rows], kind="stable", ignore_index=True)
