"""Where a ship was first stopped during a call.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the columns; the next run fills them."""
    with op.batch_alter_table("port_call") as table:
        table.add_column(sa.Column("stop_longitude", sa.Double(), nullable=True))
        table.add_column(sa.Column("stop_latitude", sa.Double(), nullable=True))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
