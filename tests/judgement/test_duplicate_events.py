"""One voyage told by our positions and by a provider is one alert, and ours; its terms travel with it."""

from dataclasses import replace
from itertools import chain

from pipeline.contracts import PORT_CALL, VOYAGE
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.as_of import as_known
from pipeline.judgement.duplicate_events import find_duplicates
from tests.judgement.sea import (
    ZONES,
    at,
    bought_in,
    direct_call,
    events,
    knowing,
    open_call,
    port_call,
    voyage,
    without_law,
)  # fmt: skip
from tests.sea import LIMITS

KNOWLEDGE = knowing(without_law())
LEFT = "2020-12-10"


def together(*tellings, **ship):
    """Events of one ship from several pairs of calls and voyages."""
    return events(*([*chain(*rows)] for rows in zip(*tellings, strict=True)), **ship)


def theirs(left=LEFT, **given):
    return tuple(map(bought_in, direct_call(left, **given)))


def alerts(happened, knowledge=KNOWLEDGE):
    return find_alerts(happened, knowledge, synthetic=False).alerts


def test_of_one_voyage_told_twice_ours_is_the_alert():
    ours = direct_call(LEFT)

    (alert,) = alerts(together(ours, theirs("2020-12-10T05:00"))).to_dict("records")

    assert alert["voyage_id"] == ours[1][0]["voyage_id"]
    assert alert["licence"] == "for no trade"  # what the provider saw is evidence of it


def test_voyages_that_do_not_overlap_are_two_alerts():
    found = alerts(together(direct_call(LEFT), theirs("2020-12-25")))

    assert len(found) == 2
    assert sorted(found["licence"].fillna("none")) == ["for no trade", "none"]


def test_a_voyage_from_another_port_is_another_voyage():
    assert len(alerts(together(direct_call(LEFT), theirs(origin="kp-rajin")))) == 1
    assert len(alerts(together(direct_call(LEFT, origin="kp-rajin"), theirs()))) == 1


def test_another_hull_on_the_same_mmsi_is_no_twin():
    calls, voyages = theirs()
    other = {"vessel_id": "gfw-441000001"}
    told = ([call | other for call in calls], [passage | other for passage in voyages])

    assert len(alerts(together(direct_call(LEFT), told))) == 2


def test_a_visit_of_years_that_a_provider_tells_is_no_twin_of_the_calls_in_it():
    ours, theirs = port_call("cn-weihai", at("2020-12-10")), port_call("cn-weihai", at("2011-12-10"), 24 * 3650)

    twins = [
        find_duplicates(PORT_CALL, events([ours, *bought_in([theirs | {"implausible_stay": years}])])[PORT_CALL], ZONES)
        for years in (False, True)
    ]

    assert [len(found) for found in twins] == [1, 0]


UNNUMBERED = {"vessel_id": "mmsi-441000001", "imo": None}
HAO_FAN_6 = {"vessel_id": "imo-8628597", "imo": 8628597}  # listed by the UN since October 2017


def as_hull(rows, hull):
    return tuple([row | hull for row in of_kind] for of_kind in rows)


def test_where_ours_heard_no_number_it_is_one_alert_and_ours():
    numbered = {"vessel_id": "imo-2990027", "imo": 2990027}
    ours = as_hull(direct_call(LEFT), UNNUMBERED)

    found = find_alerts(together(ours, as_hull(theirs(), numbered)), KNOWLEDGE, synthetic=False)

    assert found.alerts["voyage_id"].tolist() == [ours[1][0]["voyage_id"]]
    assert "seen_by_provider_voyage" in set(found.evidence["role"])


def test_unless_the_number_that_only_the_provider_knows_is_on_a_list():
    told = together(as_hull(direct_call(LEFT), UNNUMBERED), as_hull(theirs(), HAO_FAN_6))

    found = alerts(told)

    assert sorted(found["imo"].fillna(0)) == [0, 8628597]


def test_a_listed_number_that_only_the_provider_knows_weighs_less_and_says_so():
    theirs_alone = find_alerts(together(as_hull(theirs(), HAO_FAN_6)), KNOWLEDGE, synthetic=False)
    ours = find_alerts(together(as_hull(direct_call(LEFT), HAO_FAN_6)), KNOWLEDGE, synthetic=False)

    said = theirs_alone.evidence.set_index("role")
    assert "listed" in said.index
    assert said["weight"]["listed_number_not_heard"] < 0
    assert "listed" in set(ours.evidence["role"])
    assert "listed_number_not_heard" not in set(ours.evidence["role"])


def test_two_numbers_on_one_mmsi_are_no_twins():
    numbered = {"vessel_id": "imo-2990027", "imo": 2990027}

    assert len(alerts(together(as_hull(direct_call(LEFT), numbered), as_hull(theirs(), HAO_FAN_6)))) == 2


def test_a_voyage_of_ours_that_has_not_ended_does_not_silence_one_that_has():
    calls, voyages = direct_call(LEFT)
    nothing = dict.fromkeys(("arrived_at", "hours", "destination_port_call_id", "destination_zone_id"))
    under_way = (calls[:1], [voyages[0] | nothing | dict.fromkeys(("destination_port", "destination_country"))])

    (alert,) = alerts(together(under_way, theirs())).to_dict("records")

    assert alert["voyage_id"].startswith("gfw-")


def test_our_own_voyage_elsewhere_silences_what_the_provider_takes_for_a_direct_call():
    elsewhere = direct_call(LEFT, destination="cn-shanghai")  # receives no coal

    assert alerts(together(elsewhere, theirs())).empty


def test_a_call_of_ours_that_goes_on_is_the_twin_of_one_that_ended():
    own = open_call("cn-dalian", at("2020-12-11"))
    told = bought_in([port_call("cn-dalian", at("2020-12-11T02:00"))])

    twins = find_duplicates(PORT_CALL, events([own, *told])[PORT_CALL], ZONES)

    assert twins[["own_id", "provider"]].to_numpy().tolist() == [[own["port_call_id"], "gfw"]]


def test_a_bought_call_that_a_bought_voyage_led_to_is_no_alert_of_its_own():
    found = alerts(together(theirs(), mmsi=445000001, flag="KP"))

    assert found["pattern_id"].tolist() == ["direct-call"]


def test_a_call_before_in_no_zone_of_ours_is_named_as_the_provider_names_it():
    busan = port_call("kr-incheon", at("2020-12-01")) | {"zone_id": None, "port": "BUSAN", "country": "KR"}
    call = port_call("cn-dalian", at("2020-12-11"))
    calls, voyages = bought_in([busan, call]), bought_in([voyage(busan, call)])

    told = find_alerts(events(calls, voyages, mmsi=445000001, flag="KP"), KNOWLEDGE, synthetic=False)

    said = told.evidence.set_index("role")["statement"]
    assert said["came_from_elsewhere"] == "Her call before was at BUSAN (KR), outside North Korea."


def test_an_event_bought_in_was_not_known_before_it_ended():
    happened = together(theirs())  # at Dalian from the 11th to the 13th

    assert as_known(happened, at("2020-12-13"), LIMITS)[VOYAGE].empty
    assert len(as_known(happened, at("2020-12-14"), LIMITS)[VOYAGE]) == 1


def test_what_a_provider_calls_a_hull_stays_known_in_hindsight():
    happened = together(theirs(), mmsi=445000001, flag="KP", imo=9004700)
    unheard = replace(happened.made, identities=happened.identities.iloc[:0])

    then = as_known(unheard, at("2021-02-01"), LIMITS)

    assert then.vessels["flag"].tolist() == ["KP"]
    assert then[VOYAGE]["imo"].tolist() == [9004700]
