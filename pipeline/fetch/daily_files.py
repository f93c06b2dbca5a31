"""Files published once a UTC day at an address that follows from the day."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.errors import SourceUnavailable
from pipeline.fetch.sources import SourceSpec
from pipeline.origin import SUFFIX

if TYPE_CHECKING:
    from pipeline.fetch.web import Web
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
    """Where the file of a UTC day lies already, or is asked for first; nothing is asked of the server.

    raises  InputError for a day of which no address is known
    """
    places = _places(spec, settings, day)
    return next((file for file in places if file.state == "there"), places[0])


def _places(spec: SourceSpec, settings: Settings, day: date) -> list[DayFile]:
    files = []
    for place in spec.file_of(day).places:
        url = f"{spec.address(settings, place.url)}/{place.on(day)}"
        target = settings.landing / spec.source / url.rpartition("/")[2]
        files.append(DayFile(day, target, url, "there" if target.exists() else None))
    return files


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
    raises  InputError as `place_of`; SourceUnavailable if it is not published (yet) or no longer where the catalogue
            says (`NotPublished`, `AddressChanged`), comes empty, torn or as something else, or the server gives up
    """
    from pipeline.fetch.web import Web

    there = place_of(spec, settings, day)
    if there.state == "there" and not again:
        return there
    before = sha256(there.path) if there.state == "there" else None
    with Web(spec.source, per_minute=spec.per_minute, progress=progress) as web:
        file = _download(web, spec, _places(spec, settings, day), now)
    if before is None:
        return DayFile(day, file.path, file.url, "fetched")
    if file.path != there.path:  # it came under another name, and takes the old one's place
        there.path.unlink()
        Path(f"{there.path}{SUFFIX}").unlink(missing_ok=True)
    if sha256(file.path) == before:
        return DayFile(day, file.path, file.url, "unchanged")
    return DayFile(day, file.path, file.url, "changed", replaces=before[:16])


def _download(web: Web, spec: SourceSpec, places: Sequence[DayFile], now: datetime) -> DayFile:
    """Fetch a day's file from the first of its places at which anything lies.

    raises  as `fetch_file`; `NotPublished` or `AddressChanged` if there is nothing at any
    """
    from pipeline.fetch.web import AddressChanged, NotPublished

    missing: list[NotPublished] = []
    for file in places:
        try:
            web.download(file.url, file.path, check=partial(_refuse_unfit, spec, file), fetched_at=now)
            return file
        except NotPublished as error:
            missing.append(error)
        except SourceUnavailable as error:
            if not missing:
                raise
            raise NotPublished(f"{missing[0]}; nor could its other address be asked: {error}") from None
    day = places[0].day
    if not spec.is_published(day, now):
        raise missing[0]
    asked = " and ".join(web.redact(file.url) for file in places)
    raise AddressChanged(
        f"{spec.source}: the catalogue says that {day} is published, but {asked} answered 404: the address may have "
        f"changed. Look for the file where its publisher says, put it into {places[0].path.parent}, and mend "
        f"seeds/sources/{spec.source}.yaml"
    )


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
