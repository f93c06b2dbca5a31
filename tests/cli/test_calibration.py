"""What became of synthetic alerts like this one stands beside the grade."""

import json
import shutil
import sqlite3

import pytest


@pytest.fixture
def shown(invoke, told, tmp_path):
    """`alerts show` of the highest alert, as text and as JSON, with bands around its score in the warehouse."""
    home = shutil.copytree(told, tmp_path / "home")

    def shown(*bands):
        alert_id = _put(home / "warehouse.sqlite", bands)
        text = invoke("alerts", "show", alert_id, "--home", home).stdout
        return " ".join(text.split()), json.loads(invoke("alerts", "show", alert_id, "--json", "--home", home).stdout)

    return shown


def _put(file, bands):
    with sqlite3.connect(file) as warehouse:
        alert_id, pattern, score = warehouse.execute(
            "select alert_id, pattern_id, score from alert order by score desc limit 1"
        ).fetchone()
        warehouse.execute("delete from calibration")
        warehouse.executemany(
            "insert into calibration values (?, ?, ?, ?, ?, 0.7, 0.99, 'drawn so.')",
            [(pattern, score + low, score + high, alerts, right) for low, high, alerts, right in bands],
        )
    return alert_id


def test_the_band_of_her_score_is_shown_and_no_other(shown):
    text, report = shown((-2, 0, 7, 3), (0, 2, 20, 19))

    assert "of 100 synthetic alerts like this, 95 were right (19 of 20 with a score from" in text
    assert "95 % interval 0.70 to 0.99). drawn so." in text
    assert [band["alerts"] for band in report["calibration"]] == [20]


def test_where_nothing_like_it_was_drawn_that_is_said(shown):
    text, report = shown((-2, 0, 7, 3))

    assert "no alert of this pattern and score was raised in the drawn worlds" in text
    assert report["calibration"] == []
