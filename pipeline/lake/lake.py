"""The lake of one home: raw bytes as received, positions and vessel reports by UTC day, rejects, and the catalogue.

    home/raw/<sha256><suffix>                                   bytes as received
    home/lake/positions/day=YYYY-MM-DD/<source_file_id>.parquet
    home/lake/vessel_reports/day=YYYY-MM-DD/<source_file_id>.parquet
    home/lake/events/<source_file_id>.parquet                   events of providers (`provider_events`)
    home/lake/vessels/<source_file_id>.parquet                  providers' particulars of ships (`particulars`)
    home/lake/detections/<source_file_id>.parquet               providers' radar detections (`radar`); what they were
                                                                asked lies in answers/, images of satellites in images/
    home/lake/provider_…/<source_file_id>.parquet               providers' figures, by the table they are of (`figures`)
    home/lake/rejects/<source_file_id>.parquet
    home/lake/catalog.sqlite                                    which of these count (`catalog`)

Raw bytes, positions and vessel reports may lie in a bucket instead (`published`).

Parts are never changed once written. A day is the set of its parts that the catalogue names. Times in Parquet are UTC
without zone.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.lake.bucket import Bucket, Place, Stored
from pipeline.lake.catalog import landed_days, open_catalog
from pipeline.lake.disk import not_writable, one_writer
from pipeline.lake.inventory import PART_KINDS
from pipeline.lake.published import KINDS, BucketWriter, bucket_of, choose_bucket, raw_key

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame

    from pipeline.contracts import Table


class Lake:
    """A home's lake. Reading makes nothing (one that is not there reads as empty); who writes calls `create`.

    bucket_url  where raw bytes, positions and vessel reports shall lie once the first file lands; empty: in the home,
                or where they lie
    remote      what writes to the bucket, while a landing lasts
    """

    def __init__(self, home: Path, bucket_url: str = "") -> None:
        self.home, self._bucket_url = home.absolute(), bucket_url
        self.remote: BucketWriter | None = None
        self.root = self.home / "lake"
        self.raw = self.home / "raw"

    def connect(self) -> sqlite3.Connection:
        """The catalogue's connection, opened at first use and then the same (see `catalog.transaction`)."""
        return self.catalog

    @cached_property
    def catalog(self) -> sqlite3.Connection:
        """As `connect`; an empty one in memory while the home holds no lake."""
        path = self.root / "catalog.sqlite"
        return open_catalog(path if path.exists() else None)

    def create(self) -> None:
        """Make the lake's folder and its catalogue, where there are none.

        raises  InputError if this user may not write there, SourceUnavailable if the disk refuses
        """
        path = self.root / "catalog.sqlite"
        if not path.exists():
            open_catalog(path).close()
        if "catalog" in self.__dict__ and self.catalog.execute("pragma database_list").fetchone()[2] == "":
            self.close()  # opened in memory before there was one, be it ours or another process's

    @cached_property
    def bucket(self) -> Bucket | None:
        """Where raw bytes, positions and vessel reports lie, if not in the home."""
        return bucket_of(self.catalog)

    def place(self, kind: str, path: str) -> Place:
        """Where a part of the catalogue lies."""
        return Stored(self.bucket, path) if self.bucket and kind in KINDS else self.root / path

    @contextmanager
    def raw_file(self, sha256: str) -> Iterator[Path | None]:
        """The bytes of a file as received, to be read inside; None if they are gone."""
        from tempfile import TemporaryDirectory

        found = sorted(self.raw.glob(f"{sha256}*"))
        if found or self.bucket is None:
            yield found[0] if found else None
            return
        key = raw_key(self.catalog, sha256)
        with TemporaryDirectory(prefix="coalwatch-") as folder:
            path = Path(folder, key.removeprefix("raw/")) if key else None
            try:
                if path and key:
                    self.bucket.download(key, path)
            except FileNotFoundError:
                path = None
            yield path

    def close(self) -> None:
        """Close the catalogue; the next use opens it again."""
        self.__dict__.pop("bucket", None)
        if "catalog" in self.__dict__:
            self.catalog.close()
            del self.__dict__["catalog"]

    def landed_days(self, among: Collection[str] | None = None) -> dict[str, str]:
        """UTC day -> hash of what its positions and vessel reports were made from, in order of days; of some days, if
        these are named.

        Equal hashes mean equal content; a day that lost its last part is absent.
        """
        return landed_days(self.catalog, among)

    def days_of(self, *source_file_ids: str | None) -> set[str]:
        """UTC days that have parts of some files."""
        marks = ", ".join("?" * len(source_file_ids))
        rows = self.catalog.execute(
            f"select distinct day from part where day is not null and source_file_id in ({marks})", source_file_ids
        )
        return {day for (day,) in rows}

    def parts(self, kind: str, day: str) -> list[tuple[Place, str]]:
        """Place and source_file_id of a day's parts, in order of source_file_id. kind: positions or vessel_reports."""
        rows = self.catalog.execute(
            "select path, source_file_id from part where kind = ? and day = ? order by source_file_id", (kind, day)
        )
        return [(self.place(kind, path), source_file_id) for path, source_file_id in rows]

    def event_parts(self, *source_file_ids: str | None) -> list[Path]:
        """Parts with the providers' events of some files."""
        marks = ", ".join("?" * len(source_file_ids))
        rows = self.catalog.execute(
            f"select path from part where kind = 'events' and source_file_id in ({marks})", source_file_ids
        )
        return [self.root / path for (path,) in rows]

    def positions(self, day: str, columns: Sequence[str] | None = None) -> DataFrame:
        """POSITION of a UTC day (or some of its columns), sorted by mmsi, timestamp, then content; empty for a day
        without any."""
        from pipeline.lake.reading import read_positions

        return read_positions(self.parts("positions", day), columns)[0]

    def fixes_by_day(self, among: Collection[str] | None = None) -> dict[str, int]:
        """UTC day to number of its positions, before repeats across files are removed; of some days, if these are
        named."""
        rows = self.catalog.execute(
            "select day, sum(rows) from part where kind = 'positions'"
            " and (?1 is null or day in (select value from json_each(?1))) group by day",
            [None if among is None else json.dumps(sorted(among))],
        )
        return dict(rows.fetchall())

    def fixes(self, day: str, mmsis: tuple[int, int] | None = None) -> dict[str, np.ndarray]:
        """The positions of a UTC day as the arrays that movement is derived from (see `reading.read_fixes`); of MMSIs
        from the first to the last one, if these are named."""
        from pipeline.lake.reading import read_fixes

        return read_fixes(self.parts("positions", day), mmsis)

    def ships(self, day: str) -> set[int]:
        """MMSIs of the positions of a UTC day."""
        from pipeline.lake.reading import read_ships

        return read_ships([path for path, _ in self.parts("positions", day)])

    def mmsi_ranges(self, day: str, most: int) -> list[tuple[int, int]]:
        """First and last MMSI of ranges that hold about `most` positions of a UTC day each, in order, without a gap
        between them; at least one."""
        from pipeline.lake.reading import mmsi_ranges

        return mmsi_ranges([path for path, _ in self.parts("positions", day)], most)

    def vessel_reports(self, *days: str) -> DataFrame:
        """VESSEL_REPORT of UTC days, sorted by mmsi, timestamp, then content."""
        from pipeline.lake.reading import read_vessel_reports

        return read_vessel_reports(*(self.parts("vessel_reports", day) for day in days))

    def rejects(self, source_file_id: str) -> DataFrame:
        """REJECT of a source file, sorted by line."""
        from pipeline.lake.reading import read_rejects

        rows = self.catalog.execute(
            "select path from part where kind = 'rejects' and source_file_id = ?", (source_file_id,)
        )
        return read_rejects([(self.root / path, source_file_id) for (path,) in rows])

    def source_files(self) -> DataFrame:
        """SOURCE_FILE: every file ever landed, in order of landing."""
        from pipeline.lake.reading import read_source_files

        return read_source_files(self.catalog)

    def rejected_row_counts(self) -> DataFrame:
        """REJECTED_ROW_COUNT of every file ever landed."""
        from pipeline.lake.reading import read_rejected_row_counts

        return read_rejected_row_counts(self.catalog)

    def unread_field_counts(self) -> DataFrame:
        """UNREAD_FIELD_COUNT of every file ever landed."""
        from pipeline.lake.reading import read_unread_field_counts

        return read_unread_field_counts(self.catalog)

    def counts_of(self, table: Table, source_file_id: str) -> list[dict[str, Any]]:
        """Rows of REJECTED_ROW_COUNT or UNREAD_FIELD_COUNT of one file, without its id, in order of their key."""
        names = [name for name in table.names if name != "source_file_id"]
        rows = self.catalog.execute(
            f"select {', '.join(names)} from {table.name} where source_file_id = ? order by {table.key[1]}",
            (source_file_id,),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def is_synthetic(self) -> bool | None:
        """Whether this home holds generated data; None while it holds none at all."""
        row = self.catalog.execute("select max(synthetic) from source_file").fetchone()
        return None if row[0] is None else bool(row[0])

    @contextmanager
    def landing_lock(self, progress: Callable[[str], None] = lambda line: None) -> Iterator[None]:
        """One landing at a time in a home, and of all who write to its bucket; others say so and wait. Leftovers are
        swept afterwards, and before, if the last one was killed.

        raises  InputError if this user may not write there, or the lake lies in another bucket than was asked for;
                SourceUnavailable if the bucket's server does not answer
        """
        self.create()
        with one_writer(self.home, "landing.lock", progress):
            try:
                self.raw.mkdir(exist_ok=True)
            except OSError as error:
                raise not_writable(self.home, error) from None
            with self._writing_to_bucket(progress):
                self._sweep()
                try:
                    yield
                finally:
                    self._sweep()

    @contextmanager
    def _writing_to_bucket(self, progress: Callable[[str], None]) -> Iterator[None]:
        from pipeline.lake.lease import writer

        self.bucket = choose_bucket(self.catalog, self.home, self._bucket_url)
        with ExitStack() as stack:
            if self.bucket is not None:
                lease = stack.enter_context(writer(self.bucket, progress))
                self.remote = BucketWriter(self.catalog, self.bucket, lease)
                stack.callback(self._end_writing)
                self.remote.publish()
            yield

    def leave_bucket(self) -> None:
        """End writing to the bucket: from now on the catalogue says that the lake lies in the home's folder."""
        self._end_writing()
        self.bucket = None

    def _end_writing(self) -> None:
        if self.remote is not None:
            self.remote.close()
        self.remote = None

    @property
    def staging(self) -> Path:
        """Where a landing writes before it is complete."""
        return self.root / "staging"

    @property
    def incoming(self) -> Path:
        """Where a landing hands files to other processes, and gets back what they made of them."""
        return self.root / "incoming"

    @property
    def pieces(self) -> Path:
        """Where a run hands pieces of work to other processes, and gets back what they made of them."""
        return self.root / "pieces"

    def _sweep(self) -> None:
        """Remove files that the catalogue does not name: what no landing completed, and parts that another reading took
        the place of."""
        import shutil

        shutil.rmtree(self.staging, ignore_errors=True)
        named = {path for (path,) in self.catalog.execute("select path from part")}
        for kind in PART_KINDS:
            for folder, _, files in os.walk(self.root / kind):
                within = os.path.relpath(folder, self.root)
                for name in files:
                    if name.endswith(".parquet") and f"{within}/{name}" not in named:
                        Path(folder, name).unlink(missing_ok=True)
        landed = {sha256 for (sha256,) in self.catalog.execute("select sha256 from source_file")}
        if self.remote is not None:
            self.remote.sweep()
            landed = set()  # they lie in the bucket
        for name in os.listdir(self.raw):
            if name.partition(".")[0] not in landed:
                (self.raw / name).unlink(missing_ok=True)
