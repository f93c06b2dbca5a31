"""The outbox: UTC days whose change is still to be announced, until somebody says that it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from pipeline.lake.catalog import transaction


def enqueue(catalog: sqlite3.Connection, days: Iterable[str], stamp: str) -> None:
    """Put days into the outbox.

    stamp  tells this change from every other: a day that is in the outbox is in it anew
    """
    with transaction(catalog):
        catalog.executemany("insert or replace into outbox values (?, ?)", ((day, stamp) for day in days))


def pending(catalog: sqlite3.Connection) -> dict[str, str]:
    """Day to stamp of what is in the outbox, in order of days."""
    return dict(catalog.execute("select day, stamp from outbox order by day"))


def acknowledge(catalog: sqlite3.Connection, days: Mapping[str, str]) -> None:
    """Take days out of the outbox, as `pending` gave them; one that came in anew since then stays."""
    with transaction(catalog):
        catalog.executemany("delete from outbox where day = ? and stamp = ?", days.items())
