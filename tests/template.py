"""An empty warehouse's tables: made by the migrations once in a process, and from then on written as they were then."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Connection

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
