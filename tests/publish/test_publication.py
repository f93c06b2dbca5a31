"""What of the judged days and of a run people are told, and when a question to them needs no answer any more."""

import pandas as pd
import pytest

from pipeline.publish.publication import CHANGED, DECIDED, WITHDRAWN, alerts_to_tell, compare_held, why_closed

STANDS = {"evidence_hash": "a", "withdrawn_at": None}


def checks(**passed):
    return pd.DataFrame({"day": [*passed], "passed": [*passed.values()], "reason": "too few fixes"})


def alert(alert_id, score, *, day="1", failed=0, fate="changed"):
    return {"alert_id": alert_id, "score": score, "day": day, "failed": failed, "fate": fate}


def test_days_that_pass_now_are_released_and_days_that_fail_now_are_held_back():
    held = compare_held(checks(mon=True, tue=False, wed=False), {"mon", "wed"})

    assert (held.released, held.held_back, held.changed) == (["mon"], ["tue"], True)
    assert held.reasons(["tue", "mon"]) == "tue: too few fixes"


def test_days_that_stay_as_they_were_change_nothing():
    held = compare_held(checks(mon=True, tue=False), {"tue", "gone"})

    assert (held.released, held.held_back, held.changed) == ([], [], False)
    assert held.reasons(["mon"]) is None


def test_an_alert_of_a_released_day_is_new_to_a_reader_and_told_once():
    told = alerts_to_tell(
        [alert("x", 3.0), alert("y", 5.0, failed=2)], [alert("x", 3.0), alert("z", 9.0, day="2")], ["1"]
    )

    assert [(one["alert_id"], one["fate"], one["published"]) for one in told] == [
        ("y", "changed", False),
        ("x", "new", True),
    ]


def test_without_a_released_day_it_is_told_as_it_changed():
    (told,) = alerts_to_tell([alert("x", 3.0)], [alert("x", 3.0)], [])

    assert told["fate"] == "changed"


@pytest.mark.parametrize(
    ("now", "decided", "why"),
    [
        (None, False, WITHDRAWN),
        (STANDS | {"withdrawn_at": "2024-06-01T00:00:00Z"}, True, WITHDRAWN),
        (STANDS | {"evidence_hash": "b"}, True, CHANGED),
        (STANDS, True, DECIDED),
        (STANDS, False, None),
    ],
)
def test_a_question_closes_when_its_alert_goes_changes_or_is_decided(now, decided, why):
    assert why_closed(now, "a", decided=decided) == why
