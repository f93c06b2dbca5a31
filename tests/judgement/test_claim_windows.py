"""Windows of claims do not leak, and what is synthetic never enters what is real."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.judgement.articles import Window
from tests.judgement.claims import EXPECTED, FROM, TO, alert, heard, judged, seen, strong, verdict
from tests.judgement.sea import at, claim, hours

# -------------------------------------------------------------------------------------------------------- windows


def test_a_voyage_across_the_windows_end_is_cut_to_a_departure_and_does_not_count():
    inside = [alert(number, TO - hours(25)) for number in range(2)]
    across = [alert(number, TO - hours(24)) for number in range(2)]

    assert verdict(inside) == "SUPPORTED"
    assert verdict(across) == "INCONCLUSIVE_COVERAGE"


def test_a_call_across_the_windows_end_counts_whatever_its_grade_as_weak():
    def weight(grade: str) -> str:
        row = judged([alert(1, TO - hours(5), grade, voyage_id=None)]).loc[0]
        assert row["alerts_for"] == 1
        return row["reason"].split(",")[0]

    assert weight("strong") == weight("weak")


def test_what_happened_in_the_window_counts_however_late_it_became_known():
    late = [alert(number, FROM + hours(24), known_at=at("2022-01-01")) for number in range(2)]

    assert verdict(late) == "SUPPORTED"
    assert verdict(late, as_of=datetime(2021, 12, 31, tzinfo=UTC)) == "INCONCLUSIVE_COVERAGE"


def test_the_day_asked_for_is_kept():
    assert judged(as_of=datetime(2021, 6, 1, tzinfo=UTC)).loc[0, "as_of"] == at("2021-06-01")


_numbers = st.integers(0, 3)
_inside = st.floats(0, 600)
_relations = st.sampled_from(["supports", "weakens"])
_grades = st.sampled_from(["strong", "moderate", "weak"])


@st.composite
def happened(draw, first: int, starts: st.SearchStrategy[float], **known) -> tuple[list[dict], list[dict]]:
    """Some alerts and observations that begin so many hours after the window's beginning."""
    voyages = [
        alert(first + number, FROM + hours(draw(starts)), draw(_grades), draw(st.floats(1, 100)))
        | ({"voyage_id": None} if draw(st.booleans()) else {})
        | ({"known_at": known["known_at"]} if known else {})
        for number in range(draw(_numbers))
    ]
    documented = [
        seen(first + number, draw(_relations), FROM + hours(draw(starts)), draw(st.floats(0.5, 60)))
        | {"extent": draw(st.sampled_from(["throughout", "somewhere"])), "direct": draw(st.booleans())}
        | ({"published_at": known["known_at"]} if known else {})
        for number in range(draw(_numbers))
    ]
    return voyages, documented


@settings(max_examples=12, deadline=None)
@given(happened(0, _inside), happened(10, st.floats(31 * 24, 3000)), st.sampled_from([0.0, 0.4, 1.0]))
def test_nothing_that_happens_after_a_window_changes_it(before, after, share):
    inside = judged(*before, heard(share), expected_calls_per_month=EXPECTED)

    more = judged(
        before[0] + after[0], before[1] + after[1],
        pd.concat([heard(share), heard(1.0, TO, TO + hours(480))]), expected_calls_per_month=EXPECTED,
    )  # fmt: skip

    assert_frame_equal(inside, more)


@settings(max_examples=12, deadline=None)
@given(happened(0, _inside), happened(10, _inside, known_at=at("2021-09-01")), st.sampled_from([0.0, 0.4, 1.0]))
def test_nothing_that_becomes_known_after_as_of_changes_a_verdict(known, learnt, share):
    as_of = datetime(2021, 8, 31, tzinfo=UTC)
    then = judged(*known, heard(share), as_of, expected_calls_per_month=EXPECTED)

    now = judged(known[0] + learnt[0], known[1] + learnt[1], heard(share), as_of, expected_calls_per_month=EXPECTED)

    assert_frame_equal(then, now)


def test_a_day_of_reception_that_has_not_ended_by_as_of_does_not_count():
    early = judged(coverage=heard(1.0), as_of=datetime(2020, 12, 16, 12, tzinfo=UTC))

    assert early.loc[0, "coverage_share"] == pytest.approx(15 / 31)


def test_a_later_windows_evidence_stays_in_it():
    later = Window(window_id="Wpost", from_at=TO, to_at=at("2021-03-01"), role="context")
    primary = claim().windows
    after = [alert(number, TO + hours(24 * number)) for number in range(3)]

    rows = judged(after, windows=[*primary, later]).set_index("window_id")

    assert rows.loc["W0", "verdict"] == "INCONCLUSIVE_COVERAGE"
    assert rows.loc["Wpost", "verdict"] == "SUPPORTED"


# ------------------------------------------------------------------------------------------------------ synthetic


def test_a_synthetic_article_is_judged_from_synthetic_traffic():
    made_up = [row | {"synthetic": True} for row in strong(3)]

    assert verdict(made_up, coverage=heard(0.9), synthetic=True, of_synthetic=True) == "SUPPORTED"


def test_synthetic_traffic_and_reception_never_enter_a_real_claim():
    made_up = [row | {"synthetic": True} for row in strong(3)]

    real = judged(made_up, coverage=heard(0.9), synthetic=True, expected_calls_per_month=EXPECTED)

    assert_frame_equal(real, judged(expected_calls_per_month=EXPECTED))
