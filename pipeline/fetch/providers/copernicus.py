"""Catalogue of the Copernicus Data Space Ecosystem: which images Sentinel-1 took of a part of the sea, a file a region
and span of days.

`GET /odata/v1/Products` with `$filter` (collection, name, `OData.CSC.Intersects`, `ContentDate/Start`), `$orderby`,
`$top`, `$skip` and `$count`. Two forms of an image share a start: where `$orderby` is used, earlier versions of the
documentation say, the catalogue orders by id too; later ones say nothing of it, and show one key. The answer holds
`value`, `@odata.count` and, where more follow, `@odata.nextLink`; that is not followed but counted on from, so that a
mirror is asked throughout. No token is needed.
A line of a file is `{"source", "polled_at", "asked", "body"}`. What has come of a listing waits in `<file>.part`, and a
later call goes on where it stopped, unless the listing has another count by then.
OData, not STAC: the provider calls its STAC catalogue an addition to this one, and has moved it to another address.
Shapes: the published documentation (documentation.dataspace.copernicus.eu, APIs/OData, release notes of 2024); no live
server was at hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import settle
from pipeline.days import day_ended_at
from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.answers import answers_there, beginning, keep_answer, keeping
from pipeline.fetch.fetched import FetchedFile, fetched_file, sha256
from pipeline.fetch.provider import PlannedFile, Progress, Provider
from pipeline.fetch.report_slices import closed
from pipeline.fetch.requests import PassRequests, Region
from pipeline.fetch.sources import SourceSpec
from pipeline.fetch.spans import refuse_days, spans_by_month, spans_there
from pipeline.origin import write_origin

if TYPE_CHECKING:
    from pipeline.fetch.web import Web
    from pipeline.settings import Settings

_NEXT = ("@odata.nextLink", "@OData.nextLink")  # the documentation writes both


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
    """Images of the UTC days from `first` to `last` (inclusive), in the source's landing folder.

    secrets  none: searching needs no token
    now      wall clock, noted with each answer
    again    ask for days that lie there too
    returns  per region the files that hold the days
    raises   InputError for days before its history, a request that does not suit the server (400, 422);
             SourceUnavailable (`NotPublished`) for days that are not settled yet, or when the server gave up, answered
             something else, or the listing changed while it was read: what came is kept
    """
    from pipeline.fetch.web import NotPublished, Web

    listings = _listings(spec, settings, first, last)
    settled_at = day_ended_at(last) + timedelta(days=spec.latency_days or 0)
    if now < settled_at:
        raise NotPublished(f"{spec.source}: {last} may still change until {settled_at:%Y-%m-%d %H:%M} UTC; try after")
    address = f"{spec.address(settings)}/{_requests(spec).path}"
    with Web(
        spec.source, per_minute=spec.per_minute, timeout_s=_requests(spec).timeout_s, progress=progress
    ) as web:  # fmt: skip
        return [_file_of(web, address, one, now, progress, again) for one in listings]


def plan_days(spec: SourceSpec, settings: Settings, first: date, last: date) -> list[PlannedFile]:
    """The files that `fetch_days` would ask for, and those that lie there; a busy span may take several requests.

    raises  InputError as `fetch_days`, for what is known without asking
    """
    asked = _requests(spec)
    address = f"{spec.address(settings)}/{asked.path}"
    each_s = spec.each_s(asked.about_s)
    return [
        PlannedFile(FetchedFile(one.first, one.path, address, "there"), 0.0, 0)
        if one.held
        else PlannedFile(FetchedFile(one.first, one.path, address, None), each_s, at_least=True)
        for one in _listings(spec, settings, first, last)
    ]


def _requests(spec: SourceSpec) -> PassRequests:
    if spec.passes is None:
        raise InputError(f"{spec.source}: gives no passes (kind is {spec.kind})")
    return spec.passes


def _listings(spec: SourceSpec, settings: Settings, first: date, last: date) -> list[_Listing]:
    refuse_days(spec, first, last)
    asked, folder = _requests(spec), settings.landing / spec.source
    found = []
    for region in asked.regions:
        whole = _Listing(spec.source, asked, region, first, last, folder)
        there = spans_there(folder, whole.begins, whole.ends)
        found += [
            _Listing(spec.source, asked, region, begin, end, folder, held)
            for begin, end, held in spans_by_month(first, last, asked.days_per_file, there)
        ]
    return found


@dataclass(frozen=True)
class _Listing:
    """All images that meet a region over the days [first, last]; `held` if its file lies there."""

    source: str
    asked: PassRequests
    region: Region
    first: date
    last: date
    folder: Path
    held: bool = False

    @property
    def begins(self) -> str:
        return f"{self.source}_{self.region.name}_"

    @property
    def ends(self) -> str:
        """How names of its files end: another polygon is another question."""
        form = json.dumps([self.asked.collection, self.asked.name_contains, self.region.polygon])
        return f"_{hashlib.sha256(form.encode()).hexdigest()[:6]}.jsonl"

    @property
    def path(self) -> Path:
        return self.folder / f"{self.begins}{self.first}_{self.last}{self.ends}"

    def query(self, skip: int) -> dict[str, str]:
        """The query of the request for the images after the first `skip`."""
        corners = ",".join(f"{x:g} {y:g}" for x, y in closed(self.region.polygon))
        until = self.last + timedelta(days=1)
        terms = (
            f"Collection/Name eq '{self.asked.collection}'",
            f"contains(Name,'{self.asked.name_contains}')",
            f"OData.CSC.Intersects(area=geography'SRID=4326;POLYGON(({corners}))')",
            f"ContentDate/Start ge {self.first}T00:00:00.000Z",
            f"ContentDate/Start lt {until}T00:00:00.000Z",
        )
        return {
            "$filter": " and ".join(terms),
            "$orderby": "ContentDate/Start asc",
            "$top": str(self.asked.page_size),
            "$skip": str(skip),
            "$count": "True",
        }


def _file_of(
    web: Web, address: str, listing: _Listing, now: datetime, progress: Progress, again: bool
) -> FetchedFile:  # fmt: skip
    if listing.held and not again:
        return FetchedFile(listing.first, listing.path, address, "there")
    before = sha256(listing.path) if listing.path.exists() else None
    part = Path(f"{listing.path}.part")
    with keeping(part):
        pages = [page for raw in answers_there(part, _read_line) if (page := _read_line(raw))]
        skip = sum(page.images for page in pages)
        count = pages[0].count if pages else None
        while not pages or pages[-1].goes_on(listing.asked.page_size):
            progress(f"fetching {listing.path.name}: {skip:,}{f' of {count:,}' if count is not None else ''} images")
            query = listing.query(skip)
            content = web.request("GET", address, params=query).content
            page = _read_page(content)
            wrong = "is no page of the catalogue" if page is None else page.unfit(listing)
            if page is None or wrong:
                raise _unavailable(web, listing, f"an answer {wrong} ({beginning(content)})")
            if pages and page.count != count:
                part.unlink()
                raise _unavailable(
                    web, listing, f"the listing changed while it was read ({count} images, now {page.count})"
                )
            line = {"source": listing.source, "polled_at": now.isoformat(), "asked": query}
            keep_answer(part, json.dumps(line, separators=(",", ":")).encode()[:-1] + b',"body":' + content + b"}")
            pages.append(page)
            skip, count = skip + page.images, page.count
        if count is not None and skip != count:
            part.unlink()
            raise _unavailable(web, listing, f"{skip:,} images came, {count:,} were announced")
        write_origin(listing.path, web.redact(f"{address} {json.dumps(listing.query(0))}"), now)
        settle(part, listing.path)
    return fetched_file(listing.first, listing.path, address, before)


def _unavailable(web: Web, listing: _Listing, why: str) -> SourceUnavailable:
    return SourceUnavailable(f"{web.name}: {listing.path.name}: {why}; try again later")


@dataclass(frozen=True)
class _Page:
    """An answer: how many images it lists, of how many in all, whether it says that more follow, and their days."""

    images: int
    count: int | None
    follows: bool
    days: tuple[str, ...]

    def goes_on(self, page_size: int) -> bool:
        """Whether more is to be asked for: also after a full page that does not say so."""
        return self.images > 0 and (self.follows or self.images >= page_size)

    def unfit(self, listing: _Listing) -> str | None:
        """Why it is no answer to the question; None if it may be one."""
        first, last = listing.first.isoformat(), listing.last.isoformat()
        if any(not first <= day <= last for day in self.days):
            return "holds other days"
        return None


def _read_page(content: bytes) -> _Page | None:
    """What an answer says of itself; None if it is none."""
    try:
        return _page_of(json.loads(content))
    except ValueError:
        return None


def _page_of(body: Any) -> _Page | None:
    found = body.get("value") if isinstance(body, dict) else None
    if not isinstance(found, list):
        return None
    count = body.get("@odata.count")
    count = count if isinstance(count, int) and not isinstance(count, bool) else None
    return _Page(len(found), count, any(body.get(name) for name in _NEXT), tuple(_days(found)))


def _days(found: list[Any]) -> Iterator[str]:
    for one in found:
        taken = one.get("ContentDate") if isinstance(one, dict) else None
        if isinstance(taken, dict) and isinstance(taken.get("Start"), str):
            yield taken["Start"][:10]


def _read_line(raw: bytes) -> _Page | None:
    """What a kept line holds; None if it is none."""
    try:
        return _page_of(json.loads(raw)["body"])
    except (ValueError, TypeError, KeyError):
        return None


PROVIDER = Provider(
    "passes", needs=("passes",), may_have=("per_minute",), fetch_days=fetch_days, at_once=True, plan_days=plan_days
)
