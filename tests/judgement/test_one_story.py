"""A call that is part of a voyage's story is told with it; one that ended the voyage before is a story of its own."""

import pytest

from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import LISTED_COAL_SHIP, dark_call, draught, events, gap, hours, port_call, voyage, without_law
from tests.judgement.silences import BACK, BEGAN, KOREAN

LISTED = {"imo": LISTED_COAL_SHIP}


def unheard_after(zone: str, **ship) -> Events:
    """A call at which she lands 4 m of draught, then a silence in which she takes on as much, and a call at Weihai."""
    first = port_call(zone, BEGAN - hours(60), 40, draught_in_m=8.0, draught_out_m=4.0)
    then = port_call("cn-weihai", BACK + hours(24), 30, draught_in_m=8.0, draught_in_at=BACK)
    quiet = gap(BEGAN, 46, "heard_others", distance_nm=40.0)
    typed = [draught(BACK, 4.0, 8.0, changed_after=BEGAN, changed_by=BACK)]
    return events([first, then], [voyage(first, then)], [quiet], typed, (), [dark_call(quiet)], **ship)


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (unheard_after("cn-dalian", **KOREAN), ["dark-call", "dprk-flag-at-receiving-port"]),
        (unheard_after("kp-haeju", **LISTED), ["dark-call"]),
    ],
    ids=["landed abroad before it sailed", "sailed from North Korea"],
)
def test_a_dark_call_tells_of_the_call_it_sailed_from_in_north_korea_only(happened: Events, told: list[str]):
    assert sorted(find_alerts(happened, without_law(), synthetic=False).alerts["pattern_id"]) == told
