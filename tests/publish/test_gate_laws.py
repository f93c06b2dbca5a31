"""Laws of the gate: whatever the history, in whatever order."""

from __future__ import annotations

import statistics

import pandas as pd
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.publish.coverage import check_coverage
from pipeline.publish.gate import check_days
from tests.publish.landed import NEW, OLD, RULES, WEEKS, day, files, given, judged

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
