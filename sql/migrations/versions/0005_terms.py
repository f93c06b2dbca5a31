"""The terms of what was bought in, on every event and hull.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = ("port_call", "ais_gap", "encounter", "loitering", "draught_change", "identity_change", "voyage", "vessel")


def upgrade() -> None:
    """Add the column; the next run tells again what was bought in, and fills it."""
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("licence", sa.Text(), nullable=True))


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
