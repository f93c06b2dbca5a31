"""Homes and warehouses that are not as they should be; and looking that leaves nothing behind."""

import fcntl
import json
import shutil
import sqlite3
import subprocess

import pytest

from tests.cli.conftest import COMMAND, ENVIRONMENT, coalwatch, holds, one_line
from tests.cli.privilege import without_privilege

LOOKING = [
    ("claims", "--claim", "C16"),
    ("vessel", "8628597"),
    ("run", "--dry-run"),
    ("run", "--from", "2018-01-01", "--dry-run"),
    ("demo", "--dry-run"),
    ("sql", "--list"),
]
NEEDING = [
    ("alerts", "list"),
    ("alerts", "show", "0123456789abcdef"),
    ("alerts", "review", "0123456789abcdef", "confirmed", "--reviewer", "me"),
    ("sql", "select * from alert"),
]


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_looking_makes_no_home(invoke, tmp_path, command):
    assert invoke(*command, "--home", tmp_path / "home").exit_code == 0
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", NEEDING, ids=" ".join)
def test_what_needs_a_warehouse_says_how_to_get_one_and_makes_no_home(invoke, tmp_path, command):
    done = invoke(*command, "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "no such file; `coalwatch run` makes it" in one_line(done.stderr)
    assert not (tmp_path / "home").exists()


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("command", ["ingest", "run", "demo"])
def test_a_home_that_may_not_be_written_to_says_so(files, tmp_path, command):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o500)
    words = [files["2018-06-01"]] if command == "ingest" else []

    done = coalwatch(
        command, *(["noaa"] if words else []), *words, "--home", tmp_path / "home", preexec_fn=without_privilege()
    )

    assert done.returncode == 2
    assert f"{tmp_path / 'home'}" in one_line(done.stderr)
    assert "Permission denied" in one_line(done.stderr)
    assert holds(tmp_path / "home") == set()


@pytest.mark.parametrize("command", ["ingest", "run"])
def test_a_home_that_is_a_file_says_so(invoke, files, tmp_path, command):
    (tmp_path / "home").write_text("not a folder")
    words = ["noaa", files["2018-06-01"]] if command == "ingest" else []

    done = invoke(command, *words, "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "give another --home" in one_line(done.stderr)


def test_real_and_synthetic_data_never_share_a_home(invoke, files, copied):
    before = holds(copied)

    done = invoke("ingest", "noaa", files["2018-06-01"], "--home", copied)

    assert done.exit_code == 2
    assert "real data, but" in one_line(done.stderr)
    assert "must never mix; give another --home" in done.stderr
    assert holds(copied) == before


def test_the_demo_refuses_a_home_of_real_positions(invoke, files, tmp_path):
    assert invoke("ingest", "noaa", files["2018-06-01"], "--home", tmp_path).exit_code == 0
    before = holds(tmp_path)

    done = invoke("demo", "--home", tmp_path)

    assert done.exit_code == 2
    assert "holds real positions" in one_line(done.stderr)
    assert holds(tmp_path) == before


def test_an_empty_variable_names_no_home(invoke, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COALWATCH_HOME", "")

    assert json.loads(invoke("demo", "--dry-run", "--json").stdout)["home"] == "coalwatch-demo"


def test_the_home_of_the_environment_is_taken(invoke, monkeypatch, tmp_path):
    monkeypatch.setenv("COALWATCH_HOME", str(tmp_path / "mine"))

    assert json.loads(invoke("demo", "--dry-run", "--json").stdout)["home"] == str(tmp_path / "mine")


def test_a_warehouse_that_another_process_holds_is_an_error_to_try_later(invoke, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    holder = sqlite3.connect(tmp_path / "home" / "warehouse.sqlite", isolation_level=None)
    holder.execute("begin immediate")

    impatient = f"sqlite:///{tmp_path / 'home' / 'warehouse.sqlite'}?timeout=0.2"
    done = invoke("run", "--rebuild", "--quiet", "--home", tmp_path / "home", "--warehouse", impatient)
    reading = invoke("alerts", "list", "--home", tmp_path / "home")

    holder.execute("rollback")
    assert done.exit_code == 3
    assert "is locked by another process; wait until that run ends" in one_line(done.stderr)
    assert reading.exit_code == 0


def test_a_run_beside_another_says_that_it_waits(copied):
    with (copied / "lake" / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [*COMMAND, "run", "--home", copied], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        assert second.stderr.readline() == f"waiting: another coalwatch is writing to {copied}\n"
        second.kill()
        second.communicate()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "expected an SQLAlchemy URL"),
        ("sqlite:////dev/null/warehouse.sqlite", "no such file"),
        ("oracle://somewhere", "no driver for it is known"),
    ],
)
def test_a_warehouse_address_that_leads_nowhere_is_explained(invoke, url, words):
    done = invoke("alerts", "list", "--warehouse", url)

    assert done.exit_code == 2
    assert words in one_line(done.stderr)


def test_a_warehouse_that_is_no_database_is_not_touched(invoke, tmp_path):
    (tmp_path / "warehouse.sqlite").write_text("my diary " * 200)

    reading, writing = invoke("alerts", "list", "--home", tmp_path), invoke("run", "--home", tmp_path)

    for done in (reading, writing):
        assert done.exit_code == 2
        assert "is not an SQLite database" in one_line(done.stderr)
    assert (tmp_path / "warehouse.sqlite").read_text().startswith("my diary")


def test_unknown_things_are_named_with_what_there_is(invoke, told, files):
    day = files["2018-06-01"]
    for command, words in {
        ("alerts", "show", "nope"): "alert nope does not exist; expected one of 2, like",
        ("alerts", "review", "nope", "confirmed", "--reviewer", "me"): "alert nope does not exist; expected one of 2",
        ("vessel", "nobody"): 'no ship found for "nobody"',
        ("vessel", "9999999"): 'no ship found for "9999999"',
        ("claims", "--claim", "C99"): 'no claim "C99"; expected one of C01, C02',
        ("claims", "--article", "nope"): 'no article "nope"; expected one of dailynk-2021, demo-2018',
        ("sql", "ship_histry"): "did you mean ship_history?",
        ("sql", "ship_history"): "parameter imo is missing; expected IMO number",
        ("sql", "ship_history", "8628597"): 'parameter "8628597" cannot be read; expected name=value',
        ("sql", "ship_history", "imo=seven"): 'parameter imo is "seven"; expected IMO number',
        ("sql", "select nope from alert"): "no such column: nope",
        ("sql", "delete from alert"): "is opened for reading only; expected a statement that reads",
        ("ingest", "nope", __file__, "--synthetic"): "no format named nope; expected auto, aiscatcher, aishub",
        ("ingest", "noaa", day, "--synthetic", "--replaces", "nope"): "replaces nope: no such file stands in",
        ("run", "--from", "2018-02-02", "--to", "2018-02-01"): "--to 2018-02-01 is before --from 2018-02-02",
        ("run", "--from", "yesterday"): "'yesterday' does not match the format '%Y-%m-%d'",
        ("run", "--nope"): "No such option",
        ("alerts", "review", "nope", "maybe"): "'maybe' is not one of 'confirmed', 'dismissed'",
    }.items():
        done = invoke(*command, "--home", told)

        assert done.exit_code == 2, command
        assert words in one_line(done.stderr), command
