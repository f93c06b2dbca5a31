"""Global Fishing Watch API v3: 4Wings reports, what is in each cell of a grid at each time, a file a region, question
and span of days.

`POST /v3/4wings/report` with data set, days, resolution and filters in the query and the polygon in the body. All rows
come at once. A line of a file is `{"source", "polled_at", "asked", "body"}`: what was asked (the rows themselves do
not tell it) and the answer as it came. One report is made at a time for each token: a busy server (429) is waited for.
One that takes longer than its proxy waits (524) goes on being made, and is had as the last report; one that cannot be
had so, or whose polygon is too large (413), is asked for in halves. Halves that came wait in `<file>.part`.
Days for which a file lies there are not asked for again, whichever span they were asked in.
Shapes: GlobalFishingWatch/gfw-api-python-client (models), recorded answers and public notes of 2026 (`status: running`,
`null` in place of no rows); no live server was at hand.
"""

from __future__ import annotations

import json
import time
from codecs import BOM_UTF8
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
from pipeline.fetch.report_slices import SMALLEST, Ring, Slice, bounds, closed, halves, plan_slices, requests_of
from pipeline.fetch.requests import ReportRequests
from pipeline.fetch.sources import SourceSpec
from pipeline.origin import SUFFIX, write_origin

if TYPE_CHECKING:
    import httpx

    from pipeline.fetch.web import Web
    from pipeline.settings import Settings

_TOO_LARGE, _TOO_LONG = 413, 524
_STRAY = 0.1  # degrees by which a cell's centre may lie outside a polygon: the coarse grid's cell


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
    """Reports on the UTC days from `first` to `last` (inclusive), in the source's landing folder.

    secrets  environment variable to value: the token
    now      wall clock, noted with each answer
    again    ask for days that lie there too
    returns  per region and question the files that hold the days
    raises   InputError for days before its history, a missing or refused token, a request that does not suit the
             server (422: days, grouping or version; 413: a polygon too large even in parts); SourceUnavailable
             (`NotPublished`) for days that are not settled yet, or when the server gave up: what came is kept
    """
    from pipeline.fetch.web import NotPublished, Web

    slices = plan_slices(spec, settings, first, last)
    settled_at = day_ended_at(last) + timedelta(days=spec.latency_days or 0)
    if now < settled_at:
        raise NotPublished(f"{spec.source}: {last} may still change until {settled_at:%Y-%m-%d %H:%M} UTC; try after")
    asked = requests_of(spec)
    headers = {"Authorization": f"Bearer {next(iter(secrets.values()))}"} if secrets else {}
    address = spec.address(settings)
    with Web(
        spec.source, secrets=secrets, per_minute=spec.per_minute, timeout_s=asked.timeout_s, attempts=asked.attempts,
        first_wait_s=asked.wait_s, progress=progress,
    ) as web:  # fmt: skip
        return [_file_of(_Asking(web, address, headers, asked, now, progress), one, again) for one in slices]


def plan_days(spec: SourceSpec, settings: Settings, first: date, last: date) -> list[PlannedFile]:
    """The reports that `fetch_days` would ask for, and those that lie there.

    raises  InputError as `fetch_days`, for what is known without asking
    """
    asked = requests_of(spec)
    address = f"{spec.address(settings)}/{asked.path}"
    each_s = spec.each_s(asked.about_s)
    return [
        PlannedFile(FetchedFile(one.first, one.path, address, "there"), 0.0, 0)
        if one.held
        else PlannedFile(FetchedFile(one.first, one.path, address, None), each_s)
        for one in plan_slices(spec, settings, first, last)
    ]


@dataclass(frozen=True)
class _Asking:
    """What holds for all reports of one call."""

    web: Web
    address: str
    headers: dict[str, str]
    asked: ReportRequests
    now: datetime
    progress: Progress

    def post(self, one: Slice, ring: Ring) -> httpx.Response:
        """The answer to a request for a report, be it that its polygon is too large or that it takes too long."""
        return self.web.request(
            "POST",
            f"{self.address}/{self.asked.path}",
            params=one.query | {"date-range": one.span},
            json={"geojson": {"type": "Polygon", "coordinates": [closed(ring)]}},
            headers=self.headers,
            accept=(_TOO_LARGE, _TOO_LONG),
        )

    def last_report(self) -> bytes | None:
        """The last report that was made, once it is made; None if the server holds none, or does not finish it."""
        from pipeline.fetch.web import NotPublished

        for look in range(self.asked.looks):
            try:
                answer = self.web.request("GET", f"{self.address}/{self.asked.last_path}", headers=self.headers)
            except NotPublished:
                return None
            if not _is_being_made(answer.content):
                return answer.content
            if look == 0:
                self.progress(f"{self.web.name}: the report is still being made; waiting for it")
            time.sleep(self.asked.wait_s)
        return None


def _file_of(asking: _Asking, one: Slice, again: bool) -> FetchedFile:
    address = f"{asking.address}/{asking.asked.path}"
    if one.held and not again:
        return FetchedFile(one.first, one.path, address, "there")
    older = _of_another_form(one)
    before = next((sha256(path) for path in (one.path, *older) if path.exists()), None)
    _fetch(asking, one)
    for path in older:
        path.unlink()
        Path(f"{path}{SUFFIX}").unlink(missing_ok=True)
    return fetched_file(one.first, one.path, address, before)


def _of_another_form(one: Slice) -> list[Path]:
    """Files of the same days that answer an earlier form of the question; the newest answer takes their place."""
    return [path for path in one.folder.glob(f"{one.begins}{one.first}_{one.last}_*.jsonl") if path != one.path]


def _fetch(asking: _Asking, one: Slice) -> None:
    """Bring the report of a slice into its file."""
    part = Path(f"{one.path}.part")
    with keeping(part):
        kept = {_key(line["asked"]): line for raw in answers_there(part, _read_line) if (line := _read_line(raw))}
        versions = {line["version"] for line in kept.values()}
        for ring, content in _answers(asking, one, one.region.polygon, kept):
            answer = _read_report(content)
            assert answer is not None  # as `_answers` gives
            if versions and answer.version not in versions and answer.version is not None:
                part.unlink()
                raise _unfit(asking, one, f"the data were made anew meanwhile ({answer.version})")
            versions |= {answer.version} if answer.version else set()
            line = {"source": one.source, "polled_at": asking.now.isoformat(), "asked": one.question_about(ring)}
            start = json.dumps(line, separators=(",", ":")).encode()[:-1]
            keep_answer(part, start + b',"body":' + content.strip().removeprefix(BOM_UTF8) + b"}")
        for version in versions - {None, one.asked.dataset}:
            asking.progress(f"{one.path.name}: answered from {version}, asked of {one.asked.dataset}")
        question = json.dumps(one.question_about(one.region.polygon), separators=(",", ":"))
        write_origin(one.path, asking.web.redact(f"{asking.address}/{one.asked.path} {question}"), asking.now)
        settle(part, one.path)


def _answers(asking: _Asking, one: Slice, ring: Ring, kept: Mapping[str, Any]) -> Iterator[tuple[Ring, bytes]]:
    """Answers for a polygon or, where the server cannot answer for the whole, for its parts; those that are kept are
    not asked for."""
    if _key(one.question_about(ring)) in kept:
        return
    parts = halves(ring)
    if any(_key(one.question_about(half)) in kept for half in parts):  # the whole was asked for in vain before
        content = None
    else:
        asking.progress(f"fetching {one.path.name}")
        content = _content(asking, one, ring)
    if content is not None:
        yield ring, content
        return
    for half in parts:
        yield from _answers(asking, one, half, kept)


def _content(asking: _Asking, one: Slice, ring: Ring) -> bytes | None:
    """The answer for a polygon; None if it has to be asked for in parts.

    raises  InputError if it is too large and cannot be halved; SourceUnavailable likewise where a report takes too
            long, and for an answer that is none, is another's, or comes in pages
    """
    answer = asking.post(one, ring)
    content, waited = answer.content, False
    if answer.status_code == _TOO_LARGE:
        if halves(ring):
            asking.progress(f"{one.path.name}: the polygon is too large for the server (413); asking in halves")
            return None
        raise InputError(
            f"{asking.web.name}: {one.region.name}: the polygon is too large for the server (413), even in parts of "
            f"{SMALLEST} degrees; lower days_per_report in seeds/sources/{one.source}.yaml"
        )
    if answer.status_code == _TOO_LONG or _is_being_made(content):
        asking.progress(f"{one.path.name}: the report takes long; asking for the last report when it is made")
        content, waited = asking.last_report() or b"", True
    found = _read_report(content)
    wrong = "is no report" if found is None else found.unfit(one, ring, waited)
    if wrong is None:
        return content
    if waited and halves(ring):
        asking.progress(f"{one.path.name}: the last report {wrong}; asking in halves")
        return None
    raise _unfit(asking, one, f"an answer {wrong} ({beginning(content)})")


def _unfit(asking: _Asking, one: Slice, why: str) -> SourceUnavailable:
    return SourceUnavailable(f"{asking.web.name}: {one.path.name}: {why}; try again later")


def _is_being_made(content: bytes) -> bool:
    return b'"running"' in content[:1000] and b'"entries"' not in content[:1000]


@dataclass(frozen=True)
class _Report:
    """An answer.

    version  the data set of its rows, as their key names it; None if there is none
    rows     its rows
    pages    whether it says that more follow
    """

    version: str | None
    rows: list[dict[str, Any]]
    pages: bool

    def unfit(self, one: Slice, ring: Ring, waited: bool) -> str | None:
        """Why it is no answer to a question; None if it may be one.

        waited  it is the last report of the server, which may be one that somebody else asked for: so one without rows
                proves nothing
        """
        if self.pages:
            return "comes in pages"
        if waited and not self.rows:
            return "is empty"
        if self.version and self.version.partition(":")[0] != one.asked.dataset.partition(":")[0]:
            return f"is of {self.version}"
        first, last = one.first.isoformat(), one.last.isoformat()
        if any(not first <= str(row.get("date") or first)[:10] <= last for row in self.rows):
            return "holds other days"
        west, south, east, north = bounds(ring)
        placed = ((row.get("lon"), row.get("lat")) for row in self.rows)
        if any(
            not (west - _STRAY <= x <= east + _STRAY and south - _STRAY <= y <= north + _STRAY)
            for x, y in placed
            if isinstance(x, (int, float)) and isinstance(y, (int, float))
        ):
            return "holds another part of the sea"
        return None


def _read_report(content: bytes) -> _Report | None:
    """What an answer holds; None if it is no report. In place of rows there may be null."""
    try:
        page = json.loads(content)
        found = [item for entry in page["entries"] if entry is not None for item in entry.items()]
        rows = [row for _, listed in found for row in listed or () if isinstance(row, dict)]
        versions = [name for name, _ in found]
        return _Report(versions[0] if versions else None, rows, page.get("nextOffset") is not None)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _read_line(raw: bytes) -> dict[str, Any] | None:
    """A line of a file: what was `asked`, and the `version` that answered; None if it is none."""
    try:
        line = json.loads(raw)
        report = _read_report(json.dumps(line["body"]).encode())
        return None if report is None else {"asked": line["asked"], "version": report.version}
    except (ValueError, TypeError, KeyError):
        return None


def _key(question: Mapping[str, Any]) -> str:
    return json.dumps(question, sort_keys=True)


PROVIDER = Provider(
    "reports",
    needs=("reports", "secrets"),
    may_have=("per_minute",),
    fetch_days=fetch_days,
    at_once=True,
    plan_days=plan_days,
)
