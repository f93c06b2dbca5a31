"""What a run would do: nothing while nothing that results are made from has changed, else what it bears on, and why."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pandas import DataFrame

from pipeline import mid
from pipeline.judgement import flags
from pipeline.show.work import show_run_plan
from pipeline.state.plan import make_plan
from pipeline.tasks.home import Home, read_knowledge
from pipeline.tasks.plan import planned, read_stored, read_wanted, rules
from pipeline.tasks.ships_to_judge import ships_to_judge
from pipeline.warehouse.store import open_for_reading
from tests.tasks.world import DAYS, Installation

ALERTED = {351990002, 445990003}


@pytest.fixture
def home(told):
    return Home(Installation(told).settings)


@pytest.fixture
def plan(home):
    """The plan, and the ships to be judged, with other knowledge than at the last run."""

    def of(knowledge):
        with open_for_reading(home.settings.database_url) as warehouse:
            wanted = read_wanted(home, warehouse, knowledge)
            stored = read_stored(home, warehouse, wanted)
            ships = set(ships_to_judge(home, warehouse, knowledge, wanted, stored).since.index)
            return [(work.stage, work.reason) for work in make_plan(wanted, stored)], ships

    return of


def test_after_a_run_nothing_is_planned(home, plan):
    assert plan(read_knowledge(home.settings)) == ([], set())
    assert planned(home.settings) == []


@pytest.mark.parametrize("part", ["patterns", "weights"])
def test_another_pattern_or_weight_judges_every_ship(home, plan, part):
    knowledge = read_knowledge(home.settings)
    other = {"patterns": replace(knowledge.patterns, hash="other"), "weights": SimpleNamespace(hash="other")}

    work, _ = plan(replace(knowledge, **{part: other[part]}))

    assert work == [("judge", "patterns, weights, zones or limits changed: every ship")]


@pytest.mark.parametrize(
    ("module", "name", "stages"), [(flags, "_NAMES", ["judge"]), (mid, "DIGITS", ["derive", "judge"])]
)
def test_other_words_for_flags_or_digits_of_states_are_noticed(home, tmp_path, monkeypatch, module, name, stages):
    before = rules(home, read_knowledge(home.settings))
    edited = tmp_path / "edited.csv"
    edited.write_bytes(getattr(module, name).read_bytes() + b"# edited\n")
    monkeypatch.setattr(module, name, edited)

    after = rules(home, read_knowledge(home.settings))

    assert [stage for stage in before if before[stage] != after[stage]] == stages


@pytest.mark.parametrize("part", ["measures", "articles"])
def test_another_law_or_article_judges_alerted_ships_and_not_all(home, plan, part):
    knowledge = read_knowledge(home.settings)

    work, ships = plan(replace(knowledge, **{part: replace(getattr(knowledge, part), hash="other")}))

    assert [stage for stage, _ in work] == ["judge"]
    assert ships >= ALERTED
    assert not ships & {412000001, 412000002, 440000003}  # traffic that no pattern can match


def test_what_claims_alone_are_judged_by_judges_no_ship(home, plan):
    knowledge = read_knowledge(home.settings)

    work, ships = plan(replace(knowledge, observations=replace(knowledge.observations, hash="other")))

    assert work == [("judge", "observations or the rules of verdicts changed: every claim")]
    assert ships == set()


def test_a_rebuild_plans_every_landed_day_in_one_piece(home):
    work = planned(home.settings, rebuild=True)[0]

    assert (work.stage, work.days) == ("compress", tuple(DAYS))


def test_days_named_limit_what_is_compressed(home):
    assert [one.days for one in planned(home.settings, {DAYS[1]}, rebuild=True) if one.stage == "compress"] == [
        (DAYS[1],)
    ]


def test_a_plan_names_the_ships_that_its_work_is_about(told, tmp_path):
    home = Home(Installation(shutil.copytree(told, tmp_path / "home")).settings)
    home.ship_days.note_begun(DataFrame({"mmsi": [351990002], "from_day": [DAYS[1]], "to_day": [DAYS[2]]}))
    home.ship_days.note_to_judge([445990003, 351990002])

    named = {work.stage: work.as_dict()["ships"] for work in planned(home.settings)}

    assert named == {"derive": [351990002], "judge": [351990002, 445990003]}


def test_what_is_made_from_nothing_is_of_every_ship_heard(home):
    work = planned(home.settings, rebuild=True)

    heard = [351990002, 412000001, 412000002, 440000003, 445990003]
    assert [(one.stage, list(one.ships)) for one in work[:1]] == [("compress", heard)]


@pytest.mark.parametrize(
    ("ships", "said"),
    [([], None), ([1], "MMSI 1"), ([1, 2], "MMSIs 1, 2"), (list(range(1, 9)), "MMSIs 1, 2, 3, 4, 5, 6 and 2 others")],
)
def test_the_first_of_them_are_printed_and_how_many_more_there_are(ships, said, capsys):
    show_run_plan([{"stage": "derive", "reason": "why", "if_skipped": "nothing", "ships": ships}])

    named = [line.strip() for line in capsys.readouterr().out.splitlines() if "MMSI" in line]
    assert named == ([said] if said else [])
