"""A lake in a bucket, over a socket against a local server.

The server (moto) checks If-None-Match and If-Match of a PUT, and keys where it is told to. It does not check conditions
on uploads of several pieces, nor who may do what beyond a key that it knows; it never says 409 to two writers at once,
and knows no throttling of its own, no encryption and no expiring keys.
"""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError, SourceUnavailable
from pipeline.lake import bucket as client
from pipeline.lake import published
from pipeline.lake.bucket import Bucket, Stored
from pipeline.limits import load_limits
from pipeline.settings import Settings
from pipeline.tasks.backup import make_backup
from pipeline.tasks.home import Home, read_zones
from pipeline.tasks.pieces import compress_piece, cut
from pipeline.tasks.positions import Asked, write_positions
from pipeline.tasks.prune import prune
from pipeline.tasks.recompute import temporary_home
from pipeline.tasks.space import home_status
from tests.lake.in_bucket import SECRET, InBucket, said
from tests.tasks.world import CLOCK, COAL, DAYS, Installation, assert_same

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("nothing_goes_wrong")


@pytest.fixture(scope="module")
def derived(server, as_anybody, files, tmp_path_factory):
    """The five days in a bucket, run; not to be changed."""
    made = InBucket(tmp_path_factory.mktemp("derived") / "home", server.bucket())
    server.requests()
    made.land(*files.values())
    made.asked = server.requests()
    made.run()
    return made


# ------------------------------------------------------------------------------------------ what lies there


def test_a_home_in_a_bucket_comes_to_the_same_as_one_in_a_folder(derived, told, landed, files, server):
    assert_same(derived.rows(), Installation(told).rows())
    assert [path for kind in published.KINDS for path in derived.lake.root.glob(f"{kind}/**/*.parquet")] == []
    assert list(derived.lake.raw.iterdir()) == []

    ours, theirs = derived.lake, Installation(landed)
    folder = Home(theirs.settings).lake
    for kind in published.KINDS:
        for day in DAYS:
            for (place, file_id), (path, other_id) in zip(ours.parts(kind, day), folder.parts(kind, day), strict=True):
                assert isinstance(place, Stored)
                assert file_id == other_id
                assert pq.read_table(place.open(), partitioning=None).equals(pq.read_table(path, partitioning=None))
    for path in folder.raw.iterdir():
        with ours.raw_file(path.name[:64]) as kept:
            assert kept.read_bytes() == path.read_bytes()


def test_nothing_is_listed_and_a_file_costs_few_requests(derived, files):
    assert all("/ais/lake/" in one or one.startswith("POST ") for one in derived.asked)  # POST removes
    assert len(derived.asked) <= 8 + 8 * len(files)


def test_positions_are_the_same_from_the_home_from_the_bucket_alone_and_from_a_folder(
    derived, landed, tmp_path, server
):
    places = {
        "home": derived.settings,
        "bucket": Settings(tmp_path / "nowhere", lake_url=derived.bucket.url),
        "folder": Settings(landed),
    }
    asked = Asked(mmsis=(str(COAL),), first=CLOCK.replace(2018, 6, 2), last=CLOCK.replace(2018, 6, 3))
    for name, settings in places.items():
        server.requests()
        told = write_positions(
            settings, asked, tmp_path / f"{name}.csv", None, dry_run=False, progress=lambda line: None
        )
        requests = server.requests()
        assert told["rows"] > 30
        assert not any(other in one for one in requests for other in (DAYS[0], DAYS[3], "raw/"))
    texts = {(tmp_path / f"{name}.csv").read_text() for name in places}
    assert len(texts) == 1
    assert not (tmp_path / "nowhere").exists()


def test_the_page_on_reading_without_coalwatch_finds_the_same_positions(derived, server):
    page = (ROOT / "docs" / "lake.md").read_text(encoding="utf-8").partition("## Out of a bucket")[2]
    code = page.partition("```python\n")[2].partition("```")[0]
    there = f'endpoint_override="{server.url.removeprefix("http://")}", scheme="http"'
    code = code.replace('region="eu-central-1"', there).replace("watch/ais", derived.bucket.url.removeprefix("s3://"))
    names: dict[str, Any] = {}

    exec(compile(code, "lake.md", "exec"), names)

    expected = [len(derived.lake.fixes(day, (COAL, COAL))["mmsi"]) for day in DAYS[1:3]]
    assert len(names["found"]) == sum(expected) > 30


def test_a_server_that_fails_while_rows_stream_by_is_told_and_nothing_is_written(
    derived, tmp_path, monkeypatch, server
):
    monkeypatch.setattr(client, "_TAIL", 64)  # else a small part is there with the first request
    lake = derived.lake
    assert set(lake.fixes(DAYS[0], (COAL, COAL))["mmsi"]) == {COAL}

    def write(settings: Settings) -> Any:
        file = tmp_path / "found.parquet"
        return write_positions(settings, Asked(), file, None, dry_run=False, progress=lambda line: None)

    for read in (lambda: write(derived.settings), lambda: lake.fixes(DAYS[3]), lambda: lake.positions(DAYS[3])):
        server.fail({"method": "GET", "path": f"day={DAYS[3]}", "times": 99, "spared": 2})
        with pytest.raises(SourceUnavailable) as error:
            read()
        assert "HTTP 503" in said(error)
    assert list(tmp_path.iterdir()) == []


def test_a_piece_travels_without_keys_and_is_read_where_it_comes_to(derived):
    piece = next(iter(cut(derived.lake, DAYS[:1], 10_000)))
    derived.lake.fixes(DAYS[0])  # its bucket is in use
    sent = pickle.dumps(piece)
    assert SECRET.encode() not in sent
    assert b"AKIATEST" not in sent
    assert len(compress_piece(read_zones(), load_limits(), pickle.loads(sent)).runs)


@pytest.mark.long
def test_sparks_workers_read_the_bucket_themselves(home, files, tmp_path):
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("PySpark and Java are not installed")
    in_folder = Installation(tmp_path / "folder")
    for one in (home, in_folder):
        one.land(*(files[day] for day in DAYS[:2]))
    in_folder.run()
    # in a process of its own: a Java that runs already knows no keys that were given later
    command = [sys.executable, "-m", "pipeline.cli", "run", "--quiet", "--home", str(home.settings.home)]
    command += ["--engine", "spark", "--master", "local[2]"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert_same(home.rows(), in_folder.rows())


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize("url", ["s3:/lake", "http://lake", "s3://UPPER/x", "s3://key:secret@lake/x", "s3://lake//x"])
def test_an_address_of_another_form_is_refused(tmp_path, files, url):
    with pytest.raises(InputError, match="expected s3://BUCKET or s3://BUCKET/FOLDER"):
        InBucket(tmp_path / "home", "s3://lake").settings and Bucket(url)


def test_a_bucket_that_is_not_there_is_told(tmp_path, files):
    home = InBucket(tmp_path / "home", "s3://no-such-bucket-here/lake")
    with pytest.raises(InputError) as error:
        home.land(files[DAYS[0]])
    assert "no such bucket" in said(error)


def test_keys_that_the_server_does_not_know_are_told(home, files, server):
    server.see_keys(0)
    try:
        with pytest.raises(InputError) as error:
            home.land(files[DAYS[0]])
    finally:
        server.see_keys(None)
    assert "refused (InvalidAccessKeyId)" in said(error)
    assert list(home.lake.landed_days()) == []


def test_a_server_that_takes_no_notice_of_conditions_is_refused(home, files, server):
    server.fail({"method": "PUT", "path": "/trial-", "times": 9, "blind": True})
    with pytest.raises(InputError, match="takes no notice of If-None-Match and If-Match"):
        home.land(files[DAYS[0]])
    assert server.objects(home.bucket.url) == {}


def test_who_may_read_and_not_write_is_told(home, files, server):
    server.fail({"method": "PUT", "path": "/positions/", "times": 9, "status": "403 Forbidden", "code": "AccessDenied"})
    with pytest.raises(InputError) as error:
        home.land(files[DAYS[0]])
    assert "refused (AccessDenied)" in said(error)


def test_no_server_and_no_answer_in_time_are_told(home, files, server, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr(client, "_CLIENT", {"timeout": timedelta(milliseconds=300), "connect_timeout": timedelta(1)})
    client._store.cache_clear()
    server.fail({"method": "PUT", "path": "lake.json", "times": 9, "hang_s": 1})
    with pytest.raises(SourceUnavailable) as error:
        home.land(files[DAYS[0]])
    assert "time ran out" in said(error)

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    client._store.cache_clear()
    with pytest.raises(SourceUnavailable) as error:
        home.land(files[DAYS[0]])
    assert "no answer" in said(error)
    client._store.cache_clear()


def test_a_server_that_is_slow_for_a_moment_is_asked_again(home, files, server):
    server.fail(
        {"method": "PUT", "path": "positions/", "times": 2}, {"method": "PUT", "path": "days/", "times": 1},
        {"method": "GET", "path": "positions/", "times": 1},
    )  # fmt: skip
    home.land(files[DAYS[0]])
    assert len(home.lake.fixes(DAYS[0])["mmsi"])


def test_a_part_that_is_gone_is_told_with_what_mends_it(home, files):
    home.land(files[DAYS[0]])
    place, file_id = home.lake.parts("positions", DAYS[0])[0]
    home.bucket.delete([place.key])
    for read in (home.lake.positions, home.lake.fixes):
        with pytest.raises(InputError, match=f"is gone; it holds rows of file {file_id}") as error:
            read(DAYS[0])
    said(error)

    home.land(files[DAYS[0]])

    assert len(home.lake.fixes(DAYS[0])["mmsi"])
    assert home.manifest(DAYS[0])["version"] == 2


def test_a_lake_stays_where_it_is_and_a_folder_of_a_bucket_is_one_homes(home, files, landed, tmp_path):
    home.land(files[DAYS[0]])
    with pytest.raises(InputError, match="the lake of another home lies there"):
        InBucket(tmp_path / "other", home.bucket.url).land(files[DAYS[0]])
    with pytest.raises(InputError, match="leave COALWATCH_LAKE empty, `coalwatch move` it, or give another --home"):
        InBucket(home.settings.home, f"{home.bucket.url}/elsewhere").land(files[DAYS[1]])
    copy = shutil.copytree(landed, tmp_path / "copy")
    with pytest.raises(InputError, match="its lake lies in "):
        InBucket(copy, f"{home.bucket.url}/elsewhere").land(files[DAYS[1]])
    Installation(home.settings.home).land(files[DAYS[1]])  # who names none goes on where it lies
    assert list(home.lake.landed_days()) == DAYS[:2]
    nowhere = Settings(tmp_path / "nowhere", lake_url=f"{home.bucket.url}/elsewhere")
    with pytest.raises(InputError, match="no lake of coalwatch lies there"):
        write_positions(nowhere, Asked(), None, None, dry_run=True, progress=lambda line: None)


def test_a_bucket_is_not_copied_into_a_backup_and_status_names_it(derived, tmp_path):
    assert home_status(derived.settings)["bucket"] == derived.bucket.url
    made = make_backup(derived.settings, tmp_path / "backups", now=CLOCK, with_lake=True, progress=lambda line: None)
    kept = {path.name for path in Path(made["backup"]).rglob("*") if path.is_file()}
    assert "catalog.sqlite" in kept


@pytest.mark.long
def test_a_pruned_day_appears_by_one_write_and_who_reads_the_whole_one_can_end(
    home, files, server, tmp_path, monkeypatch
):
    home.land(*(files[day] for day in DAYS[:4]))
    home.run()
    before, rows, old = server.objects(home.bucket.url), home.rows(), home.lake.parts("positions", DAYS[1])
    whole = len(home.lake.fixes(DAYS[1])["mmsi"])

    def pruned(*, dry_run: bool = False) -> dict[str, Any]:
        return prune(home.settings, CLOCK.replace(2018, 6, 4), dry_run=dry_run, progress=lambda line: None)

    estimate = pruned(dry_run=True)
    assert server.objects(home.bucket.url) == before
    server.fail({"method": "PUT", "path": f"days/{DAYS[1]}", "times": 99})
    with pytest.raises(SourceUnavailable) as error:
        pruned()
    assert "HTTP 503" in said(error)
    assert [home.manifest(day)["version"] for day in DAYS[:2]] == [2, 1]
    assert [len(home.manifest(day)["pruned"]) > 0 for day in DAYS[:3]] == [True, False, False]

    server.fail()
    report = pruned()

    assert (report["closed_until"], estimate["days"]) == (None, 2)  # the day was pruned, and is published now
    assert [home.manifest(day)["version"] for day in DAYS[:4]] == [2, 2, 1, 1]
    assert estimate["bytes"]["raw"]["before"] == sum(files[day].stat().st_size for day in DAYS[:2])
    now = server.objects(home.bucket.url)
    assert {key.partition("/")[0] for key in before.keys() - now.keys()} == {"raw"}
    assert len(before.keys() - now.keys()) == 2
    assert len(pq.read_table(old[0][0].open(), columns=["mmsi"], partitioning=None)) == whole
    assert COAL in home.lake.fixes(DAYS[1])["mmsi"]
    assert 0 < len(home.lake.fixes(DAYS[1])["mmsi"]) < whole
    assert_same(home.rows(), rows)
    assert not home.run().changed
    nowhere = Settings(tmp_path / "nowhere", lake_url=home.bucket.url)
    told = write_positions(nowhere, Asked(), tmp_path / "all.csv", None, dry_run=False, progress=lambda line: None)
    assert any("2 of these days were pruned" in note for note in told["notes"])

    monkeypatch.setattr(published, "KEPT_DAYS", 0)
    home.land(files[DAYS[0]], files[DAYS[1]])  # the same files make the days whole
    assert len(home.lake.fixes(DAYS[1])["mmsi"]) == whole
    assert [home.manifest(day)["pruned"] for day in DAYS[:2]] == [[], []]
    assert len(server.objects(home.bucket.url)) == len(before)
    assert not home.run().changed


def test_what_is_derived_apart_is_kept_apart(server, monkeypatch):
    monkeypatch.setenv("COALWATCH_LAKE", server.bucket())
    with temporary_home({}) as apart:
        assert apart.lake_url == ""


@pytest.mark.long
def test_a_pack_is_made_of_raw_bytes_in_a_bucket_and_verified_in_none(derived, server, tmp_path, monkeypatch):
    for needed in ("jinja2", "matplotlib", "weasyprint"):
        pytest.importorskip(needed, reason="pip install 'coalwatch[report]'")
    from pipeline.tasks.pack import pack
    from pipeline.tasks.reports import every_alert
    from pipeline.tasks.verify import verify

    alert = next(row["alert_id"] for row in every_alert(derived.settings) if row["mmsi"] == COAL)
    pack(derived.settings, tmp_path / "pack.zip", alert=alert, small=0, now=CLOCK, progress=lambda line: None)
    elsewhere = server.bucket()
    monkeypatch.setenv("COALWATCH_LAKE", elsewhere)  # of whoever verifies it

    found = verify(derived.settings, tmp_path / "pack.zip", digest=None, now=CLOCK, progress=lambda line: None)

    assert (found.differences, found.notes) == ([], [])
    assert found.in_lake > 0
    assert server.objects(elsewhere) == {}


def test_keys_of_a_profile_are_used(home, files, tmp_path, monkeypatch):
    (tmp_path / ".aws").mkdir()
    keys = f"[work]\naws_access_key_id = AKIATEST\naws_secret_access_key = {SECRET}\n"
    (tmp_path / ".aws" / "credentials").write_text(keys)
    (tmp_path / ".aws" / "config").write_text("[profile work]\nregion = eu-west-1\n[profile sso]\nsso_session = x\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "work")
    client._store.cache_clear()
    home.land(files[DAYS[0]])
    assert client._store(home.bucket.url).config["region"] == "eu-west-1"

    monkeypatch.setenv("AWS_PROFILE", "sso")
    client._store.cache_clear()
    with pytest.raises(InputError, match="aws configure export-credentials --profile sso"):
        home.land(files[DAYS[1]])
    client._store.cache_clear()
