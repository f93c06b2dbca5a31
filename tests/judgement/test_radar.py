"""What radar says of claims: only a habit of the place, only from several passes, and never of the thing claimed."""

import pandas as pd
import pytest

from pipeline.contracts import RADAR_LOOK
from pipeline.judgement.articles import load_articles
from pipeline.judgement.radar import Seen, load_radar_weights, radar_pieces

WEIGHTS = load_radar_weights()
CLAIMS = {spec.claim_id.removeprefix("dailynk-2021/"): spec for spec in load_articles().specs}
W0 = next(window for window in CLAIMS["C16"].windows if window.window_id == "W0")


def looks(unexplained, echoes=None, first="2020-11-03", repeated=0):
    """One pass every six days over the anchorage, each with so many unexplained echoes."""
    days = pd.date_range(first, periods=len(unexplained), freq="6D", tz="UTC")
    counts = {name: 0 for name in ("explained", "cannot_tell", "ships_heard", "ships_inside")} | {"repeated": repeated}
    frame = pd.DataFrame({"at": days, "unexplained": unexplained, "echoes": echoes or unexplained}).assign(**counts)
    return RADAR_LOOK.conform(
        frame.assign(radar_pass_id=[f"p{n}" for n in range(len(days))], zone_id="kp-nampo-anchorage", known_at=days)
    )


def pieces(label, *given, **more):
    return [
        (side, round(piece.weight, 2))
        for side, piece in radar_pieces(CLAIMS[label], W0, looks(*given, **more), WEIGHTS)
    ]


@pytest.mark.parametrize(
    ("label", "unexplained", "said"),
    [
        ("C16", [1] * 12, [("supports", 0.3)]),
        ("C16", [1, 0] * 6, [("supports", 0.15), ("weakens", 0.15)]),
        ("C16", [0] * 12, [("weakens", 0.3)]),
        ("C16", [1] * 3, [("context", 0.0)]),
        ("C16", [0] * 3, [("context", 0.0)]),
        ("C16", [1, 0, 0, 1, 0, 0, 1, 0, 0], [("weakens", 0.2)]),
        ("C16", [], []),
        ("C10", [1] * 12, [("context", 0.0)]),
        ("C10", [0] * 12, [("supports", 0.2)]),
        ("C15", [1] * 12, []),
    ],
)
def test_a_habit_of_passes_leans_and_anything_else_is_told_alone(label, unexplained, said):
    assert pieces(label, unexplained) == said


def test_echoes_that_ais_explains_say_neither():
    assert pieces("C16", [0] * 12, [1] * 12) == [("context", 0.0)]


def test_passes_that_see_what_they_always_see_are_not_passes_without_an_echo():
    assert pieces("C16", [0] * 12, repeated=1) == [("context", 0.0)]
    assert pieces("C10", [0] * 12, repeated=1) == [("context", 0.0)]
    assert pieces("C16", [0] * 12, repeated=[1, 0, 0] * 4) == [("weakens", 0.2)]


def test_passes_outside_the_window_say_nothing_of_it():
    assert pieces("C16", [1] * 12, first="2021-02-01") == []


def test_no_piece_is_of_the_very_thing_claimed_and_each_tells_what_radar_cannot_see():
    for _, piece in radar_pieces(CLAIMS["C16"], W0, looks([1] * 12), WEIGHTS):
        assert not piece.direct
        assert "nothing in the river" in piece.said
        assert "dark" not in piece.said


@pytest.mark.parametrize(
    ("number", "said"), [(1, ["1 known pass,", "1 ship was"]), (2, ["2 known passes,", "2 ships were"])]
)
def test_one_pass_is_no_passes(number, said):
    told = Seen(number, 0, number, number, 0, number, ships_heard=number).told()

    assert all(words in told for words in said)
