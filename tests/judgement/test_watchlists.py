"""Which ships were listed, as of a moment; and what a list does not say."""

import csv
import json
import runpy
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from stdnum import imo as imo_number

from pipeline.contracts import LISTED, WATCHLIST, WATCHLIST_EDITION, WATCHLIST_HISTORY, WATCHLIST_VESSEL
from pipeline.errors import InputError
from pipeline.judgement.listed_then import hinted_as_of, listed_as_of
from pipeline.judgement.listings import Edition
from pipeline.judgement.watchlists import Watchlists, load_watchlists
from pipeline.limits import load_limits
from pipeline.names import normal_name
from pipeline.resources import SEEDS

WATCHLISTS = load_watchlists()
HAO_FAN_6, HUA_FU, SHANG_YUAN_BAO, CALM_BRIDGE = 8628597, 9020003, 8126070, 8318867
JW_JEWEL, CHONG_CHON_GANG = 9402964, 7937317


def status(imo: int | None, at: str | None, watchlists: Watchlists = WATCHLISTS) -> dict[str, str]:
    """Status of one ship by list (the first entry of a list that has two)."""
    moment = pd.to_datetime(pd.Series([at]), utc=True)
    found = listed_as_of(pd.Series([imo], dtype="Int64"), moment, watchlists)
    return dict(zip(found["watchlist_id"][::-1], found["status"][::-1], strict=True))


@pytest.mark.parametrize("imo", [8318867, 9010022, 9015278, 9020015])
def test_four_coal_ships_were_listed_seven_weeks_before_the_article(imo: int):
    assert status(imo, "2020-12-07T23:59")["ofac-sdn"] == "not_yet"
    assert status(imo, "2020-12-08T00:00")["ofac-sdn"] == "listed"
    assert status(imo, "2021-01-28")["ofac-sdn"] == "listed"


def test_before_the_edition_of_a_list_without_dates_the_answer_is_unknown():
    at = pd.to_datetime(pd.Series(["2018-06-01", "2022-06-01"]), utc=True)

    found = listed_as_of(pd.Series([HUA_FU, HUA_FU], dtype="Int64"), at, WATCHLISTS).query("watchlist_id == 'ofac-sdn'")

    assert found["status"].tolist() == ["unknown", "listed"]
    assert "publishes no day of listing" in found["reason"].iloc[0]
    assert found["listed_on"].isna().all()


def test_the_un_closed_ports_to_hao_fan_6_on_3_october_2017():
    assert status(HAO_FAN_6, "2017-10-02T23:59")["un-1718"] == "not_yet"
    assert status(HAO_FAN_6, "2017-10-03")["un-1718"] == "listed"


def test_sources_that_disagree_on_a_day_are_both_kept_and_say_so():
    assert status(SHANG_YUAN_BAO, "2018-05-18")["uk-dprk"] == "listed"
    assert status(SHANG_YUAN_BAO, "2018-05-18")["un-1718"] == "not_yet"
    notes = WATCHLISTS.vessels.query("imo == @SHANG_YUAN_BAO").set_index("watchlist_id")["note"]
    assert "Conflict" in notes["un-1718"]
    assert "Conflict" in notes["uk-dprk"]


def test_before_the_first_edition_that_names_her_the_answer_is_unknown_and_from_it_on_listed():
    assert [status(HUA_FU, day)["ofac-sdn"] for day in ("2019-01-03", "2019-01-04")] == ["unknown", "listed"]


def test_jw_jewel_left_the_list_of_ofac_between_two_editions():
    days = ("2019-01-04", "2021-07-07", "2022-06-01", "2024-05-07")

    assert [status(JW_JEWEL, day)["ofac-sdn"] for day in days] == ["listed", "listed", "unknown", "delisted"]


def test_the_ships_of_the_omm_were_frozen_by_the_resolution_before_the_committees_day_and_the_note_says_so():
    rows = WATCHLISTS.vessels.query("watchlist_id == 'un-1718' and listed_on == '2016-03-02'")

    assert len(rows) == 22
    conflict = "Conflict: the list dates the listing to 2017-06-21, annex III of resolution 2270 (2016) to 2016-03-02."
    assert rows["note"].str.endswith(conflict).all()
    assert rows["mmsi"].notna().all()
    assert status(CHONG_CHON_GANG, "2016-03-01")["un-1718"] == "not_yet"
    assert status(CHONG_CHON_GANG, "2016-03-02")["un-1718"] == "listed"


def test_a_ship_is_named_as_the_list_names_her_today_and_former_names_are_known():
    vessels = WATCHLISTS.vessels.query("watchlist_id == 'un-1718'").set_index("imo")

    assert vessels.loc[8018900, ["name", "other_names"]].tolist() == ["Ri Won 105", "Hyok Sin 2|Ji Hye San"]
    assert vessels["mmsi"].notna().sum() == 26
    assert vessels["other_names"].notna().sum() == 15


def test_rows_point_back_to_the_ships_asked_and_unlisted_ships_have_none():
    imos = pd.Series([9074729, None, CALM_BRIDGE], dtype="Int64", index=[5, 5, 9])
    at = pd.to_datetime(pd.Series(["2021-01-28"] * 3, index=[1, 2, 3]), utc=True)

    found = listed_as_of(imos, at, WATCHLISTS)

    assert found["row"].tolist() == [2]
    assert found["name"].tolist() == ["CALM BRIDGE"]


def test_no_moment_gives_no_listing():
    assert set(status(CALM_BRIDGE, None).values()) == {"unknown"}


def test_no_ships_give_no_rows():
    none = listed_as_of(pd.Series([], dtype="Int64"), pd.Series([], dtype="datetime64[us, UTC]"), WATCHLISTS)
    assert none.empty


def test_the_frames_keep_their_contracts():
    WATCHLIST.check(WATCHLISTS.lists)
    vessels = WATCHLIST_VESSEL.check(WATCHLISTS.vessels)

    assert vessels["watchlist_id"].value_counts().to_dict() == {
        "ofac-sdn": 106, "eu-2017-1509": 75, "un-1718": 59, "uk-dprk": 37, "kr-entry-ban": 5,
    }  # fmt: skip
    assert "7-28" in set(vessels["name"])  # and not "Jul-28"
    WATCHLIST_HISTORY.check(WATCHLISTS.history)
    editions = WATCHLIST_EDITION.check(WATCHLISTS.editions)
    assert set(editions["watchlist_id"]) == set(vessels["watchlist_id"])
    without = WATCHLISTS.lists[WATCHLISTS.lists["list_date"].isna()]
    assert (
        set(without["watchlist_id"])
        == {"eu-fsf", "un-consolidated"}
        == set(WATCHLISTS.lists["watchlist_id"]) - set(vessels["watchlist_id"])
    )


def test_every_listed_imo_number_has_a_valid_check_digit_or_a_note():
    numbered = WATCHLISTS.vessels.dropna(subset=["imo"])
    valid = numbered["imo"].astype("str").map(imo_number.is_valid)
    assert numbered.loc[~valid, "note"].str.contains("check digit fails").all()
    assert valid.sum() == 274


def test_the_imo_library_agrees_with_published_cases(samples: Path):
    cases = json.loads((samples / "conformance/identity.json").read_text())

    assert all(imo_number.is_valid(number) for number in cases["imo_checksum_ok"])
    assert not any(imo_number.is_valid(number) for number in cases["imo_checksum_bad"])


def test_the_lists_are_what_the_published_files_give(samples: Path):
    made = runpy.run_path(str(SEEDS / "watchlists/make_watchlists.py"))["make"](samples / "sanctions")

    for name, rows in made.items():
        with (SEEDS / f"watchlists/{name}.csv").open(newline="", encoding="utf-8") as file:
            assert list(csv.DictReader(file)) == rows, name


HEAD = "entry_id,imo,name,other_names,listed_on,delisted_on,measures,note\n"
LIST = """
watchlist_id: demo
authority: KR
title: A list
list_date: 2024-01-01
source: made for this test
licence: none
verified: false
"""


def written(folder: Path, rows: str, more: str = "") -> Path:
    folder = folder / "seeds" / "watchlists"
    folder.mkdir(parents=True)
    (folder / "demo.yaml").write_text(LIST + more)
    (folder / "demo.csv").write_text(rows)
    return folder


def test_a_ship_taken_off_a_list_was_listed_until_that_day(tmp_path: Path):
    lists = load_watchlists(written(tmp_path, HEAD + "1,9074729,ALFA,,2018-01-01,2020-01-01,,\n"))

    assert status(9074729, "2019-12-31T23:59", lists)["demo"] == "listed"
    assert status(9074729, "2020-01-01", lists)["demo"] == "delisted"


def test_a_bad_check_digit_is_kept_and_noted(tmp_path: Path):
    lists = load_watchlists(written(tmp_path, HEAD + "1,8512345,JIE SHUN,,,,,seen in a copy.\n"))

    assert lists.vessels["imo"].tolist() == [8512345]
    assert lists.vessels["note"].tolist() == ["seen in a copy. IMO check digit fails."]


def test_a_placeholder_on_a_list_is_kept_and_noted(tmp_path: Path):
    lists = load_watchlists(written(tmp_path, HEAD + "1,1234567,ALFA,,,,,\n2,9074729,BETA,,,,,\n"))

    assert lists.vessels["imo"].tolist() == [1234567, 9074729]
    assert lists.vessels["note"].fillna("").tolist() == ["IMO placeholder, no ship's.", ""]


def test_a_day_known_from_elsewhere_is_taken_over(tmp_path: Path):
    known = "listing_dates:\n  - {imo: 9074729, listed_on: 2018-05-01, source: a newspaper}\n"
    lists = load_watchlists(written(tmp_path, HEAD + "1,9074729,ALFA,,,,,\n", known))

    assert status(9074729, "2018-04-30", lists)["demo"] == "not_yet"
    assert status(9074729, "2018-05-01", lists)["demo"] == "listed"


def test_the_earlier_of_two_days_stands_and_the_note_tells_both_and_the_later_is_only_told(tmp_path: Path):
    known = """
listing_dates:
  - {imo: [9074729, 8628597], listed_on: 2018-05-01, source: a resolution}
conflicting_dates:
  - {imo: 9321483, listed_on: 2018-05-01, source: another list}
"""
    rows = "1,9074729,ALFA,,2018-06-01,,,seen.\n2,8628597,BETA,,2018-04-01,,,\n3,9321483,GAMMA,,2018-06-01,,,\n"
    vessels = load_watchlists(written(tmp_path, HEAD + rows, known)).vessels

    assert vessels["listed_on"].tolist() == ["2018-05-01", "2018-04-01", "2018-06-01"]
    assert vessels["note"].fillna("").tolist() == [
        "seen. Conflict: the list dates the listing to 2018-06-01, a resolution to 2018-05-01.",
        "",
        "Conflict: the list dates the listing to 2018-06-01, another list to 2018-05-01.",
    ]


def test_earlier_editions_lie_beside_the_newest(tmp_path: Path):
    earlier = "earlier_editions:\n  - {list_date: 2020-01-01, source: an old copy, licence: none}\n"
    folder = written(tmp_path, HEAD + "1,9074729,ALFA,,,,,\n", earlier)
    (folder / "demo.2020-01-01.csv").write_text(HEAD + "1,9074729,ALFA,,,,,\n2,8628597,BETA,,,,,\n")

    lists = load_watchlists(folder)

    days = ("2019-06-01", "2020-01-01", "2022-01-01", "2024-01-01")
    assert [status(8628597, day, lists)["demo"] for day in days] == ["unknown", "listed", "unknown", "delisted"]
    (folder / "demo.2020-01-01.csv").unlink()
    with pytest.raises(InputError, match=r"demo\.2020-01-01\.csv: no such file; demo\.yaml needs it"):
        load_watchlists(folder)


def test_an_edition_that_is_not_earlier_is_refused(tmp_path: Path):
    later = "earlier_editions:\n  - {list_date: 2024-01-01, source: a copy, licence: none}\n"

    with pytest.raises(InputError, match="earlier_editions in order, each before list_date"):
        load_watchlists(written(tmp_path, HEAD, later))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("entry_id,name\n1,ALFA\n", "demo.csv:1: columns are entry_id, name; expected entry_id, imo"),
        (HEAD + "1,,ALFA,,,,,\n1,,BETA,,,,,\n", 'demo.csv:3: entry_id is "1"; expected an id, given once'),
        (HEAD + "1,IMO 9074729,ALFA,,,,,\n", 'demo.csv:2: imo is "IMO 9074729"; expected seven digits or nothing'),
        (HEAD + "1,,Jul-28,,,,,\n", 'demo.csv:2: name is "Jul-28"; expected the name as listed, not a date'),
        (HEAD + "1,,28-Jul,,,,,\n", 'demo.csv:2: name is "28-Jul"; expected the name as listed, not a date'),
        (HEAD + "1,,ALFA,,30.3.2018,,,\n", 'demo.csv:2: listed_on is "30.3.2018"; expected a day like 2018-03-30'),
        (HEAD + '1,"9074729,ALFA\n', "demo.csv: "),
        ("", "demo.csv: "),
    ],
)
def test_a_wrong_list_is_refused_with_file_line_and_field(tmp_path: Path, rows: str, message: str):
    with pytest.raises(InputError) as refused:
        load_watchlists(written(tmp_path, rows))

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_listing_date_for_a_ship_that_is_not_there_is_refused(tmp_path: Path):
    known = "listing_dates:\n  - {imo: 9074729, listed_on: 2018-05-01, source: a newspaper}\n"

    with pytest.raises(InputError, match=r"listing_dates of demo\.yaml name IMO 9074729; expected one of the list"):
        load_watchlists(written(tmp_path, HEAD + "1,8512345,BETA,,,,,\n", known))


def test_a_list_without_its_csv_is_refused(tmp_path: Path):
    folder = written(tmp_path, HEAD)
    (folder / "demo.csv").unlink()

    with pytest.raises(InputError, match=r"demo\.csv: no such file; demo\.yaml needs it"):
        load_watchlists(folder)


# -------------------------------------------------------------------------------------------- editions of a home


def test_an_imported_edition_goes_on_from_the_one_of_the_seeds():
    gone = WATCHLISTS.vessels.query("watchlist_id == 'uk-dprk' and imo != @HAO_FAN_6")
    later = Edition("uk-dprk", "2026-06-30", LISTED.conform(gone[LISTED.names]), "uk-csv")

    lists = load_watchlists(editions=[later])

    assert [status(HAO_FAN_6, day, lists)["uk-dprk"] for day in ("2026-04-29", "2026-05-31", "2026-06-30")] == [
        "listed", "unknown", "delisted",
    ]  # fmt: skip
    assert lists.lists.set_index("watchlist_id").loc["uk-dprk", "list_date"] == "2026-06-30"
    assert lists.hash != WATCHLISTS.hash


def test_an_edition_of_a_list_that_the_seeds_do_not_know_is_refused():
    with pytest.raises(InputError, match='seeds/watchlists has no list "none"; expected eu-2017-1509'):
        load_watchlists(editions=[Edition("none", "2026-06-30", LISTED.empty())])


def test_columns_beyond_the_first_eight_are_particulars_and_others_are_refused(tmp_path: Path):
    head = HEAD.strip() + ",flag,dead_weight_t\n"
    lists = load_watchlists(written(tmp_path, head + "1,9074729,ALFA,,,,,,Panama,10030\n"))

    assert lists.vessels[["flag", "dead_weight_t"]].to_numpy().tolist() == [["Panama", 10030.0]]
    with pytest.raises(InputError, match=r"demo\.csv:1: columns are .*, colour; expected"):
        load_watchlists(written(tmp_path / "other", HEAD.strip() + ",colour\n1,9074729,ALFA,,,,,,red\n"))


# ----------------------------------------------------------------------------------------------------- by name

NAMED = replace(WATCHLISTS, name_limits=load_limits().watchlist)
AFTER = "2022-06-01"


def hint(name: str | None, imo: int | None = None, at: str = AFTER, lists: Watchlists = NAMED) -> dict[str, object]:
    """The hint that a name gives, empty if none."""
    moment = pd.to_datetime(pd.Series([at]), utc=True)
    found = hinted_as_of(pd.Series([name], dtype="str"), pd.Series([imo], dtype="Int64"), moment, lists)
    return found.drop(columns="row").to_dict("records")[0] if len(found) else {}


def test_a_ship_without_number_that_bears_a_listed_name_is_hinted_at():
    found = hint("M/V XIN GUANG-HAI")

    assert (found["name"], found["resembles"], found["similarity"]) == ("XIN GUANG HAI", "XIN GUANG HAI", 100)


def test_the_same_name_with_a_valid_number_of_another_hull_is_silent():
    assert hint("XIN GUANG HAI", 9074729) == {}


def test_an_entry_without_number_contradicts_no_number():
    assert hint("MIN NING DE YOU 078", 9074729)["entry_id"] in ("XIV.B-33", "min-ning-de-you-078", "DPR0120")


def test_a_letter_more_is_a_likeness_and_another_figure_is_not():
    assert 90 <= hint("XIN GUANGG HAI")["similarity"] < 100
    assert hint("HAO FAN 6")
    assert hint("HAO FAN 7") == {}


@pytest.mark.parametrize("name", ["KOTI", "BELLA", "STAR", "", None, "M/V", "PACIFIC TRADER"])
def test_common_short_and_unlike_names_are_silent(name: str | None):
    assert hint(name) == {}


def test_a_former_name_is_told_as_such():
    found = hint("THINH CUONG")

    assert (found["name"], found["resembles"]) == ("STAR 18", "THINH CUONG")


def test_before_she_was_listed_her_name_hints_at_nothing():
    assert hint("STAR EIGHTEEN") == {}
    assert hint("CALM BRIDGE", at="2020-12-07") == {}
    assert hint("CALM BRIDGE", at="2020-12-08")


def test_without_limits_names_hint_at_nothing():
    assert hint("XIN GUANG HAI", lists=WATCHLISTS) == {}


def test_names_are_compared_as_published_cases_ask(samples: Path):
    cases = json.loads((samples / "conformance/identity.json").read_text())["name_normalise"]

    assert [normal_name(case["raw"]) or None for case in cases] == [case["expected"] for case in cases]
