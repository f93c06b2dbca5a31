"""Verdicts: what two sides of evidence and the reception of a place amount to, and why.

Rules, first that fits. A side *speaks* from a least weight on. A piece that lies only partly in the window counts less
and never decides alone: a count or total that reaches beyond the window, a state that holds for the lesser part of it.
A side is *direct* if a piece of it is of the very thing claimed; ships at a berth are not of an export. Weak alerts
that nobody confirmed, radar, and a single moderate alert that is of no voyage (a silence, a meeting), are *hints* for a
claim, which innocent ships leave as well: they add to what else there is for it, but settle nothing, and where that
does not speak they are no side, however many they are; they only keep it from being contradicted, and from being
weakened by hints alone. Only what speaks of the window settles. Weights and thresholds: `seeds/verdicts.yaml`.

    what there is                                                    verdict
    ---------------------------------------------------------------  ------------------------------------
    neither side speaks                                              INCONCLUSIVE_COVERAGE
    against it speak hints alone, and hints for it weigh that much   INCONCLUSIVE_COVERAGE
    both speak, the lesser weighs at least its share of the greater  INCONCLUSIVE_CONFLICT
    the greater lies only partly in the window, the other speaks     INCONCLUSIVE_CONFLICT
    the greater lies only partly in the window, the other is silent  INCONCLUSIVE_COVERAGE
    for outweighs, what is direct settles, against is silent         SUPPORTED
    for outweighs otherwise (so ships at a berth alone)              PARTLY_SUPPORTED
    against outweighs, settles, for is silent, reception was good    CONTRADICTED
    against outweighs otherwise                                      WEAKENED

Reception: where a claim says how many calls one would expect, enough of them fall into hours in which the place was
heard, and no alert but such weak ones, fewer than that, was raised, that silence is a piece against. Where reception
was poor, or there are no positions at all, silence is no piece; without positions the verdict rests on observations and
says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.judgement.articles import ClaimSpec, Window
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_seed

HOURS_PER_MONTH = 730.5  # mean Gregorian month
_ALERTS_SAID = 3  # a reason names the strongest and counts the others


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
    tonnage: _Sourced


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
class Piece:
    """One thing that speaks for or against a claim in a window.

    weight  never negative: which way it leans is its side's
    inside  it speaks of this window and not of a longer time
    direct  it is of the very thing claimed: a voyage, or an observation inside the window whose relation says so
    said    the piece, in a sentence
    decision  what a reviewer decided last about an alert, if anything
    changed   whether its evidence has changed since
    """

    kind: Literal["alert", "observation", "silence", "tonnage", "radar", "imagery"]
    weight: float
    inside: bool
    direct: bool
    said: str
    decision: str | None = None
    changed: bool = False


@dataclass(frozen=True)
class Side:
    """What speaks for, or against."""

    pieces: tuple[Piece, ...] = ()

    @property
    def weight(self) -> float:
        """The weight of all its pieces."""
        return sum(piece.weight for piece in self.pieces)

    @property
    def inside(self) -> float:
        """The weight of those pieces that speak of the window."""
        return sum(piece.weight for piece in self.pieces if piece.inside)

    @property
    def directly(self) -> float:
        """The weight of those pieces that are of the very thing claimed, in the window."""
        return sum(piece.weight for piece in self.pieces if piece.direct and piece.inside)

    def without_weak(self, rules: VerdictRules) -> Side:
        """What of it is more than an echo, or a weak alert that nobody confirmed."""
        return Side(tuple(piece for piece in self.pieces if _is_more_than(rules.alert_weight.weak.value, piece)))

    def without_hints(self, rules: VerdictRules) -> Side:
        """That, but for a single moderate alert that is of no voyage and that nobody confirmed."""
        firm = self.without_weak(rules)
        if len(firm.pieces) == 1:
            (piece,) = firm.pieces
            if not piece.direct and not _is_more_than(rules.alert_weight.moderate.value, piece):
                return Side()
        return firm

    def count(self, *kinds: str) -> int:
        """How many pieces of some kinds it has; alerts that were dismissed are none."""
        return sum(piece.kind in kinds and piece.decision != "dismissed" for piece in self.pieces)

    def decided(self, decision: str) -> int:
        """About how many alerts a reviewer decided so."""
        return sum(piece.decision == decision for piece in self.pieces)


def _is_more_than(weight: float, piece: Piece) -> bool:
    """Whether a piece is no radar and, if an alert, weighs more or is confirmed as it stands."""
    if piece.kind == "alert":
        return piece.weight > weight or (piece.decision == "confirmed" and not piece.changed)
    return piece.weight > 0 and piece.kind != "radar"


def decide(
    spec: ClaimSpec, window: Window, supporting: Side, weakening: Side, share: float | None, rules: VerdictRules
) -> tuple[str, str, str]:
    """Judge a claim of class A or B in one window.

    share    of the window's hours in which the claim's zones were heard; None without positions
    returns  verdict, reason and what would change it
    """
    silence = _silence(spec, window, supporting, share, rules)
    against = Side((*weakening.pieces, silence)) if silence else weakening
    verdict = _verdict(supporting, against, good_reception=silence is not None, rules=rules)
    return (
        verdict,
        " ".join(_reasons(spec, verdict, supporting, against, share, rules)),
        " ".join([spec.would_change_it, *_figures(spec, verdict, supporting, against, share, rules)]),
    )


def _silence(
    spec: ClaimSpec, window: Window, supporting: Side, share: float | None, rules: VerdictRules
) -> Piece | None:
    """What good reception without an alert says; None where silence is no evidence."""
    alerts = [piece for piece in supporting.pieces if piece.kind == "alert"]
    if spec.expected_calls_per_month is None or share is None or Side(tuple(alerts)).without_weak(rules).pieces:
        return None
    months = (window.to_at - window.from_at).total_seconds() / 3600 / HOURS_PER_MONTH
    expected = spec.expected_calls_per_month.value * months * share
    if share < rules.rules.least_coverage_share.value or expected < rules.rules.least_expected_calls.value:
        return None
    if supporting.count("alert") >= expected:
        return None
    weight = rules.rules.nothing_found.value
    dismissed = supporting.decided("dismissed")
    none = f"No alert stands ({dismissed} dismissed)" if dismissed else "No alert was raised"
    if weak := supporting.count("alert"):
        none = f"No alert but weak ones ({weak}) stands"
    said = (
        f"{none} although the place was heard in {share:.0%} of the hours, in which about {expected:.0f} "
        f"calls would be expected (weight {weight:.2f})."
    )
    return Piece("silence", weight, inside=True, direct=False, said=said)


def _verdict(supporting: Side, against: Side, *, good_reception: bool, rules: VerdictRules) -> str:
    """The table of the module's docstring."""
    limits = rules.rules
    firm, hints = supporting.without_hints(rules), supporting.weight
    supporting = supporting if firm.weight >= limits.speaks.value else firm
    greater, lesser = (supporting, against) if supporting.weight >= against.weight else (against, supporting)
    contested = lesser.weight >= limits.speaks.value
    inside = firm.inside if greater is supporting else greater.inside  # hints do not bring what lies outside into it
    if greater.weight < limits.speaks.value:
        return "INCONCLUSIVE_COVERAGE"
    if contested and (lesser.weight >= limits.contests.value * greater.weight or not inside):
        return "INCONCLUSIVE_CONFLICT"
    if not inside:
        return "INCONCLUSIVE_COVERAGE"
    if greater is supporting:
        settled = firm.directly >= limits.settles.value and not contested
        return "SUPPORTED" if settled else "PARTLY_SUPPORTED"
    hinted = hints >= limits.speaks.value
    if hinted and hints >= limits.contests.value * against.weight and not against.without_hints(rules).pieces:
        return "INCONCLUSIVE_COVERAGE"
    settled = inside >= limits.settles.value and not contested
    return "CONTRADICTED" if settled and good_reception and not hinted else "WEAKENED"


def _reasons(
    spec: ClaimSpec, verdict: str, supporting: Side, against: Side, share: float | None, rules: VerdictRules
) -> Iterable[str]:
    """Why, in sentences."""
    yield f"What supports it weighs {supporting.weight:.2f}, what weakens it {against.weight:.2f}."
    yield from _reviewed([piece for side in (supporting, against) for piece in side.pieces if piece.kind == "alert"])
    for name, side in (("For", supporting), ("Against", against)):
        alerts = [piece.said for piece in side.pieces if piece.kind == "alert" and piece.decision != "dismissed"]
        others = [piece.said for piece in side.pieces if piece.kind != "alert"]
        if alerts or others:
            yield f"{name}: {' '.join(alerts[:_ALERTS_SAID] + others)}"
        if len(alerts) > _ALERTS_SAID:
            yield f"{len(alerts) - _ALERTS_SAID} more alerts point the same way."
    if not spec.zones:
        yield "No place is named in which AIS could test it, so the verdict rests on observations alone."
    elif share is None:
        any_alert = supporting.count("alert") + against.count("alert") > 0
        of_provider = "a provider's events, which say nothing about reception, and on observations"
        radar = any(piece.kind == "radar" for side in (supporting, against) for piece in side.pieces)
        rests = of_provider if any_alert else "observations and radar" if radar else "observations alone"
        yield f"No AIS positions of its zones are available for this window, so the verdict rests on {rests}."
    elif share < rules.rules.least_coverage_share.value:
        yield f"Its zones were heard in only {share:.0%} of the hours, so silence there is not absence."
    else:
        yield f"Its zones were heard in {share:.0%} of the hours."
    if verdict == "PARTLY_SUPPORTED" and not supporting.directly:
        yield (
            "None of it is of the very thing claimed: "
            "ships at a berth are no proof of where they went or what they carried."
        )
    if verdict == "INCONCLUSIVE_COVERAGE" and not (supporting.inside or against.inside):
        yield "Nothing that lies inside the window speaks for or against it."
    elif supporting.weight and _hints_alone(verdict, supporting.without_hints(rules), rules):
        yield (
            "Weak alerts, a single moderate one of no voyage, and radar echoes are hints, which innocent ships leave "
            "as well: alone they decide nothing."
        )


def _hints_alone(verdict: str, firm: Side, rules: VerdictRules) -> bool:
    """Whether what there is beside hints is no side of its own, or none inside the window that decides."""
    return firm.weight < rules.rules.speaks.value or (verdict == "INCONCLUSIVE_COVERAGE" and not firm.inside)


def _reviewed(alerts: list[Piece]) -> Iterable[str]:
    """What reviewers decided about the alerts that bear on the claim; nothing where they decided none."""
    counts = {word: sum(one.decision == word for one in alerts) for word in ("confirmed", "dismissed")}
    if any(counts.values()):
        decided = [f"{number} {word}" for word, number in counts.items() if number]
        yield f"{len(alerts)} alert{'s' * (len(alerts) != 1)}, {', '.join(decided)}."
    if changed := sum(one.changed and one.decision in counts for one in alerts):
        yield f"Of these decisions {changed} {'was' if changed == 1 else 'were'} made before the evidence changed."


def _figures(
    spec: ClaimSpec, verdict: str, supporting: Side, against: Side, share: float | None, rules: VerdictRules
) -> Iterable[str]:
    """What would change the verdict, in figures."""
    limits = rules.rules
    if verdict == "INCONCLUSIVE_COVERAGE":
        yield (
            f"It takes evidence inside the window that weighs at least {limits.speaks.value:.2f} and is more than weak "
            "alerts, a single moderate one of no voyage, and radar; a strong alert weighs "
            f"{rules.alert_weight.strong.value:.2f}."
        )
    elif verdict == "INCONCLUSIVE_CONFLICT":
        yield (
            f"One side must weigh more than {1 / limits.contests.value:.0f} times the other, with evidence inside the "
            f"window; now it is {supporting.weight:.2f} for and {against.weight:.2f} against."
        )
    elif verdict in ("WEAKENED", "CONTRADICTED"):
        missing = max(0.0, limits.contests.value * against.weight - supporting.without_hints(rules).weight)
        yield f"Evidence for it that weighs {missing:.2f} more would contest it."
    elif verdict == "PARTLY_SUPPORTED":
        missing = max(0.0, limits.settles.value - supporting.without_hints(rules).directly)
        more = f"evidence of the very thing claimed, such as a passage or a cargo, that weighs {missing:.2f} more"
        needed = [more] if missing else []
        needed += [f"nothing against it (now {against.weight:.2f})"] if against.weight >= limits.speaks.value else []
        yield f"To be supported it lacks {' and '.join(needed)}."
    else:
        yield f"Evidence against it that weighs {limits.speaks.value:.2f} or more would make it partly supported."
    if spec.expected_calls_per_month and (share is None or share < limits.least_coverage_share.value):
        yield f"Reception in {limits.least_coverage_share.value:.0%} of the window's hours would let silence count."
