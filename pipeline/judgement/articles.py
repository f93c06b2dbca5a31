"""Articles and their claims: what was asserted, by whom, and how it can be tested in which windows of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.contracts import ARTICLE, CLAIM
from pipeline.errors import InputError
from pipeline.judgement.documentary import Documentary
from pipeline.resources import SEEDS
from pipeline.seedfile import DayOrTime, Seed, digest, load_seeds

if TYPE_CHECKING:
    from pandas import DataFrame

Testability = Literal["A", "B", "D", "N"]
Role = Literal["primary", "before", "context", "baseline"]


class Window(BaseModel):
    """A window [from_at, to_at), UTC, that a claim is judged for.

    role  primary (the claim's own time), before, context (later: never changes the primary verdict) or baseline
    """

    model_config = ConfigDict(frozen=True)

    window_id: str
    from_at: datetime
    to_at: datetime
    role: Role


class Expected(BaseModel):
    """Calls a month that one would see if the claim held, with the source of the number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[float, Field(gt=0)]
    source: str


class Shortfall(BaseModel):
    """What a volume is held against: an observation whose quantity is tonnes over so many months, and of what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    observation: str
    months: Annotated[float, Field(gt=0)]
    of: str


class Volume(BaseModel):
    """A claim about tonnage.

    patterns       pattern_ids whose alerts rest on voyages that count
    since          from when on the tonnage should have risen; `compared_from` where the time before begins
    shortfall      what it is said to have made up for
    documented     observations of tonnage, told beside it
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    patterns: list[str]
    compared_from: DayOrTime
    since: DayOrTime
    shortfall: Shortfall
    documented: list[str] = []

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.since <= self.compared_from:
            raise ValueError("since after compared_from")
        return self


class Hypothesis(BaseModel):
    """What one would see if the claim held, what speaks against it, and what else could look the same; for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    supports: str
    weakens: str
    confounders: str | None = None


class ClaimSpec(BaseModel):
    """How one claim is judged; what `pipeline.judgement.claims` reads.

    windows                   the windows it is judged for; every claim has at least its primary window
    zones                     zone selectors (see `select_zones`) whose reception decides whether we could have seen it
    origins, destinations     zone selectors an alert must begin and end in to bear on it; empty: anywhere
    supporting_patterns       pattern_ids whose alerts support it
    weakening_patterns        pattern_ids whose alerts weaken it
    expected_calls_per_month  what silence is measured against where reception was good; None: absence says nothing
    hypothesis                what supports and weakens it and what could be mistaken for it, in words
    volume                    what its tonnage is held against; None: it is not about tonnage
    documentary               what it asserts of a measure; such a claim is judged by `documentary.documentary_verdict`
    would_change_it           what would change the verdict, in a sentence
    law                       what the measures that bear on it are about; None: no law is asked for it
    weighed_as                the claim as which radar and imagery bear on it; None: as on itself
    """

    model_config = ConfigDict(frozen=True)

    claim_id: str
    article_id: str
    published_at: datetime
    synthetic: bool
    testability: Testability
    windows: list[Window]
    zones: list[str]
    origins: list[str]
    destinations: list[str]
    supporting_patterns: list[str]
    weakening_patterns: list[str]
    expected_calls_per_month: Expected | None
    hypothesis: Hypothesis | None
    documentary: Documentary | None
    would_change_it: str
    volume: Volume | None = None
    law: Literal["coal", "labour"] | None = None
    weighed_as: str | None = None

    @property
    def bearing_id(self) -> str:
        """The claim that `seeds/radar_bearing.yaml` and `seeds/imagery.yaml` name for it."""
        return self.weighed_as or self.claim_id


@dataclass(frozen=True)
class Articles:
    """All articles: `articles` = ARTICLE, `claims` = CLAIM, `specs` one a claim; `hash` identifies them."""

    articles: DataFrame
    claims: DataFrame
    specs: list[ClaimSpec]
    hash: str


class _WindowSeed(Seed):
    role: Role
    from_at: Annotated[DayOrTime, Field(alias="from")]
    to_at: Annotated[DayOrTime, Field(alias="to")]
    note: str | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.to_at <= self.from_at:
            raise ValueError("an interval [from, to) whose end lies after its beginning")
        return self


class _Test(Seed):
    """What of a claim AIS and observations can test."""

    windows: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    supporting_patterns: tuple[str, ...] = ()
    weakening_patterns: tuple[str, ...] = ()
    expected_calls_per_month: Expected | None = None
    volume: Volume | None = None
    law: Literal["coal", "labour"] | None = None
    weighed_as: str | None = None


class _ClaimSeed(Seed):
    label: str
    statement: str
    speaker: str
    testability: Testability
    source_grade: Literal["A", "B", "C", "D", "E", "F"]
    information_grade: Literal[1, 2, 3, 4, 5, 6]
    tested_by: str | None = None
    hypothesis: Hypothesis | None = None
    test: _Test = _Test()
    documentary: Documentary | None = None
    would_change_it: str

    @model_validator(mode="after")
    def _documents_are_named(self) -> Self:
        if (self.testability == "D") != (self.documentary is not None):
            raise ValueError("a documentary block for testability D, and only there")
        return self


class _ArticleSeed(Seed):
    article_id: str
    title: str
    publisher: str
    author: str | None = None
    url: str | None = None
    published_at: DayOrTime
    published_at_precision: str
    synthetic: bool
    weaknesses: tuple[str, ...] = ()
    windows: dict[str, _WindowSeed]
    claims: list[_ClaimSeed]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        labels = [claim.label for claim in self.claims]
        if repeated := {label for label in labels if labels.count(label) > 1}:
            raise ValueError(f"each claim label once; {sorted(repeated)[0]} is there twice")
        if [window.role for window in self.windows.values()].count("primary") != 1:
            raise ValueError("exactly one window with role primary")
        for claim in self.claims:
            if unknown := set(claim.test.windows) - set(self.windows):
                raise ValueError(f"windows of the article; {claim.label} names {sorted(unknown)[0]}")
        return self


def load_articles(folder: Path = SEEDS / "articles") -> Articles:
    """Read every article file of a folder.

    returns  ARTICLE, CLAIM and one `ClaimSpec` a claim, in the order of the files
    raises   InputError naming file, line, field, found and expected
    """
    from pandas import DataFrame

    seeds = load_seeds(folder, _ArticleSeed)
    ids = [seed.article_id for seed in seeds]
    if repeated := {article_id for article_id in ids if ids.count(article_id) > 1}:
        raise InputError(f"seeds/articles: article_id {min(repeated)} is in two files; expected each id once")
    articles = [
        seed.model_dump(exclude={"windows", "claims"}) | {"weaknesses": "\n".join(seed.weaknesses) or None}
        for seed in seeds
    ]
    claims = [
        claim.model_dump()
        | {"information_grade": str(claim.information_grade)}
        | {"claim_id": f"{seed.article_id}/{claim.label}", "article_id": seed.article_id}
        for seed in seeds
        for claim in seed.claims
    ]
    return Articles(
        articles=ARTICLE.conform(DataFrame(articles, columns=ARTICLE.names)),
        claims=CLAIM.conform(DataFrame(claims, columns=CLAIM.names)),
        specs=[_spec(seed, claim) for seed in seeds for claim in seed.claims],
        hash=digest(seeds),
    )


def _spec(article: _ArticleSeed, claim: _ClaimSeed) -> ClaimSpec:
    """The claim's spec; a claim that names no windows is judged for the primary one."""
    test = claim.test
    primary = [window_id for window_id, window in article.windows.items() if window.role == "primary"]
    return ClaimSpec(
        claim_id=f"{article.article_id}/{claim.label}",
        article_id=article.article_id,
        published_at=article.published_at,
        synthetic=article.synthetic,
        testability=claim.testability,
        windows=[
            Window(window_id=name, from_at=window.from_at, to_at=window.to_at, role=window.role)
            for name, window in article.windows.items()
            if name in (test.windows or primary)
        ],
        zones=list(test.zones),
        origins=list(test.origins),
        destinations=list(test.destinations),
        supporting_patterns=list(test.supporting_patterns),
        weakening_patterns=list(test.weakening_patterns),
        expected_calls_per_month=test.expected_calls_per_month,
        hypothesis=claim.hypothesis,
        documentary=claim.documentary,
        would_change_it=claim.would_change_it,
        volume=test.volume,
        law=test.law,
        weighed_as=test.weighed_as,
    )


def select_zones(selectors: list[str], zones: DataFrame) -> list[str]:
    """Zone ids that selectors mean.

    selectors  each a zone_id (`kp-nampo-coal`), a port (`Nampo`), or a country with a flag of the zone table
               (`KP:loads_coal`, `CN:receives_coal`)
    zones      ZONE
    returns    zone_ids in the order of `zones`; none twice
    raises     InputError if a selector matches no zone
    """
    # Plain lists: every claim asks, and a hundred zones are gone through in less time than pandas compares a column.
    ids, ports, countries = (zones[name].tolist() for name in ("zone_id", "port", "country"))
    chosen: set[int] = set()
    for selector in selectors:
        country, _, flag = selector.partition(":")
        if flag in ("loads_coal", "receives_coal"):
            match = {row for row, holds in enumerate(zones[flag]) if holds and countries[row] == country}
        else:
            match = {row for row, names in enumerate(zip(ids, ports, strict=True)) if selector in names}
        if not match:
            raise InputError(
                f'zone selector "{selector}" matches no zone; expected a zone_id, a port, or like KP:loads_coal'
            )
        chosen |= match
    return [ids[row] for row in sorted(chosen)]
