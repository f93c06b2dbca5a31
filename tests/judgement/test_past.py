"""What happened before: a call in North Korea within 180 days, and what another ship brought to a Russian berth."""

from functools import cache

import pandas as pd
import pytest

from pipeline.contracts import ENCOUNTER, PORT_CALL, VOYAGE
from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import (
    at,
    bought_in,
    direct_call,
    events,
    fleet,
    hours,
    later,
    port_call,
    real_knowledge,
    voyage,
)

BERTH = {"stop_longitude": 133.0502, "stop_latitude": 42.7401}
NEXT_BERTH = {"stop_longitude": 133.0502, "stop_latitude": 42.7421}  # 220 m
CELL = {"stop_longitude": 133.05, "stop_latitude": 42.74}
DELIVERY = {"mmsi": 511100001, "flag": "PW"}
ONWARD = {"mmsi": 312000002, "flag": "BZ"}


def found(happened: Events, **given) -> AlertFrames:
    return find_alerts(happened, real_knowledge(), synthetic=False, **given)


def patterns(happened: Events) -> list[str]:
    return found(happened).alerts["pattern_id"].tolist()


def roles(happened: Events) -> set[str]:
    return set(found(happened).evidence["role"])


# ------------------------------------------------------------------------------------------------ 180 days
def after(
    days: float, home: str = "kp-haeju", there: str = "kr-incheon", confidence: int = 4, told=list, **ship
) -> Events:  # fmt: skip
    """A call in North Korea, as `told` makes it, one in China, and `days` after the first one a call elsewhere."""
    (first,) = told([port_call(home, at("2019-03-01"), confidence=confidence)])
    between = port_call("cn-weihai", first["departed_by"] + hours(30))
    last = port_call(there, first["departed_after"] + hours(24 * days))
    calls = [first, between, last]
    return events(calls, [voyage(*calls[:2]), voyage(*calls[1:])], flag="BZ", **ship)


def test_a_call_in_south_korea_within_180_days_of_one_in_the_north_is_an_alert():
    alerts = found(after(60))

    assert alerts.alerts["pattern_id"].tolist() == ["called-within-180-days"]
    assert "60 days after she left Haeju in North Korea." in alerts.alerts["headline"].iloc[0]
    assert set(alerts.assessments["measure_id"]) == {"kr-2016-port-ban"}
    assert "straight_from_dprk" not in set(alerts.evidence["role"])


@pytest.mark.parametrize(
    ("case", "happened"),
    {
        "181 days after": lambda: after(181),
        "in China, which has no such rule": lambda: after(60, there="cn-shanghai"),
        "no call in the North": lambda: after(60, home="cn-dalian"),
        "back in the North": lambda: after(60, there="kp-haeju"),
    }.items(),
)
def test_otherwise_it_is_none(case, happened):
    assert patterns(happened()) == [], case


def test_before_the_rule_was_in_force_it_is_none():
    first = port_call("kp-haeju", at("2015-12-01"))
    last = port_call("kr-incheon", first["departed_by"] + hours(48))

    assert patterns(events([first, last], [voyage(first, last)])) == []


def test_another_ship_on_the_same_mmsi_is_not_charged_with_the_call():
    happened = after(60)
    calls = happened[PORT_CALL].assign(vessel_id=["other", "ship", "ship"])

    assert patterns(happened.replaced({PORT_CALL: calls})) == []


AMERICA = {"zone_id": None, "port": "Dutch Harbor", "country": "US"}


@later
def meeting(*own: dict, there: dict = AMERICA, **given) -> Events:
    """A ship that lay side by side at sea with one from Haeju, and 30 days later called in the United States."""
    first = port_call("kp-haeju", at("2019-03-01"))
    other = events([first], flag="PW", mmsi=DELIVERY["mmsi"])
    there = port_call("kr-incheon", first["departed_by"] + hours(24 * 31), **there)
    her = events([port_call("cn-weihai", at("2019-02-10")), *own, there], flag="BZ", mmsi=ONWARD["mmsi"])
    both = fleet([other, her])
    began = first["departed_by"] + hours(20)
    row = {
        "encounter_id": "met", "mmsi": ONWARD["mmsi"], "vessel_id": "ship-1", "track_id": "ship-1-1", "source": "ais",
        "other_mmsi": DELIVERY["mmsi"], "other_vessel_id": "ship-0", "other_track_id": "ship-0-1", "began_at": began,
        "ended_at": began + hours(8), "last_at": began + hours(8), "known_at": (began + hours(32)).floor("D"),
        "cut_at_start": False, "alongside": "yes", "longitude": 123.5, "latitude": 37.9,
    } | given  # fmt: skip
    return both.replaced({ENCOUNTER: ENCOUNTER.conform(pd.DataFrame([row], columns=ENCOUNTER.names))})


def barred(happened: Events) -> list[str]:
    alerts = found(happened).alerts
    return alerts.loc[alerts["pattern_id"] == "called-within-180-days", "headline"].tolist()


def test_a_ship_that_lay_beside_one_from_north_korea_is_barred_from_the_united_states_if_it_was_a_transfer():
    (headline,) = barred(meeting())

    assert (
        "30 days after she lay side by side with MORNING STAR (MMSI 511100001), which had called at Haeju" in headline
    )
    assert "met_ship_from_dprk" in roles(meeting())
    law = found(meeting()).assessments.set_index("measure_id")["answer"]
    assert law["us-eo-13810-port-call"] == "conditional"


def test_the_rules_of_south_korea_do_not_name_meetings():
    assert barred(meeting(there={})) == []


def test_her_own_call_counts_though_she_met_another_ship_later():
    own = port_call("kp-nampo-coal", at("2019-02-20"), 48)

    told = found(meeting(own, there={}))

    (alert,) = told.alerts[told.alerts["pattern_id"] == "called-within-180-days"].to_dict("records")
    assert "days after she left Nampo" in alert["headline"]
    assert {"called_in_dprk", "met_ship_from_dprk_too"} <= set(told.evidence["role"])
    law = told.assessments[told.assessments["subject_id"] == alert["alert_id"]]
    assert law[["measure_id", "answer"]].to_numpy().tolist() == [["kr-2016-port-ban", "forbidden"]]


def test_a_call_of_long_ago_is_not_counted_beside_a_meeting():
    told = roles(meeting(port_call("kp-nampo-coal", at("2018-09-01"), 48)))

    assert "met_ship_from_dprk" in told
    assert not {"called_in_dprk", "met_ship_from_dprk_too"} & told


@pytest.mark.parametrize(
    ("case", "given"),
    {
        "not side by side": {"alongside": "no"},
        "a tug": {"context": "service_craft"},
        "before the other called there": {"ended_at": at("2019-02-20"), "began_at": at("2019-02-19")},
        "they are still together": {"ended_at": None},
    }.items(),
)
def test_a_meeting_that_can_have_been_no_transfer_with_such_a_ship_bars_nobody(case, given):
    assert barred(meeting(**given)) == [], case


def test_later_visits_to_the_same_country_are_the_same_story():
    first = port_call("kp-haeju", at("2019-03-01"))
    calls = [first, *(port_call("kr-incheon", first["departed_by"] + hours(24 * days)) for days in (20, 60))]
    calls.insert(2, port_call("cn-weihai", first["departed_by"] + hours(24 * 40)))

    (headline,) = barred(events(calls, [], flag="BZ"))

    assert "20 days after" in headline


def test_a_voyage_straight_from_a_coal_port_is_told_by_the_direct_call_alone():
    assert patterns(events(*direct_call("2019-05-01", destination="kr-incheon"))) == ["direct-call"]


# ------------------------------------------------------------------------------------ by way of a Russian port
def chain(
    *, days: float = 6, berth: dict = BERTH, origin: str = "kp-nampo-coal", to: str = "kr-incheon",
    landed: dict | None = None, length_m: float = 140.0, **draughts,
):  # fmt: skip
    """A ship from North Korea to Vostochny, and another that sails on from there `days` after she arrived."""
    first = port_call(origin, at("2017-08-20"))
    landing = port_call("ru-vostochny", first["departed_by"] + hours(70), **BERTH, **(landed or {}))
    brought = events([first, landing], [voyage(first, landing)], flag="PW", mmsi=DELIVERY["mmsi"])
    left = landing["arrived_by"] + hours(24 * days)
    before = port_call("cn-weihai", left - hours(200), 24)
    loading = port_call("ru-vostochny", left - hours(40), 40, **berth)
    there = port_call(to, left + hours(60))
    calls = [before, loading, there]
    carried = events(
        calls, [voyage(*calls[:2]), voyage(*calls[1:], **draughts)], flag="BZ", mmsi=ONWARD["mmsi"], length_m=length_m
    )
    return fleet([brought, carried])


def onward(happened: Events) -> list[str]:
    alerts = found(happened).alerts
    return alerts.loc[alerts["mmsi"] == ONWARD["mmsi"], "pattern_id"].tolist()


def test_who_sails_on_from_the_same_berth_is_an_alert_that_says_what_speaks_against_it():
    alerts = found(chain(draught_before_m=4.0, draught_m=7.5))

    mine = alerts.alerts[alerts.alerts["mmsi"] == ONWARD["mmsi"]]
    assert mine["pattern_id"].tolist() == ["russian-transshipment"]
    said = set(alerts.evidence.loc[alerts.evidence["alert_id"] == mine["alert_id"].iloc[0], "role"])
    assert {"delivered_from_coal_port", "delivered_at_same_berth", "russian_coal", "first_to_sail_on"} <= said
    assert "draught_rose" not in said  # true of every ship that loads there
    assert mine["grade"].iloc[0] != "strong"
    law = alerts.assessments[alerts.assessments["subject_id"] == mine["alert_id"].iloc[0]]
    assert set(law.loc[law["authority"] == "UN", "answer"]) == {"conditional"}
    assert "likeliest" in mine["innocent_explanation"].iloc[0]


@pytest.mark.parametrize(
    ("case", "given"),
    {
        "another berth, and no draught tells": {"berth": NEXT_BERTH},
        "one cell of 0.01 degrees, which has many berths": {"berth": CELL},
        "31 days after": {"days": 31},
        "the first ship came from where no coal is loaded": {"origin": "kp-haeju"},
        "to a Russian port": {"to": "ru-vostochny"},
    }.items(),
)
def test_otherwise_she_carries_russian_coal_and_nothing_is_said(case, given):
    assert onward(chain(**given)) == [], case


def test_of_two_ships_in_one_cell_it_is_not_told_whether_they_lay_at_one_berth():
    loaded = {"landed": FELL, **LOADED}

    assert "delivered_at_another_berth" in roles(chain(berth=NEXT_BERTH, **loaded))
    assert not {"delivered_at_same_berth", "delivered_at_another_berth"} & roles(chain(berth=CELL, **loaded))


def test_what_came_from_rajin_may_be_exempt_and_weighs_less():
    told = found(chain(origin="kp-rajin"))

    (alert,) = told.alerts[told.alerts["mmsi"] == ONWARD["mmsi"]].to_dict("records")
    law = told.assessments[told.assessments["subject_id"] == alert["alert_id"]].set_index("measure_id")["answer"]
    assert alert["grade"] == "weak"
    assert "exemption" in alert["innocent_explanation"]
    assert law["un-2371-coal"] == "exempt_possible"


@pytest.mark.parametrize(
    ("home", "says"),
    [({}, "after she left Haeju"), ({"confidence": 2}, "neither her entering nor her leaving"),
     ({"told": bought_in}, "that only events of Global Fishing Watch tell of")],
)  # fmt: skip
def test_the_headline_says_how_the_call_in_the_north_is_known(home, says):
    (headline,) = barred(after(60, **home))

    assert says in headline


@later
def sailed_between(happened: Events) -> Events:
    """The same with a third ship that sailed on from the berth two days after the delivery."""
    earlier = chain(days=2)
    voyages, calls = earlier[VOYAGE], earlier[PORT_CALL]
    between = voyages[voyages["mmsi"] == ONWARD["mmsi"]].assign(mmsi=1, vessel_id="third")
    third = calls[calls["port_call_id"].isin(between["origin_port_call_id"])].assign(mmsi=1, vessel_id="third")
    return happened.replaced(
        {
            VOYAGE: pd.concat([happened[VOYAGE], between.tail(1)], ignore_index=True),
            PORT_CALL: pd.concat([happened[PORT_CALL], third], ignore_index=True),
        }
    )


def test_a_second_ship_from_the_berth_weighs_less_than_the_first():
    happened = chain(days=12)

    def score(happened: Events) -> tuple[float, set]:
        alerts = found(happened)
        mine = alerts.alerts[alerts.alerts["mmsi"] == ONWARD["mmsi"]].iloc[0]
        said = alerts.evidence.loc[alerts.evidence["alert_id"] == mine["alert_id"], "role"]
        return mine["score"], set(said)

    (alone, _), (after, roles_after) = score(happened), score(sailed_between(happened))

    assert alone - after == 1
    assert "others_sailed_on" in roles_after
    said = found(sailed_between(chain(days=12))).evidence.set_index("role")["statement"]
    assert said["others_sailed_on"] == "2 ships have sailed abroad from that berth since, she among them."


def test_who_had_sailed_before_the_other_came_carries_nothing_of_hers():
    happened = chain(days=6)
    voyages = happened[VOYAGE]
    early = voyages["mmsi"] == DELIVERY["mmsi"]
    later = voyages.assign(arrived_at=voyages["arrived_at"].mask(early, voyages["arrived_at"] + hours(24 * 9)))

    assert onward(happened) == ["russian-transshipment"]
    assert onward(happened.replaced({VOYAGE: later})) == []


def test_only_ships_asked_for_have_alerts_and_the_others_are_there_for_what_they_brought():
    happened = chain()

    alerts = found(happened, of=[ONWARD["mmsi"]]).alerts

    assert alerts["mmsi"].tolist() == [ONWARD["mmsi"]]


LOADED = {"draught_before_m": 4.0, "draught_m": 7.5}
FELL = {"draught_in_m": 7.5, "draught_out_m": 3.6}
SIXTY, MET, CHAIN, AT_ANOTHER = after(60), meeting(), chain(), chain(berth=NEXT_BERTH, landed=FELL, **LOADED)
IN_TWELVE_DAYS = chain(days=12)
OTHERS_TOO = sailed_between(IN_TWELVE_DAYS)
TRIED = {
    "called_in_dprk": (SIXTY, MET),
    "called_in_dprk_low_confidence": (after(60, confidence=2), SIXTY),
    "straight_from_dprk": (events(*direct_call(origin="kp-haeju", destination="kr-incheon")), SIXTY),
    "met_ship_from_dprk": (MET, SIXTY),
    "met_ship_from_dprk_too": (meeting(port_call("kp-haeju", at("2019-02-20"), 48)), MET),
    "delivered_from_coal_port": (CHAIN, chain(origin="kp-rajin")),
    "dprk_call_bought_in": (after(60, told=bought_in), SIXTY),
    "delivered_from_rajin": (chain(origin="kp-rajin"), CHAIN),
    "delivered_at_another_berth": (AT_ANOTHER, CHAIN),
    "delivered_at_same_berth": (CHAIN, AT_ANOTHER),
    "delivery_landed": (chain(landed=FELL), CHAIN),
    "first_to_sail_on": (IN_TWELVE_DAYS, OTHERS_TOO),
    "others_sailed_on": (OTHERS_TOO, IN_TWELVE_DAYS),
    "larger_than_what_was_brought": (chain(length_m=185.0), CHAIN),
    "loaded_where_coal_is_russian": (chain(**LOADED), CHAIN),
    "delivered_long_before": (chain(days=16), IN_TWELVE_DAYS),
    "russian_coal": (CHAIN, events(*direct_call("2019-05-01"))),
}
roles_once = cache(roles)


@pytest.mark.parametrize("role", TRIED)
def test_each_role_is_there_where_its_condition_holds_and_not_beside_it(role):
    fires, silent = map(roles_once, TRIED[role])

    assert role in fires
    assert role not in silent
