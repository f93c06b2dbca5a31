"""Winters whose truth is known: what counts as a right verdict, and the base rates of Nampo through the whole chain."""

import pytest

from bench.winter_world import MONTH, draw_winter
from bench.winters import ARTICLE, FOR, judged, report, run_files, write_article, write_winter
from pipeline.tasks.reports import claim_windows


@pytest.mark.parametrize(
    ("verdict", "exports", "voyages", "share", "right", "too_strong"),
    [
        ("SUPPORTED", True, 2, 0.1, True, False),
        ("SUPPORTED", True, 1, 0.1, True, True),
        ("PARTLY_SUPPORTED", True, 0, 0.1, True, False),
        ("INCONCLUSIVE_COVERAGE", True, 1, 0.1, True, False),
        ("INCONCLUSIVE_COVERAGE", True, 2, 0.9, False, False),
        ("WEAKENED", True, 0, 0.9, False, True),
        ("WEAKENED", False, 0, 0.9, True, False),
        ("INCONCLUSIVE_COVERAGE", False, 0, 0.9, False, False),
        ("INCONCLUSIVE_COVERAGE", False, 0, 0.2, True, False),
        ("CONTRADICTED", False, 0, 0.2, False, True),
        ("PARTLY_SUPPORTED", False, 0, 0.2, False, True),
    ],
)
def test_a_verdict_is_right_by_truth_and_too_strong_by_what_left_rows(
    verdict, exports, voyages, share, right, too_strong
):
    assert judged(verdict, exports, voyages, share) == {"right": right, "too_strong": too_strong}


def test_the_table_counts_both_kinds_of_winter():
    row = {"seed": 1, "days": 30, "heard": 0.05, "label": "C16", "cpu_s": [1, 9], "right": True, "too_strong": False}
    rows = [row | {"exports": False, "verdict": "WEAKENED"}, row | {"exports": True, "verdict": "SUPPORTED"}]

    text = report(rows)

    assert "| 5% | C16 | no | 1.00 [0.21, 1.00] (1 of 1) | 0.00 [0.00, 0.79] (0 of 1) | WEAKENED 1 |" in text
    assert "| 5% | C16 | 1.00 [0.34, 1.00] (2 of 2) | 0.00 [0.00, 0.66] (0 of 2) |" in text


@pytest.mark.long
def test_nampos_base_rates_at_five_percent_reception_give_support_nothing_and_support(tmp_path, monkeypatch):
    """71 ships in 2019 are six in thirty days; none was seen from August 2020 to 7 February 2021, eight in the month
    after (VOA's reading of Planet imagery)."""
    windows = {name: (n * MONTH, (n + 1) * MONTH) for n, name in enumerate(("busy", "closed", "again"))}
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(write_article(tmp_path / "extensions", windows)))
    winter = draw_winter(7, 0.05, months=[6, 0, 8], thinned=False)

    settings = run_files(write_winter(winter, tmp_path), tmp_path / "home")

    rows = {row["window_id"]: row["verdict"] for row in claim_windows(settings, None, ARTICLE, "C16")}
    assert rows["closed"] in ("INCONCLUSIVE_COVERAGE", "WEAKENED")
    assert rows["busy"] in FOR, rows
    assert rows["again"] in FOR, rows
