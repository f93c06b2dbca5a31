"""Results of UTC days: runs, coverage, identities, and what is handed on at the end of a day. Parquet files, immutable.

The catalogue (SQLite, `lake/catalog.sqlite`) says which of them count and what they were made from, so days are
replaced in one transaction. A file is named by its content: the same content is the same file.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas import DataFrame

from geo.files import atomic_write
from pipeline.contracts import (
    BERTH,
    COVERAGE,
    CREEP,
    IDENTITY,
    RUN,
    SAID,
    SLOW_STRETCH,
    STAY,
    TRACK_END,
    VESSEL_REPORT,
)
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import is_whole, reading
from pipeline.state.due import ShipDays

_SCHEMA = """
create table if not exists result (
    kind text, day text, file text not null, made_from text not null, rows int not null,
    primary key (kind, day)) without rowid;
"""
COMPRESSED = ("runs", "creeps", "coverage", "identities")
HANDED_ON = {"ends": TRACK_END, "stays": STAY, "berths": BERTH, "slow": SLOW_STRETCH, "said": SAID}

_DTYPES = {column.name: column.dtype for column in VESSEL_REPORT.columns}
# What `identities` gives for a day without any: who reported what, by ship of the day.
_NO_IDENTITIES = DataFrame(
    {name: pd.Series(dtype=_DTYPES[name]) for name in ("mmsi", *IDENTITY)}
    | {"ship": pd.Series(dtype="int64")}
    | {name: pd.Series(dtype="datetime64[us, UTC]") for name in ("first_at", "last_at")}
)


class _File(NamedTuple):
    kind: str
    day: str
    file: str
    made_from: str
    rows: int


class Results:
    """Results of UTC days.

    catalog    connection to the lake's catalogue
    folder     the lake's folder
    ship_days  which ships' days are derived
    """

    def __init__(self, catalog: sqlite3.Connection, folder: Path, ship_days: ShipDays) -> None:
        self.catalog = catalog
        self.folder = folder
        self.ship_days = ship_days
        catalog.executescript(_SCHEMA)

    def made_from(self, kind: str = "runs") -> dict[str, str]:
        """UTC day to hash of what its result of that kind was made from."""
        return dict(self.catalog.execute("select day, made_from from result where kind = ?", [kind]))

    def contents(self, kind: str) -> dict[str, str]:
        """UTC day to name of its file of that kind, which is another one once its content is."""
        return dict(self.catalog.execute("select day, file from result where kind = ?", [kind]))

    def rows(self, kind: str) -> dict[str, int]:
        """UTC day to rows of its result of that kind."""
        return dict(self.catalog.execute("select day, rows from result where kind = ?", [kind]))

    def runs(self, days: Iterable[str], mmsis: Iterable[int] | None = None) -> DataFrame:
        """RUN of UTC days (and some ships), in order of days."""
        return RUN.conform(_as_exact(self._read("runs", sorted(days), RUN.empty(), mmsis)))

    def creeps(self, days: Iterable[str]) -> DataFrame:
        """CREEP of UTC days, in order of days."""
        return CREEP.conform(self._read("creeps", sorted(days), CREEP.empty()))

    def identities(self, days: Iterable[str]) -> DataFrame:
        """Identities reported on UTC days: mmsi, ship, IDENTITY, first_at, last_at."""
        return self._read("identities", sorted(days), _NO_IDENTITIES).astype(dict(_NO_IDENTITIES.dtypes))

    def coverage(self, days: Iterable[str]) -> DataFrame:
        """COVERAGE of UTC days."""
        return COVERAGE.conform(self._read("coverage", sorted(days), COVERAGE.empty()))

    def replace_days(
        self,
        made_from: Mapping[str, str],
        runs: DataFrame,
        creeps: DataFrame,
        coverage: DataFrame,
        identities: DataFrame,
    ) -> None:
        """Put what days were compressed to in place of what was there.

        made_from  UTC day to hash of what it was made from
        """
        rows = {
            "runs": _Rows(runs, "began_at"), "creeps": _Rows(creeps, "first_at"),
            "coverage": _Rows(coverage, "hour"), "identities": _Rows(identities, "first_at"),
        }  # fmt: skip
        files = [
            self._write(kind, day, *rows[kind].of(day), made) for day, made in made_from.items() for kind in COMPRESSED
        ]
        versions = _versions(rows["runs"], rows["identities"], rows["creeps"])
        with transaction(self.catalog):
            self._put(files)
            for day in made_from:
                self.ship_days.replace_day(day, versions.get(day, {}))

    def forget_days(self, days: Sequence[str]) -> None:
        """Take back days that no longer have positions."""
        with transaction(self.catalog):
            for day in days:
                self.catalog.execute(
                    f"delete from result where day = ? and kind in ({_marks(COMPRESSED)})", [day, *COMPRESSED]
                )
                self.ship_days.replace_day(day, {})

    def note_begun(self, days: Iterable[str]) -> None:
        """Note days that are about to be replaced: if this run is stopped meanwhile, the next one does so again,
        whatever they are then made from."""
        with transaction(self.catalog):
            begun = "update result set made_from = '' where kind = 'runs' and day = ?"
            self.catalog.executemany(begun, ([day] for day in days))

    def outdate(self) -> None:
        """Let every day be compressed again; what is there stays until then, but for damaged files."""
        files = self.catalog.execute("select kind, day, file from result").fetchall()
        damaged = [one for one in files if not is_whole(self.folder / one[2])]
        with transaction(self.catalog):
            self.catalog.executemany("delete from result where kind = ? and day = ? and file = ?", damaged)
            self.catalog.execute("update result set made_from = '' where kind = 'runs'")
        for *_, file in damaged:
            (self.folder / file).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove files that the catalogue does not name: replaced ones, and drafts of a run that was killed."""
        named = {file for (file,) in self.catalog.execute("select file from result")}
        for kind in (*COMPRESSED, *HANDED_ON):
            for path in (self.folder / kind).glob("day=*/*"):
                if str(path.relative_to(self.folder)) not in named:
                    path.unlink(missing_ok=True)

    # ------------------------------------------------------------------------------------ what is handed on

    def handed_on(self, ships: DataFrame) -> dict[str, DataFrame]:
        """What was handed on for ships at the end of a day: frames of `HANDED_ON` by name.

        ships  mmsi, day: one row a ship; of a null day nothing is
        """
        found = {name: [table.empty()] for name, table in HANDED_ON.items()}
        for day, mmsis in ships.dropna(subset=["day"]).groupby("day")["mmsi"]:
            for name, table in HANDED_ON.items():
                frame = table.conform(_as_exact(self._read(name, [str(day)], table.empty())))
                found[name].append(frame[frame["mmsi"].isin(mmsis)])
        return {
            name: pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
            for name, frames in found.items()
        }

    def hand_on(self, day: str, mmsis: np.ndarray, handed_on: Mapping[str, DataFrame]) -> None:
        """Keep what is handed on for ships at the end of a day, inside a transaction."""
        files = []
        for name, table in HANDED_ON.items():
            others = table.conform(_as_exact(self._read(name, [day], table.empty())))
            others = others[~others["mmsi"].isin(mmsis)]
            filled = [frame for frame in (others, handed_on[name]) if len(frame)] or [others]
            kept = pd.concat(filled, ignore_index=True)
            table_of_kept = pa.Table.from_pandas(kept, preserve_index=False)
            files.append(self._write(name, day, table_of_kept, _hashes(kept), ""))
        self._put(files)

    def forget_handed_on(self) -> None:
        """Forget everything that was handed on: it was made under other rules."""
        self.catalog.execute(f"delete from result where kind in ({_marks(HANDED_ON)})", list(HANDED_ON))

    # ------------------------------------------------------------------------------------------------ inside

    def _read(
        self, kind: str, days: Iterable[str], nothing: DataFrame, mmsis: Iterable[int] | None = None
    ) -> DataFrame:
        """The results of days (and some ships), one after the other; `nothing` if there are none."""
        tables = []
        of_ships = None if mmsis is None else pc.field("mmsi").isin(pa.array([int(mmsi) for mmsi in mmsis], pa.int64()))
        for day in days:
            row = self.catalog.execute("select file from result where kind = ? and day = ?", [kind, day]).fetchone()
            if row is not None:
                with reading(path := self.folder / row[0]):
                    tables.append(
                        _whole(path) if of_ships is None else pq.read_table(path, partitioning=None, filters=of_ships)
                    )
        filled = [table for table in tables if len(table)]
        if not filled:
            return nothing.copy()
        return pa.concat_tables(filled, promote_options="permissive").to_pandas()

    def _write(self, kind: str, day: str, rows: pa.Table, hashes: np.ndarray, made_from: str) -> _File:
        """Write rows, of which each has a hash."""
        digest = hashlib.sha256(hashes.tobytes()).hexdigest()[:16]
        file = Path(kind) / f"day={day}" / f"{digest}.parquet"
        target = self.folder / file
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(target) as draft:
                pq.write_table(rows, draft)
        return _File(kind, day, str(file), made_from, len(rows))

    def _put(self, files: Iterable[_File]) -> None:
        self.catalog.executemany("insert or replace into result values (?, ?, ?, ?, ?)", files)


def _whole(path: Path) -> pa.Table:
    """A file's rows: `read_table`, which plans for folders of files, takes twice as long for a small one."""
    with pq.ParquetFile(path) as file:
        return file.read()


def differing(before: DataFrame, after: DataFrame) -> np.ndarray:
    """MMSIs whose rows are not the same in both frames."""
    if not len(before):
        return after["mmsi"].unique()
    both = pd.concat([before, after])
    changed = ~both.duplicated(keep=False)
    counts = pd.concat([before["mmsi"].value_counts(), after["mmsi"].value_counts()], axis=1).fillna(0)
    unequal = counts.index[counts.iloc[:, 0] != counts.iloc[:, 1]]
    return np.union1d(both.loc[changed, "mmsi"].unique(), unequal.to_numpy())


def _as_exact(rows: DataFrame) -> DataFrame:
    """Rows with a precision, 0 where an earlier coalwatch wrote none: its fixes were as exact as AIS is."""
    precision = {name: rows[name].fillna(0) if name in rows else 0 for name in ("precision_m", "precision_s")}
    return rows.assign(**precision)


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


class _Rows:
    """Rows of several UTC days, with a hash of each, in the order of days."""

    def __init__(self, frame: DataFrame, time: str) -> None:
        days = frame[time].to_numpy("datetime64[D]")
        order = np.argsort(days, kind="stable")
        self.frame, self.days = frame.take(order).reset_index(drop=True), days[order]
        self.hashes = _hashes(self.frame)
        self._table = pa.Table.from_pandas(self.frame, preserve_index=False)

    def of(self, day: str) -> tuple[pa.Table, np.ndarray]:
        """The rows of a day, in the order in which they stood, and their hashes."""
        first = np.datetime64(day, "D")
        begin, end = (int(np.searchsorted(self.days, limit)) for limit in (first, first + 1))
        return self._table.slice(begin, end - begin), self.hashes[begin:end]


def _versions(runs: _Rows, *others: _Rows) -> dict[str, dict[int, int]]:
    """UTC day and MMSI to a number that is another one once what the day says of the ship is."""
    parts = [
        DataFrame({"day": rows.days, "mmsi": rows.frame["mmsi"], "hash": rows.hashes * np.uint64(factor)})
        for rows, factor in zip((runs, *others), (1, 31, 37), strict=True)  # a row of the one is none of the other
    ]
    heard = pd.MultiIndex.from_frame(parts[0][["day", "mmsi"]].drop_duplicates())
    total = pd.concat(parts).groupby(["day", "mmsi"])["hash"].sum().reindex(heard)
    found: dict[str, dict[int, int]] = {}
    numbers = total.to_numpy(np.uint64).view(np.int64).tolist()
    days = heard.get_level_values("day").to_numpy("datetime64[D]").astype(str)
    for day, mmsi, number in zip(days, heard.get_level_values("mmsi").tolist(), numbers, strict=True):
        found.setdefault(str(day), {})[mmsi] = number
    return found


def _hashes(frame: DataFrame) -> np.ndarray:
    return pd.util.hash_pandas_object(frame, index=False).to_numpy(np.uint64)
