"""Cases of a test judged in one sea, each told as if it were alone there: ten cost little more than one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest

from pipeline.judgement.alerts import AlertFrames, Knowledge, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import APART, in_one_sea


def judged_at_once(stories: Sequence[Events], knowledge: Knowledge) -> list[AlertFrames]:
    """Alerts and evidence of each story by itself; what else is found is that of all."""
    found = find_alerts(in_one_sea(list(stories)), knowledge, synthetic=False)
    story = found.alerts["mmsi"] % 1000 // APART
    assert story.isin(range(len(stories))).all(), "an alert of a ship of no story"

    def of(number: int) -> AlertFrames:
        alerts = found.alerts[story == number].reset_index(drop=True)
        said = found.evidence["alert_id"].isin(alerts["alert_id"])
        return replace(found, alerts=alerts, evidence=found.evidence[said].reset_index(drop=True))

    return [of(number) for number in range(len(stories))]


def cases(
    story: Callable[..., Events],
    of: Sequence[tuple[Any, ...]],
    knowledge: Callable[[], Knowledge],
    ids: Sequence[str] | None = None,
) -> pytest.MarkDecorator:
    """Let a test run on each case: `found()` is what is found of its story, and `raised`, its last, what is due.

    story  makes the events of a case from all but its last
    """
    at_once = cache(lambda: judged_at_once([story(*case[:-1]) for case in of], knowledge()))
    found = [(partial(_nth, at_once, number), case[-1]) for number, case in enumerate(of)]
    return pytest.mark.parametrize(("found", "raised"), found, ids=ids)


def _nth(at_once: Callable[[], list[AlertFrames]], number: int) -> AlertFrames:
    return at_once()[number]
