"""Alerts as a whole: ids, hashes, the law on their date, and the claims they bear on."""

from copy import deepcopy
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.contracts import ALERT_CLAIM, ALERT_EVIDENCE, LEGAL_ASSESSMENT, PORT_CALL, VOYAGE
from pipeline.judgement.alerts import ALERT_FACTS, AlertFrames, find_alerts
from pipeline.judgement.articles import ClaimSpec, Window
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import (
    LISTED_COAL_SHIP,
    at,
    claim,
    direct_call,
    events,
    gap,
    hours,
    knowing,
    port_call,
    real_knowledge,
    voyage,
    without_law,
)  # fmt: skip

KP_SHIP = {"mmsi": 445000001, "flag": "KP"}
SEVASTOPOL = 9235127
knowledge = cache(real_knowledge)


def found(happened: Events, specs: list[ClaimSpec] = (), synthetic: bool = False) -> AlertFrames:
    return find_alerts(happened, knowing(without_law(), specs=list(specs)), synthetic)


def test_no_events_no_alerts():
    told = found(events([]))

    assert told.alerts.columns.tolist() == ALERT_FACTS.names
    assert (len(told.alerts), len(told.evidence), len(told.assessments), len(told.claims)) == (0, 0, 0, 0)


def test_every_frame_keeps_its_contract_and_the_input_stays_untouched():
    happened = events(*direct_call("2019-05-01"), imo=LISTED_COAL_SHIP)
    before = deepcopy(happened)

    told = find_alerts(happened, knowing(knowledge(), specs=[claim()]), synthetic=False)

    ALERT_FACTS.check(told.alerts)
    ALERT_EVIDENCE.check(told.evidence)
    LEGAL_ASSESSMENT.check(told.assessments)
    ALERT_CLAIM.check(told.claims)
    for name, frame in happened.tables.items():
        assert_frame_equal(frame, before.tables[name])
    assert_frame_equal(happened.vessels, before.vessels)
    assert_frame_equal(happened.identities, before.identities)


def test_the_same_facts_in_another_order_give_the_same_alerts():
    calls, voyages = direct_call()
    more_calls, more_voyages = direct_call("2020-12-25")
    happened = events(calls + more_calls, voyages + more_voyages)
    shuffled = happened.replaced({table: happened[table].iloc[::-1] for table in (VOYAGE, PORT_CALL)})

    once, again = found(happened), found(shuffled)

    assert len(once.alerts) == 2
    by_id = [told.alerts.sort_values("alert_id", ignore_index=True) for told in (once, again)]
    assert_frame_equal(*by_id)


def test_an_alert_keeps_its_id_and_changes_its_hash_when_evidence_is_added():
    calls, voyages = direct_call()
    alone = found(events(calls, voyages)).alerts.iloc[0]

    silence = gap(voyages[0]["departed_at"], 14, "heard_others", known_at=at("2021-03-01"))
    beside = found(events(calls, voyages, [silence])).alerts.iloc[0]

    assert beside["alert_id"] == alone["alert_id"]
    assert beside["evidence_hash"] != alone["evidence_hash"]
    assert beside["known_at"] == at("2021-03-01")
    assert alone["known_at"] == max(call["known_at"] for call in calls)


def test_an_alert_spans_the_voyage_it_rests_on():
    calls, voyages = direct_call()

    alert = found(events(calls, voyages)).alerts.iloc[0]

    assert (alert["began_at"], alert["ended_at"]) == (voyages[0]["departed_at"], voyages[0]["arrived_at"])
    assert (alert["origin_zone_id"], alert["destination_zone_id"]) == ("kp-nampo-coal", "cn-dalian")
    assert (alert["voyage_id"], alert["vessel_name"]) == (voyages[0]["voyage_id"], "MORNING STAR")


def test_a_ship_goes_by_the_name_and_type_she_reported_then():
    happened = events(*direct_call(), flag="KP", mmsi=445000001)
    then = happened.identities.assign(name="OLD NAME", ship_type=80, from_at=at("2020-12-01"))
    later = happened.identities.assign(name="NEW NAME", flag="SL", mmsi=667000001, from_at=at("2021-06-01"))
    renamed = happened.vessels.assign(name="NEW NAME", flag="SL", mmsi=667000001)

    told = found(replace(happened.made, vessels=renamed, identities=pd.concat([then, later])))

    assert told.alerts.loc[0, "vessel_name"] == "OLD NAME"
    assert {"dprk_flag", "tanker"} <= set(told.evidence["role"])


# ------------------------------------------------------------------------------------------------------ the law


def law_of(day: str, authority: str, subject: str = "coal", **given) -> set[str]:
    told = find_alerts(events(*direct_call(day, **given)), knowledge(), synthetic=False)
    rows = told.assessments.merge(knowledge().measures.frame[["measure_id", "subject"]], on="measure_id")
    return set(rows.loc[(rows["authority"] == authority) & (rows["subject"] == subject), "answer"])


def test_the_same_voyage_gets_four_answers_of_the_united_nations_in_four_years():
    days = ("2015-06-01", "2016-03-20", "2017-01-15", "2018-06-01")

    answers = [law_of(day, "UN") for day in days]

    assert answers == [{"none"}, {"conditional"}, {"capped"}, {"forbidden"}]


def test_each_authority_answers_for_itself():
    told = find_alerts(events(*direct_call("2018-06-01")), knowledge(), synthetic=False)

    assert {"UN", "CN", "US", "EU"} <= set(told.assessments["authority"])


def test_china_is_asked_as_of_the_arrival_and_the_united_nations_as_of_the_departure():
    # left before resolution 2371 and before China's ban of 15 August 2017, arrived after both
    told = find_alerts(events(*direct_call("2017-08-04", passage=288)), knowledge(), synthetic=False)
    law = told.assessments.set_index("measure_id")
    voyages = told.alerts.iloc[0]

    assert law.loc["cn-40-2017-ban", "judged_at"] == voyages["ended_at"]
    assert "un-2371-coal" not in law.index
    assert (law.loc[law["authority"] == "UN", "judged_at"] == voyages["began_at"]).all()


def test_the_law_answers_what_holds_if_she_carried_coal_and_says_so_of_every_direct_call():
    calls, voyages = direct_call("2018-06-01", draught_before_m=6.9, draught_m=3.3)  # an inbound cargo landed
    told = find_alerts(events(calls, voyages, imo=LISTED_COAL_SHIP), knowledge(), synthetic=False)

    rows = told.assessments.merge(knowledge().measures.frame[["measure_id", "subject"]], on="measure_id")
    of_coal = (rows["subject"] == "coal").to_numpy()
    asked = rows["reason"].str.startswith("If what she carried was North Korean coal: ").to_numpy()
    assert (asked == of_coal).all()
    assert 0 < of_coal.sum() < len(rows)
    assert "forbidden" in set(rows.loc[of_coal, "answer"])


def test_the_law_of_coal_is_only_a_condition_where_the_cargo_may_be_any():
    told = find_alerts(events([port_call("cn-weihai", at("2018-06-01"))], **KP_SHIP), knowledge(), synthetic=False)

    rows = told.assessments.merge(knowledge().measures.frame[["measure_id", "subject"]], on="measure_id")
    of_coal = rows[rows["subject"] == "coal"]
    assert {"UN", "CN", "US", "EU"} <= set(of_coal["authority"])
    assert set(of_coal["answer"]) == {"conditional"}
    assert of_coal["reason"].str.startswith("If what she carried was North Korean coal: ").all()


# --------------------------------------------------------------------------------- an alert stands against a measure


def test_a_voyage_of_a_day_without_any_measure_is_recorded_with_the_laws_answer_and_raises_no_alert():
    calls, voyages = direct_call("2015-06-01", draught_before_m=3.5, draught_m=7.6)

    told = find_alerts(events(calls, voyages), knowledge(), synthetic=False)

    assert (len(told.alerts), len(told.evidence), len(told.claims)) == (0, 0, 0)
    assert set(told.assessments["subject_table"]) == {"voyage"}
    assert set(told.assessments["subject_id"]) == {voyages[0]["voyage_id"]}
    assert set(told.assessments["answer"]) == {"none"}
    assert {"UN", "CN", "US", "EU"} <= set(told.assessments["authority"])


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(("day", "raised"), [
    ("2016-03-01", 0), ("2016-03-03", 1),  # resolution 2270
    ("2016-12-15", 1), ("2017-01-15", 1), ("2017-03-01", 1), ("2018-06-01", 1),  # suspended, capped, suspended, banned
])  # fmt: skip
def test_any_measure_in_force_that_day_is_one_to_stand_against(day, raised):
    assert len(find_alerts(events(*direct_call(day)), knowledge(), synthetic=False).alerts) == raised


def test_a_measure_of_one_other_authority_is_enough():
    real = knowledge()
    named = {"un-no-coal-measure", "us-eo-13722-coal", "cn-no-coal-measure"}
    entries = {name: one for name, one in real.measures.entries.items() if name in named}
    few = knowing(real, measures=replace(real.measures, entries=entries))

    told = find_alerts(events(*direct_call("2016-03-20")), few, synthetic=False)

    assert len(told.alerts) == 1
    assert dict(zip(told.assessments["authority"], told.assessments["answer"], strict=True)) == {
        "CN": "none", "US": "conditional",
    }  # fmt: skip


def test_a_north_korean_ship_that_landed_a_cargo_before_any_measure_raises_no_alert():
    landing = {"draught_in_m": 6.9, "draught_out_m": 3.3}
    then, later = (
        find_alerts(events([port_call("cn-weihai", at(day)) | landing], **KP_SHIP), knowledge(), synthetic=False)
        for day in ("2015-06-01", "2018-06-01")
    )

    assert then.alerts.empty
    assert set(then.assessments["subject_table"]) == {"port_call"}
    assert list(later.alerts["grade"]) == ["moderate"]


def test_a_pattern_that_is_only_recorded_covers_no_alert():
    entries = dict(knowledge().patterns.entries)
    entries["direct-call"] = entries["direct-call"].model_copy(update={"stands_against": ["ship_to_ship"]})
    there = knowing(knowledge(), patterns=replace(knowledge().patterns, entries=entries))

    told = find_alerts(events(*direct_call("2019-05-01"), imo=LISTED_COAL_SHIP), there, synthetic=False)

    assert set(told.alerts["pattern_id"]) == {"listed-vessel-in-port"}


def test_a_pattern_that_rests_on_no_measure_raises_alerts_whatever_the_law():
    entries = {
        name: one.model_copy(update={"stands_against": []}) for name, one in knowledge().patterns.entries.items()
    }
    free = knowing(knowledge(), patterns=replace(knowledge().patterns, entries=entries))

    assert len(find_alerts(events(*direct_call("2015-06-01")), free, synthetic=False).alerts) == 1


def test_one_that_stands_against_other_measures_than_those_in_force_raises_none():
    entries = {
        name: one.model_copy(update={"stands_against": ["ship_to_ship"]})
        for name, one in knowledge().patterns.entries.items()
    }
    other = knowing(knowledge(), patterns=replace(knowledge().patterns, entries=entries))

    assert find_alerts(events(*direct_call("2018-06-01")), other, synthetic=False).alerts.empty


# --------------------------------------------------------------------------------------- the claims it bears on


def relations(happened: Events, **given) -> list[tuple[str, str]]:
    rows = found(happened, [claim(**given)]).claims
    return list(zip(rows["relation"], rows["reason"], strict=True))


def test_an_alert_in_the_claims_window_supports_it():
    ((relation, reason),) = relations(events(*direct_call("2020-12-10")))

    assert relation == "supports"
    assert "W0" in reason


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (direct_call("2020-11-10"), "none of the claim's windows admits it"),
        (direct_call("2020-12-31T12:00"), "none of the claim's windows admits it"),  # arrives in January
        (direct_call("2020-12-10", origin="kp-taedong"), "it began elsewhere"),
        (direct_call("2020-12-10", draught_before_m=8.0, draught_m=4.0, stay=9), "what speaks against it"),
    ],
)
def test_an_alert_elsewhere_or_at_another_time_is_only_context(happened, why):
    ((relation, reason),) = relations(events(*happened))

    assert relation == "context"
    assert why in reason


def test_a_pattern_can_weaken_a_claim():
    ((relation, _),) = relations(
        events(*direct_call("2020-12-10")), supporting_patterns=[], weakening_patterns=["direct-call"]
    )

    assert relation == "weakens"


@pytest.mark.parametrize("given", [{"supporting_patterns": []}, {"testability": "N"}, {"testability": "D"}])
def test_a_claim_that_names_no_pattern_or_that_ais_cannot_test_is_not_related(given):
    assert relations(events(*direct_call("2020-12-10")), **given) == []


@pytest.mark.parametrize(
    ("alert", "article", "rows"), [(True, True, 1), (True, False, 0), (False, True, 0), (False, False, 1)]
)
def test_synthetic_alerts_bear_on_synthetic_articles_only_and_real_ones_on_real_ones(alert, article, rows):
    assert len(found(events(*direct_call("2020-12-10")), [claim(synthetic=article)], synthetic=alert).claims) == rows


def test_a_synthetic_alert_says_so():
    assert found(events(*direct_call()), synthetic=True).alerts.loc[0, "synthetic"]


def test_a_voyage_across_the_windows_start_counts_where_the_claim_asks_for_the_landing():
    arriving = Window(window_id="W0", from_at=at("2020-12-10T12:00"), to_at=at("2021-01-01"), role="primary")
    crossing = events(*direct_call("2020-12-10"))

    loaded = relations(crossing, windows=[arriving])
    landed = relations(crossing, windows=[arriving], origins=[], destinations=["CN:receives_coal"])

    assert [relation for relation, _ in loaded + landed] == ["context", "supports"]


# ------------------------------------------------------------------------------------------- negative controls


def test_a_listed_ship_on_an_ordinary_call_in_south_korea_is_context_and_weak():
    # Sevastopol was listed, detained at Busan in 2018 and released: no violation was found
    call = port_call("kr-incheon", at("2022-09-29"))

    told = found(events([call], imo=SEVASTOPOL), [claim(supporting_patterns=["direct-call", "listed-vessel-in-port"])])

    assert list(told.alerts["grade"]) == ["weak"]
    assert list(told.claims["relation"]) == ["context"]


def test_an_oil_tanker_at_the_oil_terminal_is_no_coal_alert():
    # as Koti and Kum Un San 3, December 2017
    call = port_call("kp-nampo-oil", at("2017-12-09"))
    next_call = port_call("cn-dalian", call["departed_by"] + hours(30))

    assert found(
        events([call, next_call], [voyage(call, next_call)], ship_type=80, flag="PA", mmsi=351000001)
    ).alerts.empty


def test_coal_that_china_returned_in_april_2017_supports_nothing():
    # ships left Weihai and Penglai laden for Nampo
    waiting = port_call("cn-weihai", at("2017-04-05"), stay=120, draught_in_m=7.0, draught_out_m=7.0)
    back = port_call("kp-nampo-coal", waiting["departed_by"] + hours(24), draught_in_m=7.0, draught_out_m=3.5)
    april = Window(window_id="W0", from_at=at("2017-03-01"), to_at=at("2017-06-01"), role="primary")
    about_china = claim(
        windows=[april], origins=[], destinations=["CN:receives_coal"],
        supporting_patterns=["direct-call", "dprk-flag-at-receiving-port"],
    )  # fmt: skip

    told = found(events([waiting, back], [voyage(waiting, back)], **KP_SHIP), [about_china])

    assert list(told.alerts["pattern_id"]) == ["dprk-flag-at-receiving-port"]
    assert told.alerts.loc[0, "grade"] == "weak"
    assert "returned_cargo_2017" in set(told.evidence["role"])
    assert list(told.claims["relation"]) == ["context"]
