"""A warehouse that does not hold what its home derived is noticed: filled by a run, told to whoever reads."""

import dataclasses
import shutil
import sqlite3
from contextlib import nullcontext

import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks import reports, review
from pipeline.tasks.run import run
from pipeline.tasks.vessel import vessel_report
from pipeline.warehouse.store import open_warehouse
from tests.cli.conftest import holds
from tests.tasks.world import CLOCK, DAYS, Installation, assert_same, month, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

NOT_HELD = "does not hold what home .* derived"


@pytest.fixture
def home(told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


@pytest.fixture(scope="module")
def first_day(files, tmp_path_factory):
    """Another home, in which the first day was run."""
    home = Installation(tmp_path_factory.mktemp("first-day") / "home")
    home.land(files[DAYS[0]])
    home.run()
    return home.settings.home


def warehouse_of(home):
    return home.settings.home / "warehouse.sqlite"


def lose(home):
    for path in home.settings.home.glob("warehouse.sqlite*"):
        path.unlink()


READS = [
    reports.alert_queue, reports.every_alert, lambda settings: reports.claim_windows(settings, None),
    lambda settings: reports.answer(settings, "select * from alert", []),
    lambda settings: vessel_report(settings, "DEMO"),
]  # fmt: skip


@pytest.mark.parametrize("read", READS)
def test_an_empty_warehouse_of_a_derived_home_is_not_read_as_one_without_alerts(home, read):
    lose(home)
    open_warehouse(home.settings.database_url).close()

    with pytest.raises(InputError, match=f"{NOT_HELD}.*`coalwatch run` fills it"):
        read(home.settings)


def test_a_lost_warehouse_of_a_derived_home_is_no_empty_answer(home):
    lose(home)

    with pytest.raises(InputError, match=NOT_HELD):
        vessel_report(home.settings, "DEMO")
    with pytest.raises(InputError, match="no such file; `coalwatch run` makes it"):
        reports.alert_queue(home.settings)


STOPPED_AT = ["positions to runs", "runs to events", "reception of gaps", "events to alerts"]


@pytest.mark.parametrize(
    ("empty", "at"),
    [
        (True, STOPPED_AT[-1]),
        *(pytest.param(True, at, marks=pytest.mark.long) for at in (*STOPPED_AT[:-1], None)),
        pytest.param(False, None, marks=pytest.mark.long),
    ],
)
def test_the_next_run_fills_a_lost_warehouse_though_one_was_stopped_and_a_late_file_costs_what_it_touches(
    home, empty, at, tmp_path
):
    expected = home.rows()
    lose(home)
    if empty:
        open_warehouse(home.settings.database_url).close()
    said = []

    def stopping(line):
        said.append(line)
        if at and line.startswith(at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) if at else nullcontext():
        run(home.settings, now=CLOCK, progress=stopping)
    if at:
        assert home.run().changed
    again = home.run()

    assert "filling it from the lake" in said[0]
    assert_same(home.rows(), expected)
    assert not again.changed
    home.land(late_file(tmp_path))
    assert home.run().days == [DAYS[4]]


def late_file(folder):
    """A ship that is heard on the last day only."""
    return write_days(month()[lambda rows: rows["MMSI"] == 412000001].assign(MMSI=412000099), folder)[DAYS[4]]


def test_another_address_is_filled_and_the_first_is_then_known_to_be_older(home, tmp_path):
    expected = home.rows()
    elsewhere = Settings(home=home.settings.home, warehouse_url=f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")

    run(elsewhere, now=CLOCK, progress=lambda line: None)

    moved = Installation(home.settings.home)
    moved.settings = elsewhere
    assert_same(moved.rows(), expected)
    with pytest.raises(InputError, match=NOT_HELD):
        reports.alert_queue(home.settings)


def test_a_warehouse_restored_from_before_the_last_run_is_filled_again_and_keeps_its_reviews(home, tmp_path):
    alert = reports.alert_queue(home.settings)[0]["alert_id"]
    review.review_alert(home.settings, alert, "me", "dismissed", None, CLOCK)
    shutil.copy(warehouse_of(home), tmp_path / "copy.sqlite")
    older = home.rows()
    home.land(late_file(tmp_path / "late"))
    home.run()
    expected = home.rows()
    lose(home)
    shutil.copy(tmp_path / "copy.sqlite", warehouse_of(home))

    with pytest.raises(InputError, match=NOT_HELD):
        reports.alert_queue(home.settings)
    home.run()

    assert len(expected["source_file"]) > len(older["source_file"])
    assert_same(home.rows(), expected)
    assert [one["decision"] for one in reports.alert_report(home.settings, alert)["reviews"]] == ["dismissed"]
    assert alert not in [row["alert_id"] for row in reports.alert_queue(home.settings)]


def test_a_warehouse_of_another_home_is_refused_and_left_as_it_is(home, first_day, tmp_path):
    other = Installation(shutil.copytree(first_day, tmp_path / "other"))
    settings = Settings(home=other.settings.home, warehouse_url=home.settings.database_url)
    before, expected = warehouse_of(home).read_bytes(), home.rows()

    for attempt in (
        lambda: run(settings, now=CLOCK, progress=lambda line: None), lambda: reports.alert_queue(settings),
    ):  # fmt: skip
        with pytest.raises(InputError, match="holds what another home derived"):
            attempt()

    assert warehouse_of(home).read_bytes() == before
    assert_same(home.rows(), expected)


def test_a_home_takes_the_place_of_another_when_it_is_told_to(home, first_day, tmp_path):
    other = Installation(shutil.copytree(first_day, tmp_path / "other"))
    expected = other.rows()
    taken = Installation(other.settings.home)
    taken.settings = Settings(home=other.settings.home, warehouse_url=home.settings.database_url)

    taken.run(rebuild=True)

    found = taken.rows()
    assert_same({name: found[name] for name in ("vessel", "port_call", "voyage", "alert", "coverage_day")}, expected={
        name: expected[name] for name in ("vessel", "port_call", "voyage", "alert", "coverage_day")
    })  # fmt: skip


def test_a_home_of_an_earlier_coalwatch_is_taken_as_it_is(home):
    expected = home.rows()
    with sqlite3.connect(warehouse_of(home)) as warehouse:
        warehouse.execute("delete from filled_from")
    with sqlite3.connect(home.settings.home / "lake" / "catalog.sqlite") as lake:
        lake.execute("delete from run_state where name in ('home_id', 'warehouse')")
    warehouse.close()
    lake.close()

    assert reports.alert_queue(home.settings)
    assert home.run().days == []
    assert_same(home.rows(), expected)
    with sqlite3.connect(warehouse_of(home)) as warehouse:
        assert warehouse.execute("select count(*) from filled_from").fetchone() == (1,)
    warehouse.close()


def test_a_copied_home_is_derived_as_it_stands(home, tmp_path):
    shutil.copytree(home.settings.home, tmp_path / "copy")
    copy = Installation(tmp_path / "copy")

    assert reports.alert_queue(copy.settings)
    assert not copy.run().changed


def test_looking_makes_no_lake(tmp_path):
    with pytest.raises(InputError, match="no ship found"):
        vessel_report(Settings(home=tmp_path / "none"), "nobody at all")

    assert not (tmp_path / "none").exists()
    assert holds(tmp_path) == set()


def test_a_run_that_writes_meanwhile_is_no_lost_warehouse(home, monkeypatch):
    """The lake was looked at before the run's new stamp, the warehouse after it."""
    from pipeline.tasks import warehouse_stamp

    now, looks = warehouse_stamp.glance(home.settings.home), []

    def late(folder):
        looks.append(folder)
        return dataclasses.replace(now, stamps=("before",)) if len(looks) == 1 else now

    monkeypatch.setattr(warehouse_stamp, "glance", late)

    assert reports.alert_queue(home.settings)
    assert len(looks) == 2
