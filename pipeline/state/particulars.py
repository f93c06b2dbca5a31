"""Particulars of ships bought in: a landed file's ships as one Parquet part, and all of them in the catalogue.

As with events bought in, the parts are what was landed, the catalogue's table is made from them at the start of a run,
and a ship that several files tell of counts as the file tells her that was fetched last (`source_file.fetched_at`; a
file without note of its origin counts as fetched before all others; among equals the greater source_file_id). A file
whose bytes came again counts as fetched when they came last. But what a search by number (`gfw_listed`) told, which
tells no registries, counts only of ships of which nothing else was told: it takes away no owner and no number. So the
order of landing does not matter, and a ship that a later file leaves out keeps what was told of her. The table holds
what counts and no more: a file a week must not make every run slower.

Only what events are told by makes a difference to a ship: that she was heard again a week later does not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contracts import PROVIDER_VESSEL
from pipeline.contracts.rows import frame_of
from pipeline.lake.damage import reading
from pipeline.lake.frames import plain_values, sql_columns
from pipeline.lake.provider_parts import VESSELS
from pipeline.state.processed_parts import note, noted, read_part, standing

if TYPE_CHECKING:
    from pandas import DataFrame

Ship = tuple[str, str]  # provider, the provider's id
NOTED = "particulars_part"  # table of the parts of which note was taken
_BEARS_ON_EVENTS = ("imo", "name", "call_sign", "length_m")
SCHEMA = f"""
create table if not exists provider_vessel ({sql_columns(PROVIDER_VESSEL)},
    primary key (provider, ship, source_file_id)) without rowid;
create index if not exists provider_vessel_file on provider_vessel (source_file_id);
create temp table if not exists particulars_ship (provider text, ship text, primary key (provider, ship));
"""
_KEEP_THE_LAST = """
delete from provider_vessel where (provider, ship, source_file_id) in (
    select provider, ship, source_file_id from (
        select provider, ship, source_file_id, row_number() over (
            partition by provider, ship
            order by coalesce(url like '%/vessels/search%', false), coalesce(julianday(fetched_at), 0) desc,
                source_file_id desc
        ) as nth
        from provider_vessel join source_file using (source_file_id)
        where (provider, ship) in (select provider, ship from particulars_ship)
    ) where nth > 1)
"""


def waiting(catalog: sqlite3.Connection) -> bool:
    """Whether parts came or went, or were fetched again, since note was taken of them."""
    return standing(catalog, VESSELS) != noted(catalog, NOTED)


def ships_waiting(catalog: sqlite3.Connection, folder: Path, source_file_ids: Sequence[str]) -> set[Ship]:
    """Ships of some files, landed, fetched again or replaced, of which no note was taken yet."""
    now, before = standing(catalog, VESSELS), noted(catalog, NOTED)
    came = [part for part in now - before if part.source_file_id in source_file_ids]
    went = [part.source_file_id for part in before - now if part.source_file_id in source_file_ids]
    return _ships_processed(catalog, went).union(*(_ships(folder / part.path) for part in came))


def process_parts(catalog: sqlite3.Connection, folder: Path) -> list[Ship]:
    """Bring the table to the parts that count now, inside a transaction.

    returns  ships of which what bears on their events is no more what it was
    """
    now, before = standing(catalog, VESSELS), noted(catalog, NOTED)
    came, went = sorted(now - before), sorted(before - now)
    if not came and not went:
        return []
    touched = {ship for part in came for ship in _ships(folder / part.path)}
    touched |= _ships_processed(catalog, [part.source_file_id for part in went])
    catalog.execute("delete from particulars_ship")
    catalog.executemany("insert into particulars_ship values (?, ?)", touched)
    told_before = _bearing(catalog)
    for part in went:  # as a part that was fetched again does: it comes back with its new time
        catalog.execute("delete from provider_vessel where source_file_id = ?", [part.source_file_id])
        catalog.execute(f"delete from {NOTED} where path = ?", [part.path])
    for part in came:
        note(catalog, NOTED, part)
    # What was told of a ship by a file that went is told by another now.
    for part in sorted(now) if went else came:
        _insert(catalog, folder / part.path, part.source_file_id, touched)
    catalog.execute(_KEEP_THE_LAST)
    told = _bearing(catalog)
    return sorted(ship for ship in touched if told_before.get(ship) != told.get(ship))


def read(catalog: sqlite3.Connection, ships: str | None = None) -> DataFrame:
    """PROVIDER_VESSEL, each ship once, as it counts.

    ships  SQL that selects provider, ship; None: every ship
    """
    which = f"where (provider, ship) in ({ships})" if ships else ""
    names = ", ".join(PROVIDER_VESSEL.names)
    rows = catalog.execute(f"select {names} from provider_vessel {which} order by provider, ship").fetchall()
    return frame_of(PROVIDER_VESSEL, rows)


def ships_of_events(catalog: sqlite3.Connection, folder: Path, provider: str) -> list[str]:
    """Ids of a provider's ships in the events that have landed, noted or not, in order; a ship that events know by her
    MMSI alone has none."""
    from pandas import read_parquet

    found: set[str] = set()
    for (path,) in catalog.execute("select path from part where kind = 'events'").fetchall():
        with reading(folder / path):
            events = read_parquet(folder / path, columns=["provider", "ship", "mmsi", "other_ship", "other_mmsi"])
        events = events[events["provider"] == provider]
        for ship, mmsi in (("ship", "mmsi"), ("other_ship", "other_mmsi")):
            sides = events[[ship, mmsi]].dropna().drop_duplicates()
            found.update(sides.loc[sides[ship] != sides[mmsi].astype("int64").astype("str"), ship])
    return sorted(found)


def ships_of_numbers(catalog: sqlite3.Connection, folder: Path, provider: str, numbers: Collection[int]) -> list[str]:
    """Ids of a provider's ships of some IMO numbers in the particulars that have landed, noted or not, in order."""
    from pandas import read_parquet

    found: set[str] = set()
    for (path,) in catalog.execute("select path from part where kind = 'vessels'").fetchall():
        with reading(folder / path):
            vessels = read_parquet(folder / path, columns=["provider", "ship", "imo"])
        found.update(vessels.loc[(vessels["provider"] == provider) & vessels["imo"].isin(list(numbers)), "ship"])
    return sorted(found)


# ---------------------------------------------------------------------------------------------------- inside


def _ships(path: Path) -> set[Ship]:
    from pandas import read_parquet

    with reading(path):
        return set(read_parquet(path, columns=["provider", "ship"]).itertuples(index=False, name=None))


def _ships_processed(catalog: sqlite3.Connection, source_file_ids: Iterable[str]) -> set[Ship]:
    ships: set[Ship] = set()
    for source_file_id in source_file_ids:
        rows = catalog.execute("select provider, ship from provider_vessel where source_file_id = ?", [source_file_id])
        ships.update((provider, ship) for provider, ship in rows)
    return ships


def _bearing(catalog: sqlite3.Connection) -> dict[Ship, tuple[object, ...]]:
    """What bears on the events of the ships that are looked at, as it counts."""
    counting = read(catalog, "select provider, ship from particulars_ship")
    told = zip(*(plain_values(counting[name]) for name in _BEARS_ON_EVENTS), strict=True)
    return dict(zip(zip(counting["provider"], counting["ship"], strict=True), told, strict=True))


def _insert(catalog: sqlite3.Connection, path: Path, source_file_id: str, ships: Collection[Ship]) -> None:
    """Insert what a part tells of some ships."""
    from pandas import MultiIndex

    frame = read_part(path, PROVIDER_VESSEL, source_file_id)
    frame = frame[MultiIndex.from_frame(frame[["provider", "ship"]]).isin(ships)]
    columns = [plain_values(frame[name]) for name in PROVIDER_VESSEL.names]
    marks = ", ".join("?" * len(columns))
    catalog.executemany(f"insert or ignore into provider_vessel values ({marks})", zip(*columns, strict=True))
