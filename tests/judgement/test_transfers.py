"""What an encounter is taken for: the link to North Korea, the draughts of both, and who is no carrier of coal."""

from functools import cache

import pandas as pd
import pytest

from pipeline.contracts import ENCOUNTER
from pipeline.judgement.alerts import Knowledge, find_alerts
from pipeline.judgement.cases.events import Events
from pipeline.judgement.evidence import load_weights
from pipeline.tasks.home import read_zones
from tests.judgement.at_once import cases
from tests.judgement.encounters import (
    BEGAN,
    DEEPER,
    HAEJU,
    LIGHTER,
    ROADS,
    at_nampo,
    her,
    knowledge,
    left,
    met,
    of_seeds,
    partner,
    raised,
    transfers_of,
    typed,
)
from tests.judgement.sea import (
    APART,
    LISTED_COAL_SHIP,
    at,
    draught,
    gap,
    hours,
    in_one_sea,
    port_call,
)


def silent_from_dalian(**given) -> dict:
    """A silence that leaves time for a call, begun far from Nampo and ended near it."""
    return gap(BEGAN - hours(60), 40, "heard_others", off_longitude=121.9, feasible_zone_id="kp-taedong", **given)


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


@cases(
    lambda one, other: met(her(flag="KP", **one), partner(**other)),
    [
        ({"ship_type": 80}, {"ship_type": 80}, []),
        ({}, {"ship_type": 80}, []),
        ({}, {"ship_type": 30}, []),
        ({"ship_type": 30}, {}, []),
        ({"ship_type": None, "length_m": 32.0}, {"ship_type": None, "length_m": 28.0}, []),
    ],
    of_seeds,
    ids=["Koti and Kum Un San 3", "a bunker tanker", "a fishing boat", "she fishes", "two small craft"],
)
def test_who_carries_no_coal_raises_nothing(found, raised):
    assert transfers_of(found())[0] == raised


@cases(
    lambda given: met(her(at_nampo(), flag="KP"), partner(), **given),
    [
        ({"alongside": "no"}, []),
        *(({"context": why}, []) for why in ("berth", "own_anchors", "in_company", "tankers", "bunkering")),
    ],
    of_seeds,
)
def test_ships_not_alongside_or_beside_each_other_for_a_reason_raise_nothing(found, raised):
    assert transfers_of(found())[0] == raised


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


@pytest.mark.quick_cases(1)
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
