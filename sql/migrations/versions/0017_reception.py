"""Outages of reception, and which of them hid a ship; which kind of receiver heard her last.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the table and the columns; the next run fills them."""
    with op.batch_alter_table("ais_gap") as table:
        table.add_column(sa.Column("receiver", sa.Text(), nullable=True))
        table.add_column(sa.Column("reception_outage_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("hours_hidden", sa.BigInteger(), nullable=True))
    op.create_table(
        "reception_outage",
        sa.Column("reception_outage_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("cell_deg", sa.Double(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("vessels_before", sa.Double(), nullable=False),
        sa.Column("vessels_after", sa.Double(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
    )
    op.create_index("ix_reception_outage_known_at", "reception_outage", ["known_at"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
