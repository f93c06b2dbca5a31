"""A sample of what `make fuzz` tries: no input ends in a fault of the program, or has a row in no count."""

import pytest

from tests.fuzz.corpus import seeds
from tests.fuzz.run import as_text, try_inputs
from tests.fuzz.trial import Laboratory, Trial

MADE = seeds(samples="")


@pytest.fixture(scope="module")
def laboratory():
    with Laboratory() as laboratory:
        yield laboratory


@pytest.mark.parametrize("seed", MADE, ids=lambda seed: seed.name)
def test_each_input_lands_as_it_is_before_it_is_mutated(laboratory, seed):
    outcome = laboratory.outcome(Trial(1, seed, seed.data, (), seed.source))

    assert outcome.name == "landed", outcome.message


def test_no_mutated_input_ends_as_a_fault(laboratory):
    result = try_inputs(range(60), 2026, MADE, laboratory)

    assert result.inputs > 1000
    assert not result.findings, as_text(result, 2026)
