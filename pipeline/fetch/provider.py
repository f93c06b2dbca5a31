"""What a provider declares of itself: what it serves, what its sources must say, and how it is asked.

One file a provider in `pipeline/fetch/providers`, with a declaration named PROVIDER and the client below it. Where data
comes from and on which terms is knowledge, not code: that is said by its sources, the files of `seeds/sources` that
name the provider as their `client`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event
from typing import TYPE_CHECKING, Protocol

from pipeline.errors import InputError
from pipeline.fetch.fetched import FetchedFile
from pipeline.fetch.sources import Kind, SourceSpec

if TYPE_CHECKING:
    from pipeline.fetch.retry import Retry
    from pipeline.settings import Settings

Progress = Callable[[str], None]
# Fields of a source that are for its client: one that is given and not read would be believed to be heeded.
_OF_CLIENTS = (
    "files",
    "requests",
    "vessels",
    "reports",
    "passes",
    "figures",
    "boxes",
    "message_types",
    "token_url",
    "per_minute",
)

_ASKED_BY = {
    "daily_file": "fetch_days", "events": "fetch_days", "reports": "fetch_days", "passes": "fetch_days",
    "vessels": "fetch_ships", "figures": "fetch_figures",
}  # fmt: skip


class FetchDays(Protocol):
    """Asks for the files of the UTC days from `first` to `last` (inclusive).

    secrets  environment variable to value, those of the source
    now      wall clock
    again    ask for files that lie there too
    raises   InputError for days that are not to be had, a refused token; SourceUnavailable (`NotPublished` for a day
             that is not there yet) where a later try may do
    """

    def __call__(
        self,
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
        """The files, in the source's landing folder."""


@dataclass(frozen=True)
class PlannedFile:
    """A file that would be asked for, in how many requests, and about how many seconds these take: none for one that
    lies there.

    at_least  whether an answer may come in more pages, which nobody knows before the first
    """

    file: FetchedFile
    about_s: float
    requests: int = 1
    at_least: bool = False


PlanDays = Callable[["SourceSpec", "Settings", date, date], list[PlannedFile]]


class FetchShips(Protocol):
    """Asks for the particulars of ships, by the provider's ids or by IMO numbers; the rest as `FetchDays`."""

    def __call__(
        self,
        spec: SourceSpec,
        settings: Settings,
        ships: Sequence[str],
        *,
        secrets: Mapping[str, str],
        now: datetime,
        progress: Progress,
        again: bool,
    ) -> FetchedFile:
        """The file of the answers, in the source's landing folder."""


class FetchOfShips(Protocol):
    """Asks for what the provider tells of some ships, by its ids, on the UTC days from `first` to `last`; the rest as
    `FetchDays`."""

    def __call__(
        self,
        spec: SourceSpec,
        settings: Settings,
        ships: Sequence[str],
        first: date,
        last: date,
        *,
        secrets: Mapping[str, str],
        now: datetime,
        progress: Progress,
        again: bool,
    ) -> list[FetchedFile]:
        """The files, in the source's landing folder."""


@dataclass(frozen=True)
class ShipSpan:
    """A ship by the provider's id, and the UTC days [first, until) that a figure of her is wanted for; mmsi and imo are
    those she is known here by."""

    ship: str
    mmsi: int | None
    imo: int | None
    first: date
    until: date


class FetchFigures(Protocol):
    """Asks for figures: of ships in some time, or of what the source itself names; the rest as `FetchDays`."""

    def __call__(
        self,
        spec: SourceSpec,
        settings: Settings,
        ships: Sequence[ShipSpan],
        *,
        secrets: Mapping[str, str],
        now: datetime,
        progress: Progress,
        again: bool,
    ) -> FetchedFile:
        """The file of the answers, in the source's landing folder."""


class PlanFigures(Protocol):
    """What asking for figures of ships would take, as `PlannedFile`; answers to the same questions that lie there, of
    whichever day, are not asked for again. None: there is nothing to ask about."""

    def __call__(
        self, spec: SourceSpec, settings: Settings, ships: Sequence[ShipSpan], *, now: datetime
    ) -> PlannedFile | None:
        """The plan."""


class LiveClient(Protocol):
    """Keeps a live source coming.

    counts    of what happened, by name; a part of the listener's status
    answered  whether the source ever answered
    trouble   what is wrong just now
    """

    counts: dict[str, int]
    answered: bool
    trouble: str | None

    def lines(self, stop: Event) -> Generator[str | None, None, None]:
        """What comes, a line each; None every turn while nothing does.

        raises  InputError for what waiting does not mend, like a refused key
        """

    def places(self, line: str) -> list[tuple[float, float]]:
        """Latitude and longitude of what a line speaks of."""


class Listen(Protocol):
    """Makes the client of a live source; nobody is asked before its lines are.

    retry  how long it waits for what
    now       the clock
    tell      called with what goes wrong, and when it works again
    """

    def __call__(
        self,
        spec: SourceSpec,
        settings: Settings,
        secrets: Mapping[str, str],
        *,
        retry: Retry,
        now: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> LiveClient:
        """The client."""


@dataclass(frozen=True)
class Provider:
    """What a provider serves, and by what it is asked: one of `fetch_days`, `fetch_ships`, `fetch_figures` and
    `listen`.

    kind         of its sources. The schedule follows from it: daily files, events, reports and passes are asked for
                 each UTC day, particulars and figures once a week; what a listener (stream, poll) kept of a day is
                 landed
    needs        fields that its sources must give
    may_have     fields that they may give; others that are for clients are refused
    secrets      environment variables that the client reads by their names, so that its sources must name them
    fetch_of_ships  beside `fetch_days`: of the ships that lists name, where a source asks for these
    at_once      whether a span of days is one question; else it is asked day by day
    place_of     of a day's file: where it will be kept and its address, without a request; None: not known before
    of_lists     what `fetch_ships` takes are the IMO numbers of ships that lists name; else ids of the ships of events
    plan_days    of a span of days: the questions that would be asked, without a request; None: as `place_of` has it
    plan_figures  beside `fetch_figures`: the questions that would be asked, without a request
    """

    kind: Kind
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    fetch_days: FetchDays | None = None
    at_once: bool = False
    place_of: Callable[[SourceSpec, Settings, date], FetchedFile] | None = None
    fetch_of_ships: FetchOfShips | None = None
    plan_days: PlanDays | None = None
    fetch_ships: FetchShips | None = None
    of_lists: bool = False
    fetch_figures: FetchFigures | None = None
    plan_figures: PlanFigures | None = None
    listen: Listen | None = None

    def __post_init__(self) -> None:
        """raises  ValueError where it is not asked in the way of its kind"""
        by = _ASKED_BY.get(self.kind, "listen")
        ways = ("fetch_days", "fetch_ships", "fetch_figures", "listen")
        if any((getattr(self, way) is not None) != (way == by) for way in ways):
            raise ValueError(f"a provider of kind {self.kind} has {by}, and no other way of being asked")

    def check(self, spec: SourceSpec) -> None:
        """See that a source suits this provider.

        raises  InputError naming file, field, found and expected
        """
        where, client = f"seeds/sources/{spec.source}.yaml", f"its client {spec.asked_by}"
        if spec.kind != self.kind:
            raise InputError(f'{where}: kind is "{spec.kind}"; expected {self.kind}, which is what {client} serves')
        for name in self.needs:
            if not getattr(spec, name):
                raise InputError(f"{where}: {name} is missing; expected a value, {client} needs it")
        if lacking := [name for name in self.secrets if name not in spec.secrets]:
            raise InputError(f"{where}: secrets lack {lacking[0]}; expected it among them, {client} reads it")
        for name in _OF_CLIENTS:
            if getattr(spec, name) and name not in (*self.needs, *self.may_have):
                raise InputError(f"{where}: {name} is given, but {client} does not read it; leave it out")
