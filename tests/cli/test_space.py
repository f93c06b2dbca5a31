"""What a home holds and how much room it takes; pruning it as users do."""

import json
import shutil

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from tests.cli.conftest import holds, one_line
from tests.tasks.world import DAYS


@pytest.fixture(scope="module")
def small(told, tmp_path_factory):
    """The told home, pruned before 5 June; for reading only."""
    home = tmp_path_factory.mktemp("small") / "home"
    shutil.copytree(told, home)
    done = CliRunner().invoke(main, ["prune", "--before", DAYS[4], "--home", str(home)])
    assert done.exit_code == 0, done.output
    return home


def test_status_counts_days_and_every_byte_by_kind(invoke, told):
    found = json.loads(invoke("status", "--json", "--home", told).stdout)
    shown = invoke("status", "--home", told)

    assert found["days"] == {"landed": 5, "derived": 5, "waiting": 0, "from_day": DAYS[0], "to_day": DAYS[-1]}
    assert found["pruned"]["days"] == 0
    assert found["total_bytes"] == sum(found["bytes"].values()) == sum(
        path.stat().st_size for path in told.rglob("*") if path.is_file()
    )  # fmt: skip
    raw = sum(path.stat().st_size for path in (told / "raw").iterdir())
    assert found["bytes"]["raw files"] == raw
    assert {kind for kind in ("positions", "runs", "results", "warehouse", "catalogue") if found["bytes"][kind]} == {
        "positions", "runs", "results", "warehouse", "catalogue",
    }  # fmt: skip
    assert found["bytes"]["temporary"] == found["bytes"]["other"] == 0
    assert "Pruned" not in shown.stdout
    assert shown.stdout.splitlines()[0] == str(told)
    assert f"5 days landed ({DAYS[0]} to {DAYS[-1]}), 5 derived, 0 waiting" in shown.stdout.splitlines()
    assert shown.stderr == ""


def test_the_path_of_a_home_is_one_line_however_long_it_is(invoke, tmp_path):
    home = tmp_path / "a folder with a name that no terminal of eighty columns holds" / ("long-" * 12)

    shown = invoke("status", "--home", home).stdout.splitlines()

    assert shown[:2] == [str(home), "0 days landed, 0 derived, 0 waiting"]
    assert invoke("demo", "--dry-run", "--home", home).stdout.count(str(home)) >= 1


def test_what_a_stopped_command_left_is_temporary(invoke, told, tmp_path):
    shutil.copytree(told, tmp_path / "home")
    (tmp_path / "home" / "lake" / "staging").mkdir(exist_ok=True)
    for name in ("lake/staging/content-1", ".warehouse.sqlite.7.part", "raw/.incoming-7"):
        (tmp_path / "home" / name).write_bytes(b"1234567")

    assert json.loads(invoke("status", "--json", "--home", tmp_path / "home").stdout)["bytes"]["temporary"] == 21


def test_status_of_no_home_is_none_and_makes_none(invoke, tmp_path):
    done = invoke("status", "--json", "--home", tmp_path / "home")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["days"]["landed"] == 0
    assert not (tmp_path / "home").exists()


def test_status_writes_nothing(invoke, told):
    before = holds(told)
    invoke("status", "--home", told)

    assert holds(told) == before


def test_status_of_a_database_tells_its_bytes(invoke, told, postgres, monkeypatch):
    url = postgres.new()
    try:
        none = json.loads(invoke("status", "--json", "--home", told, "--warehouse", url).stdout)["warehouse"]
        assert invoke("db", "init", "--warehouse", url).exit_code == 0
        there = json.loads(invoke("status", "--json", "--home", told, "--warehouse", url).stdout)["warehouse"]
    finally:
        postgres.drop(url)

    assert none["bytes"] is None
    assert there["bytes"] > 1_000_000
    assert there["address"].startswith("postgresql")


def test_a_pruned_home_says_so(invoke, small):
    found = json.loads(invoke("status", "--json", "--home", small).stdout)["pruned"]
    words = " ".join(invoke("status", "--home", small).stdout.split())

    assert (found["days"], found["from_day"], found["to_day"], found["closed_until"]) == (3, DAYS[0], DAYS[2], DAYS[3])
    assert found["files"] == [f"AIS_{day}.csv" for day in DAYS[:3]]
    assert "They cannot be derived again" in words
    assert "landing their 3 files again makes them whole" in words


def test_positions_of_pruned_days_are_told_to_be_few(invoke, small, tmp_path):
    asked = ("--output", tmp_path / "a.csv", "--home", small)
    pruned, whole = invoke("positions", "--from", DAYS[2], *asked), invoke("positions", "--from", DAYS[3], *asked)

    assert "1 of these days were pruned (2018-06-03 to 2018-06-03)" in pruned.stderr
    assert "pruned" not in whole.stderr


def test_a_dry_run_tells_bytes_by_kind_and_what_follows(invoke, told):
    before = holds(told)
    done = invoke("prune", "--before", DAYS[4], "--dry-run", "--home", told)
    words = " ".join(done.stdout.split())

    assert done.exit_code == 0
    kinds = ["raw:", "positions:", "vessel reports:"]
    for said in (*kinds, "No file may change days up to 2018-06-04", "Raw lines behind", "Nothing was written"):
        assert said in words
    assert holds(told) == before


@pytest.mark.parametrize("options", [(), ("--before", "yesterday"), ("--before", "2020-01-01")])
def test_a_day_that_cannot_be_is_told(invoke, told, options):
    done = invoke("prune", *options, "--home", told)

    assert done.exit_code == 2
    one_line(done.stderr)


def test_a_home_without_positions_has_nothing_to_prune(invoke, tmp_path):
    done = invoke("prune", "--before", DAYS[1], "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert "nothing to prune" in one_line(done.stderr)
    assert not (tmp_path / "home").exists()
