"""How well alerts agree with the truth of drawn worlds: matches, recall and precision by pattern, with intervals.

An alert and a story match if they share a ship (by MMSI or IMO number) and their times overlap. A story is *found* if
an alert of its own pattern, or of another that may carry the same story, matches it. An alert is right if it matches a
story that its pattern may carry; one that a story allows only while it is weak counts neither way while it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = dict[str, Any]
RIGHT, TOLERATED, TOO_STRONG, OTHER_STORY, FALSE = "right", "tolerated", "too strong", "another story", "false"


@dataclass(frozen=True)
class Share:
    """So many of so many, with its Wilson interval at 95 %."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share itself; not a number of nothing."""
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound (Wilson 1927)."""
        if not self.of:
            return (0.0, 1.0)
        z, n, p = 1.96, self.of, self.hits / self.of
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n)))

    def __str__(self) -> str:
        """Like 0.95 [0.91, 0.98] (95 of 100)."""
        if not self.of:
            return "none"
        low, high = self.interval
        return f"{self.value:.2f} [{low:.2f}, {high:.2f}] ({self.hits} of {self.of})"


def score(result: Row) -> Row:
    """Compare the alerts of one world with its stories.

    result   stories and alerts of one world, as `bench.detection` keeps them
    returns  stories (each with found, named, placed, grade) and alerts (each with verdict, story_id, and so: whether
             what it says is so), as new rows
    """
    stories, alerts = result["stories"], result["alerts"]
    told = [
        [alert for alert in alerts if _matches(alert, story) and alert["pattern_id"] in _carriers(story)]
        for story in stories
    ]
    found = [
        story | {
            "found": bool(mine), "named": any(alert["pattern_id"] == story["kind"] for alert in mine),
            "placed": any(_names(alert, story) for alert in mine),
            "grade": max((alert["grade"] for alert in mine), key=GRADES.index, default=None),
        }
        for story, mine in zip(stories, told, strict=True)
    ]  # fmt: skip
    return {"stories": found, "alerts": [alert | _verdict(alert, stories) for alert in alerts]}


GRADES = ["weak", "moderate", "strong"]


def _names(alert: Row, story: Row) -> bool:
    """Whether an alert names the first place of a story."""
    return bool(story["zones"]) and story["zones"][0] in (alert["origin_zone_id"], alert["destination_zone_id"])


def _carriers(story: Row) -> set[str]:
    return {story["kind"], *story["also"]}


def _matches(alert: Row, story: Row) -> bool:
    same = alert["mmsi"] in story["mmsis"] or (alert["imo"] is not None and alert["imo"] in story["imos"])
    return (
        same
        and _time(alert["began_at"]) < _time(story["to_at"])
        and _time(alert["ended_at"]) >= _time(story["from_at"])
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _verdict(alert: Row, stories: Sequence[Row]) -> Row:
    about = [story for story in stories if _matches(alert, story)]
    carried = [story for story in about if alert["pattern_id"] in _carriers(story)]
    carried.sort(key=lambda story: ["expected", "allowed", "weak_at_most"].index(story["alert"]))
    if carried and carried[0]["alert"] != "weak_at_most":
        verdict = RIGHT
    elif carried:
        verdict = TOLERATED if alert["grade"] == "weak" else TOO_STRONG
    else:
        verdict = OTHER_STORY if any(story["alert"] == "expected" for story in about) else FALSE
    told = any(story["alert"] != "weak_at_most" and not story["innocent"] for story in carried)
    return {"verdict": verdict, "story_id": carried[0]["story_id"] if carried else None, "so": told}


def recall(scored: Sequence[Row], kind: str, key: str = "found") -> Share:
    """Of the stories of a kind of which an alert is due, how many were found (or `named`: by their own pattern)."""
    due = [
        story
        for world in scored
        for story in world["stories"]
        if story["kind"] == kind and story["alert"] == "expected"
    ]
    return Share(sum(story[key] for story in due), len(due))


def placed(scored: Sequence[Row], kind: str) -> Share:
    """Of the stories of a kind that were found and tell their place, for how many an alert names the first of it."""
    found = [
        story
        for world in scored
        for story in world["stories"]
        if story["kind"] == kind and story["alert"] == "expected" and story["found"] and story["zones"]
    ]
    return Share(sum(story["placed"] for story in found), len(found))


def precision(scored: Sequence[Row], pattern: str) -> Share:
    """Of the alerts of a pattern, how many are right; those that are tolerated while weak are left out."""
    alerts = [alert for world in scored for alert in world["alerts"] if alert["pattern_id"] == pattern]
    right = sum(alert["verdict"] == RIGHT for alert in alerts)
    return Share(right, right + sum(alert["verdict"] in (TOO_STRONG, OTHER_STORY, FALSE) for alert in alerts))


def false_alerts(scored: Sequence[Row], grades: Sequence[str] = GRADES) -> int:
    """Alerts on ships of which none is due, or of a grade that none allows."""
    return sum(
        alert["verdict"] in (FALSE, TOO_STRONG) and alert["grade"] in grades
        for world in scored
        for alert in world["alerts"]
    )


def calibration(scored: Sequence[Row], patterns: Sequence[str], width: float = 2) -> list[Row]:
    """How often an alert of a pattern and score says what is so, in these worlds and their mix of guilty and innocent.

    width    of a band of scores
    returns  pattern_id, score_from (included), score_to (excluded), alerts, alerts_right, and the Wilson interval of
             their share: low, high
    """
    bands: dict[tuple[str, float], list[bool]] = {}
    for alert in (alert for world in scored for alert in world["alerts"]):
        bands.setdefault((alert["pattern_id"], alert["score"] // width * width), []).append(alert["so"])
    rows = []
    for (pattern, score_from), told in sorted(bands.items()):
        if pattern in patterns:
            share = Share(sum(told), len(told))
            low, high = share.interval
            band = {"pattern_id": pattern, "score_from": score_from, "score_to": score_from + width}
            rows.append(band | {"alerts": len(told), "alerts_right": sum(told), "low": low, "high": high})
    return rows
