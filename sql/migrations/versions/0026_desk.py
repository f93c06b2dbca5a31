"""The reason of a review, and indexes by which a long queue is read a page at a time.

Revision ID: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the column and the indexes; reviews that are there have no reason."""
    op.add_column("review", sa.Column("reason", sa.Text(), nullable=True))
    standing = sa.text("withdrawn_at is null")
    for name, columns in (
        ("ix_alert_standing", ["score", "began_at", "alert_id"]),
        ("ix_alert_standing_raised", ["first_raised_at"]),
    ):
        op.create_index(name, "alert", columns, sqlite_where=standing, postgresql_where=standing)


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
