"""The warehouse's tables as SQLAlchemy sees them, built from `pipeline.contracts`.

Columns, keys and sentences are written once, in the contracts; what is added here is what only a database needs:
storage types, indexes and foreign keys. Migrations (sql/migrations) never import this module, so history stays what it
was; a test proves that a migrated database is what these models say.

Times are UTC. PostgreSQL keeps them as TIMESTAMPTZ. SQLite has no such type: there a time is the text
`YYYY-MM-DD HH:MM:SS`, with `.ffffff` behind it only when the second is broken, which is what SQLite's own datetime()
writes, so equality with it holds, and which sorts as text in the order of time. A day is `YYYY-MM-DD`.

A foreign key is declared where the row pointed at is never deleted: an alert (withdrawn at most) and a source file
(replaced at most). Events are re-derived and knowledge files are edited while withdrawn alerts keep pointing at
what they rested on, so other references are joins, not constraints. Foreign keys are checked at commit, so the order of
loading inside a transaction is free.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from pipeline import contracts


class UtcTime(TypeDecorator[datetime]):
    """A moment: timezone-aware UTC datetime in Python; takes aware datetimes, or text in the form SQLite keeps."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TEXT on SQLite, TIMESTAMP WITH TIME ZONE elsewhere."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> Any:
        """The value as the database keeps it.

        raises  ValueError for a datetime without time zone
        """
        if dialect.name == "sqlite":
            return time_text(value) if isinstance(value, datetime) else value
        return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The stored value as an aware datetime."""
        if value is None:
            return None
        return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value.astimezone(UTC)


class UtcDay(TypeDecorator[date]):
    """A UTC day: date in Python; takes dates or ISO text."""

    impl = sa.Date()
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TEXT on SQLite, DATE elsewhere."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Date())

    def process_bind_param(self, value: date | str | None, dialect: Dialect) -> Any:
        """The value as the database keeps it."""
        if dialect.name == "sqlite":
            return value.isoformat() if isinstance(value, date) else value
        return date.fromisoformat(value) if isinstance(value, str) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """The stored value as a date."""
        return date.fromisoformat(value) if isinstance(value, str) else value


def time_text(moment: datetime) -> str:
    """A moment as SQLite keeps it: `YYYY-MM-DD HH:MM:SS[.ffffff]`, UTC.

    raises  ValueError when the moment has no time zone
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; expected an aware datetime")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


TYPES: dict[str, type[TypeEngine[Any]]] = {
    "int": sa.BigInteger,
    "real": sa.Double,
    "text": sa.Text,
    "bool": sa.Boolean,
    "time": UtcTime,
    "date": UtcDay,
}

INDEXED = (
    "mmsi", "other_mmsi", "imo", "vessel_id", "other_vessel_id", "origin_zone_id", "known_at", "day", "alert_id",
    "successor_alert_id", "event_id", "visit_id",
)  # fmt: skip

# Rows of a table that are looked up by other columns: name of the index, its columns, which rows (None: all).
LOOKED_UP: dict[str, list[tuple[str, tuple[str, ...], str | None]]] = {
    "alert": [
        ("ix_alert_standing", ("score", "began_at", "alert_id"), "withdrawn_at is null"),
        ("ix_alert_standing_raised", ("first_raised_at",), "withdrawn_at is null"),
    ],
    "port_call": [
        ("ix_port_call_berth", ("berth_zone_id", "arrived_by", "port_call_id"), "berth_zone_id is not null"),
        ("ix_port_call_bought", ("mmsi",), "source <> 'ais'"),
    ],
    "review": [
        ("ix_review_decided_at", ("decided_at",), None),
        ("ix_review_proposed", ("alert_id",), "decision in ('would_confirm', 'would_dismiss')"),
    ],
    "voyage": [
        ("ix_voyage_bought", ("mmsi",), "source <> 'ais'"),
    ],
    "source_file": [
        ("ix_source_file_synthetic", ("to_at", "from_at"), "synthetic and replaced_by_source_file_id is null"),
    ],
}

# Names of ports that rows are looked up by, in any case of letters.
PORTS = {"port_visit": ("port",), "voyage": ("origin_port", "destination_port")}

REFERENCES = {
    "alert_id": "alert.alert_id",
    "successor_alert_id": "alert.alert_id",
    "source_file_id": "source_file.source_file_id",
    "replaced_by_source_file_id": "source_file.source_file_id",
}

METADATA = sa.MetaData()

# What the opener remembers of the views it made, so that a view is made anew only when its file changed.
VIEW_TEXT = sa.Table(
    "view_text", METADATA, sa.Column("name", sa.Text, primary_key=True), sa.Column("text", sa.Text, nullable=False)
)

# Which home a warehouse was filled from, and the stamp of the run that wrote to it last (at most one row).
FILLED_FROM = sa.Table(
    "filled_from",
    METADATA,
    sa.Column("home_id", sa.Text, primary_key=True),
    sa.Column("stamp", sa.Text, nullable=False),
)


def model(table: contracts.Table) -> sa.Table:
    """The SQLAlchemy table of a contract."""
    return METADATA.tables[table.name]


def _define(table: contracts.Table) -> None:
    columns = [
        sa.Column(
            column.name,
            TYPES[column.type](),
            *_reference(table, column),
            primary_key=column.name in table.key,
            autoincrement=False,
            nullable=column.null,
            comment=column.doc,
        )
        for column in table.columns
    ]
    sa.Table(table.name, METADATA, *columns, *_indexes(table), comment=f"One row per {table.grain}.")


def _reference(table: contracts.Table, column: contracts.Column) -> list[sa.ForeignKey]:
    target = REFERENCES.get(column.name)
    if target is None or target == f"{table.name}.{column.name}":
        return []
    return [sa.ForeignKey(target, deferrable=True, initially="DEFERRED")]


def _indexes(table: contracts.Table) -> list[sa.Index]:
    """Indexes on what analysts and syncs look rows up by; none that the primary key already serves.

    An event table has (mmsi, known_at), which a sync of some days reads by, and a small index of its open rows.
    """
    columns: list[tuple[str, ...]] = [(name,) for name in INDEXED if name in table.names and name != table.key[0]]
    if {"mmsi", "known_at"} <= set(table.names):
        columns[columns.index(("mmsi",))] = ("mmsi", "known_at")
    indexes = [sa.Index(f"ix_{table.name}_{'_'.join(names)}", *names) for names in columns]
    for name, names, where in LOOKED_UP.get(table.name, ()):
        some = sa.text(where) if where else None
        indexes.append(sa.Index(name, *names, sqlite_where=some, postgresql_where=some))
    if ports := PORTS.get(table.name):
        indexes.append(sa.Index(f"ix_{table.name}_{'_'.join(ports)}", *(sa.text(f"lower({name})") for name in ports)))
    if table.open_when:
        is_open = sa.text(f"{table.open_when} IS NULL")
        indexes.append(sa.Index(f"ix_{table.name}_open", "mmsi", sqlite_where=is_open, postgresql_where=is_open))
    return indexes


for _table in contracts.WAREHOUSE:
    _define(_table)
