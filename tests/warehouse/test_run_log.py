"""The log of runs: each is a row, a failure tried again is one, and noting it never hides it or makes a warehouse."""

import pytest

from pipeline.contracts import PIPELINE_RUN
from pipeline.errors import SourceUnavailable
from pipeline.settings import Settings
from pipeline.version import VERSION
from pipeline.warehouse.run_log import note_failure, note_once, note_run
from pipeline.warehouse.store import open_for_reading, open_warehouse
from tests.tasks.world import CLOCK


@pytest.fixture
def warehouse():
    with open_warehouse("sqlite://") as opened:
        yield opened


def messages(warehouse):
    return warehouse.read(PIPELINE_RUN)["message"].tolist()


def test_a_run_is_noted_with_its_version_and_time(warehouse):
    note_run(warehouse, CLOCK, command="run", status="done", run_id="r1", days=5, knowledge_hash="k")

    (row,) = warehouse.read(PIPELINE_RUN).to_dict("records")
    assert (row["pipeline_run_id"], row["command"], row["status"], row["days"]) == ("r1", "run", "done", 5)
    assert (row["version"], row["started_at"]) == (VERSION, CLOCK)
    assert row["ended_at"] >= row["started_at"]


def test_a_run_noted_again_under_its_id_is_one(warehouse):
    for status in ("started", "done"):
        note_run(warehouse, CLOCK, command="run", status=status, run_id="r1")

    assert warehouse.read(PIPELINE_RUN)["status"].tolist() == ["done"]


def test_the_same_failure_again_is_one_and_another_is_one_more(warehouse):
    for message in ("no file", "no file", "no server"):
        note_once(warehouse, CLOCK, command="land", status="failed", message=message)

    assert sorted(messages(warehouse)) == ["no file", "no server"]


def test_a_failure_is_noted_where_there_is_a_warehouse_and_makes_none(tmp_path):
    settings = Settings(home=tmp_path / "home")
    error = SourceUnavailable("no file of 2018-06-01")

    note_failure(settings, "land", error, CLOCK)
    assert not settings.home.exists()

    open_warehouse(settings.database_url).close()
    note_failure(settings, "land", error, CLOCK)
    with open_for_reading(settings.database_url) as warehouse:
        assert messages(warehouse) == ["no file of 2018-06-01"]


def test_a_warehouse_that_cannot_be_written_hides_no_failure(tmp_path):
    settings = Settings(home=tmp_path)
    (tmp_path / "warehouse.sqlite").write_bytes(b"no database" * 100)

    note_failure(settings, "land", SourceUnavailable("no file"), CLOCK)
