"""Which engine works on positions, and how much it takes at once."""

from __future__ import annotations

import pytest

from pipeline.engines.engine import Embedded, fixes_of_batch, open_engine
from pipeline.errors import InputError
from pipeline.settings import Settings


def test_the_environment_names_the_engine_for_commands_and_dags_alike(monkeypatch):
    for name in ("COALWATCH_ENGINE", "COALWATCH_SPARK_MASTER"):
        monkeypatch.delenv(name, raising=False)
    assert (Settings().engine, Settings().spark_master) == ("embedded", "local[*]")

    monkeypatch.setenv("COALWATCH_ENGINE", "spark")
    monkeypatch.setenv("COALWATCH_SPARK_MASTER", "spark://host:7077")

    assert (Settings().engine, Settings().spark_master) == ("spark", "spark://host:7077")
    assert Settings(engine="embedded").engine == "embedded"


def test_an_engine_that_there_is_not_is_refused(monkeypatch):
    monkeypatch.setenv("COALWATCH_ENGINE", "dask")

    with pytest.raises(InputError, match="COALWATCH_ENGINE is dask; expected one of embedded, spark"):
        Settings()


def test_what_a_killed_run_handed_to_its_workers_is_gone_with_the_next(tmp_path):
    left = tmp_path / "pieces" / "job" / "1-abc"
    left.parent.mkdir(parents=True)
    left.touch()

    with open_engine("embedded", "local[*]", tmp_path / "pieces") as engine:
        assert isinstance(engine, Embedded)
        assert not left.exists()


def test_spark_takes_enough_days_at_once_to_keep_many_workers_busy():
    assert fixes_of_batch("spark") > 10 * fixes_of_batch("embedded")
