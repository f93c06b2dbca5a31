"""Alerts are under the terms of the positions landed for their days, whichever landed first."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.tasks.land import ingest
from pipeline.terms import terms_between
from tests.tasks.world import CLOCK, START, Installation

TERMS = "Global Fishing Watch, free for non-commercial research"
ALERTED = 351990002  # sails from the first day to the third


def bound_file(folder, day):
    """A file of one more ship, far away: its terms are all it adds to other ships."""
    seconds = int((START + pd.Timedelta(days=day - 1, hours=12)).timestamp())
    path = folder / f"bound-{day}.csv"
    columns = "mmsi,timestamp,longitude,latitude,sog,cog,hdg,navstat,score,rot"
    path.write_text(f"{columns}\n412000777,{seconds},150.0,-30.0,9.0,90.0,90,0,0,0\n")
    return path


def land_bound(home, path, **options):
    ingest(home.settings, [path], "gfw_research", now=CLOCK, progress=lambda line: None, synthetic=True, **options)


@pytest.fixture
def home(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


def licence(home):
    alerts = home.rows()["alert"]
    return alerts.set_index("mmsi")["licence"][ALERTED]


def test_a_file_that_lands_later_puts_the_alerts_of_its_day_under_its_terms(home, landed, tmp_path):
    file = bound_file(tmp_path, 2)
    assert pd.isna(licence(home))

    land_bound(home, file)
    home.run()

    assert licence(home) == TERMS
    shutil.copytree(landed, tmp_path / "at-once")
    at_once = Installation(tmp_path / "at-once")
    land_bound(at_once, file)
    at_once.run()
    assert_frame_equal(home.rows()["alert"], at_once.rows()["alert"])


@pytest.mark.long
def test_the_days_of_the_call_before_count_and_a_file_that_was_replaced_leaves_no_terms(home, tmp_path):
    land_bound(home, bound_file(tmp_path, 1))  # the call at the berth; the voyage begins on the second day
    home.run()
    assert licence(home) == TERMS

    land_bound(home, bound_file(tmp_path, 5), replaces="bound-1.csv")
    home.run()

    assert pd.isna(licence(home))


def test_a_file_of_another_day_does_not(home, tmp_path):
    land_bound(home, bound_file(tmp_path, 5))
    home.run()

    assert pd.isna(licence(home))


days = st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2020-01-20").date())


@given(st.lists(st.tuples(days, days | st.none())), st.sets(st.tuples(days, st.sampled_from("AB"))))
def test_a_span_is_under_the_terms_of_every_day_it_touches(spans, terms):
    began = pd.Series(
        [pd.Timestamp(a, tz="UTC") + pd.Timedelta(hours=23) for a, _ in spans], dtype="datetime64[us, UTC]"
    )
    ended = pd.Series([b and max(pd.Timestamp(b, tz="UTC"), began[n]) for n, (_, b) in enumerate(spans)]).astype(
        "datetime64[us, UTC]"
    )
    of_days = pd.DataFrame(
        [(day.isoformat(), licence) for day, licence in terms], columns=["day", "licence"], dtype="str"
    )

    found = terms_between(began, ended, of_days)

    expected = {
        (n, licence)
        for n in range(len(spans))
        for day, licence in terms
        if began[n].date() <= day and (pd.isna(ended[n]) or day <= ended[n].date())
    }
    assert sorted(found.items()) == sorted(expected)
