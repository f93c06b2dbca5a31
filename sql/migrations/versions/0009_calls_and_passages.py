"""Passages apart from calls, calls that are parts of one visit; what is not derived is null.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add table and columns; the next run tells every ship again."""
    op.create_table(
        "passage",
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("provider_note", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("entered_after", TIME, nullable=True),
        sa.Column("entered_by", TIME, nullable=False),
        sa.Column("left_after", TIME, nullable=True),
        sa.Column("left_by", TIME, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("passage_id"),
    )
    op.create_index("ix_passage_imo", "passage", ["imo"])
    op.create_index("ix_passage_known_at", "passage", ["known_at"])
    op.create_index("ix_passage_mmsi_known_at", "passage", ["mmsi", "known_at"])
    is_open = sa.text("left_by IS NULL")
    op.create_index("ix_passage_open", "passage", ["mmsi"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_passage_vessel_id", "passage", ["vessel_id"])
    with op.batch_alter_table("voyage") as table:
        table.alter_column("encounters", existing_type=sa.BigInteger(), nullable=True)
        table.add_column(sa.Column("passages", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("port_call") as table:
        table.add_column(sa.Column("visit_id", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
