"""Files to land out of a bucket, over a socket against a local server: as from a folder, byte for byte."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipeline.engines.engine import Embedded
from pipeline.errors import InputError
from pipeline.lake import handed_in, landing
from pipeline.lake.bucket import Bucket
from pipeline.lake.handed_in import find_files
from pipeline.lake.lake import Lake
from pipeline.lake.landing import land, plan
from tests.lake.files import NOAA_2024, NOW, noaa_row

pytestmark = pytest.mark.usefixtures("nothing_goes_wrong")
ROWS = [noaa_row(time=f"2023-01-11T00:{minute:02}:00") for minute in range(40)]
TEXT = (NOAA_2024 + "".join(ROWS) + "no,row\n" + ROWS[0] + noaa_row(lat=91.5)).encode()
FORMS = {"AIS_2023_01_11.csv": TEXT, "AIS_2023_01_12.csv.gz": gzip.compress(TEXT.replace(b"-11T", b"-12T"), mtime=0)}


@pytest.fixture
def archive(server, tmp_path):
    """A folder of a bucket with both files, and a local folder with the same."""
    bucket = Bucket(server.bucket())
    for name, content in FORMS.items():
        (tmp_path / name).write_bytes(content)
        bucket.upload(name, tmp_path / name)
    return bucket


def account(lake: Lake) -> tuple:
    """All that a lake says of its files but where they came from."""
    files = lake.source_files().drop(columns=["url", "fetched_at"])
    rejects = [lake.rejects(file_id).to_csv() for file_id in files["source_file_id"]]
    days = {day: (one, lake.positions(day).to_csv()) for day, one in lake.landed_days().items()}
    return (
        files.to_csv(),
        lake.rejected_row_counts().to_csv(),
        rejects,
        days,
        sorted(one.name for one in lake.raw.iterdir()),
    )


@pytest.mark.parametrize("engine", [None, Embedded()], ids=["in turn", "ahead"])
def test_a_file_out_of_a_bucket_lands_as_from_a_folder(archive, tmp_path, engine):
    there, here = Lake(tmp_path / "there"), Lake(tmp_path / "here")
    found = find_files([f"{archive.url}/AIS_2023_*"])

    landed = land(there, found, now=NOW, engine=engine)
    land(here, find_files([tmp_path / name for name in FORMS]), now=NOW)

    assert account(there) == account(here)
    assert [one.source_file["url"] for one in landed] == [f"{archive.url}/{name}" for name in FORMS]
    assert [one.source_file["rejected"] for one in landed] == [2, 2]
    assert not list((tmp_path / "there").rglob("fetched/*"))
    assert [one.days for one in land(there, found, now=NOW)] == [(), ()]
    assert [(one.bytes, one.source_file_id, one.already_landed) for one in plan(there, found)] == [
        (len(FORMS[one.source_file["name"]]), one.source_file["source_file_id"], True) for one in landed
    ]


def test_a_name_may_hold_wild_cards_and_what_lies_below_is_not_meant(archive, tmp_path, monkeypatch):
    others = ("AIS_2023", "AIS_2022_12_31.csv", "AIS_2023_01/AIS_2023_01_13.csv", "B.csv", "AIS_[1].csv")
    for name in (*others, "AIS_[1].csv.origin.json"):
        archive.upload(name, tmp_path / "AIS_2023_01_11.csv")

    def names(pattern: str) -> list[str]:
        return [file.name for file in find_files([f"{archive.url}/{pattern}"])]

    assert names("AIS_2023_01_??.csv*") == list(FORMS)
    assert names("AIS_2023*") == ["AIS_2023", *FORMS]
    assert names("AIS_[1]*") == ["AIS_[1].csv"]
    assert names("*.gz") == ["AIS_2023_01_12.csv.gz"]
    monkeypatch.setattr(handed_in, "MOST_LISTED", 3)
    assert names("AIS_2023_*") == list(FORMS)  # three names begin like that
    with pytest.raises(InputError, match="more than 3 names"):
        names("*")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("AIS_2024.csv", "AIS_2024.csv: no such file"),
        ("AIS_2024*", "no file there has such a name"),
        ("", "expected s3://BUCKET/FOLDER/FILE"),
        ("*/AIS_2023_01_11.csv", "expected s3://BUCKET/FOLDER/FILE"),
        ("empty.csv", "empty.csv: the file is empty"),
    ],
)
def test_what_is_not_there_or_no_file_is_told_in_one_line_and_nothing_lands(archive, tmp_path, file, words):
    (tmp_path / "empty").write_bytes(b"")
    archive.upload("empty.csv", tmp_path / "empty")
    lake = Lake(tmp_path / "home")

    with pytest.raises(InputError) as error:
        land(lake, find_files([f"{archive.url}/AIS_2023_01_11.csv", f"{archive.url}/{file}"]), now=NOW)

    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert lake.landed_days() == {}


def test_a_bucket_that_is_not_there_is_told(archive):
    with pytest.raises(InputError, match="s3://nobodys-bucket: no such bucket"):
        find_files(["s3://nobodys-bucket/folder/*.csv"])


@pytest.mark.parametrize("engine", [None, Embedded()], ids=["in turn", "ahead"])
def test_a_file_that_changes_between_two_looks_is_refused(archive, tmp_path, engine):
    lake = Lake(tmp_path / "home")
    (tmp_path / "other").write_bytes(TEXT.replace(b"KUM SAN", b"KUM GANG"))

    def change(line: str) -> None:
        archive.upload("AIS_2023_01_11.csv", tmp_path / "other")

    with pytest.raises(InputError, match="it changed while it was fetched"):
        land(lake, find_files([f"{archive.url}/AIS_2023_01_11.csv"]), now=NOW, progress=change, engine=engine)
    assert lake.landed_days() == {}
    assert list(lake.raw.iterdir()) == []


def test_a_file_that_goes_away_before_a_dry_run_counts_its_bytes_is_told_in_one_line(archive, monkeypatch):
    url = f"{archive.url}/AIS_2023_01_11.csv"
    look = landing.read_head

    def look_and_remove(file):
        head = look(file)
        file.bucket.delete([file.key])
        return head

    monkeypatch.setattr(landing, "read_head", look_and_remove)
    with pytest.raises(InputError) as error:
        plan(Lake(Path("nowhere")), find_files([url]))
    assert str(error.value) == f"{url}: no such file"
