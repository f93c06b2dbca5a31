"""The quality gate, sources and where files came from, terms of use of alerts, and what people were asked to decide.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables and columns; rows of before have no layout, address or terms."""
    with op.batch_alter_table("source_file") as table:
        table.add_column(sa.Column("events", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("layout", sa.Text(), nullable=True))
        table.add_column(sa.Column("url", sa.Text(), nullable=True))
        table.add_column(sa.Column("fetched_at", TIME, nullable=True))
    with op.batch_alter_table("alert") as table:
        table.add_column(sa.Column("licence", sa.Text(), nullable=True))
    op.create_table(
        "source",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reads_as", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("commercial_use", sa.Boolean(), nullable=True),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("speaks_of_nampo", sa.Text(), nullable=False),
        sa.Column("nampo_reason", sa.Text(), nullable=False),
        sa.Column("history_from", DAY, nullable=True),
        sa.Column("history_to", DAY, nullable=True),
        sa.Column("latency_days", sa.Double(), nullable=True),
        sa.Column("promise_hours", sa.Double(), nullable=True),
        sa.Column("known_blind_spots", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "source_day",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.BigInteger(), nullable=False),
        sa.Column("vessel_reports", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day"),
    )
    op.create_index("ix_source_day_day", "source_day", ["day"])
    op.create_table(
        "day_check",
        sa.Column("day", DAY, nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("found", sa.Double(), nullable=True),
        sa.Column("habit", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "check_name", "subject"),
    )
    op.create_table(
        "review_request",
        sa.Column(
            "alert_id",
            sa.Text(),
            sa.ForeignKey("alert.alert_id", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "evidence_hash"),
    )


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
