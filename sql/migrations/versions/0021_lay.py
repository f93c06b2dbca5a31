"""How near two ships lay in an encounter by the moments at which both were heard.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the column; the next run fills it."""
    with op.batch_alter_table("encounter") as table:
        table.add_column(sa.Column("lay_m", sa.Double(), nullable=True))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
