"""Maps and drawings in a real browser: drawn under the policy of the desk, moved by keyboard, read without seeing."""

import pytest

from pipeline.settings import Settings
from pipeline.tasks.reports import every_alert
from tests.desk.browser import axe, tab

DRAWN = "#map[data-complete]"


@pytest.fixture(scope="module")
def alert(told):
    return every_alert(Settings(told, ""))[0]


def test_the_map_of_an_alert_is_drawn_and_its_moment_is_chosen_by_keyboard(page, alert):
    page.goto(f"/alerts/{alert['alert_id']}")
    page.wait_for_selector(DRAWN)
    last = page.locator(".player output").inner_text()

    page.get_by_label("Time shown on the map").focus()
    page.keyboard.press("Home")

    first = page.locator(".player output").inner_text()
    assert first[:16] < last[:16]
    assert page.locator(".maplibregl-canvas").count() == 1


def test_without_a_script_an_alert_has_a_picture_and_tables(browser, desk, alert):
    with tab(browser, desk, java_script_enabled=False) as page:
        page.goto(f"/alerts/{alert['alert_id']}")

        assert page.locator("#map img").evaluate("image => image.complete && image.naturalWidth > 0")
        page.get_by_text("Her track as a table").click()
        assert page.get_by_role("region", name="Track").is_visible()


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("look", ["light", "dark"])
def test_pages_of_ships_claims_and_knowledge_can_be_read_by_everybody(browser, desk, alert, look):
    source = axe()
    paths = (
        f"/alerts/{alert['alert_id']}",
        f"/ships/{alert['vessel_id']}",
        "/claims/dailynk-2021/C16",
        "/coverage",
        "/law",
        "/sources",
        "/runs",
    )
    with tab(browser, desk, color_scheme=look, viewport={"width": 390, "height": 844}) as page:
        for path in paths:
            page.goto(path)
            page.evaluate(source)
            found = page.evaluate("axe.run().then(found => found.violations.map(one => [one.id, one.nodes[0].html]))")
            assert found == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            wider = "[...document.querySelectorAll('.stacked')].filter(one => one.scrollWidth > one.clientWidth).length"
            assert page.evaluate(wider) == 0, path
