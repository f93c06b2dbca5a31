"""The script of a synthetic world: waters, receivers, ships and what is true of them, read from `seeds/scenarios/`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from pipeline.resources import SEEDS
from pipeline.seedfile import DayOrTime, Seed, ZonedTime, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame

DEMO = SEEDS / "scenarios" / "yellow-sea-month.yaml"

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Position = tuple[Longitude, Latitude]
Box = tuple[Longitude, Latitude, Longitude, Latitude]  # west, south, east, north
Positive = Annotated[float, Field(gt=0)]
Range = tuple[Positive, Positive]  # from, to; drawn evenly


class Place(Seed):
    """A point ships sail by or stay at; `stop` says how they stay, `zone` in which zone it is meant to lie, `berths_m`
    how far from each other the ships of fleets lie around it (else all at the point itself)."""

    at: Position
    stop: Literal["moored", "anchored"] | None = None
    zone: str | None = None
    berths_m: Positive | None = None


class Interval(Seed):
    """A half-open interval of time, with its reason."""

    from_at: Annotated[ZonedTime, Field(alias="from")]
    to_at: Annotated[ZonedTime, Field(alias="to")]
    why: str


class Shore(Seed):
    """A receiver ashore: hears everything within its range but for a fading edge."""

    kind: Literal["terrestrial"]
    at: Position
    range_nm: Positive
    down: list[Interval] = []


class Satellite(Seed):
    """Satellites over a box: for `pass_minutes` in every `every_minutes` they hear a share of what is sent in it."""

    kind: Literal["satellite"]
    box: Box
    every_minutes: Positive
    pass_minutes: Positive
    heard: Annotated[float, Field(gt=0, le=1)]
    down: list[Interval] = []


class Stay(Seed):
    """Where a ship sails next and how long she stays; without `hours` to the end of the scenario.

    speed_kn   on the way there; the ship's own if not given
    draught_m  what the crew enters before leaving; unchanged if not given
    """

    to: str
    hours: Positive | None = None
    speed_kn: Positive | None = None
    draught_m: Positive | None = None


class Strays(Seed):
    """Single positions far from where the ship is."""

    count: Annotated[int, Field(gt=0)]
    away_deg: Positive


class Truth(Seed):
    """What is true of a ship, and so what a watch should make of her.

    alert    expected: an alert is due · weak_at_most: an alert, if any, must be weak · none: no alert is due
    pattern  the pattern that should raise the alert, or record her
    origin, destination  zone_ids of the berths or anchorages where she stops
    gap      the reception that her longest silence should be given, where she has one to be found
    """

    alert: Literal["expected", "weak_at_most", "none"]
    pattern: str | None = None
    origin: str | None = None
    destination: str | None = None
    gap: Literal["heard_others", "not_heard"] | None = None
    because: str


class Ship(Seed):
    """One ship, her identity as she transmits it, her way and the truth about her.

    begins_at   when she is at the first place of her way; may lie before the scenario
    way, area   where she sails: from stay to stay, or to and fro at work inside an area of open water
    silent      when her transponder sends nothing
    """

    name: str
    story: str
    mmsi: Annotated[int, Field(ge=201_000_000, le=775_999_999)]
    imo: int | None = None
    call_sign: str
    ship_type: Annotated[int, Field(ge=1, le=99)]
    length_m: Positive
    width_m: Positive
    speed_kn: Positive
    draught_m: Positive
    begins_at: ZonedTime | None = None
    way: list[Stay] = []
    area: Box | None = None
    silent: list[Interval] = []
    strays: Strays | None = None
    truth: Truth

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.imo is not None and self.imo != with_check_digit(self.imo // 10):
            raise ValueError(f"an IMO number whose check digit holds, like {with_check_digit(self.imo // 10)}")
        if bool(self.way) == (self.area is not None):
            raise ValueError("either a way or an area")
        return self


class Fleet(Seed):
    """Ships of one kind in ordinary trade: between `ports` drawn at random, or at work inside `area`.

    Ships are numbered; MMSIs count up from `first_mmsi`, IMO numbers from the six digits `first_imo`.
    """

    name: str
    count: Annotated[int, Field(gt=0)]
    first_mmsi: int
    first_imo: Annotated[int, Field(ge=100_000, le=999_000)] | None = None
    ship_type: int
    length_m: Range
    width_m: Range
    speed_kn: Range
    draught_m: Range
    ports: list[str] = []
    hours: Range = (12, 36)
    area: Box | None = None

    @model_validator(mode="after")
    def _one_trade(self) -> Self:
        if (self.area is None) == (len(self.ports) < 2):
            raise ValueError("either an area or at least two ports")
        return self


class Reporting(Seed):
    """Seconds between two reports of a ship, on average."""

    under_way_s: Positive
    stopped_s: Positive


class Scenario(Seed):
    """A synthetic world over [from_at, to_at), UTC; everything drawn at random follows from `seed`."""

    scenario_id: str
    title: str
    seed: int
    from_at: Annotated[DayOrTime, Field(alias="from")]
    to_at: Annotated[DayOrTime, Field(alias="to")]
    reporting: Reporting
    places: dict[str, Annotated[Place, BeforeValidator(lambda p: {"at": p} if isinstance(p, list) else p)]]
    lanes: list[Annotated[list[str], Field(min_length=2)]]
    receivers: dict[str, Annotated[Shore | Satellite, Field(discriminator="kind")]]
    ships: list[Ship]
    fleets: list[Fleet] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.to_at <= self.from_at:
            raise ValueError("an interval [from, to) whose end lies after its beginning")
        on_lanes = {name for lane in self.lanes for name in lane}
        for name in sorted(on_lanes - set(self.places)):
            raise ValueError(f'places that are described; the lanes name "{name}"')
        visited = [stay.to for ship in self.ships for stay in ship.way] + [p for f in self.fleets for p in f.ports]
        for name in visited:
            if name not in on_lanes:
                raise ValueError(f'ways between places on lanes; no lane leads to "{name}"')
            if self.places[name].stop is None:
                raise ValueError(f'stays at places with a stop; "{name}" has none')
        names = Counter(ship.name for ship in self.ships)
        for name in sorted(name for name, times in names.items() if times > 1):
            raise ValueError(f'each ship once; "{name}" is there twice')
        return self

    @property
    def legs(self) -> list[tuple[str, str]]:
        """Pairs of places that a lane joins directly."""
        return [pair for lane in self.lanes for pair in pairwise(lane)]

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


def with_check_digit(six_digits: int) -> int:
    """The IMO number of six digits; the seventh is the last digit of their sum weighted 7 to 2 (IMO A.1117(30))."""
    total = sum(int(digit) * weight for digit, weight in zip(f"{six_digits:06}", range(7, 1, -1), strict=True))
    return six_digits * 10 + total % 10
