"""Task: write an evidence pack of an alert, a claim's window or a ship."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from geo.files import atomic_write, write_whole
from pipeline import contracts as c
from pipeline.errors import InputError
from pipeline.lake.editions import lists_folder
from pipeline.movement.out_of_range import OUT_OF_RANGE
from pipeline.pack import subjects, tables
from pipeline.pack.archive import MOST_BYTES, archive
from pipeline.pack.contents import contents
from pipeline.pack.manifest import digest_of, sha256, with_manifest
from pipeline.pack.report import drawn_with
from pipeline.pack.selection import Around, Raw, Wanted, select
from pipeline.pack.tables import Subject, Tables
from pipeline.plain import Record, plain
from pipeline.tasks.home import Home, read_knowledge
from pipeline.tasks.plan import planned
from pipeline.tasks.recompute import recompute, temporary_home, versions
from pipeline.tasks.ships_to_judge import company_of
from pipeline.tasks.sign_off import see_named
from pipeline.tasks.warehouse_stamp import open_filled
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse

if TYPE_CHECKING:
    from pipeline.settings import Settings

Progress = Callable[[str], None]
SMALL = 4_000_000  # bytes: where no more landed in all, a pack holds the whole files
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Packed:
    """A pack that was written.

    digest          of its manifest: to be noted, and compared when it is verified
    not_recomputed  what its raw lines do not suffice for, a line each
    """

    path: str
    bytes: int
    members: int
    digest: str
    kind: str
    name: str
    alerts: list[str]
    raw_files: int
    whole_files: int
    not_recomputed: list[str]


def pack(
    settings: Settings,
    target: Path | None,
    *,
    alert: str | None = None,
    claim: tuple[str, str] | None = None,
    ship: str | None = None,
    whole: bool = False,
    small: int = SMALL,
    now: datetime,
    progress: Progress,
) -> Packed:
    """Write the pack of one alert, of a claim in one of its windows, or of one ship.

    target  the zip; None: named after what it is of, in this folder
    whole   hold whole raw files, even where lines of them suffice
    small   bytes: where no more landed in all, files are held whole
    now     wall clock, which no byte of a pack rests on
    raises  InputError for what is not there, a home that is behind its data, a target that cannot be written, or a pack
            that would be too large; nothing is written then
    """
    drawn = drawn_with()
    settings.refuse_own(target)
    with open_filled(settings) as warehouse:
        _refuse_pending(settings)
        subject = _subject(warehouse, alert, claim, ship)
        see_named(settings, subject.mmsis)
        path = target or Path(f"coalwatch-{subject.kind}-{subject.name.replace('/', '-').replace(' ', '-')}.zip")
        _refuse_unwritable(path)  # deriving takes a while: this is reported first
        home = Home(settings)
        expected = tables.read_recomputed(warehouse, subject)
        lists = read_lists(settings)
        for raw in _choices(home, warehouse, subject, expected, whole=whole, small=small, progress=progress):
            stated = tables.read_stated(warehouse, subject, [one.file["source_file_id"] for one in raw])
            progress("deriving it again from these lines")
            with temporary_home(lists) as apart:
                found = recompute(apart, raw, subject, stated["review"], now=now, progress=progress)
            left = differing(tables.members_of(expected, "tables"), tables.members_of(found, "tables"))
            if not left:
                break
        facts = _facts(settings, home, subject, expected, stated, raw, lists, left, drawn)
        progress("drawing the report")
        members = contents(subject, expected, stated, home.zones, facts)
        members |= {one.member: one.content for one in raw} | lists
        members = with_manifest(members, facts)
        written = archive(members)
        if len(written) > MOST_BYTES:
            raise InputError(
                f"{path}: the pack would hold {len(written):,} bytes, and at most {MOST_BYTES:,} can be verified"
            )
        write_whole(path, written)
    return Packed(
        str(path), len(written), len(members), digest_of(members), subject.kind, subject.name, list(subject.alert_ids),
        len(raw), sum(one.file["lines"] == "all" for one in raw), left,
    )  # fmt: skip


def differing(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """What differs between the recomputed tables of a pack and those that were found, a line each."""
    return [
        line
        for name in sorted({*expected, *found})
        for line in tables.differences(
            expected.get(name, b""), found.get(name, b""), name.removeprefix("tables/").removesuffix(".csv"),
            tables.key_of(name.removeprefix("tables/").removesuffix(".csv")),
        )
    ]  # fmt: skip


def read_lists(settings: Settings) -> dict[str, bytes]:
    """The editions of lists that a home keeps, as members of a pack."""
    folder = lists_folder(settings.home)
    files = sorted(path for path in folder.glob("*/*") if path.is_file() and not path.name.startswith("."))
    return {f"lists/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}


class _Tried(Exception):
    """Ends the trial of a path."""


def _refuse_unwritable(path: Path) -> None:
    """Raise the OSError that writing there would; nothing is left of the trial."""
    with suppress(_Tried), atomic_write(path) as draft:
        draft.touch()
        raise _Tried


def _refuse_pending(settings: Settings) -> None:
    pending = planned(settings)
    if pending:
        raise InputError(
            f"home {settings.home} is behind its data ({len(pending)} pieces of work, first: {pending[0].reason}); a "
            "pack is of what is derived: `coalwatch run` first"
        )


def _subject(warehouse: Warehouse, alert: str | None, claim: tuple[str, str] | None, ship: str | None) -> Subject:
    if alert is not None:
        return subjects.of_alert(warehouse, alert)
    return subjects.of_claim(warehouse, *claim) if claim else subjects.of_ship(warehouse, ship or "")


def _choices(
    home: Home, warehouse: Warehouse, subject: Subject, expected: Tables, *, whole: bool, small: int, progress: Progress
) -> Iterator[list[Raw]]:
    """Ever more raw lines, until they suffice: of her and her company, and of everyone around her silences; of everyone
    everywhere; whole files, where a pack can hold them."""
    files = home.lake.source_files()
    files = files[files["replaced_by_source_file_id"].isna()]
    bytes_ = int(files["bytes"].sum())
    own = np.array(subject.mmsis, dtype="int64")
    beside = np.union1d(own, _company(home, warehouse, own, expected))
    false = _false_positions(warehouse, expected)
    beside = np.union1d(beside, _hit_as_well(home, warehouse, false))
    around = _around(home, subjects.silences(warehouse, subject)) + _around_false(false)
    levels = [Wanted(beside, around), Wanted(beside, None), Wanted(beside, whole=True)]
    if whole or bytes_ <= small:
        levels = levels[2:]
    elif bytes_ > MOST_BYTES // 2:
        levels = levels[:2]
    elif subject.claim_id:
        levels = levels[1:]  # its coverage is everyone's
    for level in levels:
        yield list(_selected(home, files, level, progress))


def _selected(home: Home, files: DataFrame, wanted: Wanted, progress: Progress) -> Iterator[Raw]:
    held = 0
    for n, row in enumerate(plain(files.astype(object).where(files.notna(), None).to_dict("records")), 1):
        progress(f"choosing raw lines: {row['name']} ({n} of {len(files)})")
        reading = home.lake.catalog.execute(
            "select reading from source_file where source_file_id = ?", (row["source_file_id"],)
        ).fetchone()
        with home.lake.raw_file(row["sha256"]) as found:
            if found is None:
                raise InputError(
                    f"{home.lake.raw}: the bytes of {row['name']} are gone; ingest that file again, then pack"
                )
            one = select(found, row, json.loads(reading[0])["base_date"], wanted, home.zones)
        held += len(one.content)
        if held > MOST_BYTES:
            raise InputError(
                f"the raw lines alone are more than the {MOST_BYTES:,} bytes that a pack may hold; pack an alert "
                "rather than a claim or a ship, without --whole"
            )
        yield one


def _company(home: Home, warehouse: Warehouse, own: NDArray[np.int64], expected: Tables) -> NDArray[np.int64]:
    """Ships that alerts of these may speak of, and the other parties of the events that are shown."""
    reach = read_knowledge(home.settings).of_alerts(home.zones.frame, home.limits).reach
    parties = [
        row[name] for table in c.EVENTS for row in expected[table.name] for name in table.ships if row[name] is not None
    ]
    return np.union1d(company_of(warehouse, own, reach), np.array(parties, dtype="int64"))


def _false_positions(warehouse: Warehouse, expected: Tables) -> DataFrame:
    """POSITION_ANOMALY that the evidence names."""
    evidence = expected[c.ALERT_EVIDENCE.name]
    ids = [row["event_id"] for row in evidence if row["event_table"] == c.POSITION_ANOMALY.name]
    return warehouse.read(c.POSITION_ANOMALY, Among("position_anomaly_id", ids))


def _hit_as_well(home: Home, warehouse: Warehouse, false: DataFrame) -> NDArray[np.int64]:
    """Ships with false positions on the days of these and near them: whether it is interference rests on them."""
    others = warehouse.read(c.POSITION_ANOMALY, Among("known_at", false["known_at"].unique()))
    pairs = false.merge(others, on="known_at", suffixes=("", "_other"), validate="many_to_many")
    away = distance_m(*(pairs[name] for name in ("longitude", "latitude", "longitude_other", "latitude_other")))
    near = away <= home.limits.anomaly.interference_nm * METRES_PER_NM
    return pairs.loc[near, "mmsi_other"].to_numpy("int64")


def _around_false(false: DataFrame) -> tuple[Around, ...]:
    """Where and when everyone counts for who was heard out of range: the cells around, and the day."""
    far = false[false["kind"] == OUT_OF_RANGE]
    return tuple(
        Around(row["longitude"] - 1, row["latitude"] - 1, row["longitude"] + 1, row["latitude"] + 1,
               row["known_at"] - _DAY, row["known_at"])
        for row in far.to_dict("records")
    )  # fmt: skip


def _around(home: Home, gaps: DataFrame) -> tuple[Around, ...]:
    """Where and when everyone counts for the reception of silences: around both ends, for as long before as a habit
    takes, and as far as the widest cell and the cells beside it reach."""
    gap, outage = home.limits.gap, home.limits.outage
    window = pd.Timedelta(hours=gap.reception_window_hours)
    habit, after = pd.Timedelta(hours=outage.habit_hours) + 2 * _DAY, pd.Timedelta(days=outage.max_days) + _DAY
    found = []
    for row in gaps.to_dict("records"):
        room = (gap.pass_deg if row["receiver"] == "satellite" else max(gap.cell_deg)) + 2 * outage.cell_deg
        x = [value for value in (row["off_longitude"], row["on_longitude"]) if pd.notna(value)]
        y = [value for value in (row["off_latitude"], row["on_latitude"]) if pd.notna(value)]
        ended = row["ended_at"] if pd.notna(row["ended_at"]) else row["began_at"] + after
        found.append(
            Around(min(x) - room, min(y) - room, max(x) + room, max(y) + room,
                   row["began_at"] - window - habit, ended + window + after)
        )  # fmt: skip
    return tuple(found)


def _facts(
    settings: Settings,
    home: Home,
    subject: Subject,
    expected: Tables,
    stated: Tables,
    raw: Sequence[Raw],
    lists: dict[str, bytes],
    left: list[str],
    drawn: dict[str, str],
) -> dict[str, Any]:
    days = sorted(home.lake.landed_days())
    files: list[Record] = [{"member": one.member, **one.file} for one in raw]
    return {
        "subject": subject.as_dict(),
        "derived_with": versions(settings),
        "drawn_with": drawn,
        "data": {"from": days[0] if days else None, "to": days[-1] if days else None},
        "raw": files,
        "lists": [{"member": name, "sha256": sha256(content)} for name, content in lists.items()],
        "recomputed": sorted(expected),
        "stated": sorted(stated),
        "not_recomputed": left,
    }
