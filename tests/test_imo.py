"""IMO numbers as people write them: one rule in Python and in the engine's SQL."""

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.imo import gives_imo, gives_imo_sql, is_company_number, read_imo, read_imo_sql

_WRITTEN = ["9562233", " 9562233", "9562233 ", "imo9562233", "IMO:9562233", "IMO-9562233", "IMO 9562233", "9562233.0",
            "IMO No. 9562233", "IMO number: 9562233", "\t9562233", "9562233\u00a0", "９５６２２３３",
            "#9562233", "No.: 9562233"]  # fmt: skip
_NOT_GIVEN = [None, "", " ", "0", "0.0", "0000000", "IMO0000000", "IMO", "N/A", "nan", "None", "Unknown", "-"]
_UNREAD = ["02312342", "123456789", "956223", "0012345", "95 62233", "9562233-1", "VESSEL", "9.56E+06", "-9562233",
           "no ship"]  # fmt: skip


@pytest.mark.parametrize("text", _WRITTEN)
def test_an_imo_number_is_read_however_it_is_written(text):
    assert read_imo(text) == 9562233
    assert gives_imo(text)


@pytest.mark.parametrize("text", _NOT_GIVEN)
def test_nothing_zeros_and_words_for_unknown_give_no_number(text):
    assert read_imo(text) is None
    assert not gives_imo(text)


@pytest.mark.parametrize("text", _UNREAD)
def test_what_is_not_seven_digits_is_no_number_but_was_given(text):
    assert read_imo(text) is None
    assert gives_imo(text)


@given(st.one_of(st.sampled_from([*_WRITTEN, *_NOT_GIVEN, *_UNREAD]), st.text(max_size=12)))
@example("IMO nr 9562233")
def test_python_and_sql_read_alike(text):
    sql = f"select {read_imo_sql('t')}, {gives_imo_sql('t')} from (select ?::varchar as t)"

    found = duckdb.execute(sql, [text]).fetchone()

    assert found == (read_imo(text), gives_imo(text))


@pytest.mark.parametrize(("number", "company"), [(5342883, True), (9562233, False), (9074729, False), (534288, False)])
def test_companies_have_a_check_digit_of_their_own(number, company):
    assert is_company_number(number) is company
