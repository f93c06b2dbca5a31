"""`coalwatch listen` as a process: bounded, stopped, killed, and what it leaves lands with every line accounted for."""

import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.lake.lake import Lake
from pipeline.settings import Settings
from pipeline.tasks import land
from tests.cli.conftest import COMMAND, ENVIRONMENT, coalwatch, one_line
from tests.cli.test_interrupted import full_disk
from tests.fetch.listening import eventually
from tests.live import CONFIRMATION, frame
from tests.live_server import send, stream

KEY = "0123456789abcdef0123456789abcdef01234567"


def environment(url):
    urls = {"aisstream": url}
    return ENVIRONMENT | {"COALWATCH_AISSTREAM_KEY": KEY, "COALWATCH_SOURCE_URLS": json.dumps(urls)}


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


class Process:
    """A listener in a process of its own."""

    def __init__(self, home, url, *args):
        self.folder = home / "landing" / "aisstream"
        self._process = subprocess.Popen(
            [*COMMAND, "listen", "aisstream", "--home", str(home), *args],
            env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def heard(self, count):
        """Wait until so many lines are kept."""
        eventually(lambda: len(lines(self.folder)) >= count, 20)

    def end(self, by):
        """Send a signal; gives exit code, standard output and standard error."""
        self._process.send_signal(by)
        out, err = self._process.communicate(timeout=20)
        return self._process.returncode, out, err


def files(folder, suffix=".jsonl"):
    return sorted(path for path in folder.glob("aisstream_*") if path.suffix == suffix)


def lines(folder):
    return [line for path in files(folder) + files(folder, ".part") for line in path.read_text().splitlines()]


def now_and_then(*said):
    """Frames of this minute."""
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC")
    return [frame(kind, at=at, **more) for kind, more in said]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_it_cleanly_with_the_hours_file_closed(home, by):
    with stream(send(CONFIRMATION, frame())) as (url, _):
        process = Process(home, url)
        process.heard(2)
        code, out, err = process.end(by)

    assert code == 0, err
    assert "aisstream: 2 lines, in" in out
    assert "Nampo and Korea Bay" in out
    assert lines(process.folder) == [CONFIRMATION, frame()]
    assert files(process.folder, ".part") == []
    assert KEY not in out + err


def test_a_killed_listeners_file_is_taken_over_by_the_next(home):
    with stream(send(*(frame(Sog=n) for n in range(50))), send(frame(Sog=99))) as (url, _):
        killed = Process(home, url)
        killed.heard(50)
        assert killed.end(signal.SIGKILL)[0] == -signal.SIGKILL
        assert files(killed.folder) == []
        told = json.loads(coalwatch("listen", "aisstream", "--status", "--json", "--home", home).stdout)
        assert (told["running"], told["state"]) == (False, "killed")

        part = files(killed.folder, ".part")[0]
        an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H")
        part.rename(part.with_name(f"aisstream_{an_hour_ago}.jsonl.part"))  # as if it had been killed then
        later = Process(home, url)
        later.heard(51)
        code, _, err = later.end(signal.SIGTERM)

    assert code == 0
    assert f"aisstream_{an_hour_ago}.jsonl: closed, a stopped listener left it" in err
    assert [len(path.read_text().splitlines()) for path in files(later.folder)] == [50, 1]


def test_a_listener_killed_within_the_hour_goes_on_with_its_file(home):
    with stream(send(frame(Sog=1)), send(frame(Sog=2))) as (url, _):
        killed = Process(home, url)
        killed.heard(1)
        killed.end(signal.SIGKILL)
        later = Process(home, url)
        later.heard(2)
        later.end(signal.SIGTERM)

    assert lines(later.folder) == [frame(Sog=1), frame(Sog=2)]
    assert files(later.folder, ".part") == []


def test_a_bounded_run_ends_by_itself(home):
    with stream(send(frame())) as (url, _):
        done = coalwatch("listen", "aisstream", "--for", "1s", "--json", "--home", home, env=environment(url))

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["frames"], told["state"], told["source"]) == (1, "stopped", "aisstream")


def test_a_full_disk_ends_it_and_costs_one_line(home):
    with stream(send(*(frame(Sog=n / 10) for n in range(200)))) as (url, _):
        full = coalwatch("listen", "aisstream", "--home", home, env=environment(url), preexec_fn=full_disk(50_000))

    folder = home / "landing" / "aisstream"
    assert full.returncode == 3
    assert "what was heard is kept: free some space and listen again" in one_line(full.stderr)
    *whole, torn = lines(folder)
    assert whole == [frame(Sog=n / 10) for n in range(len(whole))]
    assert frame(Sog=len(whole) / 10).startswith(torn)
    assert files(folder, ".part") == []


def test_a_second_listener_is_refused_in_one_line(home):
    with stream(send(frame())) as (url, _):
        first = Process(home, url)
        first.heard(1)
        second = coalwatch("listen", "aisstream", "--home", home, env=environment(url))
        running = coalwatch("listen", "aisstream", "--status", "--home", home)
        first.end(signal.SIGTERM)

    assert second.returncode == 3
    assert f"another coalwatch (process {first._process.pid}) listens to aisstream" in one_line(second.stderr)
    assert running.stdout.startswith("aisstream: listening; began")


def test_a_wrong_key_and_a_server_that_is_not_there_have_exit_codes_of_their_own(home):
    with stream(send('{"error": "Api Key Is Not Valid"}')) as (url, _):
        wrong = coalwatch("listen", "aisstream", "--home", home, env=environment(url))
    absent = coalwatch("listen", "aisstream", "--for", "1s", "--home", home, env=environment("ws://127.0.0.1:9"))

    assert wrong.returncode == 2
    assert "COALWATCH_AISSTREAM_KEY is wrong" in one_line(wrong.stderr)
    assert absent.returncode == 3
    assert "aisstream never answered: try again later" in one_line(absent.stderr)


@pytest.mark.parametrize("given", ["10", "0m", "ten minutes", "-5m", "10w"])
def test_a_time_that_is_none_is_refused_with_the_forms_there_are(invoke, home, given):
    done = invoke("listen", "aisstream", "--for", given, "--home", home)

    assert done.exit_code == 2
    assert "expected one like 90s, 10m, 2h or 1d" in done.stderr


def test_a_dry_run_asks_nobody_and_says_what_it_would_ask_for(invoke, home, monkeypatch):
    monkeypatch.setenv("COALWATCH_AISSTREAM_KEY", KEY)
    shown = invoke("listen", "aisstream", "--dry-run", "--home", home)
    plan = json.loads(invoke("listen", "aishub", "--dry-run", "--json", "--home", home).stdout)

    assert shown.exit_code == 0
    assert "wss://stream.aisstream.io/v0/stream" in shown.stdout
    assert "Nampo and Korea Bay" in shown.stdout
    assert "COALWATCH_AISSTREAM_KEY: set" in shown.stdout
    assert KEY not in shown.stdout
    assert (plan["every_s"], plan["secrets"]) == (60, [{"name": "COALWATCH_AISHUB_USERNAME", "set": False}])
    assert not home.exists()


def test_the_status_of_a_source_that_was_never_listened_to_is_refused(invoke, home):
    done = invoke("listen", "aisstream", "--status", "--home", home)

    assert done.exit_code == 2
    assert "was never listened to in this home" in one_line(done.stderr)


def test_what_was_listened_to_lands_with_every_line_accounted_for(home):
    fix, moved = now_and_then(("PositionReport", {}), ("PositionReport", {"Sog": 1}))
    heard = [
        CONFIRMATION, fix, fix, moved,
        *now_and_then(
            ("ShipStaticData", {}), ("ExtendedClassBPositionReport", {"UserID": 412000001}),
            ("PositionReport", {"UserID": 123456789}), ("PositionReport", {"Latitude": 95}),
            ("BaseStationReport", {}), ("UnknownMessage", {}),
        ),
        frame(at="2031-01-01 00:00:00 +0000 UTC"), '{"MessageType": "PositionReport", "Meta',
    ]  # fmt: skip
    with stream(send(*heard[:6], *[line.encode() for line in heard[6:]])) as (url, _):
        process = Process(home, url)
        process.heard(len(heard))
        process.end(signal.SIGTERM)

    landed = land.ingest(
        Settings(home=home),
        land.landing_files(process.folder),
        "auto",
        now=datetime.now(UTC),
        progress=lambda line: None,
    )

    file = landed[0]
    assert len(landed) == 1
    told = ("source", "rows_read", "positions", "vessel_reports", "positions_with_report")
    assert {name: file[name] for name in told} == {
        "source": "aisstream", "rows_read": 12, "positions": 2, "vessel_reports": 1, "positions_with_report": 1,
    }  # fmt: skip
    assert (file["not_ships"], file["duplicates"], file["rejected"]) == (2, 1, 5)
    assert {one["reason"]: one["rows"] for one in file["rejects"]} == {
        "bad_mmsi": 1, "bad_position": 1, "future": 1, "unreadable": 1, "unsupported_message": 1,
    }  # fmt: skip
    source_file = Lake(home).source_files().iloc[0]
    assert source_file["url"] == url
    assert source_file["fetched_at"] is not None
