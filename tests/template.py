"""What tests need again and again and is made once in a process: an empty warehouse's tables, and a landing's desk."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from sqlalchemy.engine import Connection

from pipeline.lake import contents, landing
from pipeline.warehouse import schema

_WRITTEN: dict[str, list[str]] = {}  # statements by newest revision, as a test may put another


def migrate_once(patch: pytest.MonkeyPatch) -> None:
    """Let migrations fill the first empty SQLite warehouse; each later one gets, word for word, what that one got.

    One that holds anything already, or lies elsewhere, is migrated as ever.
    """
    migrations = schema._upgrade

    def upgrade(connection: Connection) -> None:
        if connection.dialect.name != "sqlite" or connection.exec_driver_sql("select 1 from sqlite_master").first():
            return migrations(connection)
        if schema.head() in _WRITTEN:
            for statement in _WRITTEN[schema.head()]:
                connection.exec_driver_sql(statement)
            return None
        migrations(connection)
        begin, *statements, commit = connection.connection.driver_connection.iterdump()
        assert (begin, commit) == ("BEGIN TRANSACTION;", "COMMIT;")
        _WRITTEN[schema.head()] = statements

    patch.setattr(schema, "_upgrade", upgrade)


@contextmanager
def one_desk() -> Iterator[None]:
    """Let all landings of this thread share a desk, as the files of one landing do: opening an engine, and planning
    anew, takes longer than a landing."""
    before, here = landing.Desk, (os.getpid(), threading.get_ident())
    with contents.Desk() as desk:

        def shared() -> contents.Desk | nullcontext[contents.Desk]:
            return nullcontext(desk) if (os.getpid(), threading.get_ident()) == here else contents.Desk()

        landing.Desk = shared  # type: ignore[assignment, misc]
        try:
            yield
        finally:
            landing.Desk = before  # type: ignore[misc]
