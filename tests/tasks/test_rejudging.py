"""Who must be judged again: nobody while nothing that alerts are judged by has changed, else whom it bears on."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from pipeline.tasks.rejudge import find_due, judged_by, ships_due

from pipeline.tasks.home import Home
from pipeline.tasks.knowledge import read_knowledge
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import Installation

ALERTED = {351990002, 445990003}


@pytest.fixture
def home(told):
    return Home(Installation(told).settings)


@pytest.fixture
def due(home):
    """What is due, and which ships, with other knowledge than at the last run."""

    def of(knowledge):
        with open_for_reading(home.settings.database_url) as warehouse:
            found = find_due(home, warehouse, knowledge)
            return found, set(ships_due(home, warehouse, knowledge, found).tolist())

    return of


def test_after_a_run_nothing_and_nobody_is_due(home, due):
    found, ships = due(read_knowledge(home.settings))

    assert (found.everyone, found.law, len(found.entries)) == (False, False, 0)
    assert ships == set()


@pytest.mark.parametrize("part", ["patterns", "weights"])
def test_another_pattern_or_weight_is_due_for_every_ship_heard(home, due, part):
    found, ships = due(replace(read_knowledge(home.settings), **{part: SimpleNamespace(hash="other")}))

    assert found.everyone
    assert ships > ALERTED


@pytest.mark.parametrize("part", ["measures", "articles"])
def test_another_law_or_article_is_due_for_alerted_ships_and_not_for_all(home, due, part):
    knowledge = read_knowledge(home.settings)

    found, ships = due(replace(knowledge, **{part: replace(getattr(knowledge, part), hash="other")}))

    assert (found.everyone, found.law) == (False, True)
    assert ships >= ALERTED
    assert not ships & {412000001, 412000002, 440000003}  # traffic that no pattern can match


def test_what_claims_alone_are_judged_by_is_no_reason(home):
    knowledge = read_knowledge(home.settings)
    other = replace(knowledge, observations=replace(knowledge.observations, hash="other"))

    assert judged_by(home, other) == judged_by(home, knowledge)
