"""A list of ships screened: every row answered in order, as CSV, JSON and a page, a "no" with its grounds."""

import csv
import io
import json
import re
import shutil
import sqlite3
import sys

import pytest

from pipeline.judgement.screening import CALLED, NONE, NOT_HEARD, NOT_SCREENED
from pipeline.show.screen import COLUMNS
from tests.cli.conftest import one_line

LIST = (
    "\ufeffName;IMO No.;MMSI\r\n"
    "<b>Coal</b>;2990027;\r\n"  # heard, called
    ";;\r\n"
    '=HYPERLINK("x");8628598;351990002\r\n'  # wrong digit
    "DEMO COAL;9562233;\r\n"  # never heard; on lists
    "again;IMO 2990027;\r\n"
    "other;2990041;\r\n"  # heard far away
    ";;445990003\r\n"
)


@pytest.fixture
def screened(invoke, told, tmp_path):
    def screen(*options, content=LIST, as_of="2018-06-05", home=told):
        (tmp_path / "ships.csv").write_text(content, encoding="utf-8", newline="")
        done = invoke("screen", tmp_path / "ships.csv", "--as-of", as_of, *options, "--home", home)
        assert done.exit_code == 0, done.stderr
        return done

    return screen


def test_every_row_is_answered_in_order(screened):
    report = json.loads(screened("--json", "--days", "5").stdout)

    assert [(one["row"], one["answer"]) for one in report["ships"]] == [
        (2, CALLED), (4, NOT_SCREENED), (5, NOT_HEARD), (6, CALLED), (7, NONE), (8, NOT_SCREENED),
    ]  # fmt: skip
    assert [one["same_as_row"] for one in report["ships"]] == [None, None, None, 2, None, None]
    assert report["blank_lines"] == 1
    assert (report["from_day"], report["to_day"], report["synthetic"]) == ("2018-05-31", "2018-06-05", True)
    stay = report["ships"][0]["stays"][0]
    assert (stay["what"], stay["port"], stay["from_at"][:10]) == ("call", "Nampo", "2018-06-01")


def test_where_there_is_no_ais_of_the_period_it_is_said_that_lists_alone_were_searched(screened, tmp_path):
    said = f"No AIS of 2018-05-31 to 2018-06-05 is at hand in {tmp_path / 'mistyped'}: lists alone were searched."

    assert said in screened("--days", "5", home=tmp_path / "mistyped").stderr
    assert "lists alone" not in screened("--days", "5").stderr


def test_a_call_before_the_period_is_none_of_it_and_the_no_says_what_it_rests_on(screened):
    inside, outside = (json.loads(screened("--json", "--days", days).stdout)["ships"][0] for days in ("3", "1"))

    assert (inside["answer"], outside["answer"]) == (CALLED, NONE)
    assert outside["heard"]["days_heard"] == 2
    assert outside["rests_on"].startswith("She was heard on 2 of 2 days")
    assert "AIS of 2 of 2 days is at hand" in outside["rests_on"]


def test_a_ship_that_was_never_heard_gets_no_no(screened):
    unheard = json.loads(screened("--json").stdout)["ships"][2]

    assert unheard["answer"] == NOT_HEARD
    assert "that nothing was found says nothing" in unheard["rests_on"]
    assert {one["watchlist_id"] for one in unheard["listed"]} >= {"un-1718"}


def test_lists_are_read_as_of_the_day(screened):
    said = {
        day: csv.DictReader(io.StringIO(screened(as_of=day).stdout, newline=""))
        for day in ("2017-10-02", "2017-10-03")
    }  # fmt: skip
    before, after = (list(rows)[2] for rows in said.values())

    assert before["listed_by"] == ""
    assert "un-1718, as PETREL 8: not listed yet" in before["lists_say"]
    assert "un-1718 since 2017-10-03" in after["listed_by"]


def test_names_are_hints_and_move_no_answer(screened):
    ships = json.loads(screened("--json").stdout)["ships"]

    assert ships[2]["name_hints"] == ["same name as AIS: DEMO COAL (IMO 2990027, MMSI 351990002)"]
    assert ships[1]["name_hints"] == ["MMSI 351990002 of AIS: DEMO COAL (IMO 2990027, MMSI 351990002)"]
    assert any("MMSI 445990003 of AIS: DEMO ONE" in hint for hint in ships[5]["name_hints"])
    assert ships[0]["name_hints"] == []


@pytest.fixture
def tied(told, tmp_path):
    """Give a home of one's own in which DEMO COAL is one of a pair of IDENTITY_CHANGE with these values."""
    shutil.copytree(told, tmp_path / "home")

    def tie(**values):
        row = {
            "identity_change_id": "tie", "mmsi": 351990002, "vessel_id": "imo-2990027", "source": "ais",
            "known_at": "2018-06-04 00:00:00", "cut_at_start": 0, "field": "mmsi",
            "changed_after": "2018-06-02 00:00:00", "changed_by": "2018-06-02 05:00:00",
            "other_mmsi": 440990009, "other_vessel_id": "imo-2990027",
            "distance_nm": 12.0, "hours": 5.0, "candidates": 1,
        } | values  # fmt: skip
        with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as file:
            names = ", ".join(row)
            file.execute(
                f"insert into identity_change ({names}) values ({', '.join('?' * len(row))})", tuple(row.values())
            )
        return tmp_path / "home"

    return tie


def test_who_may_be_her_under_another_number_is_told_with_what_that_one_did(screened, tied):
    home = tied(kind="succession", other_vessel_id="imo-2990041", candidates=3)
    row = list(csv.DictReader(io.StringIO(screened("--days", "5", home=home).stdout, newline="")))[4]

    assert row["imo"] == "2990041"
    assert row["answer"] == NONE  # silences are shared by many
    assert "MMSI 351990002 (DEMO COAL, IMO 2990027) was first heard on 2018-06-02 05:00 UTC" in row["identity"]
    assert "or any of 2 more" in row["identity"]
    assert "that one: AIS-reported call at Nampo from 2018-06-01" in row["identity"]
    assert "her identity is in doubt: 1 tie" in row["rests_on"]


def test_a_number_at_two_places_is_told_beside_the_call(screened, tied):
    home = tied(kind="two_places")
    ship = json.loads(screened("--json", "--days", "5", home=home).stdout)["ships"][0]
    row = next(csv.DictReader(io.StringIO(screened("--days", "5", home=home).stdout, newline="")))

    assert ship["answer"] == CALLED
    assert [one["kind"] for one in ship["identity"]] == ["two_places"]
    assert "sent her number at two places at once" in row["identity"]
    assert "may be another ship's" in row["identity"]


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "same_number", "ordinary": "reflagged"},
        {"kind": "two_places", "changed_after": "2018-06-06 00:00:00", "changed_by": "2018-06-07 00:00:00"},
        {"kind": "two_places", "changed_after": "2018-04-06 00:00:00", "changed_by": "2018-04-07 00:00:00"},
    ],
)
def test_what_is_ordinary_or_of_another_time_is_no_doubt(screened, tied, values):
    ship = json.loads(screened("--json", "--days", "5", home=tied(**values)).stdout)["ships"][0]

    assert ship["identity"] == []
    assert "doubt" not in ship["rests_on"]


def test_a_stay_too_long_for_a_ship_counts_for_nothing_and_is_told(screened, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as file:
        for table in ("port_call", "port_visit"):
            file.execute(f"update {table} set implausible_stay = 1 where country = 'KP' and vessel_id = 'imo-2990027'")
    row = next(csv.DictReader(io.StringIO(screened("--days", "5", home=tmp_path / "home").stdout, newline="")))

    assert (row["answer"], row["calls"], row["stays_too_long"]) == (NONE, "0", "1")
    assert "longer than a ship stays, count for nothing" in row["rests_on"]


def test_how_much_of_the_period_there_is_data_of_stands_in_columns_and_on_the_page(screened, tmp_path):
    row = next(csv.DictReader(io.StringIO(screened("--days", "180").stdout, newline="")))
    screened("--days", "180", "--output", tmp_path / "screened.html")
    page = (tmp_path / "screened.html").read_text(encoding="utf-8")

    assert (row["days"], row["days_with_data"], row["days_heard"]) == ("181", "5", "5")
    assert "AIS of 5 of these 181 days is at hand; of the" in page
    assert ">5 of 181<" in page


def test_csv_has_a_row_a_ship_and_no_formula(screened):
    rows = list(csv.DictReader(io.StringIO(screened().stdout, newline="")))

    assert len(rows) == 6
    assert list(rows[0]) == list(COLUMNS)
    assert rows[1]["name_given"] == '\'=HYPERLINK("x")'
    assert rows[1]["calls"] == ""  # not screened: not none
    assert rows[4]["calls"] == "0"
    assert "Nampo from 2018-06-01" in rows[0]["last_call"]
    assert {row["synthetic"] for row in rows} == {"true"}


def test_the_page_shows_names_as_text_and_loads_nothing(screened, tmp_path):
    done = screened("--output", tmp_path / "screened.html")
    page = (tmp_path / "screened.html").read_text(encoding="utf-8")

    assert "<b>Coal" not in page
    assert "&lt;b&gt;Coal&lt;/b&gt;" in page
    assert "SYNTHETIC" in page
    assert page.count("<section") == 6
    assert "table-header-group" in page
    assert not re.search(r"(src|href)=", page)
    assert "6 rows in" in done.stdout
    assert "SYNTHETIC" in done.stderr


def test_the_page_without_jinja_says_what_to_install(invoke, told, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    (tmp_path / "ships.csv").write_text("IMO\n2990027\n")
    done = invoke("screen", tmp_path / "ships.csv", "--as-of", "2018-06-05", "--format", "html", "--home", told)

    assert done.exit_code == 2
    assert 'pip install "coalwatch[report]"' in one_line(done.stderr)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--days", "0"), "expected days from 1"),
        (("--days", "999999999"), "expected days from 1"),
        (("--output", "x.pdf"), "expected a name that ends in"),
    ],
)
def test_what_cannot_be_answered_is_told(invoke, told, tmp_path, options, words):
    (tmp_path / "ships.csv").write_text("IMO\n2990027\n")
    done = invoke("screen", tmp_path / "ships.csv", "--as-of", "2018-06-05", *options, "--home", told)

    assert done.exit_code == 2
    assert words in one_line(done.stderr)


@pytest.mark.parametrize("as_of", ["0001-01-01", "0001-06-01", "9999-12-31"])
def test_days_at_the_ends_of_time_are_told(invoke, told, tmp_path, as_of):
    (tmp_path / "ships.csv").write_text("IMO\n2990027\n")
    done = invoke("screen", tmp_path / "ships.csv", "--as-of", as_of, "--home", told)

    assert done.exit_code == 2
    one_line(done.stderr)


def test_without_a_home_lists_still_answer(screened, tmp_path):
    report = json.loads(screened("--json", home=tmp_path / "none").stdout)

    assert {one["answer"] for one in report["ships"]} == {NOT_HEARD, NOT_SCREENED}
    assert not (tmp_path / "none").exists()


def test_a_thousand_ships_are_asked_about_in_a_handful_of_selects(told, tmp_path, monkeypatch):
    from datetime import datetime

    from pipeline.settings import Settings
    from pipeline.tasks.screen import screen_ships
    from pipeline.warehouse.reader import Reader

    asked, rows = [], Reader.rows
    monkeypatch.setattr(Reader, "rows", lambda self, *args: asked.append(args) or rows(self, *args))
    (tmp_path / "ships.csv").write_text("IMO\n" + "2990027\n9562233\n2990041\n" * 400)
    report = screen_ships(Settings(home=told), tmp_path / "ships.csv", datetime(2018, 6, 5), 180, lambda line: None)

    assert len(report["ships"]) == 1200
    assert len(asked) < 25
