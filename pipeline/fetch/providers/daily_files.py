"""Files published once a UTC day at an address that follows from the day: whose, a file of `seeds/sources` says."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import SourceUnavailable
from pipeline.fetch.fetched import FetchedFile, fetched_file, sha256
from pipeline.fetch.provider import Progress, Provider
from pipeline.fetch.sources import SourceSpec
from pipeline.origin import SUFFIX

if TYPE_CHECKING:
    from pipeline.fetch.web import Web
    from pipeline.settings import Settings

_BEGINS = {".zip": b"PK", ".zst": b"\x28\xb5\x2f\xfd", ".gz": b"\x1f\x8b"}


def place_of(spec: SourceSpec, settings: Settings, day: date) -> FetchedFile:
    """Where the file of a UTC day lies already, or is asked for first; nothing is asked of the server.

    raises  InputError for a day of which no address is known
    """
    places = _places(spec, settings, day)
    return next((file for file in places if file.state == "there"), places[0])


def _places(spec: SourceSpec, settings: Settings, day: date) -> list[FetchedFile]:
    files = []
    for place in spec.file_of(day).places:
        url = f"{spec.address(settings, place.url)}/{place.on(day)}"
        target = settings.landing / spec.source / url.rpartition("/")[2]
        files.append(FetchedFile(day, target, url, "there" if target.exists() else None))
    return files


def fetch_file(
    spec: SourceSpec,
    settings: Settings,
    day: date,
    *,
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> FetchedFile:
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
    if before is not None and file.path != there.path:  # it came under another name, and takes the old one's place
        there.path.unlink()
        Path(f"{there.path}{SUFFIX}").unlink(missing_ok=True)
    return fetched_file(day, file.path, file.url, before)


def _download(web: Web, spec: SourceSpec, places: Sequence[FetchedFile], now: datetime) -> FetchedFile:
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


def _refuse_unfit(spec: SourceSpec, file: FetchedFile, whole: Path) -> None:
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


def _fetch_days(
    spec: SourceSpec,
    settings: Settings,
    first: date,
    last: date,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool,
) -> list[FetchedFile]:
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return [fetch_file(spec, settings, day, now=now, progress=progress, again=again) for day in days]


PROVIDER = Provider("daily_file", needs=("files",), may_have=("per_minute",), fetch_days=_fetch_days, place_of=place_of)
