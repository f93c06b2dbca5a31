"""Documentary claims: what a text asserts of a measure, and the verdict that the measure file itself gives on it."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from pydantic import Field

from pipeline.errors import InputError
from pipeline.judgement.measures import Effect, Measures, MeasureSeed
from pipeline.seedfile import DayOrTime, Seed


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


class _Claim(Protocol):
    """What is asked of a claim here (`articles.ClaimSpec` has more)."""

    @property
    def claim_id(self) -> str: ...

    @property
    def documentary(self) -> Documentary | None: ...

    @property
    def would_change_it(self) -> str: ...


def documentary_verdict(claim: _Claim, measures: Measures) -> tuple[str, str, str]:
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
