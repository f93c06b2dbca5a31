"""Lock files: every requirement pinned and hashed, nothing that names a registry, tests on top of the same pins."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    name: (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    for name in ("run", "airflow", "browse", "desk", "postgres", "report", "s3", "spark", "test", "ftm", "s3-server")
}


def pins(lock):
    """(name, version, marker) of each requirement."""
    return re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?: ; ([^\\]+?))? \\$", LOCKS[lock], re.MULTILINE)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock):
    requirements = re.split(r"\n(?=\S)", LOCKS[lock].strip())

    assert len(requirements) == len(pins(lock))
    assert all("--hash=sha256:" in requirement for requirement in requirements)


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_is_named(lock):
    assert not re.search(r"://|--index|--find-links|--trusted", LOCKS[lock])


def versions(lock):
    """What is pinned to what; a library that fewer need may be pinned for fewer machines."""
    return {(name, version) for name, version, _ in pins(lock)}


@pytest.mark.parametrize("extra", ["airflow", "browse", "desk", "postgres", "report", "s3", "spark"])
def test_tests_run_on_the_pins_that_users_run_on(extra):
    assert versions("run") <= versions(extra) <= versions("test") <= versions("ftm")


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {
        "run": project["project"]["dependencies"] + project["dependency-groups"]["build"],
        "test": [r for extra in project["project"]["optional-dependencies"].values() for r in extra],
    }
    for lock, requirements in asked.items():
        names = {normal(re.match(r"[A-Za-z0-9._-]+", r)[0]) for r in requirements} - {"coalwatch"}

        assert names <= {normal(name) for name, *_ in pins(lock)}


def test_a_driver_for_postgresql_is_installed_where_it_is_asked_for():
    assert "psycopg" in {name for name, *_ in pins("postgres")}
    assert "psycopg" not in {name for name, *_ in pins("run")}


def test_only_the_test_lock_installs_airflow():
    assert "apache-airflow" in {name for name, *_ in pins("test")}
    assert "apache-airflow" not in {name for name, *_ in pins("run")}
