"""Claims: the verdict on each claim in each of its windows, from alerts, documented observations and reception.

Rules, first that fits. A side *speaks* from a least weight on. A piece that lies only partly in the window counts less
and never decides alone: a count or total that reaches beyond the window, a state that holds for the lesser part of it.
A side is *direct* if a piece of it is of the very thing claimed; ships at a berth are not of an export. Weights and
thresholds: `seeds/verdicts.yaml`. Only what speaks of the window settles.

    what there is                                                    verdict
    ---------------------------------------------------------------  ------------------------------------
    class N                                                          NOT_TESTABLE
    class D                                                          what the measure it speaks of says
    neither side speaks                                              INCONCLUSIVE_COVERAGE
    both speak, the lesser weighs at least its share of the greater  INCONCLUSIVE_CONFLICT
    the greater lies only partly in the window, the other speaks     INCONCLUSIVE_CONFLICT
    the greater lies only partly in the window, the other is silent  INCONCLUSIVE_COVERAGE
    for outweighs, settles, is direct, against is silent             SUPPORTED
    for outweighs otherwise (so ships at a berth alone)              PARTLY_SUPPORTED
    against outweighs, settles, for is silent, reception was good    CONTRADICTED
    against outweighs otherwise                                      WEAKENED

Reception: where a claim says how many calls one would expect, enough of them fall into hours in which the place was
heard, and no alert was raised, that silence is a piece against. Where reception was poor, or there are no positions at
all, silence is no piece; without positions the verdict rests on observations and says so.

Nothing that happened at or after a window's end, or became known after `as_of`, changes its verdict. Windows do not see
each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.contracts import CLAIM_WINDOW
from pipeline.judgement.articles import ClaimSpec, Window, select_zones
from pipeline.judgement.bearing import admitted, cut_at_end
from pipeline.judgement.measures import Measures, documentary_verdict
from pipeline.judgement.observations import Observations
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame

HOURS_PER_MONTH = 730.5  # mean Gregorian month


class _Sourced(Seed):
    value: float
    source: str


class _AlertWeight(Seed):
    strong: _Sourced
    moderate: _Sourced
    weak: _Sourced


class _Rules(Seed):
    unverified: _Sourced
    spanning: _Sourced
    speaks: _Sourced
    contests: _Sourced
    settles: _Sourced
    nothing_found: _Sourced
    least_coverage_share: _Sourced
    least_expected_calls: _Sourced


class VerdictRules(Seed):
    """The verdict file: what each piece weighs, and the thresholds between verdicts."""

    alert_weight: _AlertWeight
    source_weight: dict[Literal["A", "B", "C", "D", "E", "F"], _Sourced]
    information_weight: dict[Literal["1", "2", "3", "4", "5", "6"], _Sourced]
    rules: _Rules

    @property
    def hash(self) -> str:
        """Identifies what was derived with these rules."""
        return digest([self])


def load_verdict_rules(path: Path = SEEDS / "verdicts.yaml") -> VerdictRules:
    """Read the verdict file.

    raises  InputError naming file, line, field, found and expected
    """
    return load_seed(path, VerdictRules)


@dataclass(frozen=True)
class _Side:
    """What speaks for, or against: its weight, how many alerts and observations, and what they can show.

    inside  the weight of those pieces that speak of this window and not of a longer time
    direct  a piece of it is of the very thing claimed: a voyage, or what an observation's relation calls direct
    """

    weight: float
    alerts: int
    observations: int
    inside: float
    direct: bool
    said: tuple[str, ...]


def judge_claims(
    specs: list[ClaimSpec],
    alerts: DataFrame,
    alert_claims: DataFrame,
    observations: Observations,
    coverage_days: DataFrame,
    zones: DataFrame,
    measures: Measures,
    rules: VerdictRules,
    *,
    synthetic: bool,
    as_of: datetime | None = None,
) -> DataFrame:
    """Judge every claim in each of its windows.

    alerts         current rows of ALERT
    alert_claims   ALERT_CLAIM; rows with relation supports or weakens are weighed
    coverage_days  COVERAGE_DAY; days that end after `as_of` do not count
    synthetic      whether the positions behind alerts and coverage are generated: they bear on synthetic articles only,
                   as real ones bear on real articles only; observations are not affected
    as_of          only what was known by then (UTC); None: everything known
    returns        CLAIM_WINDOW, one row per claim and window, in the order of `specs`
    raises         InputError if a zone selector matches no zone, or a documentary claim names no measure that is there
    """
    from pandas import DataFrame, Timedelta, to_datetime

    bearing = alert_claims[alert_claims["relation"] != "context"][["alert_id", "claim_id", "relation"]]
    alerts = alerts.merge(bearing, on="alert_id", validate="one_to_many")
    documented = observations.frame.merge(
        observations.relations[["observation_id", "claim_id", "relation", "direct"]],
        on="observation_id",
        validate="one_to_many",
    )
    coverage = coverage_days.assign(from_at=to_datetime(coverage_days["day"], utc=True))
    if as_of is not None:
        alerts = alerts[alerts["known_at"] <= as_of]
        documented = documented[documented["published_at"] <= as_of]
        coverage = coverage[coverage["from_at"] + Timedelta(days=1) <= as_of]
    places = zones[zones["kind"] != "margin"]
    rows = []
    for spec in specs:
        on_claim = alerts[(alerts["claim_id"] == spec.claim_id) & (alerts["synthetic"] == spec.synthetic)]
        of_claim = documented[documented["claim_id"] == spec.claim_id]
        zone_ids = select_zones(spec.zones, places) if spec.zones and spec.synthetic == synthetic else []
        for window in spec.windows:
            admitted_alerts = on_claim[admitted(on_claim, spec, window)]
            overlapping = of_claim[(of_claim["from_at"] < window.to_at) & (of_claim["to_at"] > window.from_at)]
            share = _coverage_share(coverage, zone_ids, window)
            sides = {
                relation: _side(
                    admitted_alerts[admitted_alerts["relation"] == relation],
                    overlapping[overlapping["relation"] == relation],
                    window,
                    rules,
                )
                for relation in ("supports", "weakens")
            }
            rows.append(_row(spec, window, sides["supports"], sides["weakens"], share, measures, rules, as_of))
    return CLAIM_WINDOW.conform(DataFrame(rows, columns=CLAIM_WINDOW.names))


def _coverage_share(coverage: DataFrame, zone_ids: list[str], window: Window) -> float | None:
    """Mean over the zones of the share of the window's hours in which a vessel was heard; None without landed days."""
    inside = coverage[
        coverage["zone_id"].isin(zone_ids)
        & (coverage["from_at"] >= window.from_at)
        & (coverage["from_at"] < window.to_at)
    ]
    if inside.empty:
        return None
    hours = (window.to_at - window.from_at).total_seconds() / 3600
    return min(1.0, float(inside["hours_heard"].sum()) / (hours * len(zone_ids)))


def _side(alerts: DataFrame, observed: DataFrame, window: Window, rules: VerdictRules) -> _Side:
    """Weigh alerts and observations that lean one way."""
    limits = rules.rules
    weight_of = {name: entry["value"] for name, entry in rules.alert_weight.model_dump().items()}
    cut = cut_at_end(alerts, window)  # its grade rests on what happened beyond the end too
    alert_weights = alerts["grade"].mask(cut, "weak").map(weight_of).astype("float64")

    within = (observed["from_at"] >= window.from_at) & (observed["to_at"] <= window.to_at)
    throughout = observed["extent"] == "throughout"
    from_at = observed["from_at"].mask(observed["from_at"] < window.from_at, window.from_at)
    to_at = observed["to_at"].mask(observed["to_at"] > window.to_at, window.to_at)
    share = (to_at - from_at).dt.total_seconds() / (window.to_at - window.from_at).total_seconds()
    inside = within.mask(throughout, share >= limits.least_coverage_share.value)
    weights = (
        observed["source_grade"].map(lambda grade: rules.source_weight[grade].value).astype("float64")
        * observed["information_grade"].map(lambda grade: rules.information_weight[grade].value).astype("float64")
        * observed["verified"].map({True: 1.0, False: limits.unverified.value}).astype("float64")
        * within.map({True: 1.0, False: limits.spanning.value}).astype("float64").mask(throughout, share)
    )
    said = [
        f"{headline} (weight {weight:.2f})"
        for headline, weight in zip(alerts["headline"].head(3), alert_weights.head(3), strict=True)
    ]
    said += [
        f"{statement.rstrip('.')} ({source}; publication {'seen' if verified else 'not seen'}, "
        f"{'speaks of the window' if speaks else 'lies only partly in the window'}, weight {weight:.2f})."
        for statement, source, verified, speaks, weight in zip(
            observed["statement"], observed["source"], observed["verified"], inside, weights, strict=True
        )
    ]
    return _Side(
        weight=float(alert_weights.sum() + weights.sum()),
        alerts=len(alerts),
        observations=len(observed),
        inside=float(alert_weights.sum() + weights[inside].sum()),
        direct=bool(alerts["voyage_id"].notna().any() or (observed["direct"].astype(bool) & inside).any()),
        said=tuple(said),
    )


def _row(
    spec: ClaimSpec,
    window: Window,
    supporting: _Side,
    weakening: _Side,
    share: float | None,
    measures: Measures,
    rules: VerdictRules,
    as_of: datetime | None,
) -> dict[str, object]:
    """One CLAIM_WINDOW row."""
    if spec.testability == "N":
        verdict, would_change = "NOT_TESTABLE", spec.would_change_it
        reason = "No open data, AIS included, can test this claim."
    elif spec.testability == "D":
        verdict, reason, would_change = documentary_verdict(spec, measures)
    else:
        silence = _silence(spec, window, supporting, share, rules)
        against = _with_silence(weakening, silence, rules)
        verdict = _verdict(supporting, against, good_reception=silence is not None, rules=rules)
        reason = " ".join(_reasons(spec, verdict, supporting, against, share, rules))
        would_change = " ".join([spec.would_change_it, *_figures(spec, verdict, supporting, against, share, rules)])
    return {
        "claim_id": spec.claim_id,
        "window_id": window.window_id,
        "from_at": window.from_at,
        "to_at": window.to_at,
        "verdict": verdict,
        "as_of": as_of,
        "coverage_share": share,
        "alerts_for": supporting.alerts,
        "alerts_against": weakening.alerts,
        "observations_for": supporting.observations,
        "observations_against": weakening.observations,
        "reason": reason,
        "would_change_it": would_change,
    }


def _silence(
    spec: ClaimSpec, window: Window, supporting: _Side, share: float | None, rules: VerdictRules
) -> str | None:
    """The sentence that good reception without an alert speaks; None where silence is no evidence."""
    if spec.expected_calls_per_month is None or share is None or supporting.alerts:
        return None
    months = (window.to_at - window.from_at).total_seconds() / 3600 / HOURS_PER_MONTH
    expected = spec.expected_calls_per_month.value * months * share
    if share < rules.rules.least_coverage_share.value or expected < rules.rules.least_expected_calls.value:
        return None
    return (
        f"No alert was raised although the place was heard in {share:.0%} of the hours, in which about {expected:.0f} "
        f"calls would be expected (weight {rules.rules.nothing_found.value:.2f})."
    )


def _with_silence(side: _Side, silence: str | None, rules: VerdictRules) -> _Side:
    """The side against, with the silence added."""
    if silence is None:
        return side
    added = rules.rules.nothing_found.value
    return replace(side, weight=side.weight + added, inside=side.inside + added, said=(*side.said, silence))


def _verdict(supporting: _Side, against: _Side, *, good_reception: bool, rules: VerdictRules) -> str:
    """The table of the module's docstring, for classes A and B."""
    limits = rules.rules
    greater, lesser = (supporting, against) if supporting.weight >= against.weight else (against, supporting)
    contested = lesser.weight >= limits.speaks.value
    if greater.weight < limits.speaks.value:
        return "INCONCLUSIVE_COVERAGE"
    if contested and (lesser.weight >= limits.contests.value * greater.weight or not greater.inside):
        return "INCONCLUSIVE_CONFLICT"
    if not greater.inside:
        return "INCONCLUSIVE_COVERAGE"
    settled = greater.inside >= limits.settles.value and not contested
    if greater is supporting:
        return "SUPPORTED" if settled and supporting.direct else "PARTLY_SUPPORTED"
    return "CONTRADICTED" if settled and good_reception else "WEAKENED"


def _reasons(
    spec: ClaimSpec, verdict: str, supporting: _Side, against: _Side, share: float | None, rules: VerdictRules
) -> Iterable[str]:
    """Why, in sentences."""
    yield f"What supports it weighs {supporting.weight:.2f}, what weakens it {against.weight:.2f}."
    for name, side in (("For", supporting), ("Against", against)):
        if side.said:
            yield f"{name}: {' '.join(side.said)}"
        if side.alerts > 3:
            yield f"{side.alerts - 3} more alerts lean the same way."
    if not spec.zones:
        yield "No place is named in which AIS could test it, so the verdict rests on observations alone."
    elif share is None:
        yield "No AIS positions of its zones are at hand for this window, so the verdict rests on observations alone."
    elif share < rules.rules.least_coverage_share.value:
        yield f"Its zones were heard in {share:.0%} of the hours only, so silence there is not absence."
    else:
        yield f"Its zones were heard in {share:.0%} of the hours."
    if verdict == "PARTLY_SUPPORTED" and not supporting.direct:
        yield (
            "None of it is of the very thing claimed: "
            "ships at a berth are no proof of where they went or what they carried."
        )
    if verdict == "INCONCLUSIVE_COVERAGE" and not (supporting.inside or against.inside):
        yield "Nothing that lies inside the window speaks for or against it."


def _figures(
    spec: ClaimSpec, verdict: str, supporting: _Side, against: _Side, share: float | None, rules: VerdictRules
) -> Iterable[str]:
    """What would change the verdict, in figures."""
    limits = rules.rules
    if verdict == "INCONCLUSIVE_COVERAGE":
        yield (
            f"It takes evidence inside the window that weighs at least {limits.speaks.value:.2f}; "
            f"a strong alert weighs {rules.alert_weight.strong.value:.2f}."
        )
    elif verdict == "INCONCLUSIVE_CONFLICT":
        yield (
            f"One side must weigh more than {1 / limits.contests.value:.0f} times the other, with evidence inside the "
            f"window; now it is {supporting.weight:.2f} for and {against.weight:.2f} against."
        )
    elif verdict in ("WEAKENED", "CONTRADICTED"):
        missing = max(0.0, limits.contests.value * against.weight - supporting.weight)
        yield f"Evidence for it that weighs {missing:.2f} more would contest it."
    elif verdict == "PARTLY_SUPPORTED":
        missing = max(0.0, limits.settles.value - supporting.inside)
        needed = [f"{missing:.2f} more weight inside the window"] if missing else []
        needed += (
            [] if supporting.direct else ["an observation of the very thing claimed, such as a passage or a cargo"]
        )
        needed += [f"nothing against it (now {against.weight:.2f})"] if against.weight >= limits.speaks.value else []
        yield f"To be supported it lacks {' and '.join(needed)}."
    else:
        yield f"Evidence against it that weighs {limits.speaks.value:.2f} or more would make it partly supported."
    if spec.expected_calls_per_month and (share is None or share < limits.least_coverage_share.value):
        yield f"Reception in {limits.least_coverage_share.value:.0%} of the window's hours would let silence count."
