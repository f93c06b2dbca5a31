"""Evidence: what speaks for and against a case, each piece with its signed weight and a sentence.

Roles and weights are data (`seeds/evidence`, a file for each subject), and so are grade bands (`seeds/grades.yaml`). A
weight says how much one piece bears on "coal left North Korea by sea", compared with the other pieces; a score is their
sum and no probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, RootModel, field_validator, model_validator

from pipeline.contracts import AIS_GAP, ALERT_EVIDENCE
from pipeline.errors import InputError
from pipeline.judgement.cases.registry import judged_tables
from pipeline.judgement.patterns import CaseKind, Conditions, Pattern, Patterns, check_columns, meets
from pipeline.judgement.sentence import fill
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, load_seed, load_seeds, seed_files, shown
from pipeline.seedfile import digest as digest_of

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Grade = Literal["strong", "moderate", "weak"]


class RestsOn(Seed):
    """The event a piece of evidence rests on: its table, and the column of the case that holds its id."""

    table: str
    id: str

    @field_validator("table")
    @classmethod
    def _is_judged(cls, table: str) -> str:
        if table not in judged_tables():
            raise ValueError(f"a table that cases look at: {', '.join(judged_tables())}")
        return table


class Role(Seed):
    """One role of evidence.

    of         the kinds of case it is asked of      when       conditions that must all hold
    weight     signed; 0 is said but not counted     reason     why the weight, in a sentence
    rests_on   the event it rests on; of several that may be, the first that the case has
    statement  the evidence, a sentence over the columns of the case
    """

    of: Annotated[list[CaseKind], Field(min_length=1)]
    weight: float
    reason: str
    when: Conditions
    rests_on: RestsOn | list[RestsOn] = []
    statement: str

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        for event in self.of:
            check_columns(event, self.when, self.statement, *(f"{{{one.id}}}" for one in self.may_rest_on))
        return self

    @property
    def may_rest_on(self) -> list[RestsOn]:
        """The events it may rest on."""
        return self.rests_on if isinstance(self.rests_on, list) else [self.rests_on]

    def event(self, case: Mapping[Any, Any]) -> tuple[str | None, str | None]:
        """Table and id of the event it rests on in a case; none where it rests on what she is."""
        from pandas import isna

        if not self.may_rest_on:
            return None, None
        one = next((one for one in self.may_rest_on if not isna(case[one.id])), self.may_rest_on[0])
        return one.table, case[one.id]


class Band(Seed):
    """A grade: the least score that earns it, and why."""

    at_least: float
    reason: str


class Bands(Seed):
    """Grade bands; what reaches neither is weak."""

    strong: Band
    moderate: Band

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        if self.strong.at_least <= self.moderate.at_least:
            raise ValueError("strong.at_least above moderate.at_least")
        return self


class _Roles(RootModel[dict[str, Role]]):
    """A file of `seeds/evidence`: roles by their names."""


class Weights(Seed):
    """Grade bands and roles."""

    grades: Bands
    roles: dict[str, Role]

    @property
    def hash(self) -> str:
        """Identifies what was derived with these weights."""
        return digest_of([self])


def load_weights(folder: Path = SEEDS / "evidence", grades: Path = SEEDS / "grades.yaml") -> Weights:
    """Read the files of evidence, each role of which stands in one of them, and the grade bands.

    raises  InputError naming file, line, field, found and expected
    """
    roles: dict[str, Role] = {}
    for path, of_file in zip(seed_files(folder), load_seeds(folder, _Roles), strict=True):
        if twice := roles.keys() & of_file.root.keys():
            raise InputError(f"{shown(path)}: {min(twice)} stands in another file of its folder already")
        roles |= of_file.root
    return Weights(grades=load_seed(grades, Bands), roles=roles)


def check_roles(patterns: Patterns, weights: Weights) -> None:
    """Refuse patterns that name a role which is not there, or not of their kind of event.

    raises  InputError naming file, role and what was expected
    """
    for pattern in patterns.entries.values():
        known = {name for name, role in weights.roles.items() if pattern.event in role.of}
        if unknown := set(pattern.evidence) - known:
            raise InputError(
                f"seeds/patterns/{pattern.pattern_id}.yaml: evidence.{min(unknown)}: seeds/evidence has no such "
                f"role of a {pattern.event}"
            )


def weigh(cases: DataFrame, pattern: Pattern, alert_ids: Series, weights: Weights) -> DataFrame:
    """Every piece of evidence for and against each case that speaks to the pattern's question.

    cases      rows of one kind of case (`pipeline.judgement.cases`)
    alert_ids  the alert each row is evidence of, same index
    returns    ALERT_EVIDENCE, at most one row per alert and role; of what speaks for a case from one silence only the
               weightiest counts, and the rest is said
    """
    from pandas import DataFrame

    matches = list(zip(alert_ids, cases.to_dict("records"), strict=True))  # a handful
    rows = []
    for name, role in weights.roles.items():
        if name not in pattern.evidence:
            continue
        rows += [
            {
                "alert_id": alert_id,
                "role": name,
                **dict(zip(("event_table", "event_id"), role.event(case), strict=True)),
                "weight": role.weight,
                "statement": fill(role.statement, case),
            }
            for (alert_id, case), met in zip(matches, meets(cases, role.when), strict=True)
            if met
        ]
    return _each_silence_once(ALERT_EVIDENCE.conform(DataFrame(rows, columns=ALERT_EVIDENCE.names)))


def _each_silence_once(pieces: DataFrame) -> DataFrame:
    speaks = pieces[(pieces["event_table"] == AIS_GAP.name) & (pieces["weight"] > 0)]
    speaks = speaks.sort_values("weight", ascending=False, kind="stable")
    again = pieces.index.isin(speaks.index[speaks.duplicated(["alert_id", "event_id"])])
    said = pieces["statement"] + " (The same silence: counted once.)"
    return pieces.assign(weight=pieces["weight"].mask(again, 0.0), statement=pieces["statement"].mask(again, said))


def grade(scores: Series, weights: Weights) -> Series:
    """The grade of each score: strong, moderate or weak."""
    bands = weights.grades
    grades = scores.map(lambda _: "weak").astype("str")
    return grades.mask(scores >= bands.moderate.at_least, "moderate").mask(scores >= bands.strong.at_least, "strong")
