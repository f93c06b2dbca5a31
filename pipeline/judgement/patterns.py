"""Patterns: what makes an alert, as data. A pattern file says which event it looks at, which conditions must all hold,
and what the alert says in return; this module reads the files and finds the cases that fit.

Adding a pattern is adding a file to `seeds/patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from pipeline.contracts import PATTERN
from pipeline.errors import InputError
from pipeline.judgement.cases.registry import kinds
from pipeline.judgement.measures import Subject
from pipeline.judgement.sentence import fill, named_fields
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, ZonedTime, digest, load_named_seeds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame, Series


def _a_kind(name: str) -> str:
    if name not in kinds():
        raise ValueError(f"a kind of case: {', '.join(kinds())}")
    return name


CaseKind = Annotated[str, AfterValidator(_a_kind)]

Value = StrictBool | StrictInt | StrictStr
Bound = StrictInt | StrictFloat | ZonedTime


class Condition(Seed):
    """What is asked of one column of a case; all that is given must hold.

    in        one of these values                    not_in  none of these values (an unknown value is none of them)
    at_least  this or more, this or later            below   less, or earlier (an unknown value is neither)
    known     whether there is a value at all
    """

    in_: Annotated[list[Value], Field(alias="in")] = []
    not_in: list[Value] = []
    at_least: Bound | None = None
    below: Bound | None = None
    known: StrictBool | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_dump(exclude_defaults=True):
            raise ValueError("one of in, not_in, at_least, below or known")
        return self

    def holds(self, values: Series) -> NDArray[np.bool_]:
        """Where the condition holds."""
        import numpy as np

        asked = []
        if self.in_:
            asked.append(values.isin(self.in_))
        if self.not_in:
            asked.append(~values.isin(self.not_in))
        if self.at_least is not None:
            asked.append(values >= self.at_least)
        if self.below is not None:
            asked.append(values < self.below)
        if self.known is not None:
            asked.append(values.notna() == self.known)
        return np.logical_and.reduce([holding.to_numpy(dtype=bool, na_value=False) for holding in asked])


Conditions = dict[str, Condition]
Roles = Annotated[list[StrictStr], Field(min_length=1)]


class Reading(Seed):
    """A sentence that an alert says where its evidence has one of the roles (`if`); without roles: otherwise."""

    if_: Annotated[Roles | None, Field(alias="if")] = None
    says: str


class Missing(Seed):
    """A piece of evidence that is missing: where the alert has one of the roles (`if`), and none (`unless`)."""

    if_: Annotated[Roles | None, Field(alias="if")] = None
    says: str
    unless: list[str] = []


class Pattern(Seed):
    """One pattern file.

    event       the kind of case it looks at (`pipeline.judgement.cases`)
    raises      alert, or record: only what the law says of it is kept
    when        conditions on the columns of the event's case
    either      named sets of further conditions, one of which must hold; none: nothing more is asked
    unless      patterns that say more: where one of them sees the same story, this one is silent
    cargo       coal where the match is consistent with seaborne North Korean coal: the law is asked what holds if it
                was; coal_possible where it may be any cargo: what the law says of coal is then a condition
    cargo_origin  of a cargo from elsewhere than where she sailed from: how the columns of the case begin that say from
                where (`…_country`, `…_zone_id`)
    stands_against  subjects of measures one of which must forbid, cap, suspend or condition something on the day for an
                alert to be raised, else the event is only recorded; not given: any measure; []: it rests on no measure
    question    what the pattern asks, and `evidence` the roles that speak to it, each with the reason
    wording     what each `{name}` of it in the headline says, and innocent_explanation: the first that its evidence
                admits
    """

    pattern_id: str
    title: str
    raises: Literal["alert", "record"]
    event: CaseKind
    description: str
    when: Conditions
    either: dict[str, Conditions] = {}
    unless: list[str] = []
    cargo: Literal["coal", "coal_possible"] | None = None
    cargo_origin: str | None = None
    stands_against: list[Subject] | None = None
    question: str = ""
    evidence: dict[str, str] = {}
    headline: str
    wording: dict[str, list[Reading]] = {}
    innocent_explanation: Annotated[list[Reading], Field(min_length=1)]
    missing_evidence: Annotated[list[Missing], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        worded = {**self.wording, "innocent_explanation": self.innocent_explanation}
        said: list[Reading | Missing] = [*chain.from_iterable(worded.values()), *self.missing_evidence]
        check_columns(self.event, self.when, self._worded(dict.fromkeys(self.wording, "")), *(one.says for one in said))
        for conditions in self.either.values():
            check_columns(self.event, conditions)
        if self.cargo_origin:
            check_columns(self.event, {}, *(f"{{{self.cargo_origin}_{name}}}" for name in ("country", "zone_id")))
        named = {role for one in said for role in one.if_ or ()}
        named |= {role for one in self.missing_evidence for role in one.unless}
        if unknown := named - set(self.evidence):
            raise ValueError(f'roles that stand under evidence; "{min(unknown)}" does not')
        for name, readings in worded.items():
            if not readings or readings[-1].if_ is not None:
                raise ValueError(f"{name} whose last entry has no condition")
        if self.raises == "alert" and not self.evidence:
            raise ValueError("evidence: the roles that speak to the pattern's question")
        return self

    def matches(self, cases: DataFrame) -> NDArray[np.bool_]:
        """Which cases meet every condition, and one of the sets of `either`."""
        import numpy as np

        meeting = meets(cases, self.when)
        if self.either:
            meeting &= np.logical_or.reduce([meets(cases, conditions) for conditions in self.either.values()])
        return meeting

    def words(self, case: Mapping[Any, Any], roles: Set[str]) -> dict[str, str]:
        """headline, innocent_explanation and missing_evidence of a match whose evidence has these roles."""
        chosen = {name: _first(readings, roles) for name, readings in self.wording.items()}
        missing = [one.says for one in self.missing_evidence if _admits(one, roles) and not roles & set(one.unless)]
        return {
            "headline": fill(self._worded(chosen), case),
            "innocent_explanation": fill(_first(self.innocent_explanation, roles), case),
            "missing_evidence": fill(_listed(missing), case),
        }

    def _worded(self, chosen: Mapping[str, str]) -> str:
        """The headline with the words chosen for each `{name}` of `wording`."""
        headline = self.headline
        for name, says in chosen.items():
            headline = headline.replace(f"{{{name}}}", says)
        return headline


@dataclass(frozen=True)
class Patterns:
    """All patterns: `frame` = PATTERN; `entries` the files by pattern_id; `hash` identifies them."""

    frame: DataFrame
    entries: dict[str, Pattern]
    hash: str


def load_patterns(folder: Path = SEEDS / "patterns") -> Patterns:
    """Read every pattern file of a folder.

    raises  InputError naming file, line, field, found and expected; a pattern that `unless` names must be there
    """
    from pandas import DataFrame

    seeds = load_named_seeds(folder, Pattern, "pattern_id")
    entries = {seed.pattern_id: seed for seed in seeds}
    for seed in seeds:
        if unknown := set(seed.unless) - set(entries):
            raise InputError(
                f'seeds/patterns/{seed.pattern_id}.yaml: unless names "{min(unknown)}"; expected another pattern_id'
            )
    rows = [
        seed.model_dump(include=set(PATTERN.names))
        | {name: " ".join(one.says for one in getattr(seed, name)) for name in ("innocent_explanation",)}
        | {"missing_evidence": _listed([one.says for one in seed.missing_evidence])}
        for seed in seeds
    ]
    return Patterns(PATTERN.conform(DataFrame(rows, columns=PATTERN.names)), entries, digest(seeds))


def meets(cases: DataFrame, conditions: Conditions) -> NDArray[np.bool_]:
    """Which cases meet every condition."""
    import numpy as np

    meeting = np.ones(len(cases), dtype=bool)
    for column, condition in conditions.items():
        if not meeting.any():
            break
        meeting &= condition.holds(cases[column])
    return meeting


def find_matches(cases: Mapping[str, DataFrame], patterns: Patterns) -> dict[str, DataFrame]:
    """The cases that each pattern matches; those that are one match (`Kind.together`) once.

    cases    by kind of case its frame
    returns  for each pattern_id rows of its event's cases
    """
    found = {}
    for pattern_id, pattern in patterns.entries.items():
        rows = cases[pattern.event]
        matching = pattern.matches(rows)
        found[pattern_id] = kinds()[pattern.event].together(rows[matching]) if matching.any() else rows.head(0)
    return found


def without_covered(matches: Mapping[str, DataFrame], patterns: Patterns) -> dict[str, DataFrame]:
    """The matches without those that another pattern covers (`unless`): one story raises one alert.

    A match is covered by one of no lower grade only: what makes a voyage no matter of cargo takes nothing from what a
    listed ship's call is by itself.

    matches  by pattern_id rows of cases with `rank`: the higher, the higher the grade
    """
    covering = {pattern_id: _stories(rows, patterns.entries[pattern_id]) for pattern_id, rows in matches.items()}
    return {
        pattern_id: rows[~_covered(rows, patterns.entries[pattern_id], covering)]
        for pattern_id, rows in matches.items()
    }


def _stories(rows: DataFrame, pattern: Pattern) -> Series:
    """The highest rank with which a pattern's matches tell each story, by its id."""
    from pandas import Series, concat

    told = [Series(rows["rank"].to_numpy(), index=rows[name]) for name in kinds()[pattern.event].stories]
    return concat(told).groupby(level=0).max()


def _covered(rows: DataFrame, pattern: Pattern, covering: Mapping[str, Series]) -> Series:
    """Which matches are part of a story that a pattern named in `unless` tells with no lower rank."""
    covered = rows["rank"].isna()
    for ranks in (covering[name] for name in pattern.unless if name in covering):
        for column in kinds()[pattern.event].touches:
            covered |= rows[column].map(ranks).astype("float64") >= rows["rank"]
    return covered


def _first(readings: list[Reading], roles: Set[str]) -> str:
    return next(one.says for one in readings if _admits(one, roles))


def _admits(one: Reading | Missing, roles: Set[str]) -> bool:
    return one.if_ is None or bool(roles & set(one.if_))


def _listed(parts: list[str]) -> str:
    """A sentence that lists its parts; nothing where there are none."""
    if not parts:
        return "None that the pattern asks for."
    whole = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return whole[0].upper() + whole[1:].rstrip(".") + "."


def check_columns(event: str, conditions: Conditions, *templates: str) -> None:
    """Refuse conditions and templates that name what a case does not have.

    raises  ValueError (inside a seed's validation: InputError with file and line)
    """
    if unknown := (named_fields(*templates) | set(conditions)) - set(kinds()[event].columns):
        raise ValueError(f'columns of a {event} case (pipeline/judgement/cases/{event}.py); "{min(unknown)}" is none')
