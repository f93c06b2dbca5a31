"""The fuzzer itself: the same seed gives the same inputs, and no fault, loss or refusal is taken for another."""

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from pipeline.errors import ContractError, InputError, SourceUnavailable
from pipeline.tasks import land
from tests.fuzz.as_parquet import to_parquet
from tests.fuzz.corpus import seeds
from tests.fuzz.mutations import mutate, repair_checksums
from tests.fuzz.run import Result, as_json, as_text
from tests.fuzz.trial import Laboratory, Outcome, Trial, make_trial, rows_of, skeleton, smallest

ROOT = Path(__file__).parents[2]
MADE = seeds(samples="")
FUZZ = (sys.executable, "-m", "tests.fuzz")
NOAA = next(seed for seed in MADE if seed.name == "noaa.csv")


@pytest.fixture(scope="module")
def laboratory():
    with Laboratory() as laboratory:
        yield laboratory


def trial(data=NOAA.data, seed=NOAA):
    return Trial(0, seed, data, (), seed.source)


def test_the_same_seed_gives_the_same_inputs_and_another_seed_others():
    first = [make_trial(number, 1, MADE) for number in range(50)]

    assert first == [make_trial(number, 1, MADE) for number in range(50)]
    assert first != [make_trial(number, 2, MADE) for number in range(50)]


def test_nearly_every_input_is_changed_and_each_kind_of_change_comes_up():
    trials = [make_trial(number, 1, MADE) for number in range(1500)]

    assert sum(one.data != one.seed.data for one in trials) > 1300
    assert len({name for one in trials for name in one.mutations}) > 45


def test_checksums_are_made_to_hold_after_a_change():
    assert repair_checksums(rb"\c:1*00\!AIVDM,1,1,,A,x,0*00") == rb"\c:1*68\!AIVDM,1,1,,A,x,0*5E"


def test_an_empty_file_can_be_mutated():
    for number in range(200):
        mutate(b"", NOAA.data, Random(number), most=4)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ZeroDivisionError("division by zero"), "fault"),
        (ContractError("no column mmsi"), "fault"),
        (MemoryError(), "fault"),
        (InputError("day.csv:2: no time"), "refused"),
        (SourceUnavailable("disk full"), "unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_what_is_raised_is_told_by_who_has_to_act(laboratory, monkeypatch, error, name):
    def fail(*args, **options):
        raise error

    monkeypatch.setattr(land, "ingest", fail)

    outcome = laboratory.outcome(trial())

    assert outcome.name == name
    assert outcome.is_finding == (name == "fault")


def test_a_fault_is_known_by_the_place_in_the_project_where_it_happened(laboratory, monkeypatch):
    monkeypatch.setattr("pipeline.lake.landing.find_source", lambda *args: 1 / 0)

    kind = laboratory.outcome(trial()).kind

    assert kind.startswith("ZeroDivisionError in pipeline/lake/landing.py:")
    assert kind.endswith(": division by zero")


@pytest.mark.parametrize("change", [{"rows_read": 9}, {"positions": 3}, {"rejects": []}])
def test_counts_that_do_not_hold_are_a_loss(laboratory, monkeypatch, change):
    honest = land.ingest
    monkeypatch.setattr(land, "ingest", lambda *args, **options: [honest(*args, **options)[0] | change])

    assert laboratory.outcome(trial()).name == "lost"


def test_rows_that_nobody_read_are_a_loss(laboratory, monkeypatch):
    honest = land.ingest

    def half_blind(settings, paths, source, **options):
        text = paths[0].read_bytes()
        paths[0].write_bytes(b"".join(text.splitlines(keepends=True)[:-1]))
        return honest(settings, paths, source, **options)

    plain = trial(NOAA.data.replace(b'"SMITH, J"', b"SMITH"))
    assert laboratory.outcome(plain).name == "landed"
    monkeypatch.setattr(land, "ingest", half_blind)
    assert laboratory.outcome(plain) == Outcome("lost", "lost: rows of the file (noaa)", "6 rows read; the file has 7")


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        ("noaa", b"a,b\n1,2\n3,4", (2, 2)),
        ("noaa", b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4\n", (2, 2)),
        ("dma", b"a,b\n1,2\n \n", (1, 2)),
        ("dma", b"#\n# a,b\n1,2\n", (1, 2)),
        ("dma", b"# a,b\n1,2\n", (1, 1)),
        ("noaa", b"sep=,\na,b\n1,2\n", (1, 2)),
        ("noaa", b'a,b\n1,"2\n3"\n', (0, float("inf"))),
        ("nmea", b"!AIVDM,1!AIVDM,2\n!AIVDM,3", (3, float("inf"))),
        ("nmea", b"# !AIVDM,1\n!AIVDM,3", (1, float("inf"))),
        ("aisstream", b'{"a": 1}\n{"b": 2}\n', (2, 2)),
        ("aisstream", b'{"a": 1}\n{"b":\n', (0, float("inf"))),
    ],
)
def test_rows_are_counted_where_that_is_plain(source, data, expected):
    assert rows_of(source, data) == expected


def test_an_example_loses_the_lines_and_bytes_that_it_does_not_need():
    assert smallest(b"one\ntwo\nthree X four\nfive\n", lambda data: b"X" in data) == b"X"
    assert smallest(b"ab\ncd\nef\n", lambda data: b"b" in data and b"e" in data, most=1000) == b"be"


def test_messages_that_differ_in_numbers_and_words_of_the_input_are_one_kind():
    told = 'day.csv:{}: column "{}" has {} rows (found: {}); mend it'

    assert skeleton(told.format(3, "a", 12, "x, y")) == skeleton(told.format(41, "b c", 7, "z"))
    assert skeleton("no time") != skeleton("no place")


def test_a_report_counts_each_kind_once_and_shows_its_example():
    result = Result(seconds=2.0)
    for number in range(3):
        one = replace(trial(b"\xff,1\n"), number=number)
        result.note(one, Outcome("fault", "ValueError in x", "what happened"))
    result.note(trial(), Outcome("landed"))

    text = as_text(result, 7)
    assert "4 inputs in 4 files, SEED=7" in text
    assert text.count("ValueError in x") == 1
    assert "3 times; first in landing 0 of noaa.csv" in text
    assert '"count": 3' in as_json(result, 7)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_that_is_stopped_reports_what_it_counted(tmp_path, by):
    process = subprocess.Popen(
        [*FUZZ, "-n", "1000000", "--formats", "un", "--report", str(tmp_path), "--every", "0.2"],
        cwd=ROOT, env={**os.environ, "COALWATCH_SAMPLES": ""}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    for line in process.stderr:
        if not line.startswith("0 of"):
            break
    process.send_signal(by)
    said = process.communicate()[0]

    assert process.returncode == 0
    assert "stopped before its end" in said
    assert json.loads((tmp_path / "fuzz-1.json").read_text())["inputs"] >= 50


# -------------------------------------------------------------------------------------------- many inputs in one file


@pytest.fixture(scope="module")
def company():
    return next(one for one in (make_trial(number, 3, [NOAA]) for number in range(1, 99, 2)) if b"\0" not in one.data)


def test_many_inputs_share_a_file_with_rows_that_must_land(laboratory, company):
    assert company.inputs > 40
    assert company.data.startswith(b"MMSI,BaseDateTime")
    assert company.good == b"".join(NOAA.data.splitlines(keepends=True)[1:])
    assert company.good in company.data
    assert laboratory.outcome(company).name == "landed"
    result = Result()
    result.note(company, Outcome("landed"))
    assert (result.files, result.inputs) == (1, company.inputs)


@pytest.mark.parametrize("format", ["noaa", "dma", "mapped", "parquet", "nmea", "aisstream", "aishub", "barentswatch",
                                    "events", "vessels", "un", "eu"])  # fmt: skip
def test_every_other_file_holds_many_inputs(format):
    corpus = [seed for seed in MADE if seed.format == format]
    trials = [make_trial(number, 1, corpus) for number in range(10)]

    assert all(one.inputs == 1 for one in trials[::2])
    assert any(one.inputs > 4 for one in trials[1::2])


def test_a_good_row_that_does_not_land_for_what_stands_beside_it_is_a_loss(laboratory, monkeypatch, company):
    honest = land.ingest

    def thrown_by_the_others(settings, paths, source, **options):
        landed = honest(settings, paths, source, **options)[0]
        if paths[0].read_bytes() != company.seed.data:
            of_use = landed["positions_with_report"] + landed["positions"]
            landed |= {"positions_with_report": 0, "positions": 0, "duplicates": landed["duplicates"] + of_use}
        return [landed]

    monkeypatch.setattr(land, "ingest", thrown_by_the_others)

    assert laboratory.outcome(company).kind == "lost: good rows beside others (noaa)"


def test_a_file_that_is_refused_for_what_stands_beside_good_rows_is_a_loss(laboratory, monkeypatch, company):
    honest = land.ingest

    def fastidious(settings, paths, source, **options):
        if paths[0].read_bytes() != company.seed.data:
            raise InputError("day.csv: this file is not tidy")
        return honest(settings, paths, source, **options)

    monkeypatch.setattr(land, "ingest", fastidious)

    assert laboratory.outcome(company).kind.startswith("lost: refused for what stands beside good rows")
    assert laboratory.outcome(trial(b"\xff")).name == "refused"


def test_a_table_with_odd_cells_still_has_typed_columns_in_parquet():
    table = b"a,b\n1,x\n2,y\nodd,z\n4,\n"

    types = {str(pq.read_schema(io.BytesIO(to_parquet(table, Random(n), lenient=True))).field("a").type)
             for n in range(40)}  # fmt: skip

    assert "int64" in types
    assert not any(one.startswith("int") for one in (
        str(pq.read_schema(io.BytesIO(to_parquet(table, Random(n)))).field("a").type) for n in (1, 2, 4)
    ))  # fmt: skip
