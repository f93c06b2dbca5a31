"""Tables that are damaged, packed oddly or faultily read are told from those that hold odd cells."""

import gzip
import io
import zipfile

import duckdb
import pytest

from pipeline.errors import InputError, SourceUnavailable
from tests.formats.tables import MAPPING, mapping, parquet
from tests.lake.files import NOAA_2024, land_one, noaa_row, write


def test_a_fault_of_our_own_query_is_not_told_as_a_damaged_file(lake, tmp_path, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "day.parquet")

    def faulty(*args):
        raise duckdb.BinderException("Binder Error: no such column")

    monkeypatch.setattr("pipeline.lake.contents.take_numbered_census", faulty)
    text = MAPPING.partition("columns:")[0] + (
        "columns:\n  mmsi: {from: a}\n  timestamp: {from: a}\n  longitude: {from: a}\n  latitude: {from: a}\n"
    )
    with pytest.raises(duckdb.BinderException):
        land_one(lake, tmp_path / "day.parquet", mapping(tmp_path, text))


@pytest.mark.parametrize("left", [20, -1, -8, -40])
def test_a_torn_parquet_file_is_refused_as_that(lake, tmp_path, left):
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:left])

    with pytest.raises(InputError, match=r"a\.parquet: torn or damaged Parquet"):
        land_one(lake, path, mapping(tmp_path))


def test_parquet_in_an_archive_is_refused_with_the_remedy(lake, tmp_path):
    packed = write(tmp_path, "a.parquet.gz", gzip.compress(parquet(tmp_path).read_bytes()))

    with pytest.raises(InputError, match="Parquet inside an archive; unpack it"):
        land_one(lake, packed, mapping(tmp_path))


@pytest.mark.parametrize(
    ("flag", "method", "message"), [(1, 0, "password required"), (0, 9, "not supported"), (0, 99, "not supported")]
)
def test_an_archive_that_cannot_be_unpacked_here_is_refused_with_the_remedy(lake, tmp_path, flag, method, message):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", NOAA_2024 + noaa_row())
    data = bytearray(packed.getvalue())
    entry = data.index(b"PK\x01\x02")
    data[6], data[8], data[entry + 8], data[entry + 10] = flag, method, flag, method

    with pytest.raises(InputError, match=f"a.zip: the archive cannot be read .*{message}.*unpack it"):
        land_one(lake, write(tmp_path, "a.zip", bytes(data)))


@pytest.mark.parametrize(
    ("error", "words", "expected"),
    [
        ("IOException", 'Could not read enough bytes from file "day.parquet": attempted to read 6 bytes', InputError),
        ("IOException", 'Could not write file "spill": No space left on device', SourceUnavailable),
        ("OutOfMemoryException", "could not allocate block", SourceUnavailable),
    ],
)
def test_what_the_disk_did_is_told_apart_from_a_file_shorter_than_it_says(
    lake, tmp_path, monkeypatch, error, words, expected
):
    import pyarrow as pa
    import pyarrow.parquet as pq

    def failing(*args):
        raise getattr(duckdb, error)(words)

    names = ("id", "t", "x", "y")
    pq.write_table(pa.table({name: ["1"] for name in names}), tmp_path / "day.parquet")
    monkeypatch.setattr("pipeline.lake.contents.take_numbered_census", failing)

    with pytest.raises(expected):
        land_one(lake, tmp_path / "day.parquet", mapping(tmp_path))
