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
from pipeline.scenarios.captain import MID, Roster
from pipeline.scenarios.coal import add_coal
from pipeline.scenarios.disguises import add_disguises
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.look_alikes import add_breakdowns, add_look_alikes
from pipeline.scenarios.script import CHARTS, Interference, Noise, Reporting, Scenario, Story, Verdict
from pipeline.scenarios.ships import Ship
from pipeline.scenarios.waters import Interval, Receivers, Satellite, Waters
from pipeline.seedfile import load_seed

CHART = "east-asia"
DAYS = 32
# China's shore stations were lost to the public on this day.
SHORE_LOSS = datetime(2021, 11, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(2017, 10, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
_NORTH_OF = 37.3  # feeds that fail together
_FOREIGN = {"Baengnyeong", "Socheongcho", "Incheon", "Pohang", "Donghae", "Jeju", "Nakhodka", "Kholmsk"}  # not China's


class World(NamedTuple):
    """A scenario, and the ships of it that an invented sanctions list names (imo, name, listed_on,
    measures)."""

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
    waters = load_seed(CHARTS / f"{CHART}.yaml", Waters)
    roster = Roster(Chart(waters), from_at, days, rng)
    add_background(roster)
    add_look_alikes(roster)
    add_coal(roster)
    add_disguises(roster)
    add_breakdowns(roster)
    scenario = Scenario(
        scenario_id=f"drawn-{seed}",
        title=f"Drawn world {seed} (synthetic)",
        seed=seed,
        from_at=from_at,
        to_at=from_at + timedelta(days=days),
        reporting=Reporting(under_way_s=300, fast_s=150, class_b_s=450, stopped_s=600),
        noise=Noise(gps_m=7, swing_m=float(rng.uniform(60, 190))),
        chart=CHART,
        receivers=_receivers(waters, roster),
        heard=heard,
        interference=_interference(roster),
        ships=roster.ships,
        stories=roster.stories + _after_calls(roster),
    )
    return World(scenario, roster.listed)


def _receivers(waters: Waters, roster: Roster) -> Receivers:
    """Shore stations, some of them weak, and satellites that come by; feeds fail for hours, of one or of a region."""
    rng = roster.rng
    at = rng.uniform(24, roster.hours - 48)
    region = Interval(
        from_at=roster.time(at),
        to_at=roster.time(at + rng.uniform(7, 30)),
        why="a provider loses its feeds from the north",
    )
    receivers: Receivers = {}
    for name, one in waters.receivers.items():
        if isinstance(one, Satellite):
            dark = [region] if "Korea Bay" in name and rng.random() < 0.5 else []
            drawn = {
                "every_minutes": rng.uniform(25, 85),
                "pass_minutes": rng.uniform(8, 15),
                "heard": rng.uniform(0.45, 0.9),
            }
            receivers[name] = one.model_copy(update={"down": dark, **drawn})
            continue
        chinese = name not in _FOREIGN
        down = [region] if chinese and one.at[1] > _NORTH_OF else []
        if rng.random() < 0.2:
            began = rng.uniform(0, roster.hours - 24)
            off = Interval(from_at=roster.time(began), to_at=roster.time(began + rng.uniform(2, 40)), why="station off")
            down = [*down, off]
        update = {"range_nm": rng.uniform(20, 42), "varies": 0.25, "heard": rng.uniform(0.8, 1), "down": down}
        receivers[name] = one.model_copy(update=update)
        if chinese and roster.time(roster.hours) > SHORE_LOSS:
            kept = Interval(from_at=roster.time(-1), to_at=max(SHORE_LOSS, roster.time(0)), why="as before until then")
            lost = Interval(from_at=SHORE_LOSS, to_at=roster.time(roster.hours + 1), why="lost to the public")
            receivers[f"{name}, what is left"] = one.model_copy(update=update | {"heard": 0.1, "down": [*down, kept]})
            receivers[name] = one.model_copy(update=update | {"down": [*down, lost]})
    return receivers


def _interference(roster: Roster) -> list[Interference]:
    """Once or twice satellite navigation is disturbed near Korea, for all ships in an area."""
    rng, found = roster.rng, []
    for _ in range(int(rng.integers(1, 3))):
        west, south = rng.uniform(123.4, 125.6), rng.uniform(36.9, 38.4)
        at = rng.uniform(24, roster.hours - 24)
        found.append(
            Interference(
                from_at=roster.time(at),
                to_at=roster.time(at + rng.uniform(0.5, 5)),
                why="satellite navigation disturbed",
                box=(west, south, west + rng.uniform(0.6, 1.4), south + rng.uniform(0.4, 0.9)),
                at=(rng.uniform(124.5, 127.0), rng.uniform(37.0, 39.2)),
                scatter_m=rng.uniform(20, 4000),
            )
        )
    return found


def _after_calls(roster: Roster) -> list[Story]:
    """What is true besides: of whoever called in North Korea, that she did so within 180 days of arriving elsewhere."""
    found = []
    for ship in roster.ships:
        stays = [(stay, roster.chart.places[stay.place].zone or "") for stay in ship.way if stay.to is not None]
        calls = [n for n, (_, zone) in enumerate(stays) if zone.startswith("kp-")]
        if not calls or all(zone.startswith("kp-") for _, zone in stays[calls[0] :]):
            continue
        found.append(_allowed(f"after-{ship.name}", ["called-within-180-days"], ship, roster, "called in North Korea"))
        home = any(a.startswith("kp-") and b.startswith("ru-") for (_, a), (_, b) in pairwise(stays))
        if home:
            found.append(_allowed(f"east-{ship.name}", ["direct-call"], ship, roster, "carries coal to Russia"))
    for ship in roster.ships:
        if ship.mmsi // 1_000_000 == MID["KP"]:
            found.append(
                _allowed(
                    f"flag-{ship.name}",
                    ["dprk-flag-at-receiving-port"],
                    ship,
                    roster,
                    "flies North Korea's flag",
                    "weak_at_most",
                )
            )
        if any((roster.chart.places[stay.place].zone or "").startswith("ru-") for stay in ship.way):
            told: Verdict = "allowed" if _fetched_where_landed(ship, roster) else "weak_at_most"
            found.append(
                _allowed(f"ru-{ship.name}", ["russian-transshipment"], ship, roster, "loads in Russia", told, True)
            )
    return found


def _fetched_where_landed(ship: Ship, roster: Roster) -> bool:
    """Whether she loads Russian coal at a berth where North Korean coal was landed: nothing heard tells that apart."""
    return any(
        stay.until is not None and stay.until > since and (stay.place, stay.berth) == (place, berth)
        for stay in ship.way
        for place, berth, since in roster.landed
    )


def _allowed(
    story_id: str,
    patterns: list[str],
    ship: Ship,
    roster: Roster,
    because: str,
    alert: Verdict = "allowed",
    innocent: bool = False,
) -> Story:
    return Story(
        story_id=story_id,
        kind=patterns[0],
        also=patterns[1:],
        ships=[ship.name],
        from_at=roster.time(-100),
        to_at=roster.time(roster.hours + 1),
        alert=alert,
        innocent=innocent,
        because=because,
    )
