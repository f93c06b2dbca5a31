"""Alerts chosen by what they are about, and named by a beginning of their id."""

import json
import os
import shutil
import sqlite3

import pytest

from pipeline.settings import Settings
from pipeline.tasks.reports import every_alert
from tests.cli.conftest import ENVIRONMENT, coalwatch, one_line


@pytest.fixture
def listed(invoke, told):
    def listed(*options):
        done = invoke("alerts", "list", *options, "--json", "--home", told)
        assert done.exit_code == 0, done.stderr
        return {row["vessel_name"] for row in json.loads(done.stdout)}

    return listed


BOTH = {"DEMO COAL", "DEMO ONE"}


@pytest.mark.parametrize(
    ("options", "ships"),
    [
        ((), BOTH),
        (("--grade", "strong"), BOTH),
        (("--grade", "weak"), set()),
        (("--grade", "weak", "--grade", "strong"), BOTH),
        (("--vessel", "demo coal"), {"DEMO COAL"}),
        (("--vessel", "IMO 2990039"), {"DEMO ONE"}),
        (("--vessel", "351990002"), {"DEMO COAL"}),
        (("--vessel", "imo-2990027"), {"DEMO COAL"}),
        (("--vessel", "8628597"), set()),  # listed, not heard
        (("--since", "2018-06-03"), BOTH),
        (("--since", "2018-07-01"), set()),
        (("--claim", "D01"), BOTH),
        (("--claim", "demo-2018/D01"), BOTH),
        (("--claim", "d01", "--vessel", "demo one"), {"DEMO ONE"}),
        (("--pattern", "dprk-flag-at-receiving-port", "--vessel", "demo coal"), set()),
        (("--all", "--vessel", "demo coal", "--grade", "strong"), {"DEMO COAL"}),
    ],
    ids=lambda words: " ".join(sorted(words)),  # a set has no order
)
def test_alerts_are_chosen_by_what_they_are_about(listed, options, ships):
    assert listed(*options) == ships


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--grade", "huge"), "'huge' is not one of 'strong', 'moderate', 'weak'"),
        (("--pattern", "direct-cal"), 'no pattern "direct-cal"; did you mean direct-call? expected one of '),
        (("--claim", "C99"), 'no claim "C99"; '),
        (("--claim", "C99"), "expected one of "),
        (("--vessel", "nobody at all"), 'no ship found for "nobody at all"'),
        (("--since", "yesterday"), "'yesterday' does not match the format '%Y-%m-%d'"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(invoke, told, options, said):
    done = invoke("alerts", "list", *options, "--home", told)

    assert done.exit_code == 2
    assert said.lower() in one_line(done.stderr).lower()


def test_a_choice_that_leaves_none_is_not_said_to_be_an_empty_queue(invoke, told):
    shown = " ".join(invoke("alerts", "list", "--grade", "weak", "--home", told).stdout.split())

    assert "None of the 2 alerts waiting to be read matches --grade weak." in shown
    assert "No alert is waiting" not in shown


def test_landed_days_that_are_not_derived_are_told_beside_the_queue(invoke, told, files, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    late = tmp_path / "AIS_2018-06-09.csv"
    late.write_text(files["2018-06-05"].read_text().replace("2018-06-05", "2018-06-09"))
    assert invoke("ingest", "noaa", late, "--synthetic", "--home", tmp_path / "home").exit_code == 0

    done = invoke("alerts", "list", "--json", "--home", tmp_path / "home")

    assert "Landed days that are not derived yet and so raise no alerts: 1" in done.stderr
    assert len(json.loads(done.stdout)) == 2


@pytest.mark.long
def test_a_day_that_landed_otherwise_since_is_told_too(invoke, told, files, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    late = tmp_path / "late.csv"
    late.write_text(files["2018-06-05"].read_text().replace("351990002", "351990003"))
    assert invoke("ingest", "noaa", late, "--synthetic", "--home", tmp_path / "home").exit_code == 0

    assert "raise no alerts: 1" in invoke("alerts", "list", "--json", "--home", tmp_path / "home").stderr
    assert invoke("run", "--home", tmp_path / "home").exit_code == 0
    assert invoke("alerts", "list", "--json", "--home", tmp_path / "home").stderr == ""


def test_an_alert_is_named_by_a_beginning_of_its_id(invoke, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    first, second = (row["alert_id"] for row in every_alert(Settings(home=tmp_path / "home")))

    shown = json.loads(invoke("alerts", "show", first[:4], "--json", "--home", tmp_path / "home").stdout)
    done = invoke("alerts", "review", second[:5], "dismissed", "--reviewer", "me", "--home", tmp_path / "home")
    reviews = json.loads(invoke("alerts", "show", second, "--json", "--home", tmp_path / "home").stdout)["reviews"]

    assert shown["alert"]["alert_id"] == first
    assert shown["evidence"]
    assert done.exit_code == 0, done.stderr
    assert [one["decision"] for one in reviews] == ["dismissed"]


def test_a_beginning_that_several_have_lists_them(invoke, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    alerts = every_alert(Settings(home=tmp_path / "home"))
    twin = alerts[0]["alert_id"][:6] + "0000000000"
    with sqlite3.connect(tmp_path / "home" / "warehouse.sqlite") as connection:
        columns = [row[1] for row in connection.execute("pragma table_info(alert)")][1:]
        connection.execute(
            f"insert into alert (alert_id, {', '.join(columns)}) select ?, {', '.join(columns)} from alert"
            " where alert_id = ?",
            [twin, alerts[0]["alert_id"]],
        )
    connection.close()

    for command in (["show", twin[:6]], ["review", twin[:6], "confirmed", "--reviewer", "me"]):
        said = one_line(invoke("alerts", *command, "--home", tmp_path / "home").stderr)
        assert f"alert {twin[:6]} is the beginning of 2: " in said
        assert twin in said
        assert alerts[0]["alert_id"] in said
    assert invoke("alerts", "show", twin, "--home", tmp_path / "home").exit_code == 0


@pytest.mark.parametrize("given", ["", "%", "_", "zzz"])
def test_an_id_of_no_alert_is_answered_with_those_there_are(invoke, told, given):
    assert "does not exist; expected one of 2" in one_line(invoke("alerts", "show", given, "--home", told).stderr)


def test_who_decides_is_known_without_a_variable_user(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    alert = every_alert(Settings(home=tmp_path / "home"))[0]["alert_id"]
    bare = {name: value for name, value in ENVIRONMENT.items() if name not in ("USER", "LOGNAME", "LNAME", "USERNAME")}

    done = coalwatch("alerts", "review", alert, "confirmed", "--dry-run", "--home", tmp_path / "home", env=bare)

    import pwd

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{pwd.getpwuid(os.getuid()).pw_name} would decide confirmed")


def test_who_has_no_name_at_all_is_asked_for_one(invoke, told, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(OSError("No username set")))
    alert = every_alert(Settings(home=told))[0]["alert_id"]

    done = invoke("alerts", "review", alert, "confirmed", "--dry-run", "--home", told)

    assert done.exit_code == 2
    assert "reviewer is not known" in one_line(done.stderr)
    assert "--reviewer NAME" in done.stderr
