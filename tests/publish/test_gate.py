"""What the gate stops and what it lets pass; and the laws that make its answers a function of what has landed."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.errors import InputError
from pipeline.publish.rules import load_gate_rules
from tests.publish.landed import RULES, WEEKS, day, failed_days, given, judged

USUAL = {7 * week: 1000 for week in range(WEEKS)}
TODAY = 7 * WEEKS


def test_a_day_with_nine_tenths_fewer_fixes_than_its_habit_is_coverage_lost():
    found = judged(given({**USUAL, TODAY: 100})).loc[(day(TODAY), "coverage", "all")]

    assert not found["passed"]
    assert (found["found"], found["habit"]) == (100, 1000)
    assert found["reason"] == (
        'coverage lost, which is not "no calls": 100 fixes; '
        "its habit is 1,000 (median of the 8 same weekdays before it)"
    )


def test_a_day_with_one_fix_more_passes():
    assert judged(given({**USUAL, TODAY: 101})).loc[(day(TODAY), "coverage", "all"), "passed"]


def test_a_day_without_any_data_is_lost_where_a_habit_says_there_should_be_some():
    checks = judged(given({**USUAL, TODAY + 1: 5, TODAY + 7: 1000}))

    assert failed_days(checks, "coverage") == [day(TODAY)]
    assert checks.loc[(day(TODAY), "coverage", "all"), "found"] == 0


def test_weekdays_that_never_had_data_have_no_rows():
    checks = judged(given({**USUAL, TODAY: 1000}))

    assert set(checks.index.get_level_values("day")) == {day(7 * week) for week in range(WEEKS + 1)}


def test_the_day_after_the_data_ends_is_not_judged():
    assert not failed_days(judged(given(USUAL)), "coverage")


@pytest.mark.parametrize(("before", "known"), [(3, False), (4, True)])
def test_three_weekdays_are_no_habit_and_four_are(before: int, known: bool):
    found = judged(given({7 * week: 1000 for week in range(before)} | {7 * before: 1})).loc[
        (day(7 * before), "coverage", "all")
    ]

    assert found["passed"] is not known
    assert ("no habit yet (3 of at least 4 same weekdays before it)" in found["reason"]) is not known


def test_lost_days_in_the_habit_do_not_lower_it_until_they_are_its_half():
    lost = {7 * week: 0 if week >= 5 else 1000 for week in range(WEEKS)}

    assert failed_days(judged(given({**lost, TODAY: 100})), "coverage")[-1] == day(TODAY)


def test_a_loss_that_lasts_becomes_the_habit():
    checks = judged(given({**USUAL, **{TODAY + 7 * week: 1 for week in range(8)}}))

    assert failed_days(checks, "coverage") == [day(TODAY + 7 * week) for week in range(5)]


def test_a_hole_of_years_costs_a_row():
    checks = judged(given({**USUAL, TODAY + 7 * 520: 1000}))

    assert failed_days(checks, "coverage") == [day(TODAY)]
    assert checks.loc[(day(TODAY + 7 * 520), "coverage", "all"), "passed"]


def test_one_source_lost_beside_another_holds_the_day_back():
    both = pd.concat([given({**USUAL, TODAY: 10}), given({**USUAL, TODAY: 1000}, "dma")])

    checks = judged(both)

    assert checks.loc[(day(TODAY), "coverage", "all"), "passed"]
    assert failed_days(checks, "source_coverage") == [day(TODAY)]
    assert "10 fixes of noaa; its habit is 1,000" in checks.loc[(day(TODAY), "source_coverage", "noaa"), "reason"]


def test_a_source_that_fell_silent_holds_days_back_for_a_week_and_is_gone_then():
    gone = RULES.coverage.gone_days
    every_day = given(dict.fromkeys(range(TODAY + 30), 1000))
    silent = given(dict.fromkeys(range(TODAY), 1000), "dma")

    checks = judged(pd.concat([every_day, silent]))

    assert failed_days(checks, "source_coverage") == [day(TODAY + n) for n in range(gone)]


def test_a_source_that_comes_back_loses_no_days_that_were_judged_without_it():
    every_day = given(dict.fromkeys(range(TODAY + 30), 1000))
    back = given(dict.fromkeys([*range(TODAY), TODAY + 12], 1000), "dma")

    assert failed_days(judged(pd.concat([every_day, back])), "source_coverage") == [
        day(TODAY + n) for n in [*range(RULES.coverage.gone_days), *range(13, 20)]
    ]


def test_a_source_of_events_has_no_fixes_to_lose():
    events = given(dict.fromkeys(range(0, TODAY + 1, 7), 0), "gfw")

    checks = judged(events)

    assert checks["passed"].all()
    assert set(checks.index.get_level_values("check_name")) == {"coverage"}
    assert "there are no fixes to compare" in checks["reason"].iloc[0]


def test_days_of_events_alone_extend_no_habit_of_positions():
    positions, late = given(USUAL), given({TODAY + 7 * week: 0 for week in (1, 2, 3)}, "gfw")

    alone, both = judged(positions), judged(pd.concat([positions, late]))

    assert failed_days(both, "coverage") == [day(TODAY)]
    assert failed_days(alone, "coverage") == []
    assert both.loc[(day(TODAY + 7), "coverage", "all"), "passed"]


def test_what_comes_late_judges_the_days_that_were_compared_with_it_again():
    before = judged(given({**{7 * week: 0 for week in range(1, WEEKS)}, 0: 1000, TODAY: 50}))
    after = judged(given({**USUAL, TODAY: 50}))

    assert before.loc[(day(TODAY), "coverage", "all"), "passed"]
    assert not after.loc[(day(TODAY), "coverage", "all"), "passed"]


def test_a_threshold_without_a_source_is_refused(tmp_path):
    path = tmp_path / "seeds" / "gate.yaml"
    path.parent.mkdir()
    path.write_text("coverage:\n  weeks: {value: 8}\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"gate.yaml:2: coverage.weeks.source is missing"):
        load_gate_rules(path)
