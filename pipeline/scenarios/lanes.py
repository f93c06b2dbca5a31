"""Ways over water between the places of a scenario: the shortest along its lanes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from functools import cache

from geo.distance import METRES_PER_NM, distance_m
from pipeline.scenarios.script import Scenario


class Chart:
    """The lanes of a scenario as a graph; lanes go both ways."""

    def __init__(self, scenario: Scenario) -> None:
        self._places = {name: place.at for name, place in scenario.places.items()}
        self._next: dict[str, dict[str, float]] = defaultdict(dict)
        for a, b in scenario.legs:
            nm = float(distance_m(*self._places[a], *self._places[b])) / METRES_PER_NM
            self._next[a][b] = self._next[b][a] = nm
        self.way = cache(self._way)

    def _way(self, origin: str, destination: str) -> list[tuple[float, float]]:
        """Positions (longitude, latitude) from one place to another, both included.

        raises  ValueError if no lanes join them
        """
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
        return [self._places[name] for name in reversed(names)]
