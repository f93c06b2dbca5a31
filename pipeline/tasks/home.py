"""A home opened for work: its lake, the state of its runs, the zones, the limits, and what is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from geo.anchorages import KnownAnchorages, known_anchorages
from geo.zone_error import ZoneError
from geo.zones import ZONES, Zones, load_zones
from pipeline.errors import InputError
from pipeline.lake.disk import one_writer
from pipeline.lake.lake import Lake
from pipeline.limits import Limits, load_limits
from pipeline.resources import extensions
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.judgement.knowledge_files import KnowledgeFiles
    from pipeline.judgement.listings import Edition
    from pipeline.judgement.watchlists import Watchlists
    from pipeline.lake.editions import Kept
    from pipeline.state.due import ShipDays
    from pipeline.state.judged import Judged
    from pipeline.state.lives import Lives
    from pipeline.state.meetings import MeetingDays
    from pipeline.state.provider_events import ProviderEvents
    from pipeline.state.radar import Radar
    from pipeline.state.results import Results
    from pipeline.state.run_state import RunState
    from pipeline.state.spans import Spans


@dataclass(frozen=True)
class Home:
    """Everything a task needs to know of one installation."""

    settings: Settings

    @cached_property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(self.settings.home, self.settings.lake_url)

    @cached_property
    def run_state(self) -> RunState:
        """What runs note by name."""
        from pipeline.state.run_state import RunState

        return RunState(self.lake.catalog)

    @cached_property
    def ship_days(self) -> ShipDays:
        """Which ships' days are derived from what they now are."""
        from pipeline.state.due import ShipDays

        return ShipDays(self.lake.catalog)

    @cached_property
    def results(self) -> Results:
        """What UTC days were compressed to, and what they hand on."""
        from pipeline.state.results import Results

        return Results(self.lake.catalog, self.lake.root, self.ship_days)

    @cached_property
    def judged(self) -> Judged:
        """What gaps and alerts were judged by."""
        from pipeline.state.judged import Judged

        return Judged(self.lake.catalog)

    @cached_property
    def meetings(self) -> MeetingDays:
        """Of which ships' days encounters are due, and who is together with whom."""
        from pipeline.state.meetings import MeetingDays

        return MeetingDays(self.lake.catalog)

    @cached_property
    def lives(self) -> Lives:
        """When and where tracks were first heard and fell silent."""
        from pipeline.state.lives import Lives

        return Lives(self.lake.catalog, self.limits.identity)

    @cached_property
    def spans(self) -> Spans:
        """First and last day of tracks and identities."""
        from pipeline.state.spans import Spans

        return Spans(self.lake.catalog)

    @cached_property
    def provider_events(self) -> ProviderEvents:
        """Events of providers, by ship."""
        from pipeline.state.provider_events import ProviderEvents

        return ProviderEvents(self.lake.catalog, self.lake.root)

    @cached_property
    def radar(self) -> Radar:
        """Radar detections of providers, by UTC day."""
        from pipeline.state.radar import Radar

        return Radar(self.lake.catalog, self.lake.root)

    @cached_property
    def zones(self) -> Zones:
        """The zones in force."""
        return read_zones()

    @cached_property
    def anchorages(self) -> KnownAnchorages:
        """Where ships lie still all over the world, with the zones in force."""
        return known_anchorages(self.zones)

    @cached_property
    def limits(self) -> Limits:
        """The limits in force."""
        return load_limits()

    @contextmanager
    def writing(self, progress: Callable[[str], None]) -> Iterator[None]:
        """One writer at a time; a second one says so and waits here.

        raises  InputError if this user may not write there
        """
        self.lake.create()
        with one_writer(self.lake.home, "writer.lock", progress):
            yield


def see_home(home: Path) -> None:
    """Refuse a folder in which nothing has landed, so that a mistyped one is not made a home.

    raises  InputError
    """
    from pipeline.lake.inventory import CATALOG

    if not (home / CATALOG).is_file():
        raise InputError(f"{home}: no coalwatch home, nothing landed there; expected --home of one (COALWATCH_HOME)")


def read_zones() -> Zones:
    """Read and check the zones with those that the installation adds, once in a process.

    raises  InputError naming file, feature, field, what was found and expected
    """
    added = extensions()
    return _read_zones(ZONES, added / "zones" if added else None)


@cache
def _read_zones(folder: Path, added: Path | None) -> Zones:
    try:
        return load_zones(folder, added)
    except ZoneError as error:
        raise InputError(str(error)) from None


def read_knowledge(settings: Settings | None = None) -> KnowledgeFiles:
    """Read every knowledge file.

    settings  whose home's editions of lists and readings of imagery are read too; None, or a home that is not there:
              the seeds alone
    raises    InputError naming file, line, field, found and expected
    """
    from pipeline.judgement.knowledge_files import load_knowledge
    from pipeline.lake.readings import read_readings_kept

    return load_knowledge(read_watchlists(settings), read_readings_kept(settings.home if settings else None))


def read_watchlists(settings: Settings | None = None) -> Watchlists:
    """Read the lists of the seeds and, with `settings`, the editions that its home keeps.

    raises  InputError naming file, line, field, found and expected
    """
    from pipeline.judgement.watchlists import load_watchlists
    from pipeline.lake.editions import read_kept

    return load_watchlists(editions=[as_edition(one) for one in read_kept(settings.home)] if settings else ())


def as_edition(kept: Kept) -> Edition:
    """An edition that a home keeps, as it is judged by."""
    from pipeline.judgement.listings import Edition

    return Edition(
        kept.watchlist_id, kept.published_on, kept.frame(), kept.form, kept.sha256, sum(kept.left_out.values())
    )
