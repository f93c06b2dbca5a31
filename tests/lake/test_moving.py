"""A lake that moves from the home's folder into a bucket and back, over a socket against a local server."""

from __future__ import annotations

import shutil

import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError, SourceUnavailable
from pipeline.lake import moving as lake_moving
from pipeline.lake.bucket import Bucket
from pipeline.lake.lake import Lake
from pipeline.lake.reading import read_positions, read_vessel_reports
from pipeline.settings import Settings
from pipeline.tasks import move as moving
from pipeline.tasks.positions import Asked, write_positions
from pipeline.tasks.space import home_status
from tests.lake.in_bucket import InBucket, said
from tests.tasks.world import DAYS, Installation, assert_same

pytestmark = pytest.mark.usefixtures("nothing_goes_wrong")
QUIET = {"progress": lambda line: None}


@pytest.fixture
def home(told, tmp_path):
    """A home of one's own in a folder, with five days landed and run."""
    return Installation(shutil.copytree(told, tmp_path / "home"))


def move(installation: Installation, target: str, *, dry_run: bool = False):
    return moving.move(installation.settings, target, dry_run=dry_run, **QUIET)


def content(home) -> dict[str, tuple]:
    lake = Lake(home)
    return {day: (lake.positions(day).to_csv(), lake.vessel_reports(day).to_csv()) for day in lake.landed_days()}


def held(home) -> set[str]:
    """Files of the lake that may lie in a bucket, by their paths in the home."""
    folders = ("raw", "lake/positions", "lake/vessel_reports", "lake/moving")
    return {str(p.relative_to(home)) for name in folders for p in (home / name).rglob("*") if p.is_file()}


def test_into_a_bucket_and_back_the_lake_is_the_same(home, server, tmp_path):
    folder, url = home.settings.home, server.bucket()
    before, rows, files = content(folder), home.rows(), held(folder)
    raw = {path.name: path.read_bytes() for path in (folder / "raw").iterdir()}

    planned = move(home, url, dry_run=True)
    assert (held(folder), server.objects(url)) == (files, {})
    report = move(home, url)

    assert {**planned, "dry_run": False} == report
    assert (report["from"], report["to"], report["before"]) == (str(folder / "lake"), url, 0)
    assert (report["parts"], report["raw_files"]) == (len(files) - len(raw), len(raw))
    assert held(folder) == set()
    assert home_status(home.settings)["bucket"] == url
    assert content(folder) == before
    there = InBucket(folder, url)
    assert [there.manifest(day)["version"] for day in DAYS] == [1] * len(DAYS)
    nowhere = Settings(tmp_path / "nowhere", lake_url=url)
    told = write_positions(nowhere, Asked(), tmp_path / "all.csv", None, dry_run=False, **QUIET)
    assert told["rows"] > 0
    assert not home.run().changed
    assert move(home, url)["parts"] == 0

    objects = server.objects(url)
    back = move(home, "home")

    assert (back["parts"], back["raw_files"], back["bytes"]) == (report["parts"], report["raw_files"], report["bytes"])
    assert {path.name: path.read_bytes() for path in (folder / "raw").iterdir()} == raw
    assert len(held(folder)) == len(files)
    assert content(folder) == before
    assert home_status(home.settings)["bucket"] is None
    changed = {key for key, tag in server.objects(url).items() if objects.get(key) != tag}
    assert changed <= {"ais/lake/writer.json", "writer.json"}
    assert_same(home.rows(), rows)
    assert not home.run().changed
    with pytest.raises(InputError, match="the lake of another home lies there"):
        move(home, url)  # what lies there is nobody's to write to any more
    move(home, server.bucket())
    assert content(folder) == before


def test_a_move_that_was_stopped_goes_on(home, server, monkeypatch):
    monkeypatch.setattr(lake_moving, "_AT_ONCE", 1)
    folder, url = home.settings.home, server.bucket()
    before, files = content(folder), held(folder)
    server.fail({"method": "PUT", "path": "raw/", "times": 99})
    with pytest.raises(SourceUnavailable) as error:
        move(home, url)
    assert "HTTP 503" in said(error)
    assert (held(folder), home_status(home.settings)["bucket"]) == (files, None)
    assert InBucket(folder, url).manifest(DAYS[0]) is None

    server.fail()
    report = move(home, url)
    assert report["before"] == 8  # the files of the first lot
    assert report["before"] + report["parts"] + report["raw_files"] == len(files)
    assert content(folder) == before

    server.fail({"method": "GET", "path": "raw/", "times": 99})
    with pytest.raises(SourceUnavailable):
        move(home, "home")
    assert home_status(home.settings)["bucket"] == url
    assert content(folder) == before
    server.fail()
    report = move(home, "home")
    assert report["before"] > 0
    assert report["before"] + report["parts"] + report["raw_files"] == len(files)
    assert len(held(folder)) == len(files)
    assert content(folder) == before


def stopped_at_raw_files(home, url, there) -> int:
    """A move that stops when eight parts are noted as copied; how many positions' parts it sent."""
    there.requests()
    there.fail({"method": "PUT", "path": "raw/", "times": 99})
    with pytest.raises(SourceUnavailable):
        move(home, url)
    there.fail()
    asked = there.requests()
    return sum(one.startswith("PUT ") and "/positions/" in one for one in asked)


def remove(url, *folders: str) -> None:
    bucket = Bucket(url)
    bucket.delete([name for name in bucket.names("") if name.startswith(folders)])


@pytest.mark.parametrize("gone", ["positions/", "lake.json"])
def test_what_went_from_the_bucket_between_two_attempts_is_copied_again(home, server, monkeypatch, gone):
    monkeypatch.setattr(lake_moving, "_AT_ONCE", 1)
    folder, url = home.settings.home, server.bucket()
    before, files = content(folder), held(folder)
    assert stopped_at_raw_files(home, url, server) == 5
    assert stopped_at_raw_files(home, url, server) == 1  # what is there is not copied again
    remove(url, gone)

    report = move(home, url)

    assert report["before"] == (4 if gone == "positions/" else 0)
    assert report["before"] + report["parts"] + report["raw_files"] == len(files)
    assert content(folder) == before


def test_what_goes_while_a_lake_moves_is_seen_before_the_home_lets_go(home, server, monkeypatch):
    monkeypatch.setattr(lake_moving, "_AT_ONCE", 1)
    folder, url = home.settings.home, server.bucket()
    before, files, said_so_far = content(folder), held(folder), []

    def empty(line: str) -> None:
        said_so_far.append(line)
        if len(said_so_far) == 2:
            remove(url, "positions/")

    with pytest.raises(SourceUnavailable, match="4 objects that were copied are gone or of another size") as error:
        moving.move(home.settings, url, dry_run=False, progress=empty)
    assert "nothing moved" in said(error)
    assert (held(folder), home_status(home.settings)["bucket"]) == (files, None)
    assert move(home, url)["parts"] == 4
    assert content(folder) == before


def test_a_part_that_was_pruned_or_mended_between_two_attempts_is_copied_as_it_is_now(
    home,
    server,
    monkeypatch,
):
    monkeypatch.setattr(lake_moving, "_AT_ONCE", 1)
    folder, url = home.settings.home, server.bucket()
    stopped_at_raw_files(home, url, server)
    lake = Lake(folder)
    path = lake.parts("positions", DAYS[0])[0][0]
    name = str(path.relative_to(lake.root))
    few, size = pq.read_table(path, partitioning=None).slice(0, 5), path.stat().st_size
    pq.write_table(few, path, store_schema=False)
    written = path.read_bytes()
    footer = len(written) - 8 - int.from_bytes(written[-8:-4], "little")
    path.write_bytes(written[:footer] + bytes(size - len(written)) + written[footer:])  # the size alone does not tell
    lake.catalog.execute("insert into pruned_part (path, kept, bytes) values (?, 5, ?)", [name, path.stat().st_size])
    lake.close()

    report = move(home, url)

    assert report["before"] == 7
    assert len(Lake(folder).positions(DAYS[0])) == 5


def test_a_server_that_gives_back_other_bytes_is_refused(home, server):
    folder, url = home.settings.home, server.bucket()
    files = held(folder)
    for part in ("/positions/", "/raw/"):
        server.fail({"method": "GET", "path": part, "times": 1, "other": True})
        with pytest.raises(SourceUnavailable, match="other bytes came back than were sent"):
            move(home, url)
        assert (held(folder), home_status(home.settings)["bucket"]) == (files, None)
    server.fail()
    move(home, url)
    assert home_status(home.settings)["bucket"] == url


def test_a_server_without_conditions_is_refused_however_often_it_is_asked(home, server):
    url = server.bucket()
    server.fail(*({"method": "PUT", "path": path, "times": 99, "blind": True} for path in ("trial-", "lake.json")))
    for _ in range(2):
        with pytest.raises(InputError, match="takes no notice of If-None-Match and If-Match"):
            move(home, url)
    assert server.objects(url) == {}


def rot(path, how: str) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-200] if how == "cut" else whole[:60] + b"\xff" * 30 + whole[90:])


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("how", ["cut", "rotten"])
@pytest.mark.parametrize("kind", ["lake/positions", "raw"])
def test_a_damaged_file_does_not_move_until_it_is_landed_again(home, server, files, kind, how):
    folder, url = home.settings.home, server.bucket()
    before, whole = content(folder), held(folder)
    path = next(one for one in sorted((folder / kind).rglob("*")) if one.is_file())
    rot(path, how)
    with pytest.raises(
        InputError, match=r"is damaged \(.*\); it holds rows of AIS_.*: land the same file again"
    ) as error:
        move(home, url)
    assert str(path) in said(error)
    assert (held(folder), home_status(home.settings)["bucket"]) == (whole, None)

    home.land(*files.values())
    move(home, url)
    assert content(folder) == before


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("how", ["cut", "rotten"])
@pytest.mark.parametrize("kind", ["positions/", "raw/"])
def test_a_damaged_object_does_not_come_home_until_its_file_is_landed_again(
    home,
    server,
    files,
    tmp_path,
    kind,
    how,
):
    folder, url = home.settings.home, server.bucket()
    before, whole, bucket = content(folder), held(folder), Bucket(url)
    move(home, url)
    key = next(name for name in bucket.names("") if name.startswith(kind))
    bucket.download(key, tmp_path / "object")
    rot(tmp_path / "object", how)
    bucket.upload(key, tmp_path / "object")
    with pytest.raises(InputError, match="is damaged; landing the file again") as error:
        move(home, "home")
    assert key in said(error)
    assert home_status(home.settings)["bucket"] == url

    home.land(*files.values())
    move(home, "home")
    assert len(held(folder)) == len(whole)
    assert content(folder) == before


def test_who_reads_while_a_lake_moves_is_told_to_ask_again(home, server):
    url = server.bucket()
    lake = Lake(home.settings.home)
    assert lake.bucket is None
    parts = {kind: lake.parts(kind, DAYS[1]) for kind in ("positions", "vessel_reports")}
    assert len(lake.positions(DAYS[0])) > 0
    move(home, url)

    named_before = (
        lambda: read_positions(parts["positions"], None),
        lambda: read_vessel_reports(parts["vessel_reports"]),
    )
    for reads in (*named_before, lambda: lake.positions(DAYS[1])):
        with pytest.raises(InputError, match="is gone; the lake moved to s3://") as error:
            reads()
        assert f"{url} meanwhile: run the same command again" in said(error)
    lake.close()
    assert len(lake.positions(DAYS[1])) > 0


def test_a_trial_promises_nothing_that_the_move_refuses(home, server, told, tmp_path):
    url, elsewhere = server.bucket(), server.bucket()
    move(home, url)
    other = Installation(shutil.copytree(told, tmp_path / "other"))
    torn = Installation(shutil.copytree(told, tmp_path / "torn"))
    next((torn.settings.home / "lake" / "positions").rglob("*.parquet")).unlink()
    remove(url, "raw/")
    for installation, target, words in (
        (home, elsewhere, "move it to `home` first"),
        (other, url, "the lake of another home lies there, or one that this home left"),
        (other, "s3://nobodys-bucket/x", "no such bucket"),
        (torn, elsewhere, "is gone; it holds rows of AIS_"),
        (home, "home", "is gone; it holds rows of file"),
    ):
        for dry_run in (True, False):
            with pytest.raises(InputError, match=words):
                move(installation, target, dry_run=dry_run)


def test_what_is_damaged_or_somebody_elses_does_not_move(home, server, tmp_path, files):
    url = server.bucket()
    other = InBucket(tmp_path / "other", url)
    other.land(files[DAYS[0]])
    with pytest.raises(InputError, match="the lake of another home lies there"):
        move(home, url)
    with pytest.raises(InputError, match="no address of a bucket"):
        move(home, "watch/ais")

    (key,) = [key for key in server.objects(url) if "raw/" in key]
    other.bucket.upload(key[key.index("raw/") :], files[DAYS[1]])
    with pytest.raises(InputError) as error:
        move(other, "home")
    assert "is damaged; landing the file again" in said(error)
    assert home_status(other.settings)["bucket"] == url
