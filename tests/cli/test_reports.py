"""What reports say: readable at 80 columns, marked synthetic everywhere, and JSON that a program can rely on."""

import json
import re
import shutil
from datetime import datetime

import pytest

from pipeline.show.alerts import show_alerts
from tests.tasks.world import DAYS, Installation, month, write_days


@pytest.fixture
def asked(invoke, told):
    """Ask the told home; gives standard output."""

    def ask(*args):
        done = invoke(*args, "--home", told)
        assert done.exit_code == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return ask


@pytest.fixture
def parsed(asked):
    return lambda *args: json.loads(asked(*args, "--json"), parse_constant=pytest.fail)


@pytest.fixture
def alert(parsed):
    return parsed("alerts", "list")[0]


def words(text):
    return " ".join(text.split())


def test_data_that_is_free_for_any_use_has_no_terms_to_tell(told, invoke):
    answer = invoke("sql", "select count(*) as calls from port_call", "--home", told)

    assert answer.exit_code == 0
    assert answer.stderr == ""


JSON = [
    ("alerts", "list"), ("alerts", "list", "--all"), ("claims",), ("vessel", "2990027"), ("zones",),
    ("sql", "monthly_calls_and_coverage"), ("sql", "--list"), ("run", "--dry-run"),
]  # fmt: skip


@pytest.mark.parametrize("command", JSON, ids=" ".join)
def test_json_is_json_with_times_in_utc(parsed, command):
    def check(name, value):
        if isinstance(value, dict):
            for key, one in value.items():
                check(key, one)
        elif isinstance(value, list):
            for one in value:
                check(name, one)
        elif name.endswith("_at") and value is not None:
            assert datetime.fromisoformat(value).tzinfo is not None, (name, value)
        elif name in ("synthetic", "verified", "ok"):
            assert isinstance(value, bool), (name, value)
        elif name in ("imo", "mmsi") and value is not None:
            assert isinstance(value, int), (name, value)

    check("", parsed(*command))


def test_the_names_in_json_are_these(parsed, alert):
    assert {"alert_id", "status", "grade", "score", "headline", "synthetic", "began_at", "ended_at"} <= alert.keys()
    shown = parsed("alerts", "show", alert["alert_id"])
    assert list(shown) == [
        "alert", "evidence", "calibration", "cargo", "law", "claims", "reception", "track", "reviews",
        "succeeded_by", "succeeds",
    ]  # fmt: skip
    (ship,) = parsed("vessel", "2990027")
    assert list(ship) == [
        "vessel", "synthetic", "identities", "particulars", "reception", "lists", "events", "alerts", "found_by",
        "list_hints",
        "searched", "notes", "similar",
    ]  # fmt: skip
    (claim, *_) = parsed("claims", "--claim", "C16")
    assert {"claim_id", "label", "window_id", "from_at", "to_at", "verdict", "reason", "coverage_share"} <= claim.keys()


TEXT = [
    ("alerts", "list"), ("claims",), ("claims", "--claim", "D01"), ("vessel", "DEMO COAL"), ("vessel", "8628597"),
    ("zones",), ("sql", "--list"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "columns"), [*((command, 80) for command in TEXT), (("alerts", "list"), 120)], ids=str
)
def test_reports_keep_to_the_width_and_carry_no_colours_when_piped(asked, monkeypatch, command, columns):
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = asked(*command).splitlines()

    assert max(map(len, lines)) <= columns
    assert "\x1b" not in "".join(lines)


def test_the_queue_shows_grade_ship_and_what_ais_reported_and_says_synthetic(asked, alert):
    shown = words(asked("alerts", "list"))

    assert f"{alert['alert_id']} {alert['grade']}" in shown
    assert "DEMO COAL new SYNTHETIC" in shown
    assert "AIS-reported" in shown
    assert "they prove no cargo and no intent" in shown


def test_an_alert_shows_both_sides_the_law_and_the_claims(asked, alert):
    shown = asked("alerts", "show", alert["alert_id"])

    for part in (
        "SYNTHETIC: rests on generated data", "Speaks for it", "Best innocent explanation",
        "Evidence that is missing", "What the law in force said", "UN forbidden", "Claims it bears on",
    ):  # fmt: skip
        assert part in shown
    assert not re.search(r"smuggl|probab", shown, re.IGNORECASE)


def test_a_review_takes_an_alert_from_the_queue_and_trying_one_does_not(invoke, told, tmp_path):
    home = shutil.copytree(told, tmp_path / "home")

    def queue():
        return json.loads(invoke("alerts", "list", "--json", "--home", home).stdout)

    first = queue()[0]["alert_id"]
    words_ = ("alerts", "review", first, "dismissed", "--reviewer", "me", "--note", "in ballast", "--home", home)

    tried = invoke(*words_, "--dry-run")
    still = [row["alert_id"] for row in queue()]
    recorded = json.loads(invoke(*words_, "--json").stdout)

    assert "me would decide dismissed on:" in tried.stdout
    assert first in still
    assert recorded["review_id"].startswith("review-")
    assert first not in [row["alert_id"] for row in queue()]
    assert "me: dismissed in ballast" in invoke("alerts", "show", first, "--home", home).stdout


def test_withdrawn_alerts_are_listed_with_the_reason(parsed, capsys):
    row = parsed("alerts", "list", "--all")[0]
    withdrawn = {
        "status": "withdrawn",
        "withdrawn_at": "2026-01-01T12:00:00Z",
        "withdrawn_reason": "she went elsewhere",
    }

    show_alerts([row | withdrawn])

    shown = words(capsys.readouterr().out)
    assert "DEMO COAL withdrawn SYNTHETIC" in shown
    assert "withdrawn 2026-01-01 12:00: she went elsewhere" in shown


def test_c16_is_answered_from_observations_alone(invoke, tmp_path):
    rows = json.loads(invoke("claims", "--claim", "c16", "--json", "--home", tmp_path / "none").stdout)
    verdicts = {row["window_id"]: row["verdict"] for row in rows}

    assert verdicts["W0"] in ("WEAKENED", "INCONCLUSIVE_CONFLICT")
    assert verdicts["Wpost"] not in ("SUPPORTED",)
    assert all(row["coverage_share"] is None and not row["alerts_for"] for row in rows)
    assert "rests on observations alone" in rows[0]["reason"]
    assert rows[0]["would_change_it"]


def test_as_of_admits_only_what_was_known(invoke, tmp_path):
    def told_of(*args):
        rows = json.loads(invoke("claims", "--claim", "C16", "--json", "--home", tmp_path / "none", *args).stdout)
        return {row["window_id"]: row["observations_for"] + row["observations_against"] for row in rows}

    early, now = told_of("--as-of", "2021-01-31"), told_of()

    assert early["W0"] < now["W0"]


def test_the_demo_article_is_marked(asked):
    assert "SYNTHETIC ARTICLE" in asked("claims", "--article", "demo-2018")
    assert "SYNTHETIC" not in asked("claims", "--article", "dailynk-2021")


def test_a_ship_is_found_by_imo_mmsi_and_name(parsed):
    for key in ("2990027", "IMO 2990027", "351990002", "demo coal"):
        assert [ship["vessel"]["vessel_id"] for ship in parsed("vessel", key)] == ["imo-2990027"], key


def test_signs_in_a_name_are_not_wild(invoke, told):
    assert invoke("vessel", "%", "--home", told).exit_code == 2


def test_two_ships_on_one_mmsi_are_both_shown(asked):
    shown = asked("vessel", "445990003")

    assert "DEMO ONE" in shown
    assert "DEMO OTHER" in shown
    assert shown.count("SYNTHETIC") == 2


def test_a_listed_ship_that_was_not_heard_is_found_by_any_of_her_names(asked):
    for key in ("8628597", "Hao Fan 6"):
        shown = words(asked("vessel", key))
        assert "HAO FAN 6 IMO 8628597, not heard on AIS here; known from lists" in shown
        assert "UN HAO FAN 6: listed 2017-10-03" in shown
        assert "day of listing not published" in shown


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A day of one ship with the IMO number of HAO FAN 6 and a name that is meant to trouble a terminal."""
    folder = tmp_path_factory.mktemp("odd")
    rows = month()
    ship = rows[rows["MMSI"] == 351990002].assign(IMO="IMO8628597", VesselName="[red]\x1b[2JDEMO :smile:")
    files = write_days(ship, folder / "files")
    home = Installation(folder / "home")
    home.land(files[DAYS[0]])
    home.run()
    return folder / "home"


def test_each_event_says_what_lists_said_on_its_day(invoke, odd):
    """HAO FAN 6 was listed by the Security Council on 3 October 2017; the OFAC edition shows no day of listing."""
    (ship,) = json.loads(invoke("vessel", "8628597", "--json", "--home", odd).stdout)
    shown = words(invoke("vessel", "8628597", "--home", odd).stdout)

    assert ship["events"]
    for event in ship["events"]:
        said = {(one["watchlist_id"], one["status"]) for one in event["lists"]}
        assert ("un-1718", "listed") in said
        assert ("ofac-sdn", "unknown") in said
    assert "unknown to be listed by ofac-sdn]" in shown


def test_what_a_ship_called_herself_cannot_steer_the_terminal(invoke, odd):
    shown = invoke("vessel", "351990002", "--home", odd).stdout

    assert "\x1b" not in shown
    assert "[RED] [2JDEMO :SMILE:" in shown


def test_zones_are_told_in_a_line_and_drawn_and_all_checks_on_request(asked, tmp_path):
    few, lines = asked("zones", "--map", tmp_path / "zones.html"), asked("zones", "--all").splitlines()

    assert re.match(r"\d+ zones nest and do not overlap; all \d+ checks hold .* Map: ", words(few))
    assert lines[0].split() == ["check", "zone_id", "ok", "finding"]
    assert len(lines) > 200
    assert [path.name for path in tmp_path.iterdir()] == ["zones.html"]


def test_rows_piped_are_one_line_each_however_wide(asked):
    lines = asked("sql", "select * from alert order by alert_id").splitlines()

    assert lines[0].split()[:2] == ["alert_id", "pattern_id"]
    assert len(lines) == 1 + 2 + 1


def test_columns_of_one_name_are_all_given(parsed):
    (row,) = parsed("sql", "select a.alert_id, b.alert_id from alert a join alert b on a.alert_id < b.alert_id")

    assert list(row) == ["alert_id", "alert_id_2"]
    assert row["alert_id"] < row["alert_id_2"]


def test_numbers_of_a_users_own_are_not_bent_to_the_contracts(parsed):
    assert parsed("sql", "select 10.5 as positions, 'soon' as began_at, null as imo, 7 as synthetic") == [
        {"positions": 10.5, "began_at": "soon", "imo": None, "synthetic": 7}
    ]


def test_an_answer_about_what_is_not_derived_says_so(told, invoke):
    asked = invoke("sql", "select sum(encounters) as n from voyage", "--home", told)
    silent = invoke("sql", "select count(*) as n from loitering", "--home", told)

    assert "Not derived from AIS: voyage.encounters" in asked.stderr
    assert "Not derived" not in silent.stderr
