"""Task: a home and its warehouse into a folder of backups, as they are between two runs.

Each backup is a folder, whole in itself. A file that is as the backup before it has it is linked, not copied,
so that a backup a night costs what changed. It gets its name when all of it is on the disk.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo.files import DRAFT
from pipeline.errors import InputError
from pipeline.lake.disk import disk_failures, one_writer
from pipeline.lake.inventory import CATALOG, HomeFile, home_files, source_files
from pipeline.state.glance import glance
from pipeline.tasks import backup_manifest
from pipeline.tasks.backup_manifest import HOME, Kept, Manifest, read_manifest, sha256_of, write_manifest
from pipeline.tasks.home import see_home
from pipeline.version import VERSION
from pipeline.warehouse.dump import Dump, copy_sqlite, dump
from pipeline.warehouse.reader import open_reader

if TYPE_CHECKING:
    from pipeline.plain import Record
    from pipeline.settings import Settings

_BLOCK = 1 << 20
_NOTHING = "nothing of this backup is kept; free some space and run the same command again"


def make_backup(
    settings: Settings, target: Path, *, now: datetime, progress: Callable[[str], None], with_lake: bool = False
) -> Record:
    """Add a backup to the folder `target`, which is made if need be; a run or a landing under way is waited for, and
    one that begins meanwhile waits.

    now        wall clock, with time zone: the backup's name
    with_lake  also positions, reports and raw files; otherwise the manifest tells how to land them again
    returns    backup (its folder), and what `told` says
    raises     InputError where there is nothing to keep, the warehouse is not this home's, `target` lies in the home or
               holds another home's backups; and, once the backup is made, if files of the lake are gone or damaged;
               SourceUnavailable if a disk or a server fails
    """
    home, target = settings.home.resolve(), target.resolve()
    _see_home(home, target)
    with disk_failures(target, _NOTHING):
        target.mkdir(parents=True, exist_ok=True)
        with one_writer(home, "writer.lock", progress), one_writer(home, "landing.lock", progress):
            before = _before(home, target)
            folder = target / f"{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
            if folder.exists():
                raise InputError(f"{folder} is there already; wait a second and run the same command again")
            with drafted(folder, "[0-9]*Z") as draft:
                manifest = _write(settings, home, draft, before, with_lake=with_lake, now=now, progress=progress)
    wrong = [one for one in manifest.not_kept if one.why_not not in ("left out", "pruned")]
    if wrong:
        raise InputError(
            f"{folder} is made, but {len(wrong)} files of the lake are gone or damaged and not in it, like "
            f"{wrong[0].path}; `coalwatch restore {folder} --verify` says what to land again"
        )
    return {"backup": str(folder), **told(manifest)}


def plan_backup(settings: Settings, target: Path, *, with_lake: bool = False) -> Record:
    """What `make_backup` would keep; nothing is written.

    raises  InputError as far as it shows before
    """
    home = settings.home.resolve()
    _see_home(home, target.resolve())
    _before(home, target)
    open_reader(settings.database_url).close()
    wanted = [home / one.path for one in home_files(home) if with_lake or one.kind == "state"]
    sizes = [path.stat().st_size for path in (*wanted, home / CATALOG) if path.is_file()]
    return {"target": str(target), "files": len(sizes) + 1, "bytes": sum(sizes)}


def told(manifest: Manifest) -> Record:
    """What people want to know of a backup: when it was made and of what, files, bytes, rows, and what is not in it."""
    return {
        "made_at": manifest.made_at,
        "home": manifest.home,
        "warehouse": manifest.warehouse.engine,
        "files": len(manifest.kept),
        "bytes": sum(one.bytes or 0 for one in manifest.kept),
        **manifest.counts,
        "left_out": len(manifest.not_kept),
        "pruned": sum(one.why_not == "pruned" for one in manifest.not_kept),
        "to_land": manifest.to_land(),
    }


def backups_in(target: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    return sorted(path.parent for path in target.glob(f"[0-9]*/{backup_manifest.NAME}"))


@contextmanager
def drafted(folder: Path, kin: str | None = None) -> Iterator[Path]:
    """A folder to be filled beside `folder`, whose name it gets at the end, its bytes on the disk; on any error nothing
    of it stays.

    kin  pattern of the names of folders whose drafts are removed, if who was writing them was killed; otherwise its own
    """
    for left in folder.parent.glob(f".{kin or glob.escape(folder.name)}.*{DRAFT}"):
        if not _is_alive(left.name.split(".")[-2]):
            shutil.rmtree(left, ignore_errors=True)
    draft = folder.parent / f".{folder.name}.{os.getpid()}{DRAFT}"
    try:
        draft.mkdir()
        yield draft
        os.sync()
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def copied(source: Path, target: Path) -> str:
    """Copy a file; give its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as origin, target.open("wb") as copy:
        while block := origin.read(_BLOCK):
            digest.update(block)
            copy.write(block)
    return digest.hexdigest()


# ------------------------------------------------------------------------------------------------------------ inside


def _see_home(home: Path, target: Path) -> None:
    see_home(home)
    if target == home or home in target.parents:
        raise InputError(f"{target} lies in the home, and would be lost with it; expected a folder elsewhere")


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:  # another user's
        return True
    return int(process) != os.getpid()


def _before(home: Path, target: Path) -> tuple[Path, Manifest] | None:
    """The last backup there, if it can be read.

    raises  InputError if it is another home's
    """
    for folder in reversed(backups_in(target)):
        with suppress(InputError):
            manifest = read_manifest(folder)
            break
    else:
        return None
    lake = glance(home)
    if lake and None not in (lake.home_id, manifest.home_id) and lake.home_id != manifest.home_id:
        raise InputError(
            f"{target} holds backups of another home ({manifest.home}); expected a folder of this one's own"
        )
    return folder, manifest


def _write(
    settings: Settings,
    home: Path,
    draft: Path,
    before: tuple[Path, Manifest] | None,
    *,
    with_lake: bool,
    now: datetime,
    progress: Callable[[str], None],
) -> Manifest:
    progress("the warehouse")
    warehouse = dump(settings.database_url, draft)
    lake = glance(home)
    if lake is None or (lake.stamps is not None and warehouse.stamp not in lake.stamps):
        raise InputError(
            f"the warehouse is not what home {home} derived: the two would be no backup of each other; "
            "`coalwatch run` fills it from the lake"
        )
    progress("what runs know")
    (draft / HOME / CATALOG).parent.mkdir(parents=True)
    copy_sqlite(home / CATALOG, draft / HOME / CATALOG)
    own = [(warehouse.file, "warehouse"), (f"{HOME}/{CATALOG}", "state")]
    files = [_of_now(draft, path, kind) for path, kind in own]
    known = {one.path: one for one in before[1].files} if before else {}
    for nth, one in enumerate(found := home_files(home)):
        progress(f"files of the home: {nth:,} of {len(found):,}")
        files.append(_keep(one, home, draft, before and before[0], known, wanted=with_lake or one.kind == "state"))
    manifest = Manifest(
        VERSION, now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), str(home), lake.home_id,
        with_lake, warehouse, _counts(settings, warehouse), files, source_files(home),
    )  # fmt: skip
    write_manifest(draft, manifest)
    return manifest


def _keep(
    one: HomeFile, home: Path, draft: Path, before: Path | None, known: Mapping[str, Kept], *, wanted: bool
) -> Kept:
    """Put a file of the home into the backup, if it is wanted there, and say what it is."""
    source, path = home / one.path, f"{HOME}/{one.path}"
    try:
        status = source.stat()
    except FileNotFoundError:
        return Kept(path, one.kind, None, None, None, "pruned" if one.pruned else "gone", one.source_file_id)
    about = status.st_size, status.st_mtime_ns
    last = known.get(path)
    same = last if last and (last.bytes, last.modified_ns) == about else None
    named = source.name.partition(".")[0] if one.kind == "raw" else None  # a raw file's name is the hash of its bytes
    if not wanted:
        sha256 = named or (same and same.sha256) or sha256_of(source)
        return Kept(path, one.kind, *about, sha256, "left out", one.source_file_id)
    if same and same.why_not is None and before and _linked(before / path, draft / path, status.st_size):
        return Kept(path, one.kind, *about, same.sha256, None, one.source_file_id)
    sha256 = copied(source, draft / path)
    if named not in (None, sha256):
        (draft / path).unlink()
        return Kept(path, one.kind, *about, named, "damaged", one.source_file_id)
    return Kept(path, one.kind, *about, sha256, None, one.source_file_id)


def _linked(before: Path, target: Path, size: int) -> bool:
    """Whether `target` could be made another name of the file that the backup before holds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if before.stat().st_size != size:
            return False
        os.link(before, target)
    except OSError:  # gone there, or a disk that knows no links
        return False
    return True


def _of_now(draft: Path, path: str, kind: str) -> Kept:
    status = (draft / path).stat()
    return Kept(path, kind, status.st_size, status.st_mtime_ns, sha256_of(draft / path))


def _counts(settings: Settings, warehouse: Dump) -> dict[str, int]:
    """Rows of what people look for first; of a warehouse of an older schema they are not asked for."""
    with suppress(InputError, sqlite3.Error), open_reader(settings.database_url) as opened:
        return {
            f"{name}s": int(opened.rows(f"select count(*) as n from {name}")[0]["n"]) for name in ("alert", "review")
        }
    return {}
