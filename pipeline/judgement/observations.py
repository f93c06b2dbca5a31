"""Observations: what others documented about a place and a time, and which claims it bears on.

An observation is no proof of a claim by itself. `extent` states how it fills its interval: a state or an absence holds
*throughout*, so it speaks of every window it overlaps; a count or a total lies *somewhere* in it, so it speaks of a
window only if the interval lies inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline.contracts import OBSERVATION
from pipeline.resources import SEEDS
from pipeline.seedfile import DayOrTime, Seed, digest, load_named_seeds

if TYPE_CHECKING:
    from pandas import DataFrame


class _Bearing(Seed):
    """How it bears on a claim; `direct` where it is of the very thing claimed, not of a step towards it."""

    claim: str
    relation: Literal["supports", "weakens", "context"]
    direct: bool = False
    reason: str

    @field_validator("claim")
    @classmethod
    def _names_its_article(cls, claim: str) -> str:
        if not all(claim.partition("/")):
            raise ValueError("a claim_id, like dailynk-2021/C16")
        return claim


class _ObservationSeed(Seed):
    observation_id: str
    kind: Literal["imagery", "panel", "official", "statistics", "court", "press"]
    place: str
    zone_id: str | None = None
    from_at: Annotated[DayOrTime, Field(alias="from")]
    to_at: Annotated[DayOrTime, Field(alias="to")]
    extent: Literal["throughout", "somewhere"]
    quantity: float | None = None
    unit: str | None = None
    statement: str
    source: str
    published_at: DayOrTime
    source_grade: Literal["A", "B", "C", "D", "E", "F"]
    information_grade: Literal[1, 2, 3, 4, 5, 6]
    verified: bool
    note: str | None = None
    bears_on: tuple[_Bearing, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.to_at <= self.from_at:
            raise ValueError("an interval [from, to) whose end lies after its beginning")
        if (self.quantity is None) != (self.unit is None):
            raise ValueError("quantity and unit together, or neither")
        claims = [bearing.claim for bearing in self.bears_on]
        if len(set(claims)) < len(claims):
            raise ValueError("each claim once in bears_on")
        return self


@dataclass(frozen=True)
class Observations:
    """All observations: `frame` = OBSERVATION; `relations` see `load_observations`; `hash` identifies them."""

    frame: DataFrame
    relations: DataFrame
    hash: str


def load_observations(folder: Path = SEEDS / "observations") -> Observations:
    """Read every observation file of a folder.

    returns  OBSERVATION (times in UTC), and relations: observation_id, claim_id, relation (supports, weakens, context),
             direct (bool: of the very thing claimed; ships seen at a berth are not of an export), reason
    raises   InputError naming file, line, field, found and expected
    """
    from pandas import DataFrame

    seeds = load_named_seeds(folder, _ObservationSeed, "observation_id")
    rows = [seed.model_dump() | {"information_grade": str(seed.information_grade)} for seed in seeds]
    relations = [
        (seed.observation_id, bearing.claim, bearing.relation, bearing.direct, bearing.reason)
        for seed in seeds
        for bearing in seed.bears_on
    ]
    return Observations(
        frame=OBSERVATION.conform(DataFrame(rows, columns=OBSERVATION.names)),
        relations=DataFrame(relations, columns=["observation_id", "claim_id", "relation", "direct", "reason"]),
        hash=digest(seeds),
    )
