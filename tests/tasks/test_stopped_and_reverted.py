"""A run that was stopped, and files that are then others or again what they were: the next ends as one from scratch."""

import shutil

import pytest

from pipeline.state.results import Results
from pipeline.tasks import derive, run
from pipeline.tasks.plan import planned
from tests.tasks.world import COAL, DAYS, Installation, assert_same, month, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again


class Stopped(BaseException):
    """Stands for the end of a process at a call."""


def stop(*_: object, **__: object) -> None:
    raise Stopped


@pytest.fixture
def home(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


def stopped(home, monkeypatch, where, what, **options):
    with monkeypatch.context() as patch:
        patch.setattr(where, what, stop)
        with pytest.raises(Stopped):
            home.run(**options)


def is_as_from_scratch(home, scratch):
    found, expected = home.rows(), Installation(scratch).rows()
    assert planned(home.settings) == []
    for table in ("vessel", "track", "port_call", "passage", "voyage", "ais_gap", "draught_change", "position_anomaly",
                  "coverage_day", "alert"):  # fmt: skip
        assert_same({table: found[table]}, {table: expected[table]})


def test_a_ship_that_leaves_the_data_while_she_is_due_again_is_taken_back(
    home, files, files_without, told_without, monkeypatch
):
    stopped(home, monkeypatch, run, "derive", rebuild=True)
    for day in DAYS:
        home.land(files_without[day], replaces=files[day].name)

    home.run()

    is_as_from_scratch(home, told_without)


@pytest.mark.parametrize(
    ("where", "what"),
    [(derive, "_hand_on"), (Results, "replace_days"), (run, "judge_reception"), (run, "_note_judged")],
    ids=["derived", "compressed", "reception", "judged"],
)
def test_what_a_stopped_run_wrote_does_not_outlive_the_file_it_came_from(
    home, files, told, tmp_path, monkeypatch, where, what
):
    rows = month()
    without = rows[(rows["MMSI"] != COAL) | ~rows["hours"].between(48, 120)]
    other = write_days(without, tmp_path / "other")[DAYS[2]].rename(tmp_path / "other.csv")
    home.land(other, replaces=files[DAYS[2]].name)
    stopped(home, monkeypatch, where, what)
    home.land(files[DAYS[2]], replaces=other.name)

    home.run()

    is_as_from_scratch(home, told)
