"""The history of lists: from a set of editions to who was listed when, whatever the order in which they came."""

from datetime import date, timedelta
from itertools import pairwise, permutations

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import LISTED, WATCHLIST_HISTORY, WATCHLIST_VESSEL
from pipeline.judgement.listed_then import listed_as_of
from pipeline.judgement.listings import Edition, compare, difference, editions_frame, find_history, latest
from pipeline.judgement.watchlists import Watchlists

ALFA, BETA = 9074729, 8628597


def edition(day: str, *ships: dict[str, object], watchlist_id: str = "demo", **more: object) -> Edition:
    rows = pd.DataFrame(list(ships), columns=LISTED.names).astype({"name": "str"})
    return Edition(watchlist_id, day, LISTED.conform(rows), **more)  # type: ignore[arg-type]


def ship(imo: int | None = ALFA, name: str = "ALFA", **said: object) -> dict[str, object]:
    return {"entry_id": "1", "imo": imo, "name": name, **said}


def lists_of(*editions: Edition) -> Watchlists:
    return Watchlists(pd.DataFrame(), editions_frame(editions), find_history(editions), "")


def said(lists: Watchlists, day: str, imo: int = ALFA) -> pd.Series:
    found = listed_as_of(pd.Series([imo], dtype="Int64"), pd.to_datetime(pd.Series([day]), utc=True), lists)
    return found.iloc[0] if len(found) else pd.Series({"status": "none"})


def status(lists: Watchlists, day: str, imo: int = ALFA) -> str:
    return str(said(lists, day, imo)["status"])


VANISHED = lists_of(edition("2020-01-01", ship()), edition("2021-01-01"), edition("2022-01-01"))
RETURNED = lists_of(edition("2020-01-01", ship()), edition("2021-01-01"), edition("2022-01-01", ship()))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2019-12-31", "unknown"), ("2020-01-01", "listed"), ("2020-01-01T23:59", "listed"), ("2020-01-02", "unknown"),
        ("2020-12-31T23:59", "unknown"), ("2021-01-01", "delisted"), ("2023-01-01", "delisted"),
    ],
)  # fmt: skip
def test_an_entry_that_vanishes_is_closed_and_between_the_editions_unknown(day: str, expected: str):
    assert status(VANISHED, day) == expected


def test_a_closed_entry_is_kept_with_both_days():
    row = WATCHLIST_VESSEL.check(VANISHED.vessels).iloc[0]

    assert (row["listed_by"], row["delisted_after"], row["delisted_by"]) == ("2020-01-01", "2020-01-01", "2021-01-01")


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2020-06-01", "unknown"), ("2021-01-01", "delisted"), ("2021-06-01", "unknown"), ("2022-01-01", "listed")],
)  # fmt: skip
def test_an_entry_that_returns_is_listed_again(day: str, expected: str):
    assert status(RETURNED, day) == expected
    assert RETURNED.vessels["delisted_by"].isna().all()
    assert RETURNED.history["change"].tolist() == ["listed", "returned"]


def test_a_day_of_listing_between_two_editions_settles_when_she_came():
    lists = lists_of(edition("2020-01-01"), edition("2021-01-01", ship(listed_on="2020-03-01")))

    assert [status(lists, day) for day in ("2020-01-01", "2020-02-29", "2020-03-01")] == [
        "not_yet",
        "not_yet",
        "listed",
    ]


def test_a_day_of_listing_before_an_edition_without_her_settles_nothing():
    lists = lists_of(edition("2020-01-01"), edition("2021-01-01", ship(listed_on="2018-03-01")))

    assert [status(lists, day) for day in ("2019-01-01", "2020-01-01", "2020-06-01", "2021-01-01")] == [
        "not_yet", "not_yet", "unknown", "listed",
    ]  # fmt: skip


def test_a_list_is_quoted_as_it_said_then():
    lists = lists_of(edition("2020-01-01", ship(name="OLD")), edition("2021-01-01", ship(name="NEW")))

    assert [said(lists, day)["name"] for day in ("2019-01-01", "2020-06-01", "2021-06-01")] == ["OLD", "OLD", "NEW"]
    assert lists.vessels["name"].tolist() == ["NEW"]


def test_changed_words_are_a_new_version_and_the_same_words_are_none():
    lists = lists_of(
        edition("2020-01-01", ship()),
        edition("2021-01-01", ship()),
        edition("2022-01-01", ship(measures="asset freeze")),
    )

    history = WATCHLIST_HISTORY.check(lists.history)

    assert history[["from_edition", "last_edition", "to_edition", "change"]].fillna("").to_numpy().tolist() == [
        ["2020-01-01", "2021-01-01", "2022-01-01", "listed"],
        ["2022-01-01", "", "", "changed"],
    ]


def test_an_edition_that_confirms_the_newest_changes_no_row():
    first = [edition("2020-01-01"), edition("2021-01-01", ship())]
    more = [*first, edition("2022-01-01", ship())]

    assert_frame_equal(find_history(more), find_history(first))


def test_an_entry_that_gets_another_number_names_another_ship_from_then_on():
    lists = lists_of(edition("2020-01-01", ship(ALFA)), edition("2021-01-01", ship(BETA)))

    assert [status(lists, "2020-01-01", imo) for imo in (ALFA, BETA)] == ["listed", "not_yet"]
    assert [status(lists, "2021-01-01", imo) for imo in (ALFA, BETA)] == ["delisted", "listed"]


def test_a_published_file_goes_before_what_seeds_draw_from_one_of_the_same_day():
    seeds, file = edition("2020-01-01", ship(name="SEED")), edition("2020-01-01", ship(name="FILE"), origin="uk-csv")

    assert lists_of(seeds, file).vessels["name"].tolist() == lists_of(file, seeds).vessels["name"].tolist() == ["FILE"]


def test_lists_do_not_mix():
    other = edition("2021-01-01", watchlist_id="other")

    lists = lists_of(edition("2020-01-01", ship()), other)

    assert lists.vessels["delisted_by"].isna().all()


def test_no_editions_give_an_empty_history():
    assert find_history([]).empty
    assert latest(find_history([edition("2020-01-01")])).empty


def test_what_an_edition_changes_is_told_by_entry():
    before = edition("2020-01-01", ship(), {"entry_id": "2", "name": "GONE"}).listed
    after = edition("2021-01-01", ship(name="OTHER"), {"entry_id": "3", "name": "NEW"}).listed

    changes = compare(before, after)

    assert (changes.added, changes.changed, changes.vanished) == (["3"], ["1"], ["2"])
    assert not compare(before, before)


def test_the_difference_of_two_histories_is_the_entries_that_changed():
    both = edition("2020-01-01", ship(), {"entry_id": "2", "imo": BETA, "name": "BETA"})
    one = edition("2021-01-01", ship())

    changed = difference(find_history([both]), find_history([both, one]))

    assert set(changed["imo"]) == {BETA}
    assert difference(find_history([both, one]), find_history([one, both])).empty


# ---------------------------------------------------------------------------------------------------------- laws

DAYS = [date(2020, 1, 1) + timedelta(days=7 * n) for n in range(6)]
SAYS = st.sampled_from(
    [None, ship(), ship(name="OTHER"), ship(BETA), ship(listed_on="2019-06-01"), ship(listed_on="2020-01-10")]
)


@st.composite
def editions(draw: st.DrawFn) -> list[Edition]:
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))
    return [edition(day.isoformat(), *([said] if (said := draw(SAYS)) else [])) for day in days]


def same(found: list[Edition], other: list[Edition]) -> None:
    """Everything else is made from these two."""
    assert_frame_equal(find_history(found), find_history(other))
    assert_frame_equal(editions_frame(found), editions_frame(other))


def statuses(lists: Watchlists, days: list[str]) -> dict[tuple[int, str], str]:
    """Status of both ships on each day; none where no list names her."""
    asked = [(imo, day) for imo in (ALFA, BETA) for day in days]
    imos, at = (
        pd.Series([imo for imo, _ in asked], dtype="Int64"),
        pd.to_datetime(pd.Series([d for _, d in asked]), utc=True),
    )
    found = listed_as_of(imos, at, lists)
    return dict.fromkeys(asked, "none") | {
        asked[row]: said for row, said in zip(found["row"], found["status"], strict=True)
    }


def test_every_order_of_import_gives_the_same_history():
    four = [
        edition("2020-01-01", ship()), edition("2021-01-01"), edition("2022-01-01", ship(name="BACK")),
        edition("2023-01-01", ship(BETA)),
    ]  # fmt: skip

    for order in permutations(four):
        same(list(order), four)


@given(editions(), st.randoms(use_true_random=False))
def test_any_order_of_import_gives_the_same_history(found, random):
    same(random.sample(found, len(found)), found)


@given(editions())
@example([edition("2020-01-01"), edition("2020-01-08", ship(listed_on="2019-06-01"))])
@example([edition("2020-01-01", ship()), edition("2020-01-08", ship(BETA)), edition("2020-01-15", ship())])
def test_on_the_day_of_an_edition_who_is_in_it_is_listed_and_who_is_not_is_not(found):
    said = statuses(lists_of(*found), [one.published_on for one in found])

    for one in found:
        for imo in (ALFA, BETA):
            assert (said[imo, one.published_on] == "listed") == (imo in set(one.listed["imo"]))


@given(editions())
def test_between_two_editions_nothing_is_said_that_both_deny(found):
    ordered = sorted(found, key=lambda one: one.published_on)
    days = [(date.fromisoformat(one.published_on) + timedelta(days=3)).isoformat() for one in ordered]
    said = statuses(lists_of(*found), days)

    for (before, after), day in zip(pairwise(ordered), days, strict=False):
        for imo in (ALFA, BETA):
            named = {imo in set(one.listed["imo"]) for one in (before, after)}
            if len(named) == 1:
                assert (said[imo, day] == "listed") == named.pop()


@given(editions())
def test_no_entry_is_ever_lost(found):
    named = {row for one in found for row in one.listed["imo"].dropna()}

    assert set(find_history(found)["imo"]) == named
