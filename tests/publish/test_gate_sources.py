"""What the gate asks of files and sources: rows rejected, columns changed, promises not kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from pipeline.plain import records
from pipeline.publish.file_checks import describe_difference
from pipeline.publish.promises import reasons_against, stale_sources
from pipeline.state.source_days import days_in_name
from tests.publish.landed import NEW, OLD, RULES, day, failed_days, files, given, judged

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
