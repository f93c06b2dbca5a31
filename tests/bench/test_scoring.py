"""Agreement of alerts with truth: who matches whom, what counts as right, and how sure a share is."""

import pytest

from bench.detection_report import calibrated, report, svg
from bench.scoring import (
    FALSE,
    OTHER_STORY,
    RIGHT,
    TOLERATED,
    TOO_STRONG,
    Share,
    calibration,
    false_alerts,
    precision,
    recall,
    score,
)
from pipeline.judgement.calibration import load_calibration

STORY = {
    "story_id": "dark-call-1", "kind": "dark-call", "also": ["direct-call"], "mmsis": [620900007], "imos": [2100013],
    "from_at": "2018-06-01T00:00:00+00:00", "to_at": "2018-06-05T00:00:00+00:00", "alert": "expected",
    "innocent": False, "zones": ["kp-taean"],
}  # fmt: skip
ALERT = {
    "pattern_id": "dark-call", "mmsi": 620900007, "imo": None, "grade": "moderate", "score": 4.5,
    "origin_zone_id": "kp-taean", "destination_zone_id": "cn-longkou",
    "began_at": "2018-06-02T00:00:00+00:00", "ended_at": "2018-06-03T00:00:00+00:00",
}  # fmt: skip


def scored(stories, alerts):
    return score({"stories": stories, "alerts": alerts})


def test_an_alert_of_the_ship_and_time_finds_the_story():
    world = scored([STORY], [ALERT])

    assert (world["stories"][0]["found"], world["stories"][0]["named"]) == (True, True)
    assert world["alerts"][0]["verdict"] == RIGHT


def test_a_ship_is_known_by_her_imo_number_too():
    assert scored([STORY], [ALERT | {"mmsi": 1, "imo": 2100013}])["stories"][0]["found"]
    assert not scored([STORY], [ALERT | {"mmsi": 1, "imo": 2100025}])["stories"][0]["found"]


def test_an_alert_of_another_time_finds_nothing_and_is_false():
    later = ALERT | {"began_at": "2018-06-06T00:00:00+00:00", "ended_at": "2018-06-07T00:00:00+00:00"}

    world = scored([STORY], [later])

    assert not world["stories"][0]["found"]
    assert world["alerts"][0]["verdict"] == FALSE


def test_a_pattern_that_may_carry_the_story_finds_it_without_naming_it():
    world = scored([STORY], [ALERT | {"pattern_id": "direct-call"}])

    assert (world["stories"][0]["found"], world["stories"][0]["named"]) == (True, False)
    assert world["alerts"][0]["verdict"] == RIGHT


def test_an_alert_that_names_the_berth_places_the_story_and_one_that_names_another_does_not():
    assert scored([STORY], [ALERT])["stories"][0]["placed"]
    assert not scored([STORY], [ALERT | {"origin_zone_id": "kp-songnim"}])["stories"][0]["placed"]


def test_a_pattern_that_may_not_carry_it_is_right_about_the_ship_alone():
    world = scored([STORY], [ALERT | {"pattern_id": "russian-transshipment"}])

    assert not world["stories"][0]["found"]
    assert world["alerts"][0]["verdict"] == OTHER_STORY


@pytest.mark.parametrize(("grade", "verdict"), [("weak", TOLERATED), ("moderate", TOO_STRONG)])
def test_of_an_innocent_look_alike_a_weak_alert_is_tolerated_and_a_stronger_one_false(grade, verdict):
    world = scored([STORY | {"alert": "weak_at_most"}], [ALERT | {"grade": grade}])

    assert world["alerts"][0]["verdict"] == verdict
    assert false_alerts([world]) == (verdict == TOO_STRONG)


def test_what_is_expected_outweighs_what_is_tolerated():
    world = scored([STORY | {"alert": "weak_at_most"}, STORY], [ALERT])

    assert world["alerts"][0]["verdict"] == RIGHT


def test_recall_counts_what_is_expected_and_precision_leaves_out_what_is_tolerated():
    missed = STORY | {"mmsis": [1], "imos": []}
    grain = STORY | {"mmsis": [2], "imos": [], "alert": "weak_at_most"}
    world = scored([STORY, missed, grain], [ALERT, ALERT | {"mmsi": 2, "grade": "weak"}, ALERT | {"mmsi": 3}])

    assert recall([world], "dark-call") == Share(1, 2)
    assert precision([world], "dark-call") == Share(1, 2)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278), (8, 10, 0.490, 0.943), (81, 263, 0.255, 0.366)],
)
def test_intervals_are_those_of_wilson(hits, of, low, high):
    """The last case is that of Newcombe (1998), table I."""
    assert Share(hits, of).interval == pytest.approx((low, high), abs=0.001)


def test_calibration_counts_what_is_so_and_not_what_may_be_said():
    grain = STORY | {"mmsis": [2], "imos": [], "alert": "allowed", "innocent": True}
    world = scored([STORY, grain], [ALERT, ALERT | {"mmsi": 2}, ALERT | {"score": 7.0}])

    rows = [(row["score_from"], row["alerts"], row["alerts_right"]) for row in calibration([world], ["dark-call"])]

    assert [alert["verdict"] for alert in world["alerts"]] == [RIGHT] * 3
    assert rows == [(4.0, 2, 1), (6.0, 1, 1)]


def test_the_calibration_file_is_one_that_alerts_are_shown_with(tmp_path):
    world = {"seed": 7, "heard": 1.0, "ship_days": 1200} | scored([STORY], [ALERT, ALERT | {"mmsi": 3}])
    path = tmp_path / "calibration.yaml"

    path.write_text(calibrated([world], ["dark-call"]), encoding="utf-8")

    (band,) = load_calibration(path).bands
    assert (band.pattern_id, band.score_from, band.alerts, band.alerts_right) == ("dark-call", 4.0, 2, 1)
    assert "seeds 7 to 7), 1,200 ship-days" in load_calibration(path).conditions


def test_report_and_plot_speak_of_every_kind_and_say_what_is_absent():
    world = {
        "seed": 1, "heard": 1.0, "days": 32, "background_ship_days": 1000, "ship_days": 1200,
        "leaks": [], "reception": [{"cause": "x", "reception": "unknown", "silences": 3}],
        "cpu_s": {"draw": 1.0, "ingest": 2.0, "run": 3.0},
    } | scored([STORY], [ALERT, ALERT | {"mmsi": 3}])  # fmt: skip

    text = report([world], ["dark-call"])

    assert (
        "| dark-call | 1.00 [0.21, 1.00] (1 of 1) | 1.00 [0.21, 1.00] (1 of 1) | 1.00 [0.21, 1.00] (1 of 1) | 0.50"
        in text
    )
    assert "| tampered-identity | none | absent | none | absent | absent |" in text
    assert "| 100% | 1,000 | 1 | 1.00 | 1 | 1.00 |" in text
    assert "| x | 0 | 3 | 0 |" in text
    assert "dark-call" in svg([world])
