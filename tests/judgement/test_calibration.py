"""The calibration file: what is read, what is refused, and what stands beside a grade."""

import pytest

from pipeline.errors import InputError
from pipeline.judgement.calibration import load_calibration

BAND = "{pattern_id: dark-call, score_from: 4, score_to: 6, alerts: 20, alerts_right: 19, low: 0.7, high: 0.99}"


def written(tmp_path, *bands):
    path = tmp_path / "calibration.yaml"
    path.write_text("conditions: drawn\nbands:\n" + "".join(f"  - {band}\n" for band in bands), encoding="utf-8")
    return path


def test_bands_are_rows_with_the_conditions_they_were_drawn_under(tmp_path):
    (row,) = load_calibration(written(tmp_path, BAND)).frame.to_dict("records")

    assert row["conditions"] == "drawn"
    assert (row["pattern_id"], row["score_from"], row["alerts"], row["alerts_right"]) == ("dark-call", 4.0, 20, 19)


def test_ours_says_that_it_is_synthetic_and_how_many_alerts_it_rests_on():
    ours = load_calibration()

    assert "synthetic" in ours.conditions
    assert not ours.frame.empty


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ([BAND.replace("alerts_right: 19", "alerts_right: 21")], "alerts_right is at most alerts"),
        ([BAND.replace("low: 0.7", "low: 0.97")], "lies between low and high"),
        ([BAND.replace("score_to: 6", "score_to: 4")], "score_from is less than score_to"),
        ([BAND, BAND.replace("score_from: 4", "score_from: 5")], "bands of dark-call do not overlap"),
        ([BAND.replace("alerts: 20", "alerts: 0")], "alerts"),
    ],
)
def test_a_file_that_does_not_add_up_is_refused(tmp_path, bands, words):
    with pytest.raises(InputError, match=words):
        load_calibration(written(tmp_path, *bands))
