"""What is derived from positions, kept by UTC day: runs, coverage, and what each day hands on to the next.

Files are Parquet and immutable; the catalogue (SQLite, `lake/catalog.sqlite`) says which of them count, so a day is
replaced in one transaction. The catalogue also keeps what is still to be told (`dirty`: ships and days whose runs, or
whose past, have changed), which makes every run resumable.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import BERTH, COVERAGE, RUN, SPELL, TRACK_END, VESSEL_REPORT, Table
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import is_whole, reading
from pipeline.state.spans import IDENTITY

_SCHEMA = """
create table if not exists derived_file (
    kind text, day text, file text not null, made_from text not null, primary key (kind, day)) without rowid;
create table if not exists heard (mmsi int, day text, primary key (mmsi, day)) without rowid;
create index if not exists heard_day on heard (day);
create table if not exists dirty (mmsi int, day text, primary key (mmsi, day)) without rowid;
create index if not exists dirty_day on dirty (day);
create table if not exists told (what text primary key, value text not null);
create temp table if not exists wanted (mmsi int primary key);
"""
_CARRIED = {"ends": TRACK_END, "spells": SPELL, "berths": BERTH}

_DTYPES = {column.name: column.dtype for column in VESSEL_REPORT.columns}
# What `identities` gives for a day without any: who reported what, by ship of the day.
_NO_IDENTITIES = DataFrame(
    {name: pd.Series(dtype=_DTYPES[name]) for name in ("mmsi", *IDENTITY)}
    | {"ship": pd.Series(dtype="int64")}
    | {name: pd.Series(dtype="datetime64[us, UTC]") for name in ("first_at", "last_at")}
)


class Derived:
    """The derived part of a lake.

    catalog  connection to the lake's catalogue
    folder   the lake's folder
    """

    def __init__(self, catalog: sqlite3.Connection, folder: Path) -> None:
        self.catalog = catalog
        self.folder = folder
        catalog.executescript(_SCHEMA)

    # ------------------------------------------------------------------------------------------ days of runs

    def made_from(self, kind: str = "runs") -> dict[str, str]:
        """UTC day to hash of what its derived file of that kind was made from."""
        return dict(self.catalog.execute("select day, made_from from derived_file where kind = ?", [kind]))

    def runs(self, day: str) -> DataFrame:
        """RUN of a UTC day; empty if nothing was derived for it."""
        return self._read("runs", day, RUN)

    def identities(self, day: str) -> DataFrame:
        """Identities reported on a day: mmsi, ship, identity columns, first_at, last_at."""
        return self._read("identities", day, None)

    def coverage(self, days: Iterable[str]) -> DataFrame:
        """COVERAGE of several UTC days."""
        return pd.concat([COVERAGE.empty(), *(self._read("coverage", day, COVERAGE) for day in sorted(days))])

    def replace_day(
        self, day: str, made_from: str, runs: DataFrame, coverage: DataFrame, identities: DataFrame
    ) -> None:
        """Put a day's runs, coverage and identities in place of what was there; ships that differ become dirty."""
        changed = np.union1d(differing(self.runs(day), runs), differing(self.identities(day), identities))
        files = [
            self._write(kind, day, frame, made_from)
            for kind, frame in (("runs", runs), ("coverage", coverage), ("identities", identities))
        ]
        with transaction(self.catalog):
            self._put(files)
            self.catalog.execute("delete from heard where day = ?", [day])
            self.catalog.executemany("insert into heard values (?, ?)", ((int(m), day) for m in runs["mmsi"].unique()))
            self.mark_dirty(changed, day)

    def forget_all(self) -> None:
        """Let every day be compressed again at the next run; what is there stays until then, but for damaged files."""
        files = self.catalog.execute("select kind, day, file from derived_file").fetchall()
        damaged = [one for one in files if not is_whole(self.folder / one[2])]
        with transaction(self.catalog):
            self.catalog.executemany("delete from derived_file where kind = ? and day = ? and file = ?", damaged)
            self.catalog.execute("update derived_file set made_from = '' where kind = 'runs'")
        for *_, file in damaged:
            (self.folder / file).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove files that the catalogue does not name: replaced ones, and drafts of a run that was killed."""
        named = {file for (file,) in self.catalog.execute("select file from derived_file")}
        for kind in ("runs", "coverage", "identities", *_CARRIED):
            for path in (self.folder / kind).glob("day=*/*"):
                if str(path.relative_to(self.folder)) not in named:
                    path.unlink(missing_ok=True)

    def forget_day(self, day: str) -> None:
        """Take back a day that no longer has positions; its ships become dirty."""
        mmsis = self.runs(day)["mmsi"].unique()
        with transaction(self.catalog):
            self.catalog.execute("delete from derived_file where day = ?", [day])
            self.catalog.execute("delete from heard where day = ?", [day])
            self.mark_dirty(mmsis, day)

    # --------------------------------------------------------------------------------------------- work to do

    def mark_dirty(self, mmsis: Iterable[int], day: str) -> None:
        """Note ships whose story must be told again from a day on."""
        self.catalog.executemany("insert or ignore into dirty values (?, ?)", ((int(m), day) for m in mmsis))

    def mark_all_dirty(self) -> None:
        """Note every ship on every day it was heard; forget what days handed on under other rules."""
        with transaction(self.catalog):
            marks = ", ".join("?" for _ in _CARRIED)
            self.catalog.execute(f"delete from derived_file where kind in ({marks})", list(_CARRIED))
            self.catalog.execute("insert or ignore into dirty select mmsi, day from heard")

    def mark_quiet_dirty(self, since: str) -> None:
        """Note ships last heard on `since` or later on the day they were last heard: their silence may now be a gap."""
        with transaction(self.catalog):
            self.catalog.execute(
                "insert or ignore into dirty select mmsi, max(day) from heard where mmsi in "
                "(select mmsi from heard where day >= ?) group by mmsi",
                [since],
            )

    def dirty(self) -> tuple[str, np.ndarray] | None:
        """The first day with ships to be told again, and these ships; None if nothing is left."""
        day = self.catalog.execute("select min(day) from dirty").fetchone()[0]
        if day is None:
            return None
        rows = self.catalog.execute("select mmsi from dirty where day = ? order by mmsi", [day])
        return day, np.array([mmsi for (mmsi,) in rows], dtype="int64")

    def told(self, what: str) -> str | None:
        """What was noted at the end of the last run."""
        row = self.catalog.execute("select value from told where what = ?", [what]).fetchone()
        return row[0] if row else None

    def note_told(self, **values: str) -> None:
        """Note facts for the next run."""
        with transaction(self.catalog):
            self.catalog.executemany("insert or replace into told values (?, ?)", list(values.items()))

    # -------------------------------------------------------------------------------- what days hand on

    def last_heard(self, mmsis: np.ndarray, before: str = "9999") -> DataFrame:
        """mmsi, day: the last day before `before` on which each ship was heard; ships never heard are left out."""
        return self._heard(mmsis, "max", "<", before)

    def next_heard(self, mmsis: np.ndarray, after: str) -> DataFrame:
        """mmsi, day: the first day after `after` on which each ship was heard."""
        return self._heard(mmsis, "min", ">", after)

    def carried_before(self, mmsis: np.ndarray, day: str) -> dict[str, DataFrame]:
        """What the days before hand on for these ships: TRACK_END, SPELL, BERTH under ends, spells, berths."""
        last = self.last_heard(mmsis, day)
        found: dict[str, list[DataFrame]] = {name: [] for name in _CARRIED}
        for heard_on, ships in last.groupby("day")["mmsi"]:
            for name, table in _CARRIED.items():
                frame = self._read(name, str(heard_on), table)
                found[name].append(frame[frame["mmsi"].isin(ships)])
        return {name: pd.concat([_CARRIED[name].empty(), *frames], ignore_index=True) for name, frames in found.items()}

    def carried(self, mmsis: np.ndarray, day: str) -> dict[str, DataFrame]:
        """What a day itself hands on for these ships."""
        frames = {name: self._read(name, day, table) for name, table in _CARRIED.items()}
        return {name: frame[frame["mmsi"].isin(mmsis)].reset_index(drop=True) for name, frame in frames.items()}

    def hand_on(self, day: str, mmsis: np.ndarray, carried: dict[str, DataFrame], next_days: DataFrame) -> None:
        """Keep what a day hands on for these ships, now done; the ships of `next_days` (mmsi, day) become dirty."""
        files = []
        for name, table in _CARRIED.items():
            others = self._read(name, day, table)
            others = others[~others["mmsi"].isin(mmsis)]
            files.append(self._write(name, day, pd.concat([others, carried[name]], ignore_index=True), "told"))
        with transaction(self.catalog):
            self._put(files)
            self.catalog.executemany(
                "insert or ignore into dirty values (?, ?)",
                zip(next_days["mmsi"].tolist(), next_days["day"], strict=True),
            )
            self.catalog.executemany("delete from dirty where mmsi = ? and day = ?", ((int(m), day) for m in mmsis))

    # ------------------------------------------------------------------------------------------------ inside

    def _want(self, mmsis: Iterable[int]) -> None:
        self.catalog.execute("delete from wanted")
        self.catalog.executemany("insert or ignore into wanted values (?)", ((int(m),) for m in mmsis))

    def _heard(self, mmsis: np.ndarray, end: str, side: str, day: str) -> DataFrame:
        with transaction(self.catalog):
            self._want(mmsis)
        return self._frame(
            f"select mmsi, day from (select mmsi, (select {end}(day) from heard where heard.mmsi = wanted.mmsi "
            f"and day {side} ?) as day from wanted) where day is not null",
            [day],
        ).astype({"mmsi": "int64", "day": "str"})

    def _frame(self, sql: str, parameters: Iterable[object] = ()) -> DataFrame:
        cursor = self.catalog.execute(sql, list(parameters))
        return DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])

    def _read(self, kind: str, day: str, table: Table | None) -> DataFrame:
        row = self.catalog.execute("select file from derived_file where kind = ? and day = ?", [kind, day]).fetchone()
        if row is None:
            return table.empty() if table else _NO_IDENTITIES.copy()
        with reading(self.folder / row[0]):
            frame = pd.read_parquet(self.folder / row[0])
        return table.conform(frame) if table else frame

    def _write(self, kind: str, day: str, frame: DataFrame, made_from: str) -> tuple[str, str, str, str]:
        """Write a file under a name made from its content, so that the same content is the same file."""
        digest = hashlib.sha256(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()).hexdigest()[:16]
        file = Path(kind) / f"day={day}" / f"{digest}.parquet"
        target = self.folder / file
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".draft")
            frame.to_parquet(draft, index=False)
            draft.replace(target)
        return kind, day, str(file), made_from

    def _put(self, files: Iterable[tuple[str, str, str, str]]) -> None:
        self.catalog.executemany("insert or replace into derived_file values (?, ?, ?, ?)", files)


def differing(before: DataFrame, after: DataFrame) -> np.ndarray:
    """MMSIs whose rows are not the same in both frames."""
    if not len(before):
        return after["mmsi"].unique()
    both = pd.concat([before, after])
    changed = ~both.duplicated(keep=False)
    counts = pd.concat([before["mmsi"].value_counts(), after["mmsi"].value_counts()], axis=1).fillna(0)
    unequal = counts.index[counts.iloc[:, 0] != counts.iloc[:, 1]]
    return np.union1d(both.loc[changed, "mmsi"].unique(), unequal.to_numpy())
