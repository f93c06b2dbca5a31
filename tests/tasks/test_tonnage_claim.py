"""Claim C22 in a home: what the voyages of its window can have carried, and how well their ends were heard."""

import pandas as pd
import pytest

from pipeline.tasks import reports
from pipeline.tasks.land import ingest
from tests.tasks import world
from tests.tasks.world import CLOCK, Installation, traffic, voyage, write_days

pytestmark = pytest.mark.long  # the rules: tests/judgement/test_tonnage.py


@pytest.fixture(scope="module")
def december(tmp_path_factory):
    """A ship of 120 by 18 m that loads four metres of draught at Nampo in December 2020, in real positions."""
    folder = tmp_path_factory.mktemp("december")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world, "START", pd.Timestamp("2020-12-01"))
        write_days(pd.concat([voyage(351990002, 2990027, "A SHIP"), traffic()]), folder / "files")
    home = Installation(folder / "home")
    paths = sorted((folder / "files").glob("*.csv"))
    ingest(home.settings, paths, "noaa", now=CLOCK, progress=lambda line: None, synthetic=False)
    home.run()
    return home


def c22(home, **given):
    rows = reports.claim_windows(home.settings, given.get("as_of"), "dailynk-2021", "C22")
    return {row["window_id"]: row for row in rows}


def test_the_voyage_is_counted_in_its_window_with_a_range_of_tonnes(december):
    now, before = (c22(december)[name] for name in ("W0", "Wpre"))

    assert now["voyages_estimated"] == 1
    assert 5_000 < now["tonnes_low"] < 7_300 < now["tonnes_high"] < 9_000
    assert before["voyages_estimated"] is None
    (cargo,) = december.rows()["alert_cargo"].to_dict("records")
    assert (cargo["basis"], cargo["dead_weight_basis"], cargo["cargo_state"]) == ("draught", "dimensions", "laden")


def test_five_days_of_reception_do_not_move_the_verdict_and_the_reason_says_so(december):
    row = c22(december)["W0"]

    assert row["verdict"] == "INCONCLUSIVE_COVERAGE"
    assert "of the shortfall" in row["reason"]
    assert "there are no positions, so no rise can be read" in row["reason"]
    assert "Not counted are ships that nobody heard" in row["reason"]


def test_what_was_known_at_the_time_knows_no_later_figure(december):
    row = c22(december, as_of=pd.Timestamp("2021-01-29", tz="UTC").to_pydatetime())["W0"]

    assert row["voyages_estimated"] == 1
    assert "had not been published by then" in row["reason"]
    assert "364,000" not in row["reason"]
