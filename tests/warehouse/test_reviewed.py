"""What people had before them when they decided, and what changed since; on both engines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from pipeline.contracts import ALERT, ALERT_EVIDENCE, REVIEW, REVIEWED_ALERT, REVIEWED_EVIDENCE
from pipeline.publish.alert_words import changed_since_decided
from pipeline.warehouse.alerts import alert_in_full
from pipeline.warehouse.judged_days import is_asked_otherwise
from pipeline.warehouse.review import ReviewConflict, add_requests, add_review, remove_request
from pipeline.warehouse.schema import MIGRATIONS, migrate
from pipeline.warehouse.scope import Among
from pipeline.warehouse.store import Warehouse
from tests.warehouse.rows import rows

NOW, HOUR = datetime(2024, 7, 1, tzinfo=UTC), timedelta(hours=1)
CALL = {"role": "call", "weight": 3.0, "statement": "Called at Nampo.", "event_table": "port_call", "event_id": "p1"}
DRAUGHT = {"role": "draught", "weight": 2.0, "statement": "Left 2.0 m deeper."}
SILENT = {"role": "silent", "weight": 1.0, "statement": "Silent for 9 h."}
FERRY = {"role": "ferry", "weight": -4.0, "statement": "She is a ferry."}


def rests_on(warehouse, evidence_hash, *pieces, **alert):
    """Let the alert rest on these pieces."""
    row = {"alert_id": "a", "grade": "strong", "headline": "From Nampo.", "evidence_hash": evidence_hash,
           "score": sum(one["weight"] for one in pieces)} | alert  # fmt: skip
    pieces = rows(ALERT_EVIDENCE, *({"alert_id": "a"} | one for one in pieces))
    with warehouse.transaction():
        warehouse.sync(replace(ALERT, lifecycle=()), rows(ALERT, row), Among("alert_id", ["a"]))
        warehouse.sync(ALERT_EVIDENCE, pieces, Among("alert_id", ["a"]))


@pytest.fixture
def decided(warehouse: Warehouse) -> Warehouse:
    """An alert that kim confirmed on a call, a draught and a silence."""
    rests_on(warehouse, "e1", CALL, DRAUGHT, SILENT)
    add_review(warehouse, "a", "kim", "confirmed", None, NOW)
    return warehouse


def changed(warehouse):
    section = changed_since_decided(alert_in_full(warehouse, "a"))
    return section and [one.text for one in section.said]


def test_each_change_of_the_evidence_since_a_decision_is_told(decided: Warehouse):
    rests_on(
        decided, "e2", CALL | {"event_id": "p2"}, DRAUGHT | {"weight": 0.5}, FERRY,
        headline="From Nampo, by ferry.", grade="weak",
    )  # fmt: skip

    assert changed(decided) == [
        "Score +6.0 (strong) before, -0.5 (weak) now",
        "Headline: From Nampo, by ferry. Before: From Nampo.",
        "New (-4.0): She is a ferry.",
        "Another event: Called at Nampo.",
        "Weighs +0.5 instead of +2.0: Left 2.0 m deeper.",
        "Gone (+1.0): Silent for 9 h.",
    ]


def test_what_is_said_otherwise_at_the_same_weight_is_told(decided: Warehouse):
    rests_on(decided, "e2", CALL, DRAUGHT | {"statement": "Left 1.5 m deeper."}, SILENT)

    assert changed(decided) == ["Reworded (+2.0): Left 1.5 m deeper. Before: Left 2.0 m deeper."]


def test_nothing_is_told_while_the_evidence_is_what_was_decided_on(decided: Warehouse):
    assert changed(decided) is None
    rests_on(decided, "e2", CALL)
    rests_on(decided, "e1", CALL, DRAUGHT, SILENT)

    assert changed(decided) is None


def test_what_was_put_to_somebody_is_kept_when_it_is_asked_and_answered_later(warehouse: Warehouse):
    rests_on(warehouse, "e1", CALL)
    add_requests(warehouse, [{"alert_id": "a", "evidence_hash": "e1"}], NOW)
    rests_on(warehouse, "e2", CALL, SILENT)
    add_review(warehouse, "a", "airflow:kim", "confirmed", None, NOW + HOUR, "e1")

    assert changed(warehouse) == ["Score +3.0 (strong) before, +4.0 (strong) now", "New (+1.0): Silent for 9 h."]


def test_a_question_about_other_evidence_is_open_until_it_is_answered_or_closed(warehouse: Warehouse):
    rests_on(warehouse, "e1", CALL)
    add_requests(warehouse, [{"alert_id": "a", "evidence_hash": "e1"}], NOW)
    assert not is_asked_otherwise(warehouse, "a", "e1")
    rests_on(warehouse, "e2", CALL, SILENT)
    add_requests(warehouse, [{"alert_id": "a", "evidence_hash": "e2"}], NOW)

    assert is_asked_otherwise(warehouse, "a", "e2")
    answer(warehouse, 1)
    assert not is_asked_otherwise(warehouse, "a", "e2")
    rests_on(warehouse, "e3", CALL)
    assert is_asked_otherwise(warehouse, "a", "e3")
    remove_request(warehouse, "a", "e2")
    assert not is_asked_otherwise(warehouse, "a", "e3")


def answer(warehouse, hours):
    return add_review(warehouse, "a", "airflow:kim", "confirmed", None, NOW + hours * HOUR, "e1")


def test_who_answers_after_somebody_decided_elsewhere_is_told_and_nothing_is_recorded(warehouse: Warehouse):
    rests_on(warehouse, "e1", CALL)
    add_review(warehouse, "a", "ho", "needs_more", None, NOW - HOUR)  # before it was asked
    add_requests(warehouse, [{"alert_id": "a", "evidence_hash": "e1"}], NOW)
    add_review(warehouse, "a", "lee", "dismissed", "sand", NOW + HOUR)

    with pytest.raises(ReviewConflict, match="lee decided dismissed since you were asked"):
        answer(warehouse, 2)

    add_review(warehouse, "a", "lee", "undone", None, NOW + 3 * HOUR)
    assert answer(warehouse, 4) == answer(warehouse, 4)  # a retry is the same review
    assert warehouse.read(REVIEW).sort_values("decided_at")["decision"].tolist() == [
        "needs_more", "dismissed", "undone", "confirmed",
    ]  # fmt: skip


def test_one_state_is_kept_once_however_often_it_is_decided_on(decided: Warehouse):
    rests_on(decided, "e1", CALL, DRAUGHT, SILENT, grade="moderate")  # other thresholds: the evidence is the same
    add_review(decided, "a", "lee", "dismissed", None, NOW + HOUR)

    assert len(decided.read(REVIEWED_ALERT)) == 1
    assert len(decided.read(REVIEWED_EVIDENCE)) == 3


@pytest.mark.parametrize("table", ["reviewed_alert", "reviewed_evidence"])
@pytest.mark.parametrize("statement", ["update {} set evidence_hash = 'x'", "delete from {}"])
def test_the_database_itself_refuses_to_change_what_was_seen(decided: Warehouse, table: str, statement: str):
    refused = pytest.raises(sa.exc.DatabaseError, match=f"{table} is append-only")
    with decided._engine.connect() as connection, refused:
        connection.exec_driver_sql(statement.format(table))


def test_a_warehouse_of_before_keeps_what_its_alerts_still_rest_on(decided: Warehouse):
    rests_on(decided, "e2", CALL)
    add_review(decided, "a", "lee", "needs_more", None, NOW + HOUR)
    as_before(decided)
    migrate(decided._engine, "here")

    assert decided.read(REVIEWED_ALERT)["evidence_hash"].tolist() == ["e2"]
    assert decided.read(REVIEWED_EVIDENCE)["role"].tolist() == ["call"]
    assert len(decided.read(REVIEW)) == 2
    first, last = alert_in_full(decided, "a")["reviews"]
    assert first["evidence_since"] == {"score": None, "grade": None, "changes": None}
    assert last["evidence_since"] is None
    rests_on(decided, "e3", CALL, SILENT)
    assert changed(decided)[-1] == "New (+1.0): Silent for 9 h."


def as_before(warehouse):
    """Take out what migration 0030 and those after it made."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    before = ScriptDirectory.from_config(config).get_revision("0030").down_revision
    with warehouse._engine.begin() as connection:
        for index in (
            "encounter_other_vessel_id", "identity_change_other_vessel_id", "port_call_berth", "port_visit_port",
            "voyage_origin_port_destination_port", "review_proposed", "review_decided_at",
            "port_call_bought", "voyage_bought",
        ):  # fmt: skip
            connection.exec_driver_sql(f"drop index ix_{index}")
        connection.exec_driver_sql("alter table provider_port_month rename to of_later")  # a view rests on it
        for table in ("provider_reception", "sign_off", "reviewed_evidence", "reviewed_alert"):
            connection.exec_driver_sql(f"drop table {table}")
            if connection.dialect.name == "postgresql" and table != "provider_reception":
                connection.exec_driver_sql(f"drop function {table}_refuse")
        connection.exec_driver_sql(f"update alembic_version set version_num = '{before}'")
