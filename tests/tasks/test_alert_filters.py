"""Alerts chosen by what they are about; the command line's own tests choose them in a derived home."""

from datetime import datetime
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.reports import AlertFilter, choose_alerts

NO_HOME = Settings(home=Path("/none"))
ALERTS = [
    {"alert_id": "a", "grade": "strong", "pattern_id": "direct-call", "began_at": "2018-06-01", "ended_at": None},
    {"alert_id": "b", "grade": "weak", "pattern_id": "direct-call", "began_at": "2018-06-01", "ended_at": "2018-06-04"},
]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (AlertFilter(), ["a", "b"]),
        (AlertFilter(grade=("weak",)), ["b"]),
        (AlertFilter(grade=("weak", "strong")), ["a", "b"]),
        (AlertFilter(pattern=("direct-call",)), ["a", "b"]),
        (AlertFilter(since=datetime(2018, 6, 2)), ["b"]),  # what goes on is as old as it began
        (AlertFilter(since=datetime(2018, 6, 4)), ["b"]),
        (AlertFilter(since=datetime(2018, 6, 5)), []),
        (AlertFilter(grade=("strong",), since=datetime(2018, 6, 2)), []),
    ],
    ids=lambda value: value.in_words() if isinstance(value, AlertFilter) else None,
)
def test_alerts_pass_for_which_everything_given_holds(wanted, ids):
    assert [row["alert_id"] for row in choose_alerts(NO_HOME, ALERTS, wanted)] == ids


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (AlertFilter(pattern=("direct-cal",)), "did you mean direct-call?"),
        (AlertFilter(grade=("huge",)), 'no grade "huge"; expected one of strong, moderate, weak'),
    ],
)
def test_what_there_is_not_is_named_with_what_there_is(wanted, said):
    with pytest.raises(InputError) as error:
        choose_alerts(NO_HOME, ALERTS, wanted)

    assert said in str(error.value)


def test_a_filter_is_told_as_it_was_given():
    given = AlertFilter(datetime(2018, 6, 1), ("strong", "weak"), ("direct-call",), "demo coal", ("C16",))

    assert given.in_words() == (
        "--since 2018-06-01 --grade strong --grade weak --pattern direct-call --claim C16 --vessel demo coal"
    )
    assert AlertFilter().in_words() == ""
