"""Rows as plain values: what a program gets is JSON, whatever database or library the value came from."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from pipeline.plain import plain, records


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("began_at", "2018-06-06 16:11:31", "2018-06-06T16:11:31Z"),
        ("began_at", "2018-06-06 18:11:31+02:00", "2018-06-06T16:11:31Z"),
        ("whatever", datetime(2018, 6, 6, 16, 11, 31, tzinfo=UTC), "2018-06-06T16:11:31Z"),
        ("mmsi", 445000001.0, 445000001),
        ("synthetic", np.int64(1), True),
        ("stopped_hours", np.float64(2.5), 2.5),
        ("stopped_hours", float("nan"), None),
        ("name", None, None),
        ("mmsi", "not a number", "not a number"),  # a name of ours for something else
        ("landed_at", "soon", "soon"),
    ],
)
def test_a_value_is_told_by_the_name_of_its_column(name, value, told):
    (row,) = plain([{name: value}])

    assert row == {name: told}
    assert type(row[name]) is type(told)
    json.dumps(row, allow_nan=False)


def test_columns_of_one_name_are_numbered_and_nulls_are_none():
    frame = pd.DataFrame([[1, pd.NA, 3]], columns=["mmsi", "imo", "mmsi"]).astype("Int64")

    assert records(frame) == [{"mmsi": 1, "imo": None, "mmsi_2": 3}]
