"""Lists as they were published, in the forms that their publishers changed between."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from pipeline.errors import InputError
from pipeline.tasks import lists
from pipeline.tasks.home import read_watchlists


def published(samples: Path, name: str) -> bytes:
    return (samples / "sanctions/published" / name).read_bytes()


def test_another_form_of_the_shipped_list_says_the_same_of_every_ship_and_one_vanished(take, samples):
    report = take(published(samples, "ofac_sdn_2024-05-07.xml"), "ofac", "sdn.xml")

    assert (report.outcome, report.published_on, report.accepted) == ("new", "2024-05-07", 105)
    assert (report.added, report.changed, report.vanished) == ([], [], ["JW JEWEL (IMO 9402964)"])
    assert "Consolidated (non-SDN) list" in report.about


@pytest.mark.parametrize(
    ("list_id", "name"),
    [
        ("un", "un_1718_designated_vessels_2020-06-04.html"), ("uk", "uk_sanctions_list_2026-04-29_rebuilt.csv"),
        ("ofac", "ofac_sdn_2021-03-10.xml"), ("ofac", "ofac_sdn_2024-05-07.xml"),
    ],
)  # fmt: skip
def test_what_the_shipped_editions_were_drawn_from_changes_nothing(settings, take, samples, list_id, name):
    before = read_watchlists(settings).history

    report = take(published(samples, name), list_id, name)

    assert not [line for line in report.warnings if "differs" in line]
    assert_frame_equal(read_watchlists(settings).history, before)


@pytest.mark.parametrize("day", ["2018-10-29", "2021-03-12", "2024-05-15", "2026-02-27"])
def test_the_consolidated_list_of_the_un_takes_no_ship_off_the_committees(settings, take, samples, day):
    data = published(samples, f"un_consolidated_{day}.xml")
    before = read_watchlists(settings).history

    with pytest.raises(InputError, match=r"names 0 ships; .* ships stand in the 1718 Designated Vessels List"):
        take(data, "un", "consolidated.xml")
    report = take(data, "un", "consolidated.xml", accept_shrunken=True)

    assert (report.watchlist_id, report.accepted) == ("un-consolidated", 0)
    assert_frame_equal(read_watchlists(settings).history, before)


def test_a_ship_of_the_consolidated_list_is_listed_and_her_neighbours_are_not(settings, take, samples):
    data = (samples / "reports/h03_un_company.xml").read_bytes()

    report = take(data, "un", "consolidated.xml", accept_shrunken=True)

    assert (report.accepted, report.left_out) == (1, {"not a ship": 7})
    assert [one["name"] for one in lists.listed_ship(settings, "9321483")] == ["TESTSHIP NINE"]
    with pytest.raises(InputError, match="no list names"):
        lists.listed_ship(settings, "9074729")


def test_an_older_file_tells_that_it_is_older_and_the_newest_stands(settings, take, samples):
    report = take(published(samples, "ofac_sdn_2021-03-10.xml"), "ofac", "sdn.xml")

    told = "older than the edition of 2024-05-07, which stays the newest: it records what the list said then"
    assert told in report.warnings
    shown = read_watchlists(settings).lists.set_index("watchlist_id")
    assert shown.loc["ofac-sdn", "list_date"] == "2024-05-07"


def test_an_old_file_under_a_new_day_is_told_by_its_ships(take, samples):
    old = published(samples, "ofac_sdn_2019-01_sdn.csv")

    report = take(old, "ofac", "sdn.csv", published_on=date(2026, 9, 1))

    assert any(
        "names the ships of the edition of 2019-01-04, and not those of 2024-05-07" in w for w in report.warnings
    )
    assert not any("names the ships" in w for w in take(old, "ofac", "sdn.csv", published_on=date(2019, 2, 1)).warnings)


def test_an_edition_that_was_once_taken_for_one_of_another_list_is_named(settings, take, samples):
    take(published(samples, "un_consolidated_2026-02-27.xml"), "un", "consolidated.xml", accept_shrunken=True)
    folder = settings.home / "lists"
    shutil.move(folder / "un-consolidated", folder / "un-1718")
    for note in folder.glob("*/*.edition.json"):
        note.write_text(note.read_text(encoding="utf-8").replace('"un-consolidated"', '"un-1718"'), encoding="utf-8")

    with pytest.raises(InputError, match="a file of un-consolidated is no edition of un-1718; remove it"):
        read_watchlists(settings)


def test_what_stands_in_place_of_imo_numbers_is_counted_and_told(take, samples):
    report = take((samples / "reports/h29_uk_ok.csv").read_bytes(), accept_shrunken=True)

    assert (report.accepted, report.imo_unread) == (10, 2)
    assert "IMO fields that give no number (2): DPR9002: 907472; DPR9009: 90747290" in report.warnings
    assert any("taken: DPR9008: 9321483, 9074729" in line for line in report.warnings)
    assert "IMO check digit fails: 9074728; placeholder, no ship's: 1234567; kept as listed" in report.warnings
