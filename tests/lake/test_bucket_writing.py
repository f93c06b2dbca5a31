"""How a day in a bucket becomes visible by one write, and how of many writers one goes at a time."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time

import pyarrow.parquet as pq
import pytest

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable
from pipeline.lake import lease as leases
from pipeline.lake import published
from tests.lake.in_bucket import InBucket, said
from tests.tasks.world import CLOCK, DAYS, month, write_days

pytestmark = pytest.mark.usefixtures("nothing_goes_wrong")


# ------------------------------------------------------------------------------------- how a day becomes visible


def test_a_day_is_replaced_by_one_write_and_who_reads_the_old_one_can_end(home, files, tmp_path, monkeypatch):
    home.land(files[DAYS[0]])
    before, old = home.manifest(DAYS[0]), home.lake.parts("positions", DAYS[0])
    rows = pq.read_table(old[0][0].open(), partitioning=None)

    other = write_days(month().iloc[3:], tmp_path / "other")[DAYS[0]]
    home.land(other, replaces=files[DAYS[0]].name)

    after = home.manifest(DAYS[0])
    assert (before["version"], after["version"]) == (1, 2)
    assert {part["path"] for part in before["parts"]}.isdisjoint(part["path"] for part in after["parts"])
    assert pq.read_table(old[0][0].open(), partitioning=None).equals(rows)

    monkeypatch.setattr(published, "KEPT_DAYS", 0)
    home.land(files[DAYS[1]])
    with pytest.raises(FileNotFoundError):
        old[0][0].open()
    assert len(home.lake.fixes(DAYS[0])["mmsi"])


@pytest.mark.parametrize("what", ["positions/", "raw/"])
def test_an_exception_leaves_nothing_to_be_seen_and_the_same_file_lands_again(home, files, server, what):
    server.fail({"method": "PUT", "path": what, "times": 99})
    with pytest.raises(SourceUnavailable) as error:
        home.land(files[DAYS[0]])
    assert "HTTP 503 SlowDown" in said(error)
    assert home.manifest(DAYS[0]) is None
    assert home.lake.landed_days() == {}

    server.fail()
    home.land(files[DAYS[0]])
    assert home.manifest(DAYS[0])["version"] == 1


def test_a_landing_that_was_killed_before_its_manifest_is_published_by_the_next(home, files, server, monkeypatch):
    home.land(files[DAYS[0]])
    server.fail({"method": "PUT", "path": f"days/{DAYS[1]}", "times": 9, "hang_s": 60})
    command = ["ingest", "noaa", str(files[DAYS[1]]), "--synthetic", "--home", str(home.settings.home)]
    process = subprocess.Popen([sys.executable, "-m", "pipeline.cli", *command], stderr=subprocess.DEVNULL)
    server.requests()
    while not any(one.startswith("PUT") and f"days/{DAYS[1]}" in one for one in server.requests()):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    server.fail()
    assert list(home.lake.landed_days()) == DAYS[:2]  # the home knows of it
    assert home.manifest(DAYS[1]) is None  # nobody else does

    monkeypatch.setattr(leases, "DEAD_S", 1.0)
    lines: list[str] = []
    from pipeline.tasks.land import ingest

    ingest(home.settings, [files[DAYS[2]]], "noaa", now=CLOCK, progress=lines.append, synthetic=True)

    assert lines[0].startswith(f"waiting: process {process.pid} on ")  # its lease outlived it
    assert [home.manifest(day)["version"] for day in DAYS[:3]] == [1, 1, 1]


@pytest.mark.parametrize("what", ["lake.json", "writer.json", "days/"])
def test_an_answer_that_is_lost_is_no_conflict(home, files, server, what):
    server.fail({"method": "PUT", "path": what, "times": 1, "after": True})
    home.land(files[DAYS[0]])
    assert home.manifest(DAYS[0])["version"] == 1


def test_what_was_published_and_not_noted_is_known_again(home, files):
    home.land(files[DAYS[0]])
    home.lake.catalog.execute("delete from published_day")  # killed between the two
    home.land(files[DAYS[1]])
    assert [home.manifest(day)["version"] for day in DAYS[:2]] == [1, 1]


def test_a_copy_of_a_home_never_writes_over_what_the_other_published(home, files, tmp_path):
    home.land(files[DAYS[0]])
    shutil.copytree(home.settings.home, tmp_path / "copy")
    copy = InBucket(tmp_path / "copy", home.bucket.url)
    copy.land(files[DAYS[1]])
    theirs = home.manifest(DAYS[1])

    with pytest.raises(InputError, match=f"another copy of this home published {DAYS[1]}"):
        home.land(files[DAYS[1]])

    assert home.manifest(DAYS[1]) == theirs
    assert list(home.lake.landed_days()) == DAYS[:1]


# ------------------------------------------------------------------------------------------------ one writer


def test_a_second_writer_waits_for_the_first(home):
    order, lines = [], []

    def second() -> None:
        with leases.writer(home.bucket, lines.append):
            order.append("second")

    with leases.writer(home.bucket, lines.append) as first:
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.5)
        first.confirm()
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert len(lines) == 1
    assert lines[0].startswith("waiting: process ")


def test_of_many_writers_at_once_one_goes_at_a_time(home):
    inside, most = [], []

    def one() -> None:
        with leases.writer(home.bucket, lambda line: None):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_a_holder_that_was_not_heard_from_cannot_commit(home, files, monkeypatch):
    monkeypatch.setattr(leases, "_RENEW_S", 99)
    monkeypatch.setattr(leases, "DEAD_S", 0.3)
    with leases.writer(home.bucket, lambda line: None) as sleeper:
        home.land(files[DAYS[0]])  # took over
        with pytest.raises(SourceUnavailable, match="took over as the writer"):
            sleeper.confirm()


def test_a_landing_that_slept_while_another_took_over_commits_nothing(home, files, server, monkeypatch):
    monkeypatch.setattr(leases, "_RENEW_S", 99)
    monkeypatch.setattr(leases, "DEAD_S", 0.3)
    server.fail({"method": "PUT", "path": "raw/", "times": 1, "hang_s": 2})
    failed: list[CoalwatchError] = []

    def land() -> None:
        try:
            home.land(files[DAYS[0]])
        except CoalwatchError as error:
            failed.append(error)

    server.requests()
    sleeper = threading.Thread(target=land)
    sleeper.start()
    while not any(one.startswith("PUT") and "raw/" in one for one in server.requests()):
        time.sleep(0.05)
    with leases.writer(home.bucket, lambda line: None):
        sleeper.join()

    assert "took over as the writer" in str(failed[0])
    assert home.lake.landed_days() == {}
    assert home.manifest(DAYS[0]) is None


@pytest.fixture
def sleeping_writer(home, files, monkeypatch):
    """A writer that another process took over from, with an object of raw bytes that it had sent before."""
    monkeypatch.setattr(leases, "_RENEW_S", 99)
    monkeypatch.setattr(leases, "DEAD_S", 0.3)
    home.land(files[DAYS[0]])
    key = "raw/" + "0" * 64 + ".csv"
    with leases.writer(home.bucket, lambda line: None) as lease:
        writing = published.BucketWriter(home.lake.catalog, home.bucket, lease)
        writing._send(key, files[DAYS[0]])
        writing.sent([])
        with leases.writer(home.bucket, lambda line: None):
            yield writing, key
        writing.close()


def test_raw_bytes_are_not_removed_by_who_writes_no_more(home, server, sleeping_writer):
    writing, key = sleeping_writer
    before = server.objects(home.bucket.url)
    with pytest.raises(SourceUnavailable, match="took over as the writer"):
        writing.let_go([key])
    assert server.objects(home.bucket.url) == before


def test_nothing_is_swept_by_who_writes_no_more(home, server, sleeping_writer, monkeypatch, caplog):
    writing, _ = sleeping_writer
    monkeypatch.setattr(published, "KEPT_DAYS", 0)
    before = server.objects(home.bucket.url)
    writing.sweep()
    assert server.objects(home.bucket.url) == before
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "took over as the writer" in caplog.text


def test_a_holder_that_renews_is_waited_for_however_long(home, monkeypatch):
    monkeypatch.setattr(leases, "_RENEW_S", 0.2)
    monkeypatch.setattr(leases, "DEAD_S", 0.8)
    got = threading.Event()

    def second() -> None:
        with leases.writer(home.bucket, lambda line: None):
            got.set()

    with leases.writer(home.bucket, lambda line: None):
        threading.Thread(target=second).start()
        assert not got.wait(2)
    assert got.wait(5)
