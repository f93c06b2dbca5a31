"""Deciding in the desk: one row as any other way of deciding writes, and nothing lost when it cannot be written."""

import re
import sqlite3

import httpx
import pytest
import sqlalchemy
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue, alert_report
from pipeline.tasks.review import review_alert
from pipeline.warehouse.store import open_warehouse
from tests.desk.serving import CLOCK, fields_of, served
from tests.warehouse.filled import fill


@pytest.fixture
def alert_id(own_home):
    return alert_queue(Settings(own_home, ""))[0]["alert_id"]


@pytest.fixture
def asks(own_desk):
    with httpx.Client(timeout=60, base_url=own_desk) as client:
        yield client


def reviews(home, alert_id):
    return alert_report(Settings(home, ""), alert_id)["reviews"]


def form_of(client, alert_id, **more):
    return fields_of(client.get(f"/alerts/{alert_id}").text) | more


def test_a_decision_is_a_review_of_the_evidence_that_was_shown(asks, own_home, alert_id):
    form = form_of(
        asks, alert_id, decision="dismissed", reason="other_cargo", note=" sand, by photograph ", back="/?q=demo"
    )
    answer = asks.post(f"/alerts/{alert_id}/decision", data=form)

    (row,) = reviews(own_home, alert_id)
    alert = alert_report(Settings(own_home, ""), alert_id)["alert"]
    assert (row["decision"], row["reason"], row["note"]) == ("dismissed", "other_cargo", "sand, by photograph")
    assert row["evidence_hash"] == alert["evidence_hash"]
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/?q=demo&decided={alert_id}"
    page = asks.get(answer.headers["location"]).text
    assert "Recorded: <b>dismissed</b>" in page
    assert f"/alerts/{alert_id}?decide=undone#decision" in page
    assert alert_id not in page.partition("<tbody>")[2]


def test_a_decision_sent_to_the_beginning_of_an_id_is_told_as_any_other_and_one_to_no_alert_is_not(asks, alert_id):
    form = form_of(asks, alert_id, decision="dismissed")
    answer = asks.post(f"/alerts/{alert_id[:-2]}/decision", data=form, follow_redirects=True)

    assert "Recorded: <b>dismissed</b>" in answer.text
    assert f"/alerts/{alert_id}?decide=undone#decision" in answer.text
    assert asks.post("/alerts/nosuch/decision", data=form).status_code == 404


def test_what_changed_since_a_decision_is_shown_and_what_did_not_is_not(asks, own_home, alert_id):
    asks.post(f"/alerts/{alert_id}/decision", data=form_of(asks, alert_id, decision="confirmed"))
    assert 'id="changed"' not in asks.get(f"/alerts/{alert_id}").text
    with sqlite3.connect(own_home / "warehouse.sqlite") as con:
        con.execute("update alert_evidence set weight = weight - 1.5 where alert_id = ?", [alert_id])
        con.execute("update alert set evidence_hash = 'other', score = 0.5 where alert_id = ?", [alert_id])
    con.close()

    page = asks.get(f"/alerts/{alert_id}").text
    assert re.search(r'<h2 id="changed">Changed since \S+ decided confirmed', page)
    assert "+0.5 (strong) now" in page
    assert page.count("<li>Weighs ") >= 2
    assert "on other evidence than now" in page
    said = CliRunner().invoke(main, ["alerts", "show", alert_id, "--home", str(own_home)]).stdout
    assert "decided confirmed" in said.partition("Changed since")[2].partition("Speaks for it")[0]


def test_undoing_is_a_decision_and_the_alert_waits_again(asks, own_home, alert_id):
    asks.post(f"/alerts/{alert_id}/decision", data=form_of(asks, alert_id, decision="confirmed"))
    asks.post(f"/alerts/{alert_id}/decision", data=form_of(asks, alert_id, decision="undone", reason="mistake"))

    assert [one["decision"] for one in reviews(own_home, alert_id)] == ["confirmed", "undone"]
    assert alert_id in [one["alert_id"] for one in alert_queue(Settings(own_home, ""))]


def test_nothing_to_undo_is_not_offered(asks, alert_id):
    assert 'value="undone"' not in asks.get(f"/alerts/{alert_id}").text


def test_who_decided_meanwhile_is_told_and_the_note_is_kept(asks, own_home, alert_id):
    form = form_of(asks, alert_id, decision="confirmed", note="seen in imagery", back="/?status=new")
    review_alert(Settings(own_home, ""), alert_id, "lee", "dismissed", "sand", CLOCK)
    answer = asks.post(f"/alerts/{alert_id}/decision", data=form)

    assert answer.status_code == 409
    assert "lee decided dismissed since you opened it" in answer.text
    assert ">seen in imagery</textarea>" in answer.text
    assert [one["reviewer"] for one in reviews(own_home, alert_id)] == ["lee"]
    assert fields_of(answer.text)["back"] == "/?status=new"
    again = fields_of(answer.text) | {"decision": "confirmed", "note": "seen in imagery"}
    assert asks.post(f"/alerts/{alert_id}/decision", data=again).status_code == 303  # with what is shown now
    assert [one["decision"] for one in reviews(own_home, alert_id)] == ["dismissed", "confirmed"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"decision": ""}, "Nothing was chosen"),
        ({"decision": "perhaps"}, "expected one of confirmed"),
        ({"decision": "confirmed", "reason": "lawful_trade"}, "no reason"),
        ({"decision": "confirmed", "note": "x" * 10_001}, "longer than"),
        ({"decision": "confirmed", "token": "of an earlier start"}, "started again"),
        ({"decision": "confirmed", "evidence_hash": "of another time"}, "other evidence"),
    ],
)
def test_what_cannot_be_recorded_stays_in_the_form(asks, own_home, alert_id, wrong, said):
    form = form_of(asks, alert_id) | {"note": "<b>NAME</b>"} | wrong
    answer = asks.post(f"/alerts/{alert_id}/decision", data=form)

    assert answer.status_code in (409, 422)
    assert said in answer.text
    kept = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)[1]
    assert kept == form["note"].replace("<", "&lt;").replace(">", "&gt;")
    assert reviews(own_home, alert_id) == []


def test_a_reader_sees_no_form_and_cannot_decide(own_home, alert_id):
    from pipeline.desk.access import Access
    from pipeline.desk.people import Person

    with (
        served(own_home, access=Access(everyone=Person("ro", "reader"))) as address,
        httpx.Client(timeout=60, base_url=address) as client,
    ):
        page = client.get(f"/alerts/{alert_id}").text
        form = {"decision": "confirmed", "token": "x"}

        assert "<textarea" not in page
        assert client.post(f"/alerts/{alert_id}/decision", data=form).status_code == 403
    assert reviews(own_home, alert_id) == []


def test_where_two_must_agree_the_page_says_so_and_the_first_decides_nothing(asks, own_home, alert_id):
    (own_home / "review.yaml").write_text("two_people: [strong, moderate, weak]\n")
    asks.post(f"/alerts/{alert_id}/decision", data=form_of(asks, alert_id, decision="confirmed"))

    assert [one["decision"] for one in reviews(own_home, alert_id)] == ["would_confirm"]
    assert "that counts once a second person decides the same" in asks.get(f"/alerts/{alert_id}").text
    assert "a second person is wanted" in asks.get("/").text.partition("<tbody>")[2]


def test_a_page_that_is_open_can_ask_whether_its_alert_changed(asks, own_home, alert_id):
    before = asks.get(f"/alerts/{alert_id}/state").json()
    review_id = review_alert(Settings(own_home, ""), alert_id, "lee", "needs_more", None, CLOCK)
    after = asks.get(f"/alerts/{alert_id}/state").json()

    assert (before["review_id"], after["review_id"]) == (None, review_id)
    assert after["last"] == "lee: needs more"


@pytest.mark.long
def test_on_postgresql_too_an_alert_is_found_decided_on_and_undone(postgres, tmp_path):
    url = postgres.new()
    with open_warehouse(url) as warehouse:
        fill(warehouse)
    with served(tmp_path, warehouse_url=url) as address, httpx.Client(timeout=60, base_url=address) as client:
        assert "listed-2" in client.get("/", params={"q": "moon"}).text.partition("<tbody>")[2]
        for decision in ("confirmed", "undone"):
            form = form_of(client, "listed-2", decision=decision, note="imagery")
            assert client.post("/alerts/listed-2/decision", data=form).status_code == 303
        rows = alert_report(Settings(tmp_path, url), "listed-2")["reviews"]
        with sqlalchemy.create_engine(url).begin() as connection:
            connection.exec_driver_sql("update alembic_version set version_num = '0012'")
        answer = client.get("/alerts/listed-2")

    assert answer.status_code == 503
    assert "has schema 0012, expected" in answer.text
    assert [one["decision"] for one in rows] == ["confirmed", "undone"]
