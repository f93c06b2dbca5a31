"""What people are told: strong first, withdrawn with the reason, held back with why; nothing where nothing is new."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from pipeline.publish.notices import News, Notice, ask_to_review, compose, failure_notice

ALERT = {
    "alert_id": "a1", "fate": "new", "published": True, "grade": "strong", "score": 6.5, "pattern_id": "direct-call",
    "vessel_id": "imo-1", "vessel_name": "STAR", "imo": 8000003, "mmsi": 445000001, "began_at": "2024-06-05T00:00:00Z",
    "ended_at": "2024-06-09T00:00:00Z", "origin_zone_id": "kp-nampo-coal", "destination_zone_id": "cn-longkou",
    "headline": "AIS-reported voyage of STAR from Nampo to Longkou.", "innocent_explanation": "Other cargo.",
    "missing_evidence": "An image of the berth.", "synthetic": False, "licence": None,
    "known_at": "2024-06-10T00:00:00Z", "withdrawn_at": None, "withdrawn_reason": None, "evidence_hash": "e1",
}  # fmt: skip
NOTHING = News("2024-06-09", [], [], [], [], [], [])


def alert(**changes: Any) -> dict[str, Any]:
    return {**ALERT, **changes}


def told(**changes: Any) -> Notice:
    notice = compose(replace(NOTHING, **changes))
    assert notice is not None
    return notice


def test_where_nothing_is_new_nobody_is_told():
    assert compose(NOTHING) is None
    assert compose(replace(NOTHING, all_held_back=[{"day": "2024-06-01", "reasons": ["coverage lost"]}])) is None
    assert compose(replace(NOTHING, stale=["dma is older than its promise"])) is None


def test_new_alerts_are_counted_by_grade_and_told_in_the_order_given():
    notice = told(alerts=[alert(), alert(alert_id="a2", grade="weak", score=0.5)])

    assert notice.subject == "coalwatch 2024-06-09: 2 new alerts (1 strong, 1 weak)"
    assert notice.text.index("strong (+6.5) AIS-reported voyage") < notice.text.index("weak (+0.5)")
    assert [one["alert_id"] for one in notice.payload["alerts"]["new"]] == ["a1", "a2"]
    assert notice.payload["published"]


def test_a_withdrawn_alert_is_told_with_the_reason():
    notice = told(alerts=[alert(fate="withdrawn", withdrawn_reason="late data shows a call at Haeju")])

    assert "1 withdrawn" in notice.subject
    assert "[a1]: late data shows a call at Haeju" in notice.text


def test_an_alert_that_is_held_back_is_counted_and_not_told():
    notice = told(alerts=[alert(published=False)])

    assert "1 alert held back" in notice.subject
    assert "STAR" not in notice.text + notice.html + json.dumps(notice.payload)


def test_a_day_held_back_is_told_with_every_reason_and_published_ones_are_not_called_so():
    lost = 'coverage lost, which is not "no calls": 3 fixes'
    notice = told(
        reasons=[lost], held_back=["2024-06-09"], all_held_back=[{"day": "2024-06-09", "reasons": [lost, "rejects"]}]
    )

    assert notice.subject == "coalwatch 2024-06-09: 1 day held back"
    assert f"2024-06-09 is not published\n  - {lost}" in notice.text
    assert f"2024-06-09: {lost}; rejects" in notice.text
    assert not notice.payload["published"]
    assert "not published" not in told(alerts=[alert()]).text


def test_a_source_that_broke_its_promise_is_news_where_it_holds_the_day_back():
    stale = "dma is older than its promise: its last data is of 2024-06-01"

    assert stale in told(reasons=[stale], stale=[stale]).text
    assert stale in told(alerts=[alert()], stale=[stale]).text


def test_a_day_held_back_for_any_reason_is_news_unless_it_is_an_old_one():
    missing, lost = "no data of 2024-06-09 has landed", "coverage lost"

    assert missing in told(reasons=[missing]).text
    assert missing in told(reasons=[lost, missing], known=[lost]).text
    assert compose(replace(NOTHING, reasons=[lost], known=[lost])) is None


def test_days_released_are_told():
    notice = told(released=["2024-06-01", "2024-06-08"])

    assert "2 days released" in notice.subject
    assert "judged again and published now\n  - 2024-06-01\n  - 2024-06-08" in notice.text


def test_generated_data_is_marked_wherever_it_is_told_and_real_data_is_not():
    notice = told(alerts=[alert(synthetic=True)])

    assert notice.subject.startswith("[SYNTHETIC] ")
    assert "SYNTHETIC strong" in notice.text
    assert notice.payload["synthetic"]
    assert "SYNTHETIC" not in str(told(alerts=[alert()]))


def test_terms_go_with_the_alert():
    notice = told(alerts=[alert(licence="CC BY-NC 4.0, non-commercial use only")])

    assert "terms: CC BY-NC 4.0, non-commercial use only" in notice.text
    assert "Terms that bind whoever passes this on" in notice.text
    assert notice.payload["licences"] == ["CC BY-NC 4.0, non-commercial use only"]
    assert "Terms" not in told(alerts=[alert()]).text


def test_many_alerts_are_cut_short_in_the_mail_and_whole_in_the_payload():
    notice = told(alerts=[alert(alert_id=f"a{n}") for n in range(50)])

    assert "and 30 more" in notice.text
    assert len(notice.payload["alerts"]["new"]) == 50


def test_the_words_claim_no_more_than_ais_reports():
    notice = told(alerts=[alert()])

    assert "they prove no cargo and no intent" in notice.text
    assert not re.search(r"smuggl|probab", str(notice), re.IGNORECASE)


def test_what_a_ship_called_herself_writes_no_mark_up():
    named = alert(headline='AIS-reported voyage of <img src="x">\n\x1b[2J.')

    notice = told(alerts=[named])

    assert "<img" not in notice.html
    assert "\x1b" not in notice.text
    assert "&lt;img" in notice.html


@pytest.mark.parametrize("day", [None, "2024-06-09"])
def test_a_failure_names_the_task_and_the_reason(day: str | None):
    notice = failure_notice("watch_coal", "derive", day, "limits.yaml: run.stopped_kn:\nexpected a number")

    assert notice.subject == f"coalwatch: watch_coal, task derive{f', day {day}' if day else ''} failed"
    assert "limits.yaml: run.stopped_kn: expected a number" in notice.text
    assert notice.payload["kind"] == "coalwatch.failure"
    json.dumps(notice.payload, allow_nan=False)


def report(**changes: Any) -> dict[str, Any]:
    law = {"authority": "UN", "answer": "forbidden", "measure_id": "un-2371-coal", "paragraph": "8",
           "reason": "No coal.", "verified": False}  # fmt: skip
    return {
        "alert": alert(**changes),
        "evidence": [
            {"weight": 4.0, "statement": "She lay at the coal berth."},
            {"weight": -1.0, "statement": "Her draught did not change."},
        ],
        "law": [law],
        "claims": [{"claim_id": "demo/D01", "relation": "supports", "reason": "It falls into the window."}],
        "reviews": [],
    }


def test_a_reviewer_is_shown_both_sides_the_law_the_innocent_explanation_and_what_is_missing():
    asked = ask_to_review(report())

    assert asked["subject"] == ALERT["headline"]
    parts = [
        "### Speaks for it\n- +4.0 She lay at the coal berth.",
        "### Speaks against it, or is without weight\n- -1.0 Her draught did not change.",
        "### Best innocent explanation\n- Other cargo.",
        "### Evidence that is missing\n- An image of the berth.",
        "### What the law in force said\n- UN forbidden: No coal. (un-2371-coal, paragraph 8; primary text not seen)",
        "### Claims it bears on\n- supports demo/D01 It falls into the window.",
        "they prove no cargo and no intent",
    ]
    assert [part for part in parts if part not in asked["body"]] == []
    assert "Terms" not in asked["body"]
    assert "Decided before" not in asked["body"]


def test_a_reviewer_is_told_of_generated_data_terms_and_decisions_before():
    asked = ask_to_review(
        {
            **report(synthetic=True, licence="CC BY-NC 4.0"),
            "reviews": [{"reviewer": "kim", "decision": "confirmed", "note": None}],
        }
    )

    assert asked["subject"].startswith("[SYNTHETIC] ")
    assert "generated data" in asked["body"]
    assert "### Terms that bind whoever passes this on\n- CC BY-NC 4.0" in asked["body"]
    assert "### Decided before\n- confirmed kim" in asked["body"]


def test_a_name_writes_no_markdown():
    asked = ask_to_review(report(vessel_name="[x](http://y) **Z** <b>"))

    assert r"\[x\](http://y) \*\*Z\*\* \<b\>" in asked["body"]
