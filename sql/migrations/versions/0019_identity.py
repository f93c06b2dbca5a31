"""What kind of wait a loitering is, and which changes of identity and pairs of tracks there are.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the columns, and an index to find pairs by either ship; the next run fills them."""
    with op.batch_alter_table("loitering") as table:
        table.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="at_sea"))
        table.add_column(sa.Column("stopped_hours", sa.Double(), nullable=True))
        table.add_column(sa.Column("port", sa.Text(), nullable=True))
        table.add_column(sa.Column("next_port", sa.Text(), nullable=True))
        table.add_column(sa.Column("next_country", sa.Text(), nullable=True))
        table.add_column(sa.Column("draught_change_m", sa.Double(), nullable=True))
    with op.batch_alter_table("loitering") as table:
        table.alter_column("kind", server_default=None)
    with op.batch_alter_table("identity_change") as table:
        table.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="value"))
        table.add_column(sa.Column("ordinary", sa.Text(), nullable=True))
        for name in ("longitude", "latitude", "off_longitude", "off_latitude", "distance_nm", "hours"):
            table.add_column(sa.Column(name, sa.Double(), nullable=True))
        for name in ("zone_id", "other_vessel_id", "other_track_id"):
            table.add_column(sa.Column(name, sa.Text(), nullable=True))
        table.add_column(sa.Column("other_mmsi", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("other_back_at", TIME, nullable=True))
        table.add_column(sa.Column("candidates", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("identity_change") as table:
        table.alter_column("kind", server_default=None)
    with op.batch_alter_table("position_anomaly") as table:
        table.alter_column("distance_nm", existing_type=sa.Double(), nullable=True)
        table.alter_column("implied_speed_kn", existing_type=sa.Double(), nullable=True)
        table.add_column(sa.Column("ships", sa.BigInteger(), nullable=False, server_default="1"))
        table.add_column(sa.Column("interference", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("position_anomaly") as table:
        table.alter_column("ships", server_default=None)
        table.alter_column("interference", server_default=None)
    op.create_index("ix_identity_change_other_mmsi", "identity_change", ["other_mmsi"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
