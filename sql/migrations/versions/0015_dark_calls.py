"""Dark calls: silences that left time to call at a port where coal is loaded.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the table; the next run derives every ship again."""
    op.create_table(
        "dark_call",
        sa.Column("dark_call_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("provider_note", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("ais_gap_id", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("ports_in_reach", sa.BigInteger(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("earliest_arrival_at", TIME, nullable=False),
        sa.Column("latest_departure_at", TIME, nullable=True),
        sa.Column("longest_stay_hours", sa.Double(), nullable=True),
        sa.Column("distance_in_nm", sa.Double(), nullable=False),
        sa.Column("distance_out_nm", sa.Double(), nullable=True),
        sa.Column("speed_kn", sa.Double(), nullable=False),
        sa.Column("speed_from", sa.Text(), nullable=False),
        sa.Column("speed_before_kn", sa.Double(), nullable=True),
        sa.Column("approach_share", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("dark_call_id"),
    )
    op.create_index("ix_dark_call_imo", "dark_call", ["imo"])
    op.create_index("ix_dark_call_known_at", "dark_call", ["known_at"])
    op.create_index("ix_dark_call_mmsi_known_at", "dark_call", ["mmsi", "known_at"])
    is_open = sa.text("ended_at IS NULL")
    op.create_index("ix_dark_call_open", "dark_call", ["mmsi"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_dark_call_vessel_id", "dark_call", ["vessel_id"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
