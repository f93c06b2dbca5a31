"""Task: what sources publish to files in the landing folders."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError, SourceUnavailable
from pipeline.fetch.fetched import FetchedFile
from pipeline.fetch.provider import Provider, ShipSpan
from pipeline.fetch.redaction import Redaction
from pipeline.fetch.registry import provider_of
from pipeline.fetch.sources import SourceSpec, find_source_spec
from pipeline.plain import Record

if TYPE_CHECKING:
    from pipeline.settings import Settings

log = logging.getLogger(__name__)
Progress = Callable[[str], None]
_shown = Redaction()  # a mirror's address may hold a password


def fetch_day(
    settings: Settings, source: str, day: str, *, secrets: Mapping[str, str], now: datetime, progress: Progress
) -> list[Path]:
    """Files of one source and UTC day, in its landing folder and ready for `landing.ingest`.

    What has days is asked for; of a folder, or of what is listened to, it is the closed files whose names hold the day.

    secrets  environment variable to value; others than the source's are ignored
    now      wall clock
    raises   InputError for an unknown source, a day that has not begun or is not to be had, a missing or refused token;
             SourceUnavailable where there is nothing (yet), or a server gave up
    """
    only = date.fromisoformat(day)
    asked = _Asked(settings, _source_of_days(source), secrets, now, progress, again=False)
    return [file["path"] for file in _fetch(asked, only, only)]


def fetch_days(
    settings: Settings,
    source: str,
    first: date,
    last: date,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> list[Record]:
    """Files of the UTC days from `first` to `last` (inclusive); days that are not published (yet) do not stop the rest.

    again    fetch files that lie there too
    returns  per file: day (the first, of a file of several), name, path, bytes, url, reads_as, state (fetched, there,
             unchanged, changed, not_published), `replaces` (source_file_id of the edition that a changed one takes the
             place of), and for what is not published the `reason`, and whether it was `expected` to be there
    raises   as `fetch_day`
    """
    from pipeline.fetch.web import AddressChanged, NotPublished

    asked = _Asked(settings, _source_of_days(source), secrets, now, progress, again)
    days = _days(first, last)
    files: list[Record] = []
    for begin, end in [(first, last)] if asked.at_once else [(day, day) for day in days]:
        try:
            files += [file | {"path": str(file["path"])} for file in _fetch(asked, begin, end)]
        except NotPublished as error:
            expected = isinstance(error, AddressChanged)
            files.append(
                {"day": begin.isoformat(), "state": "not_published", "reason": str(error), "expected": expected}
            )
    return [{**dict.fromkeys(_FIELDS), "reads_as": asked.spec.reads_as, **file} for file in files]


_FIELDS = ("day", "name", "path", "bytes", "url", "reads_as", "state", "replaces", "reason", "expected")


def plan_days(settings: Settings, source: str, first: date, last: date) -> list[Record]:
    """What `fetch_days` would do: day, name, path, url and state (there, or null), and where each is a request
    or more `about_s`, what it takes; no server is asked.

    raises  InputError as `fetch_days`
    """
    spec, days = _source_of_days(source), _days(first, last)
    asked = provider_of(spec) if spec.asked_by and not spec.live else None
    if asked is not None and asked.plan_days is not None:
        return [
            {"day": one.file.day.isoformat(), "name": one.file.path.name, "path": str(one.file.path),
             "url": _shown(one.file.url), "state": one.file.state, "about_s": one.about_s}
            for one in asked.plan_days(spec, settings, first, last)
        ]  # fmt: skip
    place_of = asked.place_of if asked is not None else None
    if place_of is not None:
        places = [place_of(spec, settings, day) for day in days]
        return [
            {"day": one.day.isoformat(), "name": one.path.name, "path": str(one.path), "url": _shown(one.url),
             "state": one.state}
            for one in places
        ]  # fmt: skip
    url = None if spec.url is None else _shown(spec.address(settings))
    return [{"day": day.isoformat(), "name": None, "path": None, "url": url, "state": None} for day in days]


def plan_requests(settings: Settings, source: str, first: date, last: date, *, now: datetime) -> Record | None:
    """How much would be asked of a source that is asked for days or for figures (which are of no day): `requests`,
    `about_s` (seconds, of all), and `at_least`, whether answers may come in more pages; no server is asked.

    returns  None where its client does not plan: how much it asks for is not known beforehand
    raises  InputError for a folder, and as `fetch_days`
    """
    spec = find_source_spec(source)
    provider = provider_of(spec)
    if provider.plan_figures is not None:
        one = provider.plan_figures(spec, settings, _spans_to_ask(settings, spec), now=now)
        planned = [] if one is None else [one]
    elif provider.plan_days is not None:
        planned = provider.plan_days(spec, settings, first, last)
    else:
        return None
    return {
        "requests": sum(one.requests for one in planned),
        "about_s": sum(one.about_s for one in planned),
        "at_least": any(one.at_least for one in planned if one.requests),
    }


def fetch_particulars(
    settings: Settings,
    source: str,
    *,
    secrets: Mapping[str, str],
    now: datetime,
    progress: Progress,
    again: bool = False,
) -> list[Record]:
    """Ask for what is of no day: particulars of the ships of the bought events of the home, or of the lists, or
    figures; the answers lie in the source's landing folder.

    again    ask although the answers of today to the same questions lie there
    returns  the file as `fetch_days` tells it, with `ships`, how many ships (or ports) were asked for; nothing if
             there is none to ask for: then nobody is asked
    raises   InputError for another source, a missing or refused token, answers of no use; SourceUnavailable if the
             server gave up
    """
    spec, provider = _source_of_no_day(source), provider_of(find_source_spec(source))
    number = plan_particulars(settings, source)["ships"]
    if not number:
        return []
    terms: Any = {"secrets": spec.take_secrets(secrets), "now": now, "progress": progress, "again": again}
    if provider.fetch_figures is not None:
        file = provider.fetch_figures(spec, settings, _spans_to_ask(settings, spec), **terms)
    else:
        assert provider.fetch_ships is not None  # as its kind says
        file = provider.fetch_ships(spec, settings, _ships_to_ask(settings, spec), **terms)
    log.info("fetched %s: %s, %d asked for, %s", source, file.path.name, number, file.state)
    told = _fetched_record(file)
    return [told | {"path": str(file.path), "reads_as": spec.reads_as, "ships": number}]


def why_nothing_to_ask(source: str) -> str:
    """Why there may be no ship to ask a source that is of no day for, in words."""
    spec = _source_of_no_day(source)
    if spec.figures is not None:
        return f"no ship in an alert has an id at {spec.provider} that is known here"
    if provider_of(spec).of_lists:
        return "no list names a ship with an IMO number"
    return "no event that names a ship has landed here"


def plan_particulars(settings: Settings, source: str) -> Record:
    """What `fetch_particulars` would do: source, ships (or ports, as `of` says), url; no server is asked.

    raises  InputError for another source
    """
    spec = _source_of_no_day(source)
    ports = spec.figures.ports if spec.figures else ()
    asked: Sequence[object] = ports
    if not ports:
        asked = _spans_to_ask(settings, spec) if spec.figures else _ships_to_ask(settings, spec)
    of = "port" if ports else "ship"
    return {"source": source, "ships": len(asked), "of": of, "url": _shown(spec.address(settings))}


def refuse_missing(files: Sequence[Record]) -> None:
    """Say so when a day (of the files as `fetch_days` gives them) is not published.

    raises  SourceUnavailable with the first reason
    """
    missing = [file for file in files if file["state"] == "not_published"]
    if missing:
        days = len({file["day"] for file in files})
        raise SourceUnavailable(f"{len(missing)} of {days} days not fetched; the first: {missing[0]['reason']}")


def _source_of_days(source: str) -> SourceSpec:
    spec = find_source_spec(source)
    if not spec.by_day:
        raise InputError(f"{source}: what it tells is of no day; leave the day out: coalwatch fetch {source}")
    return spec


def _source_of_no_day(source: str) -> SourceSpec:
    spec = find_source_spec(source)
    if spec.by_day:
        raise InputError(f"{source}: tells of days, not of ships; give the day: coalwatch fetch {source} --from DAY")
    return spec


def _ships_to_ask(settings: Settings, spec: SourceSpec) -> list[str]:
    """Ids of the ships of the bought events of the home; where its client asks for ships that lists name, their IMO
    numbers."""
    if provider_of(spec).of_lists:
        return [str(number) for number in _listed_numbers(settings)]
    from pipeline.state.particulars import ships_of_events
    from pipeline.tasks.home import Home

    lake = Home(settings).lake
    return ships_of_events(lake.catalog, lake.root, spec.provider)


def _spans_to_ask(settings: Settings, spec: SourceSpec) -> list[ShipSpan]:
    """The ships in alerts, by the calendar years of these; of a source that counts at ports none."""
    from pipeline.tasks.figures import ships_in_alerts

    return [] if spec.figures is None or spec.figures.ports else ships_in_alerts(settings, spec.provider)


def _days(first: date, last: date) -> list[date]:
    if last < first:
        raise InputError(f"--to {last} is before --from {first}; expected the first day first")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@dataclass(frozen=True)
class _Asked:
    """What holds for all days of one call; `secrets` may hold those of others."""

    settings: Settings
    spec: SourceSpec
    secrets: Mapping[str, str]
    now: datetime
    progress: Progress
    again: bool

    @cached_property
    def provider(self) -> Provider | None:
        """Who is asked by the day; None: nobody, what lies in the landing folder is taken."""
        return provider_of(self.spec) if self.spec.asked_by and not self.spec.live else None

    @property
    def at_once(self) -> bool:
        """Whether a span of days is one question."""
        return self.provider is not None and self.provider.at_once


def _fetch(asked: _Asked, first: date, last: date) -> list[Record]:
    """Files of some days as `fetch_days` reports them, with `path` as Path."""
    spec = asked.spec
    if last > asked.now.date():
        raise InputError(f"{spec.source}: {last} has not begun (UTC); expected days until {asked.now:%Y-%m-%d}")
    if asked.provider and asked.provider.fetch_days:
        fetched = asked.provider.fetch_days(
            spec, asked.settings, first, last, secrets=spec.take_secrets(asked.secrets), now=asked.now,
            progress=asked.progress, again=asked.again,
        )  # fmt: skip
        files = [_fetched_record(file) for file in [*fetched, *_of_listed_ships(asked, first, last)]]
    else:
        files = [_record(first, path, "there") for path in _waiting(asked, first)]
    for file in files:
        log.info("fetched %s %s: %s, %s", spec.source, file["day"], file["name"], file["state"])
    return files


def _of_listed_ships(asked: _Asked, first: date, last: date) -> list[FetchedFile]:
    """What a source asks for of the ships that lists name."""
    spec, provider = asked.spec, asked.provider
    of_lists = spec.requests is not None and any(one.of_lists for one in spec.requests.datasets)
    if not of_lists or provider is None or provider.fetch_of_ships is None:
        return []
    ships = _known_of_lists(asked.settings, spec)
    if not ships:
        asked.progress(
            f"{spec.source}: no id of a ship that a list names is known here, so none is asked for; to learn them: "
            f"coalwatch fetch {spec.source}_listed, ingest, run"
        )
        return []
    return provider.fetch_of_ships(
        spec, asked.settings, ships, first, last, secrets=spec.take_secrets(asked.secrets), now=asked.now,
        progress=asked.progress, again=asked.again,
    )  # fmt: skip


def _listed_numbers(settings: Settings) -> list[int]:
    """The IMO numbers of ships that a list names or named, in order."""
    from pipeline.imo import is_imo
    from pipeline.tasks.home import read_watchlists

    numbers = read_watchlists(settings).history["imo"].dropna().unique()
    return sorted(int(number) for number in numbers if is_imo(int(number)))


def _known_of_lists(settings: Settings, spec: SourceSpec) -> list[str]:
    """The provider's ids of ships that lists name, as far as particulars of them have landed."""
    from pipeline.state.particulars import ships_of_numbers
    from pipeline.tasks.home import Home

    lake = Home(settings).lake
    return ships_of_numbers(lake.catalog, lake.root, spec.provider, _listed_numbers(settings))


def _fetched_record(file: FetchedFile) -> Record:
    """A file that came as `fetch_days` tells it, with `path` as Path."""
    return _record(file.day, file.path, str(file.state)) | {"url": _shown(file.url), "replaces": file.replaces}


def _waiting(asked: _Asked, day: date) -> list[Path]:
    """The closed files of a day in the landing folder of a source that is not asked by the day."""
    from pipeline.fetch.web import NotPublished
    from pipeline.tasks.land import waiting_files

    source, folder = asked.spec.source, asked.settings.landing / asked.spec.source
    found = waiting_files(folder, day.isoformat()) if folder.is_dir() else []
    if not found:
        do = f"is `coalwatch listen {source}` running?" if asked.spec.live else "put one there"
        raise NotPublished(f"{folder}: no file whose name holds {day} (yet); {do}")
    return found


def _record(day: date, path: Path, state: str) -> Record:
    return {"day": day.isoformat(), "name": path.name, "path": path, "bytes": path.stat().st_size, "state": state}
