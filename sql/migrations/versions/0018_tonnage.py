"""What the ship of an alert may have carried, and the tonnage that a claim is judged by.

Revision ID: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the table and the columns; the next run fills them."""
    op.create_table(
        "alert_cargo",
        sa.Column(
            "alert_id",
            sa.Text(),
            sa.ForeignKey("alert.alert_id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("voyage_id", sa.Text(), nullable=False),
        sa.Column("departed_at", TIME, nullable=False),
        sa.Column("arrived_at", TIME, nullable=True),
        sa.Column("origin_zone_id", sa.Text(), nullable=True),
        sa.Column("destination_zone_id", sa.Text(), nullable=True),
        sa.Column("destination_country", sa.Text(), nullable=True),
        sa.Column("cargo_state", sa.Text(), nullable=False),
        sa.Column("draught_change_m", sa.Double(), nullable=True),
        sa.Column("dead_weight_low_t", sa.Double(), nullable=False),
        sa.Column("dead_weight_high_t", sa.Double(), nullable=False),
        sa.Column("dead_weight_basis", sa.Text(), nullable=False),
        sa.Column("low_t", sa.Double(), nullable=False),
        sa.Column("high_t", sa.Double(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
    )
    op.create_index("ix_alert_cargo_origin_zone_id", "alert_cargo", ["origin_zone_id"])
    with op.batch_alter_table("claim_window") as table:
        table.add_column(sa.Column("voyages_estimated", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("tonnes_low", sa.Double(), nullable=True))
        table.add_column(sa.Column("tonnes_high", sa.Double(), nullable=True))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
