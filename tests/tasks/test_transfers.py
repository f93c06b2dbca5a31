"""Transfers at sea, from positions to alerts: what fires, its twins that stay silent, and late data of one party."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.tasks.test_meetings import renamed
from tests.tasks.world import Installation, assert_same, place, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

SHE, BARGE = 445990051, 413990052
OFF_NAMPO = (124.62, 38.45)
M = 1 / 111_195
Stops = list[tuple[float, float, float, float]]  # from hour, to hour, longitude, latitude


def ship(mmsi: int, stops: Stops, every_min: float = 10, knots: float = 0.1, **said) -> pd.DataFrame:
    """A ship that lies at places and sails straight from one to the next; `Draft` may be {from hour: metres}."""
    parts = []
    for n, (begin, end, x, y) in enumerate(stops):
        at = np.arange(begin, end, every_min / 60)
        parts.append(pd.DataFrame({"hours": at, "LON": x, "LAT": y, "SOG": knots}))
        if n + 1 < len(stops):
            then, _, x1, y1 = stops[n + 1]
            at = np.arange(end, then, every_min / 60)[1:]
            way = pd.DataFrame({"hours": at, "SOG": 8.0})
            part = (at - end) / (then - end)
            parts.append(way.assign(LON=x + part * (x1 - x), LAT=y + part * (y1 - y)))
    rows = pd.concat(parts, ignore_index=True)
    draughts = said.pop("Draft", None)
    if isinstance(draughts, dict):
        since = np.array(sorted(draughts))
        rows["Draft"] = [draughts[since[max(np.searchsorted(since, h, "right") - 1, 0)]] for h in rows["hours"]]
    elif draughts is not None:
        rows["Draft"] = draughts
    name = said.pop("VesselName", f"DEMO {mmsi % 1000}")
    return rows.assign(MMSI=mmsi, VesselName=name, **({"VesselType": 70, "Length": 100, "Width": 16} | said))


def loaded_at_nampo(at=OFF_NAMPO, until=75.0, **said) -> pd.DataFrame:
    """From the coal berth to a place off Nampo, where she lies from hour 30."""
    berth = place("kp-nampo-coal")
    stops = [(2.0, 16.0, *berth), (20.0, 20.2, 125.10, 38.65), (30.0, until, *at)]
    return ship(SHE, stops, **({"IMO": "IMO2990053", "Draft": {0: 7.5, 46: 3.6}} | said))


def barge(at=OFF_NAMPO, north_m=45.0, hours=(34.0, 46.0), after=None, **said) -> pd.DataFrame:
    """A Chinese barge without a number that comes from the west, lies alongside, and goes on to Longkou."""
    x, y = at
    begin, end = hours
    after = [(end + 26, end + 40, *place("cn-longkou"))] if after is None else after
    stops = [(0.0, 1.0, 122.6, 38.0), (begin, end, x, y + north_m * M), *after]
    given = {"VesselType": 79, "Length": 75, "Draft": {0: 2.0, 45: 4.6}}
    return ship(BARGE, stops, **(given | said))


def run_of(tmp_path, *ships: pd.DataFrame) -> Installation:
    home = Installation(tmp_path / "home")
    home.land(*files_of(tmp_path / "files", *ships))
    home.run()
    return home


def files_of(folder, *ships: pd.DataFrame) -> list:
    return renamed([path for rows in ships for path in write_days(rows, folder / str(rows["MMSI"].iloc[0])).values()])


ZHOUSHAN = place("cn-zhoushan-anchorage")
ABREAST = [  # two ships under way side by side: how often each is heard, how far they are apart, whether it is an alert
    pytest.param(1, (0.05, 0.05), 40, True, id="heard all along"),
    pytest.param(2, (1.3, 1.7), 40, True, id="heard by satellites"),
    pytest.param(3, (1.3, 1.7), 400, False, id="on two lanes"),
    pytest.param(4, (3.0, 3.4), 40, True, id="missed on every other pass"),
    pytest.param(5, (4.4, 4.8), 40, False, id="hardly heard"),
]


def abreast(number: int, every_h: tuple[float, float], north_m: float, *_) -> list[pd.DataFrame]:
    """From Nampo at 4 knots on one course with a barge for eight hours, neither at rest; each pair by itself."""
    hours, knots = (34.0, 42.0), 4.0
    x, y = 124.2, 38.45 + 0.1 * number
    east = knots * 1852 * M / np.cos(np.radians(y))
    ends = [x, x + east * (hours[1] - hours[0])]

    def sails(mmsi, every, north_m, before, after, **said):
        at = np.arange(*hours, every)
        way = pd.DataFrame({"hours": at, "LON": x + east * (at - hours[0]), "LAT": y + north_m * M, "SOG": knots})
        first = ship(mmsi, [*before, (hours[0] - 0.1, hours[0] - 0.05, ends[0], y + north_m * M)], **said)
        last = ship(mmsi, [(hours[1] + 0.2, hours[1] + 0.3, ends[1], y + north_m * M), *after], **said)
        way = way.assign(**first.iloc[-1][[*said, "MMSI", "VesselName", "VesselType"]])
        return pd.concat([first, way, last], ignore_index=True)

    from_nampo = [(2.0, 16.0, *place("kp-nampo-coal")), (20.0, 20.2, 125.10, 38.65)]
    to_longkou = [(70.0, 90.0, *place("cn-longkou"))]
    return [
        sails(SHE + number, every_h[0], 0, from_nampo, [(60.0, 75.0, 124.6, y)], Length=100),
        sails(BARGE + number, every_h[1], north_m, [(0.0, 1.0, 122.6, y - 0.7)], to_longkou, Length=75),
    ]


def loaded(mmsi: int, **said) -> pd.DataFrame:
    """A ship that was at the coal berth and lies in the roads of Zhoushan from hour 70."""
    stops = [(2.0, 16.0, *place("kp-nampo-coal")), (20.0, 20.2, 125.10, 38.65), (70.0, 110.0, *ZHOUSHAN)]
    return ship(mmsi, stops, **said)


def lighter(number: int, north_m: float, hours: tuple[float, float], at=ZHOUSHAN, **said) -> pd.DataFrame:
    """A Chinese barge that comes, lies beside a ship for some hours, and goes on to Changshu on the Yangtze."""
    x, y = at
    stops = [(hours[0] - 12, hours[0] - 11, x + 0.4, y), (*hours, x, y + north_m * M)]
    stops.append((hours[1] + 6, hours[1] + 12, *place("cn-changshu")))
    return ship(413990060 + number, stops, **({"VesselType": 79, "Length": 60} | said))


MOTHER = 351990071
RENUMBERED = {  # the old number and the new one, and how long she says that she is under each
    "her size": (SHE + 10, 657990071, 104, 104),
    "another size": (SHE + 11, 657990072, 90, 140),
}


def renumbered(n: int, old: int, new: int, length_m: float, new_length_m: float) -> list[pd.DataFrame]:
    """As Ever Glory did: silent behind the barrage, then a number of Nigeria that no ship has, then barges."""
    roads = ZHOUSHAN[0] + 0.1 * (n + 1), ZHOUSHAN[1]
    out = [(2.0, 16.0, *place("kp-nampo-coal")), (20.0, 20.2, 125.10, 38.65), (22.0, 22.2, 124.8, 38.6)]
    on = [(25.0, 25.2, 124.5, 38.4), (70.0, 110.0, *roads)]
    return [
        ship(old, out, Length=length_m, Width=16),
        ship(new, on, Length=new_length_m, Width=16, VesselName="GE"),
        lighter(5 + n, 40, (76.0, 90.0), at=roads),
    ]


@pytest.fixture(scope="module")
def sea(tmp_path_factory):
    """What the warehouse holds of all that happens here at once, each in a place of its own."""
    barges = [lighter(n, side * 40, (74 + 5 * n, 80 + 5 * n)) for n, side in enumerate((1, -1, 1))]
    ships = [loaded_at_nampo(), barge(), loaded(MOTHER), *barges]
    ships += [one for pair in ABREAST for one in abreast(*pair.values)]
    ships += [one for n, story in enumerate(RENUMBERED.values()) for one in renumbered(n, *story)]
    ships += [one for _, *pair in silent_fleet() for one in pair]
    return run_of(tmp_path_factory.mktemp("sea"), *ships).rows()


def alerts_of(rows, mmsi: int) -> list[dict]:
    return rows["alert"][rows["alert"]["mmsi"] == mmsi].to_dict("records")


def roles_of(rows, alert: dict) -> pd.DataFrame:
    evidence = rows["alert_evidence"]
    return evidence[evidence["alert_id"] == alert["alert_id"]].set_index("role")


def test_a_barge_alongside_a_coal_ship_off_nampo_raises_an_alert(sea):
    (alert,) = alerts_of(sea, SHE)

    assert (alert["pattern_id"], alert["grade"]) == ("transfer-off-nampo", "strong")
    assert {
        "alongside", "transfer_time", "ship_lightened", "partner_deepened", "partner_to_receiving_port",
        "called_at_coal_port_before", "dprk_flag",
    } <= set(roles_of(sea, alert).index)  # fmt: skip
    law = sea["legal_assessment"]
    law = law[law["subject_id"] == alert["alert_id"]].set_index("measure_id")["answer"]
    assert (law["un-2375-ship-to-ship"], law["un-2371-coal"]) == ("forbidden", "forbidden")
    assert alert["headline"].count("consistent with") == 1


@pytest.mark.parametrize(("number", "every_h", "north_m", "raised"), ABREAST)
def test_the_same_two_ships_under_way_side_by_side_raise_one_too(sea, number, every_h, north_m, raised):
    alerts = alerts_of(sea, SHE + number)

    assert [alert["pattern_id"] for alert in alerts] == ["transfer-off-nampo"] * raised
    assert all("side_by_side_under_way" in roles_of(sea, alert).index for alert in alerts)


def test_in_the_roads_a_ship_from_nampo_feeds_barges_and_that_is_one_alert(sea):
    """A mother ship with barges on both sides, across midnight; the flag is a foreign one, the call links her."""
    patterns = [alert["pattern_id"] for alert in alerts_of(sea, MOTHER)]

    others = [pattern for pattern in patterns if pattern != "direct-call"]
    assert (sea["encounter"]["mmsi"] == MOTHER).sum() == 3
    assert others in ([], ["transfer-at-receiving-anchorage"])
    assert patterns  # the voyage tells the story, or the transfer does


@pytest.mark.parametrize(("story", "found"), [("her size", True), ("another size", False)])
def test_a_ship_that_left_nampo_under_another_number_is_linked_by_it(sea, story, found):
    old, new, *_ = RENUMBERED[story]

    alerts = [one for one in alerts_of(sea, new) if one["pattern_id"] == "transfer-at-receiving-anchorage"]

    assert len(alerts) == found
    for alert in alerts:
        said = roles_of(sea, alert)
        assert {"was_another_number_before", "called_under_another_number"} <= set(said.index)
        assert f"MMSI {old} had called at Nampo" in said.at["called_under_another_number", "statement"]


def silent_fleet() -> list[tuple[str | None, pd.DataFrame, pd.DataFrame]]:
    """Pairs that are no transfer of coal, each in a place of its own, with the reason that is stored."""
    pairs = []

    def add(why, one: dict, other: dict, north_m=45.0, at=None, hours=(34.0, 46.0), swing_m=0.0, place_of=None):
        n = len(pairs)
        x, y = at or (124.3 + 0.12 * (n % 4), 38.1 + 0.12 * (n // 4))
        chance = np.random.default_rng(n)
        given = {"mmsi": 445990100 + n} | one
        her = ship(given.pop("mmsi"), [(0.0, 1.0, x + 0.3, y), (10.0, 100.0, x, y)], **given)
        given = {"mmsi": 413990100 + n, "VesselType": 79, "Length": 75} | other
        partner = ship(
            given.pop("mmsi"),
            [(0.0, 1.0, x - 0.9, y), (*hours, x, y + north_m * M), (hours[1] + 6, 110.0, x - 0.9, y - 0.2)],
            **given,
        )
        if swing_m:
            partner["LAT"] += np.where(partner["hours"].between(*hours), chance.normal(0, swing_m, len(partner)) * M, 0)
        pairs.append((why, her, partner))

    add("not alongside", {}, {}, north_m=320.0)
    add("service_craft", {}, {"VesselType": 52, "Length": 30})
    add("service_craft", {}, {"VesselType": 50, "Length": 15})
    add("bunkering", {}, {"VesselType": 80, "Length": 60})
    add("tankers", {"VesselType": 80}, {"VesselType": 84, "Length": 120})
    add("fishing_boats", {"VesselType": 30, "Length": 38}, {"VesselType": 30, "Length": 35})
    add("too small", {"VesselType": None, "Length": 30}, {"VesselType": None, "Length": 28})
    add("too short", {}, {}, hours=(34.0, 35.5))
    add("berth", {}, {}, at=place("kp-nampo-coal"))
    add("own_anchors", {}, {}, at=place("kp-nampo-anchorage"), north_m=115.0, swing_m=45.0)
    add("no link", {"mmsi": 351990110}, {}, at=(ZHOUSHAN[0] - 0.1, ZHOUSHAN[1]))
    add("no link", {"mmsi": 351990111}, {}, at=(123.3, 38.2))
    add("berth", {}, {}, at=place("cn-longkou"))
    return pairs


def test_what_is_no_transfer_raises_nothing_and_says_why(sea):
    """Berths, tugs, pilots, bunkering, tankers, fishing boats, queues, ships that are not alongside or not linked."""
    pairs = silent_fleet()
    met, alerts = sea["encounter"], sea["alert"]
    theirs = alerts["mmsi"].isin([one["MMSI"].iloc[0] for _, *pair in pairs for one in pair])

    raised = alerts[theirs & alerts["pattern_id"].str.startswith("transfer")]
    assert raised["headline"].tolist() == []
    for why, one, other in pairs:
        of_pair = met[met["mmsi"].isin([one["MMSI"].iloc[0]]) | met["other_mmsi"].isin([one["MMSI"].iloc[0]])]
        of_pair = of_pair[(of_pair["mmsi"] == other["MMSI"].iloc[0]) | (of_pair["other_mmsi"] == other["MMSI"].iloc[0])]
        if why in ("too short", "berth"):  # side by side in a port: both calls tell of the berth
            assert of_pair.empty, why
        elif why in ("not alongside", "no link", "too small"):
            assert of_pair["context"].isna().tolist() == [True], why
        else:
            assert set(of_pair["context"]) == {why}


@pytest.mark.long  # of the barge in `test_one_sea.py`
def test_a_late_day_of_her_raises_the_alert(tmp_path):
    files = files_of(tmp_path / "files", loaded_at_nampo(), barge())
    late = [path for path in files if path.stem.startswith(str(SHE)) and path.stem.endswith("02")]
    whole, home = Installation(tmp_path / "whole"), Installation(tmp_path / "home")
    whole.land(*files)
    whole.run()
    home.land(*(path for path in files if path not in late))
    home.run()
    before = home.rows()

    home.land(*late)
    home.run()

    assert before["alert"].empty
    assert_same(home.rows(), whole.rows())
