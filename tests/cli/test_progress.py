"""Progress: a live line on a terminal, a few plain lines elsewhere, none when asked; results on stdout alone."""

import fcntl
import os
import pty
import struct
import subprocess
import termios

import pytest

from pipeline.show.progress import Progress
from tests.cli.conftest import COMMAND, ENVIRONMENT


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when told to."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_each_phase_has_a_line_and_days_of_it_no_more_than_one_in_two_seconds(capsys, clock):
    progress = Progress()
    for day in range(1, 31):
        clock[0] += 0.5
        progress(f"positions to runs: 2018-06-{day:02} ({day} of 30)")
    progress("events to alerts and claims")

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "positions to runs: 2018-06-01 (1 of 30)"
    assert lines[-1] == "events to alerts and claims"
    assert len(lines) == 9


def test_quiet_is_quiet(capsys):
    progress = Progress(quiet=True)
    progress("reading files: a.csv as noaa (1 of 1)")
    progress.close()

    assert capsys.readouterr() == ("", "")


def on_a_terminal(columns, *args):
    """Run the command line on a terminal of that width; gives what the terminal got."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "COLUMNS"} | {"TERM": "xterm"}
    process = subprocess.Popen([*COMMAND, *map(str, args)], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    got = b""
    try:
        while block := os.read(ours, 65536):
            got += block
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, got
    return got.decode()


def test_on_a_terminal_one_line_lives_and_is_gone_at_the_end(files, tmp_path):
    got = on_a_terminal(50, "ingest", "noaa", *files.values(), "--home", tmp_path)

    live = got.rpartition("\r\x1b[2K")[0].split("\r\x1b[2K")[1:]
    result = got.rpartition("\r\x1b[2K")[2]
    assert len(live) == len(files)
    assert all(len(line) < 50 and "\n" not in line for line in live)
    assert "Rows read:" in result
    assert "reading files" not in result


@pytest.mark.parametrize("columns", [80, 200])
def test_wide_rows_on_a_narrow_terminal_are_told_one_below_the_other(told, columns):
    got = on_a_terminal(columns, "sql", "monthly_calls_and_coverage", "--home", told)

    lines = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in got.splitlines()]
    assert ("days_with_data    5" in " ".join(lines)) is (columns == 80)
    assert all(len(line) <= columns + 10 for line in lines)  # colours take a few signs


def test_results_alone_go_to_standard_output(invoke, files, tmp_path):
    loud = invoke("ingest", "noaa", files["2018-06-01"], "--json", "--home", tmp_path)
    quiet = invoke("ingest", "noaa", files["2018-06-02"], "--json", "--quiet", "--home", tmp_path)

    assert loud.stdout.startswith("[")
    assert loud.stderr.startswith("reading files:")
    assert quiet.stdout.startswith("[")
    assert quiet.stderr == ""
