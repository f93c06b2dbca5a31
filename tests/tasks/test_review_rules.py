"""What binds whoever decides: reasons from the short list, and rules of the home."""

import pytest

from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.tasks.review_rules import reasons, rules_of, see_reason
from pipeline.warehouse.review import DECISIONS


def test_every_decision_has_reasons():
    found = reasons()

    assert set(found) == set(DECISIONS)
    assert all(found.values())


def test_a_reason_of_the_decision_is_accepted_and_none_may_be_given():
    see_reason("dismissed", "lawful_trade")
    see_reason("dismissed", None)


def test_a_reason_of_another_decision_is_answered_with_those_there_are():
    with pytest.raises(InputError, match='no reason "lawful_trade" for confirmed; expected one of complete, '):
        see_reason("confirmed", "lawful_trade")


def test_an_installation_adds_reasons_of_its_own(tmp_path, monkeypatch):
    folder = tmp_path / "seeds" / "review"
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text("dismissed: {known_here: We know her}\n")
    monkeypatch.setenv("COALWATCH_EXTENSIONS", str(tmp_path))

    see_reason("dismissed", "known_here")


def test_a_home_without_rules_lets_one_person_decide(tmp_path):
    assert rules_of(Settings(tmp_path, "")).two_people == ()


def test_the_rules_of_a_home_name_grades(tmp_path):
    (tmp_path / "review.yaml").write_text("two_people: [strong, moderate]\n")

    assert rules_of(Settings(tmp_path, "")).two_people == ("strong", "moderate")


@pytest.mark.parametrize("text", ["two_people: [huge]\n", "two: []\n", "two_people: [\n"])
def test_rules_that_cannot_be_read_are_one_line(tmp_path, text):
    (tmp_path / "review.yaml").write_text(text)

    with pytest.raises(InputError, match=r"review\.yaml:\d+: "):
        rules_of(Settings(tmp_path, ""))
