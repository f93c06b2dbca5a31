"""Task: a home and its warehouse from a backup: all of it or nothing, and only where nothing is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo.files import DRAFT
from pipeline.errors import InputError, SourceUnavailable
from pipeline.lake.disk import disk_failures
from pipeline.settings import Settings
from pipeline.tasks.backup import backups_in, copied, drafted, told
from pipeline.tasks.backup_manifest import HOME, NAME, Manifest, damages, read_manifest
from pipeline.tasks.warehouse_stamp import ask_filled
from pipeline.warehouse import dump
from pipeline.warehouse.engine import address, sqlite_path
from pipeline.warehouse.sqlite_file import head

if TYPE_CHECKING:
    from pipeline.plain import Record

_NOTHING = "nothing was restored; free some space and run the same command again"
_LAST = "lake"  # of a home's folders: what has one is a home


def verify_backup(backup: Path, progress: Callable[[str], None]) -> Record:
    """Read every file of a backup and compare it with the manifest; nothing is written.

    backup   a backup's folder, or the folder of backups, of which the newest counts
    returns  backup (its folder), and what `backup.told` says
    raises   InputError naming what is damaged
    """
    folder = _find(backup)
    return {"backup": str(folder), **told(_verified(folder, progress))}


def plan_restore(settings: Settings, backup: Path, progress: Callable[[str], None]) -> Record:
    """As `verify_backup`, and see that there is room for it; nothing is written.

    raises  InputError as `restore`
    """
    found = verify_backup(backup, progress)
    _see_room(settings, read_manifest(Path(found["backup"])))
    return found | {"home": str(settings.home), "was": found["home"]}


def restore(settings: Settings, backup: Path, progress: Callable[[str], None]) -> Record:
    """Make the home and the warehouse of a backup. Every file is compared with the manifest before anything is written,
    and again as it is copied.

    returns  as `plan_restore`
    raises   InputError if the backup is damaged, the home holds something, or the warehouse's place is not empty or of
             another engine; SourceUnavailable if a disk or a server fails
    """
    folder = _find(backup)
    manifest = _verified(folder, progress)
    there = _see_room(settings, manifest)
    home = settings.home.resolve()
    with disk_failures(home, _NOTHING), _new_home(home) as draft:
        for nth, one in enumerate(manifest.kept):
            if one.kind == "warehouse":
                continue
            progress(f"files of the home: {nth:,} of {len(manifest.kept):,}")
            if copied(folder / one.path, draft / Path(one.path).relative_to(HOME)) != one.sha256:
                raise SourceUnavailable(
                    f"{folder / one.path} changed while it was read; nothing was restored, try again"
                )
        progress("the warehouse")
        place = Settings(home=draft, warehouse_url=_within(settings, home, draft))
        if not there:
            dump.restore(manifest.warehouse, folder / manifest.warehouse.file, place.database_url)
        if manifest.warehouse.revision == head():
            ask_filled(place).close()
    return {"backup": str(folder), **told(manifest), "home": str(settings.home), "was": manifest.home}


def _find(backup: Path) -> Path:
    if (backup / NAME).is_file():
        return backup
    return (backups_in(backup) or [backup])[-1]


def _verified(folder: Path, progress: Callable[[str], None]) -> Manifest:
    manifest = read_manifest(folder)
    wrong: dict[str, str] = {}
    for nth, (one, damage) in enumerate(damages(folder, manifest), 1):
        progress(f"comparing with the manifest: {nth:,} of {len(manifest.kept):,}")
        if damage:
            wrong[one.path] = damage
    if wrong:
        more = f", and {len(wrong) - 1} more files" if len(wrong) > 1 else ""
        earlier = [path.name for path in backups_in(folder.parent) if path.name != folder.name]
        others = [name for name in earlier if not any(_is_shared(folder, folder.parent / name, one) for one in wrong)]
        instead = "take another backup" + (f" ({', '.join(others[-3:])})" if others else "")
        if len(others) < len(earlier):  # and the next one would link it too
            instead += (
                f"; where the home is still there, remove {next(iter(wrong))} there: the next backup copies it anew"
            )
        path, damage = next(iter(wrong.items()))
        raise InputError(f"{folder} is damaged: {path} {damage}{more}; nothing was written, {instead}")
    return manifest


def _is_shared(folder: Path, other: Path, path: str) -> bool:
    """Whether two backups hold one file between them, so that damage to it is in both."""
    try:
        return (folder / path).samefile(other / path)
    except OSError:
        return False


def _see_room(settings: Settings, manifest: Manifest) -> bool:
    """See that home and warehouse can be made; whether the warehouse is there, as a stopped attempt left it."""
    home = settings.home
    if home.exists() and not home.is_dir():
        raise InputError(f"{home} is no folder; expected --home of a folder that is empty or not there yet")
    held = sorted(path.name for path in home.iterdir() if not _is_nothing(path)) if home.is_dir() else []
    if held:
        some = ", ".join(held[:3]) + " …" * (len(held) > 3)
        raise InputError(f"home {home} holds {some}; expected --home of a folder that is empty or not there yet")
    return dump.see_room(manifest.warehouse, settings.database_url)


def _is_nothing(path: Path) -> bool:
    return path.name == "lost+found" or (path.name.startswith(".") and path.name.endswith(DRAFT))


@contextmanager
def _new_home(home: Path) -> Iterator[Path]:
    """A folder to be filled, that becomes the home at the end, or is gone on any error."""
    if not os.path.ismount(home):
        home.parent.mkdir(parents=True, exist_ok=True)
        with drafted(home) as draft:
            yield draft
        return
    with drafted(home / HOME) as draft:  # a volume of its own: no folder beside it is on the same disk
        yield draft
    made = home / HOME
    for path in sorted(made.iterdir(), key=lambda one: one.name == _LAST):
        path.rename(home / path.name)
    shutil.rmtree(made)


def _within(settings: Settings, home: Path, draft: Path) -> str:
    """The warehouse's address, of a file in the home while that is not in its place yet."""
    path = sqlite_path(address(settings.database_url))
    if path is None or home not in path.resolve().parents:
        return settings.warehouse_url
    return f"sqlite:///{draft / path.resolve().relative_to(home)}"
