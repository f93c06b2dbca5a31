"""What chance decides in tests, it decides the same way everywhere; see `tests/conftest.py`."""

from hypothesis import settings
from hypothesis.internal.conjecture.providers import HypothesisProvider


def test_examples_do_not_depend_on_the_machine_nor_on_which_modules_are_loaded():
    drawn = settings()

    assert drawn.derandomize
    assert drawn.database is None
    assert len(HypothesisProvider(None)._local_constants) == 0
