"""`coalwatch rejects`: every rejected row can be read again, with its line and the reason."""

import json

import pytest

from tests.lake.files import NOAA_2024, noaa_row, write


@pytest.fixture
def home(invoke, tmp_path):
    """A home in which two files landed, one of them with rejects."""
    bad = NOAA_2024 + noaa_row() + noaa_row(mmsi="4.45E+08") + noaa_row(time="soon") + noaa_row(mmsi="x")
    files = [write(tmp_path, "bad.csv", bad), write(tmp_path, "good.csv", NOAA_2024 + noaa_row(mmsi=441000000))]
    assert invoke("ingest", "auto", *files, "--home", tmp_path / "home").exit_code == 0
    return tmp_path / "home"


def test_rejects_are_listed_with_file_line_reason_and_the_row(invoke, home):
    shown = invoke("rejects", "--home", home)

    assert shown.exit_code == 0, shown.stderr
    assert 'bad.csv:3: bad_mmsi: MMSI is "4.45E+08"; expected nine digits' in " ".join(shown.stdout.split())
    assert "good.csv" not in shown.stdout


def test_a_file_and_a_reason_narrow_the_list(invoke, home):
    by_reason = json.loads(invoke("rejects", "bad.csv", "--reason", "bad_mmsi", "--json", "--home", home).stdout)
    of_good = json.loads(invoke("rejects", "good.csv", "--json", "--home", home).stdout)

    assert [(row["line"], row["reason"]) for row in by_reason] == [(3, "bad_mmsi"), (5, "bad_mmsi")]
    assert by_reason[0]["raw"].startswith("4.45E+08,2023-01-11")
    assert of_good == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["other.csv"], "other.csv: no such file has landed"), (["--reason", "ugly"], "no reason ugly; expected one of")],
)
def test_an_unknown_file_or_reason_is_refused(invoke, home, arguments, message):
    shown = invoke("rejects", *arguments, "--home", home)

    assert shown.exit_code == 2
    assert message in shown.stderr


def test_an_empty_home_has_none(invoke, tmp_path):
    assert "No row" in invoke("rejects", "--home", tmp_path / "home").stdout
