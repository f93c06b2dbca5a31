"""A real Airflow over the project's DAGs: whatever the order, the rows of the command line; what a desk would stop is
stopped; what a person decides is kept."""

from __future__ import annotations

import json
import random
import shutil
from email import message_from_bytes
from email.policy import default

import httpx
import pandas as pd
import pytest
from aiosmtpd.controller import Controller
from pytest_httpserver import HTTPServer

from pipeline.contracts import REVIEW
from pipeline.tasks.land import ingest
from pipeline.tasks.lists import lists_with_address
from pipeline.tasks.sources import weekly_sources
from pipeline.warehouse.store import open_for_reading
from tests.dags.airflow import Airflow, free_port
from tests.desk.serving import fields_of
from tests.tasks.gfw_world import coal_voyage, hull, identity, registered, ships_page, write_pages
from tests.tasks.world import CLOCK, Installation, assert_same

# Two strong alerts of different days, and a coal ship that sails from Nampo to Longkou.
DAYS = [f"2018-06-{n:02}" for n in range(5, 10)]
MORE_DAYS = [f"2018-06-{n:02}" for n in range(5, 13)]
FRIDAYS = ["2018-06-01", "2018-06-08", "2018-06-15", "2018-06-22"]
LOST = "2018-06-29"
DESK = "desk@example.org"
pytestmark = pytest.mark.long  # all in one Airflow: starting it costs more than most of what is done in it


def by_hand(folder, files):
    """The rows that the command line makes of the files."""
    home = Installation(folder)
    home.land(*files)
    home.run()
    return home.rows()


@pytest.fixture(scope="module")
def derived(month, tmp_path_factory):
    """A home in which the command line derived the days at once; copy it to change it."""
    home = Installation(tmp_path_factory.mktemp("derived") / "home")
    home.land(*(month[day] for day in DAYS))
    home.run()
    assert "cn-longkou" in home.rows()["alert"]["destination_zone_id"].tolist()
    return home


class Letters:
    """Keeps what a mail client delivers."""

    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):  # the name is aiosmtpd's
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture(scope="module")
def letters():
    kept = Letters()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    kept.port = controller.port
    yield kept
    controller.stop()


@pytest.fixture(scope="module")
def hook():
    with HTTPServer(host="127.0.0.1", port=0) as server:
        server.expect_request("/coalwatch", method="POST").respond_with_data("", status=204)
        server.expect_request("/list").respond_with_data("this is no list of anybody's")
        server.expect_request("/v3/vessels/search").respond_with_data("not yours", status=403)
        counted = {"numEvents": 0, "numFlags": 0, "numVessels": 0, "flags": [], "timeseries": []}
        server.expect_request("/v3/events/stats").respond_with_json(counted)
        server.expect_request("/v3/insights/vessels").respond_with_json({"coverage": {"blocks": "0"}, "gap": None})
        yield server


@pytest.fixture(scope="module")
def airflow(prepared, letters, hook, tmp_path_factory):
    """A running Airflow; the coalwatch home it works on is the link `airflow.home.parent / "home"`."""
    folder = tmp_path_factory.mktemp("scheduled")
    (folder / "home").symlink_to(tmp_path_factory.mktemp("no-home-yet"))
    mail = {"disable_ssl": True, "disable_tls": True, "to": DESK, "from_email": "coalwatch@example.org"}
    connections = {
        "MAIL": {"conn_type": "smtp", "host": "127.0.0.1", "port": letters.port, "extra": mail},
        "WEBHOOK": {"conn_type": "http", "host": f"http://127.0.0.1:{hook.port}/coalwatch"},
    }
    told = {f"AIRFLOW_CONN_COALWATCH_{name}": json.dumps(connection) for name, connection in connections.items()}
    address = f"http://127.0.0.1:{hook.port}"
    servers = {spec.source: address for spec in weekly_sources()}
    addresses = json.dumps(dict.fromkeys(lists_with_address(), f"{address}/list") | servers)
    told |= {"COALWATCH_SOURCE_URLS": addresses, "COALWATCH_GFW_TOKEN": "of-the-test"}
    with Airflow(prepared, folder / "airflow", COALWATCH_HOME=str(folder / "home"), **told) as running:
        running.unpause("land_positions_demo", "land_late_files", "watch_coal")
        running.wait()  # the watch that was missed starts by itself
        yield running


@pytest.fixture
def home(airflow, tmp_path):
    """An empty coalwatch home under the running Airflow. It is a link to a new folder: a task of the test before may
    still hold files of the old one open."""
    link, folder = airflow.home.parent / "home", tmp_path / "home"
    (folder / "landing" / "demo").mkdir(parents=True)
    link.unlink()
    link.symlink_to(folder)
    airflow.begin()
    return Installation(link)


@pytest.fixture
def reviewing(airflow):
    """People are asked about strong alerts while this test runs."""
    with airflow.unpaused("review_alerts"):
        yield


def put(home, month, days):
    for day in days:
        shutil.copy(month[day], home.settings.landing / "demo")


def pipeline_runs(home):
    with open_for_reading(home.settings.database_url) as warehouse:
        return len(warehouse.query("select 1 from pipeline_run"))


def test_days_in_any_order_again_and_late_are_what_the_command_line_makes_of_them(airflow, home, month, derived):
    late, on_time = DAYS[1:3], [DAYS[0], *DAYS[3:]]
    put(home, month, on_time)

    for day in random.Random(4).sample(on_time, len(on_time)):
        airflow.trigger("land_positions_demo", partition_key=day)
    airflow.wait()
    put(home, month, late)
    run_id = airflow.trigger("land_late_files")
    airflow.wait()

    assert_same(home.rows(), derived.rows())
    taken = airflow.query(f"select state from task_instance where task_id = 'land' and run_id = '{run_id}'")
    assert taken == [("success",)] * len(late)  # one task a file
    derived = pipeline_runs(home)
    airflow.trigger("land_positions_demo", partition_key=DAYS[0])
    airflow.wait()
    assert pipeline_runs(home) == derived  # a rerun of a day that is there derives nothing
    assert airflow.failed() == []


def test_days_backfilled_are_those_of_the_command_line_and_each_column_of_the_grid_names_its_day(
    airflow, home, month, tmp_path
):
    days = DAYS[:2]
    put(home, month, days)

    airflow.backfill("land_positions_demo", days[0], days[-1])
    airflow.wait()

    assert_same(home.rows(), by_hand(tmp_path / "by-hand", [month[day] for day in days]))
    landed, watched = airflow.columns("land_positions_demo"), airflow.columns("watch_coal")
    assert [day in one["run_id"] for day, one in zip(days, landed, strict=True)] == [True, True]
    assert [one["note"] for one in landed] == [None, None]  # the id says it
    assert not any(day in one["run_id"] for day in days for one in watched)
    assert sorted(str(one["note"]) for one in watched) == [f"Data of {day}" for day in days]
    assert all(one["has_note"] for one in watched)

    # and a note of a person's stays
    airflow.trigger("land_late_files")  # a run of no day
    seen = watched[0]["run_id"]
    airflow.note("watch_coal", seen, "seen by Kim")
    airflow.clear("watch_coal", seen)
    airflow.wait()
    assert airflow.columns("watch_coal")[0]["note"] == "seen by Kim"
    assert {one["note"] for one in airflow.columns("land_late_files")} == {None}  # one may have started by itself


def test_days_backfilled_backwards_while_earlier_ones_come_in_any_order_are_what_the_command_line_makes_of_them(
    airflow, home, month, tmp_path
):
    """Landing, deriving and publishing of eight days at the same time: nothing waits for what is before it."""
    shuffled, backwards = MORE_DAYS[:4], MORE_DAYS[4:]
    put(home, month, MORE_DAYS)

    airflow.backfill("land_positions_demo", backwards[0], backwards[-1], backwards=True, max_active_runs=3)
    for day in random.Random(30).sample(shuffled, len(shuffled)):
        airflow.trigger("land_positions_demo", partition_key=day)
    airflow.wait(900)

    assert_same(home.rows(), by_hand(tmp_path / "by-hand", [month[day] for day in MORE_DAYS]))
    assert sorted(day for _, day, _ in airflow.runs("watch_coal")) == MORE_DAYS
    assert airflow.failed() == []


def test_a_run_killed_while_it_derives_and_one_while_it_lands_end_as_undisturbed(airflow, home, month, derived):
    put(home, month, DAYS)

    airflow.trigger("land_late_files")
    airflow.kill_once_running("land", (home.settings.home / "lake" / "catalog.sqlite").exists)
    airflow.kill_once_running("derive", (home.settings.home / "warehouse.sqlite").exists)
    airflow.wait(400)

    assert airflow.tries("land") == 2
    assert airflow.tries("derive") == 2
    assert {state for _, _, state in airflow.runs()} == {"success"}
    assert_same(home.rows(), derived.rows())


def told(hook):
    return [json.loads(request.get_data()) for request, _ in hook.log if request.method == "POST"]


def test_a_lost_day_is_held_back_and_a_late_file_releases_it(airflow, home, month, letters, hook):
    put(home, month, FRIDAYS)
    landing = home.settings.landing / "demo"
    lines = month[LOST].read_text().splitlines(keepends=True)
    (landing / "thin_2018_06_29.csv").write_text("".join(lines[:1] + lines[1::25]))
    for day in [*FRIDAYS, LOST]:
        airflow.trigger("land_positions_demo", partition_key=day)
    airflow.wait()

    assert {day: state for _, day, state in airflow.runs("watch_coal")} == dict.fromkeys(FRIDAYS, "success") | {
        LOST: "failed"
    }
    states = airflow.tasks("watch_coal")
    assert set(states[LOST, "derive"]) == {"success"}
    assert set(states[LOST, "gate"]) == {"failed"}
    assert set(airflow.announced("alerts")) == set(FRIDAYS)
    with open_for_reading(home.settings.database_url) as warehouse:
        rows = warehouse.query("select status, message from pipeline_run where status = 'withheld'")
    assert len(rows) >= 1
    assert rows["message"].str.contains(f"{LOST}: coverage lost").all()
    said = [notice for notice in told(hook) if LOST in notice.get("held_back", [])]
    assert len(said) == 1  # by the run that judged it first
    assert "coverage lost" in json.dumps(said[0])
    letters_on_it = [one for one in letters.received if "coverage lost" in one.get_body(("html",)).get_content()]
    assert letters_on_it
    assert letters_on_it[0]["to"] == DESK

    shutil.copy(month[LOST], landing)
    airflow.trigger("land_late_files")
    airflow.wait()

    assert [state for _, day, state in airflow.runs("watch_coal") if day == LOST][-1] == "success"
    assert airflow.announced("alerts").count(LOST) == 1


def reviews(home):
    with open_for_reading(home.settings.database_url) as warehouse:
        return warehouse.read(REVIEW)


def publish(airflow, home, month, derived):
    """Strong alerts of the days, derived at once and then published, so that each is asked about once; and the day of
    the last of them."""
    put(home, month, DAYS)
    shutil.copytree(derived.settings.home, home.settings.home, dirs_exist_ok=True)
    alerts = home.rows()["alert"]
    strong = alerts[alerts["grade"] == "strong"].set_index("alert_id")
    assert len(strong) >= 2
    days = sorted({f"{known_at - pd.Timedelta(days=1):%Y-%m-%d}" for known_at in strong["known_at"]})
    for day in days:
        airflow.trigger("land_positions_demo", partition_key=day)
    airflow.wait()
    return strong, days[-1]


def test_each_strong_alert_is_put_to_a_person_once_and_the_answers_are_kept(airflow, home, reviewing, month, derived):
    strong, day = publish(airflow, home, month, derived)
    asked = airflow.questions()

    assert sorted(one["subject"] for one in asked) == sorted("[SYNTHETIC] " + strong["headline"])
    for one in asked:
        assert all(heading in one["body"] for heading in ("Speaks for it", "innocent", "missing", "law in force")), one[
            "body"
        ]
    pool = airflow.web.get("/api/v2/pools/coalwatch_writer").json()
    assert pool["open_slots"] == pool["slots"] == 1  # waiting holds none
    assert airflow.query("select count(*) from task_instance where state in ('running', 'queued')") == [(0,)]

    airflow.trigger("land_positions_demo", partition_key=day)  # a rerun asks nothing again
    airflow.wait()
    assert len(airflow.questions()) == len(asked)

    for one in asked:
        airflow.answer(one, "escalated", note="seen on an image of the day")
    airflow.wait()
    kept = reviews(home)
    assert sorted(kept["alert_id"]) == sorted(strong.index)
    assert set(kept["decision"]) == {"escalated"}
    assert set(kept["note"]) == {"seen on an image of the day"}
    assert kept["reviewer"].str.startswith("airflow:").all()
    assert kept.set_index("alert_id")["evidence_hash"].to_dict() == strong["evidence_hash"].to_dict()


def look_again(airflow, *also):
    """Let the time pass after which a question that waits is looked at again."""
    overdue = "update task_instance set trigger_timeout = '2020-01-01 00:00:00' where state = 'awaiting_input'"
    airflow.change(*also, overdue)


def test_a_question_that_was_decided_elsewhere_is_closed_and_the_others_wait_on(
    airflow, home, reviewing, month, derived
):
    strong, _ = publish(airflow, home, month, derived)
    decided = strong.index[0]
    # In the desk, as a browser asks there: without a token.
    place = str(airflow.web.base_url.join(f"/coalwatch/alerts/{decided}"))
    form = fields_of(httpx.get(place, timeout=120).raise_for_status().text) | {"decision": "dismissed"}
    assert httpx.post(f"{place}/decision", data=form, timeout=120).status_code == 303

    look_again(airflow)
    ended = (
        "select count(*) from task_instance where task_id = 'decide.record' and state = 'skipped' and map_index >= 0"
    )
    airflow._until(lambda: airflow.query(ended) == [(1,)], "the question to be closed", 120)
    airflow.wait()

    waiting = [one for one in airflow.questions() if one["responded_at"] is None]
    assert [one["subject"] for one in waiting] == [
        "[SYNTHETIC] " + headline for headline in strong.drop(decided)["headline"]
    ]
    for one in waiting:
        airflow.answer(one, "confirmed")
    airflow.wait()
    kept = reviews(home)
    assert sorted(kept["decision"]) == sorted(["dismissed", *["confirmed"] * len(waiting)])
    assert set(kept["reviewer"]) == {"airflow:Anonymous"}  # in either place


def test_no_answer_in_time_is_no_decision(airflow, home, reviewing, month, derived):
    strong, _ = publish(airflow, home, month, derived)
    look_again(airflow, "update dag_run set start_date = '2020-01-01 00:00:00' where dag_id = 'review_alerts'")
    airflow.wait_for_the_end_of_asking()

    assert reviews(home).empty
    states = airflow.tasks("review_alerts")
    assert [found for (_, task), found in states.items() if task == "decide.ask" and "success" in found] == [
        ["success"]
    ] * len(strong)
    assert {state for (_, task), found in states.items() if task == "decide.record" for state in found} == {"skipped"}
    assert {state for _, _, state in airflow.runs("review_alerts")} == {"success"}


def test_lists_that_cannot_be_taken_turn_the_weekly_run_red_and_change_nothing(airflow, home, month, hook):
    put(home, month, DAYS[:1])
    home.land(month[DAYS[0]])
    home.run()
    before = home.rows()

    with airflow.unpaused("refresh_reference"):  # the week's run that was missed starts by itself
        airflow.wait()

    runs = [state for _, _, state in airflow.runs("refresh_reference")]
    weeks = len(runs)  # two, where Monday's hour struck since the DAGs were read
    assert weeks >= 1
    assert runs == ["failed"] * weeks
    states = airflow.tasks("refresh_reference")
    assert states[None, "refresh"] == ["failed"] * len(lists_with_address()) * weeks
    assert states[None, "particulars"] == ["skipped"] * len(weekly_sources()) * weeks  # the home is generated
    assert states[None, "everything_was_taken"] == ["upstream_failed"] * weeks
    assert states[None, "judge"] == ["skipped"] * weeks
    assert {notice["task_id"] for notice in told(hook) if notice["kind"] == "coalwatch.failure"} >= {"refresh"}
    assert_same(home.rows(), before)


def test_the_ships_of_bought_events_are_asked_for_and_judged_by_their_number(airflow, home, hook, tmp_path):
    hao_fan_6 = 8628597
    entries = [hull(identity(), registry=[registered(hao_fan_6)])]
    hook.expect_request("/v3/vessels", headers={"Authorization": "Bearer of-the-test"}).respond_with_json(
        ships_page(entries)
    )
    (events,) = ingest(
        home.settings, [write_pages(tmp_path / "gfw.jsonl", coal_voyage())], "gfw", now=CLOCK, progress=print
    )
    home.run()
    assert events["events"] == 2
    assert home.rows()["alert"]["imo"].isna().all()

    with airflow.unpaused("refresh_reference"):  # the week's run that was missed may start besides
        airflow.trigger("refresh_reference")
        airflow.wait()

    states = airflow.tasks("refresh_reference")
    runs = len(airflow.runs("refresh_reference"))
    assert sorted(states[None, "particulars"]) == ["failed"] * runs + ["success"] * 3 * runs  # listed ships are refused
    assert "success" in states[None, "judge"]  # which keeps nobody from the rest
    rows = home.rows()
    assert rows["alert"]["imo"].tolist() == [hao_fan_6]
    assert "listed" in set(rows["alert_evidence"]["role"])
