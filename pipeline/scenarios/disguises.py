"""Ships whose names, lists, flags or detours are the story, and what else follows from a call in North Korea."""

from __future__ import annotations

from datetime import timedelta

from pipeline.scenarios.captain import TUG, Captain, Fleet
from pipeline.scenarios.coal import FLAGS, coal_ship, go_on, land, load, silence

_TAMPERED_ALSO = ["direct-call", "dark-call", "dprk-flag-at-receiving-port", "called-within-180-days"]


def add_disguises(fleet: Fleet) -> None:
    """Every other story."""
    _two_numbers(fleet)
    _invented_nigerian(fleet)
    _swapped(fleet)
    _borrowed_imo(fleet)
    _elsewhere(fleet)
    _listed(fleet)
    _flag(fleet)
    _by_russia(fleet)
    _within_180_days(fleet)


def _two_numbers(fleet: Fleet) -> None:
    """One hull under two MMSIs: becomes another ship in Korea Bay, and herself again on the way back."""
    rng = fleet.rng
    c = coal_ship(fleet, "SYN CHAMELEON", str(rng.choice(FLAGS)))
    call = load(fleet, c)
    before = c.visits[c.visits.index(call) - 1]
    first, _ = land(fleet, c)
    gone = max(before.left + 1, call.arrived - rng.uniform(4, 14))
    back = call.left + rng.uniform(5, 14)
    c.become(gone, mmsi=fleet.mmsi(str(rng.choice(["MN", "TG", "KM"]))), imo=None, name="SYN MASK", call_sign="XMASK")
    if rng.random() < 0.6:
        c.become(back, mmsi=c.ship["mmsi"], imo=c.ship["imo"], name=c.name, call_sign=c.ship["call_sign"])
    if rng.random() < 0.5:
        c.be_silent(gone - rng.uniform(0.2, 2), gone, "off while the transponder is set anew")
    go_on(fleet, c)
    _tell(fleet, [c], gone, first.arrived + 12, "one hull under two numbers, changed in Korea Bay", call.place)


def _invented_nigerian(fleet: Fleet) -> None:
    """A North Korean ship leaves the barrage as a ship that does not exist."""
    rng = fleet.rng
    c = Captain(fleet, "SYN EVER ROYAL", "taean", -20, flag="KP", length_m=rng.uniform(95, 150))
    call = c.go("taean", rng.uniform(60, fleet.hours * 0.5), c.laden_m)
    out = call.left + rng.uniform(2.5, 9)
    c.be_silent(out - rng.uniform(0.2, 3), out, "off while the transponder is set anew")
    c.become(out, mmsi=fleet.mmsi("NG"), imo=None, name="SYN GE", call_sign=None)
    first = c.go("lianyungang_anchorage", rng.uniform(60, 140), c.ballast_m)
    c.rest_at("haeju").done()
    _tell(
        fleet,
        [c],
        call.arrived,
        first.arrived + 12,
        "leaves Taean under a number and name that no ship has",
        call.place,
    )


def _swapped(fleet: Fleet) -> None:
    """Two ships change names and numbers: the one that loads is heard at anchor in China, the other for her at sea."""
    rng = fleet.rng
    a = coal_ship(fleet, "SYN CASTOR", str(rng.choice(FLAGS)))
    call = load(fleet, a)
    first, _ = land(fleet, a)
    swap = call.arrived - rng.uniform(10, 18)
    b = Captain(
        fleet, "SYN POLLUX", "shidao_anchorage", -5, flag=str(rng.choice(FLAGS)), length_m=a.ship["length_m"] + 12
    )
    b.go("shidao_anchorage", max(fleet.hours * 0.8, first.arrived + 5), b.ballast_m)
    go_on(fleet, b)
    fields = ("mmsi", "imo", "name", "call_sign")
    a.become(swap, **{name: b.ship[name] for name in fields})
    b_index = next(n for n, ship in enumerate(fleet.ships) if ship.name == b.name)
    b.become(swap, **{name: a.ship[name] for name in fields})
    fleet.ships[b_index] = fleet.ships[b_index].model_copy(update={"identities": b.identities})
    go_on(fleet, a)
    _tell(
        fleet,
        [a, b],
        swap,
        first.arrived + 12,
        "two ships under each other's names while one of them loads",
        call.place,
    )


def _borrowed_imo(fleet: Fleet) -> None:
    """A cargo ship sends the number of a tug that works in another port, and goes dark for Nampo."""
    rng = fleet.rng
    tug = Captain(fleet, "SYN HARBOUR TUG", "incheon", -5, flag="KR", length_m=31, ship_type=TUG, speed_kn=9)
    tug.rest_at("incheon").done()
    c = coal_ship(fleet, "SYN MAGPIE", str(rng.choice(["PW", "SL", "MN"])))
    c.ship["imo"] = tug.ship["imo"]
    call = load(fleet, c)
    first, _ = land(fleet, c)
    off, on = silence(fleet, c, call, first)
    go_on(fleet, c)
    _tell(fleet, [c], off, max(on, first.arrived) + 12, "sends a tug's IMO number and goes dark off Nampo", call.place)


def _elsewhere(fleet: Fleet) -> None:
    """A false track at anchor off China while she loads: of her call there is no trace but the leap there and back."""
    rng = fleet.rng
    c = coal_ship(fleet, "SYN MIRAGE", str(rng.choice(FLAGS)))
    call = load(fleet, c)
    first, _ = land(fleet, c)
    began, ended = call.arrived - rng.uniform(6, 16), call.left + rng.uniform(5, 12)
    c.deceive(began, ended, "broadcasts a place where she is not", at=(122.42, 36.80), circle_m=rng.uniform(150, 2500))
    go_on(fleet, c)
    _tell(
        fleet,
        [c],
        began,
        max(ended, first.arrived) + 12,
        "broadcasts a false track off Shidao while she loads",
        call.place,
        alert="allowed",
    )


def _listed(fleet: Fleet) -> None:
    """Ships on a list call at ports; one is listed only later, and nothing is the matter with her yet."""
    rng = fleet.rng
    for n in range(3):
        later = n == 2
        c = Captain(
            fleet,
            f"SYN DESIGNATED {n + 1}",
            "qingdao_anchorage",
            -20,
            flag=str(rng.choice(["TG", "PA", "VN"])),
            length_m=rng.uniform(90, 150),
        )
        c.go("qingdao_anchorage", rng.uniform(20, fleet.hours * 0.5), c.laden_m)
        port = str(rng.choice(["lianyungang", "jingtang", "longkou", "incheon", "dalian"]))
        call = c.go(port, rng.uniform(30, 120), c.ballast_m)
        c.rest_at("shidao_anchorage").done()
        since = fleet.from_at + timedelta(days=fleet.days + 90 if later else -int(rng.integers(40, 400)))
        fleet.listed.append({"imo": c.ship["imo"], "name": c.name, "listed_on": since.date()})
        if not later:
            fleet.tell(
                "listed-vessel-in-port",
                [c],
                call.arrived,
                call.left,
                f"a listed ship calls at {port}",
                zones=[fleet.chart.places[port].zone or port],
            )
            fleet.tell(
                "listed-vessel-in-port",
                [c],
                -20,
                fleet.hours - 7,
                "a listed ship calls at other ports",
                alert="allowed",
            )


def _flag(fleet: Fleet) -> None:
    """North Korean ships that land a cargo from elsewhere in North Korea than a coal port of the west coast."""
    rng = fleet.rng
    for n in range(2):
        c = Captain(fleet, f"SYN CHILBO {n + 1}", "haeju", -20, flag="KP", length_m=rng.uniform(85, 130))
        c.go("haeju", rng.uniform(40, fleet.hours * 0.5), c.laden_m)
        port = str(rng.choice(["dalian", "longkou", "yantai", "lianyungang"]))
        call = c.go(port, rng.uniform(30, 110), c.ballast_m)
        c.go("haeju", rng.uniform(50, 120), c.ballast_m)
        c.trade(["haeju", "nampo_general"], (60, 120)).done()
        fleet.tell(
            "dprk-flag-at-receiving-port",
            [c],
            call.arrived,
            call.left,
            f"lands a cargo from Haeju at {port}",
            also=["called-within-180-days", "direct-call"],
            alert="expected" if c.ship["typing"].habit == "entered" else "allowed",
        )


def _by_russia(fleet: Fleet) -> None:
    """Coal of the east coast over a Russian quay: landed by one ship, fetched from the same berth by another."""
    rng = fleet.rng
    for n in range(2):
        a = Captain(
            fleet,
            f"SYN HAMHUNG {n + 1}",
            "wonsan",
            -30,
            flag=str(rng.choice(["KP", "KP", "SL"])),
            length_m=rng.uniform(88, 130),
        )
        loaded = a.go(str(rng.choice(["chongjin", "wonsan"])), rng.uniform(20, 150), a.laden_m)
        port = str(rng.choice(["kholmsk", "nakhodka", "vostochny"]))
        landed = a.go(port, rng.uniform(24, 70), a.ballast_m)
        berth = int(a.way[-1].berth or 0)
        fleet.landed.append((port, berth, fleet.time(landed.left)))
        a.rest_at("chongjin").done()
        b = Captain(
            fleet,
            f"SYN GLORY {n + 1}",
            "pohang",
            -10,
            flag=str(rng.choice(["PA", "SL", "BZ"])),
            length_m=rng.uniform(88, 140),
        )
        at = landed.left + rng.uniform(8, 240)
        b.go("pohang", max(1.0, at - fleet.chart.nm("pohang", port) / b.speed + 10), b.ballast_m)
        fetched = b.go(port, rng.uniform(24, 70), b.laden_m, berth)
        fleet.occupy(port, berth, fetched.arrived, fetched.left)
        to = str(rng.choice(["pohang", "donghae", "incheon"]))
        arrived = b.go(to, rng.uniform(30, 90), b.ballast_m)
        b.trade(["donghae", "pohang"], (40, 90)).done()
        fleet.tell(
            "russian-transshipment",
            [a, b],
            loaded.arrived,
            arrived.arrived + 12,
            f"from {loaded.place} over {port} to {to}",
            also=["called-within-180-days", "direct-call", "dprk-flag-at-receiving-port"],
            zones=[fleet.chart.places[one].zone or one for one in (loaded.place, port, to)],
        )


def _within_180_days(fleet: Fleet) -> None:
    """Ships that call in North Korea with no coal and go to South Korea afterwards."""
    rng = fleet.rng
    for n in range(3):
        c = Captain(
            fleet,
            f"SYN VISITOR {n + 1}",
            "dalian",
            -20,
            flag=str(rng.choice(["PA", "HK", "KH"])),
            laden=True,
            length_m=rng.uniform(85, 145),
        )
        c.go("dalian", rng.uniform(30, fleet.hours * 0.3), c.laden_m)
        call = c.go(str(rng.choice(["nampo_general", "haeju", "songnim"])), rng.uniform(40, 90), c.ballast_m)
        straight = rng.random() < 0.3
        if not straight:
            c.go(str(rng.choice(["dalian", "yantai"])), rng.uniform(30, 100), c.laden_m)
        to = str(rng.choice(["incheon", "pohang"]))
        arrived = c.go(to, rng.uniform(30, 100), c.ballast_m)
        c.trade(["qingdao_anchorage", "shidao_anchorage"], (50, 120)).done()
        fleet.tell(
            "called-within-180-days",
            [c],
            call.arrived,
            arrived.arrived + 12,
            f"calls in North Korea and then at {to}",
            also=["direct-call"] if straight else [],
            zones=[fleet.chart.places[one].zone or one for one in (call.place, to)],
        )
        told = (
            call.place != "songnim" or c.ship["typing"].habit == "entered"
        )  # else she looks like one that loads there
        fleet.tell(
            "direct-call",
            [c],
            call.arrived,
            arrived.arrived + 12,
            "lands a cargo in North Korea",
            alert="weak_at_most" if told else "allowed",
            innocent=True,
        )


def _tell(
    fleet: Fleet, ships: list[Captain], began: float, ended: float, because: str, berth: str, **more: str
) -> None:
    zone = fleet.chart.places[berth].zone
    fleet.tell(
        "tampered-identity", ships, began, ended, because, also=_TAMPERED_ALSO, zones=[zone] if zone else [], **more
    )
