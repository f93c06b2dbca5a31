"""The notebooks of docs/notebooks run from top to bottom as plain Python, on a home of five days."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "docs" / "notebooks"


def cells(name):
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


@pytest.fixture
def ran(told, monkeypatch):
    """Runs the code of a notebook; gives the names it leaves."""
    monkeypatch.setenv("COALWATCH_HOME", str(told))

    def run(name):
        left = {}
        for cell in cells(name):
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"{name} {cell['id']}", "exec"), left)
        return left

    return run


def test_one_alert_leads_from_the_positions_to_the_picture(ran):
    left = ran("one-alert")

    assert left["score"] == pytest.approx(left["alert"]["score"])
    assert left["silent_hours"].max() == pytest.approx(left["gaps"]["hours"].max(), abs=0.1)
    assert left["pictures"]["map.svg"].content.startswith(("<svg", "<?xml"))


def test_one_claim_leads_from_what_was_seen_to_the_verdict(ran):
    left = ran("one-claim")
    windows = left["windows"]

    stated = windows[["window_id", "alerts_for", "alerts_against"]].itertuples(index=False, name=None)
    for (one, least_for, least_against), (other, touch_for, touch_against) in zip(stated, left["again"], strict=True):
        assert (one, touch_for >= least_for, touch_against >= least_against) == (other, True, True)
    assert sum(windows["alerts_for"] + windows["alerts_against"]) > 0


def test_every_notebook_is_run_here_and_kept_without_answers():
    assert {path.stem for path in NOTEBOOKS.glob("*")} == {"one-alert", "one-claim"}
    for name in ("one-alert", "one-claim"):
        assert all(cell.get("outputs", []) == [] for cell in cells(name))
