"""Hours added up between the days at which windows begin and end say what days one by one say."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import COVERAGE_DAY
from pipeline.judgement.articles import load_articles
from pipeline.judgement.claims import _Heard
from pipeline.judgement.volumes import compared_window
from pipeline.tasks.judge import _heard_in
from pipeline.warehouse.store import open_warehouse

ZONES = ["quiet", "heard", "since 2020"]


@pytest.fixture(scope="module")
def heard():
    """A warehouse of four years, with a zone where nobody was heard, and one that has no days at first."""
    days = pd.date_range("2017-01-01", "2021-06-01").strftime("%Y-%m-%d")
    frame = pd.DataFrame([(zone, day) for zone in ZONES for day in days], columns=["zone_id", "day"])
    frame = frame[(frame["zone_id"] != "since 2020") | (frame["day"] >= "2020")]
    hours = np.random.default_rng(5).integers(0, 25, len(frame)) * (frame["zone_id"] != "quiet")
    rows = frame.assign(hours_heard=hours, coverage_share=hours / 24, vessels_heard=hours, fixes=hours)
    with open_warehouse("sqlite://") as warehouse:
        with warehouse.transaction():
            warehouse.sync(COVERAGE_DAY, COVERAGE_DAY.conform(rows))
        yield warehouse


@pytest.mark.parametrize("as_of", [None, datetime(2020, 9, 9, tzinfo=UTC), datetime(2020, 9, 9, 7, tzinfo=UTC)])
def test_every_window_of_a_claim_was_heard_as_its_days_were(heard, as_of):
    specs = load_articles().specs
    windows = [window for spec in specs if spec.zones for window in spec.windows]
    windows += [compared_window(spec.volume) for spec in specs if spec.zones and spec.volume]

    def shares(rows):
        at = pd.to_datetime(rows["day"], utc=True)
        known = rows.assign(from_at=at)[(at + timedelta(days=1) <= as_of) if as_of else at.notna()]
        return [_Heard(known).share(zones, window) for window in windows for zones in ([one] for one in ZONES)]

    added_up = _heard_in(heard, specs, as_of)

    assert shares(added_up) == shares(heard.read(COVERAGE_DAY))
    assert {None, 0.0} < set(shares(added_up))
    assert len(added_up) < 60
