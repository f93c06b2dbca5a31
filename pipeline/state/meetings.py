"""Of which ships' days encounters are due, and who was together with whom when a day ended.

A ship's day has inputs to encounters (its version, and which tracks were heard on it), and those that its encounters
were found from; where the two differ it is *due*, and the day after it too, whose first moments rest on its last fixes.
What two ships hand on at the end of a day stays until a later day on which one of them was due hands on something else.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from pandas import DataFrame

from pipeline.contracts.meetings import MEETING_COUNT, OPEN_MEETING, PAIR, QUANTITIES
from pipeline.contracts.rows import frame_of
from pipeline.lake.catalog import choose, transaction
from pipeline.lake.frames import plain_values

_SCHEMA = """
create table if not exists meeting_inputs (mmsi int, day text, inputs text, primary key (mmsi, day)) without rowid;
create table if not exists meeting_due (day text, mmsi int, primary key (day, mmsi)) without rowid;
create table if not exists meeting (
    mmsi int, track int, other_mmsi int, other_track int, day text, handed_on text,
    primary key (mmsi, track, other_mmsi, other_track, day)) without rowid;
create index if not exists meeting_other on meeting (other_mmsi);
create temp table if not exists meeting_party (mmsi int primary key);
create temp table if not exists meeting_span (mmsi int, from_day text, to_day text);
create temp table if not exists meeting_now (mmsi int, day text, inputs text, primary key (mmsi, day)) without rowid;
"""
_OURS = "(mmsi in (select mmsi from meeting_party) or other_mmsi in (select mmsi from meeting_party))"
_PAIR = ", ".join(PAIR)
_COUNTED = ["quantity", "value", "moments"]
_NUMBERS = np.dtype("<i4")


class HandedOn(NamedTuple):
    """OPEN_MEETING and MEETING_COUNT."""

    open: DataFrame
    counts: DataFrame


class MeetingDays:
    """Ships' days and meetings in the lake's catalogue."""

    def __init__(self, catalog: sqlite3.Connection) -> None:
        self.catalog = catalog
        catalog.executescript(_SCHEMA)

    def note_derived(self, spans: DataFrame) -> None:
        """Let be due what the ships' spans, derived by now, say otherwise than before, inside a transaction.

        spans  mmsi, from_day, to_day
        """
        rows = zip(spans["mmsi"].tolist(), spans["from_day"], spans["to_day"], strict=True)
        self.catalog.execute("delete from meeting_span")
        self.catalog.execute("delete from meeting_now")
        self.catalog.executemany("insert into meeting_span values (?, ?, ?)", rows)
        self.catalog.execute(
            "insert into meeting_now select mmsi, day, version || ' ' || coalesce("
            " (select group_concat(track || ' ' || first_at || ' ' || last_at) from (select * from span_day"
            "  where span_day.mmsi = ship_day.mmsi and span_day.day = ship_day.day and identity_id = ''"
            "  order by track)), '')"
            " from meeting_span join ship_day using (mmsi)"
            " where day between from_day and to_day and version is not null"
        )
        within = "from meeting_span s join meeting_inputs i using (mmsi) where i.day between from_day and to_day"
        changed = (
            "select mmsi, day from meeting_now n where inputs is not "
            " (select inputs from meeting_inputs i where i.mmsi = n.mmsi and i.day = n.day) "
            f"union select mmsi, i.day {within} and (mmsi, i.day) not in (select mmsi, day from meeting_now)"
        )
        self.catalog.execute(f"insert or ignore into meeting_due select day, mmsi from ({changed})")
        self.catalog.execute(
            f"insert or ignore into meeting_due select date(day, '+1 day') as next, mmsi from ({changed})"
            " where exists (select 1 from ship_day where day = next and version is not null)"
        )
        self.catalog.execute(f"delete from meeting_inputs where (mmsi, day) in (select mmsi, i.day {within})")
        self.catalog.execute("insert into meeting_inputs select * from meeting_now")

    def outdate(self) -> None:
        """Every ship and day is due, inside a transaction: meetings were found by other rules. So are days on which a
        ship is not heard any more, for what was found of her must go."""
        self.catalog.execute("insert or ignore into meeting_due select day, mmsi from meeting_inputs")
        for table in ("meeting_inputs", "meeting"):
            self.catalog.execute(f"delete from {table}")

    def let_be_due(self, mmsis: Iterable[int]) -> None:
        """Every day of these ships is due."""
        with transaction(self.catalog):
            choose(self.catalog, "meeting_party", mmsis)
            self.catalog.execute(
                "insert or ignore into meeting_due select day, mmsi from meeting_inputs join meeting_party using (mmsi)"
            )

    def due_days(self) -> dict[str, int]:
        """UTC day to number of ships that are due on it, in order of days."""
        return dict(self.catalog.execute("select day, count(*) from meeting_due group by day order by day"))

    def due(self, first: str, last: str) -> dict[str, set[int]]:
        """UTC day from `first` to `last` to the MMSIs of the ships that are due on it."""
        found: dict[str, set[int]] = {}
        rows = self.catalog.execute("select day, mmsi from meeting_due where day between ? and ?", [first, last])
        for day, mmsi in rows:
            found.setdefault(day, set()).add(mmsi)
        return found

    def note_found(self, due: Mapping[str, Iterable[int]]) -> None:
        """Note that the encounters of ships on UTC days are found."""
        with transaction(self.catalog):
            for day, mmsis in due.items():
                self.catalog.executemany(
                    "delete from meeting_due where day = ? and mmsi = ?", [(day, int(mmsi)) for mmsi in mmsis]
                )

    def parties(self, day: str, mmsis: Iterable[int]) -> np.ndarray:
        """Ships of pairs with one of these that are together by what a UTC day is handed on, or were at its end."""
        pairs = [pair[::2] for pair in self._standing(mmsis, "<", day)]
        pairs += self.catalog.execute(f"select mmsi, other_mmsi from meeting where {_OURS} and day = ?", [day])
        return np.unique(np.array(pairs, dtype="int64"))

    def before(self, day: str, mmsis: Iterable[int]) -> HandedOn:
        """What is handed on to a UTC day of pairs with one of these ships."""
        opened, counts = [], []
        for pair, handed_on in self._standing(mmsis, "<", day).items():
            row, of_pair = handed_on.split("\n")
            opened.append(json.loads(row))
            counted = np.frombuffer(bytes.fromhex(of_pair), dtype=_NUMBERS).reshape(-1, 3).tolist()
            counts += [[*pair, QUANTITIES[quantity], *count] for quantity, *count in counted]
        return HandedOn(frame_of(OPEN_MEETING, opened), frame_of(MEETING_COUNT, counts))

    def hand_on(self, day: str, mmsis: Iterable[int], handed_on: HandedOn) -> None:
        """Keep what pairs with one of these ships hand on at the end of a UTC day; where it is not what it was, the
        next day on which one of the two was heard is due for the first of them."""
        now = {**dict.fromkeys(self._standing(mmsis, "<", day), ""), **_texts(handed_on)}
        before = self._standing(mmsis, "<=", day)
        pairs = [pair for pair in now.keys() | before.keys() if now.get(pair, "") != before.get(pair, "")]
        with transaction(self.catalog):
            choose(self.catalog, "meeting_party", mmsis)
            self.catalog.execute(f"delete from meeting where day = ? and {_OURS}", [day])
            self.catalog.executemany(
                "insert into meeting values (?, ?, ?, ?, ?, ?)", [(*pair, day, text) for pair, text in now.items()]
            )
            self.catalog.executemany(
                "insert or ignore into meeting_due select min(day), ?1 from ship_day"
                " where mmsi in (?1, ?2) and day > ?3 and version is not null having min(day) is not null",
                [(pair[0], pair[2], day) for pair in pairs],
            )

    def _standing(self, mmsis: Iterable[int], until: str, day: str) -> dict[tuple[int, ...], str]:
        """What the last day before (`<`), or up to (`<=`), a day holds of pairs with one of these ships; pairs that
        are not together left out."""
        choose(self.catalog, "meeting_party", mmsis)
        rows = self.catalog.execute(
            f"select {_PAIR}, handed_on, max(day) from meeting where {_OURS} and day {until} ? group by {_PAIR}"
            f" order by {_PAIR}",
            [day],
        )
        return {(a, track, b, other): text for a, track, b, other, text, _ in rows if text}


def _texts(handed_on: HandedOn) -> dict[tuple[int, ...], str]:
    """What each pair hands on, as text that is the same for the same: its row, and its counts as numbers."""
    counts = handed_on.counts.sort_values([*PAIR, *_COUNTED])
    numbers = np.stack(
        [
            counts["quantity"].map({name: number for number, name in enumerate(QUANTITIES)}).to_numpy(_NUMBERS),
            *(counts[name].to_numpy(_NUMBERS) for name in ("value", "moments")),
        ],
        axis=1,
    )
    pairs = counts[PAIR].to_numpy(dtype=np.int64)
    first = np.flatnonzero(np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)][: len(pairs)])
    of_pair = {
        tuple(pairs[begin].tolist()): numbers[begin:end].tobytes().hex()
        for begin, end in zip(first, np.r_[first[1:], len(pairs)], strict=False)
    }
    rows = list(zip(*(plain_values(handed_on.open[name]) for name in OPEN_MEETING.names), strict=True))
    return {row[:4]: f"{json.dumps(row)}\n{of_pair.get(row[:4], '')}" for row in rows}
