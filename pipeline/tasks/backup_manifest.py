"""What a backup says of itself: `manifest.json`, one line per file, and `manifest.json.sha256`, which vouches for it.

BACKUP/manifest.json           what follows; its own SHA-256 stands in manifest.json.sha256 (for `sha256sum -c` too)
BACKUP/warehouse.sqlite        or warehouse.pgdump
BACKUP/home/…                  files of the home, each under its own path
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from geo.files import write_whole
from pipeline.errors import InputError
from pipeline.warehouse.dump import Dump

FORMAT = 1
NAME, SUM = "manifest.json", "manifest.json.sha256"
HOME = "home"


@dataclass(frozen=True)
class Kept:
    """One file: where it lies in the backup (`home/` and its path in the home), how large it is, when it changed
    (nanoseconds since 1970), its SHA-256, and why it is not in the backup: None if it is, else `left out`, `pruned` (by
    the home), `gone` (the home lacked it) or `damaged` (its bytes were no longer those that landed)."""

    path: str
    kind: str
    bytes: int | None
    modified_ns: int | None
    sha256: str | None
    why_not: str | None = None
    source_file_id: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A backup.

    made_at       UTC, ISO 8601
    home          where the home lay
    home_id       its id; null before its first run
    with_lake     whether parts and raw files are in it
    counts        rows of some tables of the warehouse: alerts, reviews
    source_files  every landed file that stands (`lake.inventory.source_files`): what to land again where the lake is
                  not in the backup
    """

    coalwatch: str
    made_at: str
    home: str
    home_id: str | None
    with_lake: bool
    warehouse: Dump
    counts: dict[str, int]
    files: list[Kept] = field(repr=False)
    source_files: list[dict[str, Any]] = field(repr=False)

    @property
    def kept(self) -> list[Kept]:
        """The files that are in the backup."""
        return [one for one in self.files if one.why_not is None]

    @property
    def not_kept(self) -> list[Kept]:
        """The files of the lake that are not."""
        return [one for one in self.files if one.why_not is not None]

    def to_land(self) -> list[dict[str, Any]]:
        """Landed files of which something is not in the backup, each with the command that lands it again."""
        wanting = {one.source_file_id for one in self.not_kept}
        return [
            {**one, "command": _command(one)} for one in self.source_files if one["source_file_id"] in wanting
        ]  # fmt: skip


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest into a backup's folder, then its sum."""
    parts = {"format": FORMAT} | {
        name: value for name, value in asdict(manifest).items() if not isinstance(value, list)
    }
    lines = [f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in parts.items()]
    for name in ("files", "source_files"):
        rows = asdict(manifest)[name]
        lines.append(
            f' "{name}": [\n' + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in rows) + "\n ]"
        )
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    write_whole(folder / NAME, text, durable=True)
    write_whole(folder / SUM, f"{hashlib.sha256(text.encode()).hexdigest()}  {NAME}\n", durable=True)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    raises  InputError if there is none, it is damaged, or a newer coalwatch wrote it
    """
    try:
        data = (folder / NAME).read_bytes()
        vouched = (folder / SUM).read_text(encoding="utf-8").split()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{error.filename}: no such file; expected a folder that `coalwatch backup` wrote") from None
    except UnicodeDecodeError:
        vouched = []
    if vouched[:1] != [hashlib.sha256(data).hexdigest()]:
        raise InputError(f"{folder / NAME} is damaged: it is not what {SUM} vouches for; take another backup")
    try:
        found = json.loads(data)
        if found.pop("format") > FORMAT:
            raise InputError(
                f"{folder}: a backup of coalwatch {found['coalwatch']}, newer than this one; install that one"
            )
        files = [Kept(**one) for one in found.pop("files")]
        manifest = Manifest(warehouse=Dump(**found.pop("warehouse")), files=files, **found)
        wrong = [one for one in manifest.kept if not isinstance(one.bytes, int)]
        if wrong or manifest.warehouse.file not in {one.path for one in manifest.kept}:
            raise ValueError("a file without its size" if wrong else "the warehouse is not among its files")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder / NAME} is no manifest of a backup ({error}); take another backup") from None
    for one in files:
        path = PurePosixPath(one.path)
        inside = path.parts[:1] == (HOME,) or one.path == manifest.warehouse.file
        if not inside or ".." in path.parts:
            raise InputError(f"{folder / NAME}: a file lies at {one.path}; expected a path inside the backup")
    return manifest


def damages(folder: Path, manifest: Manifest) -> Iterator[tuple[Kept, str | None]]:
    """Each file that the backup holds, once it was read, and what is wrong with it (None: nothing)."""
    for one in manifest.kept:
        yield one, _damage(folder / one.path, one)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damage(path: Path, one: Kept) -> str | None:
    try:
        size = path.stat().st_size
        if size != one.bytes:
            return f"has {size:,} bytes, expected {one.bytes:,}"
        return None if sha256_of(path) == one.sha256 else "holds other bytes than were backed up"
    except FileNotFoundError:
        return "is gone"


def _command(source_file: dict[str, Any]) -> str:
    options = " --synthetic" * bool(source_file["synthetic"])
    options += f" --date {source_file['base_date']}" if source_file["base_date"] else ""
    return f"coalwatch ingest {shlex.quote(source_file['source'])} {shlex.quote(source_file['name'])}{options}"
