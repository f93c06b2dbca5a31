"""Landing: files become raw bytes kept, parts by UTC day and catalogue rows, each file whole or not at all."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines.engine import Engine
from pipeline.errors import CoalwatchError, InputError
from pipeline.formats.record import Content, Head, Source
from pipeline.formats.registry import find_source
from pipeline.formats.unpack import read_head
from pipeline.lake.bucket import Place
from pipeline.lake.catalog import insert, transaction
from pipeline.lake.contents import Desk
from pipeline.lake.damage import is_whole
from pipeline.lake.disk import disk_failures
from pipeline.lake.handed_in import at_hand, identify, see_unchanged
from pipeline.lake.parts import Counts, Part
from pipeline.lake.provider_parts import DETECTIONS, EVENTS, IMAGES, days_of_passes, event_days
from pipeline.lake.pruned import refuse_closed
from pipeline.lake.published import KINDS
from pipeline.lake.raw import RawFile, keep_raw
from pipeline.lake.readings import has_readings
from pipeline.lake.receiving import NOT_LANDED, Received, Receiving
from pipeline.origin import read_origin

if TYPE_CHECKING:
    from pipeline.lake.lake import Lake

# Raised whenever a source or the accounting gives other rows for the same bytes: what was landed before then differs.
RULES_VERSION = 4


@dataclass(frozen=True)
class Landed:
    """What landing one file did.

    source_file   its SOURCE_FILE row
    days          UTC days whose content changed, in order; empty if it was there already
    mended        whether parts of it were gone or damaged, and are whole again
    """

    source_file: dict[str, Any]
    days: tuple[str, ...]
    mended: bool = False


@dataclass(frozen=True)
class Planned:
    """What landing one file would do: `already_landed` files are left alone."""

    path: Place
    source: str
    bytes: int
    source_file_id: str
    already_landed: bool


def plan(
    lake: Lake, paths: Sequence[Place], source: str = "auto", *, synthetic: bool = False, replaces: str | None = None
) -> list[Planned]:
    """Recognise and hash files without landing them.

    raises  InputError as `land`, as far as the beginnings of the files show
    """
    planned = []
    heads = _heads(lake, paths, synthetic, replaces)
    if replaces:
        _find_replaced(lake, replaces)
    for path, head in heads:
        name = find_source(source, head).name
        sha256, size = identify(path)
        source_file_id = sha256[:16]
        known = _known(lake, source_file_id) is not None and _parts_are_whole(lake, source_file_id)
        planned.append(Planned(path, name, size, source_file_id, known))
    return planned


def land(
    lake: Lake,
    paths: Sequence[Place],
    source: str = "auto",
    *,
    now: datetime,
    base_date: str | None = None,
    synthetic: bool = False,
    replaces: str | None = None,
    progress: Callable[[str], None] = lambda line: None,
    engine: Engine | None = None,
) -> list[Landed]:
    """Land files one after another; each is visible whole when its turn ends. A file that is there already changes
    nothing but `url` and `fetched_at`, if it was fetched later than noted: what was fetched last counts. A file that
    lies in a bucket is fetched when its turn comes; its address is its `url`.

    source      `auto`, a source's name, or the path of a mapping
    now         wall clock (with zone): later times, by more than a day, are rejected; also `landed_at`
    base_date   YYYY-MM-DD for NMEA files without time stamps
    synthetic   generated data; a home holds either generated or real data
    replaces    source_file_id or name of the landed file that the one path replaces; its rows leave every day, unless
                none of the new rows is of use
    progress    called with a line as each file begins, or while waiting for another landing
    engine      reads the files, all of them before the first one lands; None: each is read when its turn comes
    raises      InputError (file, format, mixed home, unknown `replaces`, no permission),
                SourceUnavailable (disk full)
    """
    heads = _heads(lake, paths, synthetic, replaces)
    sources = [find_source(source, head) for _, head in heads]
    landed: list[Landed] = []
    with lake.landing_lock(progress):
        _refuse_mixing(lake, paths, synthetic)  # again: another landing may have come first
        replaced = _find_replaced(lake, replaces) if replaces else None
        terms = _Terms(now, base_date, synthetic, replaced)
        ahead = _receive(lake, engine, paths, source, terms, progress) if engine else itertools.repeat(None, len(paths))
        with Desk() as desk:
            for (path, head), found in zip(heads, sources, strict=True):
                progress(f"reading files: {path.name} as {found.name} ({len(landed) + 1} of {len(heads)})")
                try:
                    with disk_failures(lake.home, NOT_LANDED):
                        landed.append(_land_file(lake, desk, path, head, found, terms, next(ahead)))
                except CoalwatchError as error:
                    raise type(error)(f"{error}{_landed_before(landed)}") from None
    return landed


def _receive(
    lake: Lake, engine: Engine, paths: Sequence[Place], source: str, terms: _Terms, progress: Callable[[str], None]
) -> Iterator[Received]:
    progress(f"reading files: {len(paths)} at once")
    landed = frozenset(file_id for (file_id,) in lake.catalog.execute("select source_file_id from source_file"))
    way = Receiving(lake.home, lake.raw, lake.incoming, source, terms.now, terms.base_date, landed)
    return engine.each(way.receive, [path.absolute() if isinstance(path, Path) else path for path in paths])


def _landed_before(landed: Sequence[Landed]) -> str:
    """What a message about one of several files adds about those before it."""
    return f" ({len(landed)} files before it are landed and stay)" if landed else ""


def _heads(lake: Lake, paths: Sequence[Place], synthetic: bool, replaces: str | None) -> list[tuple[Place, Head]]:
    """Paths with their beginnings, once they may be landed in this home together."""
    heads = [(path, read_head(path)) for path in paths]
    if replaces and len(heads) != 1:
        raise InputError(f"{len(heads)} files given to replace {replaces}; one file replaces one file")
    _refuse_mixing(lake, paths, synthetic)
    return heads


def _refuse_mixing(lake: Lake, paths: Sequence[Place], synthetic: bool) -> None:
    held = lake.is_synthetic()
    if held is None and has_readings(lake.home):
        held = False  # of real images: readings of generated ones come after the positions
    if paths and held is not None and held != synthetic:
        kinds = ("real", "synthetic")
        raise InputError(
            f"{paths[0].name}: {kinds[synthetic]} data, but {lake.home} holds {kinds[held]} data, "
            "and alerts on the two must never mix; give another --home"
        )


def _known(lake: Lake, source_file_id: str) -> dict[str, Any] | None:
    cursor = lake.catalog.execute("select * from source_file where source_file_id = ?", (source_file_id,))
    row = cursor.fetchone()
    return dict(zip([column[0] for column in cursor.description], row, strict=True)) if row else None


def _find_replaced(lake: Lake, name: str) -> str:
    rows = lake.catalog.execute(
        "select source_file_id from source_file "
        "where (source_file_id = ? or name = ?) and replaced_by_source_file_id is null",
        (name, name),
    ).fetchall()
    if len(rows) != 1:
        found = "several files of that name" if rows else "no such file stands"
        raise InputError(f"replaces {name}: {found} in {lake.home}; give a source_file_id (table source_file)")
    return str(rows[0][0])


@dataclass(frozen=True)
class _Terms:
    """What holds for all files of one call of `land`; `replaced` is a source_file_id."""

    now: datetime
    base_date: str | None
    synthetic: bool
    replaced: str | None


def _land_file(
    lake: Lake, desk: Desk, file: Place, head: Head, source: Source, terms: _Terms, received: Received | None
) -> Landed:
    """Keep the raw bytes in a thread while the content is read, unless that is done; then name the parts in the
    catalogue."""
    if received and received.read:
        see_unchanged(file, head, received.head)
        known = _standing(lake, file, received.raw, source, terms)
        return known or _commit(lake, file, head, received.raw, source, terms, *received.read)
    shutil.rmtree(lake.staging, ignore_errors=True)
    lake.staging.mkdir(parents=True)
    try:
        with at_hand(file, lake.staging) as path, ThreadPoolExecutor(1) as pool:
            if path is not file:
                see_unchanged(file, head, read_head(path))
            kept = pool.submit(keep_raw, lake.raw, lake.staging, path)
            packed = head.packing not in (None, "parquet")
            if packed or _seen_size(lake, path):
                known = _standing(lake, file, kept.result(), source, terms)
                if known is not None:
                    return known
            content = kept.result().content if packed else Content(path, path.name)
            counts, parts = desk.read(
                content, head, source, kept, lake.staging, now=terms.now, base_date=terms.base_date
            )
        return _commit(lake, file, head, kept.result(), source, terms, counts, parts)
    finally:
        shutil.rmtree(lake.staging, ignore_errors=True)  # the content may be large: not kept for the next file's turn


def _seen_size(lake: Lake, path: Path) -> bool:
    """Whether a file of this size has landed: then the hash is awaited before any work is done."""
    return (
        lake.catalog.execute("select 1 from source_file where bytes = ?", (path.stat().st_size,)).fetchone() is not None
    )


def _standing(lake: Lake, file: Place, raw: RawFile, source: Source, terms: _Terms) -> Landed | None:
    """What to answer for a file that is there already; None if it is to be read (new, put back, or read in another
    way)."""
    known = _known(lake, raw.sha256[:16])
    if known is None:
        return None
    reading = json.loads(known.pop("reading"))
    asked = _reading_key(source, terms)
    if terms.base_date is None:
        asked["base_date"] = reading["base_date"]
    replaced = known["replaced_by_source_file_id"] is not None
    if known["rejected"] == known["rows_read"]:
        return None  # nothing of it was of use: what stood against it (such as a wrong clock) may be mended
    if asked != reading or (replaced and terms.replaced is not None):
        return None
    if not _parts_are_whole(lake, known["source_file_id"]):
        return None  # the same bytes again mend the lake
    if terms.replaced not in (None, known["source_file_id"]):
        refuse_closed(lake, file.name, set(), terms.replaced)
    concerned = lake.days_of(terms.replaced)
    before = lake.landed_days(concerned)
    known |= _origin(lake, known["source_file_id"], file, terms)
    _send_raw(lake, raw, concerned)
    with transaction(lake.catalog):
        lake.catalog.execute(
            "update source_file set url = :url, fetched_at = :fetched_at where source_file_id = :source_file_id", known
        )
        if terms.replaced not in (None, known["source_file_id"]):
            _retire(lake, str(terms.replaced), known["source_file_id"], terms)
    if lake.remote:
        lake.remote.publish(concerned)
    return Landed(known, _changed(before, lake.landed_days(concerned)))


def _parts_are_whole(lake: Lake, source_file_id: str) -> bool:
    parts = lake.catalog.execute("select kind, path, rows from part where source_file_id = ?", (source_file_id,))
    return all(is_whole(lake.place(kind, path), rows) for kind, path, rows in parts)


def _origin(lake: Lake, source_file_id: str, file: Place, terms: _Terms) -> dict[str, str | None]:
    """`url` and `fetched_at` of a file: where its bytes came from last, whether now or when they landed before."""
    fetched: dict[str, str | None] = {"url": str(file), "fetched_at": terms.now.astimezone(UTC).isoformat()}
    found = read_origin(file) if isinstance(file, Path) else fetched
    known = lake.catalog.execute(
        "select url, fetched_at from source_file where source_file_id = ? and julianday(fetched_at) >= "
        "coalesce(julianday(?), 0)",
        (source_file_id, found["fetched_at"]),
    ).fetchone()
    return {"url": known[0], "fetched_at": known[1]} if known else found


def _commit(
    lake: Lake,
    file: Place,
    head: Head,
    raw: RawFile,
    source: Source,
    terms: _Terms,
    counts: Counts,
    parts: Sequence[Part],
) -> Landed:
    """Move the parts into place and name them in the catalogue; what they take the place of goes in the same
    transaction."""
    if counts.rejected == counts.rows_read and not (source.may_be_empty and not counts.rows_read):
        terms = replace(terms, replaced=None)
    source_file_id = raw.sha256[:16]
    reading = json.dumps(_reading_key(source, terms), sort_keys=True)
    source_file = {
        "source_file_id": source_file_id,
        "sha256": raw.sha256,
        "name": file.name,
        "source": source.name,
        "licence": source.licence,
        "bytes": raw.size,
        **counts.columns(),
        "layout": source.layout(head),
        "synthetic": terms.synthetic,
        "replaced_by_source_file_id": None,
        "landed_at": terms.now.astimezone(UTC).isoformat(),
        **_origin(lake, source_file_id, file, terms),
    }
    made = {(part.kind, part.day, _content_hash(part, source_file_id, reading)) for part in parts}
    refuse_closed(lake, file.name, made, source_file_id, terms.replaced)
    concerned = {part.day for part in parts if part.day} | lake.days_of(source_file_id, terms.replaced)
    before = lake.landed_days(concerned)
    mended = not _parts_are_whole(lake, source_file_id)
    of_events = event_days(
        [part.path for part in parts if part.kind == EVENTS] + lake.event_parts(source_file_id, terms.replaced)
    ).union(*(days_of_passes(part.kind, part.path) for part in parts if part.kind in (DETECTIONS, IMAGES)))
    rows = [_place(lake, part, source_file_id, reading) for part in parts]
    _send_raw(lake, raw, concerned)
    with transaction(lake.catalog):
        lake.catalog.execute("pragma defer_foreign_keys = on")
        _retire(lake, source_file_id, None, terms)
        if terms.replaced is not None and terms.replaced != source_file_id:
            _retire(lake, terms.replaced, source_file_id, terms)
        insert(lake.catalog, "source_file", [source_file | {"reading": reading}])
        insert(lake.catalog, "part", rows)
        of_file = {"source_file_id": source_file_id}
        insert(lake.catalog, "rejected_row_count", [of_file | row for row in counts.reasons])
        insert(lake.catalog, "unread_field_count", [of_file | row for row in counts.unread])
    if lake.remote:
        lake.remote.publish(concerned)
    days = tuple(sorted(of_events.union(_changed(before, lake.landed_days(concerned)))))
    return Landed(source_file, days, mended)


def _place(lake: Lake, part: Part, source_file_id: str, reading: str) -> dict[str, Any]:
    """Move a part from staging to a path of its own; returns its catalogue row."""
    row = {
        "kind": part.kind,
        "day": part.day,
        "source_file_id": source_file_id,
        "rows": part.rows,
        "content_hash": _content_hash(part, source_file_id, reading),
    }
    if lake.remote and part.kind in KINDS and part.day:
        return {"path": lake.remote.send_part(part.kind, part.day, source_file_id, part.path)} | row
    folder = lake.root / part.kind / (f"day={part.day}" if part.day else "")
    folder.mkdir(parents=True, exist_ok=True)
    target, n = folder / f"{source_file_id}.parquet", 1
    while target.exists():
        n += 1
        target = folder / f"{source_file_id}-{n}.parquet"
    part.path.rename(target)
    return {"path": str(target.relative_to(lake.root))} | row


def _send_raw(lake: Lake, raw: RawFile, days: Collection[str]) -> None:
    """Put raw bytes into the bucket, if the lake lies in one, and see that all that shall change these days came."""
    if lake.remote:
        lake.remote.send_raw(next(lake.raw.glob(f"{raw.sha256}*")))
        lake.remote.sent(days)


def _content_hash(part: Part, source_file_id: str, reading: str) -> str:
    """Names what a part was made from, which fixes what it holds."""
    content = "\n".join((source_file_id, part.kind, part.day or "", reading))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _retire(lake: Lake, source_file_id: str, by: str | None, terms: _Terms) -> None:
    """Take a file's parts out of the catalogue; its rejects stay if another file replaces it."""
    con = lake.catalog
    kinds = "'positions', 'vessel_reports', 'events', 'vessels', 'detections', 'answers', 'images'"
    kinds += "" if by else ", 'rejects'"
    con.execute(f"delete from part where source_file_id = ? and kind in ({kinds})", (source_file_id,))
    if by:
        con.execute(
            "update source_file set replaced_by_source_file_id = ? where source_file_id = ?", (by, source_file_id)
        )
        con.execute(
            "insert into replacement values (?, ?, ?)", (source_file_id, by, terms.now.astimezone(UTC).isoformat())
        )
    else:
        for table in ("rejected_row_count", "unread_field_count"):
            con.execute(f"delete from {table} where source_file_id = ?", (source_file_id,))


def _reading_key(source: Source, terms: _Terms) -> dict[str, Any]:
    """How the bytes are read: other readings of the same bytes give other rows."""
    return {"source": source.name, "version": source.version, "base_date": terms.base_date, "rules": RULES_VERSION}


def _changed(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day)))
