"""What rows said that could not be read, and why rows were rejected; a name that PostgreSQL reserves is given up.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table and the columns; the next run fills them from the lake."""
    file = sa.ForeignKey("source_file.source_file_id", deferrable=True, initially="DEFERRED")
    with op.batch_alter_table("source_file") as table:
        table.alter_column("both", new_column_name="positions_with_report")
        table.add_column(sa.Column("imo_unread", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("rejected_row_count") as table:
        table.add_column(sa.Column("detail", sa.Text(), nullable=True))
    op.create_table(
        "unread_field_count",
        sa.Column("source_file_id", sa.Text(), file, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("first_line", sa.BigInteger(), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_file_id", "field"),
    )


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
