from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from pipeline.contracts import ALERT, REVIEW
from pipeline.errors import InputError
from pipeline.warehouse.review import DECISIONS, add_review
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

NOW = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture
def with_alert(warehouse: Warehouse) -> Warehouse:
    warehouse.sync(ALERT, rows(ALERT, {"alert_id": "direct-call-7", "evidence_hash": "e1"}))
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

    assert sentence == f"{', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}"
