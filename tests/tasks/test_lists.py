"""Lists imported, fetched and kept; and who is judged again when one changes."""

import gzip
import shutil
from datetime import date

import pytest
from pandas.testing import assert_frame_equal

from pipeline.errors import InputError
from pipeline.lake.editions import read_kept
from pipeline.tasks import lists
from pipeline.tasks.home import read_watchlists
from pipeline.tasks.vessel import vessel_report
from tests.tasks.uk_lists import SHIP, uk_file, uk_ship, uk_ships


def test_an_import_keeps_the_bytes_and_says_what_changed(settings, take):
    rows = uk_ships()
    data = uk_file([*rows[:10], *rows[11:], uk_ship("DPR0999", "Demo Coal", SHIP)])

    report = take(data)

    kept = read_kept(settings.home)[0]
    folder = settings.home / "lists" / "uk-dprk"
    assert (report.outcome, report.published_on, report.accepted) == ("new", "2026-06-30", 37)
    assert report.added == [f"Demo Coal (IMO {SHIP})"]
    assert len(report.vanished) == 1
    assert gzip.decompress((folder / kept.file).read_bytes()) == data
    assert kept.file == f"2026-06-30_{kept.sha256[:12]}.csv.gz"
    assert sorted(path.name for path in folder.iterdir()) == sorted([kept.file, f"{kept.file[:-7]}.edition.json"])


def test_the_same_file_again_is_no_other_edition(settings, take):
    take(uk_file(uk_ships()))

    assert take(uk_file(uk_ships())).outcome == "unchanged"
    assert len(read_kept(settings.home)) == 1


def test_another_file_of_the_same_day_is_refused_unless_it_says_the_same_of_every_ship(settings, take):
    take(uk_file(uk_ships()))

    assert take(uk_file(uk_ships()[::-1])).outcome == "unchanged"
    with pytest.raises(InputError, match="keeps another edition of uk-dprk of 2026-06-30"):
        take(uk_file(uk_ships()[1:]))
    assert len(read_kept(settings.home)) == 1


def test_a_list_that_lost_most_of_its_ships_is_refused_until_one_insists(take):
    rows = uk_ships()

    with pytest.raises(InputError, match=r"names 18 ships, the edition of 2026-04-29 37: .*--accept-shrunken"):
        take(uk_file(rows[:18]))
    assert take(uk_file(rows[:19])).outcome == "new"
    assert take(uk_file(rows[:1], "31-Jul-2026"), accept_shrunken=True).outcome == "new"


def test_a_list_without_ships_is_refused(take):
    with pytest.raises(InputError, match="names 0 ships"):
        take(uk_file([]))


def test_a_file_without_a_day_needs_one_and_a_day_of_its_own_is_not_contradicted(take, samples):
    sdn = (samples / "sanctions/sdn.csv").read_bytes()

    with pytest.raises(InputError, match=r"states no day of publication; give it \(--published"):
        take(sdn, "ofac", "sdn.csv")
    with pytest.raises(InputError, match="states the day 2026-06-30, and --published says 2026-05-31"):
        take(uk_file(uk_ships()), published_on=date(2026, 5, 31))
    with pytest.raises(InputError, match="its day, 2027-01-01, is to come"):
        take(sdn, "ofac", "sdn.csv", published_on=date(2027, 1, 1))
    assert take(sdn, "ofac", "sdn.csv", published_on=date(2021, 4, 30)).outcome == "new"


def test_a_try_writes_nothing(settings, take):
    assert take(uk_file(uk_ships()), dry_run=True).outcome == "new"
    assert not settings.home.exists()


def test_a_form_that_was_not_tested_says_so_and_wrong_numbers_are_kept(settings, take):
    report = take(uk_file([*uk_ships(), uk_ship("DPR0999", "Jie Shun", 8512345)]))

    assert any("8512345" in line for line in report.warnings)
    assert any("not tested with a published file" in line for line in report.warnings)
    row = read_watchlists(settings).vessels.query("entry_id == 'DPR0999'").iloc[0]
    assert (row["imo"], row["note"]) == (8512345, "IMO check digit fails.")


def test_every_order_of_import_gives_the_same_lists(take, settings, tmp_path):
    rows = uk_ships()
    files = [uk_file(rows, "31-May-2026"), uk_file(rows[1:], "30-Jun-2026"), uk_file(rows, "31-Jul-2026")]
    for data in files:
        take(data)
    first = read_watchlists(settings)
    shutil.rmtree(settings.home)
    for data in reversed(files):
        take(data)

    again = read_watchlists(settings)

    assert_frame_equal(again.history, first.history)
    assert again.hash == first.hash
    assert again.history["change"].value_counts()["returned"] == 1


def test_editions_are_shown_with_what_they_changed(settings, take):
    rows = uk_ships()
    take(uk_file([*rows[1:], uk_ship("DPR0999", "Demo Coal", SHIP)]))

    shown = {one["watchlist_id"]: one for one in lists.list_editions(settings)}

    assert [(one["published_on"], one["added"], one["vanished"]) for one in shown["uk-dprk"]["editions"]] == [
        ("2026-04-29", None, None), ("2026-06-30", 1, 1),
    ]  # fmt: skip
    assert [(one["published_on"], one["added"], one["vanished"]) for one in shown["ofac-sdn"]["editions"]] == [
        ("2019-01-04", None, None), ("2021-03-10", 5, 0), ("2021-07-07", 0, 0), ("2024-05-07", 0, 1),
    ]  # fmt: skip
    assert shown["eu-fsf"]["editions"] == []
    assert {name for name, one in shown.items() if one["importer"] == "tested"} == set(shown) - {"kr-entry-ban"}


def test_one_ship_is_shown_as_each_edition_worded_her(settings, take):
    rows = uk_ships()
    take(uk_file([uk_ship("DPR0075", "Petrel 8", 9562233, "2017-10-03", "De-flag|Port ban"), *rows[1:]]))

    said = [one for one in lists.listed_ship(settings, "IMO 9562233") if one["watchlist_id"] == "uk-dprk"]

    assert [(one["change"], one["measures"]) for one in said] == [("listed", None), ("changed", "De-flag; Port ban")]
    with pytest.raises(InputError, match='no list names "9074729"'):
        lists.listed_ship(settings, "9074729")


def test_a_ship_report_tells_that_an_entry_is_closed(settings, take):
    rows = uk_ships()
    take(uk_file(rows[1:]))

    entries = vessel_report(settings, "9562233")[0]["lists"]

    assert {one["delisted_by"] for one in entries if one["watchlist_id"] == "uk-dprk"} == {"2026-06-30"}


def test_an_edition_that_cannot_be_read_is_named(settings, take):
    take(uk_file(uk_ships()))
    note = next((settings.home / "lists").glob("*/*.edition.json"))
    note.write_text(note.read_text(encoding="utf-8")[:100], encoding="utf-8")

    with pytest.raises(InputError, match=r"\.edition\.json: no edition .*; remove it and import its list again"):
        read_watchlists(settings)
