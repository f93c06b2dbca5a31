"""What a ship's period comes to: which answer weighs most, and how well she was heard."""

from datetime import datetime

import pytest

from pipeline.judgement.screening import (
    CALLED,
    MET,
    MET_POSSIBLE,
    NONE,
    NOT_HEARD,
    POSSIBLE,
    answer_of,
    heard_in,
    period_before,
    rests_on,
)
from pipeline.plain import Record

CALL, DARK = {"what": "call"}, {"what": "possible call"}
HEARD = {"days_heard": 3, "hours_heard": 60.0, "silence": None}
JUNE = {"first_day": "2018-06-01", "last_day": "2018-06-10", "days_with_data": 10, "days_heard_in_kp": 2}


def met(*stays, context=None) -> Record:
    return {"other_stays": list(stays), "context": context}


@pytest.mark.parametrize(
    ("stays", "meetings", "answer"),
    [
        ([DARK, CALL], [met(CALL)], CALLED),
        ([DARK], [met(CALL)], POSSIBLE),
        ([], [met(DARK), met(CALL)], MET),
        ([], [met(), met(DARK)], MET_POSSIBLE),
        ([], [met()], NONE),
        ([], [met(CALL, context="at_berth")], NONE),
        ([], [], NONE),
    ],
)
def test_what_weighs_most_is_the_answer(stays, meetings, answer):
    assert answer_of(stays, meetings, HEARD) == answer


def test_nothing_found_of_a_ship_that_was_not_heard_is_no_no():
    assert answer_of([], [], HEARD | {"days_heard": 0}) == NOT_HEARD
    assert answer_of([CALL], [], HEARD | {"days_heard": 0}) == CALLED  # a provider reported it


def track(first, last, number=1):
    return {"track_id": f"1-{number}", "from_at": f"2018-06-{first}:00Z", "to_at": f"2018-06-{last}:00Z"}


def gap(first, last, number=1, reception="heard_others", tested=5, heard=4):
    return {
        "track_id": f"1-{number}", "began_at": f"2018-06-{first}:00Z", "ended_at": last and f"2018-06-{last}:00Z",
        "reception": reception, "hours_tested": tested, "hours_heard": heard, "receiver": "terrestrial",
    }  # fmt: skip


def test_hours_in_silences_are_not_heard_and_the_longest_is_told_with_who_was_heard():
    found = heard_in(
        [track("01T00:00", "10T23:00")],
        [gap("03T12:00", "05T12:00"), gap("07T00:00", "07T10:00")],
        JUNE,
    )

    assert found["days_heard"] == 9  # all but 4 June
    assert found["hours_heard"] == 239 - 48 - 10
    assert found["silence"]["hours"] == 48
    assert found["silence"]["reception"] == "heard_others"
    assert "others were heard there (4 of 5 hours tested)" in found["silence"]["in_words"]


def test_what_one_mmsi_is_silent_another_may_be_heard():
    alone = [track("01T00:00", "11T00:00")]
    found = heard_in([*alone, track("03T00:00", "06T00:00", 2)], [gap("03T12:00", "05T12:00")], JUNE)

    assert found == {"days_heard": 10, "hours_heard": 240.0, "silence": None}
    assert heard_in(alone, [], JUNE)["silence"] is None


def test_silence_before_and_after_she_was_heard_counts():
    late, early = (
        heard_in([track("08T00:00", "09T00:00")], [], JUNE),
        heard_in([track("01T00:00", "02T00:00")], [], JUNE),
    )
    still = heard_in([track("01T00:00", "02T00:00")], [gap("02T00:00", None, reception="not_heard", tested=0)], JUNE)

    assert (late["silence"]["hours"], early["silence"]["hours"]) == (7 * 24, 9 * 24)
    assert "before she was first heard" in late["silence"]["in_words"]
    assert "to the end of the data; hardly anybody" in still["silence"]["in_words"]


def test_a_fix_alone_between_two_silences_is_a_day_on_which_she_was_heard():
    silences = [gap("01T00:00", "04T06:00"), gap("04T06:00", "10T00:00")]

    assert heard_in([track("01T00:00", "10T00:00")], silences, JUNE)["days_heard"] == 3


def test_without_data_nobody_was_heard():
    none = JUNE | {"first_day": None, "last_day": None}

    assert heard_in([], [], none) == {"days_heard": 0, "hours_heard": 0.0, "silence": None}


def test_a_no_says_what_it_rests_on():
    period = period_before(datetime(2018, 6, 10), 180)

    assert period == ("2017-12-12", "2018-06-10", "2018-06-11", 181)
    said = rests_on(NONE, HEARD, JUNE, period, in_reach=2)
    assert said.startswith(
        "She was heard on 3 of 181 days (60 h); 2 of her silences left time for a call in North Korea"
    )
    assert "ships were heard in North Korean waters on 2 of them; of the other 171 nothing is known." in said
    assert "not heard in this period at all" in rests_on(NOT_HEARD, HEARD, JUNE, period)


def test_days_without_data_are_told_with_the_silence_of_the_others():
    heard = HEARD | {"silence": {"hours": 14.0, "in_words": "hardly anybody was heard there"}}

    some = rests_on(NONE, heard, JUNE, period_before(datetime(2018, 6, 10), 180))
    all_days = rests_on(NONE, heard, JUNE, period_before(datetime(2018, 6, 10), 9))

    assert "longest silence of the days with data 14 h" in some
    assert "AIS of 10 of 181 days is at hand (2018-06-01 to 2018-06-10)" in some
    assert "of the other 171 nothing is known" in some
    assert "longest silence 14 h" in all_days
    assert "nothing is known" not in all_days


@pytest.mark.parametrize("answer", [NONE, NOT_HEARD])
def test_what_counts_for_nothing_and_who_she_may_be_stand_beside_the_no(answer):
    period = period_before(datetime(2018, 6, 10), 9)

    plain = rests_on(answer, HEARD, JUNE, period)
    doubtful = rests_on(answer, HEARD, JUNE, period, too_long=1, ties=2)

    assert "doubt" not in plain
    assert "1 reported stay in North Korea, longer than a ship stays" in doubtful
    assert "her identity is in doubt: 2 ties to other numbers" in doubtful
