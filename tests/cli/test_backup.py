"""Backups: what comes back from one is what was there; a damaged one is found first; a stopped one leaves nothing."""

import json
import shutil
import subprocess
import threading
from datetime import datetime

import pytest

from pipeline import contracts
from pipeline.errors import InputError, SourceUnavailable
from pipeline.lake.disk import one_writer
from pipeline.settings import Settings
from pipeline.state.glance import glance
from pipeline.tasks import reports
from pipeline.tasks.backup import make_backup
from pipeline.tasks.home import Home
from pipeline.tasks.plan import planned
from pipeline.tasks.prune import prune
from pipeline.tasks.restore import plan_restore, restore, verify_backup
from pipeline.warehouse import pg_programs
from pipeline.warehouse.store import open_for_reading, open_warehouse
from tests.cli.backups import LATER, leftovers, quiet
from tests.cli.conftest import coalwatch, holds
from tests.cli.test_interrupted import full_disk
from tests.tasks.world import CLOCK, Installation

ENGINES = ("sqlite", "postgresql")


def said(settings):
    """What is asked first, the reviews among it."""
    names, reviews = reports.answer(settings, "select * from review order by review_id", [])
    return reports.every_alert(settings), reports.alert_queue(settings), names, reviews


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_restored_answers_as_before_with_its_reviews_and_leaves_a_run_nothing_to_do(made, empty, engine):
    (settings, folder), there = made(engine), empty(engine)

    restored = restore(there, folder, quiet)

    assert said(there) == said(settings)
    assert [row["note"] for row in said(there)[3]] == ["seen in imagery, 2 m deeper"]
    with open_for_reading(settings.database_url) as before, open_for_reading(there.database_url) as after:
        for table in contracts.WAREHOUSE:
            one, other = (opened.read(table).sort_values(list(table.key)) for opened in (before, after))
            assert one.reset_index(drop=True).equals(other.reset_index(drop=True)), table.name
    assert glance(there.home) == glance(settings.home)
    due = [work.as_dict() for work in planned(there, None)]
    assert due == [work.as_dict() for work in planned(settings, None)]
    assert engine == "postgresql" or due == []  # which our moving by hand left something to judge for
    assert (restored["alerts"], restored["reviews"]) == (len(said(settings)[0]), 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_review_cannot_be_changed_in_what_was_restored_either(made, empty, engine):
    restore(there := empty(engine, exists=True), made(engine)[1], quiet)

    with open_warehouse(there.database_url) as opened, pytest.raises(Exception, match="review"), opened.transaction():
        opened.sync(contracts.REVIEW, contracts.REVIEW.empty())


def test_landing_again_what_was_left_out_makes_the_lake_whole_and_nothing_due(made, empty, files):
    settings, folder = made("sqlite")
    there = empty("sqlite")
    again = restore(there, folder, quiet)["to_land"]
    assert [one["command"] for one in again] == [
        f"coalwatch ingest noaa {path.name} --synthetic" for path in files.values()
    ]
    assert not list(there.home.glob("raw/*"))

    Installation(there.home).land(*files.values())

    assert holds(there.home) - {"lake/idle.json"} == holds(settings.home) - {"lake/idle.json"}
    assert [work.as_dict() for work in planned(there, None)] == []


def test_with_the_lake_everything_comes_back_and_the_second_backup_links_what_is_the_same(reviewed, empty, tmp_path):
    first = make_backup(reviewed, tmp_path / "to", now=LATER[0], progress=quiet, with_lake=True)
    second = make_backup(reviewed, tmp_path / "to", now=LATER[1], progress=quiet, with_lake=True)
    there = empty("sqlite")
    restore(there, tmp_path / "to", quiet)  # the newest of them

    assert holds(there.home) - {"lake/idle.json"} == holds(reviewed.home) - {"lake/idle.json"}
    for path in (reviewed.home / "raw").iterdir():
        assert (there.home / "raw" / path.name).read_bytes() == path.read_bytes()
        one, other = ((tmp_path / "to" / at / "home" / "raw" / path.name).stat() for at in _names(first, second))
        assert one.st_ino == other.st_ino
    shutil.rmtree(first["backup"])
    assert verify_backup(tmp_path / "to", quiet)["left_out"] == 0
    assert first["to_land"] == []


def test_what_a_home_pruned_is_missing_from_its_backup_on_purpose(reviewed, empty, tmp_path):
    shutil.copytree(reviewed.home, tmp_path / "pruned")
    pruned = Settings(home=tmp_path / "pruned", warehouse_url="")
    last = max(Home(pruned).lake.landed_days())
    prune(pruned, datetime.fromisoformat(last), dry_run=False, progress=quiet)

    made = make_backup(pruned, tmp_path / "to", now=LATER[0], progress=quiet, with_lake=True)
    assert made["pruned"] == made["left_out"] > 0
    there = empty("sqlite")
    restore(there, tmp_path / "to", quiet)
    assert planned(there) == []

    (raw,) = sorted((pruned.home / "raw").iterdir())[:1]
    raw.unlink()
    with pytest.raises(InputError, match="1 files of the lake are gone or damaged"):
        make_backup(pruned, tmp_path / "to", now=LATER[1], progress=quiet, with_lake=True)


def _names(*made):
    return [one["backup"].rpartition("/")[2] for one in made]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_home_that_holds_something_is_left_as_it_is(made, empty, engine):
    there = empty(engine)
    there.home.mkdir()
    (there.home / "notes.txt").write_text("mine")

    for attempt in (plan_restore, restore):
        with pytest.raises(InputError, match=r"holds notes\.txt; expected --home of a folder that is empty"):
            attempt(there, made(engine)[1], quiet)

    assert holds(there.home) == {"notes.txt"}


def test_a_database_that_holds_something_is_left_as_it_is(made, empty, postgres):
    there = empty("postgresql", exists=True)
    with open_warehouse(there.database_url):
        pass

    with pytest.raises(InputError, match=r"holds tables .*expected an empty database"):
        restore(there, made("postgresql")[1], quiet)

    assert not there.home.exists()
    with open_for_reading(there.database_url) as opened:
        assert opened.rows("select count(*) as n from alert") == [{"n": 0}]


@pytest.mark.parametrize(("engine", "other"), [ENGINES, ENGINES[::-1]])
def test_a_backup_goes_to_a_warehouse_of_its_own_kind_alone(made, empty, engine, other):
    with pytest.raises(InputError, match=r"the backup is of a warehouse on .*; expected"):
        restore(empty(other), made(engine)[1], quiet)


@pytest.mark.parametrize(
    ("engine", "phase"),
    [("sqlite", "files of the home"), ("sqlite", "the warehouse"), ("postgresql", "the warehouse")],
)
def test_a_stopped_restore_leaves_nothing_and_the_next_one_goes_through(made, empty, engine, phase):
    there = empty(engine, exists=True)
    there.home.mkdir()  # an empty one is as good as none

    def stop(line):
        if line.startswith(phase):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(there, made(engine)[1], stop)

    assert list(there.home.iterdir()) == []
    assert not leftovers(there.home.parent)
    restore(there, made(engine)[1], quiet)
    assert said(there) == said(made(engine)[0])


def test_a_database_that_a_killed_restore_had_filled_is_taken_as_it_is(made, empty):
    there = empty("postgresql")
    restore(there, made("postgresql")[1], quiet)
    shutil.rmtree(there.home)

    restore(there, made("postgresql")[1], quiet)

    assert said(there) == said(made("postgresql")[0])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("phase", ["the warehouse", "what runs know", "files of the home"])
def test_a_stopped_backup_leaves_nothing(made, tmp_path, engine, phase):
    def stop(line):
        if line.startswith(phase):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_backup(made(engine)[0], tmp_path / "to", now=CLOCK, progress=stop)

    assert list((tmp_path / "to").iterdir()) == []


def test_what_a_killed_backup_left_goes_with_the_next_one(reviewed, tmp_path):
    (tmp_path / "to" / ".2026-01-01T000000Z.4194305.part").mkdir(parents=True)

    make_backup(reviewed, tmp_path / "to", now=LATER[1], progress=quiet)

    assert [path.name for path in (tmp_path / "to").iterdir()] == ["2026-01-01T010000Z"]


def test_a_full_disk_is_told_and_nothing_of_the_backup_stays(reviewed, tmp_path):
    stopped = coalwatch("backup", tmp_path / "to", "--home", reviewed.home, preexec_fn=full_disk(100_000))

    assert stopped.returncode == 3
    assert "/to/.2" in stopped.stderr
    assert "could not be read or written: the disk reports" in stopped.stderr
    assert list((tmp_path / "to").iterdir()) == []


def test_a_backup_waits_for_a_run_and_says_so(reviewed, tmp_path):
    lines, waits = [], threading.Event()

    def progress(line):
        lines.append(line)
        waits.set()

    with one_writer(reviewed.home, "writer.lock", quiet):
        work = threading.Thread(
            target=make_backup, args=(reviewed, tmp_path / "to"), kwargs={"now": CLOCK, "progress": progress}
        )
        work.start()
        assert waits.wait(10)
        assert not list(tmp_path.glob("to/[0-9]*"))
    work.join(30)

    assert lines[0] == f"waiting: another coalwatch is writing to {reviewed.home}"
    assert len(list(tmp_path.glob("to/[0-9]*"))) == 1


@pytest.mark.parametrize("what", ["gone", "damaged"])
def test_a_raw_file_that_the_home_lost_is_told_and_the_rest_is_kept(reviewed, tmp_path, what):
    shutil.copytree(reviewed.home, tmp_path / "home")
    raw = sorted((tmp_path / "home" / "raw").iterdir())[0]
    raw.unlink() if what == "gone" else raw.write_bytes(b"0" * raw.stat().st_size)
    settings = Settings(home=tmp_path / "home", warehouse_url="")

    with pytest.raises(InputError, match="is made, but 1 files of the lake are gone or damaged"):
        make_backup(settings, tmp_path / "to", now=CLOCK, progress=quiet, with_lake=True)

    (one,) = verify_backup(tmp_path / "to", quiet)["to_land"]
    assert one["sha256"] == raw.name.partition(".")[0]


def test_a_backup_does_not_go_into_the_home_nor_among_those_of_another(reviewed, first_home, tmp_path):
    with pytest.raises(InputError, match="lies in the home"):
        make_backup(reviewed, reviewed.home / "backups", now=CLOCK, progress=quiet)
    make_backup(reviewed, tmp_path / "to", now=LATER[0], progress=quiet)

    with pytest.raises(InputError, match="holds backups of another home"):
        make_backup(first_home, tmp_path / "to", now=LATER[1], progress=quiet)
    with pytest.raises(InputError, match="no coalwatch home"):
        make_backup(Settings(home=tmp_path / "none"), tmp_path / "to", now=CLOCK, progress=quiet)


@pytest.fixture
def first_home(reviewed, tmp_path):
    """Another home that looks the same."""
    shutil.copytree(reviewed.home, tmp_path / "other")
    import sqlite3

    for path, ask in (
        ("lake/catalog.sqlite", "update run_state set value = 'another' where name = 'home_id'"),
        ("warehouse.sqlite", "update filled_from set home_id = 'another'"),
    ):
        with sqlite3.connect(tmp_path / "other" / path) as con:
            con.execute(ask)
    return Settings(home=tmp_path / "other", warehouse_url="")


def test_a_warehouse_that_is_not_the_homes_is_not_kept_as_it(reviewed, tmp_path):
    shutil.copytree(reviewed.home, tmp_path / "home")
    for path in (tmp_path / "home").glob("warehouse*"):
        path.unlink()
    settings = Settings(home=tmp_path / "home", warehouse_url="")
    with pytest.raises(InputError, match="no such file; `coalwatch run` makes it"):
        make_backup(settings, tmp_path / "to", now=CLOCK, progress=quiet)
    open_warehouse(settings.database_url).close()

    with pytest.raises(InputError, match="`coalwatch run` fills it from the lake"):
        make_backup(settings, tmp_path / "to", now=CLOCK, progress=quiet)
    assert list((tmp_path / "to").iterdir()) == []


def fake(folder, name, words):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{words}\n")
    (folder / name).chmod(0o755)


def test_a_pg_dump_that_is_missing_or_too_old_is_told_with_what_to_install(made, monkeypatch, tmp_path):
    settings = made("postgresql")[0]
    monkeypatch.setattr(pg_programs, "FOLDERS", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(InputError, match=r"pg_dump is neither on PATH .*apt-get install postgresql-client-\d+"):
        make_backup(settings, tmp_path / "to", now=CLOCK, progress=quiet)
    fake(tmp_path / "bin", "pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.1'")

    with pytest.raises(InputError, match=r"of PostgreSQL 9 \(.*\); expected \d+ or newer; install it: apt-get"):
        make_backup(settings, tmp_path / "to", now=CLOCK, progress=quiet)
    assert list((tmp_path / "to").iterdir()) == []


def test_a_pg_dump_that_fails_is_told_in_its_words_and_without_the_password(made, monkeypatch, tmp_path):
    settings = made("postgresql")[0]
    monkeypatch.setattr(pg_programs, "FOLDERS", tmp_path / "none")
    fake(tmp_path / "bin", "pg_dump", '[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.0" && exit\n'
         'echo "could not write: No space left on device, $* $PGPASSWORD" >&2; exit 1')  # fmt: skip
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    url = settings.database_url.replace("coalwatch@", "coalwatch:opensesame@")

    with pytest.raises(SourceUnavailable, match="No space left on device") as caught:
        make_backup(Settings(home=settings.home, warehouse_url=url), tmp_path / "to", now=CLOCK, progress=quiet)

    assert str(caught.value).count("opensesame") == 1  # that which our stand-in printed itself


def test_people_and_programs_are_told_the_same(invoke, reviewed, tmp_path):
    assert "Nothing was written" in invoke("backup", tmp_path / "to", "--home", reviewed.home, "--dry-run").stdout
    assert not (tmp_path / "to").exists()
    kept = json.loads(invoke("backup", tmp_path / "to", "--home", reviewed.home, "--json").stdout)
    there = tmp_path / "elsewhere"
    looked = invoke("restore", kept["backup"], "--verify")
    planned_ = invoke("restore", tmp_path / "to", "--home", there, "--dry-run")
    assert not there.exists()
    shown = invoke("restore", tmp_path / "to", "--home", there)

    assert [one.exit_code for one in (looked, planned_, shown)] == [0, 0, 0]
    assert "is whole" in looked.stdout
    assert "with 2 alerts, 1 review" in " ".join(looked.stdout.split())
    assert "coalwatch ingest noaa" in " ".join(shown.stdout.split())
    again = invoke("restore", tmp_path / "to", "--home", there)
    assert (again.exit_code, "expected --home of a folder that is empty" in again.stderr) == (2, True)
    assert subprocess.run(["sha256sum", "-c", "manifest.json.sha256"], cwd=kept["backup"], check=False).returncode == 0
