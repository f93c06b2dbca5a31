"""How near two ships lay in an encounter, whether under way, and why it may be no transfer.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns; the next run fills them."""
    with op.batch_alter_table("encounter") as table:
        for name in ("length_m", "other_length_m", "beside_m", "under_way_share"):
            table.add_column(sa.Column(name, sa.Double(), nullable=True))
        for name in ("alongside", "context"):
            table.add_column(sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
