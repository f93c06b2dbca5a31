"""Measures: what the law of each authority said at a moment, and what it says of a ship's movement.

A measure file (`seeds/measures/`) names an interval, a paragraph, and *cases*: conditions on a subject with the answer
the measure gives to it. The first case that fits decides; a measure without a fitting case is silent. What is not known
of a subject fits no condition. Law is judged as of the event: two measures of one authority may be in force at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from pipeline.contracts import LEGAL_ASSESSMENT, MEASURE
from pipeline.errors import ContractError
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, ZonedTime, digest, load_named_seeds, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Effect = Literal["forbidden", "conditional", "capped", "suspended", "none"]
Answer = Literal["forbidden", "conditional", "capped", "exempt_possible", "none"]
Subject = Literal[
    "coal", "listed_vessel", "ship_to_ship", "port_entry", "labour", "inspection", "vessel_supply", "advisory"
]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class _Union(Seed):
    members: tuple[Country, ...]
    source: str


class _Unions(Seed):
    EU: _Union


@cache
def _unions() -> Mapping[str, frozenset[str]]:
    """The countries in which the law of an authority holds, of those that are several (`seeds/unions.yaml`)."""
    unions = load_seed(SEEDS / "unions.yaml", _Unions)
    return {name: frozenset(getattr(unions, name).members) for name in type(unions).model_fields}


def _each(countries: tuple[str, ...]) -> tuple[str, ...]:
    """Countries, those of a union in its place."""
    return tuple(sorted({one for country in countries for one in _unions().get(country, {country})}))


Countries = Annotated[tuple[Country, ...], AfterValidator(_each)]

SUBJECT_COLUMNS = (
    "subject_table", "subject_id", "departed_at", "arrived_at", "cargo", "origin_country", "origin_zone_id",
    "destination_country", "flag", "listed", "ship_to_ship", "port_country", "days_since_dprk_call",
    "days_since_dprk_meeting", "days_since_possible_dprk_call",
)  # fmt: skip


class When(Seed):
    """Conditions on a subject; all that are given must hold. `EU` among countries is each of its members.

    Of a cargo:
    cargo         `coal`: the movement is consistent with seaborne North Korean coal
    origin        countries it comes from          origin_zone  zones it comes from, with everything named `<zone>-…`
    destination   countries it goes to             ship_to_ship it is a transfer between ships
    Of the ship:
    flag          her flags (ISO 3166 alpha-2)     listed       she was on a watchlist
    calls_in      countries in a port of which she is AIS-reported to have called at the end of the movement
    dprk_call_within_days           and to have called in North Korea so many days before that at most
    dprk_meeting_within_days        and to have lain side by side with a ship that had called there, likewise
    possible_dprk_call_within_days  and to have been silent likewise, for long enough to call there
    """

    cargo: Literal["coal"] | None = None
    origin: Countries = ()
    origin_zone: tuple[str, ...] = ()
    destination: Countries = ()
    flag: Countries = ()
    listed: Literal[True] | None = None
    ship_to_ship: Literal[True] | None = None
    calls_in: Countries = ()
    dprk_call_within_days: int | None = None
    dprk_meeting_within_days: int | None = None
    possible_dprk_call_within_days: int | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_dump(exclude_defaults=True):
            raise ValueError("at least one condition")
        return self

    def fits(self, subjects: DataFrame) -> Series:
        """Which subjects meet every condition, as bool."""
        asked: dict[str, tuple[str | bool, ...]] = {
            "cargo": (self.cargo,) if self.cargo else (),
            "origin_country": self.origin,
            "destination_country": self.destination,
            "port_country": self.calls_in,
            "flag": self.flag,
            "listed": (True,) if self.listed else (),
            "ship_to_ship": (True,) if self.ship_to_ship else (),
        }
        fitting = subjects["subject_id"].notna()
        for column, values in asked.items():
            if values:
                fitting &= subjects[column].isin(values)
                if not fitting.any():  # as of most measures and most events
                    return fitting
        for what in ("dprk_call", "dprk_meeting", "possible_dprk_call"):
            most = getattr(self, f"{what}_within_days")
            if most is not None:
                fitting &= subjects[f"days_since_{what}"].astype("float64") <= most
        if self.origin_zone:
            zone = subjects["origin_zone_id"].astype("str")
            nested = zone.str.startswith(tuple(f"{name}-" for name in self.origin_zone))
            fitting &= (zone.isin(self.origin_zone) | nested).fillna(False).astype(bool)
        return fitting


class Case(Seed):
    """What the measure answers to subjects that meet the conditions, and why (`because`, a sentence)."""

    when: When
    answer: Answer
    because: str


class _Interval(Seed):
    from_at: Annotated[ZonedTime, Field(alias="from")]
    to_at: Annotated[ZonedTime | None, Field(alias="to")]

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.to_at is not None and self.to_at <= self.from_at:
            raise ValueError("an interval [from, to) whose end lies after its beginning")
        return self

    def holds(self, at: Series) -> Series:
        """Which moments lie inside."""
        return (at >= self.from_at) & ((at < self.to_at) if self.to_at is not None else at.notna())

    def overlaps(self, first: datetime, last: datetime) -> bool:
        """Whether it shares a moment with [first, last]."""
        return self.from_at <= last and (self.to_at is None or self.to_at > first)


class _Basis(Seed):
    instrument: str
    paragraph: str | None = None


class _Cap(Seed):
    """A quantity allowed in a period, for all States together; whichever is reached first."""

    period: str
    usd: int
    tonnes: int


class MeasureSeed(Seed):
    """One rule of one authority over one interval; a measure file.

    duty_holder, deadline_months, adopted_on  what documentary claims are compared with
    exemptions                                short name: what it allows
    note                                      doubts, conflicts between sources, what is not modelled
    """

    measure_id: str
    authority: Literal["UN", "CN", "US", "EU", "KR", "JP", "MSMT"]
    subject: Subject
    effect: Effect
    title: str
    basis: _Basis
    adopted_on: date | None = None
    in_force: _Interval
    time_zone: str
    duty_holder: str | None = None
    deadline_months: int | None = None
    caps: tuple[_Cap, ...] = ()
    exemptions: Annotated[dict[str, str], Field(default_factory=dict)]
    cases: tuple[Case, ...] = ()
    verified: bool
    source: str
    note: str | None = None

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("name of a time zone, like America/New_York") from None
        return name

    @model_validator(mode="after")
    def _caps_have_figures(self) -> Self:
        if bool(self.caps) != (self.effect == "capped" and self.subject == "coal"):
            raise ValueError("caps with figures where coal is capped, and only there")
        return self


@dataclass(frozen=True)
class Measures:
    """All measures: `frame` = MEASURE; `entries` the files by measure_id; `hash` identifies them."""

    frame: DataFrame
    entries: dict[str, MeasureSeed]
    hash: str


def load_measures(folder: Path = SEEDS / "measures") -> Measures:
    """Read every measure file of a folder.

    returns  MEASURE with times in UTC
    raises   InputError naming file, line, field, found and expected
    """
    from pandas import DataFrame

    seeds = load_named_seeds(folder, MeasureSeed, "measure_id")
    rows = [
        seed.model_dump()
        | seed.basis.model_dump()
        | seed.in_force.model_dump()
        | {"exemptions": ", ".join(seed.exemptions) or None}
        for seed in seeds
    ]
    frame = MEASURE.conform(DataFrame(rows, columns=MEASURE.names))
    return Measures(frame, {seed.measure_id: seed for seed in seeds}, digest(seeds))


def assess(subjects: DataFrame, measures: Measures) -> DataFrame:
    """What each measure says of each subject.

    The authority of the country of arrival (of a union: of each member) is asked as of the arrival, every other as of
    the departure, because a
    voyage begun lawfully may reach a port whose law has changed on the way.

    subjects  subject_table, subject_id, departed_at, arrived_at (UTC; for a port call both are its arrival), cargo
              (coal, unknown or null), origin_country, origin_zone_id, destination_country, flag (ISO 3166 alpha-2 or
              null), listed (bool or null), ship_to_ship (bool), port_country (where the hull itself is AIS-reported to
              have called at the end of it, or null), days_since_dprk_call, days_since_dprk_meeting,
              days_since_possible_dprk_call (days before that, or null; each says what `When` says of it)
    returns   LEGAL_ASSESSMENT, in order of subject and measure: one row per subject and measure that is in force at the
              moment asked of and has a case for the subject
    raises    ContractError if a column is missing
    """
    from pandas import DataFrame

    if missing := [name for name in SUBJECT_COLUMNS if name not in subjects.columns]:
        raise ContractError(
            f"assess: column {missing[0]} of subjects is missing; expected {', '.join(SUBJECT_COLUMNS)}"
        )
    subjects = subjects.reset_index(drop=True)
    moments = subjects[["departed_at", "arrived_at"]].stack()
    speaking = [
        measure
        for measure in (measures.entries.values() if len(moments) else ())
        if measure.cases and measure.in_force.overlaps(moments.min(), moments.max())
    ]
    answers = DataFrame([row for measure in speaking for row in _answers(subjects, measure)], columns=_ANSWER)
    rows = subjects[["subject_table", "subject_id"]].loc[answers["subject"]].reset_index(drop=True).join(answers)
    return LEGAL_ASSESSMENT.conform(rows.sort_values(list(LEGAL_ASSESSMENT.key), kind="stable"))


_ANSWER = ["subject", "judged_at", "answer", "reason", "measure_id", "authority", "paragraph", "verified"]


def _answers(subjects: DataFrame, measure: MeasureSeed) -> Iterator[tuple[object, ...]]:
    """One row, as in `_ANSWER`, per subject that the measure is in force for and has a case for."""
    at_home = subjects["destination_country"].isin(_each((measure.authority,)))
    judged_at = subjects["departed_at"].mask(at_home, subjects["arrived_at"])
    open_to = measure.in_force.holds(judged_at)
    for case in measure.cases:
        if not open_to.any():
            return
        fitting = open_to & case.when.fits(subjects)
        open_to &= ~fitting
        for subject in subjects.index[fitting]:
            yield (
                subject, judged_at[subject], case.answer, case.because, measure.measure_id, measure.authority,
                measure.basis.paragraph, measure.verified,
            )  # fmt: skip
