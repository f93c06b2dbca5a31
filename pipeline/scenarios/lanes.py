"""Ways over water between the places of a scenario: the shortest along its lanes."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from functools import cache
from itertools import pairwise

import numpy as np

from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.waters import Place, Waters

Point = tuple[float, float]  # longitude, latitude


class Chart:
    """Places and lanes as a graph; lanes go both ways."""

    def __init__(self, waters: Waters) -> None:
        self.places = waters.places
        self._next: dict[str, dict[str, float]] = defaultdict(dict)
        for a, b in [pair for lane in waters.lanes for pair in pairwise(lane)]:
            nm = nautical_miles(self.places[a].at, self.places[b].at)
            self._next[a][b] = self._next[b][a] = nm
        self.names = cache(self._names)

    def way(self, origin: str, destination: str, rng: np.random.Generator | None = None) -> list[Point]:
        """Positions from one place to another, both included; of places with room around them, ones drawn there.

        raises  ValueError if no lanes join them
        """
        names = self.names(origin, destination)
        between = [_passed(self.places[name], rng) for name in names[1:-1]]
        return (
            [self.places[name].at for name in names[:1]] + between + [self.places[name].at for name in names[1:][-1:]]
        )

    def nm(self, origin: str, destination: str) -> float:
        """Nautical miles along the lanes from one place to another."""
        return sum(self._next[a][b] for a, b in pairwise(self.names(origin, destination)))

    def _names(self, origin: str, destination: str) -> list[str]:
        reached: dict[str, str] = {}
        queue = [(0.0, origin, origin)]
        while queue:
            nm, here, before = heapq.heappop(queue)
            if here in reached:
                continue
            reached[here] = before
            if here == destination:
                break
            for there, leg in self._next[here].items():
                heapq.heappush(queue, (nm + leg, there, here))
        if destination not in reached:
            raise ValueError(f"no lanes lead from {origin} to {destination}")
        names = [destination]
        while names[-1] != origin:
            names.append(reached[names[-1]])
        return names[::-1]


def nautical_miles(here: Point, there: Point) -> float:
    """Distance between two positions."""
    return float(distance_m(*here, *there)) / METRES_PER_NM


def moved(here: Point, metres: float, bearing_deg: float) -> Point:
    """The position so far from another in a direction, on a plane: for distances of a few miles."""
    degrees = metres / METRES_PER_NM / 60
    bearing = math.radians(bearing_deg)
    return (
        here[0] + degrees * math.sin(bearing) / math.cos(math.radians(here[1])),
        here[1] + degrees * math.cos(bearing),
    )


def _passed(place: Place, rng: np.random.Generator | None) -> Point:
    if place.room_nm is None or rng is None:
        return place.at
    return moved(place.at, place.room_nm * METRES_PER_NM * math.sqrt(rng.random()), rng.uniform(0, 360))
