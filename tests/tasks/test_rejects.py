"""The rows that were rejected, as they were read, by file and by reason."""

import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.land import ingest, list_rejects
from tests.lake.files import NOAA_2024, noaa_row, write
from tests.tasks.world import CLOCK


@pytest.fixture
def settings(tmp_path):
    settings = Settings(home=tmp_path / "home")
    bad = noaa_row(mmsi="4.45E+08") + noaa_row() + noaa_row(time="soon")
    files = [write(tmp_path, "bad.csv", NOAA_2024 + bad), write(tmp_path, "good.csv", NOAA_2024 + noaa_row(lat=38.7))]
    ingest(settings, files, "noaa", now=CLOCK, progress=lambda line: None)
    return settings


def lines(rows):
    return [(row["file"], row["line"], row["reason"]) for row in rows]


def test_each_is_told_with_its_file_line_and_reason_and_what_was_read(settings):
    rows = list_rejects(settings, None, None)

    assert lines(rows) == [("bad.csv", 2, "bad_mmsi"), ("bad.csv", 4, "bad_time")]
    assert rows[0]["raw"].startswith("4.45E+08,")


def test_one_reason_or_one_file_is_asked_for(settings):
    assert lines(list_rejects(settings, None, "bad_time")) == [("bad.csv", 4, "bad_time")]
    assert list_rejects(settings, "good.csv", None) == []
    assert len(list_rejects(settings, "bad.csv", None)) == 2


@pytest.mark.parametrize(
    ("file", "reason", "said"),
    [("none.csv", None, "none.csv: no such file has landed"), (None, "ugly", "no reason ugly; expected one of .*bad_")],
)
def test_a_file_or_reason_that_there_is_not_is_named(settings, file, reason, said):
    with pytest.raises(InputError, match=said):
        list_rejects(settings, file, reason)
