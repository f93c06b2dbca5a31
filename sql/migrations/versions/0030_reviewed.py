"""What people had before them when they decided, in each state that somebody saw; and signing off.

Revision ID: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0026"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables; of reviews and questions that are there, keep what their alerts still rest on."""
    op.create_table(
        "reviewed_alert",
        sa.Column("alert_id", sa.Text(), _alert(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "evidence_hash"),
    )
    op.create_table(
        "reviewed_evidence",
        sa.Column("alert_id", sa.Text(), _alert(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("event_table", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "evidence_hash", "role"),
    )
    op.create_index("ix_reviewed_evidence_event_id", "reviewed_evidence", ["event_id"])
    op.create_table(
        "sign_off",
        sa.Column("sign_off_id", sa.Text(), primary_key=True),
        sa.Column("alert_id", sa.Text(), _alert(), nullable=False),
        sa.Column("admin", sa.Text(), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
    )
    op.create_index("ix_sign_off_alert_id", "sign_off", ["alert_id"])
    op.execute(
        "insert into reviewed_alert (alert_id, evidence_hash, headline, score, grade)"
        " select alert_id, evidence_hash, headline, score, grade from alert where exists"
        " (select 1 from review where review.alert_id = alert.alert_id and review.evidence_hash = alert.evidence_hash)"
        " or exists (select 1 from review_request where review_request.alert_id = alert.alert_id"
        " and review_request.evidence_hash = alert.evidence_hash)"
    )
    op.execute(
        "insert into reviewed_evidence (alert_id, evidence_hash, role, event_table, event_id, weight, statement)"
        " select reviewed_alert.alert_id, evidence_hash, role, event_table, event_id, weight, statement"
        " from reviewed_alert join alert_evidence on alert_evidence.alert_id = reviewed_alert.alert_id"
    )
    for table in ("reviewed_alert", "reviewed_evidence", "sign_off"):
        _make_append_only(table)


def downgrade() -> None:
    """There is no way back: what people saw would be lost."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")


def _alert() -> sa.ForeignKey:
    return sa.ForeignKey("alert.alert_id", deferrable=True, initially="DEFERRED")


def _make_append_only(table: str) -> None:
    """Refuse UPDATE and DELETE; triggers have no common language, so each database gets its own words."""
    message = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_refuses_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{message}'); end"
            )
    else:
        op.execute(
            f"create function {table}_refuse() returns trigger language plpgsql as "
            f"$$ begin raise exception '{message}'; end $$"
        )
        op.execute(
            f"create trigger {table}_refuses_change before update or delete or truncate on {table} "
            f"for each statement execute function {table}_refuse()"
        )
