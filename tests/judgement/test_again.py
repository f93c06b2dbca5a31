"""What is judged again after a change: all that it may bear on, and no more of a long history than of a short one."""

from functools import cache

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline.contracts import DARK_CALL, DRAUGHT_CHANGE, PORT_CALL, VOYAGE
from pipeline.judgement.again import events_to_judge
from pipeline.judgement.alerts import find_alerts
from pipeline.judgement.cases.around import Around
from pipeline.judgement.cases.dark_call import find_dark_call_cases
from pipeline.judgement.cases.registry import judged_tables
from pipeline.limits import load_limits
from tests.judgement.sea import (
    another_imo,
    at,
    dark_call,
    draught,
    events,
    gap,
    hours,
    port_call,
    real_knowledge,
    voyage,
)

SHIP = 441000001
knowledge = cache(real_knowledge)


def shuttle(passages: int) -> list[list[dict]]:
    """Calls and voyages to and fro between Nampo and Dalian, a passage every four days, the draught typed on each."""
    zones = ["kp-nampo-coal", "cn-dalian"]
    calls = [
        port_call(zones[n % 2], at("2018-06-01") + hours(96 * n), port_call_id=f"call-of-{n}", visit_id=f"call-of-{n}")
        for n in range(passages + 1)
    ]
    voyages = [voyage(calls[n], calls[n + 1], voyage_id=f"voyage-{n}") for n in range(passages)]
    light, deep = 4.0, 7.5
    typed = [
        draught(
            calls[n]["departed_by"] + hours(1),
            *((deep, light) if n % 2 else (light, deep)),
            draught_change_id=f"draught-{n}",
        )
        for n in range(passages)
    ]
    return [calls, voyages, [], typed]


def differing(before, after):
    """When the first event began that is in one history only, or otherwise there."""
    begins = []
    for table in judged_tables().values():
        both = pd.concat([before[table], after[table]]).astype(object)
        rows = both[~both.astype("str").duplicated(keep=False)]
        begins += rows[table.span[0]].tolist()
    return min(begins)


def asked_of(before, after):
    since = pd.Series({SHIP: differing(before, after)}).astype("datetime64[us, UTC]")
    return events_to_judge(after, since, [], load_limits())


OPEN = {"departed_after": None, "departed_by": None, "state": "open", "known_at": at("2018-07-20")}
CHANGES = {
    "a new passage": lambda calls, voyages, gaps, typed: (calls[:-1], voyages[:-1], gaps, typed[:-1]),
    "the end of a call": lambda calls, *others: ([*calls[:-1], calls[-1] | OPEN], *others),
    "another berth long ago": lambda calls, *others: (
        [*calls[:4], calls[4] | {"berth_zone_id": "kp-nampo-oil"}, *calls[5:]], *others,
    ),
    "a draught typed late": lambda calls, voyages, gaps, typed: (calls, voyages, gaps, [*typed[:8], *typed[9:]]),
}  # fmt: skip


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_not_judged_again_is_what_a_judgement_from_scratch_says(change):
    history = shuttle(12)
    after, before = events(*history), events(*change(*history))

    asked = asked_of(before, after)
    stood = find_alerts(before, knowledge(), synthetic=False)
    scratch = find_alerts(after, knowledge(), synthetic=False)
    again = find_alerts(after, knowledge(), synthetic=False, asked=asked)

    left = scratch.alerts[~scratch.alerts["alert_id"].isin(again.alerts["alert_id"])]
    as_before = stood.alerts.set_index("alert_id").reindex(left["alert_id"]).reset_index()
    assert len(again.alerts)
    assert_frame_equal(left.reset_index(drop=True), as_before[left.columns.tolist()], check_dtype=False)
    assert_frame_equal(
        again.alerts, scratch.alerts.merge(again.alerts[["alert_id"]])[again.alerts.columns], check_dtype=False
    )


@pytest.mark.parametrize("table", [PORT_CALL, VOYAGE, DRAUGHT_CHANGE])
def test_a_new_passage_after_a_long_history_lets_no_more_be_judged_than_after_a_short_one(table):
    def judged(passages):
        history = shuttle(passages)
        after = events(*history)
        assert len(after[table]) >= passages - 1
        return {name: len(ids) for name, ids in asked_of(events(*CHANGES["a new passage"](*history)), after).items()}

    assert judged(60) == judged(12)
    assert 0 < judged(60)["voyage"] < 6


def test_a_change_at_any_time_has_all_judged_again():
    history = events(*shuttle(12))
    ever = pd.Series([None], index=[SHIP], dtype="datetime64[us, UTC]")

    assert len(events_to_judge(history, ever, [], load_limits())["voyage"]) == 12


def test_where_no_pattern_looks_at_a_ship_nothing_is_judged_again():
    nobody = pd.Series([], index=pd.Index([], dtype="int64"), dtype="datetime64[us, UTC]")

    assert not any(events_to_judge(events(*shuttle(2)), nobody, [], load_limits()).values())


def test_an_mmsi_is_worded_alike_whether_other_changes_have_a_call_near_or_not():
    call = port_call("kp-songnim", at("2018-06-01"))
    tied, untied = (another_imo(call["departed_by"] + hours(after)) for after in (24, 2400))

    said = [find_alerts(events([call], identity_changes=changes), knowledge(), synthetic=False).evidence
            for changes in ([tied], [tied, untied])]  # fmt: skip

    alone, beside = (rows.loc[rows["event_id"] == call["port_call_id"], "statement"].tolist() for rows in said)
    assert alone == beside
    assert f"MMSI {SHIP} called" in alone[0]


def test_a_call_is_judged_again_with_the_possible_call_that_may_cover_it():
    zones = ["kp-nampo-coal", "cn-dalian", "cn-weihai", "cn-dalian"]
    came = [at("2018-06-01"), at("2018-08-01"), at("2018-08-06"), at("2018-08-11")]
    calls = [
        port_call(zone, moment, port_call_id=f"call-{n}", visit_id=f"call-{n}")
        for n, (zone, moment) in enumerate(zip(zones, came, strict=True))
    ]
    silence = gap(at("2018-06-05"), 72, "heard_others")
    history = events(calls, [voyage(*calls[n : n + 2]) for n in range(3)], [silence], dark_calls=[dark_call(silence)])
    since = pd.Series({SHIP: at("2018-08-12")}).astype("datetime64[us, UTC]")

    asked = events_to_judge(history, since, [], load_limits())

    assert "call-1" in asked["port_call"]
    assert asked["dark_call"] == set(history[DARK_CALL]["dark_call_id"])


def test_a_draught_first_seen_several_calls_after_a_silence_is_not_read_as_that_of_her_coming_out_of_it():
    zones = ["cn-dalian", "cn-weihai", "cn-dalian", "cn-weihai"]
    came = [at("2018-06-01"), at("2018-06-10"), at("2018-07-20"), at("2018-09-01")]
    calls = [port_call(zone, moment) for zone, moment in zip(zones, came, strict=True)]
    calls[0] |= {"draught_in_m": 4.0, "draught_in_at": came[0]}
    silence = gap(at("2018-06-05"), 72, "heard_others")
    later, soon = (
        draught(moment, 7.5, 6.0, changed_after=moment - hours(24)) for moment in (at("2018-08-28"), at("2018-06-11"))
    )

    def read(typed):
        history = events(calls, [], [silence], [typed], dark_calls=[dark_call(silence)])
        known = knowledge()
        around = Around(history, known.zones, known.watchlists, known.limits)
        return find_dark_call_cases(around, history[DARK_CALL].index)["draught"].tolist()

    assert read(later) == ["unreported"]
    assert read(soon) == ["rose"]
