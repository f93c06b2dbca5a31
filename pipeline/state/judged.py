"""What gaps and alerts were judged by last: the coverage of days, and the terms of their positions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pipeline.lake.catalog import transaction

_SCHEMA = """
create table if not exists reception_day (day text primary key, coverage text not null) without rowid;
create table if not exists judged_term (day text, licence text, primary key (day, licence)) without rowid;
"""


class Judged:
    """What was judged by, in the lake's catalogue."""

    def __init__(self, catalog: sqlite3.Connection) -> None:
        self.catalog = catalog
        catalog.executescript(_SCHEMA)

    def reception(self) -> dict[str, str]:
        """UTC day to the name of the coverage that the gaps around it were judged by."""
        return dict(self.catalog.execute("select day, coverage from reception_day"))

    def note_reception(self, coverage: dict[str, str], days: Iterable[str]) -> None:
        """Note that gaps around days were judged by what their coverage is now; of a day without any that there is
        none."""
        with transaction(self.catalog):
            for day in days:
                if day in coverage:
                    self.catalog.execute("insert or replace into reception_day values (?, ?)", [day, coverage[day]])
                else:
                    self.catalog.execute("delete from reception_day where day = ?", [day])

    def forget_reception(self, days: Iterable[str]) -> None:
        """Let gaps around days be judged again: their coverage is about to change."""
        with transaction(self.catalog):
            self.catalog.executemany("delete from reception_day where day = ?", ([day] for day in days))

    def terms(self) -> frozenset[tuple[str, str]]:
        """Day and licence of its positions, as alerts were judged by them."""
        return frozenset(self.catalog.execute("select day, licence from judged_term"))

    def note_terms(self, terms: frozenset[tuple[str, str]]) -> None:
        """Note the terms that alerts are judged by now, inside a transaction."""
        before = self.terms()
        self.catalog.executemany("delete from judged_term where day = ? and licence = ?", before - terms)
        self.catalog.executemany("insert into judged_term values (?, ?)", terms - before)
