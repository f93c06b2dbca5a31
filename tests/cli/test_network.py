"""`coalwatch network`: one ship's ties to others, with names, numbers, lists and dates."""

import json

import pandas as pd
import pytest

from tests.tasks.world import DAYS, Installation, voyage, write_days

LISTED = 9004700


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A listed ship at the coal berth, and 5 hours after she left another one."""
    folder = tmp_path_factory.mktemp("network")
    first = voyage(351990002, LISTED, "DEMO FIRST")
    then = voyage(351990004, 2990027, "DEMO SECOND").assign(hours=lambda rows: rows["hours"] + 36)
    files = write_days(pd.concat([first, then], ignore_index=True), folder / "files")
    installation = Installation(folder / "home")
    installation.land(*(files[day] for day in DAYS))
    installation.run()
    return folder / "home"


def test_who_lay_at_her_berth_before_her_is_named_with_her_lists(invoke, home):
    done = invoke("network", "2990027", "--json", "--home", home)

    (ship,) = json.loads(done.stdout)
    (tie,) = [one for one in ship["ties"] if one["tie"] == "lay at the berth before her"]
    assert (tie["other_name"], tie["other_imo"], tie["place"]) == ("DEMO FIRST", LISTED, "kp-nampo-coal")
    assert "un-1718" in tie["other_lists"]
    assert ship["synthetic"]


def test_a_berth_that_lay_empty_for_longer_ties_nobody(invoke, home):
    done = invoke("network", "2990027", "--hours", "1", "--json", "--home", home)

    assert [one["tie"] for one in json.loads(done.stdout)[0]["ties"]] == []


def test_it_reads_as_ties_and_no_accusation(invoke, home):
    done = invoke("network", "2990027", "--home", home)

    assert "lay at the berth before her" in done.stdout
    assert "SYNTHETIC" in done.stdout
    assert "A tie is a reason to look at the other ship" in done.stdout


def test_a_ship_that_was_only_listed_has_no_ties_to_know_of_and_is_said_not_to_have_been_heard(invoke, home):
    done = invoke("network", "9985758", "--home", home)

    assert done.exit_code == 2
    assert done.stderr.startswith("coalwatch: ")
