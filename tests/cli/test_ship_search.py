"""A ship is found by every name and number she bears or bore; what resembles is offered; no answer is falsely clean."""

import json

import pandas as pd
import pytest

from tests.cli.conftest import one_line
from tests.tasks.world import DAYS, Installation, month, write_days

LISTED = 9004700  # XIN GUANG HAI of four lists; the UK's says: formerly Chun Kuan, Sino_7, Splendor
FORMER = "Chun Kuan"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A day of a listed ship under a name of no list, of one that sends no IMO number but a listed name spelt
    otherwise, and of a third that sends the MMSI of a list's entry, and a number whose check digit is wrong."""
    folder = tmp_path_factory.mktemp("search")
    coal = month()[lambda rows: rows["MMSI"] == 351990002]
    ships = [
        coal.assign(IMO=f"IMO{LISTED}", VesselName="PACIFIC DÉJÀ VU", CallSign="3EQW7"),
        coal.assign(MMSI=412000077, IMO="", VesselName="CHUNKUAN", CallSign="BXYZ"),
        coal.assign(MMSI=445135000, IMO="IMO1234568", VesselName="NOBODYS SHIP", CallSign="HMAB"),
    ]
    files = write_days(pd.concat(ships, ignore_index=True), folder / "files")
    installation = Installation(folder / "home")
    installation.land(*(files[day] for day in DAYS))
    installation.run()
    return folder / "home"


@pytest.fixture
def ask(invoke, home):
    def ask(key):
        done = invoke("vessel", key, "--json", "--home", home)
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def hulls(ships):
    return [ship["vessel"] and ship["vessel"]["vessel_id"] for ship in ships]


def test_a_former_name_of_a_list_leads_to_the_hull_that_was_heard_under_another(ask):
    by_number, by_former = ask(str(LISTED)), ask(FORMER)

    assert hulls(by_former) == hulls(by_number) == [f"imo-{LISTED}"]
    for part in ("lists", "events", "alerts", "identities"):
        assert by_former[0][part] == by_number[0][part] != [], part
    assert len({one["watchlist_id"] for one in by_former[0]["lists"]}) == 4
    assert by_former[0]["found_by"] == [f"bears IMO {LISTED} (name Chun Kuan on list uk-dprk)"]


@pytest.mark.parametrize(
    "key",
    [
        "chun kuan", "M/V Chun Kuan", "MV CHUN-KUAN", "  chun   kuan ", "Sino 7", "sino_7", "splendor", "Xin Guang",
        "pacific deja vu", "PACIFIC DÉJÀ VU", "Pacific-Déjà", "3EQW7", "3eqw 7", "351990002", "351 990 002",
        "MMSI 351990002", "mmsi-351990002", f"imo-{LISTED}", f"IMO{LISTED}", f"Imo No. {LISTED}", "９００４７００",
    ],
)  # fmt: skip
def test_case_accents_signs_call_signs_and_ids_as_printed_all_find_her(ask, key):
    found = ask(key)

    assert hulls(found) == [f"imo-{LISTED}"]
    assert found[0]["alerts"]
    assert len(found[0]["lists"]) == 4


def test_a_name_spelt_otherwise_is_offered_and_never_merged(ask, invoke, home):
    (by_name,), (joined,) = ask(FORMER), ask("Chunkuan")
    shown = " ".join(invoke("vessel", FORMER, "--home", home).stdout.split())

    assert by_name["similar"] == ["CHUNKUAN (MMSI 412000077, heard here)"]
    assert joined["vessel"]["vessel_id"] == "mmsi-412000077"
    assert joined["similar"] == [f"Chun Kuan (IMO {LISTED}, list uk-dprk)"] or "heard here" in joined["similar"][0]
    assert "Did you mean another ship?" in shown
    assert "CHUNKUAN (MMSI 412000077, heard here)" in shown


def test_a_ship_without_a_number_is_not_said_to_be_on_no_list(ask, invoke, home):
    (ship,) = ask("412000077")
    shown = " ".join(invoke("vessel", "412000077", "--home", home).stdout.split())

    assert ship["lists"] == []
    assert [(one["watchlist_id"], one["imo"]) for one in ship["list_hints"]] == [("uk-dprk", LISTED)]
    assert "not known: lists are matched by IMO number, and she sent no valid one" in shown
    assert "on none of those searched" not in shown


def test_a_ship_that_a_list_names_by_mmsi_is_shown_beside_the_entry(ask):
    found = ask("Tan Chon")

    assert hulls(found) == ["mmsi-445135000", None]
    assert found[0]["vessel"]["name"] == "NOBODYS SHIP"
    assert "heard on MMSI 445135000 (name" in found[0]["found_by"][0]
    assert ("un-1718", "her MMSI 445135000") in [(one["watchlist_id"], one["gives"]) for one in found[0]["list_hints"]]
    assert {entry["imo"] for entry in found[1]["lists"]} == {7640378}


@pytest.mark.parametrize(("key", "says"), [
    ("Kuan Chun", "did you mean Chun Kuan (IMO 9004700, heard here)"),
    ("Chun Quan", "Chun Kuan (IMO 9004700, heard here)"),
    ("9004701", "9004701: check digit fails, so no ship's own number"),
    ("9004701", "did you mean PACIFIC DÉJÀ VU (IMO 9004700, heard here)"),
    ("351990020", "did you mean PACIFIC DÉJÀ VU (IMO 9004700, heard here)"),
    ("123456", "6 digits: an IMO number has 7, an MMSI 9"),
    ("Chun Kuan, IMO 9004700", "9004700 in it was not looked up; give a number alone"),
    ("nobody at all", "AIS of 5 days from 2018-06-01 to 2018-06-05"),
    ("nobody at all", "in North Korean waters anybody was heard on 2 of them"),
    ("春宽", "AIS and most lists write names in Latin letters"),
    ("nobody at all", "uk-dprk of 2026-04-29"),
    ("nobody at all", "not eu-fsf, un-consolidated: no edition available"),
])  # fmt: skip
def test_no_answer_says_what_was_searched_and_what_may_be_meant(invoke, home, key, says):
    for form in ([], ["--json"]):
        done = invoke("vessel", key, *form, "--home", home)

        assert done.exit_code == 2
        assert says in one_line(done.stderr)


def test_a_number_with_a_wrong_check_digit_is_looked_up_all_the_same(ask, invoke, home):
    (ship,) = ask("1234568")

    assert ship["vessel"]["name"] == "NOBODYS SHIP"
    assert ship["notes"] == ["IMO 1234568: check digit fails, so no ship's own number; taken as written"]
    assert "check digit fails" in invoke("vessel", "1234568", "--home", home).stdout


def test_a_ship_on_no_list_is_told_with_the_editions_searched(ask, invoke, told):
    (ship,) = json.loads(invoke("vessel", "2990027", "--json", "--home", told).stdout)
    shown = " ".join(invoke("vessel", "2990027", "--home", told).stdout.split())

    assert ship["lists"] == ship["list_hints"] == []
    lists = {one["watchlist_id"]: one["edition"] for one in ship["searched"]["lists"]}
    assert lists["uk-dprk"] == "2026-04-29"
    assert lists["eu-fsf"] is None
    assert "On lists on none of those searched" in shown
    assert "uk-dprk of 2026-04-29" in shown


def test_what_is_not_derived_is_said_not_to_be(ask, invoke, home):
    (ship,) = ask(str(LISTED))
    shown = " ".join(invoke("vessel", str(LISTED), "--home", home).stdout.split())

    if ship["searched"]["not_derived"]:  # until there is a detector for each kind of event
        assert "not derived from AIS, so their absence here means nothing" in shown
    kinds = {event["event_table"] for event in ship["events"] if event["source"] == "ais"}
    assert not kinds & set(ship["searched"]["not_derived"])


def test_without_a_home_nobody_is_said_not_to_have_been_heard(invoke, tmp_path):
    shown = " ".join(invoke("vessel", FORMER, "--home", tmp_path / "none").stdout.split())

    assert "no AIS searched; known from lists" in shown
    assert "not heard" not in shown
    assert "Searched no AIS at all" in shown


def test_days_that_wait_to_be_derived_are_said_to(invoke, copied):
    done = invoke("vessel", "demo coal", "--home", copied)

    assert done.exit_code == 2
    assert "no AIS at all (5 landed and not derived yet: coalwatch run)" in one_line(done.stderr)


def test_an_id_of_a_hull_that_is_not_here_is_said_to_be(ask):
    (ship,) = ask("mmsi-351990002-2")

    assert ship["notes"] == ["mmsi-351990002-2: no hull of this id here; its number was looked up"]


@pytest.mark.parametrize("key", ["chun kuan", "M/V Sino 7", "9004700", "IMO 9004700", "DPR0112"])
def test_lists_find_a_ship_by_any_name_they_gave_her(invoke, tmp_path, key):
    done = invoke("lists", "show", key, "--json", "--home", tmp_path / "none")

    assert done.exit_code == 0, done.stderr
    assert {one["imo"] for one in json.loads(done.stdout)} == {LISTED}


@pytest.mark.parametrize(("key", "says"), [
    ("Chunkuan", "did you mean Chun Kuan (IMO 9004700, list uk-dprk)"),
    ("9004701", "check digit fails"),
    ("nobody at all", "searched eu-2017-1509 of 2024-12-16"),
])  # fmt: skip
def test_lists_that_name_nobody_so_called_say_which_were_searched(invoke, tmp_path, key, says):
    done = invoke("lists", "show", key, "--home", tmp_path / "none")

    assert done.exit_code == 2
    assert says in one_line(done.stderr)


@pytest.mark.parametrize(("question", "told"), [
    (("select count(*) from loitering",), ""),
    (("select sum(encounters) from voyage",), "voyage.encounters"),
    (("select * from vessel_history",), ""),
    (("ship_history", "imo=9004700"), ""),
    (("select count(*) from port_call",), ""),
    (("select count(*) from encounter",), ""),
])  # fmt: skip
def test_a_zero_that_nobody_counted_is_said_to_be_one(invoke, home, question, told):
    done = invoke("sql", *question, "--json", "--home", home)

    assert done.exit_code == 0, done.stderr
    assert (f"Not derived from AIS: {told}" in done.stderr) == bool(told)
