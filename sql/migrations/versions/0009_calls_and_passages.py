"""What is not derived is null.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Let a count be unknown; the next run tells every ship again."""
    with op.batch_alter_table("voyage") as table:
        table.alter_column("encounters", existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
