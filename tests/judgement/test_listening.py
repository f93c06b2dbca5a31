"""A verdict says when its places were no longer listened to as before."""

import pandas as pd
import pytest

from pipeline.contracts import RECEPTION_OUTAGE
from pipeline.judgement.articles import Window
from pipeline.judgement.listening import told_of_reception
from tests.judgement.sea import ZONES, at

WINDOW = Window(window_id="W", from_at=at("2021-10-01"), to_at=at("2022-01-01"), role="primary")
HERE = ZONES[ZONES["zone_id"].isin(["cn-dalian", "cn-weihai"])]  # at 0, 0, as all of the small sea


def told(kind="source_change", from_at="2021-11-01", to_at=None, west=-1.0, **given):
    row = dict.fromkeys(RECEPTION_OUTAGE.names, 0.0) | {
        "reception_outage_id": "o", "kind": kind, "receiver": "terrestrial", "from_at": at(from_at),
        "to_at": at(to_at) if to_at else pd.NaT, "west": west, "east": west + 2, "south": -1.0, "north": 1.0,
        "cells": "1", "vessels_before": 40.0, "vessels_after": 4.0, "known_at": at("2021-11-09"),
    } | given  # fmt: skip
    return " ".join(told_of_reception(RECEPTION_OUTAGE.conform(pd.DataFrame([row])), HERE, WINDOW))


def test_shore_stations_lost_in_the_window_are_told_as_a_change_of_the_source():
    said = told()

    assert "From 2021-11-01 00:00 UTC on terrestrial receivers heard 4 vessels an hour at 2 of its 2 places" in said
    assert "a change of the source" in said


def test_an_outage_of_days_is_told_and_one_of_hours_is_not():
    assert "heard nobody at 2 of its 2 places: an outage of reception" in told("outage", to_at="2021-11-04")
    assert told("outage", to_at="2021-11-01 12:00") == ""


@pytest.mark.parametrize("other", [{"west": 100.0}, {"from_at": "2022-02-01"}, {"from_at": "2021-05-01"}])
def test_one_elsewhere_or_at_another_time_is_not(other):
    assert told(**other) == ""
