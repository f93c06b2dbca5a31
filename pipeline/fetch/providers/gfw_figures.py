"""Global Fishing Watch API v3: figures, one question a request, all answers of a refresh in one file, an answer a line.

Visits to ports by month: `POST /v3/events/stats` with data set, span and `portIds` (or a polygon) in the body, and
`timeseriesInterval: MONTH`. How much of a ship's voyages was received: `POST /v3/insights/vessels` with `includes`
COVERAGE and GAP and one ship, for the answer does not tell ships apart.
A line of a file is `{"source", "polled_at", "asked", "body"}`, for answers do not tell what was asked. What has come of
a refresh waits in `<file>.part`, and a later call of the same day for the same questions goes on where it stopped. A
question that the server does not take (404, 422) is said and left out; the others are asked all the same.
Shapes: GlobalFishingWatch/gfw-api-python-client; no live server was at hand, and nobody's answer to either was seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.files import settle
from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.fetch.answers import answers_there, beginning, keep_answer, keeping
from pipeline.fetch.fetched import FetchedFile, fetched_file, sha256
from pipeline.fetch.provider import PlannedFile, Progress, Provider, ShipSpan
from pipeline.fetch.requests import Box, FigureRequests
from pipeline.fetch.sources import SourceSpec
from pipeline.origin import write_origin

if TYPE_CHECKING:
    from pipeline.settings import Settings

Question = tuple[dict[str, Any], dict[str, Any]]  # what was asked, as it is kept, and the body of the request
_ANSWERS = ("timeseries", "coverage")  # what an answer of either kind holds


def fetch_figures(
    spec: SourceSpec,
    settings: Settings,
    ships: Sequence[ShipSpan],
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> FetchedFile:
    """The answers about the source's ports, or about ships, in the source's landing folder.

    ships    of a source that names no ports
    secrets  environment variable to value: the token
    now      wall clock: its day stands in the file's name, ports are counted up to its month, and the moment is noted
    again    ask although the file of these questions and this day lies there
    raises   InputError for another source, nothing to ask, a missing or refused token, a server that takes none of the
             questions; SourceUnavailable when it gave up: the answers that came are kept
    """
    from pipeline.fetch.web import NotPublished, Refused, Web

    asked, questions = _requests(spec), _questions(spec, ships, now)
    if not questions:
        raise InputError(f"{spec.source}: no ship to ask for")
    path = settings.landing / spec.source / f"{spec.source}_{now:%Y-%m-%d}_{_digest(questions)}.jsonl"
    address = f"{spec.address(settings)}/{asked.path}"
    if path.exists() and not again:
        return FetchedFile(now.date(), path, address, "there")
    part, before = Path(f"{path}.part"), sha256(path) if path.exists() else None
    headers = {"Authorization": f"Bearer {next(iter(secrets.values()))}"} if secrets else {}
    refused: CoalwatchError | None = None
    with (
        keeping(part),
        Web(
            spec.source, secrets=secrets, per_minute=spec.per_minute, timeout_s=asked.timeout_s, progress=progress
        ) as web,
    ):
        there = {_key(kept) for line in answers_there(part, _asked_of) if (kept := _asked_of(line))}
        for n, (about, body) in enumerate(questions):
            if _key(about) in there:
                continue
            progress(f"fetching {path.name}: {n:,} of {len(questions):,} questions")
            try:
                content = web.request("POST", address, json=body, headers=headers).content
            except Refused:
                raise
            except (InputError, NotPublished) as error:
                refused = error
                progress(f"{error}; left out: {_named(about)}")
                continue
            if not _is_answer(content):
                why = f"an answer about {_named(about)} is none ({beginning(content)})"
                raise SourceUnavailable(f"{web.name}: {path.name}: {why}; try again later")
            line = {"source": spec.source, "polled_at": now.isoformat(), "asked": about}
            keep_answer(part, json.dumps(line, separators=(",", ":")).encode()[:-1] + b',"body":' + content + b"}")
        if not part.exists():
            assert refused is not None
            raise refused
        write_origin(path, web.redact(f"{address} {json.dumps(questions[0][1], separators=(',', ':'))}"), now)
        settle(part, path)
    return fetched_file(now.date(), path, address, before)


def plan_figures(
    spec: SourceSpec, settings: Settings, ships: Sequence[ShipSpan], *, now: datetime
) -> PlannedFile | None:
    """What `fetch_figures` would ask for; None if there is nothing to ask about.

    raises  InputError for another source
    """
    asked, questions = _requests(spec), _questions(spec, ships, now)
    if not questions:
        return None
    address, folder = f"{spec.address(settings)}/{asked.path}", settings.landing / spec.source
    there = sorted(folder.glob(f"{spec.source}_*_{_digest(questions)}.jsonl"))
    if there:
        return PlannedFile(FetchedFile(now.date(), there[-1], address, "there"), 0.0, 0)
    path = folder / f"{spec.source}_{now:%Y-%m-%d}_{_digest(questions)}.jsonl"
    about_s = len(questions) * spec.each_s(asked.about_s)
    return PlannedFile(FetchedFile(now.date(), path, address, None), about_s, len(questions))


def _requests(spec: SourceSpec) -> FigureRequests:
    if spec.figures is None:
        raise InputError(f"{spec.source}: gives no figures (kind is {spec.kind})")
    return spec.figures


def _questions(spec: SourceSpec, ships: Sequence[ShipSpan], now: datetime) -> list[Question]:
    asked = _requests(spec)
    return _of_ports(spec, asked, now.date()) if asked.ports else [_of_ship(asked, one) for one in ships]


def _of_ports(spec: SourceSpec, asked: FigureRequests, today: date) -> list[Question]:
    """A question a port, of all whole months of the source's history that are settled."""
    first = spec.history_from or date(2012, 1, 1)
    until = today.replace(day=1)
    if (today - until).days < (spec.latency_days or 0):  # the month before may still change
        until = (until.replace(year=until.year - 1, month=12) if until.month == 1 else
                 until.replace(month=until.month - 1))  # fmt: skip
    span = {"startDate": first.isoformat(), "endDate": until.isoformat()}
    questions: list[Question] = []
    for one in asked.ports:
        where = {"portIds": list(one.port_ids)} if one.box is None else {"geometry": _polygon(one.box)}
        named = ", ".join(one.port_ids) if one.box is None else _corners(one.box)
        about = {"port": one.port, "country": one.country, "asked": named, "dataset": asked.dataset,
                 "from": span["startDate"], "until": span["endDate"]}  # fmt: skip
        body = {"datasets": [asked.dataset], **span, **where, "timeseriesInterval": "MONTH", "groupBy": "FLAG"}
        questions.append((about, body))
    return questions


def _of_ship(asked: FigureRequests, one: ShipSpan) -> Question:
    about = {"ship": one.ship, "mmsi": one.mmsi, "imo": one.imo, "dataset": asked.dataset,
             "from": one.first.isoformat(), "until": one.until.isoformat()}  # fmt: skip
    return about, {
        "includes": ["COVERAGE", "GAP"], "startDate": about["from"], "endDate": about["until"],
        "vessels": [{"datasetId": asked.dataset, "vesselId": one.ship}],
    }  # fmt: skip


def _polygon(box: Box) -> dict[str, Any]:
    corners = [(box.west, box.south), (box.east, box.south), (box.east, box.north), (box.west, box.north)]
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in (*corners, corners[0])]]}


def _corners(box: Box) -> str:
    return f"{box.south}, {box.west}, {box.north}, {box.east}"


def _digest(questions: Sequence[Question]) -> str:
    return hashlib.sha256(json.dumps(questions).encode()).hexdigest()[:8]


def _named(about: Mapping[str, Any]) -> str:
    return str(about.get("port") or f"ship {about['ship']}")


def _key(about: Mapping[str, Any]) -> str:
    return json.dumps(about, sort_keys=True)


def _asked_of(line: bytes) -> dict[str, Any] | None:
    """What a kept line answers; None if it is none."""
    try:
        found = json.loads(line)["asked"]
    except (ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, dict) else None


def _is_answer(content: bytes) -> bool:
    try:
        body = json.loads(content)
    except ValueError:
        return False
    return isinstance(body, dict) and any(name in body for name in _ANSWERS)


PROVIDER = Provider(
    "figures",
    needs=("figures", "secrets"),
    may_have=("per_minute",),
    fetch_figures=fetch_figures,
    plan_figures=plan_figures,
)
