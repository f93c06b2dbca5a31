"""Ships that carry North Korean coal: over the quay, in silence, and from ship to ship."""

from __future__ import annotations

from pipeline.scenarios.background import NORTH, SOUTH
from pipeline.scenarios.captain import MID, Captain, Roster, Visit

BASIN = "kp-taedong"  # the zone around them
BERTHS = ["nampo_coal", "nampo_coal", "songnim", "taean", "nampo_coal"]
# Receiving ports as panels and press name them, and the roads before each.
PORTS = {
    "dalian": "dalian_anchorage", "longkou": "longkou_anchorage", "jingtang": "jingtang_anchorage",
    "yantai": "yantai_anchorage", "lianyungang": "lianyungang_anchorage", "bayuquan": "bayuquan_anchorage",
    "qinhuangdao": "qinhuangdao_anchorage", "weifang_anchorage": "weifang_anchorage",
    "shidao_anchorage": "shidao_anchorage", "zhoushan_anchorage": "zhoushan_anchorage",
    "rizhao_anchorage": "rizhao_anchorage", "tianjin_anchorage": "tianjin_anchorage",
}  # fmt: skip
FLAGS = ["PA", "SL", "TG", "BZ", "KM", "KH", "MN", "TZ", "CN", "HK", "PW", "VN"]
_LAST_START_H = 0.5  # of the scenario: later ones could not end in it


def add_coal(roster: Roster) -> None:
    """Every way in which coal leaves Nampo."""
    rng = roster.rng
    for n in range(5):
        direct_call(roster, f"SYN ANTHRACITE {n + 1}", str(rng.choice(FLAGS)) if n else "KP")
    for n in range(5):
        dark_call(roster, f"SYN NIGHTJAR {n + 1}", str(rng.choice(FLAGS)) if n else "KP")
    for n in range(2):
        transfer_off_nampo(roster, n + 1)
    transfer_to_barges(roster, 1)
    transfer_to_barges(roster, 2)
    transfer_under_way(roster)


def coal_ship(roster: Roster, name: str, flag: str) -> Captain:
    """A ship of the trade, in ballast, in a Chinese port for a while."""
    rng = roster.rng
    abroad = [place for place in NORTH + SOUTH if place != "zhapu_anchorage"]
    home = str(rng.choice(["haeju", *abroad[:2]] if flag == "KP" else abroad))
    length_m = rng.uniform(88, 125) if rng.random() < 0.5 else rng.uniform(120, 166)
    c = Captain(roster, name, home, rng.uniform(-60, 0), flag=flag, length_m=length_m)
    c.go(home, rng.uniform(12, roster.hours * _LAST_START_H), c.ballast_m)
    return c


def load(roster: Roster, c: Captain, berth: str | None = None) -> Visit:
    """To a berth of the Taedong, often after a wait outside, and a cargo of coal."""
    rng = roster.rng
    if rng.random() < 0.5:
        c.go("nampo_outer", min(100.0, rng.exponential(30) + 2))
    return c.go(berth or str(rng.choice(BERTHS)), rng.triangular(12, 30, 72), c.laden_m)


def land(roster: Roster, c: Captain) -> tuple[Visit, Visit]:
    """To a Chinese port, often after days in its roads; the first stay there, and that in which she discharges."""
    rng = roster.rng
    port = str(rng.choice(list(PORTS)))
    first = None
    if PORTS[port] != port and rng.random() < 0.6:
        first = c.go(PORTS[port], rng.uniform(5, 110))
    last = c.go(port, rng.uniform(24, 110), c.ballast_m)
    return first or last, last


def go_on(roster: Roster, c: Captain) -> Captain:
    """Then other trade, to the end of the scenario; North Korean ships go home."""
    if c.ship["mmsi"] // 1_000_000 == MID["KP"]:
        return c.rest_at("haeju").done()
    return c.trade(list(roster.rng.choice(NORTH, 3, replace=False)), (40, 120)).done()


def direct_call(roster: Roster, name: str, flag: str) -> None:
    """Loads with her transponder on and goes straight to China."""
    c = coal_ship(roster, name, flag)
    call = load(roster, c)
    first, _ = land(roster, c)
    go_on(roster, c)
    roster.tell(
        "direct-call",
        [c],
        call.arrived,
        first.arrived + 12,
        f"loads at {call.place} and carries it to {first.place}",
        also=["dprk-flag-at-receiving-port", "dark-call", "called-within-180-days"],
        zones=_zones(roster, call.place, first.place),
    )


def dark_call(roster: Roster, name: str, flag: str) -> None:
    """Falls silent in Korea Bay, loads, and is heard again on her way to China, or only there."""
    rng = roster.rng
    c = coal_ship(roster, name, flag)
    call = load(roster, c, str(rng.choice(BERTHS)))
    first, _ = land(roster, c)
    off, on = silence(roster, c, call, first)
    go_on(roster, c)
    roster.tell(
        "dark-call",
        [c],
        off,
        max(on, first.arrived) + 12,
        f"silent off Nampo, loads at {call.place}, lands it at {first.place}",
        also=["direct-call", "dprk-flag-at-receiving-port", "called-within-180-days"],
        zones=[BASIN, *_zones(roster, first.place)],  # at which of its berths a silent ship lay nobody can hear
        alert="expected" if off > 1 else "allowed",  # silent before the first day: no file says that she ever fell so
    )


def silence(roster: Roster, c: Captain, call: Visit, then: Visit) -> tuple[float, float]:
    """Transponder off from somewhere in Korea Bay, or from port, to the berth and back; when it went off and on."""
    rng, chart = roster.rng, roster.chart
    before = c.visits[c.visits.index(call) - 1]
    there = chart.nm(before.place, call.place)
    if before.place == "nampo_outer":  # off before she anchored there
        before = c.visits[c.visits.index(before) - 1]
        reached, there = c.visits[c.visits.index(call) - 1].arrived, chart.nm(before.place, "nampo_outer")
    else:
        reached = call.arrived
    off = reached - min(rng.uniform(25, 120), there - 15) / c.speed
    if rng.random() < 0.2:  # off soon after leaving China, on again just before she is back
        off, on = before.left + rng.uniform(1, 5), then.arrived - rng.uniform(0.5, 4)
        c.be_silent(off, on, "transponder off from port to port")
        return off, on
    back = chart.nm(call.place, then.place)
    on = call.left + min(rng.uniform(35, 160), back - 10) / c.speed
    c.be_silent(off, on, "transponder off in Korea Bay")
    return off, on


def transfer_off_nampo(roster: Roster, number: int) -> None:
    """A North Korean ship brings coal out of the river, another lies beside her off Cho-do and takes it to China."""
    rng = roster.rng
    mother = Captain(
        roster, f"SYN KUM GANG {number}", "taean", rng.uniform(-40, 0), flag="KP", length_m=rng.uniform(88, 140)
    )
    where = str(rng.choice(["cho_do_west", "korea_bay_roads"]))
    mother.go(str(rng.choice(["taean", "songnim", "nampo_coal"])), rng.uniform(40, roster.hours * 0.45), mother.laden_m)
    loaded = mother.visits[-1]
    hours = rng.uniform(10, 34)
    wait = rng.uniform(3, 30)
    met = mother.go(where, wait + hours + rng.uniform(1, 5), mother.ballast_m)
    if rng.random() < 0.5:
        mother.be_silent(loaded.arrived - 10, loaded.left + 2.5, "silent in the river")
    mother.rest_at("taean").done()
    taker = coal_ship_for(roster, f"SYN HORIZON {number}", where, met.arrived + wait)
    joined = taker.join(
        mother.name, where, hours, at=met.arrived + wait, off_m=rng.uniform(18, 32), draught=taker.laden_m
    )
    first, _ = land(roster, taker)
    go_on(roster, taker)
    roster.tell(
        "transfer-off-nampo",
        [mother, taker],
        joined.arrived,
        joined.left + 6,
        f"coal from ship to ship at {where}",
        also=["dark-call", "called-within-180-days"],
        zones=_zones(roster, loaded.place, first.place),
    )


def coal_ship_for(roster: Roster, name: str, where: str, hour: float) -> Captain:
    """A ship of the trade that leaves China in time to be somewhere at an hour."""
    rng = roster.rng
    home = str(
        rng.choice(
            ["dalian_anchorage", "weihai_anchorage", "shidao_anchorage", "longkou_anchorage", "yantai_anchorage"]
        )
    )
    c = Captain(roster, name, home, -5, flag=str(rng.choice(FLAGS)), length_m=rng.uniform(85, 150))
    leave = hour - roster.chart.nm(home, where) / c.speed - rng.uniform(0, 12)
    c.go(home, max(1.0, leave + 5), c.ballast_m)
    return c


def transfer_to_barges(roster: Roster, number: int) -> None:
    """A ship from North Korea anchors in Chinese roads and barges fetch her coal, one by one or two at once."""
    rng = roster.rng
    road = ["zhoushan_anchorage", "lianyungang_anchorage"][int(rng.integers(2))]
    home = {"zhoushan_anchorage": "zhapu_anchorage", "lianyungang_anchorage": "lianyungang"}[road]
    c = coal_ship(roster, f"SYN PAEKTU {number}", "KP" if rng.random() < 0.7 else str(rng.choice(FLAGS)))
    call = load(roster, c)
    if rng.random() < 0.4:
        silence(roster, c, call, Visit(road, c.hour + roster.chart.nm(c.here, road) / c.speed, 0))
    barges = int(rng.integers(2, 6))
    together = int(rng.integers(1, 3))
    spans, hour = [], 0.0
    arrived = c.hour + roster.chart.nm(c.here, road) / c.speed
    hour = arrived + rng.uniform(6, 70)
    for n in range(barges):
        spans.append((hour, rng.uniform(3.5, 10)))
        if (n + 1) % together == 0:
            hour += max(hours for _, hours in spans[-together:]) + rng.uniform(1, 9)
    ends = [at + hours for at, hours in spans]
    berth = roster.berth(road, arrived, max(ends) + 12)  # one for the whole stay
    for n, end in enumerate(sorted(ends), 1):
        left_m = round(c.laden_m - (c.laden_m - c.ballast_m) * n / barges, 1)
        stay = (
            c.go(road, end - max(arrived, c.hour), left_m, berth) if n == 1 else c.lie(max(0.1, end - c.hour), left_m)
        )
        assert stay is not None
    c.lie(rng.uniform(1, 10))
    went = c.visits[-1].left
    c.rest_at("haeju" if c.ship["mmsi"] // 1_000_000 == MID["KP"] else "dalian").done()
    helpers = []
    for n, (at, hours) in enumerate(spans, 1):
        b = Captain(
            roster,
            f"SYN BARGE {number}{n:02}",
            home,
            0,
            flag="CN",
            length_m=rng.uniform(48, 92),
            has_imo=False,
            speed_kn=8,
            ship_type=int(rng.choice([70, 79, 31, 52])),
            transceiver="B" if rng.random() < 0.5 else "A",
        )
        leave = at - roster.chart.nm(home, road) / b.speed - rng.uniform(1, 8)
        b.go(home, max(1.0, leave), b.ballast_m)
        b.join(c.name, road, hours, at=at, off_m=rng.uniform(14, 28) * (1 if n % 2 else -1), draught=b.laden_m)
        b.trade([home], (200, 300)).done()
        helpers.append(b)
    _voyage(roster, c, call, arrived)
    if all(barge.visits[1].left < roster.hours for barge in helpers):
        roster.tell(
            "transfer-at-receiving-anchorage",
            [c, *helpers],
            spans[0][0],
            went,
            f"{barges} barges fetch her coal in {road}",
            also=["dprk-flag-at-receiving-port", "direct-call", "dark-call", "called-within-180-days"],
            zones=_zones(roster, road),
        )


def transfer_under_way(roster: Roster) -> None:
    """A laden North Korean ship and another side by side at three to five knots off Lianyungang."""
    rng = roster.rng
    c = coal_ship(roster, "SYN MYONG SIN", "KP")
    call = load(roster, c, "taean")
    _voyage(roster, c, call, c.go("shidao_anchorage", rng.uniform(3, 12)).arrived)
    slow, at = round(rng.uniform(2.6, 5.2), 1), c.hour
    c.go("lianyungang_anchorage", 20, c.ballast_m, berth=9, speed_kn=slow)
    c.rest_at("haeju").done()
    via = "yellow_sea_middle"  # on her way: elsewhere the other would be after her, and late
    begins, hours = at + roster.chart.nm("shidao_anchorage", via) / slow + rng.uniform(0, 2), rng.uniform(4, 9)
    t = Captain(
        roster, "SYN YONG WANG", "qingdao_anchorage", 0, flag="CN", length_m=rng.uniform(60, 110), has_imo=False
    )
    leave = begins - roster.chart.nm("qingdao_anchorage", via) / t.speed - 4
    t.go("qingdao_anchorage", max(1.0, leave), t.ballast_m)
    t.join(c.name, via, hours, at=begins, off_m=rng.uniform(16, 40), draught=t.laden_m)
    t.rest_at("lianyungang", t.ballast_m).done()
    roster.tell(
        "transfer-at-receiving-anchorage",
        [c, t],
        begins,
        begins + hours + 4,
        "side by side under way off the Chinese coast",
        also=["transfer-off-nampo", "dprk-flag-at-receiving-port", "direct-call", "called-within-180-days"],
    )


def _voyage(roster: Roster, c: Captain, call: Visit, arrived: float) -> None:
    """The voyage before a transfer is itself one from a coal berth to China, and may be told as that."""
    roster.tell(
        "direct-call",
        [c],
        call.arrived - 40,
        arrived + 24,
        "carries coal to where it is transferred",
        alert="allowed",
        also=["dark-call", "dprk-flag-at-receiving-port", "called-within-180-days"],
    )


def _zones(roster: Roster, *places: str) -> list[str]:
    return [zone for place in places if (zone := roster.chart.places[place].zone) is not None]
