"""Where and when tracks were first heard and fell silent, and of which of the first their other numbers are due.

A track may be the ship that fell silent near by under another number (`events.one_hull`). Which could be is asked by
cells of a degree and by time, from either side: a ship that is first heard looks for silences, a silence that is new
or gone lets be due who was first heard after it near by. What is due stays so until the warehouse holds the answer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
from pandas import DataFrame

from pipeline.contracts.rows import frame_of
from pipeline.contracts.table import Table, columns
from pipeline.lake.catalog import choose, transaction
from pipeline.lake.frames import plain_values, sql_columns
from pipeline.limits import IdentityLimits

LIFE = Table(
    "life",
    "track: when it was heard, where it was heard first, and the size and number it reported longest",
    columns("""
        mmsi       int    MMSI as transmitted
        track      int    number of the track on its MMSI
        from_at    time   first fix
        to_at      time   last fix
        longitude  real   position at from_at, degrees
        latitude   real   position at from_at, degrees
        cell       int    degree cell of that position
        length_m   real?  length, metres
        width_m    real?  beam, metres
        imo        int?   IMO number, check digit valid
        name       text?  name
    """),
    key=("mmsi", "track"),
)
SILENCE = Table(
    "silence",
    "silence of a track: AIS_GAP in brief",
    columns("""
        mmsi       int    MMSI as transmitted
        track      int    number of the track on its MMSI
        began_at   time   last fix before
        ended_at   time?  first fix after; null while open
        longitude  real   position at began_at, degrees
        latitude   real   position at began_at, degrees
        cell       int    degree cell of that position
    """),
    key=("mmsi", "track", "began_at"),
)
PAIR = Table(
    "pair",
    "track first heard near where another fell silent (`other_…`), of about its size where it reports one",
    columns("""
        mmsi             int    MMSI as transmitted
        track            int    number of the track on its MMSI
        from_at          time   first fix
        to_at            time   last fix
        longitude        real   position at from_at, degrees
        latitude         real   position at from_at, degrees
        length_m         real?  length, metres
        width_m          real?  beam, metres
        imo              int?   IMO number, check digit valid
        name             text?  name
        other_mmsi       int    the other MMSI
        other_track      int    number of the track on it
        other_began_at   time   last fix before the silence
        other_ended_at   time?  first fix after it
        other_longitude  real   position at other_began_at, degrees
        other_latitude   real   position at other_began_at, degrees
        other_length_m   real   length, metres
        other_width_m    real   beam, metres
        other_imo        int?   IMO number, check digit valid
        other_name       text?  name
    """),
)
_LAST = Table(
    "last_silence",
    "pair",
    columns("""
        row        int   of the pairs asked for
        began_at   time  last fix before the silence
        longitude  real  position then, degrees
        latitude   real  position then, degrees
    """),
)
_COLUMNS = 360  # cells of a row
_AROUND = [row * _COLUMNS + column for row in (-1, 0, 1) for column in (-1, 0, 1)]
_SCHEMA = f"""
create table if not exists life ({sql_columns(LIFE)}, primary key (mmsi, track)) without rowid;
create index if not exists life_first on life (cell, from_at);
create table if not exists silence ({sql_columns(SILENCE)}, primary key (mmsi, track, began_at)) without rowid;
create index if not exists silence_first on silence (cell, began_at);
create table if not exists one_hull_due (mmsi int, track int, primary key (mmsi, track)) without rowid;
create temp table if not exists life_now ({sql_columns(LIFE)}, primary key (mmsi, track)) without rowid;
create temp table if not exists life_changed (mmsi int, track int, primary key (mmsi, track)) without rowid;
create temp table if not exists silence_now ({sql_columns(SILENCE)}, primary key (mmsi, track, began_at)) without rowid;
create temp table if not exists silence_changed ({sql_columns(SILENCE)});
create temp table if not exists life_ship (mmsi int primary key);
create temp table if not exists life_span (mmsi int, from_at int, to_at int, reaches_end int);
"""


def cell_of(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """The degree cell of each point."""
    rows = np.floor(np.asarray(latitude, dtype=float) + 90)
    return (rows * _COLUMNS + np.floor(np.asarray(longitude, dtype=float) + 180)).astype("int64")


class Lives:
    """Lives and silences of tracks in the lake's catalogue."""

    def __init__(self, catalog: sqlite3.Connection, limits: IdentityLimits) -> None:
        self.catalog = catalog
        self.limits = limits
        for statement in filter(str.strip, _SCHEMA.split(";")):  # not as a script, which would commit a transaction
            catalog.execute(statement)

    def forget(self) -> None:
        """Forget everything, inside a transaction: it was found by other rules."""
        for table in ("life", "silence", "one_hull_due"):
            self.catalog.execute(f"delete from {table}")

    def known(self, mmsis: Iterable[int]) -> DataFrame:
        """LIFE of the tracks of these ships, as kept."""
        with transaction(self.catalog):
            choose(self.catalog, "life_ship", mmsis)
        rows = self.catalog.execute(f"select {_names(LIFE)} from life where mmsi in (select mmsi from life_ship)")
        return frame_of(LIFE, rows.fetchall())

    def replace(self, mmsis: Iterable[int], lives: DataFrame, spans: DataFrame, silences: DataFrame) -> None:
        """Put lives of ships, and silences of their spans, in place of what was there; who may by that be another ship
        than before is due.

        mmsis     the ships of `lives`, also those of which no track is left
        lives     LIFE
        spans     mmsi, from_at, to_at (UTC, half-open), reaches_end: silences that ended in a span are replaced, and
                  open ones of ships whose span reaches the end of the data
        silences  SILENCE of the spans
        """
        with transaction(self.catalog):
            choose(self.catalog, "life_ship", mmsis)
            for table in ("life_now", "life_changed", "silence_now", "silence_changed", "life_span"):
                self.catalog.execute(f"delete from {table}")
            self._insert("life_now", LIFE, lives)
            self._insert("silence_now", SILENCE, silences)
            marks = zip(
                *(plain_values(spans[name]) for name in ("mmsi", "from_at", "to_at", "reaches_end")), strict=True
            )
            self.catalog.executemany("insert into life_span values (?, ?, ?, ?)", marks)
            self._replace_lives()
            self._replace_silences()

    def _replace_lives(self) -> None:
        """A life that only went on changes nothing once it was long enough: its pairs are looked at where they are
        stored."""
        ours = "mmsi in (select mmsi from life_ship)"
        same = " and ".join(f"n.{name} is o.{name}" for name in LIFE.names if name not in ("mmsi", "track", "to_at"))
        self.catalog.execute(
            "insert into life_changed select mmsi, track from life_now n where not exists (select 1 from life o"
            f" where o.mmsi = n.mmsi and o.track = n.track and {same} and o.to_at <= n.to_at"
            " and (o.to_at = n.to_at or o.to_at - o.from_at >= ?1))"
            f" union select mmsi, track from life where {ours}"
            " and (mmsi, track) not in (select mmsi, track from life_now)",
            [self._marks()[4]],
        )
        self.catalog.execute(f"delete from life where {ours}")
        self.catalog.execute("insert into life select * from life_now")
        self.catalog.execute("insert or ignore into one_hull_due select mmsi, track from life_changed")
        self.catalog.execute(
            "insert into silence_changed select s.* from life_changed c join silence s using (mmsi, track)"
        )

    def _replace_silences(self) -> None:
        within = (
            "exists (select 1 from life_span p where p.mmsi = silence.mmsi and case when ended_at is null"
            " then reaches_end else ended_at >= from_at and ended_at < to_at end)"
        )
        old = f"select * from silence where mmsi in (select mmsi from life_span) and {within}"
        self.catalog.execute(
            f"insert into silence_changed select * from (select * from ({old}) except select * from silence_now)"
        )
        self.catalog.execute(
            f"insert into silence_changed select * from (select * from silence_now except select * from ({old}))"
        )
        self.catalog.execute(f"delete from silence where mmsi in (select mmsi from life_span) and {within}")
        self.catalog.execute("insert or replace into silence select * from silence_now")
        self.catalog.execute(
            "insert or ignore into one_hull_due select b.mmsi, b.track from silence_changed s"
            " join life a on a.mmsi = s.mmsi and a.track = s.track"
            f" join life b on b.cell in ({self._around('s')}) and b.from_at between s.began_at and s.began_at + ?1"
            f" where {self._alike()}",
            self._marks(),
        )

    def let_be_due(self, tracks: DataFrame) -> None:
        """Let these tracks (mmsi, track) be due."""
        rows = zip(tracks["mmsi"].tolist(), tracks["track"].tolist(), strict=True)
        with transaction(self.catalog):
            self.catalog.executemany("insert or ignore into one_hull_due values (?, ?)", rows)

    def due(self) -> list[tuple[int, int]]:
        """mmsi, track of the tracks that are due."""
        return self.catalog.execute("select mmsi, track from one_hull_due order by mmsi, track").fetchall()

    def pairs(self) -> DataFrame:
        """PAIR of the tracks that are due, in order of both."""
        own = ", ".join(f"b.{name}" for name in PAIR.names[:10])
        other = "a.mmsi, a.track, s.began_at, s.ended_at, s.longitude, s.latitude, a.length_m, a.width_m, a.imo, a.name"
        rows = self.catalog.execute(
            f"select {own}, {other} from one_hull_due d join life b on b.mmsi = d.mmsi and b.track = d.track"
            f" join silence s on s.cell in ({self._around('b')}) and s.began_at >= b.from_at - ?1"
            " and s.began_at <= b.from_at join life a on a.mmsi = s.mmsi and a.track = s.track"
            f" where {self._alike()} order by b.mmsi, b.track, a.mmsi, a.track, s.began_at",
            self._marks(),
        )
        return frame_of(PAIR, rows.fetchall())

    def last_silences(self, pairs: DataFrame) -> DataFrame:
        """row (of pairs), began_at, longitude, latitude: the last silence of the other track before this one is heard.

        pairs  other_mmsi, other_track, from_at
        """
        query = (
            "select began_at, longitude, latitude from silence where mmsi = ? and track = ? and began_at <= ?"
            " order by began_at desc limit 1"
        )
        keys = zip(*(plain_values(pairs[name]) for name in ("other_mmsi", "other_track", "from_at")), strict=True)
        found = [
            (row, *one) for row, key in zip(pairs.index, keys, strict=True) for one in self.catalog.execute(query, key)
        ]
        return frame_of(_LAST, found)

    def note_done(self, tracks: Sequence[tuple[int, int]]) -> None:
        """Note that the warehouse holds the answer for these tracks."""
        with transaction(self.catalog):
            self.catalog.executemany("delete from one_hull_due where mmsi = ? and track = ?", tracks)

    # ------------------------------------------------------------------------------------------------ inside

    def _alike(self) -> str:
        """Whether track b can be track a, which fell silent at s: both heard for long enough to be ships, a silent as
        long as b is heard, and of her size, or, for a shorter time, of none."""
        return (
            "a.mmsi <> b.mmsi and b.to_at - b.from_at >= ?5 and s.began_at - a.from_at >= ?5 and a.length_m >= ?2"
            " and (s.ended_at is null or b.to_at <= s.ended_at)"
            " and case when b.length_m is null then b.imo is null and b.from_at - s.began_at <= ?4"
            " else abs(a.length_m - b.length_m) <= ?3 and abs(a.width_m - b.width_m) <= ?3 end"
        )

    def _around(self, of: str) -> str:
        return ", ".join(f"{of}.cell + {step}" for step in _AROUND)

    def _marks(self) -> list[float]:
        limits = self.limits
        hour = 3_600_000_000
        return [
            limits.succession_hours * hour, limits.hull_m, limits.same_hull_m, limits.nameless_hours * hour,
            limits.heard_hours * hour,
        ]  # fmt: skip

    def _insert(self, name: str, table: Table, rows: DataFrame) -> None:
        values = zip(*(plain_values(rows[column]) for column in table.names), strict=True)
        marks = ", ".join("?" * len(table.names))
        self.catalog.executemany(f"insert or replace into {name} values ({marks})", values)


def _names(table: Table) -> str:
    return ", ".join(table.names)
