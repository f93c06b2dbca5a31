"""A lake in a bucket: what lies there, and how a UTC day becomes visible to whoever reads the bucket alone.

    positions/day=YYYY-MM-DD/<source_file_id>-<nonce>.parquet        parts: each under a key that was never used
    vessel_reports/day=YYYY-MM-DD/<source_file_id>-<nonce>.parquet
    raw/<sha256><suffix>                                             bytes as received
    days/YYYY-MM-DD.json                                             the day's manifest: which parts it is made of
    lake.json, writer.json                                           whose lake this is; who writes (`lease`)

The home's catalogue stays the truth, and what is small stays in the home. A landing uploads its parts, names them in
the catalogue in one transaction, and then publishes the manifest of each day that changed: one write, on condition that
the manifest there is the one that this home published last. Killed in between, the next landing publishes; what
somebody else published is never written over. Keys are noted before they are used and removed a day after nothing names
them: no listing is needed to find what may go, and who began to read a day can end.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import uuid
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import CoalwatchError, InputError
from pipeline.lake.bucket import Bucket, Found
from pipeline.lake.catalog import insert, transaction
from pipeline.lake.lease import Lease

log = logging.getLogger(__name__)
KINDS = ("positions", "vessel_reports")  # of parts that lie in the bucket
KEPT_DAYS = 1  # of what no manifest names any more
_FORM = 1  # of manifests: a reader of another one refuses them
OWNER = "lake.json"
_AT_ONCE = 8  # uploads
SCHEMA = """
create table if not exists bucket (url text not null, owner text not null);
create table if not exists bucket_key (key text primary key, unused_since text) without rowid;
create table if not exists published_day (
    day text primary key, content text not null, version integer not null, etag text not null
) without rowid;
"""


def bucket_of(catalog: sqlite3.Connection) -> Bucket | None:
    """The bucket in which the lake of a catalogue lies; None where it lies in the home's folder."""
    if not catalog.execute("select 1 from sqlite_master where name = 'bucket'").fetchone():
        return None
    row = catalog.execute("select url from bucket").fetchone()
    return Bucket(row[0]) if row else None


def raw_key(catalog: sqlite3.Connection, sha256: str) -> str | None:
    """The key of the bytes of a file in the bucket; None where they were not sent there."""
    ask = "select key from bucket_key where key >= ?1 and key < ?1 || '~'"
    row = catalog.execute(ask, [f"raw/{sha256}"]).fetchone()
    return row and str(row[0])


def choose_bucket(catalog: sqlite3.Connection, home: Path, url: str) -> Bucket | None:
    """The bucket in which a lake lies from now on: the one that it lies in, or the one asked for if nothing has landed.

    url     empty: none is asked for
    raises  InputError if the lake lies elsewhere already, or another home's lies there
    """
    known = bucket_of(catalog)
    if url and known != Bucket(url):
        lies = known.url if known else f"{home / 'lake'}" if _has_landed(catalog) else ""
        if lies:
            raise InputError(
                f"{home}: its lake lies in {lies}, not in {url}; leave COALWATCH_LAKE empty, `coalwatch move` it, or "
                "give another --home"
            )
        known = Bucket(url)
        catalog.executescript(SCHEMA)
        with transaction(catalog):
            catalog.execute("insert into bucket values (?, ?)", [known.url, uuid.uuid4().hex])
    if known is not None:
        _own(catalog, known)
    return known


def _has_landed(catalog: sqlite3.Connection) -> bool:
    return catalog.execute("select 1 from source_file").fetchone() is not None


def _own(catalog: sqlite3.Connection, bucket: Bucket) -> None:
    (owner,) = catalog.execute("select owner from bucket").fetchone()
    new = not _has_landed(catalog)
    try:
        claim(bucket, owner, new=new)
    except InputError:
        if new:
            catalog.execute("delete from bucket")  # another one may be asked for
        raise


def claim(bucket: Bucket, owner: str, *, new: bool) -> None:
    """Make a folder of a bucket a home's own, or see that it is.

    new     nothing there is named by this home's catalogue yet: see first that the server is fit for it
    raises  InputError if the lake of another home lies there, or the server does not write on condition
    """
    if new:
        _see_conditions(bucket)
    if bucket.create(OWNER, json.dumps({"form": _FORM, "owner": owner}).encode()) is None:
        raise _of_another(bucket)


def see_owner(bucket: Bucket, owner: str | None) -> None:
    """See, by reading alone, that `claim` would find no lake of another home.

    raises  InputError if one lies there
    """
    found = bucket.read(OWNER)
    if found and _told(found).get("owner") != owner:
        raise _of_another(bucket)


def _of_another(bucket: Bucket) -> InputError:
    return InputError(
        f"{bucket.url}: the lake of another home lies there, or one that this home left; expected a folder of its own"
    )


def _see_conditions(bucket: Bucket) -> None:
    """See that the server writes on condition: one that takes no notice would let two writers undo each other's work.

    raises  InputError
    """
    key = f"trial-{uuid.uuid4().hex}.json"
    bucket.create(key, b"first")
    kept = bucket.create(key, b"second") is None and bucket.swap(key, b"third", f'"{"0" * 32}"') is None
    bucket.delete([key])
    if not kept:
        raise InputError(
            f"{bucket.url}: its server takes no notice of If-None-Match and If-Match on PUT; expected one that does"
        )


class BucketWriter:
    """What a landing writes to a bucket, whose lease it holds."""

    def __init__(self, catalog: sqlite3.Connection, bucket: Bucket, lease: Lease) -> None:
        self._catalog, self._bucket, self._lease = catalog, bucket, lease
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._sending: list[Future[None]] = []

    def send_part(self, kind: str, day: str, source_file_id: str, path: Path) -> str:
        """Begin to upload a part; give its key."""
        key = f"{kind}/day={day}/{source_file_id}-{uuid.uuid4().hex[:12]}.parquet"
        self._send(key, path)
        return key

    def send_raw(self, path: Path) -> None:
        """Begin to upload raw bytes, a file named by their hash; what is there under their name may be damaged."""
        self._send(f"raw/{path.name}", path)

    def _send(self, key: str, path: Path) -> None:
        self._catalog.execute("insert or ignore into bucket_key (key) values (?)", [key])
        self._sending.append(self._pool.submit(self._bucket.upload, key, path))

    def sent(self, days: Collection[str]) -> None:
        """Wait for what was begun, and see that this process is still the writer, and that UTC days are as this home
        published them last: now a catalogue may name what was sent.

        raises  SourceUnavailable if an upload failed, or another process took over; InputError as `publish`
        """
        sending, self._sending = self._sending, []
        for one in sending:
            one.result()
        noted = dict(self._catalog.execute("select day, etag from published_day").fetchall())
        for day in sorted(days):
            found = self._bucket.read(f"days/{day}.json")
            if (found and found.etag) != noted.get(day):
                raise self._published_by_another(day, found)
        self._lease.confirm()

    def publish(self, days: Collection[str] | None = None) -> None:
        """Let readers of the bucket see UTC days as the catalogue has them; None: whatever days they do not yet.

        raises  InputError if another copy of this home published one, SourceUnavailable if nothing answers
        """
        for day, (content, parts) in sorted(_due(self._catalog, days).items()):
            self._publish(day, content, parts)

    def _publish(self, day: str, content: str, parts: list[dict[str, Any]]) -> None:
        known = self._catalog.execute("select version, etag from published_day where day = ?", [day]).fetchone()
        version, etag = known or (0, None)
        key = f"days/{day}.json"
        body = json.dumps(
            {
                "form": _FORM, "day": day, "version": version + 1, "content": content, "nonce": uuid.uuid4().hex,
                "published_at": datetime.now(UTC).isoformat(timespec="seconds"), "parts": parts,
                "files": _files(self._catalog, {part["source_file_id"] for part in parts}),
                "pruned": _pruned(self._catalog, day),
            }, indent=1,
        ).encode()  # fmt: skip
        new = self._bucket.create(key, body) if etag is None else self._bucket.swap(key, body, etag)
        if new is None:  # written before this process was killed, or by another copy of the home
            found = self._bucket.read(key)
            other = _told(found)
            if found is None or (other.get("content"), other.get("version")) != (content, version + 1):
                raise self._published_by_another(day, found)
            new = found.etag
        row = {"day": day, "content": content, "version": version + 1, "etag": new}
        insert(self._catalog, "published_day", [row])

    def _published_by_another(self, day: str, found: Found | None) -> InputError:
        return InputError(
            f"{self._bucket.url}/days/{day}.json: another copy of this home published {day} "
            f"({_told(found).get('published_at', 'it is gone')}); go on with that one, or with its newest backup"
        )

    def sweep(self) -> None:
        """Remove what no part and no landed file names since a day, and note what is named no more."""
        used = (
            "key in (select path from part) or key in"
            " (select bucket_key.key from bucket_key join source_file on substr(bucket_key.key, 5, 64) = sha256)"
        )
        self._catalog.execute(f"update bucket_key set unused_since = null where {used}")
        self._catalog.execute(
            f"update bucket_key set unused_since = datetime() where unused_since is null and not ({used})"
        )
        gone = self._catalog.execute(
            "select key from bucket_key where unused_since <= datetime('now', ?)", [f"-{KEPT_DAYS} days"]
        )
        keys = [key for (key,) in gone]
        if keys:
            try:
                self._lease.confirm()  # whoever took over may name them again
                self._bucket.delete(keys)
            except CoalwatchError as error:  # what landed has landed; they go another time
                log.warning("%d objects that nothing names could not be removed: %s", len(keys), error)
                return
            self._catalog.executemany("delete from bucket_key where key = ?", [[key] for key in keys])

    def let_go(self, keys: Sequence[str]) -> None:
        """Remove objects at once that no manifest names: raw bytes.

        raises  SourceUnavailable if another process took over; as `Bucket`
        """
        self._lease.confirm()
        self._bucket.delete(keys)
        self._catalog.executemany("delete from bucket_key where key = ?", [[key] for key in keys])

    def close(self) -> None:
        """End what is under way; nothing names it."""
        self._pool.shutdown(cancel_futures=True)


def _told(found: Found | None) -> dict[str, Any]:
    try:
        told = json.loads(found.content) if found else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _due(catalog: sqlite3.Connection, among: Collection[str] | None) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """UTC days that are published as something else than they are, to the hash of what they are and their parts."""
    some = None if among is None else json.dumps(sorted(among))
    published = dict(catalog.execute("select day, content from published_day").fetchall())
    rows = catalog.execute(
        f"select day, path, kind, source_file_id, rows, content_hash from part where kind in {KINDS}"
        " and (?1 is null or day in (select value from json_each(?1))) order by day, kind, source_file_id, path",
        [some],
    )
    names = ("path", "kind", "source_file_id", "rows", "content_hash")
    parts: dict[str, list[dict[str, Any]]] = {day: [] for day in (published if among is None else among)}
    for day, *row in rows:
        parts.setdefault(day, []).append(dict(zip(names, row, strict=True)))
    hashes = {day: hashlib.sha256(json.dumps(of_day).encode()).hexdigest()[:16] for day, of_day in parts.items()}
    return {
        day: (hashes[day], of_day)
        for day, of_day in parts.items()
        if published.get(day) != hashes[day] and (of_day or day in published)
    }


def _files(catalog: sqlite3.Connection, source_file_ids: Collection[str]) -> list[dict[str, Any]]:
    cursor = catalog.execute(
        "select * from source_file where source_file_id in (select value from json_each(?)) order by source_file_id",
        [json.dumps(sorted(source_file_ids))],
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _pruned(catalog: sqlite3.Connection, day: str) -> list[dict[str, Any]]:
    """Parts of a UTC day of which some rows alone are kept: how many, and the bytes before."""
    names = ("path", "kept", "bytes")
    rows = catalog.execute(
        f"select {', '.join(names)} from pruned_part join part using (path) where day = ? order by path", [day]
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def read_published(
    bucket: Bucket, catalog: sqlite3.Connection, first: str | None = None, last: str | None = None
) -> None:
    """Put what a bucket's manifests say of UTC days, from a first to a last one, into an empty catalogue: of each day
    what it is made of at one moment.

    raises  InputError if no lake lies there, or a manifest is none of this coalwatch
    """
    if bucket.read(OWNER) is None:
        raise InputError(f"{bucket.url}: no lake of coalwatch lies there; expected the address that it was landed to")
    catalog.executescript(SCHEMA)
    names = _days(bucket, first, last)
    with ThreadPoolExecutor(_AT_ONCE) as pool, transaction(catalog):
        catalog.execute("insert into bucket values (?, '')", [bucket.url])
        for name, found in zip(names, pool.map(lambda name: bucket.read(f"days/{name}"), names), strict=True):
            manifest = _manifest(bucket, name, found.content if found else b"")
            known = {column[1] for column in catalog.execute("pragma table_info(source_file)")}
            files = [{name: value for name, value in row.items() if name in known} for row in manifest["files"]]
            insert(catalog, "source_file", [row | {"replaced_by_source_file_id": None} for row in files])
            insert(catalog, "part", [row | {"day": manifest["day"]} for row in manifest["parts"]])
            insert(catalog, "pruned_part", manifest.get("pruned", []))


def _days(bucket: Bucket, first: str | None, last: str | None) -> Sequence[str]:
    found = []
    for name in bucket.names("days", f"{first}." if first else ""):  # "." is before ".json": the day itself is in
        if last and name[:10] > last:
            break
        found.append(name)
    return found


def _manifest(bucket: Bucket, name: str, content: bytes) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(content)
        if manifest["form"] == _FORM:
            return manifest
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError(f"{bucket.url}/days/{name}: no manifest of form {_FORM}; read it with the coalwatch that wrote it")
