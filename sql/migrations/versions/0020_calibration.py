"""How often alerts of a pattern and score were right in synthetic worlds.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table; the next run fills it."""
    op.create_table(
        "calibration",
        sa.Column("pattern_id", sa.Text(), primary_key=True),
        sa.Column("score_from", sa.Double(), primary_key=True, autoincrement=False),
        sa.Column("score_to", sa.Double(), nullable=False),
        sa.Column("alerts", sa.BigInteger(), nullable=False),
        sa.Column("alerts_right", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
