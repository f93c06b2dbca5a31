"""The catalogue of sources: where data comes from, on which terms, and whether it can speak of Nampo at all.

One file a source under `seeds/sources/`. What its publications were not seen to say is named in `unverified`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline.contracts import SOURCE
from pipeline.days import day_ended_at
from pipeline.discovery import Room
from pipeline.errors import InputError
from pipeline.fetch.requests import (
    BlindSpots,
    Box,
    DailyFile,
    EventRequests,
    FigureRequests,
    PassRequests,
    ReportRequests,
    VesselRequests,
)
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_named_seeds

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.settings import Settings

Kind = Literal["daily_file", "events", "reports", "passes", "vessels", "figures", "stream", "poll", "folder"]
PROVIDERS = Room("pipeline.fetch.providers", "providers", "PROVIDER")


class NampoAnswer(Seed):
    """Whether a source can speak of ships at Nampo, and why."""

    answer: Literal["no", "weakly", "yes", "depends"]
    reason: str


class SourceSpec(Seed):
    """One source; see `seeds/sources/` and docs/sources.md.

    client         file of `pipeline/fetch/providers` that asks for it; left out: `daily_files` for a daily_file, else
                   the one of the source's own name
    reads_as       SOURCE of `coalwatch ingest` that reads its files
    url            address, without path of a day or parameters; None for files that are handed in
    token_url      where a token is had for the secrets, if they are not sent themselves
    licence        terms of use; commercial_use is None where they were not seen
    history_from   first day that can be asked for; None if only what comes from now on can be had
    history_to     last day that can be asked for; None while new days come
    latency_days   usual delay after the end of a UTC day; None if not known
    promise_hours  delay after the end of a UTC day from which on the source counts as late; None: never
    secrets        environment variables that must be set
    per_minute     most requests a minute
    requests       how events are asked for, where the client reads it
    blind_spots    what the provider of events is known not to see, by kind of event and for `voyage`: a sentence that
                   every such event carries; left out where `requests` say it
    vessels        how particulars of ships are asked for
    reports        how reports on a grid are asked for
    passes         how passes of satellites are asked for
    figures        how figures are asked for
    boxes          parts of the sea that `coalwatch listen`, or a request for events, asks for; empty: all there is
    message_types  what it asks for, in the source's words
    silence_minutes  silence of a box that is worth a word
    synthetic      its files hold generated data
    unverified     fields whose value no publication was seen to say
    """

    source: str
    title: str
    kind: Kind
    client: str | None = None
    reads_as: str
    url: str | None
    token_url: str | None = None
    files: tuple[DailyFile, ...] = ()
    licence: str
    commercial_use: bool | None
    coverage: str
    speaks_of_nampo: NampoAnswer
    history_from: date | None
    history_to: date | None = None
    latency_days: Annotated[float | None, Field(ge=0)]
    promise_hours: Annotated[float | None, Field(gt=0)]
    secrets: tuple[str, ...] = ()
    per_minute: Annotated[float | None, Field(gt=0)] = None
    known_blind_spots: tuple[str, ...] = ()
    provenance: str
    requests: EventRequests | None = None
    blind_spots: BlindSpots | None = None
    vessels: VesselRequests | None = None
    reports: ReportRequests | None = None
    passes: PassRequests | None = None
    figures: FigureRequests | None = None
    boxes: tuple[Box, ...] = ()
    message_types: tuple[str, ...] = ()
    silence_minutes: Annotated[float | None, Field(gt=0)] = None
    synthetic: bool = False
    unverified: tuple[str, ...] = ()

    @field_validator("client")
    @classmethod
    def _is_a_provider(cls, client: str | None) -> str | None:
        if client is not None and client not in PROVIDERS.files():
            raise ValueError(f"one of {', '.join(PROVIDERS.files())}")
        return client

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.kind == "folder") != (self.url is None):
            raise ValueError("a url, except for a folder")
        if (self.files and self.kind != "daily_file") or (self.asked_by == "daily_files" and not self.files):
            raise ValueError("files (where the file of a day lies) for a daily_file, and for nothing else")
        given = (self.requests is not None) + (self.blind_spots is not None)
        if given != (1 if self.kind == "events" else 0):
            raise ValueError("requests (how events are asked for) or blind_spots for events, and for nothing else")
        if (self.kind == "vessels") != (self.vessels is not None):
            raise ValueError("vessels (how particulars of ships are asked for) for vessels, and for nothing else")
        if (self.kind == "reports") != (self.reports is not None):
            raise ValueError("reports (how reports on a grid are asked for) for reports, and for nothing else")
        if (self.kind == "passes") != (self.passes is not None):
            raise ValueError("passes (how passes of satellites are asked for) for passes, and for nothing else")
        if (self.kind == "figures") != (self.figures is not None):
            raise ValueError("figures (how figures are asked for) for figures, and for nothing else")
        if self.kind == "folder" and self.client is not None:
            raise ValueError("no client for a folder: nobody is asked")
        if self.asked_by is not None and self.asked_by not in PROVIDERS.files():
            raise ValueError(f"a client, one of {', '.join(PROVIDERS.files())}: there is no provider {self.asked_by}")
        if wrong := set(self.unverified) - set(SourceSpec.model_fields):
            raise ValueError(f"names of fields in unverified, not {min(wrong)}")
        days = [(rule.from_day, rule.to_day) for rule in self.files]
        if any(end is None or end > begin for (_, end), (begin, _) in pairwise(days)):
            raise ValueError("files in order of time that do not overlap")
        return self

    @property
    def verified(self) -> bool:
        """Whether publications were seen for everything said here."""
        return not self.unverified and all(rule.verified for rule in self.files)

    @property
    def asked_by(self) -> str | None:
        """The provider that asks for it; None for a folder, where nobody is asked."""
        if self.kind == "folder":
            return None
        return self.client or ("daily_files" if self.kind == "daily_file" else self.source)

    @property
    def event_notes(self) -> dict[str, str]:
        """What a provider of events is known not to see, by kind of event, and for `voyage`."""
        if self.blind_spots:
            return self.blind_spots.model_dump()
        return self.requests.notes if self.requests else {}

    @property
    def by_day(self) -> bool:
        """Whether it can be asked for a UTC day: what ships are, and figures of long spans, are of no day."""
        return self.kind not in ("vessels", "figures")

    def each_s(self, about_s: float) -> float:
        """About how many seconds a request takes whose answer takes so many: no less than it may be made."""
        return max(about_s, 60 / self.per_minute if self.per_minute else 0.0)

    @property
    def live(self) -> bool:
        """Whether it is listened to."""
        return self.kind in ("stream", "poll")

    @property
    def provider(self) -> str:
        """The source that it goes with, and whose account is used: itself, or that of the events."""
        if self.figures:
            return self.figures.figures_of
        return self.vessels.ships_of if self.vessels else self.source

    def address(self, settings: Settings, url: str | None = None) -> str:
        """The source's address (or another of its addresses, if given), or that of a mirror named in
        `settings.source_urls`, without a slash at its end.

        raises  InputError for a source without address
        """
        return self._address(settings, self.source, url or self.url)

    def file_of(self, day: date) -> DailyFile:
        """Where the file of a UTC day lies.

        raises  InputError for a day of which no address is known
        """
        for rule in self.files:
            if rule.holds(day):
                return rule
        known = ", ".join(f"{rule.from_day} to {rule.to_day or 'today'} (exclusive)" for rule in self.files)
        raise InputError(f"{self.source}: no address is known for the file of {day}; known are days from {known}")

    def is_published(self, day: date, now: datetime) -> bool:
        """Whether the file of a UTC day is there by what the catalogue says: its address is one of past days, or the
        source's promise (without one: twice its usual delay) is over."""
        if self.file_of(day).to_day is not None:
            return True
        hours = self.promise_hours or (self.latency_days and 2 * 24 * self.latency_days)
        return hours is not None and now >= day_ended_at(day) + timedelta(hours=hours)

    def token_address(self, settings: Settings) -> str:
        """Where a token is had; a mirror of it is named as `<source>.token`."""
        return self._address(settings, f"{self.source}.token", self.token_url)

    def take_secrets(self, given: Mapping[str, str]) -> dict[str, str]:
        """Of what is given (environment variable to value), the secrets this source needs.

        raises  InputError naming the variable that is not set
        """
        taken = {name: given.get(name, "").strip() for name in self.secrets}
        if missing := [name for name, value in taken.items() if not value]:
            raise InputError(f"{self.source}: {' and '.join(missing)} not set; docs/sources.md says where to get it")
        return taken

    @staticmethod
    def _address(settings: Settings, name: str, url: str | None) -> str:
        found = settings.source_urls.get(name) or url
        if not found:
            raise InputError(f"{name}: has no address; put its files into its landing folder")
        return found.rstrip("/")


def find_source_spec(name: str) -> SourceSpec:
    """The source of a name.

    raises  InputError naming those there are
    """
    specs = load_sources()
    if name not in specs:
        raise InputError(f"no source named {name}; expected one of {', '.join(specs)} (see `coalwatch sources`)")
    return specs[name]


def load_sources(folder: Path = SEEDS / "sources") -> dict[str, SourceSpec]:
    """Every source by name.

    raises  InputError naming file, line, field, found and expected
    """
    return {spec.source: spec for spec in load_named_seeds(folder, SourceSpec, "source")}


@dataclass(frozen=True)
class Catalogue:
    """All sources: `frame` = SOURCE; `hash` identifies what the files say."""

    frame: DataFrame
    hash: str


def load_catalogue(folder: Path = SEEDS / "sources") -> Catalogue:
    """Every source as a table.

    raises  InputError as `load_sources`
    """
    from pandas import DataFrame

    specs = list(load_sources(folder).values())
    rows = DataFrame([_row(spec) for spec in specs], columns=SOURCE.names)
    return Catalogue(SOURCE.conform(rows), hashlib.sha256(digest(specs).encode()).hexdigest()[:16])


def _row(spec: SourceSpec) -> dict[str, object]:
    return {
        **{name: getattr(spec, name) for name in SOURCE.names if hasattr(spec, name)},
        "speaks_of_nampo": spec.speaks_of_nampo.answer,
        "nampo_reason": spec.speaks_of_nampo.reason,
        **{name: _iso(getattr(spec, name)) for name in ("history_from", "history_to")},
        "known_blind_spots": " ".join(spec.known_blind_spots) or None,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
