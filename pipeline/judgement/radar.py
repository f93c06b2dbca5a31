"""What radar says of claims: unexplained echoes, or none at all, at a claim's places on pass after pass of a window.

A kind of observation of its own: it counts passes, not ships, and its weights stand in one file. A window with few
known passes says nothing, and neither does one in which both are rare: some passes with, some without an echo.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from pipeline.judgement.articles import ClaimSpec, Window
from pipeline.judgement.verdicts import Piece
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame

_LIMITS_OF_IT = "Radar sees nothing within 1 km of the shore, nothing in the river, and a moment a pass."


class _Sourced(Seed):
    value: float
    source: str


class _Weighed(Seed):
    relation: Literal["supports", "weakens", "context"]
    weight: Annotated[float, Field(ge=0, le=1)]
    reason: str


class _RadarBearing(Seed):
    claim: str
    zones: tuple[str, ...]
    unexplained: _Weighed
    without_echo: _Weighed


class RadarWeights(Seed):
    """The file of weights: from how many passes on radar speaks, and how it bears on which claims."""

    least_passes: _Sourced
    pass_after_pass: _Sourced
    bears_on: tuple[_RadarBearing, ...]

    @property
    def hash(self) -> str:
        """Identifies what was derived with these weights."""
        return digest([self])


def load_radar_weights(path: Path = SEEDS / "radar_bearing.yaml") -> RadarWeights:
    """Read the weights.

    raises  InputError naming file, line, field, found and expected
    """
    return load_seed(path, RadarWeights)


@dataclass(frozen=True)
class Seen:
    """What radar saw of a claim's places in a window: numbers of passes, and of echoes (rows, not ships).

    without_echo  passes that saw nothing there; one that saw what it sees on pass after pass is none of them: it may be
                  a rock, and it may be a ship that lies there for months
    """

    passes: int
    without_echo: int
    with_unexplained: int
    echoes: int
    explained: int
    unexplained: int
    ships_heard: int

    def told(self) -> str:
        """The numbers, in a sentence."""
        passes, ships = "pass" if self.passes == 1 else "passes", "ship was" if self.ships_heard == 1 else "ships were"
        return (
            f"Radar: {self.passes} known {passes}, {self.without_echo} without an echo, {self.with_unexplained} with "
            f"echoes that no AIS explains ({self.unexplained} of {self.echoes} echoes); at most {self.ships_heard} "
            f"{ships} heard there in the hour of a pass. {_LIMITS_OF_IT}"
        )


def seen(looks: DataFrame, zones: tuple[str, ...], window: Window) -> Seen:
    """What passes of a window saw of some zones.

    looks  RADAR_LOOK, known by then
    """
    of = looks[looks["zone_id"].isin(zones) & (looks["at"] >= window.from_at) & (looks["at"] < window.to_at)]
    counts = ["echoes", "repeated", "explained", "unexplained", "ships_inside"]
    passes = of.groupby("radar_pass_id")[counts].sum()
    return Seen(
        passes=len(passes),
        without_echo=int((passes["echoes"] + passes["repeated"] == 0).sum()),
        with_unexplained=int((passes["unexplained"] > 0).sum()),
        echoes=int(passes["echoes"].sum()),
        explained=int(passes["explained"].sum()),
        unexplained=int(passes["unexplained"].sum()),
        ships_heard=int(passes["ships_inside"].max()) if len(passes) else 0,
    )


def radar_pieces(
    spec: ClaimSpec, window: Window, looks: DataFrame, weights: RadarWeights
) -> Iterator[tuple[str, Piece]]:
    """Which way radar leans on a claim in a window, and the piece: relation supports, weakens or context.

    looks  RADAR_LOOK, known by then
    """
    for bearing in weights.bears_on:
        if bearing.claim != spec.bearing_id:
            continue
        found = seen(looks, bearing.zones, window)
        if not found.passes:
            continue
        leaning = [
            (weighed, share)
            for weighed, share in (
                (bearing.unexplained, found.with_unexplained / found.passes),
                (bearing.without_echo, found.without_echo / found.passes),
            )
            if found.passes >= weights.least_passes.value and share >= weights.pass_after_pass.value
        ]
        if not leaning:
            few = "" if found.passes >= weights.least_passes.value else " So few passes say nothing."
            yield "context", Piece("radar", 0.0, inside=True, direct=False, said=found.told() + few)
        for weighed, share in leaning:
            weight = weighed.weight * share
            said = f"{found.told()} {weighed.reason} (weight {weight:.2f})"
            yield weighed.relation, Piece("radar", weight, inside=True, direct=False, said=said)
