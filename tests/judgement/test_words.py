"""What an alert says is computed from its evidence: no word of it contradicts a piece, whatever comes together."""

from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from pipeline.errors import InputError
from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.evidence import check_roles, load_weights
from pipeline.judgement.patterns import load_patterns
from tests.judgement.sea import (
    LISTED_COAL_SHIP,
    at,
    direct_call,
    events,
    fleet,
    hours,
    port_call,
    real_knowledge,
    voyage,
    without_law,
)

ORIGIN = {"none": {}, "up": (4.0, 8.1), "down": (8.1, 4.0), "same": (6.0, 6.1)}
CALL = {
    "none": {}, "up": {"draught_in_m": 4.0, "draught_out_m": 8.0}, "down": {"draught_in_m": 8.0, "draught_out_m": 4.0},
    "same": {"draught_in_m": 8.0, "draught_out_m": 8.0},
}  # fmt: skip
AT_ORIGIN = "draught reported before and after the stay at"


def passages():
    """Direct calls in every combination of what draughts, ship, berth and stay can show."""
    ships = product(
        ORIGIN, CALL, (70, 80), (48, 9), ("kp-nampo-coal", "kp-taedong"), ("cn-dalian", "cn-dalian-anchorage")
    )
    for origin, there, ship_type, stay, berth, landing in ships:
        given = dict(zip(("draught_before_m", "draught_m"), ORIGIN[origin], strict=False))
        calls, voyages = direct_call("2018-06-01", berth, landing, stay, **given)
        calls[1] |= CALL[there]
        yield events(calls, voyages, ship_type=ship_type)


def calls_abroad():
    """Calls of North Korean ships in every combination of draught, place, and port before."""
    for zone, there, before in product(
        ("cn-weihai", "cn-dalian-anchorage"), CALL, (None, "kp-haeju", "kp-nampo-coal", "kp-rajin", "cn-shanghai")
    ):
        call = port_call(zone, at("2018-06-01")) | CALL[there]
        came = [port_call(before, call["arrived_by"] - hours(120))] if before else []
        yield events([*came, call], [voyage(came[0], call)] if before else [], mmsi=445000001, flag="KP")


@cache
def told(kind: str) -> AlertFrames:
    ships = list({"passages": passages, "calls": calls_abroad}[kind]())
    return find_alerts(fleet(ships), without_law(), synthetic=False)


def each(kind: str, pattern_id: str):
    found = told(kind)
    said = found.evidence.groupby("alert_id").agg({"role": set, "statement": " ".join})
    alerts = found.alerts[found.alerts["pattern_id"] == pattern_id].set_index("alert_id").join(said)
    assert len(alerts) > 20
    return alerts.to_dict("records")


@pytest.mark.long
def test_a_draught_is_missing_exactly_where_no_evidence_gives_it():
    for alert in each("passages", "direct-call"):
        given = alert["role"] & {"draught_rose", "draught_fell", "draught_unchanged"}
        assert bool(given) == ("m on arrival" in alert["statement"].split("At Dalian")[0])
        assert (f"{AT_ORIGIN} Nampo-Coal" in alert["missing_evidence"] or f"{AT_ORIGIN} Taedong" in
                alert["missing_evidence"]) is not bool(given)  # fmt: skip
        landed = alert["role"] & {"discharged", "discharged_after_unchanged", "cargo_not_landed"}
        assert (f"{AT_ORIGIN} Dalian" in alert["missing_evidence"]) is not bool(landed)


def test_no_headline_speaks_of_a_coal_voyage_against_its_own_evidence():
    coal = 0
    for alert in each("passages", "direct-call"):
        against = alert["role"] & {"draught_fell", "tanker", "stay_too_short"}
        assert ("consistent with a coal voyage" in alert["headline"]) is not bool(against)
        coal += not against
        if "draught_fell" in alert["role"] and "tanker" not in alert["role"]:
            assert "inbound cargo landed at" in alert["headline"]
    assert coal


def test_no_innocent_explanation_has_her_in_ballast_under_a_draught_that_rose():
    for alert in each("passages", "direct-call"):
        if "draught_rose" in alert["role"]:
            assert "in ballast" not in alert["innocent_explanation"]


def test_a_call_before_is_missing_exactly_where_none_is_named():
    for alert in each("calls", "dprk-flag-at-receiving-port"):
        named = "Her call before was at" in alert["statement"]
        assert ("er call before this one" in alert["missing_evidence"]) is not named
        assert ("is not AIS-reported" in alert["headline"]) is not named
        given = alert["role"] & {"landed_at_call", "loaded_abroad", "nothing_landed"}
        assert (AT_ORIGIN in alert["missing_evidence"]) is not bool(given)


def test_a_flag_alone_is_weak_and_a_clear_landing_is_moderate_unless_something_explains_it():
    for alert in each("calls", "dprk-flag-at-receiving-port"):
        landed = "landed_at_call" in alert["role"]
        explained = alert["role"] & {"came_from_elsewhere", "came_from_rajin"}
        if not landed and "came_from_coal_port" not in alert["role"]:
            assert alert["grade"] == "weak"
        if landed and not explained:
            assert alert["grade"] in ("moderate", "strong")


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("draughts", CALL)
@pytest.mark.parametrize("zone", ["cn-shanghai", "cn-dalian-anchorage", "kr-incheon"])
def test_a_ship_under_a_port_entry_ban_in_a_foreign_port_is_moderate_whatever_her_draught(zone, draughts):
    call = port_call(zone, at("2019-05-01")) | CALL[draughts]

    found = find_alerts(events([call], imo=LISTED_COAL_SHIP), without_law(), synthetic=False)

    assert list(found.alerts["grade"]) == ["moderate"]
    assert set(found.evidence["role"]) == {"listed", "port_entry_ban"}


@pytest.mark.parametrize(("closed_to", "barred"), [((), True), (("CN",), True), (("KR",), False)])
def test_a_ban_of_some_countries_ports_says_nothing_of_anothers(closed_to, barred):
    known = without_law()
    lists = known.watchlists
    known = replace(known, watchlists=replace(lists, barred_ports=dict.fromkeys(lists.bars_entry, closed_to)))

    found = find_alerts(events([port_call("cn-shanghai", at("2019-05-01"))], imo=LISTED_COAL_SHIP), known, False)

    assert ("port_entry_ban" in set(found.evidence["role"])) == barred


def test_every_role_speaks_to_some_pattern_and_every_pattern_says_why():
    weights, patterns = load_weights(), load_patterns()

    check_roles(patterns, weights)
    raising = [one for one in patterns.entries.values() if one.raises == "alert"]
    assert set(weights.roles) == {role for one in raising for role in one.evidence}
    assert all(one.question for one in raising)
    cargo_only = {"origin_unknown", "nothing_landed", "anchorage_only_call", "call_draught_unreported"}
    assert not cargo_only & set(patterns.entries["listed-vessel-in-port"].evidence)


def test_a_role_that_is_none_of_the_patterns_event_is_refused():
    patterns = load_patterns()
    wrong = patterns.entries["direct-call"].model_copy(update={"evidence": {"landed_at_call": "why"}})
    patterns.entries["direct-call"] = wrong

    with pytest.raises(InputError, match=r"direct-call\.yaml: evidence\.landed_at_call: .*no such role of a voyage"):
        check_roles(patterns, load_weights())


def test_real_knowledge_names_no_role_that_is_not_there():
    real = real_knowledge()

    check_roles(real.patterns, real.weights)
