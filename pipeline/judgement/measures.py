"""Measures: what the law of each authority said at a moment, and what it says of a ship's movement.

A measure file (`seeds/measures/`) names an interval, a paragraph, and *cases*: conditions on a subject with the answer
the measure gives to it. The first case that fits decides; a measure without a fitting case is silent. What is not known
of a subject fits no condition. Law is judged as of the event: two measures of one authority may be in force at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from pipeline.contracts import LEGAL_ASSESSMENT, MEASURE
from pipeline.errors import ContractError, InputError
from pipeline.resources import SEEDS
from pipeline.seedfile import DayOrTime, Seed, ZonedTime, digest, load_named_seeds

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.articles import ClaimSpec

Effect = Literal["forbidden", "conditional", "capped", "suspended", "none"]
Answer = Literal["forbidden", "conditional", "capped", "exempt_possible", "none"]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]

SUBJECT_COLUMNS = (
    "subject_table", "subject_id", "judged_at", "cargo", "origin_country", "origin_zone_id", "destination_country",
    "flag", "listed", "ship_to_ship",
)  # fmt: skip


class When(Seed):
    """Conditions on a subject; all that are given must hold.

    cargo         `coal`: the movement is consistent with seaborne North Korean coal
    origin        countries it comes from          origin_zone  zones it comes from, with everything named `<zone>-…`
    destination   countries it goes to             flag         flags of the ship (ISO 3166 alpha-2)
    listed        the ship was on a watchlist      ship_to_ship it is a transfer between ships
    """

    cargo: Literal["coal"] | None = None
    origin: tuple[Country, ...] = ()
    origin_zone: tuple[str, ...] = ()
    destination: tuple[Country, ...] = ()
    flag: tuple[Country, ...] = ()
    listed: Literal[True] | None = None
    ship_to_ship: Literal[True] | None = None

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
            "flag": self.flag,
            "listed": (True,) if self.listed else (),
            "ship_to_ship": (True,) if self.ship_to_ship else (),
        }
        fitting = subjects["subject_id"].notna()
        for column, values in asked.items():
            if values:
                fitting &= subjects[column].isin(values)
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
    subject: Literal[
        "coal", "listed_vessel", "ship_to_ship", "port_entry", "labour", "inspection", "vessel_supply", "advisory"
    ]
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
    """What each measure in force says of each subject.

    subjects  subject_table, subject_id, judged_at (UTC), cargo (coal, unknown or null), origin_country, origin_zone_id,
              destination_country, flag (ISO 3166 alpha-2 or null), listed (bool or null), ship_to_ship (bool)
    returns   LEGAL_ASSESSMENT: one row per subject and measure that is in force at judged_at and has a case for it
    raises    ContractError if a column is missing
    """
    from pandas import concat

    if missing := [name for name in SUBJECT_COLUMNS if name not in subjects.columns]:
        raise ContractError(
            f"assess: column {missing[0]} of subjects is missing; expected {', '.join(SUBJECT_COLUMNS)}"
        )
    speaking = [measure for measure in measures.entries.values() if measure.cases] if len(subjects) else []
    answers = [rows for rows in (_answers(subjects, measure) for measure in speaking) if len(rows)]
    return LEGAL_ASSESSMENT.conform(concat(answers) if answers else LEGAL_ASSESSMENT.empty())


def _answers(subjects: DataFrame, measure: MeasureSeed) -> DataFrame:
    """LEGAL_ASSESSMENT rows of one measure."""
    import numpy as np

    in_force = subjects["judged_at"] >= measure.in_force.from_at
    if measure.in_force.to_at is not None:
        in_force &= subjects["judged_at"] < measure.in_force.to_at
    governed = subjects[in_force]
    chosen = np.full(len(governed), -1)
    for number, case in enumerate(measure.cases if len(governed) else ()):
        chosen[(chosen < 0) & case.when.fits(governed).to_numpy()] = number
    decided = governed.loc[chosen >= 0, ["subject_table", "subject_id", "judged_at"]]
    cases = [measure.cases[number] for number in chosen[chosen >= 0]]
    return decided.assign(
        answer=[case.answer for case in cases],
        reason=[case.because for case in cases],
        measure_id=measure.measure_id,
        authority=measure.authority,
        paragraph=measure.basis.paragraph,
        verified=measure.verified,
    )


class Asserted(Seed):
    """What a text asserts of a measure; only what it does assert is given.

    adopted_month      month of adoption, YYYY-MM        effect           as in the measure file
    without_exemption  true: complete, without exception duty_holder      who is said to owe the duty
    deadline_months    time allowed                      in_force_on      a day on which it is said to be in force
    beyond             what it asserts that no measure can settle, such as a motive
    """

    adopted_month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] | None = None
    effect: Effect | None = None
    without_exemption: Literal[True] | None = None
    duty_holder: str | None = None
    deadline_months: int | None = None
    in_force_on: DayOrTime | None = None
    beyond: str | None = None


class Documentary(Seed):
    """A claim about a document: the measure it speaks of, and what it asserts of it."""

    measure_id: str
    asserts: Asserted


def documentary_verdict(claim: ClaimSpec, measures: Measures) -> tuple[str, str, str]:
    """Judge a claim about a legal text by the measure it speaks of.

    returns  verdict, reason and what would change it. All that is asserted agrees: SUPPORTED; some of it:
             PARTLY_SUPPORTED; nothing: CONTRADICTED. A measure whose primary text was not seen settles nothing for
             good: at most PARTLY_SUPPORTED, at worst WEAKENED.
    raises   InputError if the claim names no measure or one that is not there
    """
    if claim.documentary is None:
        raise InputError(f"{claim.claim_id}: no documentary block; expected one that names a measure")
    asserted = claim.documentary.asserts
    measure = measures.entries.get(claim.documentary.measure_id)
    if measure is None:
        raise InputError(
            f'{claim.claim_id}: documentary.measure_id is "{claim.documentary.measure_id}"; '
            "expected a file of seeds/measures"
        )
    agreeing, differing = _compare(asserted, measure)
    open_points = [f"no measure settles {asserted.beyond}"] if asserted.beyond else []
    if differing and not agreeing:
        verdict = "CONTRADICTED" if measure.verified else "WEAKENED"
    elif differing or open_points or not measure.verified:
        verdict = "PARTLY_SUPPORTED"
    else:
        verdict = "SUPPORTED"
    parts = [
        f"Agrees with {_cite(measure)}: {'; '.join(agreeing)}." if agreeing else "",
        f"Differs from {_cite(measure)}: {'; '.join(differing)}." if differing else "",
        f"Left open: {'; '.join(open_points)}." if open_points else "",
        "" if measure.verified else "The primary text was not seen (verified: false).",
    ]
    would_change = f"{claim.would_change_it} It is recorded here from: {measure.source}."
    return verdict, " ".join(filter(None, parts)), would_change


def _compare(asserted: Asserted, measure: MeasureSeed) -> tuple[list[str], list[str]]:
    """What agrees and what differs, in words."""
    adopted = measure.adopted_on.isoformat() if measure.adopted_on else "on no recorded day"
    month, day = asserted.adopted_month, asserted.in_force_on
    duty, allowed = asserted.duty_holder, asserted.deadline_months
    interval = measure.in_force
    in_force = day is not None and interval.from_at <= day and (interval.to_at is None or day < interval.to_at)
    exempt = "; ".join(measure.exemptions.values())
    checks = [  # what is asserted, whether it agrees, the words for yes and for no
        (month, adopted[:7] == month, f"adopted {adopted}", f"adopted {adopted}, not in {month}"),
        (
            asserted.effect,
            measure.effect == asserted.effect,
            f"its effect is {measure.effect}",
            f"its effect is {measure.effect}, not {asserted.effect}",
        ),
        (asserted.without_exemption, not exempt, "it has no exemption", f"it exempts {exempt}"),
        (
            duty,
            measure.duty_holder == duty,
            f"the duty is on {duty}",
            f"the duty is on {measure.duty_holder}, not on {duty}",
        ),
        (
            allowed,
            measure.deadline_months == allowed,
            f"the time allowed is {allowed} months",
            f"the time allowed is {measure.deadline_months} months, not {allowed}",
        ),
        (day, in_force, f"in force on {day:%Y-%m-%d}" if day else "", f"not in force on {day:%Y-%m-%d}" if day else ""),
    ]
    made = [(same, agrees, differs) for value, same, agrees, differs in checks if value is not None]
    return [agrees for same, agrees, _ in made if same], [differs for same, _, differs in made if not same]


def _cite(measure: MeasureSeed) -> str:
    basis = measure.basis
    return f"{basis.instrument}, paragraph {basis.paragraph}" if basis.paragraph else basis.instrument
