"""A lake from the home's folder into a bucket, or back: every file is copied and compared before the catalogue, in one
transaction, says that the lake lies there. Until then it lies where it did; what was copied before an attempt was
stopped is not copied again.

Parts are read to their end before they are copied, and raw bytes held against the SHA-256 that they are named by: what
is damaged does not move. Into a bucket, each object is read back and its SHA-256 compared, and right before the
catalogue says anything all of them are looked for once more. Then the days are published, and the home's copies go, as
at any landing. Back, files come to `lake/moving` first. The bucket keeps what it holds: whoever reads it can end, and
its owner removes it.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from geo.files import settle
from pipeline.errors import InputError, SourceUnavailable
from pipeline.lake.bucket import Bucket, Place, Stored, size_of
from pipeline.lake.catalog import transaction
from pipeline.lake.damage import damaged, is_whole, reading
from pipeline.lake.handed_in import identify
from pipeline.lake.lease import writer
from pipeline.lake.published import KINDS, OWNER, SCHEMA, claim, see_owner

if TYPE_CHECKING:
    from pipeline.lake.lake import Lake

_T = TypeVar("_T")
_AT_ONCE = 8
_SCHEMA = """
create table if not exists move (url text not null, owner text not null);
create table if not exists moved (path text primary key, key text not null, content text not null) without rowid;
"""


class File(NamedTuple):
    """A file of the lake that moves: a part, or raw bytes.

    path    of a part its name in the catalogue, of raw bytes `raw/<sha256><suffix>`
    folder  of its key in a bucket
    stem    of its key, before the nonce; None where the key is the path: raw bytes
    rows    that a part holds
    content  identifies what it was made from
    """

    path: str
    folder: str
    stem: str | None
    rows: int | None
    content: str


class Moved(NamedTuple):
    """What was copied, or would be: parts, raw files, bytes; and how many files an earlier attempt had copied."""

    parts: int
    raw_files: int
    bytes: int
    before: int


def files_to_move(lake: Lake) -> list[File]:
    """The files of a lake that may lie in a bucket, in order."""
    parts = lake.catalog.execute(
        "select path, kind, day, source_file_id, coalesce(kept, rows), content_hash from part"
        f" left join pruned_part using (path) where kind in {KINDS} order by day, kind, path"
    )
    found = [File(path, f"{kind}/day={day}", file_id, *rest) for path, kind, day, file_id, *rest in parts]
    landed = {sha256 for (sha256,) in lake.catalog.execute("select sha256 from source_file")}
    if lake.bucket:
        keys = [
            key for (key,) in lake.catalog.execute("select key from bucket_key where key like 'raw/%' order by key")
        ]
    else:
        keys = [f"raw/{path.name}" for path in sorted(lake.raw.iterdir())] if lake.raw.is_dir() else []
    return found + [File(key, "raw", None, None, key) for key in keys if Path(key).name.partition(".")[0] in landed]


def count(lake: Lake, bucket: Bucket | None) -> Moved:
    """What would be copied into a bucket, or (None) into the home's folder.

    raises  as the move, for what can be seen without reading all files and writing to the bucket
    """
    if bucket:
        _see_target(lake, bucket)
    files = files_to_move(lake)
    raw = sum(file.stem is None for file in files)
    return Moved(len(files) - raw, raw, sum(_size(lake, file) for file in files), 0)


def to_bucket(lake: Lake, url: str, progress: Callable[[str], None]) -> Moved:
    """Move a lake out of the home's folder into a bucket.

    raises  InputError if the lake lies in another bucket, another home's lies there, or a file is gone or damaged;
            SourceUnavailable if the server does not answer, gives back other bytes than it got, or lost what it had
    """
    bucket = Bucket(url)
    with lake.landing_lock(progress):
        if lake.bucket == bucket:
            return Moved(0, 0, 0, 0)
        _see_target(lake, bucket)
        owner = _begin(lake.catalog, bucket)
        with writer(bucket, progress) as lease:
            files = [_as_it_lies(lake, file) for file in files_to_move(lake)]
            _forget_lost(lake, bucket, files)
            moved = _upload(lake, bucket, files, progress)
            if lost := _forget_lost(lake, bucket, files):  # the home's copies go next: no note is trusted
                raise SourceUnavailable(
                    f"{bucket.url}: {lost:,} objects that were copied are gone or of another size; nothing moved: see "
                    "who removes them, and run the same command again"
                )
            lease.confirm()
            _switch(lake.catalog, bucket, owner)
    with lake.landing_lock(progress):  # publishes the days, and removes what lies in the bucket now from the home
        return moved


def _see_target(lake: Lake, bucket: Bucket) -> None:
    if lake.bucket:
        raise InputError(f"{lake.home}: its lake lies in {lake.bucket.url}; move it to `home` first")
    noted = lake.catalog.execute("select 1 from sqlite_master where name = 'move'").fetchone()
    row = lake.catalog.execute("select owner from move where url = ?", [bucket.url]).fetchone() if noted else None
    see_owner(bucket, row and str(row[0]))


def _begin(catalog: sqlite3.Connection, bucket: Bucket) -> str:
    """Note where a lake shall lie, and as whose; what was copied elsewhere is forgotten, and what was copied to a
    folder that is no more this home's."""
    catalog.executescript(SCHEMA + _SCHEMA)
    known = dict(catalog.execute("select url, owner from move").fetchall())
    owner = known.get(bucket.url) or uuid.uuid4().hex
    with transaction(catalog):
        if bucket.url not in known:
            for table in ("move", "moved", "bucket_key", "published_day"):
                catalog.execute(f"delete from {table}")
            catalog.execute("insert into move values (?, ?)", [bucket.url, owner])
    if bucket.read(OWNER) is None:
        catalog.execute("delete from moved")
    claim(bucket, owner, new=True)
    return owner


def _as_it_lies(lake: Lake, file: File) -> File:
    """A file of the home, its content told by what lies there: pruning, and landing the same bytes again, change what a
    part holds and not what it was made from."""
    place = _place(lake, file)
    assert isinstance(place, Path)
    with reading(place):
        found = place.stat()
    return file._replace(content=f"{file.content} {file.rows} {found.st_size} {found.st_mtime_ns}")


def _forget_lost(lake: Lake, bucket: Bucket, files: Sequence[File]) -> int:
    """Forget what is noted as copied and is not in the bucket as large as it lies in the home; tell how many files."""
    noted = lake.catalog.execute("select path, content, key from moved").fetchall()
    expected = {(file.path, file.content): _size(lake, file) for file in files}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        sizes = pool.map(bucket.size, [key for _, _, key in noted])
        lost = [
            [path]
            for (path, content, _), size in zip(noted, sizes, strict=True)
            if size is None or size != expected.get((path, content))
        ]
    with transaction(lake.catalog):
        lake.catalog.executemany("delete from moved where path = ?", lost)
    return len(lost)


def _upload(lake: Lake, bucket: Bucket, files: Sequence[File], progress: Callable[[str], None]) -> Moved:
    done = {path for (path,) in lake.catalog.execute("select path from moved")}
    left = [(file, _key(file)) for file in files if file.path not in done]

    def send(one: tuple[File, str]) -> int:
        file, key = one
        place = _place(lake, file)
        assert isinstance(place, Path)
        with reading(place):
            sent = identify(place)
        _see_whole(file, place, sent[0])
        bucket.upload(key, place)
        if identify(Stored(bucket, key)) != sent:
            raise SourceUnavailable(
                f"{bucket.url}/{key}: other bytes came back than were sent; nothing moved, try again"
            )
        return sent[1]

    size = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for some in _chunks(left):
            progress(f"copying: {len(done):,} of {len(files):,} files")
            with transaction(lake.catalog):  # noted before they are used
                lake.catalog.executemany(
                    "insert or ignore into bucket_key (key) values (?)", [[key] for _, key in some]
                )
            size += sum(pool.map(send, some))
            with transaction(lake.catalog):
                rows = [[file.path, key, file.content] for file, key in some]
                lake.catalog.executemany("insert or replace into moved values (?, ?, ?)", rows)
            done |= {file.path for file, _ in some}
    raw = sum(file.stem is None for file, _ in left)
    return Moved(len(left) - raw, raw, size, len(files) - len(left))


def _see_whole(file: File, place: Path, sha256: str) -> None:
    if file.rows is None:
        if sha256 != place.name.partition(".")[0]:
            raise damaged(place, "other bytes than its name says")
    elif not is_whole(place, file.rows):
        raise damaged(place, f"expected {file.rows:,} rows")


def _switch(catalog: sqlite3.Connection, bucket: Bucket, owner: str) -> None:
    with transaction(catalog):
        catalog.execute("pragma defer_foreign_keys = on")
        for table in ("part", "pruned_part"):
            catalog.execute(
                f"update {table} set path = (select key from moved where moved.path = {table}.path)"
                " where path in (select path from moved)"
            )
        catalog.execute("delete from bucket")
        catalog.execute("insert into bucket values (?, ?)", [bucket.url, owner])
        catalog.execute("delete from moved")
        catalog.execute("delete from move")


def to_home(lake: Lake, progress: Callable[[str], None]) -> Moved:
    """Move a lake out of a bucket into the home's folder; the bucket keeps what it holds.

    raises  InputError if an object is gone or damaged; SourceUnavailable if the server does not answer; OSError of the
            disk
    """
    with lake.landing_lock(progress):
        if lake.bucket is None:
            return Moved(0, 0, 0, 0)
        aside = lake.root / "moving"
        files = files_to_move(lake)
        left = [file for file in files if not (aside / file.path).exists()]
        size, done = 0, len(files) - len(left)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for some in _chunks(left):
                progress(f"copying: {done:,} of {len(files):,} files")
                size += sum(pool.map(lambda file: _fetch(lake, file, aside), some))
                done += len(some)
        assert lake.remote is not None
        lake.remote.sent(())  # still the writer
        for file in files:
            target = lake.root / file.path if file.stem else lake.home / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            settle(aside / file.path, target)
        with transaction(lake.catalog):
            for table in ("bucket", "bucket_key", "published_day"):
                lake.catalog.execute(f"delete from {table}")
        lake.leave_bucket()
        shutil.rmtree(aside, ignore_errors=True)
    raw = sum(file.stem is None for file in left)
    return Moved(len(left) - raw, raw, size, len(files) - len(left))


def _fetch(lake: Lake, file: File, aside: Path) -> int:
    """Copy an object aside, whole and compared, or not at all."""
    place, target = _place(lake, file), aside / file.path
    assert isinstance(place, Stored)
    draft = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    with reading(place):
        place.bucket.download(place.key, draft)
    whole = is_whole(draft, file.rows) if file.stem else identify(draft)[0] == target.name.partition(".")[0]
    if not whole:
        draft.unlink()
        raise InputError(f"{place} is damaged; landing the file again that it came from mends it, then move the lake")
    settle(draft, target)
    return target.stat().st_size


def _place(lake: Lake, file: File) -> Place:
    if lake.bucket:
        return Stored(lake.bucket, file.path)
    return lake.root / file.path if file.stem else lake.home / file.path


def _size(lake: Lake, file: File) -> int:
    place = _place(lake, file)
    with reading(place):
        return size_of(place)


def _key(file: File) -> str:
    return f"{file.folder}/{file.stem}-{uuid.uuid4().hex[:12]}.parquet" if file.stem else file.path


def _chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for n in range(0, len(items), 8 * _AT_ONCE):
        yield items[n : n + 8 * _AT_ONCE]
