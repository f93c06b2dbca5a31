"""A time in a user's SQL is one that SQLite compares rightly, or is refused with the form that it does."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import contracts as c
from pipeline.errors import InputError
from pipeline.warehouse.models import time_text
from pipeline.warehouse.queries import run_query, run_sql
from pipeline.warehouse.store import open_warehouse
from pipeline.warehouse.times import kept_form, refuse_other_times
from tests.warehouse.rows import rows

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))
CALLS = "select count(*) from port_call where arrived_by "


@pytest.fixture
def url(path):
    """A warehouse of a call every six hours over two days."""
    moments = [datetime(2020, 11, 20, tzinfo=UTC) + timedelta(hours=6 * n) for n in range(8)]
    calls = rows(c.PORT_CALL, *({"port_call_id": f"p{n}", "arrived_by": at} for n, at in enumerate(moments)))
    with open_warehouse(f"sqlite:///{path}") as warehouse, warehouse.transaction():
        warehouse.sync(c.PORT_CALL, calls)
    return f"sqlite:///{path}"


@pytest.mark.parametrize(
    ("condition", "calls"),
    [
        ("between '2020-11-20' and '2020-11-21'", 4),  # a day is before its own first moment, as text
        (">= '2020-11-20' and arrived_by < '2020-11-21'", 4),
        ("between '2020-11-20 00:00:00' and '2020-11-21 00:00:00'", 5),
        (">= datetime('2020-11-20T12:00:00Z')", 6),
        (">= datetime('2020-11-20T21:00:00+09:00')", 6),
        ("like '2020-11-20%'", 4),
        ("like '2020-11-%'", 8),
        (">= '2020-11'", 8),
        ("is not null -- '2020-11-20T00:00:00Z'", 8),
        ("is not null and strftime('%Y-%m-%dT%H:%M:%SZ', arrived_by) < '2020-11-20T12:00:00Z'", 2),
    ],
)
def test_what_compares_rightly_is_answered(url, condition, calls):
    (row,) = run_sql(url, CALLS + condition)

    assert list(row.values()) == [calls]


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("between '2020-11-20T00:00:00Z' and '2020-11-21T00:00:00Z'", "write '2020-11-20 00:00:00'"),
        (">= '2020-11-20T12:00'", "write '2020-11-20 12:00:00'"),
        (">= '2020-11-20t12:00:00z'", "write '2020-11-20 12:00:00'"),
        (">= '2020-11-20 00:00:00Z'", "write '2020-11-20 00:00:00'"),
        (">= '2020-11-20 00:00:00+00:00'", "write '2020-11-20 00:00:00'"),
        (">= '2020-11-20T09:00:00+09:00'", "write '2020-11-20 00:00:00'"),
        (">= '2020-11-20 00:00:00.000'", "write '2020-11-20 00:00:00'"),
        (">= '2020-11-20 00:00:00.25'", "write '2020-11-20 00:00:00.250000'"),
        (">= '2020/11/20'", "write '2020-11-20'"),
        (">= '2020-11-5'", "write '2020-11-05'"),
        (">= '20201120T000000Z'", "write it like '2020-11-20'"),
        (">= '20.11.2020'", "write it like '2020-11-20'"),
        (">= '20 Nov 2020'", "write it like '2020-11-20'"),
        ("like '2020-11-20T%'", "write '2020-11-20 %'"),
        ("is not null and date(arrived_by) = '20201120'", "write it like '2020-11-20'"),
        (">= datetime('2020/11/20')", "write '2020-11-20'"),
        (">= date('20 November 2020')", "write it like '2020-11-20'"),
        ('>= "2020-11-20T00:00:00Z"', "write '2020-11-20 00:00:00'"),
        (">= date('2020-11-20') and arrived_by < '2020-11-20T12:00:00Z'", "write '2020-11-20 12:00:00'"),
    ],
)
def test_what_would_compare_letter_by_letter_is_refused_with_the_form_that_compares(url, condition, hint):
    with pytest.raises(InputError, match="would be compared letter by letter") as caught:
        run_sql(url, CALLS + condition)

    assert hint in str(caught.value)


@pytest.mark.parametrize("condition", [">= 1605830400", "= 20201120", "between 1605830400 and 1605916800", "> 0"])
def test_a_time_is_not_compared_with_a_number(url, condition):
    with pytest.raises(InputError, match=r"with a number: .* write it like '2020-11-20'"):
        run_sql(url, CALLS + condition)


@pytest.mark.parametrize(
    "condition",
    [
        ">= datetime(1605830400, 'unixepoch')",
        "is not null and julianday(departed_by) - julianday(arrived_by) > 0",
        "is not null -- and arrived_by > 20201120",
        "is not null and 'arrived_by > 20201120' <> ''",
    ],
)
def test_a_number_beside_a_time_is_left_alone(url, condition):
    assert run_sql(url, CALLS + condition)


def test_words_that_are_no_times_are_left_alone():
    refuse_other_times("select 'STAR 20', '9004700', '12:30', 'T', 'it''s 2020-11-20T00:00:00Z' from vessel")


@given(
    MOMENTS,
    st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_every_iso_time_is_brought_to_the_form_that_is_kept(moment, zone):
    aware = moment.replace(tzinfo=zone)

    assert kept_form(aware.isoformat()) == time_text(aware)
    assert kept_form(aware.astimezone(UTC).isoformat().replace("+00:00", "Z")) == time_text(aware)
    refuse_other_times(f"select * from vessel where from_at = '{kept_form(aware.isoformat())}'")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))
)
def test_the_form_that_is_kept_sorts_as_time_does(one, other):
    texts = [time_text(moment.replace(tzinfo=UTC)) for moment in (one, other)]

    assert (texts[0] < texts[1]) == (one < other)


def test_sqlite_itself_writes_the_form_that_is_kept():
    connection = sqlite3.connect(":memory:")
    assert connection.execute("select datetime('2020-11-20T09:30:00+09:00')").fetchone() == ("2020-11-20 00:30:00",)
    connection.close()


@pytest.mark.parametrize("since", ["2024-07-01", "2024-07-01T00:00:00Z", "2024-07-01T09:00:00+09:00", "2024/7/1"])
def test_a_parameter_may_be_written_in_any_form(filled, since):
    answer = run_query(filled, "new_since_yesterday", {"raised_since": since})

    assert [row["alert_id"] for row in answer] == ["listed-2", "direct-1b"]
    assert "first_raised_at" in answer[0]


@pytest.mark.parametrize("since", ["yesterday", "20 June 2024", "2024-13-01", ""])
def test_a_parameter_that_is_no_time_is_refused_and_finds_no_empty_answer(filled, since):
    with pytest.raises(InputError, match=f'raised_since is "{since}"; expected .*YYYY-MM-DD'):
        run_query(filled, "new_since_yesterday", {"raised_since": since})


def test_every_time_of_a_derived_warehouse_is_kept_in_one_form(told):
    connection = sqlite3.connect(told / "warehouse.sqlite")
    for table in c.WAREHOUSE:
        for column in table.columns:
            if column.type == "time":
                odd = connection.execute(
                    f"select count(*) from {table.name} where {column.name} is not null and {column.name} not glob"
                    " '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'"
                ).fetchone()
                assert odd == (0,), (table.name, column.name)
    connection.close()
