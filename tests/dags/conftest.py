"""A prepared Airflow home, and the files that runs are fed with."""

import importlib.util

import pytest

from pipeline.scenarios.days import write_days
from pipeline.scenarios.script import load_scenario


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A migrated Airflow home with parsed DAGs, to be copied."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("Airflow is not installed; it is an extra of the package: pip install coalwatch[airflow]")
    from tests.dags.airflow import prepare

    return prepare(tmp_path_factory.mktemp("airflow") / "home")


@pytest.fixture(scope="session")
def month(tmp_path_factory):
    """The demonstration month: UTC day to its file."""
    files = write_days(load_scenario(), tmp_path_factory.mktemp("month"))
    return {path.stem[4:].replace("_", "-"): path for path in files}
