from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from pipeline.contracts import ALERT, REVIEW
from pipeline.errors import InputError
from pipeline.warehouse.review import DECISIONS, PROPOSED, ReviewConflict, Seen, add_review, last_decisions
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

NOW, HOUR = datetime(2024, 7, 1, tzinfo=UTC), timedelta(hours=1)


@pytest.fixture
def with_alert(warehouse: Warehouse) -> Warehouse:
    warehouse.sync(ALERT, rows(ALERT, {"alert_id": "direct-call-7", "evidence_hash": "e1", "grade": "strong"}))
    return warehouse


def test_a_review_remembers_the_evidence_it_was_of(with_alert: Warehouse):
    review_id = add_review(with_alert, "direct-call-7", "kim", "confirmed", None, NOW)

    row = with_alert.read(REVIEW).iloc[0]
    assert (row["review_id"], row["evidence_hash"], row["decision"]) == (review_id, "e1", "confirmed")


def test_the_same_review_sent_twice_is_one_and_a_second_opinion_is_another(with_alert: Warehouse):
    first = add_review(with_alert, "direct-call-7", "kim", "confirmed", None, NOW)

    assert add_review(with_alert, "direct-call-7", "kim", "confirmed", None, NOW) == first
    assert add_review(with_alert, "direct-call-7", "lee", "dismissed", "sand", NOW) != first
    assert len(with_alert.read(REVIEW)) == 2


@pytest.mark.parametrize("statement", ["update review set decision = 'dismissed'", "delete from review"])
def test_the_database_itself_refuses_to_change_a_review(with_alert: Warehouse, statement: str):
    add_review(with_alert, "direct-call-7", "kim", "confirmed", None, NOW)

    with with_alert._engine.connect() as connection, pytest.raises(sa.exc.DatabaseError, match="review is append-only"):
        connection.exec_driver_sql(statement)

    assert with_alert.read(REVIEW)["decision"].tolist() == ["confirmed"]


def test_an_unknown_alert_is_answered_with_those_that_exist(with_alert: Warehouse):
    with pytest.raises(InputError, match=r"alert direct-call-1 does not exist; expected one of 1, like direct-call-7"):
        add_review(with_alert, "direct-call-1", "kim", "confirmed", None, NOW)


def test_an_unknown_decision_is_answered_with_those_that_exist(with_alert: Warehouse):
    with pytest.raises(InputError, match='decision is "maybe"; expected one of confirmed, dismissed, escalated, needs'):
        add_review(with_alert, "direct-call-7", "kim", "maybe", None, NOW)


def test_a_review_has_a_reviewer(with_alert: Warehouse):
    with pytest.raises(InputError, match="reviewer is empty"):
        add_review(with_alert, "direct-call-7", "  ", "confirmed", None, NOW)


@pytest.mark.parametrize(("reviewer", "note"), [("ki\0m", None), ("kim", "no\0te"), ("kim", "\udcff")])
def test_what_no_database_can_hold_is_refused(with_alert: Warehouse, reviewer: str, note: str | None):
    with pytest.raises(InputError, match="holds what is no text"):
        add_review(with_alert, "direct-call-7", reviewer, "confirmed", note, NOW)


@pytest.mark.parametrize("given", ["direct\0", "\udcff"])
def test_an_alert_of_no_text_is_answered_in_one_line(with_alert: Warehouse, given: str):
    with pytest.raises(InputError):
        add_review(with_alert, given, "kim", "confirmed", None, NOW)


def test_the_decisions_are_those_the_contract_names():
    sentence = next(column.doc for column in REVIEW.columns if column.name == "decision")

    assert sentence.startswith(f"{', '.join(DECISIONS[:-1])} or {DECISIONS[-1]} (")
    assert all(proposed in sentence for proposed in PROPOSED.values())


def decided(warehouse: Warehouse) -> list[str]:
    return [one["last_decision"] for one in warehouse.rows("select last_decision from alert_decision")]


def queue(warehouse: Warehouse) -> list[str]:
    return [one["status"] for one in warehouse.rows("select status from alert_queue")]


def test_what_is_undone_is_a_new_decision_and_the_alert_returns(with_alert: Warehouse):
    add_review(with_alert, "direct-call-7", "kim", "confirmed", None, NOW)
    assert (decided(with_alert), queue(with_alert)) == (["confirmed"], [])

    add_review(with_alert, "direct-call-7", "kim", "undone", None, NOW + HOUR, reason="mistake")

    assert (decided(with_alert), queue(with_alert)) == ([], ["new"])
    assert last_decisions(with_alert).empty
    assert with_alert.read(REVIEW).sort_values("decided_at")["decision"].tolist() == ["confirmed", "undone"]


def test_where_two_must_agree_the_first_decides_nothing(with_alert: Warehouse):
    # Nor does the same person twice, here and in Airflow, however the name is written.
    for hours, name in enumerate(("kim", "airflow:Kim", "kim\u200b", "\uff4b\uff49\uff4d")):
        add_review(with_alert, "direct-call-7", name, "confirmed", None, NOW + hours * HOUR, two_people=("strong",))

    assert (decided(with_alert), queue(with_alert)) == ([], ["new"])
    assert last_decisions(with_alert).empty


def test_where_two_must_agree_the_second_decides(with_alert: Warehouse):
    add_review(with_alert, "direct-call-7", "kim", "confirmed", None, NOW, two_people=("strong",))
    for _ in range(2):  # a retry is the same review
        add_review(with_alert, "direct-call-7", "lee", "confirmed", None, NOW + HOUR, two_people=("strong",))

    assert decided(with_alert) == ["confirmed"]


def test_where_two_must_agree_only_the_last_word_of_each_counts(with_alert: Warehouse):
    for hours, (name, decision) in enumerate((("kim", "confirmed"), ("kim", "dismissed"), ("lee", "confirmed"))):
        add_review(with_alert, "direct-call-7", name, decision, None, NOW + hours * HOUR, two_people=("strong",))
    assert decided(with_alert) == []

    add_review(with_alert, "direct-call-7", "lee", "dismissed", None, NOW + 3 * HOUR, two_people=("strong",))

    assert decided(with_alert) == ["dismissed"]


@pytest.mark.parametrize("between", ["undone", "needs_more"])
def test_what_was_decided_between_ends_a_proposal(with_alert: Warehouse, between: str):
    for hours, (name, decision) in enumerate((("kim", "confirmed"), ("ho", between), ("lee", "confirmed"))):
        add_review(with_alert, "direct-call-7", name, decision, None, NOW + hours * HOUR, two_people=("strong",))

    assert "confirmed" not in decided(with_alert)


def test_two_need_not_agree_on_grades_without_that_rule(with_alert: Warehouse):
    add_review(with_alert, "direct-call-7", "kim", "dismissed", None, NOW, two_people=("weak",))

    assert decided(with_alert) == ["dismissed"]


def test_a_decision_on_what_was_seen_is_recorded_while_it_is_so(with_alert: Warehouse):
    first = add_review(with_alert, "direct-call-7", "kim", "needs_more", None, NOW, seen=Seen("e1"))
    add_review(with_alert, "direct-call-7", "lee", "confirmed", None, NOW + HOUR, seen=Seen("e1", review_id=first))

    assert decided(with_alert) == ["confirmed"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"evidence_hash": "e2"}, "rests on other evidence"),
        ({"withdrawn_at": "2024-07-01"}, "was withdrawn"),
        ({}, "lee decided dismissed"),
    ],
)
def test_what_changed_since_it_was_seen_is_told_and_nothing_recorded(with_alert: Warehouse, change: dict, said: str):
    if change:
        row = {"alert_id": "direct-call-7", "evidence_hash": "e1"} | change
        with_alert.sync(replace(ALERT, lifecycle=()), rows(ALERT, row))
    else:
        add_review(with_alert, "direct-call-7", "lee", "dismissed", None, NOW)
    before = len(with_alert.read(REVIEW))

    with pytest.raises(ReviewConflict, match=said):
        add_review(with_alert, "direct-call-7", "kim", "confirmed", "a note", NOW + HOUR, seen=Seen("e1"))

    assert len(with_alert.read(REVIEW)) == before


@pytest.mark.parametrize("before", [(), ("confirmed", "undone")])
def test_where_nothing_is_decided_there_is_nothing_to_undo(with_alert: Warehouse, before: tuple[str, ...]):
    for hours, decision in enumerate(before):
        add_review(with_alert, "direct-call-7", "kim", decision, None, NOW + hours * HOUR)

    with pytest.raises(InputError, match="no decision on it stands, so there is nothing to undo"):
        add_review(with_alert, "direct-call-7", "kim", "undone", None, NOW + 3 * HOUR)

    assert len(with_alert.read(REVIEW)) == len(before)


def test_what_only_one_of_two_people_said_can_be_undone(with_alert: Warehouse):
    for hours, decision in enumerate(("confirmed", "undone")):
        add_review(with_alert, "direct-call-7", "kim", decision, None, NOW + hours * HOUR, two_people=("strong",))
    add_review(with_alert, "direct-call-7", "lee", "confirmed", None, NOW + 2 * HOUR, two_people=("strong",))

    assert decided(with_alert) == []
