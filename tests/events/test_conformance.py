"""Global Fishing Watch's published cases: we agree, or differ on purpose and say why."""

import pytest

from tests.conformance import DIFFERENCES, main, run_file


@pytest.mark.parametrize(("file", "least"), [("port-visits.json", 18), ("gaps.json", 15)])
def test_published_cases_pass(samples, file, least):
    outcomes = run_file(samples / "conformance" / file)

    assert [one for one in outcomes if not one.passed] == []
    assert len(outcomes) >= least


def test_every_deliberate_difference_is_still_one(samples):
    outcomes = [one for file in ("port-visits.json", "gaps.json") for one in run_file(samples / "conformance" / file)]

    assert {(one.case, one.field) for one in outcomes if one.expected != one.found} == set(DIFFERENCES)


def test_a_file_of_another_form_is_refused(samples):
    with pytest.raises(ValueError, match="neither cases"):
        run_file(samples / "conformance" / "loitering.json")


def test_the_command_counts_passed_and_failed(samples, capsys):
    assert main([str(samples / "conformance" / "gaps.json")]) == 0
    assert capsys.readouterr().out.endswith("15 passed, 0 failed\n")
