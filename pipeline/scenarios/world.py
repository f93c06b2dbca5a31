"""Worlds drawn by chance: a month of the Yellow Sea and the Sea of Japan, with guilty and innocent, and the truth.

Parameters come from what is documented of the practices (transit, dwell, ships, reception), not from how a watch finds
them: nothing here knows a threshold of a detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from pipeline.scenarios.background import add_background
from pipeline.scenarios.captain import MID, Fleet
from pipeline.scenarios.coal import add_coal
from pipeline.scenarios.disguises import add_disguises
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.script import CHARTS, Interference, Noise, Reporting, Scenario, Story, Verdict
from pipeline.scenarios.ships import Ship
from pipeline.scenarios.waters import Interval, Receivers, Satellite, Shore, Waters
from pipeline.seedfile import load_seed

CHART = "east-asia"
DAYS = 32
# China's shore stations were lost to the public on this day.
SHORE_LOSS = datetime(2021, 11, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(2017, 10, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
_CHINESE = {
    "Dalian": (121.65, 38.87), "Laotieshan": (121.14, 38.73), "Dandong": (124.05, 39.80), "Bayuquan": (122.10, 40.28),
    "Qinhuangdao": (119.62, 39.91), "Jingtang": (119.00, 39.20), "Tianjin": (117.80, 38.95), "Longkou": (120.32, 37.65),
    "Weifang": (119.15, 37.20), "Yantai": (121.40, 37.58), "Weihai": (122.20, 37.45), "Shidao": (122.42, 36.90),
    "Qingdao": (120.35, 36.06), "Rizhao": (119.55, 35.40), "Lianyungang": (119.45, 34.75), "Zhapu": (121.10, 30.62),
    "Shengsi": (122.45, 30.72), "Zhoushan": (122.30, 29.95),
}  # fmt: skip
_OTHERS = {
    "Baengnyeong": (124.65, 37.95), "Socheongcho": (124.74, 37.42), "Incheon": (126.55, 37.40),
    "Pohang": (129.40, 36.05), "Donghae": (129.15, 37.53),
    "Jeju": (126.30, 33.40), "Nakhodka": (132.90, 42.80), "Kholmsk": (142.05, 47.05),
}  # fmt: skip
_KOREA_BAY = (122.0, 37.4, 126.6, 40.1)
_SEAS = {
    "the Bohai": (117.0, 37.0, 122.0, 41.0), "the Yellow Sea": (119.0, 33.0, 127.5, 37.4),
    "the East China Sea": (120.0, 28.5, 127.5, 33.0), "the Sea of Japan": (127.0, 33.0, 143.5, 48.0),
}  # fmt: skip


class World(NamedTuple):
    """A scenario, and the ships of it that an invented sanctions list names (imo, name, listed_on)."""

    scenario: Scenario
    listed: Sequence[dict[str, Any]]


def draw_world(seed: int, heard: float = 1, days: int = DAYS) -> World:
    """Draw a world.

    heard  the share of what receivers hear that reaches the files
    """
    rng = np.random.default_rng([seed, 20210128])
    from_at = _FIRST + timedelta(days=int(rng.integers(0, (_LAST - _FIRST).days)))
    if rng.random() < 0.1:
        from_at = SHORE_LOSS - timedelta(days=int(rng.integers(8, days - 8)))
    fleet = Fleet(Chart(load_seed(CHARTS / f"{CHART}.yaml", Waters)), from_at, days, rng)
    add_background(fleet)
    add_coal(fleet)
    add_disguises(fleet)
    scenario = Scenario(
        scenario_id=f"drawn-{seed}",
        title=f"Drawn world {seed} (synthetic)",
        seed=seed,
        from_at=from_at,
        to_at=from_at + timedelta(days=days),
        reporting=Reporting(under_way_s=300, fast_s=150, class_b_s=450, stopped_s=600),
        noise=Noise(gps_m=7, swing_m=float(rng.uniform(60, 190))),
        chart=CHART,
        receivers=_receivers(fleet),
        heard=heard,
        interference=_interference(fleet),
        ships=fleet.ships,
        stories=fleet.stories + _after_calls(fleet),
    )
    return World(scenario, fleet.listed)


def _receivers(fleet: Fleet) -> Receivers:
    """Shore stations, some of them weak, and satellites that come by; feeds fail for hours, of one or of a region."""
    rng = fleet.rng
    at = rng.uniform(24, fleet.hours - 48)
    region = Interval(
        from_at=fleet.time(at),
        to_at=fleet.time(at + rng.uniform(7, 30)),
        why="a provider loses its feeds from the north",
    )
    receivers: Receivers = {}
    for name, place in (_CHINESE | _OTHERS).items():
        down = [region] if place[1] > 37.3 and name in _CHINESE else []
        if rng.random() < 0.2:
            began = rng.uniform(0, fleet.hours - 24)
            down = [
                *down,
                Interval(from_at=fleet.time(began), to_at=fleet.time(began + rng.uniform(2, 40)), why="station off"),
            ]
        station = Shore(
            kind="terrestrial",
            at=place,
            range_nm=rng.uniform(20, 42),
            varies=0.25,
            heard=rng.uniform(0.8, 1),
            down=down,
        )
        if name in _CHINESE and fleet.time(fleet.hours) > SHORE_LOSS:
            lost = Interval(from_at=SHORE_LOSS, to_at=fleet.time(fleet.hours + 1), why="lost to the public")
            kept = Interval(from_at=fleet.time(-1), to_at=max(SHORE_LOSS, fleet.time(0)), why="as before until then")
            weak = station.model_copy(update={"heard": 0.1, "down": [*down, kept]})
            receivers[f"{name}, what is left"] = weak
            station = station.model_copy(update={"down": [*down, lost]})
        receivers[name] = station
    every = rng.uniform(25, 75)
    receivers["satellites over Korea Bay"] = Satellite(
        kind="satellite",
        box=_KOREA_BAY,
        every_minutes=every,
        pass_minutes=rng.uniform(8, 16),
        heard=rng.uniform(0.6, 0.9),
        heard_b=0.25,
        down=[region] if rng.random() < 0.5 else [],
    )
    for name, box in _SEAS.items():
        receivers[f"satellites over {name}"] = Satellite(
            kind="satellite",
            box=box,
            every_minutes=rng.uniform(35, 90),
            pass_minutes=rng.uniform(8, 14),
            heard=rng.uniform(0.4, 0.8),
            heard_b=0.15,
        )
    return receivers


def _interference(fleet: Fleet) -> list[Interference]:
    """Once or twice satellite navigation is disturbed near Korea, for all ships in an area."""
    rng, found = fleet.rng, []
    for _ in range(int(rng.integers(1, 3))):
        west, south = rng.uniform(123.4, 125.6), rng.uniform(36.9, 38.4)
        at = rng.uniform(24, fleet.hours - 24)
        found.append(
            Interference(
                from_at=fleet.time(at),
                to_at=fleet.time(at + rng.uniform(0.5, 5)),
                why="satellite navigation disturbed",
                box=(west, south, west + rng.uniform(0.6, 1.4), south + rng.uniform(0.4, 0.9)),
                at=(rng.uniform(124.5, 127.0), rng.uniform(37.0, 39.2)),
                scatter_m=rng.uniform(20, 4000),
            )
        )
    return found


def _after_calls(fleet: Fleet) -> list[Story]:
    """What is true besides: of whoever called in North Korea, that she did so within 180 days of arriving elsewhere."""
    found = []
    for ship in fleet.ships:
        stays = [(stay, fleet.chart.places[stay.place].zone or "") for stay in ship.way if stay.to is not None]
        calls = [n for n, (_, zone) in enumerate(stays) if zone.startswith("kp-")]
        if not calls or all(zone.startswith("kp-") for _, zone in stays[calls[0] :]):
            continue
        found.append(_allowed(f"after-{ship.name}", ["called-within-180-days"], ship, fleet, "called in North Korea"))
        home = any(a.startswith("kp-") and b.startswith("ru-") for (_, a), (_, b) in pairwise(stays))
        if home:
            found.append(_allowed(f"east-{ship.name}", ["direct-call"], ship, fleet, "carries coal to Russia"))
    for ship in fleet.ships:
        if ship.mmsi // 1_000_000 == MID["KP"]:
            found.append(
                _allowed(
                    f"flag-{ship.name}",
                    ["dprk-flag-at-receiving-port"],
                    ship,
                    fleet,
                    "flies North Korea's flag",
                    "weak_at_most",
                )
            )
        if ship.name.startswith(("SYN PRIMORYE", "SYN GLORY")):
            found.append(
                _allowed(f"ru-{ship.name}", ["russian-transshipment"], ship, fleet, "loads in Russia", "weak_at_most")
            )
    return found


def _allowed(
    story_id: str, patterns: list[str], ship: Ship, fleet: Fleet, because: str, alert: Verdict = "allowed"
) -> Story:
    return Story(
        story_id=story_id,
        kind=patterns[0],
        also=patterns[1:],
        ships=[ship.name],
        from_at=fleet.time(-100),
        to_at=fleet.time(fleet.hours + 1),
        alert=alert,
        because=because,
    )
