"""A published file that has lost most of its ships, or whose day nobody knows, becomes no edition unasked."""

from datetime import UTC, date, datetime

import pytest
from pandas import DataFrame

from pipeline.contracts import LISTED
from pipeline.errors import InputError
from pipeline.judgement.edition_checks import day_of_edition, refuse_shrunken
from pipeline.judgement.listings import Edition, count_changes, editions_frame, find_history

NOW = datetime(2024, 6, 2, tzinfo=UTC)


def edition(day, *entries):
    rows = DataFrame([{"entry_id": one, "name": f"SHIP {one}"} for one in entries], columns=LISTED.names)
    return Edition("uk-dprk", day, LISTED.conform(rows))


TEN = edition("2024-01-01", *map(str, range(10)))


@pytest.mark.parametrize(("ships", "about"), [(0, ""), (4, ""), (0, "ships of one programme alone")])
def test_a_file_with_fewer_ships_than_the_least_share_is_refused(ships, about):
    with pytest.raises(
        InputError, match=rf"list\.csv: names {ships} ships, the edition of 2024-01-01 10.*--accept-shrunken"
    ):
        refuse_shrunken(ships, TEN, 0.5, "list.csv", title="a list", about=about)


@pytest.mark.parametrize(("ships", "before"), [(5, TEN), (1, None)])
def test_one_with_that_share_is_not_nor_the_first(ships, before):
    refuse_shrunken(ships, before, 0.5, "list.csv", title="a list", about="")


@pytest.mark.parametrize(
    ("stated", "given", "wrong"),
    [
        (None, None, "states no day"),
        (date(2024, 6, 1), date(2024, 5, 1), "leave --published out"),
        (None, date(2024, 6, 3), "is to come"),
    ],
)
def test_a_day_that_is_missing_disputed_or_to_come_is_refused(stated, given, wrong):
    with pytest.raises(InputError, match=wrong):
        day_of_edition(stated, given, "list.csv", "a list", NOW)


@pytest.mark.parametrize(("stated", "given"), [(date(2024, 6, 2), None), (None, date(2024, 6, 2))])
def test_a_day_that_is_stated_or_given_is_taken(stated, given):
    assert day_of_edition(stated, given, "list.csv", "a list", NOW) == "2024-06-02"


def test_each_edition_counts_what_it_changes_and_the_first_changes_nothing():
    editions = [edition("2024-01-01", "a", "b"), edition("2024-02-01", "b", "c"), edition("2024-03-01", "b", "c")]

    counted = count_changes(editions_frame(editions), find_history(editions))

    assert counted == {
        ("uk-dprk", "2024-01-01"): {"added": None, "changed": None, "vanished": None},
        ("uk-dprk", "2024-02-01"): {"added": 1, "changed": 0, "vanished": 1},
        ("uk-dprk", "2024-03-01"): {"added": 0, "changed": 0, "vanished": 0},
    }
