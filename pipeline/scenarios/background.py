"""Ships about their business: traffic of these seas that carries no North Korean coal abroad."""

from __future__ import annotations

from pipeline.scenarios.captain import FERRY, FISHING, TANKER, Captain, Roster

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


def add_background(roster: Roster) -> None:
    """Everybody else."""
    _coasters(roster)
    _liners(roster)
    _fishers(roster)
    _north_koreans(roster)
    _aid(roster)


def begin(roster: Roster) -> float:
    """An hour before the scenario."""
    return -float(roster.rng.uniform(0, _BEFORE_H))


def _coasters(roster: Roster) -> None:
    """Chinese and South Korean coasters, and bulkers that queue in the roads for days."""
    rng = roster.rng
    for n in range(22):
        ports = NORTH if n % 3 else SOUTH if n % 2 else NORTH[:6] + SOUTH
        Captain(
            roster,
            f"SYN COASTER {n + 1:02}",
            str(rng.choice(ports)),
            begin(roster),
            flag="CN",
            length_m=rng.uniform(62, 150),
            has_imo=rng.random() < 0.7,
            transceiver="B" if rng.random() < 0.15 else "A",
        ).trade(ports, (18, 80)).done()
    for n in range(12):
        Captain(
            roster,
            f"SYN BULKER {n + 1:02}",
            str(rng.choice(ROADS)),
            begin(roster),
            flag=str(rng.choice(["PA", "HK", "LR", "MH"])),
            length_m=rng.uniform(150, 229),
            speed_kn=rng.uniform(10, 13),
        ).trade(ROADS, (60, 190)).done()
    for n in range(4):
        Captain(
            roster, f"SYN HANBADA {n + 1:02}", "incheon", begin(roster), flag="KR", length_m=rng.uniform(70, 140)
        ).trade(["incheon", "pohang", "qingdao_anchorage", "dalian"], (14, 40)).done()
    for n in range(3):
        Captain(
            roster, f"SYN DONGHAE {n + 1:02}", "donghae", begin(roster), flag="KR", length_m=rng.uniform(70, 140)
        ).trade(["donghae", "pohang"], (14, 40)).done()
    for n in range(4):  # genuine Russian coal: the rule, not the exception
        c = Captain(
            roster,
            f"SYN PRIMORYE {n + 1:02}",
            "pohang",
            begin(roster),
            flag=str(rng.choice(["RU", "PA", "MH"])),
            length_m=rng.uniform(100, 180),
        )
        while c.hour < roster.hours:
            c.go(str(rng.choice(["vostochny", "nakhodka", "kholmsk"])), rng.uniform(24, 80), c.laden_m)
            c.go(str(rng.choice(["pohang", "donghae", "qingdao_anchorage"])), rng.uniform(30, 80), c.ballast_m)
        c.done()


def _liners(roster: Roster) -> None:
    """Tankers and ferries."""
    rng = roster.rng
    for n in range(5):
        ports = ["dalian", "qingdao_anchorage", "incheon", "tianjin_anchorage", "zhoushan_anchorage"]
        Captain(
            roster,
            f"SYN TANKER {n + 1:02}",
            str(rng.choice(ports)),
            begin(roster),
            flag=str(rng.choice(["CN", "HK", "PA"])),
            length_m=rng.uniform(90, 183),
            ship_type=TANKER + int(rng.choice([0, 1, 9])),
            speed_kn=rng.uniform(10, 13),
        ).trade(ports, (20, 60)).done()
    for name, there in (("DANDONG", "donggang_anchorage"), ("DALIAN", "dalian"), ("WEIHAI", "weihai_anchorage")):
        Captain(
            roster,
            f"SYN FERRY {name}",
            "incheon",
            begin(roster),
            flag="KR",
            length_m=rng.uniform(150, 185),
            ship_type=FERRY,
            speed_kn=rng.uniform(17, 20),
        ).trade(["incheon", there], (7, 12)).done()
    for n in range(2):
        Captain(
            roster,
            f"SYN FERRY BOHAI {n + 1}",
            "yantai",
            begin(roster),
            flag="CN",
            length_m=rng.uniform(130, 180),
            ship_type=FERRY,
            speed_kn=rng.uniform(16, 18),
        ).trade(["yantai", "dalian"], (2, 6)).done()


def _fishers(roster: Roster) -> None:
    """Boats alone, and pairs that tow one net between them for days."""
    rng = roster.rng
    grounds = [
        (123.0, 38.4, 124.3, 39.1),
        (122.9, 37.6, 124.2, 38.4),
        (123.2, 35.0, 124.8, 36.6),
        (120.9, 34.2, 122.6, 35.3),
    ]
    for n in range(12):
        a = _boat(roster, f"SYN LIAOYU {n + 1:02}")
        a.done(area=grounds[n % 4])
        if n % 2:
            continue
        b = _boat(roster, f"SYN LIAOYU {n + 1:02}B")
        b.join(a.name, "korea_bay", roster.hours + 2 * _BEFORE_H, at=a.hour, off_m=rng.uniform(120, 480))
        b.done(begins_at=a.ship["begins_at"])


def _boat(roster: Roster, name: str) -> Captain:
    rng = roster.rng
    return Captain(
        roster,
        name,
        "korea_bay",
        begin(roster),
        flag="CN",
        length_m=rng.uniform(24, 42),
        ship_type=FISHING,
        speed_kn=round(rng.uniform(2.2, 4.2), 1),
        has_imo=False,
        transceiver="B" if rng.random() < 0.5 else "A",
    )


def _north_koreans(roster: Roster) -> None:
    """Domestic trade, coal between home ports included: both coasts, and waiting at anchor beside each other."""
    rng = roster.rng
    for n in range(6):
        ports = ["nampo_coal", "nampo_general", "songnim", "taean", "haeju", "nampo_outer"]
        Captain(
            roster,
            f"SYN TAEDONG {n + 1:02}",
            str(rng.choice(ports)),
            begin(roster),
            flag="KP",
            length_m=rng.uniform(52, 105),
            has_imo=rng.random() < 0.5,
            speed_kn=rng.uniform(7, 9.5),
            transceiver="B" if rng.random() < 0.3 else "A",
        ).trade(ports, (16, 90)).done()
    for n in range(4):
        ports = ["chongjin", "hungnam", "wonsan"]
        Captain(
            roster,
            f"SYN HAMGYONG {n + 1:02}",
            str(rng.choice(ports)),
            begin(roster),
            flag="KP",
            length_m=rng.uniform(60, 120),
            has_imo=rng.random() < 0.6,
            speed_kn=rng.uniform(7, 9.5),
        ).trade(ports, (20, 90)).done()


def _aid(roster: Roster) -> None:
    """Food, fertiliser and oil for Nampo, and back in ballast; a North Korean ship that fetches goods from China."""
    rng = roster.rng
    for n in range(3):
        home = str(rng.choice(["dalian", "longkou", "lianyungang", "qingdao_anchorage"]))
        c = Captain(
            roster,
            f"SYN RELIEF {n + 1}",
            home,
            begin(roster),
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
        roster.tell(  # who lies at a coal berth and says nothing of her draught cannot be told from who loads there
            "direct-call",
            [c],
            call.arrived,
            back.arrived + 12,
            "brings a cargo to Nampo and leaves in ballast",
            alert="weak_at_most" if c.ship["typing"].habit == "entered" or call.place != "nampo_coal" else "allowed",
            innocent=True,
            also=["called-within-180-days"],
            zones=[roster.chart.places[one].zone or one for one in (call.place, home)],
        )
    for n in range(2):
        c = Captain(
            roster,
            f"SYN OIL RUN {n + 1}",
            "donggang_anchorage",
            begin(roster),
            flag=str(rng.choice(["CN", "KP", "TG"])),
            laden=True,
            ship_type=TANKER,
            length_m=rng.uniform(80, 130),
        )
        c.go("donggang_anchorage", rng.uniform(100, 300), c.laden_m)
        c.go("nampo_oil", rng.uniform(24, 60), c.ballast_m)
        c.trade(["dalian_anchorage", "donggang_anchorage", "bayuquan_anchorage"], (40, 120)).done()
    for n in range(2):
        c = Captain(roster, f"SYN POTONG {n + 1}", "haeju", begin(roster), flag="KP", length_m=rng.uniform(75, 120))
        c.go("haeju", rng.uniform(80, 400), c.ballast_m)
        call = c.go(str(rng.choice(["dalian", "longkou", "weihai_anchorage"])), rng.uniform(40, 160), c.laden_m)
        c.trade(["haeju", "nampo_general"], (60, 120)).done()
        roster.tell(
            "dprk-flag-at-receiving-port",
            [c],
            call.arrived,
            call.left,
            "fetches goods from China, landing nothing",
            alert="weak_at_most",
            also=["called-within-180-days"],
            zones=[call.place],
        )
