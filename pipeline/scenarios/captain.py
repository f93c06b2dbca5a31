"""Ships as their captains sail them: her way, silences, names and draughts written down hour by hour as she sails."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.script import Story
from pipeline.scenarios.ships import Beside, Identity, Lie, Ship, Stay, Typing, with_check_digit
from pipeline.scenarios.waters import Interval

# Country digits of MMSIs (ITU), a few of each flag met in these waters.
MID = {
    "CN": 412, "HK": 477, "KP": 445, "KR": 440, "RU": 273, "PA": 351, "SL": 667, "TG": 671, "BZ": 312, "KM": 620,
    "KH": 514, "MN": 457, "TZ": 677, "LR": 636, "MH": 538, "NG": 657, "PW": 511, "VN": 574, "GA": 626,
}  # fmt: skip
CARGO, TANKER, FISHING, TUG, PILOT, FERRY = 70, 80, 30, 52, 50, 60


@dataclass(frozen=True)
class Visit:
    """A stay as planned: hours since the scenario begins."""

    place: str
    arrived: float
    left: float


@dataclass
class Roster:
    """What the captains of a world share: its chart, calendar and chance, numbers and berths taken, ships, stories."""

    chart: Chart
    from_at: datetime
    days: int
    rng: np.random.Generator
    ships: list[Ship] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)  # ships on a list: imo, name, listed_on, measures
    landed: list[tuple[str, int, datetime]] = field(default_factory=list)  # coal on Russian quays: place, berth, since
    _numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _berths: dict[tuple[str, int], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def hours(self) -> float:
        """How long the scenario lasts."""
        return self.days * 24.0

    def time(self, hour: float) -> datetime:
        """The moment so many hours after the scenario begins."""
        return self.from_at + timedelta(seconds=round(hour * 3600))

    def mmsi(self, flag: str) -> int:
        """A number no other ship has."""
        self._numbers[flag] += 1
        return MID[flag] * 1_000_000 + 900_000 + self._numbers[flag] * 7

    def imo(self) -> int:
        """A number no other ship has, of a range that was never assigned."""
        self._numbers["IMO"] += 1
        return with_check_digit(210_000 + self._numbers["IMO"] * 13)

    def berth(self, place: str, arrived: float, left: float) -> int:
        """A berth that is free for that time, drawn from the nearest of those that are."""
        if self.chart.places[place].berths_m is None:
            return 0
        free = [n for n in range(80) if all(b + 6 <= arrived or left + 6 <= a for a, b in self._berths[place, n])]
        return int(self.rng.choice(free[:4] or [0]))

    def occupy(self, place: str, number: int, arrived: float, left: float) -> None:
        """Take a berth for that time."""
        self._berths[place, number].append((arrived, left))

    def tell(self, kind: str, ships: list[Captain], began: float, ended: float, because: str, **more: Any) -> None:
        """Write a story down, unless the scenario ends before it does."""
        if ended > self.hours - 6 or ended < 0:
            return
        self.stories.append(
            Story(
                story_id=f"{kind}-{len(self.stories) + 1}",
                kind=kind,
                ships=[ship.name for ship in ships],
                from_at=self.time(began),
                to_at=self.time(ended),
                because=because,
                **({"alert": "expected"} | more),
            )
        )


class Captain:
    """One ship under way through a world: each call moves her clock on."""

    def __init__(
        self,
        roster: Roster,
        name: str,
        at: str,
        hour: float,
        *,
        flag: str,
        length_m: float,
        ship_type: int = CARGO,
        speed_kn: float | None = None,
        has_imo: bool = True,
        transceiver: str = "A",
        laden: bool = False,
    ) -> None:
        rng = roster.rng
        self.roster, self.here, self.hour, self.name = roster, at, hour, name
        # 5-10 kDWT: 6.0-7.5 m laden, 2.5-4 m in ballast; 13-17 kDWT: 8-9 and 3.5-5; 25-28 kDWT: 9.5-10.5 and 4.5-6.
        self.laden_m = round(0.058 * length_m + 0.5 + rng.normal(0, 0.25), 1)
        self.ballast_m = round(self.laden_m * rng.uniform(0.42, 0.55), 1)
        self.speed = speed_kn or round(rng.uniform(8, 11), 1)
        self.visits: list[Visit] = []
        self.way: list[Stay] = []
        self.silences: list[Interval] = []
        self.identities: list[Identity] = []
        self.lies: list[Lie] = []
        self.ship: dict[str, Any] = {
            "name": name, "mmsi": roster.mmsi(flag), "imo": roster.imo() if has_imo else None,
            "call_sign": f"X{len(roster.ships):03}{rng.integers(10, 99)}", "ship_type": ship_type,
            "length_m": round(length_m), "width_m": max(4, round(length_m * rng.uniform(0.135, 0.165))),
            "speed_kn": self.speed, "draught_m": max(0.5, self.laden_m if laden else self.ballast_m),
            "begins_at": roster.time(hour), "transceiver_class": transceiver, "typing": _typing(rng),
        }  # fmt: skip

    def go(
        self,
        place: str,
        hours: float,
        draught: float | None = None,
        berth: int | None = None,
        speed_kn: float | None = None,
    ) -> Visit:
        """Sail to a place and stay so many hours; of a draught, the crew enters it before leaving."""
        nm = self.roster.chart.nm(self.here, place) if self.way else 0.0  # she begins where she stays first
        arrives = self.hour + nm / (speed_kn or self.speed)
        return self._stay(place, arrives, hours, draught, berth, speed_kn)

    def rest_at(self, place: str, draught: float | None = None) -> Captain:
        """Sail to a place and stay there to the end."""
        self.go(place, max(1.0, self.roster.hours - self.hour), draught)
        return self

    def lie(self, hours: float, draught: float | None = None) -> Visit:
        """Stay on where she is, with another draught at the end."""
        return self._stay(self.here, self.hour, hours, draught, self.way[-1].berth)

    def join(
        self,
        other: str,
        via: str,
        hours: float,
        *,
        at: float | None = None,
        off_m: float = 30.0,
        astern_m: float = 0.0,
        draught: float | None = None,
    ) -> Visit:
        """Go to another ship and stay beside her; `via` is the place near which she is then."""
        arrives = max(self.hour + self.roster.chart.nm(self.here, via) / self.speed, -1e9 if at is None else at)
        beside = Beside(
            ship=other, via=via, off_m=off_m, astern_m=astern_m, at=None if at is None else self.roster.time(at)
        )
        self.way.append(Stay(beside=beside, until=self.roster.time(arrives + hours), draught_m=draught))
        return self._moved(via, arrives, arrives + hours)

    def be_silent(self, began: float, ended: float, why: str) -> None:
        """Send nothing."""
        self.silences.append(Interval(from_at=self.roster.time(began), to_at=self.roster.time(ended), why=why))

    def become(self, hour: float, **fields: Any) -> None:
        """Say from then on that she is another."""
        self.identities.append(Identity(from_at=self.roster.time(hour), **fields))

    def deceive(self, began: float, ended: float, why: str, **lie: Any) -> None:
        """Send false positions."""
        self.lies.append(Lie(from_at=self.roster.time(began), to_at=self.roster.time(ended), why=why, **lie))

    def done(self, **more: Any) -> Captain:
        """Take her into the world as she is."""
        identities = sorted(self.identities, key=lambda one: one.from_at)
        self.roster.ships.append(
            Ship(way=self.way, silent=self.silences, identities=identities, lies=self.lies, **(self.ship | more))
        )
        return self

    def trade(self, places: list[str], hours: tuple[float, float]) -> Captain:
        """Sail to and fro between places drawn at random, laden one way and in ballast the other, to the end."""
        rng, laden = self.roster.rng, bool(self.roster.rng.integers(2))
        while self.hour < self.roster.hours:
            place = str(rng.choice([one for one in places if one != self.here or len(places) == 1]))
            self.go(place, rng.uniform(*hours), self.laden_m if laden else self.ballast_m)
            laden = not laden
        return self

    def _stay(
        self,
        place: str,
        arrives: float,
        hours: float,
        draught: float | None,
        berth: int | None,
        speed_kn: float | None = None,
    ) -> Visit:
        leaves = arrives + hours
        number = self.roster.berth(place, arrives, leaves) if berth is None else berth
        self.roster.occupy(place, number, arrives, leaves)
        self.way.append(
            Stay(to=place, until=self.roster.time(leaves), draught_m=draught, berth=number, speed_kn=speed_kn)
        )
        return self._moved(place, arrives, leaves)

    def _moved(self, place: str, arrives: float, leaves: float) -> Visit:
        self.here, self.hour = place, leaves
        self.visits.append(Visit(place, arrives, leaves))
        return self.visits[-1]


def _typing(rng: np.random.Generator) -> Typing:
    """Draught habits: most crews enter it around leaving, some a watch or a day later, some never again or never."""
    habit = str(rng.choice(["entered", "stale", "none"], p=[0.76, 0.14, 0.10]))
    late = [rng.uniform(-4, 0), rng.uniform(0, 6), rng.uniform(6, 40)][int(rng.choice(3, p=[0.6, 0.25, 0.15]))]
    return Typing(habit=habit, hours_after_leaving=round(late, 2), slip=0.04, slip_hours=round(rng.uniform(0.1, 6), 2))  # type: ignore[arg-type]  # one of its words
