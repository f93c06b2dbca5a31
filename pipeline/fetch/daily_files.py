"""Files published once a UTC day at an address that follows from the day."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.catalogue import SourceSpec

if TYPE_CHECKING:
    from pipeline.settings import Settings

State = Literal["fetched", "there", "unchanged", "changed"]
_BEGINS = {".zip": b"PK", ".zst": b"\x28\xb5\x2f\xfd", ".gz": b"\x1f\x8b"}


@dataclass(frozen=True)
class DayFile:
    """A day's file: where it lies or will lie, its address (a mirror's may hold a password), and what became of it.

    state     fetched, there (from before), unchanged (fetched again, the same), changed (fetched again, another)
    replaces  source_file_id of the edition that was there before, if changed
    """

    day: date
    path: Path
    url: str
    state: State | None
    replaces: str | None = None


def place_of(spec: SourceSpec, settings: Settings, day: date) -> DayFile:
    """Where the file of a UTC day is published and will lie; nothing is asked of the server.

    raises  InputError for a day of which no address is known
    """
    rule = next((rule for rule in spec.files if rule.holds(day)), None)
    if rule is None:
        known = ", ".join(f"{rule.from_day} to {rule.to_day or 'today'} (exclusive)" for rule in spec.files)
        raise InputError(f"{spec.source}: no address is known for the file of {day}; known are days from {known}")
    url = f"{spec.address(settings)}/{rule.on(day)}"
    target = settings.landing / spec.source / url.rpartition("/")[2]
    return DayFile(day, target, url, "there" if target.exists() else None)


def fetch_file(
    spec: SourceSpec,
    settings: Settings,
    day: date,
    *,
    now: datetime,
    progress: Callable[[str], None],
    again: bool = False,
) -> DayFile:
    """The file of a UTC day, fetched into the source's landing folder unless it lies there.

    now     wall clock, noted with the address as the file's origin
    again   fetch a file that lies there too; another edition takes its place
    raises  InputError as `place_of`; SourceUnavailable if it is not published (yet), comes empty, torn or as something
            else, or the server gives up
    """
    from pipeline.fetch.web import Web

    file = place_of(spec, settings, day)
    if file.state == "there" and not again:
        return file
    before = sha256(file.path) if file.state == "there" else None

    def check(whole: Path) -> None:
        _refuse_unfit(spec, file, whole)

    with Web(spec.source, per_minute=spec.per_minute, progress=progress) as web:
        web.download(file.url, file.path, check=check, fetched_at=now)
    if before is None:
        return DayFile(day, file.path, file.url, "fetched")
    if sha256(file.path) == before:
        return DayFile(day, file.path, file.url, "unchanged")
    return DayFile(day, file.path, file.url, "changed", replaces=before[:16])


def _refuse_unfit(spec: SourceSpec, file: DayFile, whole: Path) -> None:
    """raises  SourceUnavailable if what came is not a whole file of the kind its name says"""
    with whole.open("rb") as content:
        start = content.read(64)
    name = f"{spec.source}: {file.path.name}"
    if not start:
        raise SourceUnavailable(f"{name} came empty; not published (yet): try again later")
    if not start.startswith(_BEGINS.get(file.path.suffix, b"")):
        shown = start[:40].decode("utf-8", "replace").split("\n")[0]
        raise SourceUnavailable(
            f'{name} is no {file.path.suffix} file (begins "{shown}"); the server is unwell: try again'
        )
    if file.path.suffix == ".zip" and not zipfile.is_zipfile(whole):
        raise SourceUnavailable(f"{name} came torn (no end of archive); try again")


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes; its first 16 digits are the source_file_id it has once it is landed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
