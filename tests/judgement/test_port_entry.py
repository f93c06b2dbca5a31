"""What the rules that close ports are asked: calls that AIS reports of the ship herself, and not where a cargo goes."""

from dataclasses import replace
from functools import cache

import pytest

from pipeline.judgement.alerts import Knowledge, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.encounters import BEGAN, her, met, partner
from tests.judgement.sea import direct_call, events, hours, port_call, real_knowledge
from tests.judgement.silences import KOREAN, silence
from tests.judgement.test_dark_calls import HOME
from tests.judgement.test_foreign_stops import ship as lying_at_sea
from tests.judgement.test_foreign_stops import wait
from tests.judgement.test_past import chain

CALLED = events(*direct_call(destination="kr-incheon"))
UNHEARD = silence(then="kr-incheon", ship=KOREAN)
AGAIN = silence(then="kr-incheon", ship=KOREAN, calls=[HOME])
MET = met(her(flag="KP"), partner([port_call("kr-incheon", BEGAN + hours(60))]))
CARRIED_ON = chain(to="kr-incheon")
LAY_OFF = lying_at_sea(wait("KR"))


@cache
def knowledge() -> Knowledge:
    """Real knowledge, and patterns that stand against no measure: what is asked here is what the law answers."""
    real = real_knowledge()
    freed = {name: one.model_copy(update={"stands_against": []}) for name, one in real.patterns.entries.items()}
    return replace(real, patterns=replace(real.patterns, entries=freed))


@pytest.mark.parametrize(
    ("happened", "pattern_id", "answer"),
    [
        (CALLED, "direct-call", "forbidden"),
        (UNHEARD, "dark-call", "conditional"),
        (AGAIN, "dark-call", "forbidden"),
        (MET, "transfer-off-nampo", None),
        (CARRIED_ON, "russian-transshipment", None),
        (LAY_OFF, "direct-call", None),
    ],
    ids=[
        "called in both",
        "unheard before",
        "and called before that",
        "met a ship that went there",
        "carried on from Russia",
        "lay off it",
    ],
)
def test_a_port_is_closed_to_a_ship_that_ais_reports_to_have_called(happened: Events, pattern_id: str, answer):
    told = find_alerts(happened, knowledge(), synthetic=False)
    mine = told.alerts.loc[told.alerts["pattern_id"] == pattern_id, "alert_id"]

    law = told.assessments[told.assessments["subject_id"].isin(mine)].set_index("measure_id")["answer"]

    assert len(mine) == 1
    assert law.get("kr-2016-port-ban") == answer
    assert "un-2371-coal" in law  # what the cargo's way says is another matter
