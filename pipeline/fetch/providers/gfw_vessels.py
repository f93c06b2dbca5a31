"""Global Fishing Watch API v3: particulars of ships, all answers of a refresh in one file, an answer a line.

Ships that lists name are asked for by IMO number, one a request: `GET /v3/vessels/search` with `where=imo='…'`; the
answer has the same entries, with the ids under which the provider tells of the hull (`gfw_listed`). Ships of events are
asked by id: `GET /v3/vessels` with `datasets[0]`, `ids[0]`, `ids[1]` … and `registries-info-data` in the query; the
answer holds `entries`, and in `metadata` which ids it knows. How many ids a request may hold was not seen; the
catalogue says how many we put into one. What has come of a refresh waits in `<file>.part`, and a later call of the same
day for the same ships goes on where it stopped; what an earlier day left is begun anew, for a file is of one day. A
batch of which the server knows none (404) is an empty line there, so that lines count batches, and none in the whole
file.
Shapes: GlobalFishingWatch/gfw-api-python-client and the published documentation; no live server was at hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import write_whole
from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.answers import answers_there, beginning, keep_answer, keeping
from pipeline.fetch.fetched import FetchedFile
from pipeline.fetch.provider import Progress, Provider
from pipeline.fetch.requests import VesselRequests
from pipeline.fetch.sources import SourceSpec
from pipeline.origin import write_origin

if TYPE_CHECKING:
    from pipeline.settings import Settings


Query = Callable[[VesselRequests, Sequence[str]], dict[str, str]]


def fetch_by_id(
    spec: SourceSpec,
    settings: Settings,
    ships: Sequence[str],
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> FetchedFile:
    """Particulars of some ships by the provider's ids, in the source's landing folder; see `fetch_by_query`."""
    return fetch_by_query(
        spec, settings, ships, _of_ids, secrets=secrets, now=now, progress=progress, again=again
    )  # fmt: skip


def fetch_by_number(
    spec: SourceSpec,
    settings: Settings,
    ships: Sequence[str],
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> FetchedFile:
    """The same by IMO numbers, with the ids under which the provider tells of the hulls; see `fetch_by_query`."""
    return fetch_by_query(
        spec, settings, ships, _of_numbers, secrets=secrets, now=now, progress=progress, again=again
    )  # fmt: skip


def fetch_by_query(
    spec: SourceSpec,
    settings: Settings,
    ships: Sequence[str],
    query: Query,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool,
) -> FetchedFile:
    """The answers about some ships, in the source's landing folder.

    query    the query of a request about a batch of them
    secrets  environment variable to value: the token
    now      wall clock: its day stands in the file's name, and the moment is noted as the file's origin
    again    ask although the file of these ships and this day lies there
    raises   InputError for another source, no ships, a missing or refused token, a request that does not suit the
             server; SourceUnavailable when the server gave up (the answers that came are kept), or knows none of all
             the ships (404)
    """
    from pipeline.fetch.web import NotPublished, Web

    asked = spec.vessels
    if asked is None:
        raise InputError(f"{spec.source}: gives no particulars of ships (kind is {spec.kind})")
    if not ships:
        raise InputError(f"{spec.source}: no ship to ask for")
    path = settings.landing / spec.source / f"{_name(spec, asked, ships, now)}.jsonl"
    address = f"{spec.address(settings)}/{asked.path}"
    if path.exists() and not again:
        return FetchedFile(now.date(), path, address, "there")
    part = Path(f"{path}.part")
    headers = {"Authorization": f"Bearer {next(iter(secrets.values()))}"} if secrets else {}
    batches = [ships[n : n + asked.ids_per_request] for n in range(0, len(ships), asked.ids_per_request)]
    with keeping(part), Web(spec.source, secrets=secrets, per_minute=spec.per_minute, progress=progress) as web:
        for left in path.parent.glob(f"{spec.source}_*.part"):
            if left.name < f"{spec.source}_{now:%Y-%m-%d}":  # another of today may be written right now
                left.unlink(missing_ok=True)
        done = len(answers_there(part, _read_line))
        for n, batch in enumerate(batches[done:], done):
            progress(f"fetching {path.name}: {n * asked.ids_per_request:,} of {len(ships):,} ships")
            try:
                content = web.request("GET", address, params=query(asked, batch), headers=headers).content
            except NotPublished:
                progress(f"{spec.source}: the server knows none of {len(batch)} ships, like {batch[0]} (404); going on")
                keep_answer(part, b"")
                continue
            if _read(content) is None:
                why = f"an answer is no whole page of ships ({beginning(content)})"
                raise SourceUnavailable(f"{web.name}: {path.name}: {why}; try again later")
            keep_answer(part, content)
        answers = [line for line in answers_there(part, _read_line) if line.strip()]
        if not answers:
            part.unlink()
            why = f"404 for all of {len(ships):,} ships, like {ships[0]}: it knows none of them, or has moved"
            raise SourceUnavailable(f"{web.name}: {path.name}: {why}; try again later")
        question = json.dumps({**query(asked, ()), "ids": f"{len(ships)} ships"}, separators=(",", ":"))
        write_origin(path, web.redact(f"{address} {question}"), now)
        write_whole(path, b"".join(answers), durable=True)
        part.unlink()
    return FetchedFile(now.date(), path, address, "fetched")


def _name(spec: SourceSpec, asked: VesselRequests, ships: Sequence[str], now: datetime) -> str:
    """Of the day and of what is asked for, so that the answers of a file are to one question."""
    question = json.dumps([asked.model_dump(mode="json"), list(ships)])
    return f"{spec.source}_{now:%Y-%m-%d}_{hashlib.sha256(question.encode()).hexdigest()[:8]}"


def _of_ids(asked: VesselRequests, ships: Sequence[str]) -> dict[str, str]:
    return {
        "datasets[0]": asked.dataset,
        "registries-info-data": asked.registries,
        **{f"ids[{n}]": ship for n, ship in enumerate(ships)},
    }


def _of_numbers(asked: VesselRequests, numbers: Sequence[str]) -> dict[str, str]:
    where = " OR ".join(f"imo='{number}'" for number in numbers)
    return {"datasets[0]": asked.dataset, "where": where, "includes[0]": "MATCH_CRITERIA", "limit": "50"}


def _read_line(line: bytes) -> list[Any] | None:
    """As `_read`; of an empty line no entries."""
    return _read(line) if line.strip() else []


def _read(content: bytes) -> list[Any] | None:
    """The entries of an answer; None if it is none, or holds fewer than it announces."""
    try:
        page = json.loads(content)
        entries, total = page["entries"], page.get("total")
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    whole = isinstance(entries, list) and not (isinstance(total, int) and total > len(entries))
    return entries if whole else None


PROVIDER = Provider("vessels", needs=("vessels", "secrets"), may_have=("per_minute",), fetch_ships=fetch_by_id)
