"""Events of providers by ship, in the catalogue.

A landed file's events are one Parquet part; the catalogue's tables are made from the parts at the start of a run
(`process_parts`), so that a run reads the events of the ships it derives and no others. An event that several files
hold counts as the file has it that was fetched last (`source_file.fetched_at`; a file handed in without note of its
origin counts as fetched before all others; among equals the greater source_file_id). A file whose bytes came again
counts as fetched when they came last. So the order of landing does not matter.

Events of one provider, kind, ship and beginning are one event under several ids, and count once, as the file fetched
last tells it: a visit that still went on when it was first fetched may come back longer under another id. Whether
providers do give growing visits new ids is unverified. Encounters that begin together are one only if the other ship is
the same; one without a ship's number is known by the provider's id of her.

Particulars of the ships (`particulars`) stand beside them, by the same rule of which file counts.

Ships whose events must be derived again are *due*: their events or particulars changed, or what we know of their hulls.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import PROVIDER_EVENT, PROVIDER_VESSEL
from pipeline.contracts.rows import frame_of
from pipeline.lake.catalog import choose, transaction
from pipeline.lake.frames import plain_values, sql_columns
from pipeline.lake.provider_parts import EVENTS, event_days
from pipeline.state import particulars
from pipeline.state.processed_parts import drop_outdated, make_table, note, noted, read_part, standing

if TYPE_CHECKING:
    from pandas import DataFrame

_PROCESSED = "provider_event_part"  # table of the parts of which note was taken
_SCHEMA = f"""
create table if not exists provider_event (
    {sql_columns(PROVIDER_EVENT)},
    primary key (provider, event_id, source_file_id)) without rowid;
create index if not exists provider_event_mmsi on provider_event (mmsi);
create index if not exists provider_event_other_mmsi on provider_event (other_mmsi);
create index if not exists provider_event_file on provider_event (source_file_id);
create index if not exists provider_event_ship on provider_event (provider, ship);
create index if not exists provider_event_other_ship on provider_event (provider, other_ship);
create table if not exists provider_ship_due (mmsi integer primary key);
create table if not exists provider_hull (mmsi integer, vessel_id text, primary key (mmsi, vessel_id)) without rowid;
create index if not exists provider_hull_vessel on provider_hull (vessel_id);
create temp table if not exists chosen_ship (mmsi integer primary key);
"""
_TOLD_BY_OTHERS = """
and exists (
    select 1 from provider_event as other
    where other.source_file_id <> landed.source_file_id and other.provider = landed.provider and (
        other.event_id = landed.event_id
        or (other.mmsi = landed.mmsi and other.kind = landed.kind and other.began_at = landed.began_at)))
"""


class ProviderEvents:
    """Events bought in of one home.

    catalog  connection to the lake's catalogue
    folder   the lake's folder
    """

    def __init__(self, catalog: sqlite3.Connection, folder: Path) -> None:
        self.catalog = catalog
        self.folder = folder
        drop_outdated(catalog, PROVIDER_EVENT, _PROCESSED)
        drop_outdated(catalog, PROVIDER_VESSEL, particulars.NOTED)
        catalog.executescript(_SCHEMA + particulars.SCHEMA)
        for table in (_PROCESSED, particulars.NOTED):
            make_table(catalog, table)

    def process_parts(self) -> None:
        """Bring the tables to the parts that count now; ships of events that came, went or changed become due, and
        ships whose particulars did. Of a file that was fetched again these are ships that other files tell of too."""
        now, before = standing(self.catalog, EVENTS), noted(self.catalog, _PROCESSED)
        if now == before and not particulars.waiting(self.catalog):
            return
        stays = {part.path for part in now} & {part.path for part in before}
        with transaction(self.catalog):
            self._mark_ships(particulars.process_parts(self.catalog, self.folder))
            for part in before - now:
                if part.path not in stays:
                    self._mark_file(part.source_file_id)
                    self.catalog.execute("delete from provider_event where source_file_id = ?", [part.source_file_id])
                    self.catalog.execute(f"delete from {_PROCESSED} where path = ?", [part.path])
            for part in sorted(now - before):
                if part.path not in stays:
                    self._insert(part.path, part.source_file_id)
                    self._mark_file(part.source_file_id)
                note(self.catalog, _PROCESSED, part)
            for part in now - before:
                if part.path in stays:
                    self._mark_file(part.source_file_id, told_by_others=True)
            self._add_partners()

    def due(self) -> list[int]:
        """MMSIs whose story must be told again, in order."""
        return [mmsi for (mmsi,) in self.catalog.execute("select mmsi from provider_ship_due order by mmsi")]

    def waiting_days(self, source_file_ids: Sequence[str]) -> set[str]:
        """UTC days (see `event_days`) of events of some files, landed or replaced, of whose ships the story waits; for
        particulars the last day of events of their ships, for a run of one day tells every ship that waits."""
        marks = ", ".join("?" * len(source_file_ids))
        came = standing(self.catalog, EVENTS) - noted(self.catalog, _PROCESSED)
        landed = [part.path for part in came if part.source_file_id in source_file_ids]
        known = self.catalog.execute(
            f"""
            select distinct date(coalesce(ended_at, began_at) / 1000000, 'unixepoch') from provider_event
            where source_file_id in ({marks}) and (
                mmsi in (select mmsi from provider_ship_due) or other_mmsi in (select mmsi from provider_ship_due)
                or source_file_id not in (select source_file_id from part where kind = ?))
            """,
            [*source_file_ids, EVENTS],
        ).fetchall()
        found = event_days(self.folder / path for path in landed).union(day for (day,) in known)
        ships = particulars.ships_waiting(self.catalog, self.folder, source_file_ids)
        return found | self._last_days(ships)

    def mark_all_due(self) -> None:
        """Note every ship that has, or had, events."""
        with transaction(self.catalog):
            for column in ("mmsi", "other_mmsi"):
                self.catalog.execute(
                    f"insert or ignore into provider_ship_due select distinct {column} from provider_event "
                    f"where {column} is not null"
                )
            self.catalog.execute("insert or ignore into provider_ship_due select mmsi from provider_hull")

    def mark_of_hulls(self, mmsis: Iterable[int], vessel_ids: Iterable[str]) -> None:
        """Note ships with events of which our positions may now tell another hull: by MMSI, or by hull."""
        if not self.catalog.execute("select 1 from provider_hull limit 1").fetchone():
            return
        with transaction(self.catalog), self._chosen(mmsis):
            self.catalog.execute(
                "insert or ignore into provider_ship_due select mmsi from provider_hull "
                "where mmsi in (select mmsi from chosen_ship)"
            )
            self.catalog.executemany(
                "insert or ignore into provider_ship_due select mmsi from provider_hull where vessel_id = ?",
                ((vessel_id,) for vessel_id in vessel_ids),
            )
            self._add_partners()

    def hulls(self, mmsis: Sequence[int]) -> list[str]:
        """Hulls that events of these ships were attributed to when they were last told."""
        with transaction(self.catalog), self._chosen(mmsis):
            rows = self.catalog.execute(
                "select distinct vessel_id from provider_hull where mmsi in (select mmsi from chosen_ship) order by 1"
            )
            return [vessel_id for (vessel_id,) in rows]

    def ships_of(self, vessel_ids: Iterable[str]) -> list[int]:
        """Ships whose events were attributed to one of these hulls."""
        found: set[int] = set()
        for vessel_id in vessel_ids:
            rows = self.catalog.execute("select mmsi from provider_hull where vessel_id = ?", [vessel_id])
            found.update(mmsi for (mmsi,) in rows)
        return sorted(found)

    def settle(self, mmsis: Sequence[int], hulls: Iterable[tuple[int, str]]) -> None:
        """Note that ships are told, and the hulls their events belong to."""
        with transaction(self.catalog), self._chosen(mmsis):
            for table in ("provider_hull", "provider_ship_due"):
                self.catalog.execute(f"delete from {table} where mmsi in (select mmsi from chosen_ship)")
            self.catalog.executemany("insert or ignore into provider_hull values (?, ?)", hulls)

    def events(self, mmsis: Sequence[int]) -> DataFrame:
        """PROVIDER_EVENT of these ships (also as the other one of an encounter), each event once, as it counts."""
        names = ", ".join(f"provider_event.{name}" for name in PROVIDER_EVENT.names)
        with transaction(self.catalog), self._chosen(mmsis):
            rows = self.catalog.execute(
                f"""
                with version as (
                    select {names}, coalesce(julianday(fetched_at), 0) as told_at, row_number() over (
                        partition by provider, event_id
                        order by coalesce(julianday(fetched_at), 0) desc, provider_event.source_file_id desc
                    ) as nth_version
                    from provider_event join source_file using (source_file_id)
                    where (provider, event_id) in (
                        select provider, event_id from provider_event where mmsi in (select mmsi from chosen_ship)
                        union
                        select provider, event_id from provider_event
                        where other_mmsi in (select mmsi from chosen_ship))
                ),
                event as (
                    select *, row_number() over (
                        partition by provider, kind, mmsi, other_mmsi,
                            case when other_mmsi is null then coalesce(other_ship, other_number) end, began_at
                        order by told_at desc, source_file_id desc, event_id desc
                    ) as nth
                    from version where nth_version = 1
                )
                select {", ".join(PROVIDER_EVENT.names)} from event
                where nth = 1 and (mmsi in (select mmsi from chosen_ship)
                    or other_mmsi in (select mmsi from chosen_ship))
                order by provider, event_id
                """
            ).fetchall()
        return frame_of(PROVIDER_EVENT, rows)

    def vessels(self, mmsis: Sequence[int] | None = None) -> DataFrame:
        """PROVIDER_VESSEL, each ship as it counts: of these MMSIs' events (also as the other one of an encounter), or
        every ship that there are particulars of."""
        if mmsis is None:
            return particulars.read(self.catalog)
        with transaction(self.catalog), self._chosen(mmsis):
            return particulars.read(
                self.catalog,
                """
                select provider, ship from provider_event where mmsi in (select mmsi from chosen_ship)
                union
                select provider, other_ship from provider_event where other_mmsi in (select mmsi from chosen_ship)
                """,
            )

    # ------------------------------------------------------------------------------------------------ inside

    def _insert(self, path: str, source_file_id: str) -> None:
        frame = read_part(self.folder / path, PROVIDER_EVENT, source_file_id)
        columns = [plain_values(frame[name]) for name in PROVIDER_EVENT.names]
        marks = ", ".join("?" * len(columns))
        self.catalog.executemany(f"insert into provider_event values ({marks})", zip(*columns, strict=True))

    def _mark_file(self, source_file_id: str, *, told_by_others: bool = False) -> None:
        """Ships of the file's events, in whichever file's version, become due; or of those alone that another file
        tells too, under the same id or another."""
        which = _TOLD_BY_OTHERS if told_by_others else ""
        for column in ("mmsi", "other_mmsi"):
            self.catalog.execute(
                f"""
                insert or ignore into provider_ship_due
                select distinct version.{column} from provider_event as landed
                join provider_event as version using (provider, event_id)
                where landed.source_file_id = ? and version.{column} is not null {which}
                """,
                [source_file_id],
            )

    def _mark_ships(self, ships: Iterable[tuple[str, str]]) -> None:
        """The MMSIs of the events of some ships (provider, id) become due."""
        self.catalog.executemany(
            """
            insert or ignore into provider_ship_due
            select mmsi from provider_event where provider = ?1 and ship = ?2
            union
            select other_mmsi from provider_event where provider = ?1 and other_ship = ?2 and other_mmsi is not null
            """,
            ships,
        )

    def _last_days(self, ships: Iterable[tuple[str, str]]) -> set[str]:
        """The last UTC day (see `event_days`) of events of some ships (provider, id); none if there are none."""
        last = [
            self.catalog.execute(
                "select max(date(coalesce(ended_at, began_at) / 1000000, 'unixepoch')) from provider_event "
                "where provider = ?1 and (ship = ?2 or other_ship = ?2)",
                ship,
            ).fetchone()[0]
            for ship in ships
        ]
        return set(sorted(filter(None, last))[-1:])

    def _add_partners(self) -> None:
        """The other ship of an encounter is told along: its row stands under one of both."""
        for one, other in (("mmsi", "other_mmsi"), ("other_mmsi", "mmsi")):
            self.catalog.execute(
                f"insert or ignore into provider_ship_due select {other} from provider_event "
                f"where kind = 'encounter' and {one} in (select mmsi from provider_ship_due) and {other} is not null"
            )

    @contextmanager
    def _chosen(self, mmsis: Iterable[int]) -> Iterator[None]:
        choose(self.catalog, "chosen_ship", mmsis)
        yield
