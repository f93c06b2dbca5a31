"""What the gate stops and what it lets pass; and the laws that make its answers a function of what has landed."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.errors import InputError
from pipeline.plain import records
from pipeline.publish.coverage import check_coverage
from pipeline.publish.file_checks import describe_difference
from pipeline.publish.gate import check_days
from pipeline.publish.promises import reasons_against, stale_sources
from pipeline.publish.rules import load_gate_rules
from pipeline.state.source_days import days_in_name
from tests.publish.landed import RULES, day, failed_days, files, given, judged

WEEKS = RULES.coverage.weeks
USUAL = {7 * week: 1000 for week in range(WEEKS)}
TODAY = 7 * WEEKS


# ---------------------------------------------------------------------------------------------------- coverage


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


# ------------------------------------------------------------------------------------------------------ rejects


def rejecting(*counts: int, **last: object) -> pd.DataFrame:
    told = [{"rejected": count} for count in counts]
    return judged(of_files=files([*told[:-1], {**told[-1], **last}]))


def test_rejects_above_five_times_their_habit_hold_the_day_back():
    found = rejecting(5, 6, 5, 6, 28).loc[(day(4), "rejects", "noaa")]

    assert not found["passed"]
    assert found["reason"] == (
        "too many rejects: 28 of 1,000 rows of AIS_004.csv rejected (2.80%); the habit of the files before it is 0.55%"
    )


@pytest.mark.parametrize(
    "counts",
    [(5, 6, 5, 6, 27), (0, 0, 0, 0, 20), (100, 90, 110, 100, 400), (5, 6, 5, 300)],
    ids=["five times its habit", "two in a hundred", "a bad habit", "no habit yet"],
)
def test_rejects_within_their_habit_pass(counts: tuple[int, ...]):
    assert rejecting(*counts)["passed"].all()


def test_a_handful_of_bad_rows_in_a_small_file_passes():
    assert rejecting(0, 0, 0, 0, 9, rows_read=100)["passed"].all()
    assert not rejecting(0, 0, 0, 0, 10, rows_read=100)["passed"].all()


def test_the_habit_is_of_the_source_alone():
    told = [{"rejected": 0}] * 4 + [{"rejected": 300, "source": "dma"}]

    assert judged(of_files=files(told))["passed"].all()


def test_a_file_of_which_no_row_can_be_used_holds_back_the_day_its_name_tells():
    useless = {"rejected": 1000, "days": False, "from_at": None, "to_at": None}

    checks = judged(of_files=files([{**useless, "name": "AIS_2024_02_05.zip"}, {**useless, "name": "mended.csv"}]))

    assert failed_days(checks, "rejects") == ["2024-02-05"]
    assert (
        checks["reason"].iloc[0].startswith("none of its rows can be used: 1,000 of 1,000 rows of AIS_2024_02_05.zip")
    )


def test_one_whose_name_tells_no_day_is_not_dropped_silently():
    useless = {"rejected": 1000, "days": False, "from_at": None, "to_at": None, "name": "mended-20241399.csv"}

    assert files([useless, {}]).undated["name"].tolist() == ["mended-20241399.csv"]
    assert files([{}]).undated.empty


TORN = {"rows_read": 1, "rejected": 1, "number": 0}


def test_a_torn_line_holds_back_its_day_only_where_no_other_file_of_the_source_can_be_used():
    assert judged(of_files=files([{"number": 0}, TORN]))["passed"].all()
    assert failed_days(judged(of_files=files([TORN])), "rejects") == [day(0)]
    assert failed_days(judged(of_files=files([{"number": 0, "source": "dma"}, TORN])), "rejects") == [day(0)]
    assert failed_days(judged(of_files=files([{"number": 0}, TORN | {"rows_read": 10, "rejected": 10}])), "rejects")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("AIS_2024_02_05.zip", ["2024-02-05"]),
        ("gfw_gaps_2024-02-28_2024-03-01.jsonl", ["2024-02-28", "2024-02-29", "2024-03-01"]),
        ("export_2004-02-28_of_2024-03-01.csv", []),
        ("mended-20241399.csv", []),
    ],
)
def test_a_name_tells_a_day_or_the_span_of_several(name: str, told: list[str]):
    assert days_in_name(name) == told


def test_a_replaced_file_counts_for_nothing():
    told = [*({"rejected": 0} for _ in range(4)), {"rejected": 900, "replaced_by_source_file_id": "file-000"}]

    assert judged(of_files=files(told))["passed"].all()
    assert len(judged(of_files=files(told))) == 4


def test_of_several_files_of_a_day_the_worst_is_told_and_the_others_counted():
    many = [{"rejected": 0}] * 4 + [{"rejected": count, "number": 4} for count in (500, 700, 1)]

    found = judged(of_files=files(many)).loc[(day(4), "rejects", "noaa")]

    assert found["reason"].startswith("too many rejects: 700 of 1,000 rows of AIS_005.csv")
    assert found["reason"].endswith("(and 1 more of its files)")


# ------------------------------------------------------------------------------------------------------- layout

OLD, NEW = "MMSI,LAT,LON,SOG", "MMSI,LON,LAT,speed"


def laid_out(*layouts: str | None) -> pd.DataFrame:
    return judged(of_files=files([{"layout": layout} for layout in layouts]))


def test_columns_that_changed_hold_the_day_back_and_are_named():
    checks = laid_out(OLD, OLD, NEW)

    assert failed_days(checks, "layout") == [day(2)]
    assert checks.loc[(day(2), "layout", "noaa"), "reason"] == (
        "the columns of AIS_002.csv changed: added speed; removed SOG; moved LON, LAT; held back until 4 files in a "
        "row have them"
    )


def test_the_same_columns_pass_and_files_that_name_none_have_no_row():
    assert laid_out(OLD, OLD, OLD)["passed"].all()
    assert "layout" not in laid_out(None, None).index.get_level_values("check_name")


def test_new_columns_are_the_habit_after_three_files_and_one_more_and_release_their_days():
    assert failed_days(laid_out(OLD, NEW, NEW, NEW), "layout") == [day(n) for n in (1, 2, 3)]
    assert failed_days(laid_out(OLD, NEW, NEW, NEW, NEW), "layout") == []
    assert failed_days(laid_out(OLD, NEW, NEW, NEW, NEW, OLD), "layout") == [day(5)]


def test_files_without_columns_between_do_not_end_a_habit():
    assert failed_days(laid_out(OLD, None, OLD, NEW), "layout") == [day(3)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a,b", "a,b,c", "added c"),
        ("a,b,c", "a,c", "removed b"),
        ("a,b", "b,a", "moved b, a"),
        ("a,b", "a,,b", "added (no name)"),
        ("a,a", "a", "some names are repeated differently"),
        ("x", "a,b,c,d,e,f,g,h", "added a, b, c, d, e, f and 2 more; removed x"),
    ],
)
def test_the_difference_of_columns_in_words(before: str, after: str, told: str):
    assert describe_difference(before.split(","), after.split(",")) == told


# --------------------------------------------------------------------------------------------------- promises

FRESH = [
    {"source": source, "synthetic": synthetic, "last_data_at": "2024-06-01T23:59:00Z", "promise_hours": hours}
    for source, synthetic, hours in (("dma", False, 96.0), ("noaa", False, None), ("demo", True, 1.0))
]


GONE = RULES.coverage.gone_days


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_source_is_stale_when_the_day_after_its_last_is_over_and_its_promise_too():
    (stale,) = stale_sources(FRESH, at("2024-06-07T00:01"), GONE)

    assert str(stale) == (
        "dma is older than its promise: its last data is of 2024-06-01, "
        "and the next day was due by 2024-06-07 00:00 UTC (96 hours after its end)"
    )
    assert reasons_against("2024-06-02", records(judged(given({0: 1})).reset_index()), [stale]) == [str(stale)]


def test_before_that_it_is_not_and_days_it_has_given_are_published():
    assert stale_sources(FRESH, at("2024-06-07T00:00"), GONE) == []
    stale = stale_sources(FRESH, at("2024-06-08T23:59"), GONE)
    assert [one.source for one in stale] == ["dma"]
    assert reasons_against("2024-06-01", records(judged(given({0: 1})).reset_index()), stale) == []


def test_a_source_that_is_gone_is_shown_and_holds_back_nothing():
    checks = records(judged(given({0: 1})).reset_index())
    (late,), (gone,) = (stale_sources(FRESH, at(f"2024-06-{moment}"), GONE) for moment in ("08T23:59", "09T00:00"))

    assert reasons_against("2024-06-02", checks, [late]) == [str(late)]
    assert reasons_against("2024-06-02", checks, [gone]) == []
    assert str(gone) == (
        "dma is older than its promise and gone: its last data is of 2024-06-01, more than 7 days ago; "
        "it holds nothing back until it comes back"
    )


def test_a_day_without_landed_data_is_not_published():
    assert reasons_against("2024-06-01", records(judged().reset_index()), []) == ["no data of 2024-06-01 has landed"]


# --------------------------------------------------------------------------------------------------------- laws

histories = st.dictionaries(
    st.tuples(st.sampled_from(["noaa", "dma"]), st.integers(0, 100)), st.sampled_from([0, 1, 9, 10, 100]), max_size=80
)


def frame(history: dict[tuple[str, int], int]) -> pd.DataFrame:
    return pd.concat(
        [given({n: of for (s, n), of in history.items() if s == source}, source) for source in ("noaa", "dma")]
    )


@given_any(histories)
@settings(max_examples=30, deadline=None)
def test_the_habit_is_the_median_of_the_same_weekdays_since_the_first_fix(history: dict[tuple[str, int], int]):
    checks = judged(frame(history))

    fixes: dict[int, int] = {}
    for (_, n), of in history.items():
        fixes[n] = fixes.get(n, 0) + of
    first = min((n for n, of in fixes.items() if of), default=1000)
    heard = {source for (source, _), of in history.items() if of}
    for n, of in fixes.items():
        if not any((source, n) in history for source in heard):
            continue  # a day of sources that never give fixes is compared with nothing
        before = [fixes.get(n - 7 * week, 0) for week in range(1, WEEKS + 1) if n - 7 * week >= first]
        found = checks.loc[(day(n), "coverage", "all")]
        if len(before) < RULES.coverage.least_days:
            assert found["passed"]
            assert pd.isna(found["habit"])
        else:
            assert found["habit"] == statistics.median(before)
            assert found["passed"] == (not found["habit"] or of > 0.1 * found["habit"])


@given_any(histories, st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_changes_nothing(history: dict[tuple[str, int], int], chance):
    told = [{"rejected": chance.choice([0, 5, 50, 1000]), "layout": chance.choice([OLD, NEW])} for _ in range(12)]
    source_days, standing = frame(history), files(told)
    shuffled = source_days.sample(frac=1, random_state=chance.randrange(1000))
    again = files(
        [{**one, "number": n, "source_file_id": f"file-{n:03}"} for n, one in chance.sample([*enumerate(told)], 12)]
    )

    whole = check_days(source_days, standing, RULES)

    assert_frame_equal(
        check_days(shuffled, again, RULES).drop(columns="reason"), whole.drop(columns="reason"), obj="day_check"
    )


@given_any(histories, st.integers(0, 100), st.integers(1, 1000))
@settings(max_examples=30, deadline=None)
def test_more_fixes_never_fail_a_day_that_passed(history: dict[tuple[str, int], int], n: int, more: int):
    before = check_coverage(frame(history), RULES.coverage)
    after = check_coverage(frame({**history, ("noaa", n): history.get(("noaa", n), 0) + more}), RULES.coverage)

    of_day = before[(before["day"] == day(n)) & before["passed"]]
    assert after.merge(of_day[["day", "subject"]])["passed"].all()


@given_any(histories, st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_no_day_with_data_is_judged_by_what_comes_after_it(history: dict[tuple[str, int], int], cut: int):
    early = frame({key: of for key, of in history.items() if key[1] <= cut})

    before, whole = (check_coverage(told, RULES.coverage) for told in (early, frame(history)))

    landed = before[before["found"] > 0].reset_index(drop=True)
    assert_frame_equal(landed[["day", "subject"]].merge(whole)[landed.columns], landed)


def test_a_threshold_without_a_source_is_refused(tmp_path):
    path = tmp_path / "seeds" / "gate.yaml"
    path.parent.mkdir()
    path.write_text("coverage:\n  weeks: {value: 8}\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"gate.yaml:2: coverage.weeks.source is missing"):
        load_gate_rules(path)
