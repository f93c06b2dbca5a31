"""Positions that no ship can have sent: what they say of an alert follows from all files, whatever their order."""

import numpy as np
import pandas as pd

from tests.tasks.world import COAL, DAYS, Installation, assert_same, month, write_days

ROLES = {"false_positions", "interference"}


def stuck(mmsi, longitude, latitude=38.6):
    """One position for an hour and a half at nine knots, off the mouth of the river, on the second day."""
    hours = np.arange(37.6, 39.0, 0.1)
    return pd.DataFrame({"hours": hours, "LON": longitude, "LAT": latitude, "SOG": 9.0, "MMSI": mmsi})


def said(home):
    alert = home.rows()["alert"].query("mmsi == @COAL and pattern_id == 'direct-call'")
    rows = home.rows()["alert_evidence"]
    return ROLES & set(rows.loc[rows["alert_id"].isin(alert["alert_id"]), "role"])


def test_two_others_that_are_hit_as_well_make_it_interference_when_their_file_comes(tmp_path):
    first = pd.concat([month(), stuck(COAL, 125.0)], ignore_index=True)
    late = pd.concat([stuck(440000001, 125.3, 37.9), stuck(440000002, 125.4, 37.95)], ignore_index=True)
    home, at_once = Installation(tmp_path / "home"), Installation(tmp_path / "at once")

    home.land(*write_days(first, tmp_path / "first").values())
    home.run()
    assert said(home) == {"false_positions"}

    files = write_days(late, tmp_path / "late", DAYS[1:2])
    home.land(*files.values())
    home.run()
    assert said(home) == ROLES

    at_once.land(*write_days(first, tmp_path / "first").values(), *files.values())
    at_once.run()
    assert_same(home.rows(), at_once.rows())
