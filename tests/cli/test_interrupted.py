"""Ctrl-C, a killed process, a full disk: what was done stays, nothing is half-written, the same command goes on."""

import os
import resource
import shutil
import signal
import subprocess
import time

import pandas as pd
import pytest

from pipeline.tasks.run import run
from tests.cli.conftest import COMMAND, ENVIRONMENT, coalwatch, holds, one_line
from tests.tasks.world import CLOCK, DAYS, Installation, assert_same, month, write_days

pytestmark = pytest.mark.long  # whole homes, run again and again

STOPPED = "coalwatch: interrupted; finished work is kept, run the same command again to continue"


@pytest.fixture(scope="module")
def expected(told):
    return Installation(told).rows()


def started(*args):
    """A command under way that yields to its watcher: on a busy machine it must not end before it is stopped."""

    def yielding():
        os.nice(15)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell that runs the tests in the background has it ignored

    return subprocess.Popen(
        [*COMMAND, *map(str, args)], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, preexec_fn=yielding
    )


def stopped_at(phase, *args, by=signal.SIGINT):
    """Run a command and stop it when it begins a phase; gives exit code and last line on standard error."""
    process = started(*args)
    for line in process.stderr:
        if line.startswith(phase):
            process.send_signal(by)
            break
    rest = process.communicate()[1].splitlines()
    return process.returncode, rest[-1] if rest else ""


def stopping_at(phase):
    """Progress that stops a run of this process as Ctrl-C does, when it begins a phase."""

    def progress(line):
        if line.startswith(phase):
            raise KeyboardInterrupt

    return progress


def full_disk(size):
    """A function for a child process in which no file can grow beyond a size."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.long
def test_a_run_stopped_again_and_again_ends_as_an_undisturbed_one(copied, expected):
    full = coalwatch("run", "--home", copied, preexec_fn=full_disk(700_000))
    assert full.returncode == 3
    assert f"{copied}/warehouse.sqlite" in one_line(full.stderr)
    assert not {path for path in holds(copied) if path.endswith(".draft")}
    for phase in ("positions to runs", "runs to events"):
        assert stopped_at(phase, "run", "--home", copied) == (130, STOPPED)
    assert stopped_at("events to alerts", "run", "--home", copied, by=signal.SIGKILL)[0] == -signal.SIGKILL

    assert coalwatch("run", "--home", copied).returncode == 0

    assert_same(Installation(copied).rows(), expected)


def test_alerts_that_a_stopped_run_owed_are_raised_by_the_next(files, expected, tmp_path):
    home = Installation(tmp_path)
    home.land(files[DAYS[0]], files[DAYS[1]])
    home.run()
    home.land(*files.values())
    with pytest.raises(KeyboardInterrupt):
        run(home.settings, now=CLOCK, progress=stopping_at("events to alerts"))

    home.run()

    assert_same(home.rows(), expected)


def test_a_silence_is_judged_anew_by_the_run_after_a_stopped_one(tmp_path):
    """One ship falls silent on day 2 for 17 hours; later come files of ships that were heard there meanwhile."""
    rows = month()
    alone = write_days(rows[rows["VesselName"] == "DEMO COAL"], tmp_path / "alone")
    crowd = write_days(rows[rows["VesselName"] == "DEMO TRAFFIC"], tmp_path / "crowd")

    home = Installation(tmp_path / "home")
    home.land(*(alone[day] for day in DAYS[1:3]))
    home.run()
    before = home.rows()["ais_gap"]
    home.land(*(crowd[day] for day in DAYS[1:3]))
    with pytest.raises(KeyboardInterrupt):
        run(home.settings, now=CLOCK, progress=stopping_at("runs to events"))
    home.run()

    after = home.rows()["ais_gap"]
    assert before["reception"].tolist() == ["unknown"]
    assert after.loc[after["ais_gap_id"] == before["ais_gap_id"][0], "reception"].tolist() == ["heard_others"]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A day that takes a second or so to land."""
    rows = pd.DataFrame({"hours": [n / 16_000 for n in range(24 * 16_000)]})
    rows = rows.assign(MMSI=412000001, LON=124.7, LAT=38.5, SOG=8.0, VesselName="DEMO TRAFFIC", VesselType=70)
    return write_days(rows, tmp_path_factory.mktemp("large"))[DAYS[0]]


def test_ctrl_c_while_a_file_lands_leaves_nothing_of_it(files, large, tmp_path):
    assert coalwatch("ingest", "noaa", files[DAYS[1]], "--home", tmp_path).returncode == 0
    before = holds(tmp_path)

    process = started("ingest", "noaa", large, "--home", tmp_path)
    staging = tmp_path / "lake" / "staging"
    while not any(staging.glob("*")) and not any((tmp_path / "raw").glob(".incoming*")) and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    told = process.communicate()[1].splitlines()

    assert (process.returncode, told[-1]) == (130, STOPPED)
    assert holds(tmp_path) == before
    assert coalwatch("ingest", "noaa", large, "--home", tmp_path).returncode == 0
    assert f"lake/positions/day={DAYS[0]}" in {path.rpartition("/")[0] for path in holds(tmp_path)}


@pytest.mark.parametrize("size", [1_000, 100_000], ids=["catalogue", "raw copy"])
def test_landing_on_a_full_disk_says_so_and_leaves_nothing(files, large, tmp_path, size):
    done = coalwatch("ingest", "noaa", large, "--home", tmp_path / "home", preexec_fn=full_disk(size))

    assert done.returncode == 3
    assert "free some space" in one_line(done.stderr)
    assert holds(tmp_path / "home") <= {"lake/catalog.sqlite"}


def test_running_on_a_full_disk_says_so(copied):
    done = coalwatch("run", "--home", copied, preexec_fn=full_disk(10_000))

    assert done.returncode == 3
    assert str(copied) in one_line(done.stderr)


def test_a_result_that_cannot_be_written_is_an_error():
    with open("/dev/full", "w") as full:
        done = coalwatch("zones", "--json", capture_output=False, stdout=full, stderr=subprocess.PIPE)

    assert done.returncode == 3
    assert "No space left on device" in one_line(done.stderr)


def test_a_map_that_cannot_be_written_says_so(tmp_path):
    done = coalwatch("zones", "--map", tmp_path / "none" / "zones.html")

    assert done.returncode == 2
    assert "No such file or directory; give another path" in one_line(done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_seen_enough_is_no_error():
    process = subprocess.Popen(
        [*COMMAND, "sql", "--dictionary"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    process.stdout.read(10)
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait() == 0


def test_what_is_left_of_a_killed_landing_is_swept_by_the_next(files, large, tmp_path):
    assert coalwatch("ingest", "noaa", files[DAYS[1]], "--home", tmp_path).returncode == 0
    before = holds(tmp_path)
    process = started("ingest", "noaa", large, "--home", tmp_path)
    while not any((tmp_path / "lake" / "staging").glob("*")) and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.communicate()

    assert coalwatch("ingest", "noaa", files[DAYS[1]], "--home", tmp_path).returncode == 0
    assert holds(tmp_path) == before
    shutil.rmtree(tmp_path / "lake")
