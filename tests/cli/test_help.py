"""The help teaches: every command says what for, shows an example and what comes next, and the README names it."""

import shlex

import click
import pytest

from pipeline.cli import main
from tests.cli.conftest import ROOT


def leaves(group, *names):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, *names, name)
        else:
            yield (*names, name), command


COMMANDS = dict(leaves(main))
PRINTING = [names for names in COMMANDS if names]
CHANGING = [
    ("fetch",), ("listen",), ("ingest",), ("run",), ("demo",), ("alerts", "review"), ("observe",), ("positions",),
    ("lists", "import"), ("lists", "refresh"), ("prune",), ("move",), ("db", "init"), ("db", "upgrade"), ("backup",),
    ("restore",),
]  # fmt: skip


def option_names(names):
    return {option for parameter in COMMANDS[names].params for option in parameter.opts}


def test_these_are_the_commands():
    assert set(COMMANDS) == {
        ("sources",), ("fetch",), ("listen",), ("ingest",), ("rejects",), ("run",), ("demo",), ("gate",),
        ("alerts", "list"), ("alerts", "show"), ("alerts", "review"), ("claims",), ("vessel",), ("network",),
        ("zones",), ("sql",), ("export",), ("positions",), ("screen",), ("lists", "show"), ("lists", "import"),
        ("lists", "refresh"), ("status",), ("prune",), ("move",), ("pack",), ("verify",), ("observe",), ("db", "init"),
        ("db", "check"), ("db", "upgrade"), ("db", "roles"), ("answer",), ("desk", "users", "add"),
        ("desk", "users", "remove"), ("backup",), ("restore",), ("report", "alert"), ("report", "ship"),
        ("report", "claim"), ("report", "claims"), ("report", "weekly"), ("alerts", "sign-off"), ("browse",),
        ("alerts", "cells"),
    }  # fmt: skip


@pytest.mark.parametrize("names", [(), ("alerts",), *COMMANDS], ids=" ".join)
def test_help_says_what_for_gives_an_example_and_what_comes_next(invoke, names):
    shown = invoke(*names, "--help")

    assert shown.exit_code == 0
    assert f"coalwatch {' '.join(names)}".strip() in shown.stdout
    assert ("Example" in shown.stdout and "Next:" in shown.stdout) or not names
    purpose = shown.stdout.split("\n\n")[1].strip()
    assert purpose
    assert purpose[0].isupper()


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_each_example_names_options_that_exist(names):
    examples = [line.strip() for line in COMMANDS[names].help.splitlines() if line.strip().startswith("coalwatch ")]

    assert examples
    for example in examples:
        words = shlex.split(example)
        assert tuple(words[1 : 1 + len(names)]) == names
        assert {word for word in words if word.startswith("--")} <= option_names(names)


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_readme_names_each_command(names):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert f"coalwatch {' '.join(names)}" in readme or f"make {' '.join(names)}" in readme


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_each_command_takes_home_and_gives_json(names):
    assert {"--home", "--warehouse", "--json"} <= option_names(names)


def test_what_changes_something_can_be_tried_first():
    assert [names for names in COMMANDS if "--dry-run" in option_names(names)] == CHANGING


def test_help_tells_the_exit_codes(invoke):
    shown = invoke("--help").stdout

    for code in ("0", "2", "3", "4", "130"):
        assert f"    {code} " in shown


def test_the_examples_of_the_sql_page_run(invoke, told):
    page = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8").partition("## For maintainers")[0]
    examples = [line.strip().partition("  #")[0] for line in page.splitlines() if line.startswith("    coalwatch sql")]

    assert len(examples) >= 3
    for example in examples:
        assert invoke(*shlex.split(example)[1:], "--home", told).exit_code == 0, example


def test_ingest_names_every_format_it_reads(invoke):
    from pipeline.formats.registry import formats

    shown = invoke("ingest", "--help").stdout

    assert [name for name in formats() if f"  {name} " not in shown] == []


def test_fetch_and_listen_name_every_source_they_serve(invoke):
    from pipeline.fetch.sources import load_sources

    fetch, listen = invoke("fetch", "--help").stdout, invoke("listen", "--help").stdout

    for name, spec in load_sources().items():
        told = f"\n    {name} " in fetch, f"\n    {name} " in listen
        assert told == (spec.asked_by is not None and not spec.live, spec.live), name
    assert "{" not in fetch + listen + invoke("ingest", "--help").stdout
