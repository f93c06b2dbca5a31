"""What an encounter is taken for: the link to North Korea, the draughts of both, and who is no carrier of coal."""

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from pipeline.contracts import ENCOUNTER, VOYAGE
from pipeline.judgement.alerts import AlertFrames, Knowledge, find_alerts
from pipeline.judgement.cases.events import Events
from pipeline.judgement.evidence import load_weights
from pipeline.tasks.home import read_zones
from tests.judgement.at_once import cases
from tests.judgement.sea import (
    APART,
    LISTED_COAL_SHIP,
    at,
    direct_call,
    draught,
    events,
    fleet,
    gap,
    hours,
    in_one_sea,
    later,
    port_call,
    real_knowledge,
)

BEGAN = at("2020-12-10 10:00")
SHE, OTHER = 441000001, 413990002


@later
def met(one: Events, other: Events, began=BEGAN, length=12.0, zone=None, **given) -> Events:
    """Two ships, and an encounter of theirs: side by side off Nampo unless told otherwise."""
    both = fleet([one, other])
    row = {
        "encounter_id": "meeting", "vessel_id": "ship-0", "track_id": "ship-0-1", "mmsi": SHE,
        "imo": one.vessels["imo"].iloc[0],
        "source": "ais", "known_at": (began + hours(length + 24)).floor("D"), "cut_at_start": False,
        "provider_note": None, "licence": None, "other_vessel_id": "ship-1", "other_track_id": "ship-1-1",
        "other_mmsi": OTHER, "other_imo": None, "began_at": began, "ended_at": began + hours(length),
        "median_distance_m": 50.0, "lay_m": 45.0, "median_speed_kn": 0.1, "zone_id": zone,
        "longitude": 124.4, "latitude": 38.4,
        "last_at": began + hours(length), "spread_m": 5.0, "heard_share": 1.0, "length_m": 140.0,
        "other_length_m": 75.0, "beside_m": 180.0, "alongside": "yes", "under_way_share": 0.0, "context": None,
    } | given  # fmt: skip
    tables = {**both.tables, ENCOUNTER.name: ENCOUNTER.conform(pd.DataFrame([row]))}
    return Events(tables, both.vessels, both.identities)


def her(calls=(), *, flag="PA", **given) -> Events:
    return events(list(calls), flag=flag, **given)


def partner(calls=(), *, ship_type=79, length_m=75.0, **given) -> Events:
    given = {"flag": "CN", "mmsi": OTHER} | given
    return events(list(calls), ship_type=ship_type, length_m=length_m, **given)


def at_nampo(days_before: float = 3) -> list[dict]:
    return [port_call("kp-nampo-coal", BEGAN - hours(24 * days_before + 48))]


HAEJU = [port_call("kp-haeju", BEGAN - hours(120))]


def of_other(rows: list[dict]) -> list[dict]:
    """The same draughts of the other ship."""
    return [row | {"mmsi": OTHER} for row in rows]


@cache
def of_seeds() -> Knowledge:
    return real_knowledge()


def knowledge(zones: pd.DataFrame | None = None) -> Knowledge:
    """What the seeds say, of the zones of tests or of others."""
    return of_seeds() if zones is None else replace(of_seeds(), zones=zones)


def silent_from_dalian(**given) -> dict:
    """A silence that leaves time for a call, begun far from Nampo and ended near it."""
    return gap(BEGAN - hours(60), 40, "heard_others", off_longitude=121.9, feasible_zone_id="kp-taedong", **given)


def raised(happened: Events, **given) -> tuple[list[str], set[str], str | None]:
    """Patterns of the alerts, the roles of their evidence, and the grade of the first."""
    return transfers_of(find_alerts(happened, knowledge(**given), synthetic=False))


def transfers_of(found: AlertFrames) -> tuple[list[str], set[str], str | None]:
    """The same of what was found."""
    transfers = found.alerts[found.alerts["pattern_id"].str.startswith("transfer")]
    roles = found.evidence[found.evidence["alert_id"].isin(transfers["alert_id"])]["role"]
    return transfers["pattern_id"].tolist(), set(roles), transfers["grade"].iloc[0] if len(transfers) else None


def real_zones() -> Knowledge:
    """What the seeds say, of the real zones."""
    return knowledge(read_zones().frame)


def test_a_ship_that_was_at_nampo_beside_a_barge_raises_an_alert_and_one_that_was_not_does_not():
    assert raised(met(her(at_nampo()), partner()))[0] == ["transfer-off-nampo"]
    assert raised(met(her(at_nampo(40)), partner()))[0] == []
    assert raised(met(her(), partner()))[0] == []


@cases(
    met,
    [
        (her(flag="KP"), partner(), True),
        (her(), partner(flag="KP"), True),
        (her(imo=LISTED_COAL_SHIP), partner(), True),
        (her(), partner(at_nampo()), True),
        (her(gaps=[gap(BEGAN - hours(60), 40, "heard_others", feasible_zone_id="kp-nampo-coal")]), partner(), True),
        (her(gaps=[silent_from_dalian()]), partner(), True),
        (her(gaps=[silent_from_dalian(on_longitude=122.4)]), partner(), False),
        (her(gaps=[gap(BEGAN - hours(60), 40, "unknown", feasible_zone_id="kp-nampo-coal")]), partner(), False),
        (her(gaps=[gap(BEGAN - hours(60), 40, "heard_others")]), partner(), False),
    ],
    real_zones,
    ids=["her flag", "the other's flag", "listed", "the other's call", "a dark call", "heard again near",
         "nowhere near", "reception unknown", "a silence"],
)  # fmt: skip
def test_the_link_may_be_either_party_s(found, raised):
    assert (transfers_of(found())[0] == ["transfer-off-nampo"]) is raised


# A silence that nobody can judge, begun and ended far from Nampo.
QUIET, BACK = BEGAN - hours(160), BEGAN - hours(40)


def loaded_unheard(changed_after: pd.Timestamp, changed_by: pd.Timestamp, figures: tuple, calls: list[dict]) -> Events:
    """Two ships side by side, of which one was unheard far away before; her draught changed when it is said to have."""
    far = {"off_longitude": 119.0, "on_longitude": 119.7, "off_latitude": 38.5, "on_latitude": 35.5}
    quiet = gap(QUIET, 120, "unknown", feasible_zone_id="kp-taedong", **far)
    change = draught(changed_by, *figures, changed_after=changed_after)
    return met(her(calls, gaps=[quiet], draughts=[change]), partner())


@cases(
    loaded_unheard,
    [
        (QUIET, BACK, (3.4, 8.1), [], True),
        (BACK + hours(1), BACK + hours(20), (3.4, 8.1), [], True),
        (BACK + hours(1), BACK + hours(60), (3.4, 8.1), [], False),
        (QUIET - hours(9), QUIET - hours(1), (3.4, 8.1), [], False),
        (QUIET, BACK, (8.1, 3.4), [], False),
        (QUIET, BACK, (3.4, 3.9), [], False),
        (QUIET, BACK, (3.4, 8.1), [port_call("cn-dalian", QUIET - hours(20), 200)], False),
        (BACK + hours(1), BACK + hours(20), (3.4, 8.1), [port_call("cn-dalian", BACK + hours(3), 12)], False),
    ],
    real_zones,
    ids=["over it", "typed late", "too late", "before it", "landed", "no cargo", "silent in port", "called since"],
)
def test_a_cargo_taken_on_in_a_silence_links_her_wherever_she_was_heard(found, raised):
    told, roles, _ = transfers_of(found())

    assert (told == ["transfer-off-nampo"]) is raised
    assert ("may_have_called_before" in roles) is raised


@pytest.mark.parametrize(
    ("later", "draughts", "fires"),
    [(20, False, False), (20, True, True), (240, False, True)],
    ids=["swung", "landed", "long after"],
)
def test_two_that_swung_at_their_own_anchors_beside_it_met_only_if_a_draught_says_so(later, draughts, fires):
    one = her(at_nampo(), **({"draughts": LIGHTER} if draughts else {}))
    happened = met(one, partner())
    swung = met(one, partner(), BEGAN + hours(later), encounter_id="swung", context="own_anchors", alongside="unsure")
    rows = pd.concat([each.tables[ENCOUNTER.name] for each in (happened, swung)], ignore_index=True)
    both = Events({**happened.tables, ENCOUNTER.name: rows}, happened.vessels, happened.identities)

    assert (raised(both)[0] == ["transfer-off-nampo"]) is fires


def test_a_silence_of_the_other_near_nampo_is_said_as_well():
    quiet = partner(gaps=[silent_from_dalian()])
    zones = read_zones().frame

    assert "partner_may_have_called_before" in raised(met(her(flag="KP"), quiet), zones=zones)[1]
    far = partner(gaps=[silent_from_dalian(on_longitude=122.4)])
    assert "partner_may_have_called_before" not in raised(met(her(flag="KP"), far), zones=zones)[1]


def test_one_silence_counts_once_whatever_is_said_of_it():
    near = {"feasible_zone_id": "kp-nampo-coal"}
    one = [gap(BEGAN - hours(60), 40, "heard_others", **near)]
    two = [gap(BEGAN - hours(240), 40, "heard_others", **near), gap(BEGAN - hours(40), 14, "heard_others")]

    def weights(silences):
        given = knowledge(zones=read_zones().frame)
        pieces = find_alerts(met(her(gaps=silences), partner()), given, synthetic=False).evidence
        return pieces.set_index("role")["weight"][
            ["heard_gap_in_korea_bay", "silent_beside_it", "may_have_called_before"]
        ]

    assert weights(one).tolist() == [1.5, 0, 0]
    assert weights(two).tolist() == [1.5, 0, 0.5]  # the earlier one is the link, the later one lies beside it


def test_a_listing_counts_from_the_day_on_which_it_was_made():
    listed = her(imo=LISTED_COAL_SHIP)

    assert raised(met(listed, partner(), began=at("2018-03-20 10:00")))[0] == []
    assert raised(met(listed, partner(), began=at("2018-04-20 10:00")))[0] == ["transfer-off-nampo"]


def test_the_linked_party_is_the_ship_of_the_alert():
    happened = met(her(), partner(at_nampo(), flag="KP"))
    alerts = find_alerts(happened, knowledge(), synthetic=False).alerts

    assert alerts["mmsi"].tolist() == [OTHER]


GAVE, TOOK = [draught(BEGAN + hours(14), 8.0, 4.0)], [draught(BEGAN + hours(13), 2.0, 4.5)]
NUMBER_TWO = {"imo": LISTED_COAL_SHIP}


def led_by(one: Events, other: Events, **given) -> tuple[list[int], set[str], str | None]:
    """MMSIs that the alerts of transfers are of, the roles of their evidence, and the grade of the first."""
    happened = met(one, other, **given)
    _, roles, grade = raised(happened)
    alerts = find_alerts(happened, knowledge(), synthetic=False).alerts
    return alerts.loc[alerts["pattern_id"].str.startswith("transfer"), "mmsi"].tolist(), roles, grade


@pytest.mark.parametrize("taker", [NUMBER_TWO, {"flag": "KP"}, {"calls": at_nampo(5)}], ids=["listed", "flag", "call"])
def test_who_gave_by_the_draughts_is_the_ship_of_the_alert_however_the_taker_is_linked(taker):
    number = {"other_imo": LISTED_COAL_SHIP} if taker is NUMBER_TWO else {}
    ships, roles, grade = led_by(her(at_nampo(), draughts=GAVE), partner(**taker, draughts=of_other(TOOK)), **number)

    assert (ships, grade) == ([SHE], "strong")
    assert {"ship_lightened", "partner_deepened", "called_at_coal_port_before"} <= roles
    assert not {"ship_deepened", "partner_lightened"} & roles


def test_a_cargo_given_to_a_ship_from_north_korea_by_one_that_was_not_there_is_no_export():
    for giver in (her(draughts=GAVE), her(**NUMBER_TWO, draughts=GAVE)):
        ships, roles, grade = led_by(giver, partner(flag="KP", draughts=of_other(TOOK)))

        assert (ships, grade) == ([OTHER], "weak")
        assert {"ship_deepened", "partner_lightened"} <= roles


def test_without_draughts_the_one_from_a_loading_port_is_the_ship_of_the_alert():
    assert led_by(her(at_nampo()), partner(flag="KP"))[0] == [SHE]
    assert led_by(her(at_nampo()), partner(**NUMBER_TWO), other_imo=LISTED_COAL_SHIP)[0] == [SHE]
    assert led_by(her(HAEJU), partner(flag="KP"))[0] == [OTHER]


def test_a_change_too_small_for_a_cargo_decides_nothing():
    burnt = [draught(BEGAN + hours(14), 8.0, 7.8)]

    assert led_by(her(HAEJU, draughts=burnt), partner(flag="KP"))[0] == [OTHER]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ship_type": 80}, {"ship_type": 80}),
        ({}, {"ship_type": 80}),
        ({}, {"ship_type": 30}),
        ({"ship_type": 30}, {}),
        ({"ship_type": None, "length_m": 32.0}, {"ship_type": None, "length_m": 28.0}),
    ],
    ids=["Koti and Kum Un San 3", "a bunker tanker", "a fishing boat", "she fishes", "two small craft"],
)
def test_who_carries_no_coal_raises_nothing(one, other):
    assert raised(met(her(flag="KP", **one), partner(**other)))[0] == []


@pytest.mark.parametrize(
    "given",
    [
        {"alongside": "no"},
        *({"context": why} for why in ("berth", "own_anchors", "in_company", "tankers", "bunkering")),
    ],
)
def test_ships_not_alongside_or_beside_each_other_for_a_reason_raise_nothing(given):
    assert raised(met(her(at_nampo(), flag="KP"), partner(), **given))[0] == []


def test_in_the_roads_a_link_is_needed_and_it_weighs_less():
    roads = {"zone": "cn-dalian-anchorage", "longitude": 121.9, "latitude": 38.9}
    off, _, strong = raised(met(her(at_nampo(), flag="KP"), partner()))
    there, roles, grade = raised(met(her(at_nampo(), flag="KP"), partner(), **roads))

    assert (off, there) == (["transfer-off-nampo"], ["transfer-at-receiving-anchorage"])
    assert "in_the_roads" in roles
    assert raised(met(her(), partner(), **roads))[0] == []
    assert (strong, grade) == ("strong", "moderate")


def test_at_sea_elsewhere_a_linked_ship_beside_a_barge_raises_one_as_well():
    assert raised(met(her(at_nampo()), partner(), longitude=122.6, latitude=33.5))[0] == [
        "transfer-at-receiving-anchorage"
    ]


UNDER_WAY = {
    "longitude": 122.6, "latitude": 36.2, "under_way_share": 1.0, "context": "in_company", "cut_at_start": True,
}  # fmt: skip


def left(zone: str, hours_before: float, length: float = 30, **given) -> list[dict]:
    """A call that ended so long before the encounter."""
    return [port_call(zone, BEGAN - hours(hours_before + length), length) | given]


def in_company(hers: list[dict], others: list[dict], given: dict) -> Events:
    """Two ships under way together, after calls of theirs."""
    return met(her(hers, flag="KP"), partner(others), **UNDER_WAY | given)


@cases(
    in_company,
    [
        (left("cn-dalian", 12), left("cn-weihai", 8), {}, True),
        (left("cn-weihai", 12), left("cn-weihai", 8), {}, False),
        (left("cn-dalian", 12), left("cn-dalian-anchorage", 8), {}, False),
        (left("kp-taedong", 12), left("kp-nampo-anchorage", 8), {}, False),
        (left("cn-dalian", 12), left("cn-weihai", 8, zone_id=None, port="WEIHAI"), {}, False),
        (left("cn-dalian", 12), left("cn-weihai", 8, state="ended_in_silence"), {}, False),
        (left("cn-dalian", 8, 5), left("cn-weihai", 20, 5), {}, False),
        (left("cn-dalian", 26), left("cn-weihai", 8), {}, False),
        (left("cn-dalian", 12), [], {}, False),
        (left("cn-dalian", 12), left("cn-weihai", 8), {"cut_at_start": False}, False),
        (left("cn-dalian", 12), left("cn-weihai", 8), {"under_way_share": 0.0}, False),
        (left("cn-dalian", 12), left("cn-weihai", 8), {"context": "tankers"}, False),
    ],
    of_seeds,
    ids=["from two ports", "from one", "from one and its roads", "from a basin and its roads", "from outside zones",
         "left unheard", "from one after the other", "days ago", "from nobody knows where",
         "seen to come together", "at rest", "another reason"],
)  # fmt: skip
def test_ships_under_way_together_that_came_from_two_ports_did_not_sail_in_company(found, raised):
    told, roles, _ = transfers_of(found())

    assert told == (["transfer-at-receiving-anchorage"] if raised else [])
    assert ("came_from_two_ports" in roles) is raised


def test_what_the_draughts_say_turns_the_reading():
    fell = [draught(BEGAN + hours(14), 8.0, 4.0)]
    rose = [draught(BEGAN + hours(14), 4.0, 8.0)]
    of_barge = {"draughts": [draught(BEGAN + hours(13), 2.0, 4.5, mmsi=OTHER)]}

    given = raised(met(her(at_nampo(), draughts=fell), partner(**of_barge)))
    taken = raised(met(her(at_nampo(), draughts=rose), partner()))

    assert {"ship_lightened", "partner_deepened"} <= given[1]
    assert "ship_deepened" in taken[1]
    assert (given[2], taken[2]) == ("strong", "weak")


def test_a_draught_typed_after_the_next_call_says_nothing_of_the_encounter():
    later = port_call("cn-dalian", BEGAN + hours(30))
    typed = [draught(BEGAN + hours(40), 8.0, 4.0)]

    assert "ship_lightened" not in raised(met(her([*at_nampo(), later], draughts=typed), partner()))[1]


def sailed(passage: float = 72, rise: float = 20, **given) -> Events:
    """She leaves the coal berth 15 hours before they meet, types a draught, and goes on to Dalian."""
    calls, voyages = direct_call(left=f"{BEGAN - hours(15.1):%Y-%m-%d %H:%M}", passage=passage)
    calls[0]["draught_in_m"] = 4.0
    return events(calls, voyages, draughts=[draught(calls[0]["departed_by"] + hours(rise), 4.0, 8.0)], flag="PA")


def test_one_voyage_raises_one_alert_and_without_its_voyage_the_transfer_does():
    happened = met(sailed(), partner(), length=15.0)
    alone = happened.replaced({VOYAGE: happened[VOYAGE].iloc[:0]})
    patterns = [
        find_alerts(one, knowledge(), synthetic=False).alerts["pattern_id"].tolist() for one in (happened, alone)
    ]

    assert patterns == [["direct-call"], ["transfer-off-nampo"]]


def test_a_transfer_that_says_more_than_the_voyage_stays():
    calls, voyages = direct_call(left=f"{BEGAN - hours(15.1):%Y-%m-%d %H:%M}", destination="kp-haeju")
    happened = met(events(calls, voyages, draughts=GAVE, flag="PA"), partner(draughts=of_other(TOOK)))

    assert raised(happened)[0] == ["transfer-off-nampo"]


def test_a_rise_read_as_loaded_at_a_call_is_not_taken_from_the_partner():
    loaded = met(sailed(), partner(flag="KP"), length=15.0)  # without the voyage's alert
    alone = loaded.replaced({VOYAGE: loaded[VOYAGE].iloc[:0]})
    late = met(her(at_nampo(), draughts=DEEPER), partner(), length=15.0)

    assert "ship_deepened" not in raised(alone)[1]
    assert "ship_deepened" in raised(late)[1]


def test_a_fall_read_as_landed_at_a_port_abroad_before_is_not_given_to_the_partner():
    """At the port that she left 15 hours before they met; not at the roads where they met."""
    fell = [draught(BEGAN + hours(14), 8.0, 4.0)]
    landed = port_call("cn-dalian", BEGAN - hours(39), 24, draught_in_m=8.0)
    lay = port_call("cn-dalian-anchorage", BEGAN - hours(12), 25.5, draught_in_m=8.0)

    assert "ship_lightened" not in raised(met(her([*at_nampo(5), landed], draughts=fell), partner()))[1]
    assert "ship_lightened" in raised(met(her([*at_nampo(5), lay], draughts=fell), partner(), **ROADS))[1]


def test_who_left_a_port_elsewhere_and_grew_deeper_beside_a_ship_from_nampo_took_her_cargo():
    empty = port_call("cn-dalian", BEGAN - hours(48), 34, draught_in_m=2.0)
    taker = partner([empty], draughts=of_other([draught(BEGAN + hours(13), 2.0, 4.5)]))

    assert "partner_deepened" in raised(met(her(at_nampo()), taker))[1]


def test_how_long_both_were_heard_is_said_with_how_long_they_were_together():
    pieces = find_alerts(met(her(at_nampo()), partner(), heard_share=0.17), knowledge(), synthetic=False).evidence
    said = pieces.set_index("role")["statement"]

    assert "heard for 17% of them" in said["transfer_time"]
    assert "lay 45 m apart by their antennas (both were heard 17% of the time)" in said["alongside"]


def test_where_the_partner_went_on_to_is_evidence():
    to_china = partner([port_call("cn-dalian", BEGAN + hours(30))])
    home = partner([port_call("kp-haeju", BEGAN + hours(30))])

    assert "partner_to_receiving_port" in raised(met(her(at_nampo()), to_china))[1]
    assert "partner_to_receiving_port" not in raised(met(her(at_nampo()), home))[1]


def test_a_ship_from_rajin_may_have_given_russian_coal():
    happened = met(her(AT_RAJIN), partner(), longitude=131.5, latitude=41.0)
    alert = find_alerts(happened, knowledge(), synthetic=False).alerts.iloc[0]
    from_nampo = met(her(at_nampo()), partner(), longitude=131.5, latitude=41.0)

    assert (alert["grade"], "Rajin" in alert["innocent_explanation"]) == ("weak", True)
    assert "called_at_coal_port_before" not in raised(happened)[1]
    assert raised(from_nampo)[2] == "moderate"


def test_two_north_korean_ships_beside_each_other_weigh_less():
    one, both = (raised(met(her(at_nampo(), flag="KP"), partner(flag=flag))) for flag in ("CN", "KP"))

    assert "both_dprk_flag" in both[1]
    assert (one[2], both[2]) == ("strong", "moderate")


ROADS = {"zone": "cn-dalian-anchorage", "longitude": 121.9, "latitude": 38.9}
LIGHTER, DEEPER = [draught(BEGAN + hours(14), 8.0, 4.0)], [draught(BEGAN + hours(14), 4.0, 8.0)]


def typed(draughts: list[dict]) -> Events:
    return partner(draughts=of_other(draughts))


def fed(**given) -> Events:
    """She met another ship as well, a day later."""
    one = met(her(at_nampo()), partner())
    rows = one[ENCOUNTER]
    later = rows.assign(
        encounter_id="another", other_mmsi=413990003, other_vessel_id="ship-2", other_track_id="ship-2-1",
        **{name: rows[name] + hours(20) for name in ("began_at", "ended_at", "last_at")}, **given,
    )  # fmt: skip
    return one.replaced({ENCOUNTER: pd.concat([rows, later], ignore_index=True)})


AT_RAJIN = [port_call("kp-rajin", BEGAN - hours(120))]
PLAIN = met(her(at_nampo()), partner())
SHE_ROSE, SHE_SANK = (met(her(at_nampo(), draughts=typed_), partner()) for typed_ in (LIGHTER, DEEPER))
TWINS = [
    ("alongside", PLAIN, met(her(at_nampo()), partner(), alongside="unsure")),
    ("alongside_unsure", met(her(at_nampo()), partner(), alongside="unsure"), PLAIN),
    ("side_by_side_under_way", met(her(at_nampo()), partner(), under_way_share=0.9), PLAIN),
    (
        "came_from_two_ports",
        met(her(left("cn-dalian", 12), flag="KP"), partner(left("cn-weihai", 8)), **UNDER_WAY),
        met(her(left("cn-dalian", 12), flag="KP"), partner(left("cn-weihai", 8)), **UNDER_WAY | {"context": None}),
    ),
    ("transfer_time", met(her(at_nampo()), partner(), length=6.1), met(her(at_nampo()), partner(), length=5.9)),
    ("transfer_short", met(her(at_nampo()), partner(), length=2.9), met(her(at_nampo()), partner(), length=3.1)),
    ("met_by_night", PLAIN, met(her(at_nampo()), partner(), began=at("2020-12-10"), length=9)),
    ("met_several", fed(), fed(context="own_anchors")),
    ("ship_lightened", SHE_ROSE, SHE_SANK),
    ("ship_deepened", SHE_SANK, SHE_ROSE),
    ("partner_deepened", met(her(at_nampo()), typed(DEEPER)), met(her(at_nampo()), typed(LIGHTER))),
    ("partner_lightened", met(her(at_nampo()), typed(LIGHTER)), met(her(at_nampo()), typed(DEEPER))),
    (
        "partner_to_receiving_port",
        met(her(at_nampo()), partner([port_call("cn-dalian", BEGAN + hours(30))])),
        met(her(at_nampo()), partner([port_call("cn-shanghai", BEGAN + hours(30))])),
    ),
    (
        "partner_went_home",
        met(her(at_nampo()), partner([port_call("kp-haeju", BEGAN + hours(30))])),
        met(her(at_nampo()), partner([port_call("cn-dalian", BEGAN + hours(30))])),
    ),
    ("called_at_coal_port_before", PLAIN, met(her(HAEJU), partner())),
    ("called_in_north_korea_before", met(her(HAEJU), partner()), PLAIN),
    ("called_at_rajin_before", met(her(AT_RAJIN), partner(), longitude=131.5, latitude=41.0), PLAIN),
    ("partner_called_in_north_korea_before", met(her(at_nampo()), partner(at_nampo(9))), PLAIN),
    ("in_north_korean_waters", met(her(at_nampo()), partner(), zone="kp-nampo-anchorage"), PLAIN),
    ("in_the_roads", met(her(at_nampo()), partner(), **ROADS), PLAIN),
    (
        "silent_beside_it",
        met(her(at_nampo(), gaps=[gap(BEGAN - hours(30), 8, "heard_others")]), partner()),
        met(her(at_nampo(), gaps=[gap(BEGAN - hours(30), 8, "not_heard")]), partner()),
    ),
    ("partner_dprk_flag", met(her(flag="KP"), partner(flag="KP")), met(her(flag="KP"), partner())),
    ("both_dprk_flag", met(her(flag="KP"), partner(flag="KP")), met(her(flag="KP"), partner())),
    (
        "partner_listed",
        met(her(flag="KP"), partner(imo=LISTED_COAL_SHIP), other_imo=LISTED_COAL_SHIP),
        met(her(flag="KP"), partner()),
    ),
    ("no_cargo_ship", met(her(at_nampo(), ship_type=None), partner(ship_type=99)), PLAIN),
]  # fmt: skip


THIRD = 413990003


def two_meetings(first: float, second: float, to_coal=False, deeper=False, lighter=False, third: Events | None = None):
    """She met the other ship for so many hours, and a third one two days later; what became of the first two."""
    calls = [port_call("cn-dalian", BEGAN + hours(40))] if to_coal else []
    took, left = ([draught(BEGAN + hours(first + 1), *metres)] for metres in ((2.0, 4.5), (8.0, 4.0)))
    one = her(at_nampo(), draughts=left if lighter else [])
    rows = met(one, partner())[ENCOUNTER].assign(ended_at=BEGAN + hours(first), last_at=BEGAN + hours(first))
    then = BEGAN + hours(48)
    later = rows.assign(
        encounter_id="another", other_mmsi=THIRD, other_vessel_id="ship-2", other_track_id="ship-2-1", began_at=then,
        ended_at=then + hours(second), last_at=then + hours(second), longitude=124.9,
    )  # fmt: skip
    ships = [one, partner(calls, draughts=of_other(took) if deeper else []), third or events([], flag="CN", mmsi=THIRD)]
    both = fleet(ships)
    tables = {**both.tables, ENCOUNTER.name: pd.concat([rows, later], ignore_index=True)}
    return Events(tables, both.vessels, both.identities)


def test_a_headline_tells_time_and_place_of_one_meeting_and_the_evidence_names_every_partner():
    found = find_alerts(two_meetings(3, 9), knowledge(), synthetic=False)
    (alert,) = found.alerts.to_dict("records")
    named = found.evidence.set_index("role").at["met_several", "statement"]

    assert "124.90 E, for 9 hours from 2020-12-12 10:00 UTC, one of 2 ships" in alert["headline"]
    assert "(MMSI 413990003)" in alert["headline"]
    assert alert["began_at"] == BEGAN
    assert f"MMSI {OTHER} from 2020-12-10 10:00, MMSI {THIRD} from 2020-12-12 10:00" in named
    alone = find_alerts(met(her(at_nampo()), partner()), knowledge(), synthetic=False).alerts.iloc[0]
    assert "one of" not in alone["headline"]


def test_a_longer_meeting_later_takes_nothing_from_what_the_first_partner_took():
    roles = {"ship_lightened", "partner_deepened", "partner_to_receiving_port"}
    for second in (4, 9):
        found = find_alerts(two_meetings(3.2, second, True, True, True), knowledge(), synthetic=False)
        (alert,) = found.alerts.to_dict("records")

        assert roles <= set(found.evidence["role"])
        assert (alert["grade"], f"(MMSI {OTHER}) were" in alert["headline"]) == ("strong", True)
    assert not roles & raised(two_meetings(3.2, 9))[1]


def test_of_two_partners_one_took_the_cargo_and_the_other_s_port_is_told_as_hers():
    taker = events([], flag="CN", mmsi=THIRD, name="TAKER", draughts=[draught(BEGAN + hours(60), 2.0, 4.5, mmsi=THIRD)])
    found = find_alerts(two_meetings(3.2, 3, to_coal=True, third=taker), knowledge(), synthetic=False)
    said = found.evidence.set_index("role")["statement"]

    assert said["partner_deepened"].startswith(f"The AIS-reported draught of TAKER (MMSI {THIRD}) rose")
    assert said["partner_to_receiving_port"].startswith(f"MORNING STAR (MMSI {OTHER}) went on to Dalian")


@cache
def roles_of_twins() -> list[set[str]]:
    """The roles that speak of each happening, and then of its twin; all are judged at once."""
    stories = [story for _, *both in TWINS for story in both]
    told = find_alerts(in_one_sea(stories), knowledge(), synthetic=False)
    transfers = told.alerts[told.alerts["pattern_id"].str.startswith("transfer")]
    said = told.evidence.merge(transfers[["alert_id", "mmsi"]], on="alert_id")
    of_story = said.groupby(said["mmsi"] % 1000 // APART)["role"].agg(set)
    return [of_story.get(number, set()) for number in range(len(stories))]


@pytest.mark.parametrize("number", range(len(TWINS)), ids=[role for role, *_ in TWINS])
def test_a_role_speaks_of_an_encounter_and_not_of_its_twin(number):
    happening, twin = roles_of_twins()[2 * number : 2 * number + 2]

    assert TWINS[number][0] in happening
    assert TWINS[number][0] not in twin


@pytest.mark.parametrize("number", [6, 10, 19])
def test_a_story_is_judged_in_one_sea_as_it_is_alone(number):
    _, happening, twin = TWINS[number]

    assert roles_of_twins()[2 * number : 2 * number + 2] == [raised(happening)[1], raised(twin)[1]]


def test_every_role_of_encounters_is_tried():
    roles = {name for name, role in load_weights().roles.items() if role.of == ["encounter"]}

    elsewhere = {"may_have_called_before", "partner_may_have_called_before"}  # dark calls: above
    elsewhere |= {"was_another_number_before", "called_under_another_number"}  # of a third hull: tests/tasks
    assert roles - elsewhere == {role for role, *_ in TWINS}


def test_the_law_of_the_day_is_asked():
    def answers(began):
        happened = met(her(flag="KP"), partner(), began=at(began))
        law = find_alerts(happened, knowledge(), synthetic=False).assessments
        return law.set_index("measure_id")["answer"].to_dict()

    assert answers("2020-12-10")["un-2375-ship-to-ship"] == "forbidden"
    assert "un-2375-ship-to-ship" not in answers("2017-09-01")
    assert answers("2017-09-01")["un-2371-coal"] == "forbidden"
