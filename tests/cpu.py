"""What each test costs in CPU seconds, children included: `python -m pytest -p tests.cpu --cpu 50 tests/tasks`."""

import os
from collections import Counter
from pathlib import Path

import pytest

SPENT: Counter[tuple[str, str]] = Counter()
COLLECTED: list[float] = []


def spent() -> float:
    """CPU seconds of this process and of the children it waited for; fair on a busy machine, as wall time is not."""
    return sum(os.times()[:4])


def pytest_addoption(parser):
    parser.addoption("--cpu", type=int, default=50, help="how many of the dearest tests to list")
    parser.addoption("--cpu-to", type=Path, help="a file that gets a line per test: seconds, phase, test")


def _measured(phase):
    @pytest.hookimpl(wrapper=True)
    def hook(item):
        before = spent()
        try:
            return (yield)
        finally:
            SPENT[phase, item.nodeid] += spent() - before

    return hook


pytest_runtest_setup, pytest_runtest_call, pytest_runtest_teardown = map(_measured, ("setup", "call", "teardown"))


def pytest_collection_finish():
    COLLECTED.append(spent())


def pytest_terminal_summary(terminalreporter, config):
    tell = terminalreporter.write_line
    tell(f"CPU seconds: {spent():.1f} in all, {sum(COLLECTED[:1]):.1f} of them to start and collect")
    by_file: Counter[str] = Counter()
    for (_, test), seconds in SPENT.items():
        by_file[test.split("::")[0]] += seconds
    for name, seconds in by_file.most_common(config.getoption("--cpu")):
        tell(f"{seconds:8.1f}  {name}")
    for (phase, test), seconds in SPENT.most_common(config.getoption("--cpu")):
        tell(f"{seconds:8.2f}  {phase:8}  {test}")
    if to := config.getoption("--cpu-to"):
        with to.open("a") as lines:
            lines.writelines(f"{seconds:.4f}\t{phase}\t{test}\n" for (phase, test), seconds in SPENT.items())
