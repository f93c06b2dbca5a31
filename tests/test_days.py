"""What a day's data says is known at its end."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from pipeline.days import day_ended_at, end_of_day


@pytest.mark.parametrize(
    ("at", "known_at"),
    [
        ("2020-02-29T00:00:00Z", "2020-03-01T00:00:00Z"),  # midnight belongs to the day it begins
        ("2020-02-29T23:59:59.999999Z", "2020-03-01T00:00:00Z"),
        ("2020-12-31T12:00:00Z", "2021-01-01T00:00:00Z"),
    ],
)
def test_a_moment_is_known_at_the_midnight_after_its_day(at, known_at):
    times = pd.Series(pd.to_datetime([at, None], utc=True)).dt.as_unit("us")

    found = end_of_day(times)

    assert found.tolist()[0] == pd.Timestamp(known_at)
    assert pd.isna(found.tolist()[1])
    assert found.dtype == "datetime64[us, UTC]"
    assert end_of_day(pd.DatetimeIndex(times))[0] == found[0]


def test_a_day_ends_at_the_same_midnight_as_its_moments():
    assert day_ended_at("2020-02-29") == day_ended_at(date(2020, 2, 29)) == datetime(2020, 3, 1, tzinfo=UTC)
    assert end_of_day(pd.Series([pd.Timestamp("2020-02-29T05:00Z")]))[0] == day_ended_at("2020-02-29")
