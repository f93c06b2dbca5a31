"""Indexes that views look up by: the calls that are later parts of a visit, and the files of generated data.

Revision ID: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the indexes; the first holds one call in eight or so, the second nothing where data is real."""
    later = sa.text("port_call_id <> visit_id")
    op.create_index("ix_port_call_later_part", "port_call", ["visit_id"], sqlite_where=later, postgresql_where=later)
    made_up = sa.text("synthetic and replaced_by_source_file_id is null")
    op.create_index(
        "ix_source_file_synthetic", "source_file", ["to_at", "from_at"], sqlite_where=made_up, postgresql_where=made_up
    )


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
