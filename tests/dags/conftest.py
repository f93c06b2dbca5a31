"""Airflow on a metadata database of its own, in a temporary home."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory):
    """A migrated Airflow home; Airflow reads its configuration when it is imported, so this comes first."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("Airflow is not installed; it is an extra of the package: pip install coalwatch[airflow]")
    home = tmp_path_factory.mktemp("airflow")
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parents[2] / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
    for command in (["db", "migrate"], ["dags", "reserialize"]):
        subprocess.run([sys.executable, "-m", "airflow", *command], check=True, capture_output=True)
    return home
