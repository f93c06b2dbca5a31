"""Rows of any database become the same frame."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pandas.testing import assert_frame_equal

from pipeline.contracts.rows import frame_of
from pipeline.contracts.table import Table, columns

TABLE = Table(
    "t",
    "row",
    columns("""
        id    int    id
        n     int?   number
        x     real?  real
        name  text?  text
        ok    bool?  truth
        at    time?  time
        day   date?  day
    """),
)
AT = datetime(2020, 2, 29, 1, 2, 3, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    "at",
    [
        "2020-02-29 01:02:03.500000",  # as our warehouse keeps it in SQLite
        int(AT.timestamp() * 1e6),  # as the lake's catalogue does
        AT.astimezone(timezone(timedelta(hours=9))),  # as PostgreSQL's driver gives it
    ],
)
def test_a_time_is_the_same_however_a_database_keeps_it(at):
    rows = [(1, 2, 0.5, "a", 1, at, "2020-02-29"), (2, None, None, None, None, None, None)]

    found = frame_of(TABLE, rows)

    assert found["at"].tolist()[0] == AT
    assert_frame_equal(TABLE.check(found), TABLE.conform(found))


def test_a_column_of_nulls_and_no_rows_at_all_keep_their_types():
    nulls = frame_of(TABLE, [(1, None, None, None, None, None, None)])

    assert nulls.dtypes.tolist() == frame_of(TABLE, []).dtypes.tolist() == TABLE.empty().dtypes.tolist()
    assert nulls.iloc[0, 1:].isna().all()
