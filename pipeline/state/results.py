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
from pandas import DataFrame

from pipeline.contracts import BERTH, COVERAGE, IDENTITY, RUN, STAY, TRACK_END, VESSEL_REPORT, Table
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import is_whole, reading
from pipeline.state.due import ShipDays

_SCHEMA = """
create table if not exists result (
    kind text, day text, file text not null, made_from text not null, rows int not null,
    primary key (kind, day)) without rowid;
"""
COMPRESSED = ("runs", "coverage", "identities")
HANDED_ON = {"ends": TRACK_END, "stays": STAY, "berths": BERTH}

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

    def runs(self, days: Iterable[str]) -> DataFrame:
        """RUN of UTC days, in order of days."""
        return pd.concat([RUN.empty(), *(self._read("runs", day, RUN) for day in sorted(days))], ignore_index=True)

    def identities(self, days: Iterable[str]) -> DataFrame:
        """Identities reported on UTC days: mmsi, ship, IDENTITY, first_at, last_at."""
        frames = [self._read("identities", day, None) for day in sorted(days)]
        return pd.concat([frame for frame in frames if len(frame)] or [_NO_IDENTITIES.copy()], ignore_index=True)

    def coverage(self, days: Iterable[str]) -> DataFrame:
        """COVERAGE of UTC days."""
        return pd.concat([COVERAGE.empty(), *(self._read("coverage", day, COVERAGE) for day in sorted(days))])

    def replace_days(
        self, made_from: Mapping[str, str], runs: DataFrame, coverage: DataFrame, identities: DataFrame
    ) -> None:
        """Put what days were compressed to in place of what was there.

        made_from  UTC day to hash of what it was made from
        """
        split = {
            "runs": _by_day(runs, "began_at"), "coverage": _by_day(coverage, "hour"),
            "identities": _by_day(identities, "first_at"),
        }  # fmt: skip
        nothing = {"runs": RUN.empty(), "coverage": COVERAGE.empty(), "identities": _NO_IDENTITIES}
        files, versions = [], {}
        for day, made in made_from.items():
            frames = {kind: split[kind].get(day, nothing[kind]) for kind in COMPRESSED}
            files += [self._write(kind, day, frame, made) for kind, frame in frames.items()]
            versions[day] = _versions(frames["runs"], frames["identities"])
        with transaction(self.catalog):
            self._put(files)
            for day, of_ships in versions.items():
                self.ship_days.replace_day(day, of_ships)

    def forget_days(self, days: Sequence[str]) -> None:
        """Take back days that no longer have positions."""
        with transaction(self.catalog):
            for day in days:
                self.catalog.execute(
                    f"delete from result where day = ? and kind in ({_marks(COMPRESSED)})", [day, *COMPRESSED]
                )
                self.ship_days.replace_day(day, {})

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
        """What was handed on for ships at the end of a day: TRACK_END, STAY, BERTH under ends, stays, berths.

        ships  mmsi, day: one row a ship; of a null day nothing is
        """
        found = {name: [table.empty()] for name, table in HANDED_ON.items()}
        for day, mmsis in ships.dropna(subset=["day"]).groupby("day")["mmsi"]:
            for name, table in HANDED_ON.items():
                frame = self._read(name, str(day), table)
                found[name].append(frame[frame["mmsi"].isin(mmsis)])
        return {
            name: pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
            for name, frames in found.items()
        }

    def hand_on(self, day: str, mmsis: np.ndarray, handed_on: Mapping[str, DataFrame]) -> None:
        """Keep what is handed on for ships at the end of a day, inside a transaction."""
        files = []
        for name, table in HANDED_ON.items():
            others = self._read(name, day, table)
            others = others[~others["mmsi"].isin(mmsis)]
            filled = [frame for frame in (others, handed_on[name]) if len(frame)] or [others]
            files.append(self._write(name, day, pd.concat(filled, ignore_index=True), ""))
        self._put(files)

    def forget_handed_on(self) -> None:
        """Forget everything that was handed on: it was made under other rules."""
        self.catalog.execute(f"delete from result where kind in ({_marks(HANDED_ON)})", list(HANDED_ON))

    # ------------------------------------------------------------------------------------------------ inside

    def _read(self, kind: str, day: str, table: Table | None) -> DataFrame:
        row = self.catalog.execute("select file from result where kind = ? and day = ?", [kind, day]).fetchone()
        if row is None:
            return table.empty() if table else _NO_IDENTITIES.copy()
        with reading(self.folder / row[0]):
            frame = pd.read_parquet(self.folder / row[0], partitioning=None)
        return table.conform(frame) if table else frame

    def _write(self, kind: str, day: str, frame: DataFrame, made_from: str) -> _File:
        digest = hashlib.sha256(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()).hexdigest()[:16]
        file = Path(kind) / f"day={day}" / f"{digest}.parquet"
        target = self.folder / file
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(".draft")
            frame.to_parquet(draft, index=False)
            draft.replace(target)
        return _File(kind, day, str(file), made_from, len(frame))

    def _put(self, files: Iterable[_File]) -> None:
        self.catalog.executemany("insert or replace into result values (?, ?, ?, ?, ?)", files)


def differing(before: DataFrame, after: DataFrame) -> np.ndarray:
    """MMSIs whose rows are not the same in both frames."""
    if not len(before):
        return after["mmsi"].unique()
    both = pd.concat([before, after])
    changed = ~both.duplicated(keep=False)
    counts = pd.concat([before["mmsi"].value_counts(), after["mmsi"].value_counts()], axis=1).fillna(0)
    unequal = counts.index[counts.iloc[:, 0] != counts.iloc[:, 1]]
    return np.union1d(both.loc[changed, "mmsi"].unique(), unequal.to_numpy())


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def _by_day(frame: DataFrame, time: str) -> dict[str, DataFrame]:
    """The rows of each UTC day, in the order in which they stand."""
    if not len(frame):
        return {}
    days = frame[time].to_numpy("datetime64[D]")
    order = np.argsort(days, kind="stable")
    frame, days = frame.take(order), days[order]
    first = np.r_[0, np.flatnonzero(days[1:] != days[:-1]) + 1]
    last = np.r_[first[1:], len(days)]
    return {
        str(days[begin]): frame.iloc[begin:end].reset_index(drop=True) for begin, end in zip(first, last, strict=True)
    }


def _versions(runs: DataFrame, identities: DataFrame) -> dict[int, int]:
    """MMSI to a number that is another one once what the day says of the ship is."""
    rows = [DataFrame({"mmsi": frame["mmsi"], "hash": _hashes(frame)}) for frame in (runs, identities)]
    rows[1]["hash"] *= np.uint64(31)  # a row of the one frame is none of the other
    heard = runs["mmsi"].unique()
    total = pd.concat(rows).groupby("mmsi")["hash"].sum().reindex(heard)
    return dict(zip(total.index.tolist(), total.to_numpy(np.uint64).view(np.int64).tolist(), strict=True))


def _hashes(frame: DataFrame) -> np.ndarray:
    return pd.util.hash_pandas_object(frame, index=False).to_numpy(np.uint64)
