"""A toy provider: `DAY 2018-06-01` over TCP, answered by the lines of that day and `END`, or by `NONE`."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlsplit

from pipeline.errors import SourceUnavailable
from pipeline.fetch.fetched import FetchedFile, fetched_file, sha256
from pipeline.fetch.provider import Progress, Provider
from pipeline.fetch.sources import SourceSpec
from pipeline.fetch.web import NotPublished
from pipeline.origin import write_origin
from pipeline.settings import Settings


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
    address = spec.address(settings)
    path = settings.landing / spec.source / f"{spec.source}_{first}.log"
    before = sha256(path) if path.exists() else None
    if before and not again:
        return [FetchedFile(first, path, address, "there")]
    progress(f"asking {address} for {first}")
    lines = _ask(spec.source, address, first)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    write_origin(path, address, now)
    part.replace(path)
    return [fetched_file(first, path, address, before)]


def _ask(source: str, address: str, day: date) -> list[str]:
    place = urlsplit(address)
    try:
        with socket.create_connection((str(place.hostname), place.port or 7), timeout=5) as connection:
            connection.sendall(f"DAY {day}\n".encode())
            with connection.makefile(encoding="utf-8") as answer:
                lines = answer.read().splitlines()
    except OSError as error:
        raise SourceUnavailable(f"{source}: {address}: {error.strerror or error}; try again later") from None
    if lines == ["NONE"]:
        raise NotPublished(f"{source}: nothing of {day} (yet)")
    if not lines or lines.pop() != "END":
        raise SourceUnavailable(f"{source}: the answer was cut off; try again")
    return lines


PROVIDER = Provider("daily_file", fetch_days=_fetch_days)
