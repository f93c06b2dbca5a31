"""Winters off Nampo, drawn by chance: ninety days in which coal went to China, or none did, and who else was there.

Ships of the trade are drawn as in the worlds of `pipeline/scenarios/coal.py`. In both kinds of winter there are ships
that look like it and are not: domestic coal and craft of the harbour behind the barrage, food and oil for Nampo, boats
that fish off it, and coasters between the Chinese ports in which coal would be landed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from pipeline.scenarios.background import begin
from pipeline.scenarios.captain import FISHING, TANKER, TUG, Captain, Roster, Visit
from pipeline.scenarios.coal import BERTHS, FLAGS, silence
from pipeline.scenarios.lanes import Chart
from pipeline.scenarios.script import CHARTS, Noise, Reporting, Scenario
from pipeline.scenarios.waters import Receivers, Satellite, Waters
from pipeline.seedfile import load_seed

CHART = "east-asia"
FROM = datetime(2020, 10, 30, tzinfo=UTC)  # the article's own window begins
DAYS = 91  # and so long it is
PORTS = {"dalian": "dalian_anchorage", "longkou": "longkou_anchorage", "jingtang": "jingtang_anchorage",
         "lianyungang": "lianyungang_anchorage"}  # fmt: skip
_A_MONTH = (
    6.0,
    22.0,
)  # voyages a month where coal goes out: ships at the Nampo berth in 2019, shipments in spring 2020
_THINNED, _SENT = Reporting(under_way_s=600, stopped_s=900), Reporting(under_way_s=180, stopped_s=180)
MONTH = 30  # days
_THERE_AND_BACK_H = 330.0  # with waits, at most about two weeks from leaving China to having landed it
_SILENT = 0.45  # of the voyages; panels: most ships of the trade switch off, some do not


class Voyage(NamedTuple):
    """Coal that went out: who carried it, when she lay at the berth, when she had reached China."""

    mmsi: int
    silent: bool
    loads: Visit
    lands: Visit


class Winter(NamedTuple):
    """A scenario and its truth."""

    scenario: Scenario
    exports: bool
    voyages: list[Voyage]


def draw_winter(
    seed: int, heard: float = 1, days: int = DAYS, months: Sequence[int] | None = None, thinned: bool = True
) -> Winter:
    """Draw a winter, or its first days: coal goes out where the seed is even.

    heard   the share of what receivers hear that reaches the files
    months  ships that load at Nampo's coal berth in each thirty days, in place of chance; they last as long as these
    thinned  of what ships send, a report in ten minutes at sea and in fifteen at rest; else one in three, as class A at
            anchor does
    """
    days = days if months is None else len(months) * MONTH
    rng = np.random.default_rng([seed, 20201030])
    waters = load_seed(CHARTS / f"{CHART}.yaml", Waters)
    roster = Roster(Chart(waters), FROM, days, rng)
    exports = seed % 2 == 0
    _locals(roster)
    _aid(roster)
    _fishers(roster)
    voyages: list[Voyage] = []
    if months is not None:
        counted = [month * MONTH * 24 for month, ships in enumerate(months) for _ in range(ships)]
        begins = [hour + rng.uniform(0, MONTH * 24 - _THERE_AND_BACK_H) for hour in counted]
        voyages = [_voyage(roster, n + 1, hour, "nampo_coal") for n, hour in enumerate(begins)]
    elif exports:
        number = max(3, int(rng.poisson(rng.uniform(*_A_MONTH) * days / MONTH)))
        begins = [rng.uniform(-40, roster.hours - 200) for _ in range(number)]
        voyages = [_voyage(roster, n + 1, hour, str(rng.choice(BERTHS))) for n, hour in enumerate(begins)]
    scenario = Scenario(
        scenario_id=f"winter-{seed}", title=f"Drawn winter {seed} (synthetic)", seed=seed, from_at=FROM,
        to_at=roster.time(roster.hours), reporting=_THINNED if thinned else _SENT,
        noise=Noise(gps_m=7, swing_m=120), chart=CHART, receivers=_receivers(waters, rng), heard=heard,
        ships=roster.ships,
    )  # fmt: skip
    return Winter(scenario, bool(voyages), [one for one in voyages if one.lands.arrived + 24 < roster.hours])


def _voyage(roster: Roster, number: int, leaves: float, berth: str) -> Voyage:
    """A ship leaves China in ballast at an hour, loads in the Taedong and lands it in China."""
    rng = roster.rng
    home = str(rng.choice(list(PORTS)))
    length_m = float(rng.uniform(88, 166))
    c = Captain(roster, f"SYN COAL {number:02}", home, leaves - 30, flag=str(rng.choice(FLAGS)), length_m=length_m)
    c.go(home, 30, c.ballast_m)
    if rng.random() < 0.5:
        c.go("nampo_outer", min(100.0, rng.exponential(30) + 2))
    loads = c.go(berth, rng.triangular(12, 30, 72), c.laden_m)
    port = str(rng.choice(list(PORTS)))
    first = c.go(PORTS[port], rng.uniform(5, 90)) if rng.random() < 0.6 else None
    last = c.go(port, rng.uniform(24, 90), c.ballast_m)
    quiet = bool(rng.random() < _SILENT)
    if quiet:
        silence(roster, c, loads, first or last)
    c.done()
    return Voyage(c.ship["mmsi"], quiet, loads, last)


def _locals(roster: Roster) -> None:
    """Craft of the harbours, which are there all the time, and trade that goes to and fro at home."""
    rng = roster.rng
    for n, (place, flag) in enumerate([("nampo_general", "KP"), *((port, "CN") for port in PORTS)]):
        craft = Captain(roster, f"SYN HARBOUR {n + 1}", place, begin(roster), flag=flag, length_m=40, ship_type=TUG,
                        has_imo=False)  # fmt: skip
        craft.rest_at(place).done()
    for n in range(3):
        ports = ["nampo_coal", "nampo_general", "songnim", "haeju", "nampo_outer"]
        Captain(
            roster, f"SYN TAEDONG {n + 1}", str(rng.choice(ports)), begin(roster), flag="KP",
            length_m=rng.uniform(52, 105), has_imo=n > 0, speed_kn=rng.uniform(7, 9.5),
        ).trade(ports, (30, 120)).done()  # fmt: skip
    for n in range(3):
        Captain(
            roster, f"SYN COASTER {n + 1}", "dalian", begin(roster), flag="CN", length_m=rng.uniform(62, 150),
        ).trade([*PORTS, *PORTS.values()], (40, 120)).done()  # fmt: skip


def _aid(roster: Roster) -> None:
    """Food and oil for Nampo, and back in ballast."""
    rng = roster.rng
    for n in range(4):
        home, tanker = str(rng.choice(list(PORTS))), n == 3
        leaves = rng.uniform(-40, roster.hours - 300)
        c = Captain(
            roster, f"SYN RELIEF {n + 1}", home, leaves - 30, flag=str(rng.choice(["CN", "PA", "SL"])), laden=True,
            length_m=rng.uniform(85, 140), ship_type=TANKER if tanker else 70,
        )  # fmt: skip
        c.go(home, 30, c.laden_m)
        c.go("nampo_outer", rng.uniform(5, 60))
        c.go("nampo_oil" if tanker else "nampo_general", rng.uniform(40, 110), c.ballast_m)
        c.go(home, rng.uniform(40, 120)), c.done()


def _fishers(roster: Roster) -> None:
    """Boats off Nampo; every other one sends nothing, and radar sees her all the same."""
    rng = roster.rng
    for n in range(4):
        c = Captain(
            roster, f"SYN LIAOYU {n + 1}", "korea_bay", begin(roster), flag="CN", length_m=rng.uniform(24, 42),
            ship_type=FISHING, speed_kn=round(rng.uniform(2.2, 4.2), 1), has_imo=False, transceiver="B",
        )  # fmt: skip
        if n % 2:
            c.be_silent(-200, roster.hours, "sends nothing")
        c.done(area=(124.0, 38.3, 124.9, 38.7))


def _receivers(waters: Waters, rng: np.random.Generator) -> Receivers:
    """Shore stations of China and satellites, each with its own range and share of what is sent."""
    return {
        name: one.model_copy(update={"heard": rng.uniform(0.45, 0.9), "every_minutes": rng.uniform(25, 85),
                                     "pass_minutes": rng.uniform(8, 15)})
        if isinstance(one, Satellite)
        else one.model_copy(update={"range_nm": rng.uniform(20, 42), "varies": 0.25, "heard": rng.uniform(0.8, 1)})
        for name, one in waters.receivers.items()
    }  # fmt: skip
