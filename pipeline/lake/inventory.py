"""The files of a home besides its warehouse, by what losing each would cost.

    state  what runs know of the runs before them, editions of lists, readings of imagery, rules of review: small
    part   what a file landed as (positions, vessel reports, events, particulars, rejects): made again by landing it
    raw    bytes as received

Left out are locks, notes for this machine alone, files of which no landing has finished, and what lies in a bucket.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.files import DRAFT
from pipeline.lake.published import KINDS, bucket_of
from pipeline.settings import REVIEW_RULES
from pipeline.sqlite_reading import open_for_reading

CATALOG = "lake/catalog.sqlite"  # part of the state; to be copied as a database, not as a file
PART_KINDS = (
    "positions", "vessel_reports", "events", "vessels", "detections", "answers", "images", "provider_port_month",
    "provider_reception", "rejects",
)  # fmt: skip
_LANDED = (*PART_KINDS, "staging", "pieces", "incoming", "moving")
_OF_THIS_MACHINE = ("idle.json",)


@dataclass(frozen=True)
class HomeFile:
    """A file of a home: its path there, its kind, and of `part` and `raw` the landed file that it is of; `pruned` where
    pruning lets go of it, so that it is missing on purpose."""

    path: str
    kind: str
    source_file_id: str | None = None
    pruned: bool = False


def home_files(home: Path) -> list[HomeFile]:
    """Every file of a home besides warehouse and catalogue, in order of path. Parts are those that the catalogue names
    and raw files those that landed, be they there or not.

    raises  sqlite3.Error if the catalogue cannot be read
    """
    return sorted([*_state(home), *_landed(home)], key=lambda one: one.path)


def source_files(home: Path) -> list[dict[str, Any]]:
    """Every landed file that stands: source_file_id, name, source, synthetic, sha256, bytes, base_date (UTC day, of
    NMEA files without times; else null), in order of their first position."""
    ask = (
        "select source_file_id, name, source, synthetic, sha256, bytes,"
        " json_extract(reading, '$.base_date') as base_date from source_file"
        " where replaced_by_source_file_id is null order by from_at, name, source_file_id"
    )
    with closing(_catalog(home)) as catalog:
        return [{**dict(row), "synthetic": bool(row["synthetic"])} for row in catalog.execute(ask)]


def _state(home: Path) -> Iterator[HomeFile]:
    if (home / REVIEW_RULES).is_file():  # without it, one person would be enough where two must agree
        yield HomeFile(REVIEW_RULES, "state")
    for root in (home / "lake", home / "lists", home / "observations"):
        for folder, folders, names in os.walk(root):
            if Path(folder) == home / "lake":
                folders[:] = [name for name in folders if name not in _LANDED]
            for name in names:
                path = Path(folder, name).relative_to(home).as_posix()
                mere = name.endswith((".lock", DRAFT)) or name in _OF_THIS_MACHINE
                if not mere and not path.startswith(CATALOG):
                    yield HomeFile(path, "state")


def _landed(home: Path) -> Iterator[HomeFile]:
    with closing(_catalog(home)) as catalog:
        parts = catalog.execute("select kind, path, source_file_id from part").fetchall()
        in_bucket = bucket_of(catalog) is not None
        files = [] if in_bucket else catalog.execute("select sha256, source_file_id from source_file").fetchall()
        pruned = _pruned(catalog)
    for kind, path, source_file_id in parts:
        if in_bucket and kind in KINDS:
            continue
        yield HomeFile(f"lake/{path}", "part", source_file_id)
    raw = home / "raw"
    names = {name.partition(".")[0]: name for name in os.listdir(raw)} if raw.is_dir() else {}
    for sha256, source_file_id in files:
        yield HomeFile(f"raw/{names.get(sha256, sha256)}", "raw", source_file_id, source_file_id in pruned)


def _pruned(catalog: sqlite3.Connection) -> set[str]:
    """Landed files of whose parts some are pruned, none of them of a day that is not."""
    if not catalog.execute("select 1 from sqlite_master where name = 'pruned_part'").fetchone():
        return set()  # of an older coalwatch
    rows = catalog.execute(
        "select source_file_id from part left join pruned_part using (path) where day is not null"
        " group by source_file_id having count(pruned_part.path) = count(*)"
    )
    return {source_file_id for (source_file_id,) in rows}


def _catalog(home: Path) -> sqlite3.Connection:
    catalog = open_for_reading(home / CATALOG, timeout=60)
    catalog.row_factory = sqlite3.Row
    return catalog
