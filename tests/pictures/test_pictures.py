"""Pictures of a way and its timeline: what they show, equal bytes for equal input, and names that try to break them."""

import re

import defusedxml.ElementTree as xml
import pandas as pd
import pytest
import shapely

pytest.importorskip("matplotlib", reason="pip install 'coalwatch[report]'")
from pipeline.pictures import canvas
from pipeline.pictures.map import Mark, Shape, box_around, draw_map
from pipeline.pictures.timeline import Draught, Span, draw_timeline

START = pd.Timestamp("2018-06-06", tz="UTC")
HOSTILE = '<script>alert(1)</script> & "$x^2$" \u202eevil\u0007\ud55c'
SILENT = "stroke: #b3261e; stroke-width: 1.3"


def track(motion="under_way"):
    at = [START + pd.Timedelta(hours=hours) for hours in (0, 10, 40, 50)]
    rows = {"timestamp": at, "longitude": [125.0, 124.0, 122.0, 121.0], "latitude": [38.5, 38.3, 37.9, 37.8]}
    return pd.DataFrame(rows | {"motion": ["under_way", motion, "under_way", "stopped"]})


def drawn_map(motion="under_way", title="A way"):
    rows = track(motion)
    box = box_around(rows["longitude"].tolist(), rows["latitude"].tolist())
    port = Shape(shapely.box(120.8, 37.7, 121.1, 37.9), f"Port {title}", spoken_of=True)
    mark = Mark(121.0, 37.8, f"called {title}", "call")
    return draw_map(box, rows, shapely.box(121, 36, 122, 37.6), [port], [mark], title=title, foot=["Coast: ours"])


def drawn_timeline(label="Longkou"):
    day = pd.Timedelta(days=1)
    spans = [Span("call", START, START + day, label), Span("heard_others", START + day, None, "60 h")]
    draughts = [Draught(START, 4.0), Draught(START + 2 * day, 8.0)]
    window = (START - day, START + 4 * day)
    return draw_timeline(spans, draughts, window, (START, START + day), title=label, foot=["AIS"])


def test_the_box_of_a_map_holds_every_point_with_room_around():
    box = box_around([120.0, 125.0], [34.5, 38.7])

    assert box.west < 120 < 125 < box.east
    assert box.south < 34.5 < 38.7 < box.north


def test_one_place_alone_has_a_map_of_some_width():
    box = box_around([125.4], [38.7])

    assert box.north - box.south >= 0.5


def test_a_silent_leg_is_dashed_and_a_heard_one_is_not():
    assert len(re.findall(SILENT, drawn_map("silence"))) == len(re.findall(SILENT, drawn_map())) + 1


def drawn_name(name):
    """What is drawn of a ship's name, without what is said of the picture and remarked in it."""
    return re.sub("<!--.*?-->", "", drawn_map(title=name).partition("</desc>")[2])


def test_korean_and_chinese_names_are_letters_where_a_font_with_them_is_installed():
    if canvas.more_letters() is None:
        pytest.skip("no font with Korean and Chinese letters is installed: apt-get install fonts-noto-cjk")

    assert len({drawn_name(name) for name in ("\uad11\uba85", "\uae08\uc57c", "\u5149\u660e")}) == 3


def test_they_are_boxes_where_none_is_and_no_reason_to_stop(monkeypatch, capfd):
    monkeypatch.setattr(canvas, "more_letters", lambda: None)

    assert drawn_name("\uad11\uba85") == drawn_name("\uae08\uc57c")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("draw", [drawn_map, drawn_timeline])
def test_the_same_input_gives_the_same_bytes(draw):
    assert draw() == draw()
    assert "<dc:date>" not in draw()


@pytest.mark.parametrize("draw", [lambda: drawn_map(title=HOSTILE), lambda: drawn_timeline(HOSTILE)])
def test_a_name_is_never_markup(draw):
    picture = draw()

    tree = xml.fromstring(picture)
    assert not [one for one in tree.iter() if one.tag.endswith("script")]
    assert "\u202e" not in picture
    assert "\u0007" not in picture


def test_a_timeline_draws_what_lies_in_its_window_alone():
    early = Span("call", START - pd.Timedelta(days=40), START - pd.Timedelta(days=39), "long ago")
    window = (START, START + pd.Timedelta(days=2))

    with_it, without = (draw_timeline(spans, [], window, None, title="t", foot=[]) for spans in ([early], []))

    assert with_it == without
