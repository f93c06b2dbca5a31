"""Stops at bare coordinates: long rests outside every zone, near no known anchorage.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the table; the next run tells every ship again."""
    op.create_table(
        "stop",
        sa.Column("stop_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("provider_note", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("stopped_hours", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("stop_id"),
    )
    op.create_index("ix_stop_imo", "stop", ["imo"])
    op.create_index("ix_stop_known_at", "stop", ["known_at"])
    op.create_index("ix_stop_mmsi_known_at", "stop", ["mmsi", "known_at"])
    is_open = sa.text("ended_at IS NULL")
    op.create_index("ix_stop_open", "stop", ["mmsi"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_stop_vessel_id", "stop", ["vessel_id"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
