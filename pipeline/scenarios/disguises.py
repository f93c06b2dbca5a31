"""Ships whose names, lists, flags or detours are the story, and what else follows from a call in North Korea."""

from __future__ import annotations

from datetime import timedelta

from pipeline.scenarios.captain import TUG, Captain, Roster
from pipeline.scenarios.coal import FLAGS, coal_ship, go_on, land, load, silence

_TAMPERED_ALSO = ["direct-call", "dark-call", "dprk-flag-at-receiving-port", "called-within-180-days"]


def add_disguises(roster: Roster) -> None:
    """Every other story."""
    _two_numbers(roster)
    _invented_nigerian(roster)
    _swapped(roster)
    _borrowed_imo(roster)
    _elsewhere(roster)
    _listed(roster)
    _flag(roster)
    _by_russia(roster)
    _within_180_days(roster)


def _two_numbers(roster: Roster) -> None:
    """One hull under two MMSIs: becomes another ship in Korea Bay, and herself again on the way back."""
    rng = roster.rng
    c = coal_ship(roster, "SYN CHAMELEON", str(rng.choice(FLAGS)))
    call = load(roster, c)
    before = c.visits[c.visits.index(call) - 1]
    first, _ = land(roster, c)
    gone = max(before.left + 1, call.arrived - rng.uniform(4, 14))
    back = call.left + rng.uniform(5, 14)
    c.become(gone, mmsi=roster.mmsi(str(rng.choice(["MN", "TG", "KM"]))), imo=None, name="SYN MASK", call_sign="XMASK")
    if rng.random() < 0.6:
        c.become(back, mmsi=c.ship["mmsi"], imo=c.ship["imo"], name=c.name, call_sign=c.ship["call_sign"])
    if rng.random() < 0.5:
        c.be_silent(gone - rng.uniform(0.2, 2), gone, "off while the transponder is set anew")
    go_on(roster, c)
    _tell(roster, [c], gone, first.arrived + 12, "one hull under two numbers, changed in Korea Bay", call.place)


def _invented_nigerian(roster: Roster) -> None:
    """A North Korean ship leaves the barrage as a ship that does not exist."""
    rng = roster.rng
    c = Captain(roster, "SYN EVER ROYAL", "taean", -20, flag="KP", length_m=rng.uniform(95, 150))
    call = c.go("taean", rng.uniform(60, roster.hours * 0.5), c.laden_m)
    out = call.left + rng.uniform(2.5, 9)
    c.be_silent(out - rng.uniform(0.2, 3), out, "off while the transponder is set anew")
    c.become(out, mmsi=roster.mmsi("NG"), imo=None, name="SYN GE", call_sign=None)
    first = c.go("lianyungang_anchorage", rng.uniform(60, 140), c.ballast_m)
    c.rest_at("haeju").done()
    _tell(
        roster,
        [c],
        call.arrived,
        first.arrived + 12,
        "leaves Taean under a number and name that no ship has",
        call.place,
    )


def _swapped(roster: Roster) -> None:
    """Two ships change names and numbers: the one that loads is heard at anchor in China, the other for her at sea."""
    rng = roster.rng
    a = coal_ship(roster, "SYN CASTOR", str(rng.choice(FLAGS)))
    call = load(roster, a)
    first, _ = land(roster, a)
    swap = call.arrived - rng.uniform(10, 18)
    b = Captain(
        roster, "SYN POLLUX", "shidao_anchorage", -5, flag=str(rng.choice(FLAGS)), length_m=a.ship["length_m"] + 12
    )
    b.go("shidao_anchorage", max(roster.hours * 0.8, first.arrived + 5), b.ballast_m)
    go_on(roster, b)
    fields = ("mmsi", "imo", "name", "call_sign")
    a.become(swap, **{name: b.ship[name] for name in fields})
    b_index = next(n for n, ship in enumerate(roster.ships) if ship.name == b.name)
    b.become(swap, **{name: a.ship[name] for name in fields})
    roster.ships[b_index] = roster.ships[b_index].model_copy(update={"identities": b.identities})
    go_on(roster, a)
    _tell(
        roster,
        [a, b],
        swap,
        first.arrived + 12,
        "two ships under each other's names while one of them loads",
        call.place,
    )


def _borrowed_imo(roster: Roster) -> None:
    """A cargo ship sends the number of a tug that works in another port, and goes dark for Nampo."""
    rng = roster.rng
    tug = Captain(roster, "SYN HARBOUR TUG", "incheon", -5, flag="KR", length_m=31, ship_type=TUG, speed_kn=9)
    tug.rest_at("incheon").done()
    c = coal_ship(roster, "SYN MAGPIE", str(rng.choice(["PW", "SL", "MN"])))
    c.ship["imo"] = tug.ship["imo"]
    call = load(roster, c)
    first, _ = land(roster, c)
    off, on = silence(roster, c, call, first)
    go_on(roster, c)
    _tell(roster, [c], off, max(on, first.arrived) + 12, "sends a tug's IMO number and goes dark off Nampo", call.place)
    _tell(roster, [c], -20, roster.hours - 7, "sends a tug's IMO number all the time", call.place, alert="allowed")


def _elsewhere(roster: Roster) -> None:
    """A false track at anchor off China while she loads: of her call there is no trace but the leap there and back."""
    rng = roster.rng
    c = coal_ship(roster, "SYN MIRAGE", str(rng.choice(FLAGS)))
    call = load(roster, c)
    first, _ = land(roster, c)
    began, ended = call.arrived - rng.uniform(6, 16), call.left + rng.uniform(5, 12)
    c.deceive(began, ended, "broadcasts a place where she is not", at=(122.42, 36.80), circle_m=rng.uniform(150, 2500))
    go_on(roster, c)
    _tell(
        roster,
        [c],
        began,
        max(ended, first.arrived) + 12,
        "broadcasts a false track off Shidao while she loads",
        call.place,
        alert="allowed",
    )


def _listed(roster: Roster) -> None:
    """Ships on a list call at ports; one is listed only later, and nothing is the matter with her yet."""
    rng = roster.rng
    for n in range(3):
        later = n == 2
        c = Captain(
            roster,
            f"SYN DESIGNATED {n + 1}",
            "qingdao_anchorage",
            -20,
            flag=str(rng.choice(["TG", "PA", "VN"])),
            length_m=rng.uniform(90, 150),
        )
        c.go("qingdao_anchorage", rng.uniform(20, roster.hours * 0.5), c.laden_m)
        port = str(rng.choice(["lianyungang", "jingtang", "longkou", "incheon", "dalian"]))
        call = c.go(port, rng.uniform(30, 120), c.ballast_m)
        c.rest_at("shidao_anchorage").done()
        since = roster.from_at + timedelta(days=roster.days + 90 if later else -int(rng.integers(40, 400)))
        measure = "asset freeze" if n == 1 else "port entry ban"
        roster.listed.append({"imo": c.ship["imo"], "name": c.name, "listed_on": since.date(), "measures": measure})
        if not later:
            roster.tell(
                "listed-vessel-in-port",
                [c],
                call.arrived,
                call.left,
                f"a listed ship calls at {port}",
                zones=[roster.chart.places[port].zone or port],
            )
            roster.tell(
                "listed-vessel-in-port",
                [c],
                -20,
                roster.hours - 7,
                "a listed ship calls at other ports",
                alert="allowed",
            )


def _flag(roster: Roster) -> None:
    """North Korean ships that land a cargo from elsewhere in North Korea than a coal port of the west coast."""
    rng = roster.rng
    for n in range(2):
        c = Captain(roster, f"SYN CHILBO {n + 1}", "haeju", -20, flag="KP", length_m=rng.uniform(85, 130))
        c.go("haeju", rng.uniform(40, roster.hours * 0.5), c.laden_m)
        port = str(rng.choice(["dalian", "longkou", "yantai", "lianyungang"]))
        call = c.go(port, rng.uniform(30, 110), c.ballast_m)
        c.go("haeju", rng.uniform(50, 120), c.ballast_m)
        c.trade(["haeju", "nampo_general"], (60, 120)).done()
        roster.tell(
            "dprk-flag-at-receiving-port",
            [c],
            call.arrived,
            call.left,
            f"lands a cargo from Haeju at {port}",
            also=["called-within-180-days", "direct-call"],
            alert="expected" if c.ship["typing"].habit == "entered" else "allowed",
        )


def _by_russia(roster: Roster) -> None:
    """Coal of the east coast over a Russian quay: landed by one ship, fetched from the same berth by another."""
    rng = roster.rng
    for n in range(2):
        a = Captain(
            roster,
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
        roster.landed.append((port, berth, roster.time(landed.left)))
        a.rest_at("chongjin").done()
        b = Captain(
            roster,
            f"SYN GLORY {n + 1}",
            "pohang",
            -10,
            flag=str(rng.choice(["PA", "SL", "BZ"])),
            length_m=rng.uniform(88, 140),
        )
        at = landed.left + rng.uniform(8, 240)
        b.go("pohang", max(1.0, at - roster.chart.nm("pohang", port) / b.speed + 10), b.ballast_m)
        b.go(port, rng.uniform(24, 70), b.laden_m, berth)
        to = str(rng.choice(["pohang", "donghae", "incheon"]))
        arrived = b.go(to, rng.uniform(30, 90), b.ballast_m)
        b.trade(["donghae", "pohang"], (40, 90)).done()
        roster.tell(
            "russian-transshipment",
            [a, b],
            loaded.arrived,
            arrived.arrived + 12,
            f"from {loaded.place} over {port} to {to}",
            also=["called-within-180-days", "direct-call", "dprk-flag-at-receiving-port"],
            zones=[roster.chart.places[one].zone or one for one in (loaded.place, port, to)],
        )


def _within_180_days(roster: Roster) -> None:
    """Ships that call in North Korea with no coal and go to South Korea afterwards."""
    rng = roster.rng
    for n in range(3):
        c = Captain(
            roster,
            f"SYN VISITOR {n + 1}",
            "dalian",
            -20,
            flag=str(rng.choice(["PA", "HK", "KH"])),
            laden=True,
            length_m=rng.uniform(85, 145),
        )
        c.go("dalian", rng.uniform(30, roster.hours * 0.3), c.laden_m)
        call = c.go(str(rng.choice(["nampo_general", "haeju", "songnim"])), rng.uniform(40, 90), c.ballast_m)
        straight = rng.random() < 0.3
        if not straight:
            c.go(str(rng.choice(["dalian", "yantai"])), rng.uniform(30, 100), c.laden_m)
        to = str(rng.choice(["incheon", "pohang"]))
        arrived = c.go(to, rng.uniform(30, 100), c.ballast_m)
        c.trade(["qingdao_anchorage", "shidao_anchorage"], (50, 120)).done()
        roster.tell(
            "called-within-180-days",
            [c],
            call.arrived,
            arrived.arrived + 12,
            f"calls in North Korea and then at {to}",
            also=["direct-call"] if straight else [],
            zones=[roster.chart.places[one].zone or one for one in (to, call.place)],
        )
        told = (
            call.place != "songnim" or c.ship["typing"].habit == "entered"
        )  # else she looks like one that loads there
        roster.tell(
            "direct-call",
            [c],
            call.arrived,
            arrived.arrived + 12,
            "lands a cargo in North Korea",
            alert="weak_at_most" if told else "allowed",
            innocent=True,
        )


def _tell(
    roster: Roster, ships: list[Captain], began: float, ended: float, because: str, berth: str, **more: str
) -> None:
    zone = roster.chart.places[berth].zone
    roster.tell(
        "tampered-identity", ships, began, ended, because, also=_TAMPERED_ALSO, zones=[zone] if zone else [], **more
    )
