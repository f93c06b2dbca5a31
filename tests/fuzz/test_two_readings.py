"""A file is read in one of two ways, by its size: both give the same rows, in the same order, and the same counts."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.lake import contents
from tests.fuzz.corpus import LISTS, seeds
from tests.fuzz.trial import Laboratory, make_trial

TRIALS = 40


@pytest.fixture(scope="module")
def corpus():
    return [seed for seed in seeds() if seed.format not in (*LISTS, "events", "vessels", "mapping")]


def table(path):
    """A part; whether its columns are noted never to be null depends on how they came to DuckDB, not on their rows."""
    read = pq.read_table(path, partitioning=None)
    return read.cast(pa.schema([field.with_nullable(True) for field in read.schema]))


def landed(trials):
    """What each input ends in, in a home of its own, with the rows of all parts."""
    ends = []
    with Laboratory() as laboratory:
        folder = laboratory.folder
        for trial in trials:
            laboratory.clear()
            outcome = laboratory.outcome(trial)
            parts = {str(path.relative_to(folder)): table(path) for path in sorted(folder.rglob("lake/**/*.parquet"))}
            ends.append((outcome.name, outcome.message.replace(str(folder), ""), parts))
    return ends


@pytest.mark.long
def test_a_small_file_is_read_as_a_large_one_would_be(corpus, monkeypatch):
    trials = [make_trial(number, 7, corpus) for number in range(TRIALS)]
    at_once = landed(trials)
    monkeypatch.setattr(contents, "_SMALL", -1)
    in_two_passes = landed(trials)

    assert sum(outcome == "landed" and bool(parts) for outcome, _, parts in at_once) > TRIALS / 4
    for trial, one, other in zip(trials, at_once, in_two_passes, strict=True):
        assert one == other, trial.number
