"""Reviews reach the claims: the next run stores the verdict without dismissed alerts, and every list tells of them."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.contracts import CLAIM_WINDOW
from pipeline.tasks.reports import answer, claim_windows, every_alert
from pipeline.tasks.review import review_alert
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import Installation, month, write_days

REVIEWED = datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(told, tmp_path) -> Installation:
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


def review(home: Installation, decision: str, later: int = 0) -> list[str]:
    """Decide so about every alert."""
    alerts = [row["alert_id"] for row in every_alert(home.settings) if row["status"] != "withdrawn"]
    for alert_id in alerts:
        review_alert(home.settings, alert_id, "ana", decision, None, REVIEWED + timedelta(days=later))
    return alerts


def d01(home: Installation, as_of: datetime | None = None) -> dict:
    (row,) = [one for one in claim_windows(home.settings, as_of, label="D01") if one["window_id"] == "W0"]
    return row


def stored(home: Installation) -> tuple[int, int]:
    with open_for_reading(home.settings.database_url) as warehouse:
        rows = warehouse.read(CLAIM_WINDOW).set_index(["claim_id", "window_id"])
    return tuple(rows.loc[("demo-2018/D01", "W0"), ["alerts_for", "alerts_dismissed"]])


def test_a_dismissal_reaches_the_claim_at_once_and_the_warehouse_at_the_next_run(home):
    before = d01(home)
    review(home, "dismissed")

    after = d01(home)
    assert before["alerts_for"] > 0
    assert (after["alerts_for"], after["alerts_dismissed"]) == (0, before["alerts_for"])
    assert f"{before['alerts_for']} alert" in after["reason"]
    assert "dismissed" in after["reason"]

    assert stored(home) == (before["alerts_for"], 0)
    assert home.run().changed
    assert stored(home) == (0, before["alerts_for"])
    assert not home.run().changed


def test_a_review_that_is_reversed_counts_no_more(home):
    before = d01(home)
    review(home, "dismissed")
    review(home, "confirmed", later=1)

    after = d01(home)

    assert (after["verdict"], after["alerts_for"]) == (before["verdict"], before["alerts_for"])
    assert (after["alerts_confirmed"], after["alerts_dismissed"]) == (before["alerts_for"], 0)


def test_a_review_decided_after_as_of_does_not_count(home):
    review(home, "dismissed")

    assert d01(home, datetime(2026, 1, 31))["alerts_dismissed"] == 0
    assert d01(home, datetime(2026, 2, 1))["alerts_dismissed"] > 0


def test_lists_and_views_show_the_decision(home):
    reviewed = review(home, "dismissed")

    shown = {row["alert_id"]: row for row in every_alert(home.settings)}
    _, law = answer(home.settings, "select distinct alert_id, last_decision from alert_law", [])
    assert all(shown[one]["last_decision"] == "dismissed" and shown[one]["last_reviewer"] == "ana" for one in reviewed)
    assert {row["alert_id"] for row in law if row["last_decision"] == "dismissed"} == set(reviewed)


@pytest.mark.long  # in short: tests/warehouse
def test_a_decision_follows_the_alert_that_takes_the_place_of_the_reviewed_one(home, files, tmp_path):
    rows = month()
    later = write_days(rows[~((rows["MMSI"] == 351990002) & (rows["hours"] < 5.4))], tmp_path / "later")
    first = next(iter(files))
    (alert,) = [row for row in every_alert(home.settings) if row["mmsi"] == 351990002]
    review_alert(home.settings, alert["alert_id"], "ana", "dismissed", None, REVIEWED)

    home.land(later[first], replaces=files[first].name)
    home.run()

    standing = [row for row in every_alert(home.settings) if row["mmsi"] == 351990002 and row["status"] != "withdrawn"]
    assert [row["last_decision"] for row in standing] == ["dismissed"]
    assert standing[0]["alert_id"] != alert["alert_id"]
    assert d01(home)["alerts_dismissed"] == 1
