"""Options that every command shares work before its name and after it; the later one counts."""

import json
import logging

import click
import pytest

from pipeline.cli import main
from pipeline.options import common
from tests.cli.conftest import coalwatch, one_line
from tests.cli.test_help import COMMANDS

GROUPS = [(), *((name,) for name, command in main.commands.items() if isinstance(command, click.Group))]
SHARED = {"--home", "--warehouse", "--json", "--verbose"}


@pytest.fixture
def where():
    """A command that says which home and warehouse it was given, beside the real ones while a test runs."""

    @click.command("where")
    @common
    def command(settings):
        click.echo(json.dumps([str(settings.home), settings.warehouse_url]))

    main.add_command(command)
    yield lambda done: json.loads(done.stdout)
    del main.commands["where"]


@pytest.mark.parametrize("names", [*GROUPS, *COMMANDS], ids=lambda names: " ".join(names) or "coalwatch")
def test_each_command_and_group_takes_the_shared_options(names):
    command = main
    for name in names:
        command = command.commands[name]

    assert {name for option in command.params for name in option.opts} >= SHARED


@pytest.mark.parametrize(
    ("words", "home", "warehouse"),
    [
        (["--home", "a", "where"], "a", ""),
        (["where", "--home", "a"], "a", ""),
        (["--home", "a", "where", "--home", "b"], "b", ""),
        (["--home", "a", "--home", "b", "where"], "b", ""),
        (["--home", "a", "where", "--warehouse", "sqlite:///w"], "a", "sqlite:///w"),
        (["--warehouse", "sqlite:///w", "where", "--home", "a"], "a", "sqlite:///w"),
        (["--warehouse", "sqlite:///v", "where", "--warehouse", "sqlite:///w"], "coalwatch-home", "sqlite:///w"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_the_later_one_wins(invoke, where, words, home, warehouse):
    assert where(invoke(*words)) == [home, warehouse]


def test_the_command_line_wins_over_the_environment_on_either_side(invoke, where, monkeypatch):
    monkeypatch.setenv("COALWATCH_HOME", "of-the-environment")

    assert where(invoke("where"))[0] == "of-the-environment"
    assert where(invoke("--home", "a", "where"))[0] == "a"


def test_one_call_leaves_nothing_for_the_next(invoke, where):
    assert where(invoke("--home", "a", "where"))[0] == "a"
    assert where(invoke("where"))[0] == "coalwatch-home"


@pytest.mark.parametrize(
    "words",
    [
        ("--home", "HOME", "--json", "alerts", "list", "--all"),
        ("alerts", "--home", "HOME", "--json", "list", "--all"),
        ("alerts", "list", "--all", "--json", "--home", "HOME"),
        ("--home", "nowhere", "alerts", "--home", "HOME", "list", "--json", "--all"),
    ],
    ids=" ".join,
)
def test_the_options_of_a_command_in_a_group_may_stand_at_each_name(invoke, told, words):
    done = invoke(*(str(told) if word == "HOME" else word for word in words))

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(invoke("alerts", "list", "--all", "--json", "--home", told).stdout)
    assert json.loads(done.stdout)


def test_a_group_that_is_a_command_too_hands_its_options_on(invoke, tmp_path):
    before = invoke("lists", "--home", tmp_path, "--json", "show", "8518780")
    after = invoke("lists", "show", "8518780", "--home", tmp_path, "--json")

    assert json.loads(before.stdout) == json.loads(after.stdout)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("words", [("-v", "run"), ("run", "-v"), ("run", "--verbose")], ids=" ".join)
def test_verbose_works_on_either_side(tmp_path, words):
    (tmp_path / "home").write_text("not a folder")

    done = coalwatch(*words, "--home", tmp_path / "home")

    assert done.returncode == 2
    assert "give another --home" in one_line(done.stderr)


def test_verbose_after_the_name_logs_as_before_it(invoke, where):
    levels = []
    for words in (["where"], ["-v", "where"], ["where", "-v"], ["where"]):
        assert invoke(*words).exit_code == 0
        levels.append(logging.getLogger().level)

    assert levels == [logging.WARNING, logging.INFO, logging.INFO, logging.WARNING]


def test_an_option_that_belongs_to_one_command_stays_behind_its_name(invoke):
    done = invoke("--rebuild", "run")

    assert done.exit_code == 2
    assert "No such option" in done.stderr


@pytest.mark.parametrize("command", [("run",), ("ingest", "auto", "a.csv")])
def test_an_address_of_spark_without_spark_is_refused_rather_than_left_aside(invoke, monkeypatch, tmp_path, command):
    monkeypatch.delenv("COALWATCH_ENGINE", raising=False)

    done = invoke(*command, "--master", "local[2]", "--home", tmp_path)

    assert done.exit_code == 2
    assert "give --engine spark as well" in done.stderr
