"""Since when and until when: first and last day of each track, and of each identity it reported.

Kept in the catalogue by day, so that a day can be replaced; a span is then two look-ups, however long the history.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame

from pipeline.contracts import IDENTITY, VESSEL_REPORT, Table
from pipeline.contracts.rows import frame_of
from pipeline.contracts.table import columns
from pipeline.lake.catalog import choose, transaction
from pipeline.lake.frames import plain_values

_SCHEMA = """
create table if not exists span_day (
    mmsi int, track int, identity_id text, day text, first_at int not null, last_at int not null,
    primary key (mmsi, track, identity_id, day)) without rowid;
create table if not exists span (
    mmsi int, track int, identity_id text, from_at int not null, to_at int not null,
    primary key (mmsi, track, identity_id)) without rowid;
create table if not exists identity (
    identity_id text primary key, imo int, name text, call_sign text, ship_type int, length_m real, width_m real
    ) without rowid;
create index if not exists span_day_of_ship on span_day (mmsi, day);
create index if not exists identity_imo on identity (imo);
create index if not exists span_identity on span (identity_id);
create temp table if not exists span_ship (mmsi int primary key);
create temp table if not exists span_touched (mmsi int, track int, identity_id text);
"""
_SHIP, _TIMES = (
    columns("""
        mmsi    int   MMSI as transmitted
        track   int   number of the track on this MMSI
    """),
    columns("""
        from_at time  first heard (UTC)
        to_at   time  last heard (UTC)
    """),
)
_SPAN = Table("span", "track", _SHIP + _TIMES)
_IDENTITY_SPAN = Table(
    "span",
    "track and identity it reported",
    _SHIP
    + columns("identity_id text hash of the identity")
    + tuple(column for column in VESSEL_REPORT.columns if column.name in IDENTITY)
    + _TIMES,
)
_HEARD = ""  # the identity_id of a track's own span


class Spans:
    """Spans of tracks and identities in the lake's catalogue."""

    def __init__(self, catalog: sqlite3.Connection) -> None:
        self.catalog = catalog
        catalog.executescript(_SCHEMA)

    def replace(self, ship_spans: DataFrame, tracks: DataFrame, identities: DataFrame) -> None:
        """Put what days say of ships in place of what they said before.

        ship_spans  mmsi, from_day, to_day
        tracks      mmsi, track, day, first_at, last_at (UTC)
        identities  mmsi, track, day, first_at, last_at and IDENTITY
        """
        identities = identities.assign(identity_id=_identity_ids(identities))
        spans = pd.concat([tracks.assign(identity_id=_HEARD), identities])
        of_ships = _rows(ship_spans, ["mmsi", "from_day", "to_day"])
        with transaction(self.catalog):
            self.catalog.execute("delete from span_touched")
            self.catalog.executemany(
                "insert into span_touched select mmsi, track, identity_id from span_day "
                "where mmsi = ? and day between ? and ?",
                of_ships,
            )
            self.catalog.executemany("delete from span_day where mmsi = ? and day between ? and ?", of_ships)
            keys = ["mmsi", "track", "identity_id"]
            touched = _rows(spans.drop_duplicates(keys), keys)
            self.catalog.executemany("insert into span_touched values (?, ?, ?)", touched)
            self.catalog.executemany(
                "insert into span_day (mmsi, track, identity_id, day, first_at, last_at) values (?, ?, ?, ?, ?, ?)",
                _rows(spans, [*keys, "day", "first_at", "last_at"]),
            )
            self.catalog.executemany(
                "insert or ignore into identity values (?, ?, ?, ?, ?, ?, ?)",
                _rows(identities.drop_duplicates("identity_id"), ["identity_id", *IDENTITY]),
            )
            same = "d.mmsi = t.mmsi and d.track = t.track and d.identity_id = t.identity_id"
            self.catalog.execute("delete from span where (mmsi, track, identity_id) in (select * from span_touched)")
            self.catalog.execute(
                "insert into span select * from (select distinct mmsi, track, identity_id,"
                f" (select first_at from span_day d where {same} order by day limit 1) as from_at,"
                f" (select last_at from span_day d where {same} order by day desc limit 1) as to_at"
                " from span_touched t) where from_at is not null"
            )

    def tracks(self, mmsis: np.ndarray) -> DataFrame:
        """mmsi, track, from_at, to_at of the tracks of these ships."""
        return self._spans(_SPAN, mmsis, "select mmsi, track, from_at, to_at from span where identity_id = ''")

    def first_fixes(self, mmsis: np.ndarray, first: str, last: str) -> DataFrame:
        """mmsi, track, from_at, to_at: when the tracks of these ships were first and last heard on each UTC day."""
        spans = "mmsi, track, first_at as from_at, last_at as to_at"
        of_days = f"identity_id = '' and day between '{first}' and '{last}'"
        return self._spans(_SPAN, mmsis, f"select {spans} from span_day where {of_days}")

    def heard(self, first: str, last: str) -> DataFrame:
        """mmsi, track, from_at, to_at: when each track was first and last heard on each of some UTC days."""
        rows = self.catalog.execute(
            "select mmsi, track, first_at, last_at from span_day where identity_id = '' and day between ? and ?"
            " order by day, mmsi, track",
            [first, last],
        )
        return frame_of(_SPAN, rows.fetchall())

    def identities(self, mmsis: np.ndarray) -> DataFrame:
        """mmsi, track, IDENTITY, from_at, to_at: what the tracks of these ships called themselves."""
        return self._spans(
            _IDENTITY_SPAN,
            mmsis,
            f"select {', '.join(_IDENTITY_SPAN.names)} from span join identity using (identity_id) where true",
        )

    def reporting(self, imos: Iterable[int]) -> np.ndarray:
        """MMSIs of the ships that ever reported one of these IMO numbers."""
        with transaction(self.catalog):
            choose(self.catalog, "span_ship", imos)
        rows = self.catalog.execute(
            "select distinct mmsi from span where identity_id in"
            " (select identity_id from identity where imo in (select mmsi from span_ship))"
        )
        return np.array([mmsi for (mmsi,) in rows], dtype="int64")

    def _spans(self, table: Table, mmsis: np.ndarray, sql: str) -> DataFrame:
        with transaction(self.catalog):
            choose(self.catalog, "span_ship", mmsis)
        rows = self.catalog.execute(f"{sql} and mmsi in (select mmsi from span_ship) order by mmsi, track, from_at")
        return frame_of(table, rows.fetchall())


def _identity_ids(identities: DataFrame) -> list[str]:
    rows = _rows(identities, IDENTITY)
    return [hashlib.sha256(repr(row).encode()).hexdigest()[:16] for row in rows]


def _rows(frame: DataFrame, names: Sequence[str]) -> Iterable[tuple[object, ...]]:
    """Rows as SQLite takes them."""
    return list(zip(*(plain_values(frame[name]) for name in names), strict=True))
