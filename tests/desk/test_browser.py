"""A review as people do it, in a real browser: by keyboard, by mouse, without a script, two at once, as data arrives.

Every tab fails its test for an error on the console, and for a request to anywhere but the desk (`browser.tab`).
"""

from dataclasses import replace

import pytest

from pipeline.contracts import ALERT
from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue, alert_report
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import open_warehouse
from tests.desk.browser import axe, tab
from tests.desk.serving import CLOCK, served
from tests.warehouse.filled import fill

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def alert_id(own_home):
    return alert_queue(Settings(own_home, ""))[0]["alert_id"]


def reviews(home, alert_id, warehouse_url=""):
    return alert_report(Settings(home, warehouse_url), alert_id)["reviews"]


def withdraw(home, alert_id):
    """As a run does when late data no longer shows what an alert rested on."""
    with open_warehouse(Settings(home, "").database_url) as warehouse:
        row = warehouse.read(ALERT, Among("alert_id", [alert_id]))
        gone = row.assign(withdrawn_at=CLOCK, withdrawn_reason="the data no longer shows what it rested on")
        gone["withdrawn_at"] = gone["withdrawn_at"].astype(row["withdrawn_at"].dtype)
        warehouse.sync(replace(ALERT, lifecycle=()), gone, Among("alert_id", [alert_id]))


def test_an_alert_is_reviewed_by_keyboard_alone(browser, own_desk, own_home, alert_id):
    with tab(browser, own_desk) as page:
        page.goto("/")
        page.keyboard.press("j")
        page.keyboard.press("k")
        assert alert_id in page.evaluate("document.activeElement.href")
        page.keyboard.press("Enter")
        page.wait_for_url("**/alerts/**")
        page.keyboard.press("d")
        page.keyboard.type("sand, c and d and m are letters here")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Control+Enter")
        page.get_by_role("status").wait_for()
        assert "Recorded: dismissed" in page.get_by_role("status").inner_text()
        assert page.evaluate("localStorage.length") == 0

    (row,) = reviews(own_home, alert_id)
    assert (row["decision"], row["reason"]) == ("dismissed", "lawful_trade")
    assert row["note"] == "sand, c and d and m are letters here"


@pytest.mark.long
def test_on_postgresql_too_an_alert_is_reviewed_and_undone(browser, postgres, tmp_path):
    url = postgres.new()
    with open_warehouse(url) as warehouse:
        fill(warehouse)
    with served(tmp_path, warehouse_url=url) as address, tab(browser, address) as page:
        page.goto("/?q=moon")
        page.locator("#alerts tbody th a").first.click()
        page.get_by_label("Confirm", exact=False).first.check()
        page.get_by_label("Note").fill("seen in imagery")
        page.get_by_role("button", name="Record").click()
        page.get_by_role("link", name="Undo").click()
        page.get_by_role("button", name="Record").click()
        page.get_by_role("status").wait_for()
    rows = reviews(tmp_path, "listed-2", url)

    assert [(one["decision"], one["note"]) for one in rows] == [("confirmed", "seen in imagery"), ("undone", None)]


def test_a_key_of_the_queue_opens_the_decision_it_stands_for(browser, own_desk):
    with tab(browser, own_desk) as page:
        page.goto("/")
        page.keyboard.press("j")
        page.keyboard.press("m")
        page.wait_for_url("**#decision")
        assert page.get_by_role("radio", name="Needs more").is_checked()
        page.goto("/")
        page.get_by_role("button", name="Keys are on").click()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"


@pytest.mark.long  # as by keyboard: above
def test_an_alert_is_reviewed_by_mouse_and_undone(browser, own_desk, own_home, alert_id):
    with tab(browser, own_desk) as page:
        page.goto("/")
        page.locator("#alerts tbody th a").first.click()
        page.get_by_label("Confirm", exact=False).first.check()
        page.get_by_label("Reason").select_option("other_source")
        page.get_by_role("button", name="Record").click()
        page.get_by_role("link", name="Undo").click()
        page.get_by_role("button", name="Record").click()
        page.get_by_role("status").wait_for()

    assert [one["decision"] for one in reviews(own_home, alert_id)] == ["confirmed", "undone"]


def test_an_alert_is_reviewed_without_a_script(browser, own_desk, own_home, alert_id):
    with tab(browser, own_desk, java_script_enabled=False) as page:
        page.goto(f"/alerts/{alert_id}")
        page.get_by_label("Escalate", exact=False).check()
        page.get_by_label("Note").fill("for the lawyers")
        page.get_by_role("button", name="Record").click()
        assert "Recorded: escalated" in page.get_by_role("status").inner_text()

    assert [one["note"] for one in reviews(own_home, alert_id)] == ["for the lawyers"]


@pytest.mark.long  # in short: test_who_decided_meanwhile_is_told_and_the_note_is_kept
def test_of_two_reviewers_at_once_the_second_sees_what_the_first_did(browser, own_desk, own_home, alert_id):
    with tab(browser, own_desk) as first, tab(browser, own_desk) as second:
        for page in (first, second):
            page.goto(f"/alerts/{alert_id}")
        first.get_by_label("Confirm", exact=False).first.check()
        first.get_by_role("button", name="Record").click()
        first.get_by_role("status").wait_for()
        second.keyboard.press("d")
        second.keyboard.type("looks like sand")
        second.evaluate("dispatchEvent(new Event('focus'))")
        second.locator(".changed").wait_for()
        assert "confirmed" in second.locator(".changed").inner_text()
        second.get_by_role("button", name="Record").click()
        second.get_by_role("heading", name="Nothing was recorded").wait_for()
        assert second.get_by_label("Note").input_value() == "looks like sand"
        second.wrong.clear()  # the browser's own note of the answer 409

    assert [one["decision"] for one in reviews(own_home, alert_id)] == ["confirmed"]


def test_an_alert_that_late_data_withdraws_while_it_is_open_is_not_decided_on(browser, own_desk, own_home, alert_id):
    with tab(browser, own_desk) as page:
        page.goto(f"/alerts/{alert_id}")
        page.keyboard.press("c")
        page.keyboard.type("seen in imagery")
        withdraw(own_home, alert_id)
        page.get_by_role("button", name="Record").click()
        page.get_by_role("heading", name="Nothing was recorded").wait_for()
        assert "was withdrawn" in page.get_by_role("alert").first.inner_text()
        assert page.get_by_label("Note").input_value() == "seen in imagery"
        page.wrong.clear()  # the browser's own note of the answer 409

    assert reviews(own_home, alert_id) == []


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("look", ["light", "dark"])
def test_pages_can_be_read_by_everybody(browser, desk, told, look):
    source = axe()
    alert_id = alert_queue(Settings(told, ""))[0]["alert_id"]
    with tab(browser, desk, color_scheme=look) as page:
        for path in ("/?grade=strong", f"/alerts/{alert_id}"):
            page.goto(path)
            page.evaluate(source)
            found = page.evaluate("axe.run().then(found => found.violations.map(one => [one.id, one.nodes[0].html]))")
            assert found == [], path


def test_nothing_runs_over_the_side_of_a_telephone(browser, desk, told):
    alert_id = alert_queue(Settings(told, ""))[0]["alert_id"]
    with tab(browser, desk, **PHONE) as page:
        for path in ("/", f"/alerts/{alert_id}"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
