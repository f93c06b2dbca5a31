"""Global Fishing Watch API v3: events of a span of days, all pages of a listing in one file, a page a line.

`POST /v3/events` with datasets, days and region (or `portIds`) in the body and `limit`, `offset`, `sort` in the query;
the answer holds `entries`, `total`, `nextOffset`, and in `metadata` the version of the data set that `latest` stands
for. An event is listed on every day it overlaps. What has come of a listing waits in `<file>.part`, and a later call
goes on where it stopped, unless the listing has another total, or is of another version, by then.
A busy sea is answered slowly (public notes of 2026: 21 to 54 s for 50 visits near Seattle, 43,423 in a month), hence
visits day by day, and retry; the ports that matter most are asked for first, in a few pages: by their ids those that
have some, by small boxes those that have none.
Shapes: GlobalFishingWatch/gfw-api-python-client, the published documentation, recorded answers of 2026; no live server
was at hand, and no answer to `portIds` was seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from geo.files import settle
from pipeline.days import day_ended_at
from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.answers import answers_there, beginning, keep_answer, keeping
from pipeline.fetch.fetched import FetchedFile, fetched_file, sha256
from pipeline.fetch.provider import PlannedFile, Progress, Provider
from pipeline.fetch.requests import Box, EventRequest, EventRequests
from pipeline.fetch.sources import SourceSpec
from pipeline.fetch.spans import refuse_days
from pipeline.origin import write_origin

if TYPE_CHECKING:
    from pipeline.fetch.web import Web
    from pipeline.settings import Settings

_SORT = "+start"


def fetch_days(
    spec: SourceSpec,
    settings: Settings,
    first: date,
    last: date,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> list[FetchedFile]:
    """Events that overlap the UTC days from `first` to `last` (inclusive), in the source's landing folder.

    secrets  environment variable to value: the token
    now      wall clock, noted with the request as each file's origin
    again    ask for files that lie there too
    returns  per span of at most `days_per_file` days one file a dataset; none of ports by their ids where the server
             does not take these (which is said): the sea around them is asked for all the same
    raises   InputError for days before its history, a missing or refused token, a request that does not suit the
             server; SourceUnavailable (`NotPublished`) for days that are not settled yet, or when the server gave up:
             the pages that came are kept
    """
    asked = _requests(spec)
    datasets = [one for one in asked.datasets if not one.of_lists]
    return _fetch_all(spec, settings, datasets, [()], (first, last), secrets, now, progress, again)


def plan_days(spec: SourceSpec, settings: Settings, first: date, last: date) -> list[PlannedFile]:
    """The listings that `fetch_days` would ask for, and those that lie there; each may have more pages than one.
    Those of the ships that lists name come on top.

    raises  InputError as `fetch_days`, for what is known without asking
    """
    asked = _requests(spec)
    address, each_s = f"{spec.address(settings)}/{asked.path}", spec.each_s(asked.about_s)
    datasets = [one for one in asked.datasets if not one.of_lists]
    return [
        PlannedFile(FetchedFile(one.first, one.path, address, "there"), 0.0, 0)
        if one.path.exists()
        else PlannedFile(FetchedFile(one.first, one.path, address, None), each_s, at_least=True)
        for one in _listings(spec, settings, datasets, [()], first, last)
    ]


def fetch_of_ships(
    spec: SourceSpec,
    settings: Settings,
    ships: Sequence[str],
    first: date,
    last: date,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> list[FetchedFile]:
    """Events of some ships, wherever they were: what the source asks for of the ships that lists name.

    ships   the provider's ids
    raises  as `fetch_days`
    """
    asked, most = _requests(spec), _requests(spec).ships_per_request
    datasets = [one for one in asked.datasets if one.of_lists]
    batches = [tuple(ships[n : n + most]) for n in range(0, len(ships), most)]
    return _fetch_all(spec, settings, datasets, batches, (first, last), secrets, now, progress, again)


def _requests(spec: SourceSpec) -> EventRequests:
    if spec.requests is None:
        raise InputError(f"{spec.source}: gives no events (kind is {spec.kind})")
    return spec.requests


def _fetch_all(
    spec: SourceSpec,
    settings: Settings,
    datasets: Sequence[EventRequest],
    batches: Sequence[tuple[str, ...]],
    days: tuple[date, date],
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool,
) -> list[FetchedFile]:
    """The files of some datasets, of each batch of ships (of none: of the dataset's own ports or sea)."""
    from pipeline.fetch.web import NotPublished, Web

    asked, (first, last) = _requests(spec), days
    listings = _listings(spec, settings, datasets, batches, first, last)
    settled_at = day_ended_at(last) + timedelta(days=spec.latency_days or 0)
    if now < settled_at:
        raise NotPublished(f"{spec.source}: {last} may still change until {settled_at:%Y-%m-%d %H:%M} UTC; try after")
    address = f"{spec.address(settings)}/{asked.path}"
    headers = {"Authorization": f"Bearer {next(iter(secrets.values()))}"} if secrets else {}
    with Web(
        spec.source, secrets=secrets, per_minute=spec.per_minute, timeout_s=asked.timeout_s, progress=progress
    ) as web:
        return [
            file
            for listing in listings
            if (file := _file_of(web, address, listing, headers, now, progress, again)) is not None
        ]


def _listings(
    spec: SourceSpec,
    settings: Settings,
    datasets: Sequence[EventRequest],
    batches: Sequence[tuple[str, ...]],
    first: date,
    last: date,
) -> list[_Listing]:
    refuse_days(spec, first, last)
    asked, folder = _requests(spec), settings.landing / spec.source
    return [
        _Listing(spec, asked, dataset, begin, end, folder, ships)
        for dataset in datasets
        for ships in batches
        for begin, end in _spans(first, last, dataset.days_per_file or asked.days_per_file)
    ]


def _file_of(
    web: Web,
    address: str,
    listing: _Listing,
    headers: dict[str, str],
    now: datetime,
    progress: Progress,
    again: bool,
) -> FetchedFile | None:
    """The file of a listing; None if it is of ports by their ids, the server does not take these, and none lies
    there."""
    from pipeline.fetch.web import Refused

    before = sha256(listing.path) if listing.path.exists() else None
    if before is None or again:
        try:
            _fetch(web, address, listing, headers, now, progress)
        except Refused:
            raise
        except InputError as error:
            if not listing.dataset.port_ids:
                raise
            progress(f"{error}; ports are not asked for by their ids, the sea around them is")
            if before is None:
                return None
    else:
        return FetchedFile(listing.first, listing.path, address, "there")
    return fetched_file(listing.first, listing.path, address, before)


@dataclass(frozen=True)
class _Listing:
    """All events of one dataset over the days [first, last]."""

    spec: SourceSpec
    asked: EventRequests
    dataset: EventRequest
    first: date
    last: date
    folder: Path
    ships: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        of = f"_{hashlib.sha256(' '.join(self.ships).encode()).hexdigest()[:6]}" if self.ships else ""
        return self.folder / f"{self.spec.source}_{self.dataset.name}_{self.first}_{self.last}{of}.jsonl"

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "datasets": [self.dataset.dataset],
            "startDate": self.first.isoformat(),
            "endDate": (self.last + timedelta(days=1)).isoformat(),  # exclusive
        }
        if self.ships:
            return body | {"vessels": list(self.ships)}
        if self.dataset.port_ids:
            return body | {"portIds": list(self.dataset.port_ids)}
        boxes = self.dataset.boxes or self.spec.boxes
        return body | ({"geometry": _geometry(boxes)} if boxes else {})


def _spans(first: date, last: date, longest: int) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(first + timedelta(days=longest - 1), last)
        yield first, end
        first = end + timedelta(days=1)


def _geometry(boxes: tuple[Box, ...]) -> dict[str, Any]:
    """The boxes as one GeoJSON geometry."""
    rings = []
    for one in boxes:
        corners = [(one.west, one.south), (one.east, one.south), (one.east, one.north), (one.west, one.north)]
        rings.append([list(corner) for corner in (*corners, corners[0])])
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def _fetch(
    web: Web, address: str, listing: _Listing, headers: dict[str, str], now: datetime, progress: Progress
) -> None:
    """Bring all pages of a listing into its file."""
    part = Path(f"{listing.path}.part")
    with keeping(part):
        pages = [page for line in answers_there(part, _read_page) if (page := _read_page(line))]
        begun_anew = False
        while not pages or pages[-1].next_offset is not None:
            offset = pages[-1].next_offset if pages else 0
            whole = f" of {pages[0].total:,}" if pages else ""
            progress(f"fetching {listing.path.name}: {offset:,}{whole} events")
            params = {"limit": listing.asked.page_size, "offset": offset, "sort": _SORT}
            content = web.request("POST", address, params=params, json=listing.body, headers=headers).content
            page = _read_page(content)
            if page is None:
                raise _unfit(web, listing, f"an answer is no page of events ({beginning(content)})")
            if pages and not page.fits(pages[0]):
                part.unlink()
                if begun_anew:
                    raise _unfit(web, listing, "the listing changes while it is read")
                pages, begun_anew = [], True
                continue
            keep_answer(part, content)
            pages.append(page)
        held, total = sum(page.entries for page in pages), pages[0].total
        if held != total:
            part.unlink()
            raise _unfit(web, listing, f"{held:,} events came, {total:,} were announced")
        query = urlencode({"limit": listing.asked.page_size, "sort": _SORT})
        body = json.dumps(listing.body, separators=(",", ":"))
        write_origin(listing.path, web.redact(f"{address}?{query} {body}"), now)
        settle(part, listing.path)


def _unfit(web: Web, listing: _Listing, why: str) -> SourceUnavailable:
    return SourceUnavailable(f"{web.name}: {listing.path.name}: {why}; try again later")


@dataclass(frozen=True)
class _Page:
    entries: int
    total: int
    next_offset: int | None
    datasets: str  # with their versions

    def fits(self, other: _Page) -> bool:
        """Whether both are pages of one listing: it did not move, and was not made anew, meanwhile."""
        return (self.total, self.datasets) == (other.total, other.datasets)


def _read_page(content: bytes) -> _Page | None:
    """What a page says of itself; None if it is none."""
    try:
        page = json.loads(content)
        entries, total, following = len(page["entries"]), int(page["total"]), page.get("nextOffset")
        goes_on = following is not None and entries and int(following) < total
        datasets = json.dumps((page.get("metadata") or {}).get("datasets"))
        return _Page(entries, total, int(following) if goes_on else None, datasets)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


PROVIDER = Provider(
    "events",
    needs=("requests", "secrets"),
    may_have=("boxes", "per_minute"),
    fetch_days=fetch_days,
    at_once=True,
    plan_days=plan_days,
    fetch_of_ships=fetch_of_ships,
)
