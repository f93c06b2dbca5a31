"""Waters of a synthetic world: places, lanes between them, and who hears what is sent there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from pipeline.seedfile import Seed, ZonedTime

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Position = tuple[Longitude, Latitude]
Box = tuple[Longitude, Latitude, Longitude, Latitude]  # west, south, east, north
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Range = tuple[Positive, Positive]  # from, to; drawn evenly


class Place(Seed):
    """A point ships sail by or stay at.

    stop      how they stay
    zone      in which zone it is meant to lie
    berths_m  how far from each other ships lie around it (else all at the point itself)
    room_nm   how far from the point ships may pass it; each passage is drawn
    """

    at: Position
    stop: Literal["moored", "anchored"] | None = None
    zone: str | None = None
    berths_m: Positive | None = None
    room_nm: Positive | None = None


def _as_place(value: Any) -> Any:
    return {"at": value} if isinstance(value, list) else value


Places = dict[str, Annotated[Place, BeforeValidator(_as_place)]]
Lanes = list[Annotated[list[str], Field(min_length=2)]]


class Interval(Seed):
    """A half-open interval of time, with its reason."""

    from_at: Annotated[ZonedTime, Field(alias="from")]
    to_at: Annotated[ZonedTime, Field(alias="to")]
    why: str


class Shore(Seed):
    """A receiver ashore: hears everything within its range but for a fading edge.

    varies  by which share its range is shorter or longer from day to day, with the weather
    heard   share of what is sent in range that reaches its subscribers
    """

    kind: Literal["terrestrial"]
    at: Position
    range_nm: Positive
    varies: Annotated[float, Field(ge=0, lt=1)] = 0
    heard: Share = 1
    down: list[Interval] = []


class Satellite(Seed):
    """Satellites over a box: for `pass_minutes` in every `every_minutes` they hear a share of what is sent in it.

    heard_b  share of what class B transceivers send, which are six times weaker; as `heard` if not given
    """

    kind: Literal["satellite"]
    box: Box
    every_minutes: Positive
    pass_minutes: Positive
    heard: Share
    heard_b: Share | None = None
    down: list[Interval] = []


Receivers = dict[str, Annotated[Shore | Satellite, Field(discriminator="kind")]]


class Waters(Seed):
    """A chart that scenarios share (`seeds/charts/`): places, lanes, which go both ways, and who hears ships there."""

    places: Places
    lanes: Lanes
    receivers: Receivers = {}
