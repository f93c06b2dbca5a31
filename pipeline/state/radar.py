"""Radar detections in the lake: which UTC days there are any of, as they count, and what each day was matched from.

Several files may tell of the same pass: a month in two cuts, the same week asked again under a new version of the data
set, the report and the portal's file. Of one hour and square degree the detections of one data set count: positions
before cells, then what was fetched last (`source_file.fetched_at`; a file without note of its origin counts as fetched
before all others), then the greater name and source_file_id. So the order of landing does not matter, and an echo is
not counted twice because two versions place it differently.

A catalogue's images are of a day too: of one slice that several files list, the listing fetched last counts. What a
provider does not tell of an image says something only where it was asked: so a day with images also depends on the
answers of its month.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import PROVIDER_ANSWER, PROVIDER_DETECTION, PROVIDER_IMAGE, Table
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import reading
from pipeline.lake.provider_parts import ANSWERS, DETECTIONS, IMAGES, days_of_passes
from pipeline.state.processed_parts import read_part, standing

if TYPE_CHECKING:
    from pandas import DataFrame

_SCHEMA = """
create table if not exists detection_day (path text, day text, primary key (path, day)) without rowid;
create table if not exists radar_day (day text primary key, made_from text not null) without rowid;
"""
_SQUARE = ["hour", "square_x", "square_y"]


class Radar:
    """Radar detections of a home, and images of the satellites that a catalogue lists.

    catalog  connection to the lake's catalogue
    folder   the lake's folder
    """

    def __init__(self, catalog: sqlite3.Connection, folder: Path) -> None:
        self.catalog = catalog
        self.folder = folder
        catalog.executescript(_SCHEMA)

    def wanted(self, landed: Mapping[str, str], rules: str) -> dict[str, str]:
        """UTC day with detections or images to hash of what it is to be matched from: files, positions around it, and
        rules.

        landed  UTC day to hash of its positions and vessel reports
        """
        of_day: dict[str, list[str]] = {}
        pictured = set[str]()
        for kind in (DETECTIONS, IMAGES):
            for part in sorted(standing(self.catalog, kind)):
                for day in self._days(kind, part.path):
                    of_day.setdefault(day, []).append(f"{part.source_file_id} {part.fetched_at}")
                    pictured |= {day} if kind == IMAGES else set()
        for part in sorted(standing(self.catalog, ANSWERS)) if pictured else ():
            months = {day[:7] for day in self._days(ANSWERS, part.path)}
            for day in pictured:
                if day[:7] in months:
                    of_day[day].append(f"{part.source_file_id} {part.fetched_at}")
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
        rows = self._rows(DETECTIONS, PROVIDER_DETECTION, "hour", set(days))
        return PROVIDER_DETECTION.conform(_counting(rows)) if len(rows) else PROVIDER_DETECTION.empty()

    def images(self, days: Iterable[str]) -> DataFrame:
        """PROVIDER_IMAGE of UTC days, each slice once, in a fixed order."""
        rows = self._rows(IMAGES, PROVIDER_IMAGE, "from_at", set(days))
        if not len(rows):
            return PROVIDER_IMAGE.empty()
        rows = rows.sort_values(
            ["fetched", "published_at", "name", "source_file_id"], na_position="first", kind="stable"
        )
        rows = rows.drop_duplicates(["satellite", "orbit", "from_at"], keep="last")
        return PROVIDER_IMAGE.conform(rows.sort_values(["from_at", "name"], kind="stable"))

    def answers(self, days: Iterable[str]) -> DataFrame:
        """PROVIDER_ANSWER of the months of UTC days, in a fixed order."""
        from pandas import concat

        months = {day[:7] for day in days}
        parts = sorted(standing(self.catalog, ANSWERS)) if months else []
        frames = [read_part(self.folder / part.path, PROVIDER_ANSWER, part.source_file_id) for part in parts]
        if not frames:
            return PROVIDER_ANSWER.empty()
        rows = concat(frames, ignore_index=True)
        return PROVIDER_ANSWER.conform(rows[rows["from_at"].dt.strftime("%Y-%m").isin(months)])  # none goes beyond one

    def _rows(self, kind: str, table: Table, time: str, days: set[str]) -> DataFrame:
        """Rows of UTC days of the standing parts of a kind, with when each was `fetched`."""
        from pandas import concat

        frames = [table.empty().assign(fetched="")]
        for part in sorted(standing(self.catalog, kind)):
            if days.intersection(self._days(kind, part.path)):
                frame = read_part(self.folder / part.path, table, part.source_file_id)
                frames.append(frame[frame[time].dt.strftime("%Y-%m-%d").isin(days)].assign(fetched=part.fetched_at))
        return concat(frames[1:] or frames, ignore_index=True)

    def _days(self, kind: str, path: str) -> list[str]:
        """UTC days of a part, read from it once."""
        known = [day for (day,) in self.catalog.execute("select day from detection_day where path = ?", [path])]
        if not known:
            with reading(self.folder / path):
                known = sorted(days_of_passes(kind, self.folder / path))
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
