"""Silence is told once, and its end."""

from datetime import UTC, datetime, timedelta

from pipeline.fetch.reception import Reception
from pipeline.fetch.requests import Box

BEGAN = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
NAMPO = Box(name="Nampo", south=37.5, west=123.5, north=40.0, east=125.9)
BOHAI = Box(name="Bohai", south=37.0, west=117.3, north=41.0, east=123.5)
IN_NAMPO, IN_BOHAI = (38.7, 125.2), (39.0, 119.0)


def at(minute):
    return BEGAN + timedelta(minutes=minute)


def reception(*boxes):
    return Reception(boxes or (NAMPO, BOHAI), timedelta(minutes=60), BEGAN)


def test_a_box_silent_while_others_are_heard_is_told_once_and_again_when_it_speaks():
    ears, told = reception(), []
    for minute in range(0, 200):
        places = [IN_BOHAI] if minute < 150 else [IN_BOHAI, IN_NAMPO]
        told += ears.heard(places, at(minute))
        told += ears.fallen_silent(at(minute))

    assert [line.partition(";")[0] for line in told] == [
        "Nampo silent: nothing for 60 min while other parts are heard",
        "Nampo heard again: after 150 min",
    ]
    assert "says nothing about ships" in told[0]


def test_boxes_that_are_all_heard_are_told_nothing_of():
    ears = reception()
    for minute in range(0, 200, 50):
        assert list(ears.heard([IN_BOHAI, IN_NAMPO], at(minute))) == []
        assert list(ears.fallen_silent(at(minute))) == []


def test_if_nothing_at_all_comes_it_is_told_in_one_line():
    ears = reception()
    told = [line for minute in range(0, 200) for line in ears.fallen_silent(at(minute))]

    assert [line.partition(";")[0] for line in told] == ["silent: nothing at all for 60 min"]
    assert list(ears.heard([IN_BOHAI], at(200))) == [
        "heard again: something came after 200 min",
        "Bohai heard again: after 200 min",
    ]
    assert [box["silent_since"] for box in ears.as_dict()["boxes"]] == ["2026-11-26T05:00:00Z", None]


def test_the_servers_own_words_are_counted_and_are_nothing_heard():
    ears = reception()
    list(ears.heard([], at(59)))

    assert [line.partition(":")[0] for line in ears.fallen_silent(at(60))] == ["silent"]
    assert ears.as_dict()["frames"] == 1
    assert ears.as_dict()["last_heard_at"] is None


def test_a_source_without_boxes_can_fall_silent_as_a_whole():
    ears = Reception((), timedelta(minutes=60), BEGAN)
    list(ears.heard([(0.0, 0.0)], at(1)))

    assert list(ears.fallen_silent(at(60))) == []
    assert [line.partition(":")[0] for line in ears.fallen_silent(at(61))] == ["silent"]


def test_a_source_whose_catalogue_says_nothing_of_silence_is_never_silent():
    ears = Reception((NAMPO,), None, BEGAN)

    assert list(ears.fallen_silent(at(10_000))) == []
