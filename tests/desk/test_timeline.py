"""A line of time: bars in lanes, labels that can be read, places within the drawing."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.desk.timeline import drawn, identity_spans
from pipeline.pictures.timeline import Draught, Span

BEGIN = pd.Timestamp("2018-06-01", tz="UTC")
WINDOW = (BEGIN, BEGIN + pd.Timedelta(days=30))


def calls(hours):
    return [
        Span("call", BEGIN + pd.Timedelta(hours=began), BEGIN + pd.Timedelta(hours=began + long), f"Nampo {began}")
        for began, long in hours
    ]


@given(st.lists(st.tuples(st.integers(-100, 800), st.integers(0, 200)), max_size=40))
def test_every_bar_lies_within_the_drawing_and_is_told_in_the_table(hours):
    line = drawn(calls(hours), [], WINDOW)

    bars = [bar for group in line["groups"] for bar in group["bars"]]
    assert all(0 <= bar["x"] <= 100 and bar["x"] + bar["width"] <= 100.3 for bar in bars)
    assert len(bars) == len(line["told"])


def test_labels_that_would_stand_on_each_other_are_left_to_the_table():
    line = drawn(calls([(n, 1) for n in range(40)]), [], WINDOW)

    labelled = [bar for group in line["groups"] for bar in group["bars"] if bar["label_x"] is not None]
    assert 0 < len(labelled) < 40
    assert len(line["told"]) == 40


def test_a_draught_is_a_step_where_it_changes_and_a_level_where_it_does_not():
    at = [Draught(BEGIN + pd.Timedelta(days=day), metres) for day, metres in ((1, 4.0), (3, 4.0), (5, 8.0))]

    line = drawn([], at, WINDOW)

    assert [dot["label"] for dot in line["dots"]] == ["4.0 m", "8.0 m"]
    deeper = [step for step in line["steps"] if step["x1"] == step["x2"]]
    assert [step["y2"] > step["y1"] for step in deeper] == [True]


def test_one_name_reported_again_is_one_bar():
    told = {"mmsi": 351990002, "flag": "PA", "imo": None}
    rows = [
        told | {"name": name, "from_at": f"2018-06-0{day}T00:00:00Z", "to_at": f"2018-06-0{day}T12:00:00Z"}
        for day, name in ((1, "ONE"), (2, "OTHER"), (3, "ONE"))
    ]

    assert [span.label.split(" ")[0] for span in identity_spans(rows)] == ["ONE", "OTHER"]
