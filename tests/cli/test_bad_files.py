"""Files that cannot be used as they are: one line with file, row and remedy, exit code 2, nothing half-written."""

import gzip
import zipfile

import pytest
import zstandard

from tests.cli.conftest import coalwatch, holds, one_line
from tests.cli.privilege import without_privilege


@pytest.fixture(scope="module")
def plain(files):
    return files["2018-06-02"].read_bytes()


def torn_zip(path, plain):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day.csv", plain)
    path.write_bytes(path.read_bytes()[:-200])


def rotten_zip(path, plain):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("day.csv", plain)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def zip_of_two(path, plain):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", plain)
        archive.writestr("two.csv", plain)


BAD = {
    "a folder": (lambda path, plain: path.mkdir(), "is a folder; name the files in it"),
    "empty": (lambda path, plain: path.write_bytes(b""), "the file is empty; expected AIS data"),
    "only a header": (lambda path, plain: path.write_bytes(plain.splitlines(True)[0]), "no rows after the header"),
    "other columns": (lambda path, plain: path.write_bytes(b"a,b\n1,2\n"), "no known format (found: a, b); expected"),
    "a picture": (lambda path, plain: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\0"), "binary content; expected CSV"),
    "UTF-16": (lambda path, plain: path.write_bytes(plain.decode().encode("utf-16")), "UTF-16; expected UTF-8"),
    "torn .gz": (lambda path, plain: path.write_bytes(gzip.compress(plain)[:-100]), "torn archive"),
    "torn .zst": (lambda path, plain: path.write_bytes(zstandard.compress(plain)[:-100]), "torn archive"),
    "torn .zip": (torn_zip, "torn archive"),
    "rotten .zip": (rotten_zip, "torn archive"),
    "two in one .zip": (zip_of_two, "2 files in the archive (one.csv, two.csv); expected one"),
    "torn Parquet": (lambda path, plain: path.write_bytes(b"PAR1" + b"x" * 999), "torn or damaged Parquet"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_says_why_and_leaves_nothing(invoke, plain, tmp_path, name):
    make, words = BAD[name]
    path = tmp_path / "day.csv"
    make(path, plain)

    done = invoke("ingest", "auto", path, "--home", tmp_path / "home")

    assert done.exit_code == 2
    line = one_line(done.stderr)
    assert "day.csv" in line
    assert words in line
    assert not {kept for kept in holds(tmp_path / "home") if "positions" in kept or "staging" in kept}


def test_a_missing_file_is_named_and_no_home_is_made(invoke, tmp_path):
    done = invoke("ingest", "auto", tmp_path / "none.csv", "--home", tmp_path / "home")

    assert (done.exit_code, one_line(done.stderr)) == (2, f"coalwatch: {tmp_path}/none.csv: no such file")
    assert not (tmp_path / "home").exists()


def test_a_file_of_another_source_names_the_command_that_fits(invoke, files, tmp_path):
    done = invoke("ingest", "dma", files["2018-06-01"], "--home", tmp_path)

    assert done.exit_code == 2
    assert one_line(done.stderr).endswith("Try: coalwatch ingest noaa AIS_2018-06-01.csv")


def test_a_file_that_may_not_be_read_says_so(files, tmp_path):
    path = tmp_path / "day.csv"
    path.write_bytes(files["2018-06-01"].read_bytes())
    path.chmod(0)

    done = coalwatch("ingest", "auto", path, "--home", tmp_path / "home", preexec_fn=without_privilege())

    assert done.returncode == 2
    assert one_line(done.stderr) == f"coalwatch: {path}: no permission to read it"


def test_rows_of_the_future_are_counted_and_a_file_of_nothing_else_is_an_error(invoke, plain, tmp_path):
    later = plain.replace(b"2018-06-02", b"2999-06-02")
    (tmp_path / "later.csv").write_bytes(later)
    some = plain + b"".join(later.splitlines(True)[1:4])
    (tmp_path / "some.csv").write_bytes(some)

    all_of_it = invoke("ingest", "auto", tmp_path / "later.csv", "--home", tmp_path / "home")
    part_of_it = invoke("ingest", "auto", tmp_path / "some.csv", "--home", tmp_path / "home")

    assert all_of_it.exit_code == 2
    count = len(plain.splitlines()) - 1
    assert f"later.csv:2: none of its {count} rows can be used ({count}: time more than a day" in all_of_it.stderr
    assert part_of_it.exit_code == 0
    assert f"3 rejected some.csv:{count + 2}: future" in part_of_it.stdout


def test_a_file_refused_by_a_wrong_clock_is_read_again(files, invoke, tmp_path):
    from datetime import UTC, datetime

    from pipeline.settings import Settings
    from pipeline.tasks.land import ingest

    settings = Settings(home=tmp_path / "home-too")
    early = {"now": datetime(2017, 1, 1, tzinfo=UTC), "progress": lambda line: None}
    assert ingest(settings, [files["2018-06-02"]], "noaa", **early)[0]["days"] == []

    done = invoke("ingest", "noaa", files["2018-06-02"], "--home", settings.home)

    assert done.exit_code == 0
    assert "2018-06-02" in done.stdout


def test_other_encodings_are_read_and_only_their_letters_are_lost(invoke, plain, tmp_path):
    header, row, *rest = plain.splitlines(True)
    assert b"DEMO" in row
    (tmp_path / "day.csv").write_bytes(header + row.replace(b"DEMO", b"D\xc9MO") + b"".join(rest))

    done = invoke("ingest", "auto", tmp_path / "day.csv", "--home", tmp_path / "home")

    assert done.exit_code == 0
    assert f"{len(rest) + 1} position and vessel report" in done.stdout


def test_the_files_before_a_bad_one_stay_and_the_message_says_so(invoke, files, plain, tmp_path):
    torn = tmp_path / "torn.csv.gz"  # so long that its beginning can be read
    torn.write_bytes(gzip.compress(plain + b"".join(plain.splitlines(True)[1:]) * 9, 0)[:-100])

    done = invoke("ingest", "auto", files["2018-06-01"], torn, "--home", tmp_path / "home")

    assert done.exit_code == 2
    assert one_line(done.stderr).endswith("fetch the file again (1 files before it are landed and stay)")
    assert len({kept for kept in holds(tmp_path / "home") if "positions" in kept}) == 1


def test_trying_says_what_landing_would_and_writes_nothing(invoke, files, landed, tmp_path):
    before = holds(landed)

    known = invoke("ingest", "auto", files["2018-06-01"], "--synthetic", "--dry-run", "--home", landed)
    mixed = invoke("ingest", "auto", files["2018-06-01"], "--dry-run", "--home", landed)
    new = invoke("ingest", "auto", files["2018-06-01"], "--dry-run", "--home", tmp_path / "none")

    assert (known.exit_code, mixed.exit_code, new.exit_code) == (0, 2, 0)
    assert "already landed" in known.stdout
    assert "must never mix" in one_line(mixed.stderr)
    assert "would be landed" in new.stdout
    assert holds(landed) == before
    assert not (tmp_path / "none").exists()
