"""What our own encounters say beside what providers tell, and an index to find them by either ship.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the columns and the index; the next run fills them."""
    with op.batch_alter_table("encounter") as table:
        table.add_column(sa.Column("last_at", TIME, nullable=True))
        table.add_column(sa.Column("spread_m", sa.Double(), nullable=True))
        table.add_column(sa.Column("heard_share", sa.Double(), nullable=True))
    op.create_index("ix_encounter_other_mmsi", "encounter", ["other_mmsi"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
