"""Ships of a synthetic world: what each sends of herself, where she sails, how she deceives or errs."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pipeline.scenarios.waters import Box, Interval, Position, Positive, Range
from pipeline.seedfile import Seed, ZonedTime

Mmsi = Annotated[int, Field(ge=201_000_000, le=775_999_999)]


class Beside(Seed):
    """Another ship of the same scenario to sail to and lie, or sail, beside.

    ship      her name; she comes earlier in the file
    via       the place on the lanes from which she is reached, and the way goes on afterwards
    off_m     metres to her starboard side, negative to port: from antenna to antenna
    astern_m  metres behind her
    at        when to be there; as soon as possible if not given
    """

    ship: str
    via: str
    off_m: float = 30
    astern_m: float = 0
    at: ZonedTime | None = None


class Stay(Seed):
    """Where a ship sails next and how long she stays; without `hours` or `until` to the end of the scenario.

    to, beside  a place, or another ship
    until       when she leaves, instead of `hours`; at once if she is late
    speed_kn    on the way there; the ship's own if not given
    draught_m   what the crew enters before leaving; unchanged if not given
    berth       which of the berths around the place; that of her number in her fleet if not given
    """

    to: str | None = None
    beside: Beside | None = None
    hours: Positive | None = None
    until: ZonedTime | None = None
    speed_kn: Positive | None = None
    draught_m: Positive | None = None
    berth: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.to is None) == (self.beside is None):
            raise ValueError("either a place (to) or a ship (beside)")
        if self.hours is not None and self.until is not None:
            raise ValueError("either hours or until")
        return self

    @property
    def place(self) -> str:
        """The place on the lanes where the stay is, or from which the other ship is reached."""
        return self.to if self.beside is None else self.beside.via  # type: ignore[return-value]  # one is given


class Typing(Seed):
    """When the crew enters a new draught: so many hours after leaving (negative: before), never, or not any draught.

    habit  entered: as said · stale: the first one stands for ever · none: none was ever entered
    slip   the share of entries first typed with the point a place too far right, and mended after `slip_hours`
    """

    habit: Literal["entered", "stale", "none"] = "entered"
    hours_after_leaving: float = -3
    slip: Annotated[float, Field(ge=0, le=1)] = 0
    slip_hours: Positive = 0.5


class Identity(Seed):
    """What a ship says she is from a moment on: the fields that are given, null included, take the place of hers."""

    from_at: Annotated[ZonedTime, Field(alias="from")]
    mmsi: Mmsi | None = None
    imo: int | None = None
    name: str | None = None
    call_sign: str | None = None
    ship_type: int | None = None
    length_m: float | None = None
    width_m: float | None = None

    def fields(self) -> dict[str, Any]:
        """What changes."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"from_at"}}


class Lie(Interval):
    """Positions that are sent instead of hers.

    at        around which point
    circle_m  on a circle of that radius, once round in `round_hours`; at the point itself if not given
    """

    at: Position
    circle_m: Positive | None = None
    round_hours: Positive = 1


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


ORDINARY = Truth(alert="none", because="ordinary traffic")


class Ship(Seed):
    """One ship, her identity as she transmits it, her way and the truth about her.

    begins_at   when she is at the first place of her way; may lie before the scenario
    way, area   where she sails: from stay to stay, or to and fro at work inside an area of open water
    silent      when her transponder sends nothing
    identities  what she says she is later, in order of time
    lies        false positions
    """

    name: str
    story: str = "ordinary traffic"
    mmsi: Mmsi
    imo: int | None = None
    call_sign: str
    ship_type: Annotated[int, Field(ge=1, le=99)]
    length_m: Positive
    width_m: Positive
    speed_kn: Positive
    draught_m: Positive
    transceiver_class: Literal["A", "B"] = "A"
    begins_at: ZonedTime | None = None
    way: list[Stay] = []
    area: Box | None = None
    silent: list[Interval] = []
    identities: list[Identity] = []
    lies: list[Lie] = []
    typing: Typing = Typing()
    strays: Strays | None = None
    truth: Truth = ORDINARY

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


def with_check_digit(six_digits: int) -> int:
    """The IMO number of six digits; the seventh is the last digit of their sum weighted 7 to 2 (IMO A.1117(30))."""
    total = sum(int(digit) * weight for digit, weight in zip(f"{six_digits:06}", range(7, 1, -1), strict=True))
    return six_digits * 10 + total % 10
