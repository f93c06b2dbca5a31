"""What is asked of a published list before it becomes an edition: a day, and ships enough."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from pipeline.contracts import LISTED
from pipeline.errors import InputError
from pipeline.formats.lists.registry import FORMS
from pipeline.judgement.listings import Edition
from pipeline.tasks.edition_checks import before_day, day_of_edition, names_of, refuse_shrunken
from tests.warehouse.rows import rows

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
FORM = FORMS[0]


def edition(day: str, *entries: str) -> Edition:
    return Edition("uk-dprk", day, rows(LISTED, *({"entry_id": entry, "name": f"SHIP {entry}"} for entry in entries)))


def test_the_edition_before_a_day_is_the_newest_that_is_older():
    editions = [edition(day, "1") for day in ("2026-03-01", "2026-01-01", "2026-02-01")]

    assert before_day(editions, "2026-03-01").published_on == "2026-02-01"
    assert before_day(editions, "2026-01-01") is None


@pytest.mark.parametrize(
    ("stated", "given", "day"),
    [
        (date(2026, 6, 30), None, "2026-06-30"),
        (None, date(2026, 6, 30), "2026-06-30"),
        (date(2026, 6, 30), date(2026, 6, 30), "2026-06-30"),
        (None, NOW.date(), "2026-10-01"),
    ],
)
def test_the_day_is_what_the_file_states_else_what_was_given(stated, given, day):
    assert day_of_edition(stated, given, "list.csv", "A list", NOW) == day


@pytest.mark.parametrize(
    ("stated", "given", "said"),
    [
        (None, None, "list.csv: A list states no day of publication"),
        (date(2026, 6, 30), date(2026, 6, 29), "states the day 2026-06-30, and --published says 2026-06-29"),
        (date(2026, 10, 2), None, "its day, 2026-10-02, is to come"),
    ],
)
def test_no_day_two_days_and_a_day_to_come_are_refused(stated, given, said):
    with pytest.raises(InputError, match=said):
        day_of_edition(stated, given, "list.csv", "A list", NOW)


@pytest.mark.parametrize(("ships", "refused"), [(0, True), (1, True), (2, False), (9, False)])
def test_a_list_that_lost_more_than_half_is_refused_until_one_insists(ships, refused):
    before = edition("2026-01-01", "1", "2", "3", "4")

    if refused:
        with pytest.raises(InputError, match=rf"names {ships} ships, the edition of 2026-01-01 4.*--accept-shrunken"):
            refuse_shrunken(ships, before, "list.csv", FORM, accept_shrunken=False)
    else:
        refuse_shrunken(ships, before, "list.csv", FORM, accept_shrunken=False)
    refuse_shrunken(ships, before, "list.csv", FORM, accept_shrunken=True)


def test_a_first_edition_may_be_of_any_size_but_none():
    refuse_shrunken(1, None, "list.csv", FORM, accept_shrunken=False)
    with pytest.raises(InputError, match="names 0 ships"):
        refuse_shrunken(0, None, "list.csv", replace(FORM, about=""), accept_shrunken=False)


def test_entries_are_named_with_their_number_as_the_newer_edition_words_them():
    before = rows(LISTED, {"entry_id": "1", "name": "OLD"}, {"entry_id": "2", "name": "GONE", "imo": 8518780})
    after = rows(LISTED, {"entry_id": "1", "name": "NEW"})

    assert names_of(before, after) == {"1": "NEW", "2": "GONE (IMO 8518780)"}
    assert names_of(None, pd.DataFrame(after)) == {"1": "NEW"}
