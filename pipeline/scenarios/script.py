"""The script of a synthetic world: waters, receivers, ships and what is true of them, read from `seeds/scenarios/`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pipeline.resources import SEEDS
from pipeline.scenarios.ships import Fleet, Ship, Truth
from pipeline.scenarios.waters import Box, Interval, Lanes, Places, Position, Positive, Receivers, Share, Waters
from pipeline.seedfile import DayOrTime, Seed, ZonedTime, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame

FOLDER = SEEDS / "scenarios"
CHARTS = SEEDS / "charts"
DEMO = FOLDER / "yellow-sea-month.yaml"


class Reporting(Seed):
    """Seconds between two reports of a ship, on average, after the thinning of a published file.

    fast_s     from 14 knots on, where class A reports three times as often; as `under_way_s` if not given
    class_b_s  of class B under way; as `under_way_s` if not given
    """

    under_way_s: Positive
    stopped_s: Positive
    fast_s: Positive | None = None
    class_b_s: Positive | None = None


class Noise(Seed):
    """How positions scatter: each by `gps_m`; ships at anchor swing around it on `swing_m` of chain as the tide turns.

    A scenario without it scatters each position evenly around a fixed point.
    """

    gps_m: Positive
    swing_m: Positive


class Interference(Interval):
    """Satellite navigation disturbed in a box: every ship inside reports positions around one false point."""

    box: Box
    at: Position
    scatter_m: Positive


Verdict = Literal["expected", "weak_at_most", "allowed"]


class Story(Seed):
    """What happened, told apart from how a watch would find it out.

    kind   what it is: the pattern that is about it
    also   other patterns that may carry the same story
    ships  names of those it is about
    from_at, to_at  when it began and ended
    alert  expected: an alert is due · weak_at_most: one may be raised, if weak · allowed: one may be raised
    innocent  she did not do what the pattern asks about, though nothing that is heard tells her from one who did
    zones  where it happened, in order
    """

    story_id: str
    kind: str
    also: list[str] = []
    ships: list[str]
    from_at: Annotated[ZonedTime, Field(alias="from")]
    to_at: Annotated[ZonedTime, Field(alias="to")]
    alert: Verdict
    innocent: bool = False
    zones: list[str] = []
    because: str


class Scenario(Seed):
    """A synthetic world over [from_at, to_at), UTC; everything drawn at random follows from `seed`.

    chart  a file of `seeds/charts/` whose places, lanes and receivers are added to those given here
    heard  the share of what receivers hear that reaches the files; a smaller share is a part of a larger one
    """

    scenario_id: str
    title: str
    seed: int
    synthetic: Literal[True] = True
    from_at: Annotated[DayOrTime, Field(alias="from")]
    to_at: Annotated[DayOrTime, Field(alias="to")]
    reporting: Reporting
    noise: Noise | None = None
    chart: str | None = None
    places: Places = {}
    lanes: Lanes = []
    receivers: Receivers = {}
    heard: Share = 1
    interference: list[Interference] = []
    ships: list[Ship]
    fleets: list[Fleet] = []
    stories: list[Story] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.to_at <= self.from_at:
            raise ValueError("an interval [from, to) whose end lies after its beginning")
        places, lanes = self.waters.places, self.waters.lanes
        on_lanes = {name for lane in lanes for name in lane}
        for name in sorted(on_lanes - set(places)):
            raise ValueError(f'places that are described; the lanes name "{name}"')
        stays = [stay for ship in self.ships for stay in ship.way]
        for name in [stay.place for stay in stays] + [port for fleet in self.fleets for port in fleet.ports]:
            if name not in on_lanes:
                raise ValueError(f'ways between places on lanes; no lane leads to "{name}"')
        for name in [stay.to for stay in stays if stay.to] + [port for fleet in self.fleets for port in fleet.ports]:
            if places[name].stop is None:
                raise ValueError(f'stays at places with a stop; "{name}" has none')
        names = Counter(ship.name for ship in self.ships)
        for name in sorted(name for name, times in names.items() if times > 1):
            raise ValueError(f'each ship once; "{name}" is there twice')
        for name in {name for story in self.stories for name in story.ships} - set(names):
            raise ValueError(f'stories of ships that are described; one names "{name}"')
        before: set[str] = set()
        for ship in self.ships:
            for name in [stay.beside.ship for stay in ship.way if stay.beside is not None]:
                if name not in before:
                    raise ValueError(f'beside a ship that comes earlier in the file; "{name}" does not')
            before.add(ship.name)
        return self

    @property
    def waters(self) -> Waters:
        """Places, lanes and receivers, those of the chart included; the scenario's own receivers stand for all."""
        if self.chart is None:
            return Waters(places=self.places, lanes=self.lanes, receivers=self.receivers)
        shared = load_seed(CHARTS / f"{self.chart}.yaml", Waters)
        return Waters(
            places=shared.places | self.places,
            lanes=shared.lanes + self.lanes,
            receivers=self.receivers or shared.receivers,
        )

    @property
    def legs(self) -> list[tuple[str, str]]:
        """Pairs of places that a lane joins directly."""
        return [pair for lane in self.waters.lanes for pair in pairwise(lane)]

    def seconds(self, moment: datetime) -> float:
        """Seconds from the scenario's begin; negative before it."""
        return (moment - self.from_at).total_seconds()


def load_scenario(path: Path = DEMO) -> Scenario:
    """Read a scenario.

    raises  InputError naming file, line, field, found and expected
    """
    return load_seed(path, Scenario)


def truth(scenario: Scenario) -> DataFrame:
    """What is true of each ship with a story; every other ship is ordinary traffic, of which no alert is due.

    returns  mmsi, imo (null if she sends none), name, story, alert (expected, weak_at_most, none), pattern, origin and
             destination (zone_ids), gap (reception of her silence), because; in the order of the file
    """
    from pandas import DataFrame

    rows = [
        {"mmsi": ship.mmsi, "imo": ship.imo, "name": ship.name, "story": ship.story} | ship.truth.model_dump()
        for ship in scenario.ships
    ]
    return DataFrame(rows, columns=["mmsi", "imo", "name", "story", *Truth.model_fields]).astype({"imo": "Int64"})


def stories(scenario: Scenario) -> DataFrame:
    """The stories of a scenario, a row for each, with every number under which its ships are heard.

    returns  story_id, kind, also, ships, mmsis and imos (lists), from_at, to_at (UTC), alert, zones (list), because
    """
    from pandas import DataFrame

    ships = {ship.name: ship for ship in scenario.ships}
    rows: list[dict[str, Any]] = []
    for story in scenario.stories:
        heard_as = [
            (said.get("mmsi", ship.mmsi), said.get("imo", ship.imo))
            for ship in (ships[name] for name in story.ships)
            for said in [{}, *(identity.fields() for identity in ship.identities)]
        ]
        numbers = {
            "mmsis": sorted({mmsi for mmsi, _ in heard_as}),
            "imos": sorted({imo for _, imo in heard_as if imo is not None}),
        }
        rows.append(story.model_dump() | numbers)
    return DataFrame(rows, columns=[*Story.model_fields, "mmsis", "imos"])
