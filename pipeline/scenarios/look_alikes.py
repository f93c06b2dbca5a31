"""Innocent look-alikes: ships that meet, fall silent, change their names or err for good reasons."""

from __future__ import annotations

from pipeline.scenarios.background import begin
from pipeline.scenarios.captain import FISHING, PILOT, TANKER, TUG, Captain, Roster
from pipeline.scenarios.ships import Ship

_APART = 24  # a berth away from those that ships take: service craft wait there for hours that nobody plans


def add_look_alikes(roster: Roster) -> None:
    """All of them; some serve ships that are there already."""
    _services(roster)
    _odd_ones(roster)
    if roster.from_at.month in (12, 1, 2):
        _ice_convoy(roster)


def add_breakdowns(roster: Roster) -> None:
    """Ships whose set fails on a passage, on which they wait for orders: seen from outside, they had time for a call.

    After all others, so that those are the same with and without them.
    """
    rng = roster.rng
    for n in range(2):
        c = Captain(
            roster,
            f"SYN BREAKDOWN {n + 1}",
            "zhoushan_anchorage",
            begin(roster),
            flag="CN",
            length_m=rng.uniform(90, 150),
        )
        left = c.go("zhoushan_anchorage", rng.uniform(40, 250), c.laden_m if n else c.ballast_m).left
        c.go("yellow_sea_drift", rng.uniform(20, 60))
        arrived = c.go(["qinhuangdao_anchorage", "bayuquan_anchorage"][n], rng.uniform(24, 70), c.ballast_m).arrived
        began, ended = left + rng.uniform(2, 6), arrived - rng.uniform(1, 6)
        c.be_silent(began, ended, "the set fails, and she waits for orders at sea")
        c.trade(["jingtang", "yantai", "bayuquan"], (24, 70)).done()
        roster.tell(
            "dark-call",
            [c],
            began,
            ended,
            "waits for orders in the middle of the Yellow Sea, with a set that failed",
            alert="weak_at_most",
            also=["called-within-180-days"],
        )


def _services(roster: Roster) -> None:
    """Tugs and pilot boats that meet ships for an hour, bunker tankers that lie beside them for half a day."""
    rng = roster.rng
    served = [ship for ship in roster.ships if ship.name.startswith(("SYN BULKER", "SYN COASTER"))]
    bases = {"dalian": TUG, "lianyungang": TUG, "longkou": PILOT, "bayuquan": PILOT}
    for n, (base, kind) in enumerate(bases.items()):
        c = Captain(
            roster,
            f"SYN {'TUG' if kind == TUG else 'PILOT'} {n + 1}",
            base,
            0,
            flag="CN",
            length_m=rng.uniform(18, 36),
            ship_type=kind,
            speed_kn=12,
            has_imo=False,
        )
        c.go(base, 1, berth=_APART)
        for ship, leaves in _leaving(roster, served, base):
            at = leaves - rng.uniform(1.2, 3)
            if at > c.hour + 3 and at < roster.hours - 12:
                c.join(ship, base, rng.uniform(0.4, 1.2), at=at, off_m=rng.uniform(20, 45))
                c.go(base, 1, berth=_APART)
        c.rest_at(base).done()
    for n, road in enumerate(["dalian_anchorage", "zhoushan_anchorage", "lianyungang_anchorage", "tianjin_anchorage"]):
        c = Captain(
            roster,
            f"SYN BUNKER {n + 1}",
            road,
            0,
            flag="CN",
            length_m=rng.uniform(48, 80),
            ship_type=TANKER,
            laden=True,
        )
        c.go(road, 2, berth=_APART)
        for ship, leaves in _leaving(roster, served, road):
            at = leaves - rng.uniform(9, 30)
            if at > c.hour + 3 and at < roster.hours - 24 and rng.random() < 0.7:
                c.join(ship, road, rng.uniform(2.5, 7), at=at, off_m=rng.uniform(20, 40), draught=c.ballast_m + 0.8)
                c.go(road, 2, berth=_APART)
        c.rest_at(road, c.laden_m).done()


def _leaving(roster: Roster, ships: list[Ship], place: str) -> list[tuple[str, float]]:
    """Which ships leave a place at which hour, in order of time."""
    stays = [(ship.name, stay.until) for ship in ships for stay in ship.way if stay.to == place]
    return sorted(
        [(name, (until - roster.from_at).total_seconds() / 3600) for name, until in stays if until is not None],
        key=lambda pair: pair[1],
    )


def _odd_ones(roster: Roster) -> None:
    """Silences, names, numbers and positions that look odd and have an innocent reason."""
    rng = roster.rng
    for n in range(3):  # power down at anchor, near North Korea
        c = Captain(roster, f"SYN SLEEPER {n + 1}", "dalian", begin(roster), flag="CN", length_m=rng.uniform(70, 120))
        c.go("dalian", rng.uniform(80, 200), c.laden_m)
        stay = c.go("donggang_anchorage", rng.uniform(60, 160), c.ballast_m)
        began, ended = stay.arrived + rng.uniform(4, 10), stay.left - rng.uniform(2, 8)
        c.be_silent(began, ended, "powers down at anchor")
        c.trade(["dalian", "yantai", "bayuquan"], (24, 70)).done()
        roster.tell(
            "dark-call",
            [c],
            began,
            ended,
            "powers down at anchor off Donggang",
            alert="weak_at_most",
            also=["called-within-180-days"],
        )
    for n in range(4):  # a transponder that is off for some hours on the way past
        c = Captain(
            roster, f"SYN PASSER {n + 1}", "donggang_anchorage", begin(roster), flag="CN", length_m=rng.uniform(70, 130)
        )
        c.go("donggang_anchorage", rng.uniform(30, 300), c.laden_m)
        began = c.hour + rng.uniform(2, 5)
        c.be_silent(began, began + rng.uniform(6.5, 11), "off for a watch on the way through Korea Bay")
        c.trade(["qingdao_anchorage", "donggang_anchorage", "incheon"], (24, 70)).done()
    for n in range(2):  # sold: new number, name and flag, in port
        c = Captain(roster, f"SYN SOLD {n + 1}", "yantai", begin(roster), flag="PA", length_m=rng.uniform(80, 150))
        stay = c.go("yantai", rng.uniform(150, 400), c.ballast_m)
        c.become(
            (stay.arrived + stay.left) / 2, mmsi=roster.mmsi("LR"), name=f"SYN BOUGHT {n + 1}", call_sign=f"XB{n}77"
        )
        c.trade(["yantai", "qingdao_anchorage", "incheon", "jingtang"], (30, 80)).done()
    for n in range(4):  # typed wrong, and corrected
        ports = ["jingtang", "lianyungang", "dalian_anchorage", "incheon"]
        c = Captain(roster, f"SYN TYPIST {n + 1}", "jingtang", begin(roster), flag="HK", length_m=rng.uniform(110, 180))
        c.trade(ports, (24, 70))
        at = rng.uniform(50, roster.hours - 100)
        name, length_m = c.name[:-3] + "X" + c.name[-2:], c.ship["length_m"] * 10 % 400 + 20
        wrong = [{"name": name}, {"imo": c.ship["imo"] + 10}, {"length_m": length_m}, {"ship_type": FISHING}][n]
        c.become(at, **wrong)
        c.become(at + rng.uniform(2, 40), **{field: c.ship[field] for field in wrong})
        c.done()
    number = roster.mmsi("CN")  # two hulls on one number, far apart
    for n, ports in enumerate((["bayuquan", "jingtang"], ["zhapu_anchorage", "zhoushan_anchorage"])):
        c = Captain(roster, f"SYN TWIN {n + 1}", ports[0], begin(roster), flag="CN", length_m=70 + 30 * n)
        c.trade(ports, (24, 70)).done(mmsi=number)
    for name, circle in (("CIRCLES", {"circle_m": 4000.0, "round_hours": 1.3}), ("FROZEN", {})):
        c = Captain(roster, f"SYN {name}", "qingdao_anchorage", begin(roster), flag="PA", length_m=170)
        c.trade(["qingdao_anchorage", "lanshan_anchorage"], (60, 150))
        at = rng.uniform(100, roster.hours - 100)
        c.deceive(at, at + rng.uniform(4, 30), "broken receiver", at=(122.2, 35.2), **circle)
        c.done()


def _ice_convoy(roster: Roster) -> None:
    """In winter an icebreaker leads ships through Liaodong Bay, one behind the other."""
    rng = roster.rng
    at = rng.uniform(60, roster.hours - 200)
    lead = Captain(
        roster, "SYN ICEBREAKER", "bayuquan", 0, flag="CN", length_m=84, ship_type=TUG, speed_kn=5.5, has_imo=False
    )
    lead.go("bayuquan", at)
    lead.go("qinhuangdao_anchorage", 10)
    lead.rest_at("bayuquan").done()
    for n in range(4):
        c = Captain(
            roster, f"SYN CONVOY {n + 1}", "bayuquan_anchorage", 0, flag="CN", length_m=rng.uniform(90, 160), speed_kn=9
        )
        c.go("bayuquan_anchorage", max(1.0, at - rng.uniform(3, 12)))
        c.join(lead.name, "liaodong_bay", 14, at=at + 3, off_m=rng.normal(0, 40), astern_m=700.0 * (n + 1))
        c.trade(["qinhuangdao_anchorage", "jingtang"], (40, 100)).done()
