"""Which ships' days are derived from what they now are, and which ships are judged by what now happened to them.

A ship's day has a version (what its runs and identities come to), and the version it was derived from; it is *due*
where the two differ. A ship's *checkpoint* is a day at whose end it is kept what she hands on: her days are derived
from one checkpoint to the next, and no further than to where she hands on what she did before.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

import numpy as np
from pandas import DataFrame, Index, Series, Timestamp, to_datetime

from pipeline.lake.catalog import choose, transaction

_SCHEMA = """
create table if not exists ship_day (
    mmsi int, day text, version int, derived int, primary key (mmsi, day)) without rowid;
create index if not exists ship_day_day on ship_day (day);
create index if not exists ship_day_due on ship_day (day) where derived is not version;
create table if not exists checkpoint (mmsi int, day text, primary key (mmsi, day)) without rowid;
create table if not exists wake (mmsi int, day text, primary key (mmsi, day)) without rowid;
create table if not exists ship_to_judge (mmsi int primary key, since text not null default '');
create table if not exists changed_day (day text primary key) without rowid;
create temp table if not exists wanted (mmsi int primary key);
create temp table if not exists span_wanted (mmsi int, from_day text, to_day text);
"""
# Derived from what it is, and due all the same; null is kept for days that were never derived.
_MOMENT = "%Y-%m-%dT%H:%M:%S.%f+00:00"  # in order of time as text
_OUTDATED = "derived = ~version where version is not null and derived is not null"


class ShipDays:
    """Ships' days in the lake's catalogue."""

    def __init__(self, catalog: sqlite3.Connection) -> None:
        self.catalog = catalog
        catalog.executescript(_SCHEMA)
        _tell_since(catalog)

    def replace_day(self, day: str, versions: Mapping[int, int]) -> None:
        """Put the versions of a day's ships in place of what was there, inside a transaction. A ship that was heard on
        it and is no more is due as well: her day is derived to nothing."""
        self.catalog.execute("delete from ship_day where day = ? and derived is null", [day])
        self.catalog.execute("update ship_day set version = null where day = ?", [day])
        self.catalog.executemany(
            "insert into ship_day (mmsi, day, version) values (?, ?, ?) "
            "on conflict (mmsi, day) do update set version = excluded.version",
            ((mmsi, day, version) for mmsi, version in versions.items()),
        )

    def due_days(self) -> dict[str, int]:
        """UTC day to number of ships that are due on it, in order of days."""
        return dict(
            self.catalog.execute(
                "select day, count(*) from ship_day where derived is not version group by day order by day"
            )
        )

    def due(self, first: str, last: str) -> DataFrame:
        """mmsi, from_day, to_day: the first and last day from `first` to `last` on which each ship is due."""
        return self._frame(
            "select mmsi, min(day) as from_day, max(day) as to_day from ship_day "
            "where derived is not version and day between ? and ? group by mmsi order by mmsi",
            [first, last],
        )

    def ships(self, first: str, last: str) -> list[int]:
        """MMSIs of the ships that have a day from `first` to `last`, derived or not, in order."""
        rows = self.catalog.execute(
            "select distinct mmsi from ship_day where day between ? and ? order by mmsi", [first, last]
        )
        return [mmsi for (mmsi,) in rows]

    def outdate(self) -> None:
        """Every ship's day is due, and nothing was handed on, inside a transaction: the rules are other ones. Days on
        which ships are heard no more stay due: they are derived to nothing."""
        self.catalog.execute(f"update ship_day set {_OUTDATED}")
        self.catalog.execute("delete from checkpoint")

    def outdate_last_heard(self, since: str, until: str) -> None:
        """The last day of each ship that was heard on `since` or later is due: her silence may now be a gap; and that
        of ships of whose silence more is known from a day on that lies between `since` and `until`."""
        self.catalog.execute(
            f"update ship_day set {_OUTDATED} and (mmsi, day) in ("
            " select mmsi, max(day) from ship_day where version is not null and mmsi in ("
            "  select mmsi from ship_day where day >= ?1 union select mmsi from wake where day between ?1 and ?2)"
            " group by mmsi)",
            [since, until],
        )

    def note_wakes(self, mmsis: np.ndarray, wakes: DataFrame) -> None:
        """Put the days from which on more is known of ships' silences in place of what was there.

        mmsis  ships whose silences were looked at
        wakes  mmsi, day
        """
        choose(self.catalog, "wanted", mmsis)
        rows = wakes[wakes["mmsi"].isin(mmsis)].drop_duplicates()
        with transaction(self.catalog):
            self.catalog.execute("delete from wake where mmsi in (select mmsi from wanted)")
            named = zip(rows["mmsi"].tolist(), rows["day"], strict=True)
            self.catalog.executemany("insert into wake values (?, ?)", named)

    def heard_days(self, spans: DataFrame) -> list[str]:
        """The UTC days on which any of the ships was heard within its span.

        spans  mmsi, from_day, to_day
        """
        self._want_spans(spans)
        rows = self.catalog.execute(
            "select distinct day from span_wanted join ship_day using (mmsi) "
            "where version is not null and day between from_day and to_day order by day"
        )
        return [day for (day,) in rows]

    def last_heard(self, mmsis: np.ndarray) -> DataFrame:
        """mmsi, day: the last day on which each ship was heard; ships never heard are left out."""
        choose(self.catalog, "wanted", mmsis)
        return self._frame(
            "select mmsi, max(day) as day from wanted join ship_day using (mmsi) "
            "where version is not null group by mmsi"
        )

    def checkpoints_around(self, spans: DataFrame) -> DataFrame:
        """mmsi, before, after: the last checkpoint of each ship before her span, and her first one at its end or later;
        null where there is none.

        spans  mmsi, from_day, to_day
        """
        self._want_spans(spans)
        return self._frame(
            "select mmsi, (select max(day) from checkpoint c where c.mmsi = s.mmsi and day < from_day) as before,"
            " (select min(day) from checkpoint c where c.mmsi = s.mmsi and day >= to_day) as after"
            " from span_wanted s order by mmsi"
        )

    def note_begun(self, spans: DataFrame) -> None:
        """Note that ships' spans are about to be derived: whatever a run that is stopped meanwhile has written of them,
        they are derived again, also if what they are is by then what it was before.

        spans  mmsi, from_day, to_day
        """
        rows = zip(spans["mmsi"].tolist(), spans["from_day"], spans["to_day"], strict=True)
        with transaction(self.catalog):
            self.catalog.executemany(f"update ship_day set {_OUTDATED} and mmsi = ? and day between ? and ?", rows)

    def note_derived(self, spans: DataFrame, differing: Iterable[int]) -> None:
        """Note that ships' spans are derived, inside a transaction: there is a checkpoint at the end of each in which
        she was heard, and none within; the day after it is due for ships that hand on what they did not before, and all
        her days up to the next checkpoint where nothing had been kept at the end of the span.

        spans      mmsi, from_day, to_day, heard (whether she was heard in it), kept (whether there was a checkpoint at
                   its end), after (the next one, where there was none)
        differing  MMSIs of the spans
        """
        rows = list(zip(spans["mmsi"].tolist(), spans["from_day"], spans["to_day"], strict=True))
        between = "mmsi = ? and day between ? and ?"
        self.catalog.executemany(f"delete from ship_day where version is null and {between}", rows)
        self.catalog.executemany(f"update ship_day set derived = version where {between}", rows)
        self.catalog.executemany(f"delete from checkpoint where {between}", rows)
        heard = spans[spans["heard"]]
        self.catalog.executemany(
            "insert into checkpoint values (?, ?)", zip(heard["mmsi"].tolist(), heard["to_day"], strict=True)
        )
        ends = dict(zip(spans["mmsi"].tolist(), spans["to_day"], strict=True))
        self.catalog.executemany(
            f"update ship_day set {_OUTDATED} and mmsi = ?1 and day = "
            "(select min(day) from ship_day where mmsi = ?1 and day > ?2)",
            ((int(mmsi), ends[int(mmsi)]) for mmsi in differing),
        )
        cut = spans[~spans["kept"] & spans["after"].notna()]
        self.catalog.executemany(
            f"update ship_day set {_OUTDATED} and mmsi = ? and day > ? and day <= ?",
            zip(cut["mmsi"].tolist(), cut["to_day"], cut["after"], strict=True),
        )

    # -------------------------------------------------------------------------------- what follows from it

    def to_judge(self) -> np.ndarray:
        """MMSIs of ships whose events may have changed since they were judged."""
        rows = self.catalog.execute("select mmsi from ship_to_judge order by mmsi")
        return np.array([mmsi for (mmsi,) in rows], dtype="int64")

    def changed_since(self) -> Series:
        """By MMSI of the ships to judge when the first event that may have changed began (UTC); null: whenever."""
        rows = dict(self.catalog.execute("select mmsi, nullif(since, '') from ship_to_judge order by mmsi"))
        since = Series(rows, index=Index(rows, dtype="int64", name="mmsi"), dtype="str")
        return to_datetime(since, utc=True, format="ISO8601").astype("datetime64[us, UTC]")

    def note_to_judge(self, mmsis: Iterable[int]) -> None:
        """Note ships any of whose events may change, before anybody sees it."""
        self.note_changed_since(dict.fromkeys(map(int, mmsis)))

    def note_changed_since(self, since: Mapping[int, Timestamp | None]) -> None:
        """Note ships whose events may change, before anybody sees it.

        since  by MMSI when the first of these events begins (UTC); None: whenever
        """
        rows = ((mmsi, "" if at is None else at.strftime(_MOMENT)) for mmsi, at in since.items())
        with transaction(self.catalog):
            self.catalog.executemany(
                "insert into ship_to_judge values (?, ?)"
                " on conflict (mmsi) do update set since = min(since, excluded.since)",
                rows,
            )

    def changed_days(self) -> list[str]:
        """UTC days whose results changed since a run announced its changes."""
        return [day for (day,) in self.catalog.execute("select day from changed_day order by day")]

    def note_changed(self, days: Iterable[str]) -> None:
        """Note UTC days whose results are about to change."""
        with transaction(self.catalog):
            self.catalog.executemany("insert or ignore into changed_day values (?)", ((day,) for day in days))

    def note_judged(self) -> None:
        """Note that every ship is judged and every change announced, inside a transaction."""
        self.catalog.execute("delete from ship_to_judge")
        self.catalog.execute("delete from changed_day")

    # ------------------------------------------------------------------------------------------------ inside

    def _want_spans(self, spans: DataFrame) -> None:
        self.catalog.execute("delete from span_wanted")
        columns = (spans[name].tolist() for name in ("mmsi", "from_day", "to_day"))
        self.catalog.execute(
            "insert into span_wanted"
            " select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')"
            " from json_each(?)",
            [json.dumps(list(zip(*columns, strict=True)))],
        )

    def _frame(self, sql: str, parameters: Iterable[object] = ()) -> DataFrame:
        cursor = self.catalog.execute(sql, list(parameters))
        frame = DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])
        return frame.astype({"mmsi": "int64"} | {name: "str" for name in frame.columns if name != "mmsi"})


def _tell_since(catalog: sqlite3.Connection) -> None:
    """Bring the ships to judge that an earlier version noted to this form: whenever their events changed."""
    asked = "select 1 from pragma_table_info('ship_to_judge') where name = 'since'"
    if catalog.execute(asked).fetchone() is None:
        with transaction(catalog):
            if catalog.execute(asked).fetchone() is None:  # another process may have come first
                catalog.execute("alter table ship_to_judge add column since text not null default ''")
