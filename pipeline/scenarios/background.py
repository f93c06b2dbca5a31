"""Ships about their business: traffic of these seas that carries no North Korean coal abroad."""

from __future__ import annotations

from pipeline.scenarios.captain import FERRY, FISHING, PILOT, TANKER, TUG, Captain, Fleet
from pipeline.scenarios.ships import Ship

NORTH = [
    "dalian", "dalian_anchorage", "bayuquan", "bayuquan_anchorage", "qinhuangdao", "qinhuangdao_anchorage", "jingtang",
    "jingtang_anchorage", "caofeidian_anchorage", "tianjin_anchorage", "longkou", "longkou_anchorage",
    "weifang_anchorage", "penglai_anchorage", "yantai", "yantai_anchorage", "weihai_anchorage", "donggang_anchorage",
]  # fmt: skip
SOUTH = [
    "shidao_anchorage", "qingdao_anchorage", "rizhao_anchorage", "lanshan_anchorage", "lianyungang",
    "lianyungang_anchorage",
    "zhapu_anchorage", "zhoushan_anchorage",
]  # fmt: skip
ROADS = [
    "bayuquan_anchorage", "qinhuangdao_anchorage", "jingtang_anchorage", "caofeidian_anchorage", "tianjin_anchorage",
    "lianyungang_anchorage", "lanshan_anchorage", "zhoushan_anchorage", "dalian_anchorage",
]  # fmt: skip
_BEFORE_H = 72.0  # ships begin up to so long before: the first moment finds them all over the sea


def add_background(fleet: Fleet) -> None:
    """Everybody else."""
    _coasters(fleet)
    _liners(fleet)
    _fishers(fleet)
    _north_koreans(fleet)
    _aid(fleet)
    _services(fleet)
    _odd_ones(fleet)
    if fleet.from_at.month in (12, 1, 2):
        _ice_convoy(fleet)


def _begin(fleet: Fleet) -> float:
    return -float(fleet.rng.uniform(0, _BEFORE_H))


def _coasters(fleet: Fleet) -> None:
    """Chinese and South Korean coasters, and bulkers that queue in the roads for days."""
    rng = fleet.rng
    for n in range(22):
        ports = NORTH if n % 3 else SOUTH if n % 2 else NORTH[:6] + SOUTH
        Captain(
            fleet,
            f"SYN COASTER {n + 1:02}",
            str(rng.choice(ports)),
            _begin(fleet),
            flag="CN",
            length_m=rng.uniform(62, 150),
            has_imo=rng.random() < 0.7,
            transceiver="B" if rng.random() < 0.15 else "A",
        ).trade(ports, (18, 80)).done()
    for n in range(12):
        Captain(
            fleet,
            f"SYN BULKER {n + 1:02}",
            str(rng.choice(ROADS)),
            _begin(fleet),
            flag=str(rng.choice(["PA", "HK", "LR", "MH"])),
            length_m=rng.uniform(150, 229),
            speed_kn=rng.uniform(10, 13),
        ).trade(ROADS, (60, 190)).done()
    for n in range(4):
        Captain(
            fleet, f"SYN HANBADA {n + 1:02}", "incheon", _begin(fleet), flag="KR", length_m=rng.uniform(70, 140)
        ).trade(["incheon", "pohang", "qingdao_anchorage", "dalian"], (14, 40)).done()
    for n in range(3):
        Captain(
            fleet, f"SYN DONGHAE {n + 1:02}", "donghae", _begin(fleet), flag="KR", length_m=rng.uniform(70, 140)
        ).trade(["donghae", "pohang"], (14, 40)).done()
    for n in range(4):  # genuine Russian coal: the rule, not the exception
        c = Captain(
            fleet,
            f"SYN PRIMORYE {n + 1:02}",
            "pohang",
            _begin(fleet),
            flag=str(rng.choice(["RU", "PA", "MH"])),
            length_m=rng.uniform(100, 180),
        )
        while c.hour < fleet.hours:
            c.go(str(rng.choice(["vostochny", "nakhodka", "kholmsk"])), rng.uniform(24, 80), c.laden_m)
            c.go(str(rng.choice(["pohang", "donghae", "qingdao_anchorage"])), rng.uniform(30, 80), c.ballast_m)
        c.done()


def _liners(fleet: Fleet) -> None:
    """Tankers and ferries."""
    rng = fleet.rng
    for n in range(5):
        ports = ["dalian", "qingdao_anchorage", "incheon", "tianjin_anchorage", "zhoushan_anchorage"]
        Captain(
            fleet,
            f"SYN TANKER {n + 1:02}",
            str(rng.choice(ports)),
            _begin(fleet),
            flag=str(rng.choice(["CN", "HK", "PA"])),
            length_m=rng.uniform(90, 183),
            ship_type=TANKER + int(rng.choice([0, 1, 9])),
            speed_kn=rng.uniform(10, 13),
        ).trade(ports, (20, 60)).done()
    for name, there in (("DANDONG", "donggang_anchorage"), ("DALIAN", "dalian"), ("WEIHAI", "weihai_anchorage")):
        Captain(
            fleet,
            f"SYN FERRY {name}",
            "incheon",
            _begin(fleet),
            flag="KR",
            length_m=rng.uniform(150, 185),
            ship_type=FERRY,
            speed_kn=rng.uniform(17, 20),
        ).trade(["incheon", there], (7, 12)).done()
    for n in range(2):
        Captain(
            fleet,
            f"SYN FERRY BOHAI {n + 1}",
            "yantai",
            _begin(fleet),
            flag="CN",
            length_m=rng.uniform(130, 180),
            ship_type=FERRY,
            speed_kn=rng.uniform(16, 18),
        ).trade(["yantai", "dalian"], (2, 6)).done()


def _fishers(fleet: Fleet) -> None:
    """Boats alone, and pairs that tow one net between them for days."""
    rng = fleet.rng
    grounds = [
        (123.0, 38.4, 124.3, 39.1),
        (122.9, 37.6, 124.2, 38.4),
        (123.2, 35.0, 124.8, 36.6),
        (120.9, 34.2, 122.6, 35.3),
    ]
    for n in range(12):
        a = _boat(fleet, f"SYN LIAOYU {n + 1:02}")
        a.done(area=grounds[n % 4])
        if n % 2:
            continue
        b = _boat(fleet, f"SYN LIAOYU {n + 1:02}B")
        b.join(a.name, "korea_bay", fleet.hours + 2 * _BEFORE_H, at=a.hour, off_m=rng.uniform(120, 480))
        b.done(begins_at=a.ship["begins_at"])


def _boat(fleet: Fleet, name: str) -> Captain:
    rng = fleet.rng
    return Captain(
        fleet,
        name,
        "korea_bay",
        _begin(fleet),
        flag="CN",
        length_m=rng.uniform(24, 42),
        ship_type=FISHING,
        speed_kn=round(rng.uniform(2.2, 4.2), 1),
        has_imo=False,
        transceiver="B" if rng.random() < 0.5 else "A",
    )


def _north_koreans(fleet: Fleet) -> None:
    """Domestic trade, coal between home ports included: both coasts, and waiting at anchor beside each other."""
    rng = fleet.rng
    for n in range(6):
        ports = ["nampo_coal", "nampo_general", "songnim", "taean", "haeju", "nampo_outer"]
        Captain(
            fleet,
            f"SYN TAEDONG {n + 1:02}",
            str(rng.choice(ports)),
            _begin(fleet),
            flag="KP",
            length_m=rng.uniform(52, 105),
            has_imo=rng.random() < 0.5,
            speed_kn=rng.uniform(7, 9.5),
            transceiver="B" if rng.random() < 0.3 else "A",
        ).trade(ports, (16, 90)).done()
    for n in range(4):
        ports = ["chongjin", "hungnam", "wonsan"]
        Captain(
            fleet,
            f"SYN HAMGYONG {n + 1:02}",
            str(rng.choice(ports)),
            _begin(fleet),
            flag="KP",
            length_m=rng.uniform(60, 120),
            has_imo=rng.random() < 0.6,
            speed_kn=rng.uniform(7, 9.5),
        ).trade(ports, (20, 90)).done()


def _aid(fleet: Fleet) -> None:
    """Food, fertiliser and oil for Nampo, and back in ballast; a North Korean ship that fetches goods from China."""
    rng = fleet.rng
    for n in range(3):
        home = str(rng.choice(["dalian", "longkou", "lianyungang", "qingdao_anchorage"]))
        c = Captain(
            fleet,
            f"SYN RELIEF {n + 1}",
            home,
            _begin(fleet),
            flag=str(rng.choice(["CN", "PA", "SL"])),
            laden=True,
            length_m=rng.uniform(85, 140),
        )
        c.go(home, rng.uniform(90, 300), c.laden_m)
        call = c.go(
            str(rng.choice(["nampo_general", "nampo_general", "nampo_coal"])), rng.uniform(40, 110), c.ballast_m
        )
        back = c.go(home, rng.uniform(40, 120), c.laden_m)
        c.trade([home, *SOUTH], (24, 80)).done()
        fleet.tell(  # who lies at a coal berth and says nothing of her draught cannot be told from who loads there
            "direct-call",
            [c],
            call.arrived,
            back.arrived + 12,
            "brings a cargo to Nampo and leaves in ballast",
            alert="weak_at_most" if c.ship["typing"].habit == "entered" or call.place != "nampo_coal" else "allowed",
            innocent=True,
            also=["called-within-180-days"],
            zones=[fleet.chart.places[one].zone or one for one in (call.place, home)],
        )
    for n in range(2):
        c = Captain(
            fleet,
            f"SYN OIL RUN {n + 1}",
            "donggang_anchorage",
            _begin(fleet),
            flag=str(rng.choice(["CN", "KP", "TG"])),
            laden=True,
            ship_type=TANKER,
            length_m=rng.uniform(80, 130),
        )
        c.go("donggang_anchorage", rng.uniform(100, 300), c.laden_m)
        c.go("nampo_oil", rng.uniform(24, 60), c.ballast_m)
        c.trade(["dalian_anchorage", "donggang_anchorage", "bayuquan_anchorage"], (40, 120)).done()
    for n in range(2):
        c = Captain(fleet, f"SYN POTONG {n + 1}", "haeju", _begin(fleet), flag="KP", length_m=rng.uniform(75, 120))
        c.go("haeju", rng.uniform(80, 400), c.ballast_m)
        call = c.go(str(rng.choice(["dalian", "longkou", "weihai_anchorage"])), rng.uniform(40, 160), c.laden_m)
        c.trade(["haeju", "nampo_general"], (60, 120)).done()
        fleet.tell(
            "dprk-flag-at-receiving-port",
            [c],
            call.arrived,
            call.left,
            "fetches goods from China, landing nothing",
            alert="weak_at_most",
            also=["called-within-180-days"],
            zones=[call.place],
        )


def _services(fleet: Fleet) -> None:
    """Tugs and pilot boats that meet ships for an hour, bunker tankers that lie beside them for half a day."""
    rng = fleet.rng
    served = [ship for ship in fleet.ships if ship.name.startswith(("SYN BULKER", "SYN COASTER"))]
    bases = {"dalian": TUG, "lianyungang": TUG, "longkou": PILOT, "bayuquan": PILOT}
    for n, (base, kind) in enumerate(bases.items()):
        c = Captain(
            fleet,
            f"SYN {'TUG' if kind == TUG else 'PILOT'} {n + 1}",
            base,
            0,
            flag="CN",
            length_m=rng.uniform(18, 36),
            ship_type=kind,
            speed_kn=12,
            has_imo=False,
        )
        c.go(base, 1)
        for ship, leaves in _leaving(fleet, served, base):
            at = leaves - rng.uniform(1.2, 3)
            if at > c.hour + 3 and at < fleet.hours - 12:
                c.join(ship, base, rng.uniform(0.4, 1.2), at=at, off_m=rng.uniform(20, 45))
                c.go(base, 1)
        c.rest_at(base).done()
    for n, road in enumerate(["dalian_anchorage", "zhoushan_anchorage", "lianyungang_anchorage", "tianjin_anchorage"]):
        c = Captain(
            fleet, f"SYN BUNKER {n + 1}", road, 0, flag="CN", length_m=rng.uniform(48, 80), ship_type=TANKER, laden=True
        )
        c.go(road, 2)
        for ship, leaves in _leaving(fleet, served, road):
            at = leaves - rng.uniform(9, 30)
            if at > c.hour + 3 and at < fleet.hours - 24 and rng.random() < 0.7:
                c.join(ship, road, rng.uniform(2.5, 7), at=at, off_m=rng.uniform(20, 40), draught=c.ballast_m + 0.8)
                c.go(road, 2)
        c.rest_at(road, c.laden_m).done()


def _leaving(fleet: Fleet, ships: list[Ship], place: str) -> list[tuple[str, float]]:
    """Which ships leave a place at which hour, in order of time."""
    stays = [(ship.name, stay.until) for ship in ships for stay in ship.way if stay.to == place]
    return sorted(
        [(name, (until - fleet.from_at).total_seconds() / 3600) for name, until in stays if until is not None],
        key=lambda pair: pair[1],
    )


def _odd_ones(fleet: Fleet) -> None:
    """Silences, names, numbers and positions that look odd and have an innocent reason."""
    rng = fleet.rng
    for n in range(3):  # power down at anchor, near North Korea
        c = Captain(fleet, f"SYN SLEEPER {n + 1}", "dalian", _begin(fleet), flag="CN", length_m=rng.uniform(70, 120))
        c.go("dalian", rng.uniform(80, 200), c.laden_m)
        stay = c.go("donggang_anchorage", rng.uniform(60, 160), c.ballast_m)
        began, ended = stay.arrived + rng.uniform(4, 10), stay.left - rng.uniform(2, 8)
        c.be_silent(began, ended, "powers down at anchor")
        c.trade(["dalian", "yantai", "bayuquan"], (24, 70)).done()
        fleet.tell(
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
            fleet, f"SYN PASSER {n + 1}", "donggang_anchorage", _begin(fleet), flag="CN", length_m=rng.uniform(70, 130)
        )
        c.go("donggang_anchorage", rng.uniform(30, 300), c.laden_m)
        began = c.hour + rng.uniform(2, 5)
        c.be_silent(began, began + rng.uniform(6.5, 11), "off for a watch on the way through Korea Bay")
        c.trade(["qingdao_anchorage", "donggang_anchorage", "incheon"], (24, 70)).done()
    for n in range(2):  # sold: new number, name and flag, in port
        c = Captain(fleet, f"SYN SOLD {n + 1}", "yantai", _begin(fleet), flag="PA", length_m=rng.uniform(80, 150))
        stay = c.go("yantai", rng.uniform(150, 400), c.ballast_m)
        c.become(
            (stay.arrived + stay.left) / 2, mmsi=fleet.mmsi("LR"), name=f"SYN BOUGHT {n + 1}", call_sign=f"XB{n}77"
        )
        c.trade(["yantai", "qingdao_anchorage", "incheon", "jingtang"], (30, 80)).done()
    for n in range(4):  # typed wrong, and corrected
        ports = ["jingtang", "lianyungang", "dalian_anchorage", "incheon"]
        c = Captain(fleet, f"SYN TYPIST {n + 1}", "jingtang", _begin(fleet), flag="HK", length_m=rng.uniform(110, 180))
        c.trade(ports, (24, 70))
        at = rng.uniform(50, fleet.hours - 100)
        name, length_m = c.name[:-3] + "X" + c.name[-2:], c.ship["length_m"] * 10 % 400 + 20
        wrong = [{"name": name}, {"imo": c.ship["imo"] + 10}, {"length_m": length_m}, {"ship_type": FISHING}][n]
        c.become(at, **wrong)
        c.become(at + rng.uniform(2, 40), **{field: c.ship[field] for field in wrong})
        c.done()
    number = fleet.mmsi("CN")  # two hulls on one number, far apart
    for n, ports in enumerate((["bayuquan", "jingtang"], ["zhapu_anchorage", "zhoushan_anchorage"])):
        c = Captain(fleet, f"SYN TWIN {n + 1}", ports[0], _begin(fleet), flag="CN", length_m=70 + 30 * n)
        c.trade(ports, (24, 70)).done(mmsi=number)
    for name, circle in (("CIRCLES", {"circle_m": 4000.0, "round_hours": 1.3}), ("FROZEN", {})):
        c = Captain(fleet, f"SYN {name}", "qingdao_anchorage", _begin(fleet), flag="PA", length_m=170)
        c.trade(["qingdao_anchorage", "lanshan_anchorage"], (60, 150))
        at = rng.uniform(100, fleet.hours - 100)
        c.deceive(at, at + rng.uniform(4, 30), "broken receiver", at=(122.2, 35.2), **circle)
        c.done()


def _ice_convoy(fleet: Fleet) -> None:
    """In winter an icebreaker leads ships through Liaodong Bay, one behind the other."""
    rng = fleet.rng
    at = rng.uniform(60, fleet.hours - 200)
    lead = Captain(
        fleet, "SYN ICEBREAKER", "bayuquan", 0, flag="CN", length_m=84, ship_type=TUG, speed_kn=5.5, has_imo=False
    )
    lead.go("bayuquan", at)
    lead.go("qinhuangdao_anchorage", 10)
    lead.rest_at("bayuquan").done()
    for n in range(4):
        c = Captain(
            fleet, f"SYN CONVOY {n + 1}", "bayuquan_anchorage", 0, flag="CN", length_m=rng.uniform(90, 160), speed_kn=9
        )
        c.go("bayuquan_anchorage", max(1.0, at - rng.uniform(3, 12)))
        c.join(lead.name, "liaodong_bay", 14, at=at + 3, off_m=rng.normal(0, 40), astern_m=700.0 * (n + 1))
        c.trade(["qinhuangdao_anchorage", "jingtang"], (40, 100)).done()
