"""The reach of patterns: what a bare event shows is enough to leave most ships unasked, and never hides a match."""

from functools import cache

import pytest

from pipeline.judgement.cases.around import Around
from pipeline.judgement.cases.events import Events
from pipeline.judgement.cases.registry import kinds
from pipeline.judgement.patterns import find_matches
from pipeline.judgement.reach import Reach
from pipeline.limits import load_limits
from tests.judgement.sea import LISTED_COAL_SHIP, ZONES, at, direct_call, events, fleet, port_call, real_knowledge

knowledge = cache(real_knowledge)
KP = {"mmsi": 445000001, "flag": "KP"}
SHIPS = {
    "coal": lambda: events(*direct_call()),
    "coal from the basin": lambda: events(*direct_call(origin="kp-taedong")),
    "rajin": lambda: events(*direct_call(origin="kp-rajin", destination="ru-vostochny")),
    "flag": lambda: events([port_call("cn-dalian", at("2020-12-10"))], **KP),
    "listed": lambda: events([port_call("kp-haeju", at("2020-12-10"))], imo=LISTED_COAL_SHIP),
    "oil": lambda: events(*direct_call(origin="kp-nampo-oil")),
    "ordinary": lambda: events(*direct_call(origin="cn-weihai", destination="cn-dalian")),
}


def reach() -> dict[str, Reach]:
    return dict(zip(knowledge().patterns.entries, knowledge().reach, strict=True))


def matches(happened: Events) -> dict[str, set[str]]:
    """Ids of the events that each pattern matches when every event is looked at."""
    around = Around(happened, ZONES, knowledge().watchlists, load_limits())
    cases = {name: kind.find(around, happened[kind.table].index) for name, kind in kinds().items()}
    return {name: set(rows["event_id"]) for name, rows in find_matches(cases, knowledge().patterns).items()}


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("ship", SHIPS)
def test_no_match_lies_outside_its_patterns_reach(ship):
    happened = fleet([SHIPS[ship]()])

    found = matches(happened)

    for name, of_pattern in reach().items():
        rows = happened[of_pattern.table]
        within = rows.loc[of_pattern.admits(happened)].iloc[:, 0]
        assert found[name] <= set(within)
    assert any(found.values()) == (ship not in ("oil", "ordinary"))


@pytest.mark.parametrize("ship", ["oil", "ordinary"])
def test_ships_that_no_pattern_can_match_are_outside_every_reach(ship):
    happened = SHIPS[ship]()

    assert not any(of_pattern.admits(happened).any() for of_pattern in reach().values())


def test_a_pattern_reaches_what_its_conditions_name():
    found = reach()

    assert set(found["direct-call"].zone_ids) == {"kp-taedong", "kp-nampo", "kp-nampo-coal", "kp-songnim"}
    assert found["rajin-transit"].zone_ids == ["kp-rajin"]
    assert found["dprk-flag-at-receiving-port"].flags == ["KP"]
    assert LISTED_COAL_SHIP in found["listed-vessel-in-port"].imos
    assert found["listed-vessel-in-port"].zone_ids is None
