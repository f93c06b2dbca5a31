"""Global Fishing Watch's published cases: we agree, or differ on purpose and say why."""

import json
from functools import cache

import pytest

from tests.conformance import DIFFERENCES, main, run_file

LEAST = {"port-visits.json": 18, "gaps.json": 15, "encounters.json": 3, "loitering.json": 3, "identity.json": 47}


@pytest.fixture(scope="module")
def outcomes(samples, day_by_day):
    return cache(lambda file: run_file(samples / "conformance" / file))


MANY = {"port-visits.json", "gaps.json"}  # cases; test_the_command_counts_passed_and_failed runs two of them


@pytest.mark.parametrize("file", [pytest.param(one, marks=pytest.mark.long if one in MANY else ()) for one in LEAST])
def test_published_cases_pass(outcomes, file):
    assert [one for one in outcomes(file) if not one.passed] == []
    assert len(outcomes(file)) >= LEAST[file]


@pytest.mark.long
def test_every_deliberate_difference_is_still_one(outcomes):
    every = [one for file in LEAST for one in outcomes(file)]

    assert {(one.case, one.field) for one in every if one.expected != one.found} == set(DIFFERENCES)


def test_a_file_of_another_form_is_refused(tmp_path):
    (tmp_path / "other.json").write_text('[{"id": "other", "positions": []}]', encoding="utf-8")

    with pytest.raises(ValueError, match="neither cases"):
        run_file(tmp_path / "other.json")


def test_the_command_counts_passed_and_failed(samples, capsys, tmp_path):
    cases = json.loads((samples / "conformance" / "port-visits.json").read_text(encoding="utf-8"))[:2]
    wrong = [cases[0], {**cases[1], "expected_visits": []}]
    for name, of_file in (("right", cases), ("wrong", wrong)):
        (tmp_path / name).write_text(json.dumps(of_file), encoding="utf-8")

    assert main([str(tmp_path / "right")]) == 0
    assert capsys.readouterr().out.endswith(" passed, 0 failed\n")
    assert main([str(tmp_path / "wrong")]) == 1
    assert not capsys.readouterr().out.endswith(" 0 failed\n")
