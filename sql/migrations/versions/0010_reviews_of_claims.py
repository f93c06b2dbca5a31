"""What reviewers decided of the alerts that bear on a claim.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the counts; the next run fills them."""
    with op.batch_alter_table("claim_window") as table:
        for name in ("alerts_confirmed", "alerts_dismissed"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
