"""A toy provider of events: `EVENTS 2018-06-01/2018-06-03` over TCP, answered by an event a line and `END`."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlsplit

from pipeline.errors import SourceUnavailable
from pipeline.fetch.fetched import FetchedFile, fetched_file, sha256
from pipeline.fetch.provider import Progress, Provider
from pipeline.fetch.sources import SourceSpec
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
    path = settings.landing / spec.source / f"{spec.source}_{first}_{last}.jsonl"
    before = sha256(path) if path.exists() else None
    if before and not again:
        return [FetchedFile(first, path, address, "there")]
    place = urlsplit(address)
    try:
        with socket.create_connection((str(place.hostname), place.port or 7), timeout=5) as connection:
            connection.sendall(f"EVENTS {first}/{last}\n".encode())
            with connection.makefile(encoding="utf-8") as answer:
                lines = answer.read().splitlines()
    except OSError as error:
        raise SourceUnavailable(f"{spec.source}: {address}: {error.strerror or error}; try again later") from None
    if not lines or lines.pop() != "END":
        raise SourceUnavailable(f"{spec.source}: the answer was cut off; try again")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    write_origin(path, address, now)
    part.replace(path)
    return [fetched_file(first, path, address, before)]


PROVIDER = Provider("events", fetch_days=_fetch_days, at_once=True)
