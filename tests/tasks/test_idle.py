"""When a run is over before it began: nothing that it would read has changed since one that left nothing to do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from pipeline import remembered
from pipeline.cli import main
from pipeline.lake.catalog import open_catalog
from pipeline.resources import ROOT
from pipeline.tasks import run
from pipeline.tasks.idle import NOTHING, is_idle, note_idle, read_by_run, version_of
from pipeline.tasks.reports import alert_queue
from pipeline.tasks.review import review_alert
from tests.tasks.world import CLOCK, DAYS, Installation, month, write_days


def lies_idle(home: Installation) -> Installation:
    """Note of a home in which there is nothing to do that it lies as it does."""
    with closing(open_catalog(home.settings.home / "lake" / "catalog.sqlite")) as catalog:
        note_idle(home.settings, read_by_run(home.settings), catalog, version_of(catalog))
    return home


@pytest.fixture(scope="module")
def idle_home(told, tmp_path_factory):
    """Where a home lies idle, and a copy of it as it was then."""
    folder = tmp_path_factory.mktemp("idle")
    shutil.copytree(told, folder / "home")
    Installation(folder / "home").run()
    shutil.copytree(folder / "home", folder / "copy")
    return folder / "home", folder / "copy"


@pytest.fixture
def home(idle_home):
    """The idle home, put back as it was."""
    place, copy = idle_home
    shutil.rmtree(place)
    shutil.copytree(copy, place)
    return lies_idle(Installation(place))


def idle_now(home: Installation) -> bool:
    return is_idle(home.settings)


def test_a_run_after_a_run_is_idle_and_says_what_a_full_one_would(home):
    assert idle_now(home)
    assert home.run().as_dict() == NOTHING
    assert idle_now(home)


def test_a_run_that_derived_something_leaves_nothing_to_do_either(landed, told):
    assert not idle_now(Installation(landed))
    home = Installation(told)  # where `landed` was run, and nothing since
    assert idle_now(home)
    assert home.run().as_dict() == NOTHING


def test_a_home_where_nothing_was_run_is_not_idle(tmp_path):
    assert not idle_now(Installation(tmp_path / "none"))


def days_of_another_ship(folder):
    rows = month()
    return write_days(rows[rows["MMSI"] == 412000001].assign(MMSI=412000099), folder)


def test_a_file_that_lands_is_run(home, tmp_path):
    home.land(days_of_another_ship(tmp_path / "days")[DAYS[4]])

    assert not idle_now(home)
    assert home.run().changed


@pytest.mark.long
def test_a_run_of_some_days_leaves_no_word_for_all(home, tmp_path):
    days = days_of_another_ship(tmp_path / "days")
    home.land(*(days[day] for day in DAYS[3:]))
    home.run(days={DAYS[3]})

    assert not idle_now(home)


def test_what_is_lost_is_noticed(home):
    for lost in ("warehouse.sqlite", "lake/catalog.sqlite", "lake/idle.json"):
        there = lies_idle(home).settings.home / lost
        assert idle_now(home)
        there.rename(there.with_suffix(".moved"))
        assert not idle_now(home)
        there.with_suffix(".moved").rename(there)


def test_a_warehouse_put_back_from_a_copy_is_looked_at(home):
    """Also where the copy has the size and the time of the one before: it may be another."""
    warehouse = home.settings.home / "warehouse.sqlite"
    shutil.copy2(warehouse, warehouse.with_suffix(".copy"))
    warehouse.with_suffix(".copy").replace(warehouse)

    assert not idle_now(home)


def test_a_damaged_note_means_a_run_and_is_written_anew(home):
    for content in (b"", b"[]", b"\xff", b"{", b"[[[[", b'{"a": 1}'):
        (home.settings.home / "lake" / "idle.json").write_bytes(content)

        assert not idle_now(home)
    assert home.run().as_dict() == NOTHING
    assert idle_now(home)


def test_a_row_that_somebody_took_out_of_the_warehouse_is_put_back(home):
    with sqlite3.connect(home.settings.home / "warehouse.sqlite") as warehouse:
        warehouse.execute("delete from day_check")
    warehouse.close()

    assert not idle_now(home)
    assert home.run().changed


def test_a_review_is_no_reason_to_derive_but_is_looked_at(home):
    review_alert(home.settings, alert_queue(home.settings)[0]["alert_id"], "joe", "confirmed", None, CLOCK)

    assert not idle_now(home)
    home.run()
    assert idle_now(home)


def test_reading_does_not_disturb_it(home):
    alert_queue(home.settings)
    sqlite3.connect(home.settings.home / "warehouse.sqlite").execute("select count(*) from alert").fetchall()

    assert idle_now(home)


@pytest.mark.parametrize("folder", ["seeds", "geo", "sql", "pipeline"])
def test_an_edited_file_of_code_or_knowledge_is_noticed(tmp_path, monkeypatch, folder):
    for name in ("seeds", "geo", "sql", "pipeline"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "one").write_text("value: 1")
    file = tmp_path / folder / "inner" / "one"
    monkeypatch.setattr(remembered, "ROOT", tmp_path)
    home = Installation(tmp_path / "home")
    seen = [read_by_run(home.settings)]

    file.write_text("value: 2")
    seen.append(read_by_run(home.settings))
    file.rename(file.with_name("other"))
    seen.append(read_by_run(home.settings))
    file.write_text("")
    seen.append(read_by_run(home.settings))

    assert len(set(seen)) == 4


def test_an_edition_of_a_list_is_noticed(home):
    folder = home.settings.home / "lists" / "un-1718"
    folder.mkdir(parents=True)
    (folder / "2024-01-01_000000000000.edition.json").write_text("{}")

    assert not idle_now(home)


def test_another_warehouse_is_not_taken_for_this_one(home, tmp_path, monkeypatch):
    shutil.copy2(home.settings.home / "warehouse.sqlite", tmp_path / "other.sqlite")
    monkeypatch.setenv("COALWATCH_WAREHOUSE_URL", f"sqlite:///{tmp_path / 'other.sqlite'}")

    assert not idle_now(Installation(home.settings.home))


def test_a_file_that_lands_while_a_run_goes_on_is_not_passed_over(home, tmp_path, monkeypatch):
    judge = run.judge_days

    def land_meanwhile(*args):
        other = open_catalog(home.settings.home / "lake" / "catalog.sqlite")
        other.execute("update source_file set name = name || '.later'")
        other.close()
        return judge(*args)

    monkeypatch.setattr(run, "judge_days", land_meanwhile)
    home.run()

    assert not idle_now(home)
    monkeypatch.undo()
    assert home.run().changed
    assert idle_now(home)


@pytest.mark.parametrize("option", [(), ("--rebuild",), ("--from", "2018-06-01"), ("--to", "2018-06-05")])
def test_only_a_run_without_options_is_passed_over(home, monkeypatch, option):
    asked = []
    monkeypatch.setattr(run, "run", lambda *args, **options: asked.append(options))
    CliRunner().invoke(main, ["run", *option, "--home", str(home.settings.home)])

    assert bool(asked) is bool(option)


def test_an_idle_run_loads_no_heavy_library(home):
    code = f"""
import sys
from click.testing import CliRunner
from pipeline.cli import main
result = CliRunner().invoke(main, ["run", "--home", {str(home.settings.home)!r}])
assert "Nothing to do" in result.output, result.output
print(*sorted({{"pandas", "numpy", "duckdb", "sqlalchemy", "pydantic", "shapely", "yaml"}} & sys.modules.keys()))
"""
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert loaded.split() == []
