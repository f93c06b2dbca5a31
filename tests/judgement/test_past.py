"""What happened before: a call in North Korea within 180 days, and what another ship brought to a Russian berth."""

import pytest

from pipeline.contracts import PORT_CALL, VOYAGE
from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import at, direct_call, events, fleet, hours, port_call, real_knowledge, voyage

BERTH = {"stop_longitude": 133.05, "stop_latitude": 42.74}
NEXT_BERTH = {"stop_longitude": 133.05, "stop_latitude": 42.76}
DELIVERY = {"mmsi": 511100001, "flag": "PW"}
ONWARD = {"mmsi": 312000002, "flag": "BZ"}


def found(happened: Events, **given) -> AlertFrames:
    return find_alerts(happened, real_knowledge(), synthetic=False, **given)


def patterns(happened: Events) -> list[str]:
    return found(happened).alerts["pattern_id"].tolist()


def roles(happened: Events) -> set[str]:
    return set(found(happened).evidence["role"])


# ------------------------------------------------------------------------------------------------ 180 days
def after(days: float, home: str = "kp-haeju", there: str = "kr-incheon", **ship) -> Events:
    """A call in North Korea, one in China, and `days` after the first one a call elsewhere."""
    first = port_call(home, at("2019-03-01"))
    between = port_call("cn-weihai", first["departed_by"] + hours(30))
    last = port_call(there, first["departed_after"] + hours(24 * days))
    calls = [first, between, last]
    return events(calls, [voyage(*calls[:2]), voyage(*calls[1:])], flag="BZ", **ship)


def test_a_call_in_south_korea_within_180_days_of_one_in_the_north_is_an_alert():
    alerts = found(after(60))

    assert alerts.alerts["pattern_id"].tolist() == ["called-within-180-days"]
    assert "60 days after she left Haeju in North Korea" in alerts.alerts["headline"].iloc[0]
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


def test_a_voyage_straight_from_a_coal_port_is_told_by_the_direct_call_alone():
    assert patterns(events(*direct_call("2019-05-01", destination="kr-incheon"))) == ["direct-call"]


# ------------------------------------------------------------------------------------ by way of a Russian port
def chain(*, days: float = 6, berth: dict = BERTH, origin: str = "kp-nampo-coal", to: str = "kr-incheon", **draughts):
    """A ship from North Korea to Vostochny, and another that sails on from there `days` after she arrived."""
    first = port_call(origin, at("2017-08-20"))
    landing = port_call("ru-vostochny", first["departed_by"] + hours(70), **BERTH)
    brought = events([first, landing], [voyage(first, landing)], flag="PW", mmsi=DELIVERY["mmsi"])
    left = landing["arrived_by"] + hours(24 * days)
    before = port_call("cn-weihai", left - hours(200), 24)
    loading = port_call("ru-vostochny", left - hours(40), 40, **berth)
    there = port_call(to, left + hours(60))
    calls = [before, loading, there]
    carried = events(calls, [voyage(*calls[:2]), voyage(*calls[1:], **draughts)], flag="BZ", mmsi=ONWARD["mmsi"])
    return fleet([brought, carried])


def onward(happened: Events) -> list[str]:
    alerts = found(happened).alerts
    return alerts.loc[alerts["mmsi"] == ONWARD["mmsi"], "pattern_id"].tolist()


def test_who_sails_on_from_the_same_berth_is_an_alert_that_says_what_speaks_against_it():
    alerts = found(chain(draught_before_m=4.0, draught_m=7.5))

    mine = alerts.alerts[alerts.alerts["mmsi"] == ONWARD["mmsi"]]
    assert mine["pattern_id"].tolist() == ["russian-transshipment"]
    said = set(alerts.evidence.loc[alerts.evidence["alert_id"] == mine["alert_id"].iloc[0], "role"])
    assert {"delivered_from_coal_port", "delivered_at_same_berth", "russian_coal", "draught_rose"} <= said
    law = alerts.assessments[alerts.assessments["subject_id"] == mine["alert_id"].iloc[0]]
    assert set(law.loc[law["authority"] == "UN", "answer"]) == {"conditional"}
    assert "likeliest" in mine["innocent_explanation"].iloc[0]


@pytest.mark.parametrize(
    ("case", "given"),
    {
        "another berth, and no draught tells": {"berth": NEXT_BERTH},
        "31 days after": {"days": 31},
        "the first ship came from where no coal is loaded": {"origin": "kp-haeju"},
        "to a Russian port": {"to": "ru-vostochny"},
    }.items(),
)
def test_otherwise_she_carries_russian_coal_and_nothing_is_said(case, given):
    assert onward(chain(**given)) == [], case


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
